"""One thing wrong with a payment: just that break is found, with its amount and cause, and the books are explained."""

from dataclasses import replace

import pytest

from fakes.records import JournalEntry
from harness.audit import audit
from harness.audit.causes import LIKELY
from harness.oracle.ledger import CASH, CONTRACT_LIABILITY, RECEIVABLES, UNAPPLIED_CASH
from sim.durations import HOUR, SECOND
from tests.harness.audit.ideal import Tampering, books_of
from tests.harness.audit.test_perfect_books import STORY
from tests.harness.audit.test_tampering import hit
from tests.harness.oracle.agreed import FEBRUARY, JANUARY, MARCH, at, day

EXPECTED, BOOKS = books_of(STORY)


@pytest.fixture
def books():
    """Perfect books in which everything was paid on the day of its document."""
    tampering = Tampering(BOOKS)
    for invoice in BOOKS.invoices:
        if invoice.issued_us > 0 and invoice.total_minor:
            tampering.pay(invoice)
    return tampering


@pytest.fixture
def invoice(books):
    """The invoice of 5 January over 1,200.00."""
    return books.invoice("C-1", 1, 0)


@pytest.fixture
def unpaid(books, invoice):
    """The same books, in which that invoice has not been paid."""
    return without_cash(books, invoice, payments=True)


def without_cash(books, invoice, *, payments=False):
    id_ = f"PAY-{invoice.id}"
    for records in ("receipts", *(["payments"] if payments else [])):
        books.drop(records, **({"id": id_} if records == "payments" else {"payment": id_}))
    books.drop("journal", reference=id_)
    books.drop("applications", receipt=f"CR-{id_}")
    return books


def told(books, **options):
    """Every break as (kind, record, key, amount, cause); the books are explained to the cent."""
    found = audit(EXPECTED, books.books, **options)
    assert found.unexplained == {}
    return [(one.kind, one.record, one.key, one.amount_minor, one.cause) for one in found.breaks]


def put_off(books):
    """What all breaks together put off, by account: debits positive."""
    sums = {}
    for one in audit(EXPECTED, books.books).breaks:
        for (account, _, _), minor in one.effects:
            sums[account] = sums.get(account, 0) + minor
    return {account: minor for account, minor in sums.items() if minor}


def test_books_in_which_everything_is_paid_have_no_breaks(books):
    found = audit(EXPECTED, books.books)

    assert found.breaks == () and found.unexplained == {}
    assert found.duplicates["payments"] == found.missing["payments"] == 0
    minors = [payment.minor for payment in books.books.payments]
    assert len(minors) > 8 and min(minors) < 0, "refunds are among them"


def test_a_payment_that_never_reached_the_ledger_is_missing(books, invoice):
    without_cash(books, invoice)
    id_ = f"PAY-{invoice.id}"

    struck = [hit("lost_request", "erp.apply_payment", id_), hit("outage", "erp.post_document", invoice.id)]
    assert told(books, struck=struck) == [("missing_downstream", "payment", id_, 120_000, "lost_request")]
    assert put_off(books) == {CASH: -120_000, RECEIVABLES: 120_000}
    assert audit(EXPECTED, books.books).missing["payments"] == 1


@pytest.mark.parametrize(("age_us", "kind"), [(HOUR, "timing_difference"), (HOUR + 1, "missing_downstream")])
def test_a_payment_that_is_still_queued_is_a_timing_difference(books, invoice, age_us, kind):
    without_cash(books, invoice)
    payment = books.one("payments", document=invoice.id)

    found = told(books, at_us=payment.received_us + age_us, queued={("payment->erp", payment.id, 1)})
    assert found == [(kind, "payment", payment.id, 120_000, "layer")]


def test_a_payment_entered_twice_is_a_duplicate_and_its_second_cash_is_unapplied(books, invoice):
    payment = books.one("payments", document=invoice.id)
    books.enter(payment, "-b", HOUR, applied=False)

    struck = [hit("lost_response", "erp.apply_payment", payment.id, payment.received_us)]
    assert told(books, struck=struck) == [("duplicate", "payment", payment.id, 120_000, "lost_response")]
    assert put_off(books) == {CASH: 120_000, UNAPPLIED_CASH: -120_000}
    assert audit(EXPECTED, books.books).duplicates["payments"] == 1


def test_a_payment_entered_twice_and_applied_twice_because_its_invoice_was_posted_twice(books, invoice):
    books.post_again(invoice)
    books.enter(books.one("payments", document=invoice.id), "-b", HOUR)

    assert [one[:4] for one in told(books)] == [
        ("duplicate", "open_item", invoice.id, 120_000),
        ("duplicate", "payment", f"PAY-{invoice.id}", 120_000),
    ]
    assert put_off(books) == {CASH: 120_000, CONTRACT_LIABILITY: -120_000}


