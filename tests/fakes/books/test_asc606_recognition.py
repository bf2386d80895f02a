"""Published examples of revenue over time and by progress, and the laws behind (step 5 of ASC 606).

Each test names its example. Amounts are minor units: cents, unless a test says whole units.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.books.allocation import allocate
from fakes.books.charges import price_change_minor, prorated_minor
from fakes.books.presentation import Standing, present
from fakes.books.progress import (
    Costs,
    Milestone,
    accepted,
    by_cost,
    by_milestones,
    by_quantity,
    by_time,
    earned_by_cost_minor,
    earned_minor,
    invoiceable_minor,
    percent,
)
from fakes.books.proration import prorate, share_minor
from fakes.books.recognition import recognised_minor
from fakes.books.rounding import round_half_away, rounded_minor
from fakes.books.schedule import (
    days_by_month,
    deferred,
    earned_to_date,
    ramp,
    seconds_by_month,
    service_months,
    straight_line,
)
from fakes.books.splitting import cumulative, largest_remainder, last_takes_rest
from sim.calendar import FiscalCalendar
from tests.fakes.books.samples import cents, day

SPLITS = pytest.mark.parametrize("split", [largest_remainder, cumulative, last_takes_rest])


# --- by time -----------------------------------------------------------------------------------------


def test_asc606_ex18_standing_ready_is_straight_line_whatever_the_use():
    """606-10-55-184..186, recomputed: a health club at 100 a month for a year."""
    months = straight_line(cents(12 * 100), (1,) * 12)
    assert months == (cents(100),) * 12
    assert sum(months) == cents(1_200)


def test_stripe_monthly_31_a_month_across_two():
    """Stripe's documentation: 31 from 15 January to 14 February, both days included."""
    revenue = straight_line(cents(31), tuple(days_by_month(day("2026-01-15"), day("2026-02-15")).values()))
    assert revenue == (cents(17), cents(14))
    assert deferred(revenue) == (cents(14), 0)


def test_stripe_credit_balance_what_a_customer_has_on_account_pays_a_part():
    """Stripe's documentation: the same invoice, 11 from the customer's balance, 20 in cash in February."""
    january, february = straight_line(cents(31), tuple(days_by_month(day("2026-01-15"), day("2026-02-15")).values()))
    before = present(Standing(paid_minor=cents(11), on_account_minor=cents(11)))
    end_january = present(Standing(paid_minor=cents(11), unconditional_minor=cents(31), revenue_minor=january))
    end_february = present(
        Standing(paid_minor=cents(31), unconditional_minor=cents(31), revenue_minor=january + february)
    )
    assert end_january.entry_from(before) == {
        "receivable": cents(20), "customer_credit": cents(11), "revenue": -cents(17),
        "contract_liability": -cents(14),
    }  # fmt: skip
    assert end_february.entry_from(end_january) == {
        "receivable": -cents(20), "cash": cents(20), "revenue": -cents(14), "contract_liability": cents(14),
    }  # fmt: skip


def test_stripe_proration_twice_the_price_half_way():
    """Stripe's documentation: 10 to 20, with half of the period left."""
    change = prorate(cents(10), cents(20), Fraction(1, 2))
    assert (change.credit_minor, change.charge_minor, change.net_minor) == (-cents(5), cents(10), cents(5))


def test_stripe_granularity_one_amount_by_the_second_by_the_day_and_by_the_month():
    """Stripe's documentation: 120 from noon of 15 June 2026 to noon of 13 October, 120 days."""
    start, end, noon = day("2026-06-15"), day("2026-10-13"), 43_200
    seconds = seconds_by_month(start * 86_400 + noon, end * 86_400 + noon)
    by_second = straight_line(cents(120), tuple(seconds.values()))
    by_day = straight_line(cents(120), tuple(days_by_month(start, end).values()))
    by_month = straight_line(cents(120), (1,) * 4)
    assert by_second == (1_550, 3_100, 3_100, 3_000, 1_250)
    assert by_day == (cents(16), cents(31), cents(31), cents(30), cents(12))
    assert by_month == (cents(30),) * 4
    assert [deferred(one)[0] for one in (by_second, by_day, by_month)] == [10_450, cents(104), cents(90)]


