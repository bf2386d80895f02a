"""The proof of the audit proves something: what no break explains, it finds."""

from dataclasses import replace

from harness.audit import audit
from harness.audit.reconciliation import unexplained
from harness.oracle.ledger import CONTRACT_LIABILITY, RECEIVABLES
from tests.harness.audit.ideal import Tampering, books_of
from tests.harness.oracle.agreed import FEBRUARY, JANUARY, contract, truth

EXPECTED, BOOKS = books_of(truth(contract(start="2026-01-05")))


def test_perfect_books_need_no_explanation():
    assert unexplained(EXPECTED, BOOKS.journal, ()) == {}


def test_an_entry_that_no_break_explains_is_left():
    books = Tampering(BOOKS)
    invoice = books.invoice("C-1", 1, 0)
    books.post_again(invoice)
    found = audit(EXPECTED, books.books).breaks

    assert unexplained(EXPECTED, books.books.journal, found) == {}
    assert unexplained(EXPECTED, books.books.journal, ()) == {
        (RECEIVABLES, "A-1", JANUARY): 120_000,
        (CONTRACT_LIABILITY, "C-1", JANUARY): -120_000,
    }


def test_a_break_that_explains_the_wrong_cell_is_left_in_both():
    books = Tampering(BOOKS)
    books.unpost(books.invoice("C-1", 1, 0).id)
    found = audit(EXPECTED, books.books).breaks[0]
    moved = tuple(((*cell[:2], FEBRUARY), minor) for cell, minor in found.effects)

    left = unexplained(EXPECTED, books.books.journal, [replace(found, effects=moved)])
    assert sum(map(abs, left.values())) == 4 * 120_000


def test_the_audit_says_how_much_is_unexplained():
    found = audit(EXPECTED, BOOKS)
    withheld = replace(found, unexplained={(RECEIVABLES, "A-1", JANUARY): -70, (RECEIVABLES, "A-2", JANUARY): 70})

    assert found.unexplained_minor == 0
    assert withheld.unexplained_minor == withheld.metrics()["unexplained"] == 140