def test_cash_that_is_not_applied_though_its_item_is_there(unpaid, invoice):
    unpaid.pay(invoice, applied=False)

    assert told(unpaid) == [("unapplied_cash", "payment", f"PAY-{invoice.id}", 120_000, "layer")]
    assert put_off(unpaid) == {RECEIVABLES: 120_000, UNAPPLIED_CASH: -120_000}


def test_cash_that_is_not_applied_because_its_invoice_was_never_posted(unpaid, invoice):
    unpaid.pay(invoice, applied=False)
    unpaid.unpost(invoice.id)

    struck = [hit("poison", "billing.invoice_issued", invoice.id)]
    assert told(unpaid, struck=struck) == [
        ("missing_downstream", "open_item", invoice.id, 120_000, "poison"),
        ("unapplied_cash", "payment", f"PAY-{invoice.id}", 120_000, "poison"),
    ]


def test_cash_that_waits_for_an_invoice_on_its_way_is_a_timing_difference(unpaid, invoice):
    payment = unpaid.pay(invoice, applied=False)
    unpaid.unpost(invoice.id)

    queued = {("invoice->erp", invoice.id, 1)}
    assert {one[0] for one in told(unpaid, at_us=payment.received_us, queued=queued, sla_us=100 * HOUR)} == {
        "timing_difference"
    }


def test_cash_that_is_applied_later_in_its_month_is_right(unpaid, invoice):
    unpaid.pay(invoice, applied=False)
    unpaid.apply(unpaid.one("receipts", payment=f"PAY-{invoice.id}"), JANUARY, 3 * HOUR)

    assert told(unpaid) == []


def test_cash_that_is_applied_in_a_later_month_is_in_the_wrong_period(unpaid, invoice):
    unpaid.pay(invoice, applied=False)
    unpaid.apply(unpaid.one("receipts", payment=f"PAY-{invoice.id}"), FEBRUARY, 30 * 24 * HOUR)

    struck = [hit("late_delivery", "billing.invoice_issued", invoice.id)]
    assert told(unpaid, struck=struck) == [("wrong_period", "payment", f"PAY-{invoice.id}", 120_000, "late_delivery")]
    assert audit(EXPECTED, unpaid.books).cut_off_errors.amount_minor == 120_000


def test_a_payment_entered_after_the_lock_of_its_month_is_in_the_wrong_period_for_that_reason(books, invoice):
    id_, late_us = f"PAY-{invoice.id}", at("2026-02-20")
    books.change("journal", {"period": FEBRUARY, "posted_us": late_us}, reference=id_)
    books.change("receipts", {"period": FEBRUARY, "posted_us": late_us}, payment=id_)

    assert told(books) == [("wrong_period", "payment", id_, 120_000, "period_closed")]
    assert put_off(books) == {}, "by account; by month it does"


def test_a_payment_posted_into_a_closed_month(books, invoice):
    books.change("journal", {"posted_us": at("2026-02-20")}, reference=f"PAY-{invoice.id}")

    assert [one[:4] for one in told(books)] == [("posted_to_closed_period", "payment", f"PAY-{invoice.id}", 120_000)]


def test_a_payment_of_another_amount(books, invoice):
    id_ = f"PAY-{invoice.id}"
    repost(books, id_, (CASH, "A-1", 100_000), (RECEIVABLES, "A-1", -100_000))
    books.change("receipts", {"minor": 100_000}, payment=id_)

    assert told(books) == [("amount_mismatch", "payment", id_, 20_000, "layer")]
    assert put_off(books) == {CASH: -20_000, RECEIVABLES: 20_000}


def test_a_receipt_that_says_another_amount_than_its_entry(books, invoice):
    books.change("receipts", {"minor": 119_999}, payment=f"PAY-{invoice.id}")

    assert told(books) == [("rounding", "payment", f"PAY-{invoice.id}", 1, "rounding")]
    assert put_off(books) == {}


def test_a_refund_taken_for_a_payment_has_the_wrong_sign(books):
    payment = next(payment for payment in books.books.payments if payment.minor < 0)
    minor = -payment.minor
    repost(books, payment.id, (CASH, payment.account, minor), (RECEIVABLES, payment.account, -minor))

    assert [one[:3] for one in told(books)] == [("sign", "payment", payment.id)]
    assert put_off(books) == {CASH: 2 * minor, RECEIVABLES: -2 * minor}


def test_a_payment_on_another_customers_account(books, invoice):
    id_ = f"PAY-{invoice.id}"
    repost(books, id_, (CASH, "A-2", 120_000), (RECEIVABLES, "A-2", -120_000))
    books.change("receipts", {"account": "A-2"}, payment=id_)

    assert told(books) == [("wrong_customer", "payment", id_, 240_000, "layer")]