def test_erpnext_daily_three_conventions_of_rounding_and_one_that_does_not_sum():
    """ERPNext's tests: 100 over 22, 28 and 15 days; the last month takes the rest."""
    days = tuple(days_by_month(day("2019-01-10"), day("2019-03-16")).values())
    assert days == (22, 28, 15)
    assert straight_line(cents(100), days, split=last_takes_rest) == (3_385, 4_308, 2_307)
    assert straight_line(cents(100), days, split=cumulative) == (3_385, 4_307, 2_308)
    assert straight_line(cents(100), days, split=largest_remainder) == (3_384, 4_308, 2_308)
    assert sum(rounded_minor(Fraction(cents(100) * part, 65)) for part in days) == 10_001


def test_ramp_10_12_14_a_rising_fee_for_a_constant_service():
    """A vendor's article of 2017: 10 000, 12 000 and 14 000 for three equal years."""
    fees = (cents(10_000), cents(12_000), cents(14_000))
    revenue = ramp(fees)
    assert revenue == (cents(12_000),) * 3
    assets = [
        present(Standing(revenue_minor=earned, unconditional_minor=billed)).contract_asset
        for earned, billed in zip(earned_to_date(revenue), earned_to_date(fees), strict=True)
    ]
    assert assets == [cents(2_000), cents(2_000), 0]
    assert fees[0] == cents(10_000) != revenue[0]  # what the rules of before would have recognised


def test_cadel_prepay_a_year_paid_in_advance_and_a_booking_billed_by_the_year():
    """A vendor's article: 120 000 on 1 January; and 300 000 booked of which 100 000 a year are billed."""
    revenue = straight_line(cents(120_000), (1,) * 12)
    assert revenue == (cents(10_000),) * 12
    january = present(Standing(revenue_minor=revenue[0], unconditional_minor=cents(120_000)))
    assert january.contract_liability == cents(110_000)
    billed = straight_line(cents(300_000), (1,) * 3)[0]
    assert (billed, cents(300_000) - billed) == (cents(100_000), cents(200_000))


def test_bad_50_seats_are_30_000_and_not_the_36_000_that_was_printed():
    """Known to be wrong at its source: 50 seats at 100 a month for six months, printed as 36 000 and 6 000 a month."""
    total = price_change_minor(
        start_day=day("2025-07-01"), end_day=day("2026-01-01"), billing_months=1, unit_price_minor=cents(100), units=50,
        effective_day=day("2025-07-01"),
    )  # fmt: skip
    assert total == cents(30_000) != cents(36_000)
    assert straight_line(total, (1,) * 6) == (cents(5_000),) * 6


def test_the_29th_of_february_is_a_day_like_any_other():
    days = days_by_month(day("2028-01-31"), day("2028-03-02"))
    assert days == {2028 * 12: 1, 2028 * 12 + 1: 29, 2028 * 12 + 2: 1}
    months = service_months(day("2028-01-31"), 2)
    assert months == ((day("2028-01-31"), day("2028-02-29")), (day("2028-02-29"), day("2028-03-31")))


# --- by output, by input, by cost --------------------------------------------------------------------


def test_con_multi_element_a_subscription_by_the_month_and_an_implementation_by_milestone():
    """Constructed: 120 000 for a year's subscription and two equal milestones, accepted in February and March."""
    shares = allocate(cents(120_000), {"subscription": cents(120_000), "implementation": cents(30_000)})
    monthly = earned_to_date(straight_line(shares["subscription"], (1,) * 12))
    milestones = [Milestone("design", 1, day("2025-02-15")), Milestone("go-live", 1, day("2025-03-20"))]
    rows, before = [], 0
    for month in range(12):
        last_day = FiscalCalendar.end_day(2025 * 12 + month) - 1
        done = by_milestones(milestones, last_day)
        earned = monthly[month] + earned_minor(shares["implementation"], done)
        billed = cents(100_000) + (cents(20_000) if done == 1 else 0)
        net = present(Standing(revenue_minor=earned, unconditional_minor=billed))
        rows.append((earned - before, earned, billed, net.contract_liability - net.contract_asset))
        before = earned
    in_thousands = [
        (8, 8, 100, 92), (20, 28, 100, 72), (20, 48, 120, 72), (8, 56, 120, 64), (8, 64, 120, 56), (8, 72, 120, 48),
        (8, 80, 120, 40), (8, 88, 120, 32), (8, 96, 120, 24), (8, 104, 120, 16), (8, 112, 120, 8), (8, 120, 120, 0),
    ]  # fmt: skip
    assert rows == [tuple(cents(1_000 * value) for value in row) for row in in_thousands]


