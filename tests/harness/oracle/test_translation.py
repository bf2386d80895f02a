"""Amounts in several currencies, as one: each currency summed up, translated at the month's rate, and rounded once."""

import numpy as np

from harness.oracle.rates import Rates
from harness.oracle.translation import Translation

RATES = Rates({"EUR": [(24_312, 1_100_000), (24_313, 1_200_000)]})


def test_amounts_in_one_currency_are_summed_up():
    assert Translation.of(Rates(), ["USD", "USD"]).minor(np.array([3, -1]), 24_312) == 2


def test_a_currency_with_rates_is_translated_at_those_of_the_month():
    worth = Translation.of(RATES, ["USD", "EUR", "EUR"])

    assert worth.minor(np.array([1, 10, 10]), 24_312) == 1 + 22
    assert worth.minor(np.array([1, 10, 10]), 24_313) == 1 + 24


def test_a_currency_is_rounded_once():
    assert Translation.of(RATES, ["EUR"] * 4).minor(np.array([1, 1, 1, 1]), 24_313) == 5


def test_translated_in_one_piece_nothing_is_rounded():
    worth = Translation.of(RATES, ["USD", "EUR", "EUR"])

    assert worth.exact(np.array([1, 1, 2]), 24_312) == 1_000_000 + 3_300_000
    assert Translation.of(Rates(), ["USD"]).exact(np.array([3]), 24_312) == 3_000_000
    assert (worth.translated, Translation.of(Rates(), ["USD"]).translated) == (1, 0)
