"""What changes from a day or a month on: what a file may not say of it, and that what it says is honoured."""

import pytest

from scenarios.compile import calendar_of
from scenarios.errors import ScenarioError
from scenarios.load import loads
from scenarios.workload import generate


def business(fields):
    return loads(f"name: s\nbusiness: {{{fields}}}\n", "s.yaml").business


@pytest.mark.parametrize(("fields", "expected"), [
    (
        "rates: {EUR: {}}",
        "s.yaml:2:25: business.rates.EUR: found {}, expected a month with its rate; write for example {2026-01: 1.08}",
    ),
    (
        "rates: {EUR: {2026-01: 1.1, 2026-02: 1.2}}",
        "s.yaml:2:25: business.rates.EUR: found {2026-01, 2026-02}, expected a rate for 2025-12, the month in which "
        "the run begins, or an earlier one; add 2025-12: each rate holds until the next",
    ),
    (
        "rates: {EUR: {2025-12: 0}}",
        "s.yaml:2:35: business.rates.EUR.2025-12: found 0, expected a number above 0, up to 1000; "
        "write 1.08 for 1.08 of the first entity's currency",
    ),
    (
        "rates: {EUR: {2025-12: -1}}",
        "s.yaml:2:35: business.rates.EUR.2025-12: found -1, expected a number above 0, up to 1000; "
        "write 1.08 for 1.08 of the first entity's currency",
    ),
    (
        "rates: {USD: {2025-12: 1.1}}",
        's.yaml:2:20: business.rates.USD: found "USD", expected currencies other than USD, in which the group reports; '
        "drop it: what is in this one is not translated",
    ),
    (
        "prices: [{from: 2026-02-01, price: 0}]",
        "s.yaml:2:47: business.prices.0.price: found 0, expected a number above 0, up to 10; "
        "write 1.05 for five per cent more",
    ),
    (
        "prices: [{from: 2026-02-01, price: 1.1}, {from: 2026-02-01, price: 1.2}]",
        's.yaml:2:60: business.prices.1.from: found "2026-02-01", expected a day after 2026-02-01, that of the one '
        "before it; move it, or drop it",
    ),
    (
        "prices: [{from: 2026-02-01, price: 1.1}, {from: 2026-01-01, price: 1.2}]",
        's.yaml:2:60: business.prices.1.from: found "2026-01-01", expected a day after 2026-02-01, that of the one '
        "before it; move it, or drop it",
    ),
    (
        "prices: [{from: 2025-12-17, price: 1.1}]",
        's.yaml:2:28: business.prices.0.from: found "2025-12-17", expected a day of the run, which begins on '
        "2025-12-18 with prices of its own; move it, or drop it",
    ),
    (
        "prices: [{from: 2026-01-01}, {from: 2026-04-01}]",
        's.yaml:2:48: business.prices.1.from: found "2026-04-01", expected a day before 2026-04-01, when the quarter '
        "is over; move it, or drop it",
    ),
    (
        "revenue_policies: [{from: 2026-04-01}]",
        's.yaml:2:38: business.revenue_policies.0.from: found "2026-04-01", expected a day before 2026-04-01, when the '
        "quarter is over; move it, or drop it",
    ),
    (
        "revenue_policies: [{from: 2026-02-01}, {from: 2026-02-01, setup_distinct: false}]",
        's.yaml:2:58: business.revenue_policies.1.from: found "2026-02-01", expected a day after 2026-02-01, that of '
        "the one before it; move it, or drop it",
    ),
])  # fmt: skip
def test_what_would_change_nothing_or_not_what_it_says_is_refused(fields, expected):
    with pytest.raises(ScenarioError) as caught:
        business(fields)

    assert str(caught.value) == expected


def test_a_rate_of_the_month_in_which_the_run_begins_is_early_enough():
    assert business("rates: {EUR: {2025-12: 1.1}, GBP: {2024-01: 1.3, 2026-02: 1.2}}").rates_ppm


def test_new_prices_hold_from_their_day_on():
    business_said = "contracts: 60, prices: [{from: 2025-12-18, price: 2}, {from: 2026-02-01, price: 3}]"
    raised, plain = (loads(f"name: s\nbusiness: {{{said}}}\n", "s.yaml") for said in (business_said, "contracts: 60"))
    calendar = calendar_of(plain)
    before = generate(plain, calendar, 0).contracts()
    after = generate(raised, calendar, 0).contracts()
    february = calendar.day_of(calendar.quarter_start_us) + 31

    found = {
        (key[0] == "O", one.versions[0].signed_day >= february, one.unit_price_minor // before[key].unit_price_minor)
        for key, one in after.items()
    }  # fmt: skip
    assert found == {(True, False, 1), (False, False, 2), (False, True, 3)}
