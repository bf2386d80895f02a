"""Worked examples, by hand: what contracts with deliverables earn, month by month, and what is billed of them."""

from dataclasses import replace

import pytest

from fakes.books.charges import delivered_lines, due_lines
from fakes.books.performance import NothingPromised, allocated_minor, earned_minor
from tests.harness.oracle.agreed import contract, day
from tests.harness.oracle.delivered import done, hours, milestone, promising, services, setup, usage

YEAR = contract(start="2026-01-01", quantity=10, price=1000, billing_months=12)
"""10 seats at 10.00 a month for a year, billed at its start: 1,200.00."""


def earned(terms, rendered=(), *, before, distinct=True):
    """What is earned of each part before a day, of an allocation under the policy; what earns nothing is left out."""
    found = earned_minor(terms, allocated_minor(terms, setup_distinct=distinct), rendered, day(before))
    return {part: minor for part, minor in found.items() if minor}


def billed(terms, *periods):
    """What is billed for these service periods, and at the start, as (version, what for): minor units."""
    return {(line.version, line.period): line.minor for period in periods for line in due_lines(terms, period)}


# --- set-up ------------------------------------------------------------------------------------------

SET_UP = promising(YEAR, setup(24_000, 30_000, "2026-01-01", "2026-03-02"))
"""With set-up over 60 days for 240.00, which alone would be 300.00: a fifth less."""


def test_set_up_shares_its_discount_with_the_subscription():
    # 1,440.00 over 1,200.00 : 300.00 is 1,152.00 and 288.00.
    assert allocated_minor(SET_UP) == {(1, "platform"): 115_200, (1, "setup"): 28_800}
    # January has 31 of the year's 365 days, 1,152.00 x 31/365 = 97.84, and of 60 for set-up, 288.00 x 31/60 = 148.80.
    assert earned(SET_UP, before="2026-02-01") == {(1, "platform"): 9_784, (1, "setup"): 14_880}
    assert earned(SET_UP, before="2026-03-02")[1, "setup"] == 28_800
    assert earned(SET_UP, before="2027-01-01") == {(1, "platform"): 115_200, (1, "setup"): 28_800}


def test_set_up_is_billed_with_the_first_invoice_at_its_own_price():
    assert billed(SET_UP, 0) == {(1, 0): 120_000, (1, "setup"): 24_000}


def test_set_up_that_is_not_distinct_is_earned_as_the_subscription_is():
    assert allocated_minor(SET_UP, setup_distinct=False) == {(1, "platform"): 144_000}
    # 1,440.00 x 31/365 = 122.30.
    assert earned(SET_UP, before="2026-02-01", distinct=False) == {(1, "platform"): 12_230}


def test_set_up_that_is_not_distinct_shares_with_other_promises_as_a_part_of_the_subscription():
    # Together they would cost 1,500.00 alone, the milestone 500.00: 1,840.00 over 3 : 1 is 1,380.00 and 460.00.
    terms = promising(YEAR, setup(24_000, 30_000, "2026-01-01", "2026-03-02"), milestone(40_000, 50_000))

    assert allocated_minor(terms, setup_distinct=False) == {(1, "platform"): 138_000, (1, "milestone 1"): 46_000}


def test_set_up_that_comes_later_is_the_subscriptions_price_even_where_a_milestone_comes_with_it():
    # No seats are added. Set-up would cost 100.00 alone, the milestone 300.00: 320.00 over 1 : 3.
    terms = contract(("2026-04-01", 10), start="2026-01-01", quantity=10, price=1000, billing_months=12)
    late = setup(8_000, 10_000, "2026-04-01", "2026-05-01", version=2)
    terms = promising(terms, late, milestone(24_000, 30_000, version=2))

    allocated = allocated_minor(terms, setup_distinct=False)
    assert allocated == {(1, "platform"): 120_000, (2, "platform"): 8_000, (2, "milestone 1"): 24_000}