BUILDING = Costs(to_date_minor=cents(4_000_000), expected_minor=cents(10_000_000), uninstalled_minor=cents(1_000_000))


def test_cicpac_building_elevators_not_yet_installed_earn_their_cost_only():
    """CICPAC's guide: 13 000 000, costs of 10 000 000, 4 000 000 of them incurred, elevators of 1 000 000 among these.

    Its page prints 5 000 000 and, with progress cut to 33 %, 4 960 000; with the elevators in it would be 5 200 000.
    """
    price = cents(13_000_000)
    assert by_cost(BUILDING) == Fraction(1, 3)
    assert earned_by_cost_minor(price, BUILDING) == cents(5_000_000)
    assert earned_by_cost_minor(price, BUILDING, percent_decimals=0) == cents(4_960_000)
    naive = Costs(to_date_minor=cents(4_000_000), expected_minor=cents(10_000_000))
    assert earned_by_cost_minor(price, naive) == cents(5_200_000)


def test_asc606_ex19_an_elevator_that_is_delivered_and_not_installed():
    """606-10-55-187..192: 5 000 000; costs of 4 000 000, 1 500 000 of them the elevator's; 500 000 others incurred."""
    costs = Costs(to_date_minor=cents(2_000_000), expected_minor=cents(4_000_000), uninstalled_minor=cents(1_500_000))
    assert by_cost(costs) == Fraction(20, 100)
    assert earned_by_cost_minor(cents(5_000_000), costs) == cents(2_200_000)


def test_wasted_costs_and_goods_not_yet_delivered_are_no_progress():
    """55-21(a) and (b)."""
    wasted = Costs(to_date_minor=500, expected_minor=1_100, wasted_minor=100)
    assert by_cost(wasted) == Fraction(4, 10)
    undelivered = Costs(to_date_minor=400, expected_minor=1_000, uninstalled_minor=200, uninstalled_to_date_minor=0)
    assert by_cost(undelivered) == Fraction(1, 2)
    assert earned_by_cost_minor(1_200, undelivered) == 500


def test_hours_units_acceptance_and_the_right_to_invoice():
    assert earned_minor(cents(900), by_quantity(Fraction(75, 10), 30)) == cents(225)
    assert [accepted(day("2026-03-31"), day(on)) for on in ("2026-03-30", "2026-03-31")] == [0, 1]
    assert accepted(None, day("2026-03-31")) == 0
    assert invoiceable_minor(Fraction(15, 2), cents(25)) == 18_750


@pytest.mark.parametrize(("progress", "decimals", "share"), [("1/3", 0, "33/100"), ("21/41", 1, "512/1000")])
def test_progress_in_printed_percent(progress, decimals, share):
    assert percent(Fraction(progress), decimals) == Fraction(share)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: by_quantity(12, 10), "12 done of 10 expected in all: revise"),
        (lambda: by_quantity(0, 0), "revise the estimate"),
        (lambda: earned_minor(1, Fraction(11, 10)), "from 0 to 1, got 11/10"),
        (lambda: by_time(5, 5, 5), "must start before it ends"),
        (lambda: days_by_month(5, 5), "must start before it ends"),
        (lambda: by_milestones([], 1), "sum to more than 0"),
        (lambda: by_milestones([Milestone("design", -1)], 1), "negative weight"),
        (lambda: share_minor(1, 2), "from 0 to 1"),
        (lambda: straight_line(1, (1, -1, 5)), "must not be negative"),
        (lambda: straight_line(1, ()), "got none"),
        (lambda: ramp((1, 2, 3), (1, 1)), "3 fees have 2 weights"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: earned_minor(100, 0.5),
        lambda: straight_line(100, (0.5, 0.5)),
        lambda: share_minor(100, 0.5),
        lambda: allocate(100.5, {"a": 1}),
        lambda: allocate(100.5, {"a": 1, "b": 1}),
        lambda: cumulative(100.5, (1, 1)),
        lambda: last_takes_rest(100.5, (1, 1)),
    ],
)
def test_a_float_is_refused(call):
    with pytest.raises(TypeError, match="are exact: use integers"):
        call()


# --- laws --------------------------------------------------------------------------------------------

amounts = st.integers(-(10**9), 10**9)
weights = st.lists(st.fractions(0, 1_000, max_denominator=366), min_size=1, max_size=30).filter(any)
days = st.integers(day("2019-12-01"), day("2029-01-31"))
lengths = st.integers(1, 1_500)


