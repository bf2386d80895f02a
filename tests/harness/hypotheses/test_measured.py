"""Measured numbers: the intervals they come with, and when a prediction agrees."""

import math

import pytest

from harness.hypotheses import measured
from harness.statistics import binomial_interval, poisson_interval


def test_an_exact_number_agrees_with_itself_alone():
    seen = measured.exactly(18)

    assert seen.agrees_with(18) and seen.agrees_with(18 + 1e-12)
    assert not seen.agrees_with(18.001)


def test_a_bound_agrees_with_what_nothing_has_exceeded():
    seen = measured.at_most(99.5)

    assert seen.agrees_with(100) and seen.agrees_with(99.5)
    assert not seen.agrees_with(99)


def test_theorys_variance_gives_four_standard_errors():
    seen = measured.by_theory(10, 0.25)

    assert (seen.low, seen.high) == (8, 12)
    assert seen.agrees_with(11.9) and not seen.agrees_with(12.1)


def test_batches_give_four_standard_errors_of_their_mean():
    seen = measured.by_batches([1, 2, 3, 4])

    assert seen.value == 2.5
    assert seen.high - seen.value == pytest.approx(4 * math.sqrt(5 / 3 / 4))


def test_shares_and_rates_have_exact_intervals():
    share, known = measured.share_of(3, 100), binomial_interval(3, 100, 0.99)
    assert (share.low, share.high) == (known.low, known.high)

    rate, known = measured.rate_of(3, 50), poisson_interval(3, 0.99)
    assert (rate.value, rate.low, rate.high) == (0.06, known.low / 50, known.high / 50)


def test_a_mean_of_known_variance_has_the_normal_interval():
    seen = measured.mean_of(200, 100, 4)

    assert seen.value == 2
    assert seen.high - 2 == pytest.approx(2.5758293 * 0.2)


def test_batches_are_of_one_size_and_leave_the_rest():
    assert [list(batch) for batch in measured.in_batches(list(range(11)), 3)] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert measured.batch_means([*range(50), 99]) == [0.5 + 2 * number for number in range(25)]


def test_a_quantile_scatters_as_its_batches_do():
    values = [number % 100 for number in range(2_500)]
    seen = measured.quantile_by_batches(values, 0.95)

    assert (seen.value, seen.low, seen.high) == (94, 94, 94)
