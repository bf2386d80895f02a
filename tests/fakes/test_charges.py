from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.agreements import Contract, PerformanceObligation, Version
from fakes.books.charges import due_lines, periods, price_change_minor
from fakes.books.rounding import round_half_away
from sim.calendar import add_months


def day(text):
    return date.fromisoformat(text).toordinal()


def contract(*quantities, start="2026-01-01", term=12, billing_months=3, unit_price_minor=1000):
    """A contract whose versions have the given (effective day, quantity), the first from its start."""
    start_day = start if isinstance(start, int) else day(start)
    changes = [(start_day, quantities[0]), *quantities[1:]]
    versions = tuple(
        Version(number, "amended" if number > 1 else "signed", start_day, effective, quantity, 0)
        for number, (effective, quantity) in enumerate(changes, start=1)
    )
    obligations = (PerformanceObligation("platform", unit_price_minor),)
    end_day = add_months(start_day, term)
    return Contract("C-1", "A-1", "USD", start_day, end_day, billing_months, unit_price_minor, obligations, versions)


@st.composite
def contracts(draw):
    billing_months = draw(st.sampled_from([1, 3, 12]))
    start = draw(st.integers(day("2023-01-01"), day("2027-12-31")))
    term = billing_months * draw(st.integers(1, 36 // billing_months))
    effective = sorted(draw(st.lists(st.integers(start, add_months(start, term) - 1), max_size=5)))
    quantities = draw(st.lists(st.integers(0, 10_000), min_size=len(effective), max_size=len(effective)))
    return contract(
        draw(st.integers(1, 10_000)),
        *zip(effective, quantities, strict=True),
        start=start,
        term=term,
        billing_months=billing_months,
        unit_price_minor=draw(st.integers(1, 20_000)),
    )


def price_change(state, index):
    before = state.versions[index - 1].quantity if index else 0
    return price_change_minor(
        start_day=state.start_day,
        end_day=state.end_day,
        billing_months=state.billing_months,
        unit_price_minor=state.unit_price_minor,
        units=state.versions[index].quantity - before,
        effective_day=state.versions[index].effective_day,
    )


# --- periods -----------------------------------------------------------------------------------------


@given(contracts())
def test_periods_tile_the_term(state):
    schedule = periods(state)

    assert schedule[0][0] == state.start_day
    assert schedule[-1][1] == state.end_day
    assert all(from_day < to_day for from_day, to_day in schedule)
    assert all(one[1] == other[0] for one, other in pairwise(schedule))


def test_periods_begin_on_anniversaries_of_the_first_day():
    monthly = periods(contract(1, start="2026-01-31", term=4, billing_months=1))
    begins = [f"{date.fromordinal(from_day):%b %d}" for from_day, _ in monthly]

    assert begins == ["Jan 31", "Feb 28", "Mar 31", "Apr 30"]


def test_a_term_of_no_whole_number_of_periods_is_refused():
    with pytest.raises(ValueError, match="no whole number of 3-month service periods"):
        periods(contract(1, term=7, billing_months=3))
    with pytest.raises(ValueError, match="no whole number of 0-month service periods"):
        periods(contract(1, billing_months=0))


# --- lines -------------------------------------------------------------------------------------------


def test_the_first_version_is_charged_in_full_every_period():
    state = contract(10)

    assert [[line.minor for line in due_lines(state, period)] for period in range(4)] == [[30_000]] * 4


def test_an_increase_is_charged_by_the_day_within_a_period_and_in_full_after_it():
    state = contract(10, (day("2026-02-15"), 12))  # 45 of the 90 days from January to March are left

    assert [(line.version, line.minor) for line in due_lines(state, 0)] == [(1, 30_000), (2, 3_000)]
    assert [(line.version, line.minor) for line in due_lines(state, 1)] == [(1, 30_000), (2, 6_000)]


def test_a_cancellation_takes_back_what_is_left_and_all_that_follows():
    state = contract(10, (day("2026-05-16"), 0))  # 46 of the 91 days from April to June are left

    assert [line.minor for line in due_lines(state, 0)] == [30_000]
    assert [line.minor for line in due_lines(state, 1)] == [30_000, -15_165]
    assert sum(line.minor for line in due_lines(state, 2)) == 0


def test_a_line_names_its_version_and_its_period():
    line = due_lines(contract(10), 1)[0]

    assert (line.version, line.period, line.from_day, line.to_day) == (1, 1, day("2026-04-01"), day("2026-07-01"))


def test_a_version_that_changes_no_quantity_has_no_line():
    assert [line.version for line in due_lines(contract(10, (day("2026-02-15"), 10)), 0)] == [1]


@given(contracts())
def test_the_price_change_is_the_sum_of_the_lines(state):
    lines = [line for number in range(len(periods(state))) for line in due_lines(state, number)]
    for index, version in enumerate(state.versions):
        assert price_change(state, index) == sum(line.minor for line in lines if line.version == version.number)


@given(contracts())
def test_what_is_charged_is_near_the_price_of_the_quantity_of_each_day(state):
    for number, (from_day, to_day) in enumerate(periods(state)):
        unit_days = 0
        for at in range(from_day, to_day):
            unit_days += [version.quantity for version in state.versions if version.effective_day <= at][-1]
        charged = sum(line.minor for line in due_lines(state, number))
        exact = unit_days * state.unit_price_minor * state.billing_months / (to_day - from_day)
        assert abs(charged - exact) <= len(state.versions) / 2 + 1e-6


# --- rounding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (5, 3, 2), (-5, 3, -2), (0, 7, 0), (1, 2, 1), (-1, 2, -1)],
)
def test_a_half_rounds_away_from_zero(numerator, denominator, rounded):
    assert round_half_away(numerator, denominator) == rounded


@given(st.integers(-(10**12), 10**12), st.sampled_from([1, 2, 4, 5, 8, 10, 1000]))
def test_rounding_agrees_with_decimal_arithmetic(numerator, denominator):
    exact = Decimal(numerator) / Decimal(denominator)

    assert round_half_away(numerator, denominator) == exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)
