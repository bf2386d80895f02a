"""Worked examples of the standard and of other people's software, as far as this business has their facts.

The numbers are copied from the sources named; those marked "constructed" are exact arithmetic and no independent
evidence. Amounts are in the unit that the example rounds to: whole currency units, or cents.
"""

from datetime import date
from itertools import pairwise

import pytest

from fakes.books.allocation import allocate
from fakes.books.charges import due_lines, price_change_minor
from fakes.books.recognition import recognised_minor
from fakes.erp import Erp, PostDocument, PostJournal, UpsertCustomer
from sim.calendar import add_months
from tests.fakes.samples import CALENDAR, ask, contract

RECEIVABLE, LIABILITY, REVENUE = "1100 accounts receivable", "2400 contract liability", "4000 revenue platform"


def day(text):
    return date.fromisoformat(text).toordinal()


def earned(amount, start, end, *month_ends):
    """What each stretch up to a month's end earns, of an amount spread by the day; `end` is the first day after it."""
    through = [recognised_minor(amount, day(start), day(end), day(text)) for text in (start, *month_ends)]
    return [after - before for before, after in pairwise(through)]


# --- relative stand-alone selling prices -------------------------------------------------------------


def test_asc606_ex33_three_products_for_100():
    """ASC 606-10-55-256..258, in whole units."""
    assert allocate(100, {"A": 50, "B": 25, "C": 75}) == {"A": 33, "B": 17, "C": 50}


def test_asc606_ex35b_a_fixed_fee_and_a_royalty_over_two_licences():
    """ASC 606-10-55-276..279, in whole units: the fee of 300, and a month's royalty of 200."""
    ssp = {"X": 800, "Y": 1_000}
    assert allocate(300, ssp) == {"X": 133, "Y": 167}
    assert allocate(200, ssp) == {"X": 89, "Y": 111}


def test_saas_mod_10_the_remaining_price_over_what_remains():
    """ASC 606 workbench, cases 10-12: 60 000 earned by the middle of a leap year, 78 000 split by remaining SSP."""
    assert earned(12_000_000, "2028-01-01", "2029-01-01", "2028-07-02") == [6_000_000]
    assert allocate(7_800_000, {"saas": 6_000_000, "added": 3_000_000}) == {"saas": 5_200_000, "added": 2_600_000}


def test_saas_mod_12a_the_total_price_over_all_obligations():
    """ASC 606 workbench, cases 10-12, in cents: thirds that do not come out even."""
    shares = allocate(25_000_000, {"PO1": 18_000_000, "PO2": 8_000_000, "PO3": 4_000_000})
    assert shares == {"PO1": 15_000_000, "PO2": 6_666_667, "PO3": 3_333_333}


def test_con_multi_element_a_discount_in_proportion():
    """Constructed: 120 000 for what sells at 150 000."""
    ssp = {"subscription": 12_000_000, "implementation": 3_000_000}
    assert allocate(12_000_000, ssp) == {"subscription": 9_600_000, "implementation": 2_400_000}


def test_a_price_lowered_is_split_as_it_was_when_raised():
    """Ours: Example 33 taken back leaves nothing on any product."""
    assert allocate(-100, {"A": 50, "B": 25, "C": 75}) == {"A": -33, "B": -17, "C": -50}


# --- rateable by the day -----------------------------------------------------------------------------


def test_erpnext_daily_65_days_over_three_months():
    """ERPNext's test of deferred revenue by days: 100.00 over 22, 28 and 15 days.

    There each month is rounded and the last takes the rest (43.08 and 23.07). We round what is earned so far, which is
    one of the conventions that keep the sum: 43.07 and 23.08. No month is off by more than a cent.
    """
    ours = earned(10_000, "2019-01-10", "2019-03-16", "2019-02-01", "2019-03-01", "2019-04-01")
    assert ours == [3_385, 4_307, 2_308]
    theirs = [3_385, 4_308, 2_307]
    assert sum(ours) == sum(theirs) == 10_000
    assert max(abs(one - other) for one, other in zip(ours, theirs, strict=True)) == 1


def test_stripe_monthly_31_a_subscription_across_a_month_end():
    """Stripe's documentation: 31.00 from 15 January to 14 February, 17 days and 14."""
    assert earned(3_100, "2026-01-15", "2026-02-15", "2026-02-01", "2026-03-01") == [1_700, 1_400]


def test_stripe_granularity_120_days_by_the_day():
    """Stripe's documentation, amortised per day: the day of the start counts whole, that of the end not at all."""
    ends = ("2026-07-01", "2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01")
    assert earned(12_000, "2026-06-15", "2026-10-13", *ends) == [1_600, 3_100, 3_100, 3_000, 1_200]


@pytest.mark.parametrize(
    ("amount", "start", "end"),
    [(10_000, "2019-01-10", "2019-03-16"), (1, "2026-01-31", "2028-01-31"), (-99_999, "2026-02-27", "2027-02-27")],
)
def test_months_add_up_to_the_whole(amount, start, end):
    """Ours: whatever is earned month by month is all of it in the end, and no day is earned twice."""
    first = day(start) - date.fromisoformat(start).day + 1
    ends = [date.fromordinal(add_months(first, month)).isoformat() for month in range(1, 27)]
    parts = earned(amount, start, end, *ends)
    assert sum(parts) == amount
    assert all(part * amount >= 0 for part in parts)


# --- charges -----------------------------------------------------------------------------------------


def test_stripe_proration_twice_the_price_half_way_through_the_period():
    """Stripe's documentation: 10.00 to 20.00 half way, credit 5.00 and charge 10.00, net 5.00; ours is one line."""
    state = contract(("2026-06-16", 2), start="2026-06-01", quantity=1, price=1_000, months=1)
    assert [line.minor for line in due_lines(state, 0)] == [1_000, 500]


def test_con_coterm_ssp_seats_added_for_the_rest_of_the_year():
    """Constructed: five seats at 1 200 a year from 1 May are invoiced 4 000, by the month."""
    added = price_change_minor(
        start_day=day("2025-01-01"), end_day=day("2026-01-01"), billing_months=1, unit_price_minor=10_000, units=5,
        effective_day=day("2025-05-01"),
    )  # fmt: skip
    assert added == 400_000


# --- entries -----------------------------------------------------------------------------------------


def test_asc606_ex38b_a_receivable_and_a_contract_liability_when_due():
    """ASC 606-10-55-285: 1 000 receivable against the contract liability when due, and revenue on transfer."""
    core = Erp(CALENDAR, lambda record: 0)
    ask(core, UpsertCustomer("A-1", "Company"))
    ask(core, PostDocument("INV-1", "A-1", "C-1", "USD", 1_000, day("2026-01-31"), day("2026-01-31")))
    assert core.ledger.totals == {RECEIVABLE: 1_000, LIABILITY: -1_000}
    transfer = ((LIABILITY, "C-1", 1_000), (REVENUE, "C-1", -1_000))
    ask(core, PostJournal("REC-1", "C-1", "USD", day("2026-03-31"), day("2026-03-31"), transfer))
    assert core.ledger.totals == {RECEIVABLE: 1_000, LIABILITY: 0, REVENUE: -1_000}