@SPLITS
@given(amounts, weights)
def test_parts_sum_to_the_whole_and_never_turn_against_it(split, amount, weights):
    parts = split(amount, weights)
    assert len(parts) == len(weights)
    assert sum(parts) == amount
    assert all(part * amount >= 0 for part in parts)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)
    assert split(-amount, weights) == tuple(-part for part in parts)


@SPLITS
@given(amounts, weights, st.fractions(Fraction(1, 100), 100, max_denominator=100))
def test_only_the_proportion_of_weights_counts(split, amount, weights, scale):
    assert split(amount, [weight * scale for weight in weights]) == split(amount, weights)


@given(amounts, weights)
def test_cumulative_and_largest_remainder_stay_within_a_unit_of_the_exact_part(amount, weights):
    total = sum(weights)
    for part, weight in zip(largest_remainder(amount, weights), weights, strict=True):
        assert abs(part - amount * weight / total) < 1
    so_far = Fraction(0)
    for earned, weight in zip(earned_to_date(cumulative(amount, weights)), weights, strict=True):
        so_far += weight
        assert abs(earned - amount * so_far / total) <= Fraction(1, 2)


@given(amounts, days, lengths)
def test_months_by_the_day_are_what_recognition_by_the_day_has_at_each_months_end(amount, start, length):
    by_month = days_by_month(start, start + length)
    assert sum(by_month.values()) == length
    earned = earned_to_date(straight_line(amount, tuple(by_month.values())))
    ends = [FiscalCalendar.end_day(month) for month in by_month]
    assert earned == tuple(recognised_minor(amount, start, start + length, end) for end in ends)
    assert earned == tuple(earned_minor(amount, by_time(start, start + length, end)) for end in ends)


@given(days, st.integers(0, 86_399), st.integers(1, 10**8))
def test_seconds_of_months_are_all_seconds(start, second, length):
    first = start * 86_400 + second
    by_month = seconds_by_month(first, first + length)
    assert sum(by_month.values()) == length
    assert min(by_month.values()) > 0


@given(days, lengths)
def test_whole_days_by_the_second_are_days(start, length):
    seconds = seconds_by_month(start * 86_400, (start + length) * 86_400)
    assert seconds == {month: count * 86_400 for month, count in days_by_month(start, start + length).items()}


@given(st.integers(0, 10**9), st.lists(st.fractions(0, 1, max_denominator=500), min_size=2, max_size=10))
def test_revenue_grows_with_progress_and_ends_at_the_amount(amount, points):
    earned = [earned_minor(amount, progress) for progress in sorted(points)]
    assert earned == sorted(earned)
    assert earned_minor(amount, 0) == 0 and earned_minor(amount, 1) == amount


@given(st.integers(0, 10**8), st.integers(0, 10**8), st.integers(1, 10**8), st.integers(0, 10**8))
def test_by_cost_ends_at_the_price_and_uninstalled_goods_bear_no_margin(price, margin, installed, uninstalled):
    price = uninstalled + margin
    costs = {"expected_minor": installed + uninstalled, "uninstalled_minor": uninstalled}
    only_goods = Costs(to_date_minor=uninstalled, **costs)
    assert earned_by_cost_minor(price, only_goods) == uninstalled
    assert earned_by_cost_minor(price, Costs(to_date_minor=installed + uninstalled, **costs)) == price


@given(amounts, amounts, st.fractions(0, 1, max_denominator=366))
def test_a_change_and_its_undoing_cancel_out(old, new, left):
    there, back = prorate(old, new, left), prorate(new, old, left)
    assert there.net_minor == -back.net_minor


@given(amounts, days, lengths, st.integers(0, 1_500))
def test_what_is_left_of_a_period_costs_what_billing_charges_for_it(full, start, length, gone):
    gone = min(gone, length)
    charged = prorated_minor(full, start + gone, start, start + length)
    assert share_minor(full, Fraction(length - gone, length)) == prorate(0, full, 1 - Fraction(gone, length)).net_minor
    assert share_minor(full, Fraction(length - gone, length)) == charged


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_a_rounded_amount_is_the_nearest(numerator, denominator):
    assert rounded_minor(Fraction(numerator, denominator)) == round_half_away(numerator, denominator)
    assert abs(rounded_minor(Fraction(numerator, denominator)) - Fraction(numerator, denominator)) <= Fraction(1, 2)
