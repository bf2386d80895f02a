"""No faults, no breaks: books made from the expectation tie out, whatever the business."""

import pytest
from hypothesis import given, settings

from harness.audit import Books, audit
from harness.oracle import expect
from scenarios.truth import Truth
from tests.harness.audit.ideal import books_of
from tests.harness.oracle.agreed import CALENDAR, contract, truth, truths

STORY = truth(
    contract(("2026-02-16", 15), ("2026-03-10", 12), start="2026-01-05", products={"platform": 3, "support": 1}),
    contract(("2026-02-20", 0), key="C-2", signed="2026-01-20", start="2026-02-01", billing_months=1),
    contract(key="C-3", account="A-2", start="2026-03-31", billing_months=3),
    opening=[contract(("2026-01-31", 4), key="O-1", account="A-3", start="2025-10-01", billing_months=1)],
)


@pytest.mark.parametrize("zero_documents", [True, False])
def test_perfect_books_have_no_breaks(zero_documents):
    expected, books = books_of(STORY, zero_documents=zero_documents)
    found = audit(expected, books)

    assert found.breaks == ()
    assert found.unexplained_minor == 0
    assert not any(found.duplicates.values()) and not any(found.missing.values())
    assert found.cut_off_errors.count == found.cut_off_errors.amount_minor == 0


def test_the_story_is_worth_telling():
    # The tests of tampering lean on it: documents of several charges, credits, zero totals, two products.
    expected, books = books_of(STORY)

    totals = [invoice.total_minor for invoice in books.invoices]
    assert min(totals) < 0 and 0 in totals and max(totals) > 0
    assert any(len(invoice.lines) > 1 and invoice.total_minor for invoice in books.invoices)
    assert any(len(amounts) > 1 for amounts in expected.recognised.values())
    assert expected.settled == {"O-1": (1, 3)}


def test_no_business_ties_out_with_no_books():
    assert audit(expect(Truth((), (), ()), CALENDAR), Books()).breaks == ()


@settings(max_examples=150)
@given(truths())
def test_perfect_books_of_any_business_have_no_breaks(agreed):
    for zero_documents in (True, False):
        expected, books = books_of(agreed, zero_documents=zero_documents)
        found = audit(expected, books)

        assert found.breaks == ()
        assert found.unexplained == {}