def test_training_by_the_day_with_no_subscription_to_serve_is_a_promise_of_its_own_under_any_policy():
    terms = services(setup(30_000, 30_000, "2026-01-05", "2026-02-04"))

    assert allocated_minor(terms, setup_distinct=False) == {(1, "setup"): 30_000}


def test_what_comes_with_fewer_seats_keeps_its_own_price():
    # 4 seats less for the 275 days from 1 April: 4 x 10.00 x 12 x 275/365 = 361.64.
    terms = contract(("2026-04-01", 6), start="2026-01-01", quantity=10, price=1000, billing_months=12)
    terms = promising(terms, milestone(24_000, 30_000, version=2))

    assert allocated_minor(terms) == {
        (1, "platform"): 120_000, (2, "platform"): -36_164, (2, "milestone 1"): 24_000,
    }  # fmt: skip


# --- fixed prices by hours ---------------------------------------------------------------------------

WIDENED = services(hours(100_000, 200), hours(20_000, 50, version=2, ssp_minor=0), changes=["2026-03-10"])
"""1,000.00 for 200 hours; a change order of 10 March adds 200.00 for 50 more."""

WORKED = [done("delivery", "2026-02-13", 30), done("delivery", "2026-02-27", 20), done("delivery", "2026-03-20", 30)]


def test_a_fixed_price_is_earned_by_the_hours_worked_of_those_planned():
    # 50 of 200 hours by the end of February.
    assert earned(WIDENED, WORKED, before="2026-02-14") == {(1, "delivery"): 15_000}
    assert earned(WIDENED, WORKED, before="2026-03-01") == {(1, "delivery"): 25_000}


def test_a_change_order_is_caught_up_in_the_month_of_its_signing_and_restates_nothing_before():
    # On 10 March 50 of now 250 hours are 20 % of 1,200.00: 240.00, 10.00 less than was earned of the old price.
    assert sum(earned(WIDENED, WORKED, before="2026-03-10").values()) == 25_000
    assert earned(WIDENED, WORKED, before="2026-03-11") == {(1, "delivery"): 20_000, (2, "delivery"): 4_000}
    # By the end of March it is 80 of 250 hours: 32 % of either price.
    assert earned(WIDENED, WORKED, before="2026-04-01") == {(1, "delivery"): 32_000, (2, "delivery"): 6_400}


def test_more_hours_than_planned_earn_no_more_than_the_price():
    rendered = [*WORKED, done("delivery", "2026-04-10", 500)]

    assert earned(WIDENED, rendered, before="2026-05-01") == {(1, "delivery"): 100_000, (2, "delivery"): 20_000}


def test_at_its_acceptance_the_rest_is_earned_and_all_is_invoiced_by_version():
    accepted = done("delivery", "2026-04-17", accepted=True)

    assert earned(WIDENED, [*WORKED, accepted], before="2026-04-18") == {
        (1, "delivery"): 100_000,
        (2, "delivery"): 20_000,
    }
    assert not any(delivered_lines(WIDENED, one) for one in WORKED)
    assert [(line.version, line.minor) for line in delivered_lines(WIDENED, accepted)] == [(1, 100_000), (2, 20_000)]


# --- acceptance, time, usage -------------------------------------------------------------------------


def test_what_is_paid_at_the_start_may_be_earned_only_at_acceptance():
    terms = services(milestone(50_000, invoicing="at_start"))
    accepted = [done("milestone 1", "2026-02-17", 1, accepted=True)]

    assert billed(terms, 0) == {(1, "milestone 1"): 50_000}
    assert earned(terms, accepted, before="2026-02-17") == {}
    assert earned(terms, accepted, before="2026-02-18") == {(1, "milestone 1"): 50_000}
    assert delivered_lines(terms, accepted[0]) == ()


