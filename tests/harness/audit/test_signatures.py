"""What a fault does to January's balances: a year's contract of 12,000.00, invoiced on 1 January.

Debits positive; a day's revenue is a 365th, so January's 1,019.18. No tax.
"""

from dataclasses import replace

import pytest

from harness.audit import audit
from harness.oracle.ledger import CONTRACT_LIABILITY, RECEIVABLES, revenue_account
from sim.durations import HOUR
from tests.harness.audit.ideal import Tampering, books_of
from tests.harness.oracle.agreed import FEBRUARY, JANUARY, contract, truth

PRICE, MONTH = 1_200_000, 101_918
EXPECTED, BOOKS = books_of(
    truth(
        contract(quantity=1, price=100_000, products={"p": 1}),
        contract(key="C-2", account="A-2", signed="2026-04-01", start="2027-01-01"),
    )
)


def invoice_twice(books):
    books.issue_again(books.invoice("C-1", 1, 0))


def invoice_and_schedule_twice(books):
    invoice_twice(books)
    books.repeat("revenue_contracts", {"id": "second"}, contract="C-1")
    for month in (JANUARY, FEBRUARY, FEBRUARY + 1):
        one = books.recognition("C-1", month)
        books.recognise(replace(one, id=f"{one.id}-b", revenue_contract="second"))


def invoice_not_posted(books):
    books.unpost(books.invoice("C-1", 1, 0).id)


def revenue_not_posted(books):
    books.drop("journal", reference=books.recognition("C-1", JANUARY).id)


def revenue_run_twice(books):
    one = books.recognition("C-1", JANUARY)
    books.recognise(replace(one, id="REC-x", run=2, run_us=one.run_us + HOUR))


def invoice_and_schedule_slip(books):
    invoice = books.invoice("C-1", 1, 0)
    books.reissue(invoice, day=invoice.day + 31)
    january, february = books.recognition("C-1", JANUARY), books.recognition("C-1", FEBRUARY)
    books.unrecognise(january)
    books.rerecognise(february, {"p": february.total_minor + MONTH})


def revenue_in_full_at_invoice(books):
    one = books.recognition("C-1", JANUARY)
    books.rerecognise(one, {"p": MONTH + PRICE})


def credit_memo_in_the_ledger_alone(books):
    invoice = books.invoice("C-1", 1, 0)
    item, entry = books.one("open_items", document=invoice.id), books.entry(invoice.id)
    credit = tuple((account, subject, -minor) for account, subject, minor in entry.postings)
    books.add("open_items", replace(item, id="AR-x", document="CM-1", total_minor=-PRICE, journal_entry="JE-x"))
    books.add("journal", replace(entry, id="JE-x", reference="CM-1", postings=credit))


def wrong_customer(books):
    books.reissue(books.invoice("C-1", 1, 0), account="A-2")


@pytest.mark.parametrize(
    ("tamper", "kinds", "receivable", "liability", "revenue"),
    [
        (invoice_twice, ["duplicate"], PRICE, -PRICE, 0),
        (invoice_and_schedule_twice, ["duplicate"] * 5, PRICE, -PRICE + MONTH, -MONTH),
        (invoice_not_posted, ["missing_downstream"], -PRICE, PRICE, 0),
        (revenue_not_posted, ["missing_downstream"], 0, -MONTH, MONTH),
        (revenue_run_twice, ["double_revenue_run"], 0, MONTH, -MONTH),
        (invoice_and_schedule_slip, ["wrong_period", "wrong_period"], -PRICE, PRICE - MONTH, MONTH),
        (revenue_in_full_at_invoice, ["amount_mismatch"], 0, PRICE, -PRICE),
        (credit_memo_in_the_ledger_alone, ["missing_upstream"], -PRICE, PRICE, 0),
        (wrong_customer, ["wrong_customer"], 0, 0, 0),
    ],
)
def test_a_fault_has_its_signature(tamper, kinds, receivable, liability, revenue):
    books = Tampering(BOOKS)
    tamper(books)
    found = audit(EXPECTED, books.books)
    off = dict.fromkeys((RECEIVABLES, CONTRACT_LIABILITY, revenue_account("p")), 0)
    for one in found.breaks:
        for (account, _, month), minor in one.effects:
            if month == JANUARY:
                off[account] += minor

    assert [one.kind for one in found.breaks] == kinds
    assert tuple(off.values()) == (receivable, liability, revenue)
    assert found.unexplained == {}


def test_rows_three_and_eight_have_the_same_balances_and_different_breaks():
    ledgers = []
    for tamper in (invoice_not_posted, credit_memo_in_the_ledger_alone):
        books = Tampering(BOOKS)
        tamper(books)
        ledgers.append({cell: minor for one in audit(EXPECTED, books.books).breaks for cell, minor in one.effects})

    assert ledgers[0] == ledgers[1]
