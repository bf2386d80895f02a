from dataclasses import replace

import pytest

from harness.oracle.charges import charge_minor, half_away, period_bounds, period_count, period_of, price_changes
from sim.errors import InvariantBroken
from tests.harness.oracle.agreed import contract, day


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(5, 2, 3), (-5, 2, -3), (7, 3, 2), (-7, 3, -2), (8, 3, 3), (0, 7, 0), (1, 3, 0), (-1, 3, 0)],
)
def test_halves_round_away_from_zero(numerator, denominator, expected):
    assert half_away(numerator, denominator) == expected


def test_a_change_within_a_period_is_charged_by_its_days():
    # 5 more at 10.00 a month, a year in advance: 600.00. From 2 July on, 183 of 365 days are left: 300.82.
    assert charge_minor(60_000, day("2026-07-02"), day("2026-01-01"), day("2027-01-01")) == 30_082


@pytest.mark.parametrize(("effective", "expected"), [("2025-12-31", 600), ("2026-01-01", 600), ("2026-02-01", 0)])
def test_a_change_before_a_period_is_charged_in_full_and_one_after_it_not_at_all(effective, expected):
    assert charge_minor(600, day(effective), day("2026-01-01"), day("2026-02-01")) == expected


def test_periods_are_found_by_day():
    terms = contract(start="2026-01-31", months=6, billing_months=1)

    assert period_count(terms) == 6
    assert period_bounds(terms, 1) == (day("2026-02-28"), day("2026-03-31"))
    assert [period_of(terms, day(text)) for text in ("2026-02-27", "2026-02-28", "2026-03-30", "2026-03-31")] == [
        0, 1, 1, 2,
    ]  # fmt: skip


def test_a_price_change_is_the_sum_of_the_charges():
    # A year in quarters, 10 at 10.00; 15 from 15 February on: 45 of the quarter's 90 days, then three in full.
    terms = contract(("2026-02-15", 15), billing_months=3)

    assert list(price_changes(terms)) == [120_000, 7_500 + 3 * 15_000]


def test_a_change_after_the_last_period_changes_no_price():
    terms = contract(("2026-12-31", 15), ("2027-01-05", 0))

    assert list(price_changes(terms)) == [120_000, 164, 0]


def test_a_contract_that_says_another_price_cannot_be_tied_out():
    terms = contract(quantity=3)
    wrong = terms.versions[0].__class__(1, "signed", terms.start_day, terms.start_day, 3, 35_999)

    with pytest.raises(InvariantBroken, match="C-1 version 1: 35999, charges 36000"):
        list(price_changes(replace(terms, versions=(wrong,))))


def test_a_term_of_no_whole_number_of_periods_cannot_be_tied_out():
    terms = contract(months=12, billing_months=12)
    shorter = replace(terms, end_day=terms.end_day - 1)

    with pytest.raises(InvariantBroken, match="a term is a whole number of service periods"):
        period_count(shorter)