def test_milestones_are_each_earned_at_the_share_of_their_selling_price():
    # 1,000.00 in all, 400.00 and 600.00 as invoiced; alone each would cost 500.00.
    terms = services(milestone(40_000, 50_000), milestone(60_000, 50_000, number=2))
    accepted = done("milestone 1", "2026-02-17", 1, accepted=True)

    assert earned(terms, [accepted], before="2026-03-01") == {(1, "milestone 1"): 50_000}
    assert [line.minor for line in delivered_lines(terms, accepted)] == [40_000]


def test_time_and_material_is_earned_as_it_is_invoiced():
    # 40 hours at 180.00.
    terms = services(usage(18_000, product="consulting"))
    week = done("consulting", "2026-02-13", 40, since="2026-02-09")

    assert allocated_minor(terms) == {}
    assert earned(terms, [week], before="2026-03-01") == {(1, "consulting"): 720_000}
    [line] = delivered_lines(terms, week)
    assert (line.minor, line.from_day, line.to_day) == (720_000, day("2026-02-09"), day("2026-02-14"))


def test_a_price_that_nothing_is_promised_for_is_a_contradiction():
    terms = services(usage(18_000, product="consulting"))
    [version] = terms.versions
    terms = replace(terms, versions=(replace(version, price_change_minor=100),))

    with pytest.raises(NothingPromised, match="version 1 of C-1: no promise for 100 of its price"):
        allocated_minor(terms)


@pytest.mark.parametrize(("units", "minor"), [(0, 0), (10_000, 0), (10_001, 2), (12_500, 5_000)])
def test_usage_costs_what_is_beyond_the_months_allowance(units, minor):
    terms = promising(YEAR, usage(2, included=10_000))
    january = done("usage", "2026-01-31", units, since="2026-01-01", metered=True)

    assert sum(line.minor for line in delivered_lines(terms, january)) == minor
    assert earned(terms, [january], before="2026-02-01").get((1, "usage"), 0) == minor


def test_an_allowance_that_is_not_used_up_does_not_carry_over():
    terms = promising(YEAR, usage(2, included=10_000))
    rendered = [done("usage", "2026-01-31", 4_000), done("usage", "2026-02-28", 11_000)]

    assert earned(terms, rendered, before="2026-03-01")[1, "usage"] == 2_000


# --- ramps -------------------------------------------------------------------------------------------


def test_a_ramp_is_billed_by_its_years_and_earned_in_a_straight_line():
    # 10 seats at 1.00, 1.20 and 1.40 a month: 120.00, 144.00 and 168.00, 432.00 in all over 1,096 days.
    terms = contract(start="2026-01-01", months=36, quantity=10, price=100, billing_months=12)
    terms = promising(terms, ramp=(100, 120, 140))
    assert terms.versions[0].price_change_minor == 43_200

    assert [sum(billed(terms, year).values()) for year in range(3)] == [12_000, 14_400, 16_800]
    # 432.00 x 365/1096 = 143.87, x 730/1096 = 287.74.
    by_year = [sum(earned(terms, before=f"{year}-01-01").values()) for year in (2026, 2027, 2028, 2029)]
    assert by_year == [0, 14_387, 28_774, 43_200]
    # At the ends of the first two years more is earned than billed: a contract asset of 23.87 and of 23.74.
    assert [by_year[1] - 12_000, by_year[2] - 26_400, by_year[3] - 43_200] == [2_387, 2_374, 0]


def test_seats_that_join_a_ramp_are_charged_at_the_price_of_each_year_to_come():
    # 5 more from 2 July 2026: half of 2026 (183 of 365 days), then 1.20 and 1.40: 60.00 x 183/365 + 72.00 + 84.00.
    terms = contract(("2026-07-02", 15), start="2026-01-01", months=36, quantity=10, price=100, billing_months=12)
    terms = promising(terms, ramp=(100, 120, 140))

    assert billed(terms, 0, 1, 2) == {
        (1, 0): 12_000, (2, 0): 3_008, (1, 1): 14_400, (2, 1): 7_200, (1, 2): 16_800, (2, 2): 8_400,
    }  # fmt: skip
    assert terms.versions[1].price_change_minor == 3_008 + 7_200 + 8_400