def test_a_payment_applied_to_another_document(books, invoice):
    other = books.invoice("C-3", 1, 0)
    application = books.one("applications", receipt=f"CR-PAY-{invoice.id}")
    held = books.books.applications
    held[held.index(application)] = application._replace(item=f"AR-{other.id}")

    assert told(books) == [("unapplied_cash", "payment", f"PAY-{invoice.id}", 120_000, "layer")]
    assert put_off(books) == {}


@pytest.mark.parametrize("half", ["receipts", "journal"])
def test_a_payment_of_which_a_half_is_there(books, invoice, half):
    id_ = f"PAY-{invoice.id}"
    books.drop(half, **({"payment": id_} if half == "receipts" else {"reference": id_}))
    if half == "receipts":
        assert [one[0] for one in told(books)] == ["half_posted", "missing_upstream"], "it is applied all the same"
        books.drop("applications", receipt=f"CR-{id_}")

    assert told(books)[0][:4] == ("half_posted", "payment", id_, 120_000)
    assert len(told(books)) == 1


def test_an_application_without_an_entry_is_half_posted(unpaid, invoice):
    unpaid.pay(invoice, applied=False)
    unpaid.apply(unpaid.one("receipts", payment=f"PAY-{invoice.id}"), JANUARY)
    unpaid.drop("journal", id=f"JE-CR-PAY-{invoice.id}-applied")

    assert told(unpaid) == [("half_posted", "payment", f"PAY-{invoice.id}", 120_000, "layer")]


def test_a_receipt_that_is_applied_twice(books, invoice):
    application = books.one("applications", receipt=f"CR-PAY-{invoice.id}")
    books.add("applications", application._replace(item=f"AR-{books.invoice('C-3', 1, 0).id}"))

    assert told(books) == [("duplicate", "payment", f"PAY-{invoice.id}", 120_000, "layer")]
    assert put_off(books) == {}


def test_cash_that_nobody_paid(books, invoice):
    strange = replace(books.one("payments", document=invoice.id), id="PAY-X", document="INV-X", minor=77)
    books.enter(strange, applied=False)

    assert told(books) == [("missing_upstream", "payment", "PAY-X", 77, "layer")]
    assert put_off(books) == {CASH: 77, UNAPPLIED_CASH: -77}


def test_a_payment_under_another_id_is_known_by_its_document(books, invoice):
    payment = books.one("payments", document=invoice.id)
    without_cash(books, invoice)
    books.enter(replace(payment, id="PAY-X"))

    assert [one[:3] for one in told(books)] == [("missing_upstream", "payment", "PAY-X")]
    assert put_off(books) == {}


def test_a_payment_entered_once_more_under_another_id_is_a_duplicate(books, invoice):
    payment = books.one("payments", document=invoice.id)
    books.enter(replace(payment, id="PAY-X"), applied=False)

    assert [one[:4] for one in told(books)] == [("duplicate", "payment", "PAY-X", 120_000)]


def test_an_entry_that_applies_no_receipt(books, invoice):
    postings = ((UNAPPLIED_CASH, "A-1", 500), (RECEIVABLES, "A-1", -500))
    stray = JournalEntry(
        "JE-X", "cash", f"PAY-{invoice.id}", "C-1", "USD", MARCH, day("2026-03-03"), at("2026-03-03"), postings
    )
    books.add("journal", stray)

    assert told(books) == [("gl_only_entry", "payment", "JE-X", 500, "layer")]


def test_two_faults_on_one_payment_are_two_breaks_with_their_effects_once(unpaid, invoice):
    unpaid.pay(invoice, applied=False)
    id_ = f"PAY-{invoice.id}"
    repost(unpaid, id_, (CASH, "A-1", 100_000), (UNAPPLIED_CASH, "A-1", -100_000))
    unpaid.change("receipts", {"minor": 100_000}, payment=id_)

    assert [one[0] for one in told(unpaid)] == ["amount_mismatch", "unapplied_cash"]
    assert put_off(unpaid) == {CASH: -20_000, RECEIVABLES: 120_000, UNAPPLIED_CASH: -100_000}


@pytest.mark.parametrize("kind", sorted(LIKELY["unapplied_cash"] & {"late_delivery", "poison", "lost_request"}))
def test_unapplied_cash_is_traced_to_what_held_up_its_invoice(unpaid, invoice, kind):
    unpaid.pay(invoice, applied=False)
    unpaid.unpost(invoice.id)
    where = "erp.post_document" if kind == "lost_request" else "billing.invoice_issued"

    assert told(unpaid, struck=[hit(kind, where, invoice.id, SECOND)])[-1][-1] == kind


def repost(books, payment, *postings):
    books.change("journal", {"postings": tuple(posting for posting in postings)}, reference=payment)
