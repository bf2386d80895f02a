"""Amounts in several currencies come to one at the rates of their periods."""

from harness.oracle.rates import Rates

RATES = Rates({"EUR": ((24_312, 1_080_000), (24_314, 1_100_000))})


def test_each_rate_holds_from_its_month_until_the_next():
    worth = [RATES.worth_minor([("EUR", month, 100)]) for month in (24_311, 24_312, 24_313, 24_314, 24_320)]

    assert worth == [108, 108, 108, 110, 110]


def test_a_currency_without_rates_is_the_one_that_is_reported_in():
    assert RATES.worth_minor([("USD", 24_312, 7), ("EUR", 24_312, 100), ("USD", 24_313, -2)]) == 113


def test_what_is_of_one_month_is_rounded_once():
    # 3 x 0.05 = 0.15 at 1.08 is 0.162; each by itself would be 0.054, and three times 0.05 is 0.15.
    assert RATES.worth_minor([("EUR", 24_312, 5)] * 3) == 16
