"""Customers pay what they are invoiced, once, in business hours, on their terms; what repeats itself they dispute."""

import pytest

from fakes.paying import Habits, Payers
from fakes.records import ChargeLine, Invoice
from sim.chance import constant, exponential
from sim.durations import DAY, HOUR
from tests.fakes.samples import CALENDAR, at, day

AT_ONCE, A_WEEK_OR_SO = constant(0), constant(8 * DAY)


def payers(terms=((30, 1),), late_ppm=0, late_by=A_WEEK_OR_SO, early_by=AT_ONCE, refund_after_us=14 * DAY):
    habits = Habits(
        terms=terms, late_share_ppm=late_ppm, late_by=late_by, early_by=early_by, refund_after_us=refund_after_us
    )
    return Payers(habits, CALENDAR, 0)


def document(*charges, contract="C-1", on="2026-01-05", issued_us=None, id_="INV-1"):
    """A document of (version, period, minor) charges."""
    lines = tuple(ChargeLine(version, period, 0, 0, minor) for version, period, minor in charges)
    issued_us = at(on, "06:00") if issued_us is None else issued_us
    total_minor = sum(line.minor for line in lines)
    return Invoice(id_, "sub-1", contract, "A-1", "USD", day(on), issued_us, issued_us, lines, total_minor)


def day_of_payment(payers, invoice):
    return CALENDAR.local(payers.take(invoice)).date().isoformat()


# --- when --------------------------------------------------------------------------------------------


def test_a_document_is_due_after_the_terms_of_its_contract():
    weighted = payers(terms=((0, 0), (30, 3), (60, 1)))
    terms = [weighted.due_day(f"C-{number}", 0) for number in range(400)]

    assert set(terms) == {30, 60}
    assert 250 < terms.count(30) < 350
    assert weighted.due_day("C-1", 1000) == 1000 + terms[1], "the same for all documents of a contract"


def test_a_document_is_paid_on_its_due_day_or_the_last_business_day_before():
    assert day_of_payment(payers(), document((1, 0, 100))) == "2026-02-04"
    assert day_of_payment(payers(), document((1, 0, 100), on="2026-01-08")) == "2026-02-06", "due on a Saturday"


def test_most_are_paid_early_and_the_late_ones_after_the_due_day():
    early = payers(early_by=constant(5 * DAY))
    assert day_of_payment(early, document((1, 0, 100))) == "2026-01-30"
    late = payers(late_ppm=1_000_000)
    assert day_of_payment(late, document((1, 0, 100))) == "2026-02-13"
    half = payers(late_ppm=500_000, early_by=exponential(3 * DAY))
    days = [half.take(document((1, period, 100))) > at("2026-02-05", "00:00") for period in range(200)]
    assert 70 < sum(days) < 130


def test_payments_come_in_business_hours_and_never_before_their_document():
    on_receipt = payers(terms=((0, 1),), early_by=exponential(20 * DAY), late_ppm=300_000)
    for period in range(200):
        invoice = document((1, period, 100), on="2026-01-03", issued_us=at("2026-01-03", "21:30"))
        local = CALENDAR.local(on_receipt.take(invoice))
        assert CALENDAR.is_business_day(local.date().toordinal())
        assert 8 <= local.hour < 20
        assert local.date().isoformat() >= "2026-01-05"


def test_a_document_that_comes_after_its_due_day_is_paid_on_the_next_occasion():
    late = document((1, 0, 100), issued_us=at("2026-03-20", "12:00"))
    assert at("2026-03-20", "12:00") < payers().take(late) < at("2026-03-23", "20:00")


def test_the_instant_belongs_to_what_is_charged_and_not_to_the_documents_number():
    one, other = document((1, 3, 100), id_="INV-C-1-1"), document((1, 3, 100), id_="INV-C-1-7")
    assert payers().take(one) == payers().take(other)
    assert payers().take(one) != payers().take(document((1, 4, 100)))


def test_a_credit_memo_is_paid_back_so_long_after_its_issue():
    memo = document((2, 0, -100))
    paid_us = payers(refund_after_us=7 * DAY).take(memo)
    assert memo.issued_us + 7 * DAY <= paid_us < memo.issued_us + 9 * DAY + 20 * HOUR


# --- what --------------------------------------------------------------------------------------------


def pays(payers, *documents):
    """Which of the documents, in their order, money moves for."""
    return [payers.take(one) is not None for one in documents]


def test_a_document_of_nothing_moves_no_money():
    assert pays(payers(), document((1, 0, 100), (2, 0, -100))) == [False]


def test_each_charge_is_paid_once():
    assert pays(payers(), document((1, 0, 100)), document((1, 1, 100)), document((1, 0, 100))) == [True, True, False]


def test_what_repeats_a_charge_among_others_is_not_paid_at_all():
    assert pays(payers(), document((1, 0, 100)), document((1, 0, 100), (2, 0, 30))) == [True, False]


def test_a_charge_of_before_the_run_is_not_paid_again():
    customers = payers()
    customers.settle("C-1", {(1, 0): 100})
    assert pays(customers, document((1, 0, 100)), document((1, 0, 100), contract="C-2")) == [False, True]


def test_a_credit_that_repeats_itself_is_not_paid_back_again():
    assert pays(payers(), document((2, 0, -30)), document((2, 0, -30))) == [True, False]


def test_a_credit_of_what_was_disputed_settles_it_without_money():
    bills = [document((1, 0, 100)), document((1, 0, 100)), document((1, 0, -100))]
    assert pays(payers(), *bills) == [True, False, False]


@pytest.mark.parametrize("lines", [((1, 0, -100), (1, 1, -100)), ((1, 1, -100), (1, 0, -100))])
def test_one_credit_settles_several_disputes(lines):
    twice = [document((1, period, 100)) for period in (0, 1)] * 2
    assert pays(payers(), *twice, document(*lines)) == [True, True, False, False, False]


def test_what_was_paid_and_credited_can_be_charged_again():
    bills = [document((1, 0, 100)), document((1, 0, -100)), document((1, 0, 100))]
    assert pays(payers(), *bills) == [True, True, True]
