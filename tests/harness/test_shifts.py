"""How far samples lie apart: against hand-worked figures, and by laws that hold for any samples."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.shifts import Shift, holm, paired_shift, unpaired_shift
from harness.statistics import Interval, paired_difference, t_quantile, t_tail

values = st.floats(-1e9, 1e9)
samples = st.lists(values, min_size=2, max_size=8)
pairs = st.lists(st.tuples(values, values), min_size=2, max_size=8)


def test_the_interval_of_pairs_is_students():
    before, after = [10.0, 12.0, 11.0, 14.0], [11.0, 12.5, 13.0, 14.0]

    assert paired_shift(before, after).interval() == pytest.approx(paired_difference(after, before))


def test_welchs_interval_is_that_of_a_worked_example():
    # Variances 2 and 18 of three each: degrees (2/3 + 18/3)² / ((2/3)²/2 + 6²/2), by hand.
    shift = unpaired_shift([-1.0, 0.0, math.sqrt(5) - 1], [0.0, 3.0, 6.0])
    one, other = _variance([-1.0, 0.0, math.sqrt(5) - 1]) / 3, 3.0

    assert shift.error == pytest.approx(math.sqrt(one + other))
    assert shift.degrees == pytest.approx((one + other) ** 2 / (one**2 / 2 + other**2 / 2))


def test_the_chance_is_one_half_of_the_tail_on_either_side():
    shift = Shift(mean=3.0, error=1.0, degrees=4)

    assert shift.chance(0.0) == pytest.approx(2 * t_tail(3.0, 4))
    assert shift.chance(1.0) == pytest.approx(2 * t_tail(2.0, 4))
    assert shift.chance(3.0) == 1.0


@given(st.floats(0.501, 0.9995), st.integers(1, 40))
def test_the_tail_is_the_quantile_the_other_way_round(probability, degrees):
    assert t_tail(t_quantile(probability, degrees), degrees) == pytest.approx(1 - probability, rel=1e-6)


def test_equal_steps_of_a_count_with_few_seeds_are_no_certainty():
    assert paired_shift([0.0, 0.0], [1.0, 1.0]).chance(0.0) == 0.0
    assert paired_shift([0.0, 0.0], [1.0, 1.0], unit=1.0).chance(0.0) > 0.1
    assert paired_shift([0.0] * 10, [1.0] * 10, unit=1.0).chance(0.0) < 0.001


def test_what_never_differs_has_no_spread_whatever_its_steps():
    assert paired_shift([3.0, 4.0], [3.0, 4.0], unit=1.0) == Shift(0.0, 0.0, 1)


@given(pairs)
def test_the_other_way_round_pairs_differ_by_as_much(found):
    before, after = map(list, zip(*found, strict=True))
    there, back = paired_shift(before, after), paired_shift(after, before)

    assert (there.mean, there.error) == (-back.mean, back.error)


@given(samples, samples)
def test_the_other_way_round_samples_differ_by_as_much(before, after):
    there, back = unpaired_shift(before, after), unpaired_shift(after, before)

    assert (there.mean, there.error, there.degrees) == (-back.mean, back.error, back.degrees)
    assert min(len(before), len(after)) - 1 <= there.degrees <= (len(before) + len(after) - 2) * (1 + 1e-9)


@given(samples, samples)
def test_the_chance_and_the_interval_say_the_same_of_zero(before, after):
    shift = unpaired_shift(before, after)
    chance, interval = shift.chance(0.0), shift.interval()

    if abs(chance - 0.05) > 1e-6:
        assert (chance < 0.05) == interval.excludes_zero


def test_holm_is_as_in_a_worked_example():
    # Holm 1979: the smallest times their number, the next times one less, never below the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_holm_keeps_the_order_and_lies_between_the_chance_and_bonferronis(chances):
    adjusted = holm(chances)

    for chance, found in zip(chances, adjusted, strict=True):
        assert chance <= found <= min(1.0, chance * len(chances))
    assert [found for _, found in sorted(zip(chances, adjusted, strict=True))] == sorted(adjusted)


def test_an_interval_without_spread_is_its_mean():
    assert Shift(2.0, 0.0, 3).interval() == Interval(2.0, 2.0, 2.0)


def _variance(sample):
    mean = sum(sample) / len(sample)
    return sum((value - mean) ** 2 for value in sample) / (len(sample) - 1)
