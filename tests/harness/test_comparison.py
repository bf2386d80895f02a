"""Differences between layers are paired by seed; those of lag percentiles are bootstrapped from ten seeds on."""

import numpy as np

from harness.comparison import BOOTSTRAP_SEEDS_MIN, Differences
from harness.statistics import paired_difference, quantile_difference, resampled
from reports.measures import LAG_P95
from sim.durations import SECOND


def lags_of(seeds, *, slower_s=0.0):
    """So many seeds' lags in microseconds: 1 to 100 seconds, each seed at a pace of its own, and slower by another."""
    return [SECOND * (np.arange(1, 101) * (1 + seed / 10) + slower_s * (1 + seed % 3)) for seed in range(seeds)]


def two_layers(seeds):
    """The lags of two layers of which one is slower by half a second or more, and their 95th percentiles by seed."""
    lags = {"slow": lags_of(seeds, slower_s=0.5), "quick": lags_of(seeds)}
    values = {layer: {LAG_P95.name: [float(np.sort(one)[94]) / SECOND for one in runs]} for layer, runs in lags.items()}
    return values, lags


def by_student(values):
    return paired_difference(values["slow"][LAG_P95.name], values["quick"][LAG_P95.name])


def test_few_seeds_are_compared_by_the_runs_percentiles():
    values, lags = two_layers(BOOTSTRAP_SEEDS_MIN - 1)
    assert Differences(values, lags).of(LAG_P95.name, "slow", "quick") == by_student(values)


def test_many_seeds_are_compared_by_all_their_lags_together():
    values, lags = two_layers(BOOTSTRAP_SEEDS_MIN)
    pooled = [resampled([one / SECOND for one in lags[layer]], 0.95) for layer in ("slow", "quick")]
    interval = Differences(values, lags).of(LAG_P95.name, "slow", "quick")
    assert interval == quantile_difference(*pooled) != by_student(values)
    assert interval.excludes_zero


def test_a_seed_in_which_nothing_travelled_leaves_the_comparison_to_the_runs_percentiles():
    values, lags = two_layers(BOOTSTRAP_SEEDS_MIN)
    lags["quick"][3] = np.array([])
    assert Differences(values, lags).of(LAG_P95.name, "slow", "quick") == by_student(values)
