"""Percentiles are exact; intervals agree with published tables and cover what they promise."""

import math
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.statistics import (
    NEVER,
    Interval,
    beta_share,
    binomial_interval,
    distribution,
    gamma_share,
    mean_interval,
    paired_difference,
    percentile,
    percentiles,
    poisson_interval,
    quantile_difference,
    resampled,
    rule_of_three,
    t_quantile,
)
from sim.chance import Stream, exponential

SPANS = st.lists(st.integers(0, 10**12) | st.just(NEVER), min_size=1, max_size=60)


# --- percentiles -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 15), (0.05, 15), (0.30, 20), (0.40, 20), (0.50, 35), (0.99, 50), (1, 50)]
)
def test_a_percentile_is_the_value_at_the_nearest_rank(share, expected):
    assert percentile([50, 15, 40, 20, 35], share) == expected


def test_a_share_is_taken_as_written_and_not_as_its_float():
    """0.07 × 100 and 0.29 × 100 are a little off in floats: one too high, which would move the rank."""
    values = list(range(1, 101))
    assert [percentile(values, step / 100) for step in range(1, 101)] == values


def test_what_never_came_is_worse_than_any_span():
    lags = [3] * 98 + [NEVER] * 2
    assert percentile(lags, 0.98) == 3
    assert percentile(lags, 0.99) == math.inf


@given(SPANS, st.integers(0, 100).map(lambda percent: percent / 100))
def test_a_percentile_covers_its_share_and_the_next_smaller_value_does_not(spans, share):
    found = percentile(spans, share)
    assert sum(span <= found for span in spans) >= round(share * len(spans) - 1e-9)
    assert all(sum(span <= smaller for span in spans) / len(spans) < share for smaller in spans if smaller < found)


def test_no_values_have_no_percentile():
    with pytest.raises(ValueError, match="no values"):
        percentiles([], [0.5])


def test_a_share_above_one_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"99 is no share: write 0\.99"):
        percentile([1, 2], 99)


def test_a_distribution_is_told_in_seconds_with_null_for_what_never_came():
    entry = distribution([1_000_000] * 60 + [2_500_000] * 38 + [NEVER] * 2)
    assert {name: entry[name] for name in ("p50_s", "p95_s", "p99_s", "max_s")} == {
        "p50_s": 1.0,
        "p95_s": 2.5,
        "p99_s": None,
        "max_s": None,
    }
    assert (entry["count"], entry["never_share"], entry["mean_s"]) == (100, 0.02, None)
    assert entry["quantiles_s"] == [1.0] * 61 + [2.5] * 38 + [None] * 2


def test_a_distribution_has_a_mean_once_all_have_come():
    assert distribution([1_000_000, 2_000_000, 6_000_000])["mean_s"] == 3.0


def test_a_distribution_of_nothing_is_empty_and_not_late():
    entry = distribution([])
    assert (entry["count"], entry["never_share"], entry["max_s"]) == (0, 0.0, None)
    assert entry["quantiles_s"] == [None] * 101


@given(SPANS)
def test_a_distributions_percentiles_are_the_percentiles_of_its_spans(spans):
    entry = distribution(spans)
    for percent, seconds in enumerate(entry["quantiles_s"]):
        span = percentile(spans, percent / 100)
        assert seconds == (None if span == NEVER else span / 1_000_000)


# --- Student's t -------------------------------------------------------------------------------------

# Two-sided 90, 95, 99 and 99.9 % points of Student's t, as the usual tables print them.
T_TABLE = {
    1: (6.314, 12.706, 63.657, 636.619),
    2: (2.920, 4.303, 9.925, 31.599),
    3: (2.353, 3.182, 5.841, 12.924),
    4: (2.132, 2.776, 4.604, 8.610),
    5: (2.015, 2.571, 4.032, 6.869),
    9: (1.833, 2.262, 3.250, 4.781),
    10: (1.812, 2.228, 3.169, 4.587),
    19: (1.729, 2.093, 2.861, 3.883),
    30: (1.697, 2.042, 2.750, 3.646),
    100: (1.660, 1.984, 2.626, 3.390),
}


@pytest.mark.parametrize("degrees", T_TABLE)
def test_t_agrees_with_the_published_table(degrees):
    found = [t_quantile(probability, degrees) for probability in (0.95, 0.975, 0.995, 0.9995)]
    assert found == pytest.approx(T_TABLE[degrees], abs=0.0006)


@pytest.mark.parametrize("probability", [0.51, 0.6, 0.9, 0.975, 0.999])
def test_t_with_one_and_two_degrees_has_closed_forms(probability):
    assert t_quantile(probability, 1) == pytest.approx(math.tan(math.pi * (probability - 0.5)), rel=1e-9)
    twice = 2 * probability - 1
    assert t_quantile(probability, 2) == pytest.approx(twice * math.sqrt(2 / (1 - twice**2)), rel=1e-9)


def test_t_is_symmetric_and_zero_at_the_median():
    assert t_quantile(0.025, 7) == -t_quantile(0.975, 7)
    assert t_quantile(0.5, 7) == pytest.approx(0, abs=1e-12)


def test_t_with_many_degrees_is_the_normal():
    assert t_quantile(0.975, 1_000_000) == pytest.approx(1.959966, abs=1e-5)


@pytest.mark.parametrize(("probability", "degrees"), [(0.975, 0), (0.0, 3), (1.0, 3)])
def test_t_refuses_what_has_no_quantile(probability, degrees):
    with pytest.raises(ValueError, match="degree of freedom"):
        t_quantile(probability, degrees)


@pytest.mark.parametrize(("a", "b"), [(1, 5), (3, 4), (12, 30), (200, 7)])
def test_the_beta_share_is_the_binomial_tail(a, b):
    """I_x(a, b) with whole a and b is P(Binomial(a + b − 1, x) ≥ a). DLMF 8.17.5."""
    for x in (0.01, 0.2, 0.5, 0.83, 0.99):
        n = a + b - 1
        tail = math.fsum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
        assert beta_share(x, a, b) == pytest.approx(tail, rel=1e-11, abs=1e-300)


@pytest.mark.parametrize("count", [1, 2, 10, 60])
def test_the_gamma_share_is_the_poisson_tail(count):
    """P(k, x) with whole k is P(Poisson(x) ≥ k). DLMF 8.4.9."""
    for x in (0.3, 2.0, 9.5, 40.0, 90.0):
        below = math.fsum(math.exp(-x + k * math.log(x) - math.lgamma(k + 1)) for k in range(count))
        assert gamma_share(x, count) == pytest.approx(1 - below, rel=1e-9, abs=1e-13)


# --- means and differences ---------------------------------------------------------------------------


def test_the_mean_of_five_seeds_has_students_interval():
    interval = mean_interval([9, 10, 11, 12, 13])
    half = 2.776445 * math.sqrt(2.5 / 5)
    assert (interval.mean, interval.low, interval.high) == pytest.approx((11, 11 - half, 11 + half), abs=1e-5)


def test_one_seed_says_nothing_about_the_spread():
    assert mean_interval([4.0]) == Interval(4.0, -math.inf, math.inf)


def test_what_never_came_leaves_a_mean_without_bounds():
    assert mean_interval([1.0, math.inf, 2.0]) == Interval(math.inf, -math.inf, math.inf)


def test_no_seeds_have_no_mean():
    with pytest.raises(ValueError, match="no values"):
        mean_interval([])


def test_pairing_by_seed_takes_the_seeds_own_spread_out():
    """Seeds differ by hundreds, the layers by one or so: only the paired interval sees it."""
    calm, hurried = [100, 400, 250, 800, 10], [99, 398.9, 249.2, 799, 8.9]
    paired = paired_difference(calm, hurried)
    assert paired.excludes_zero
    assert paired.mean == pytest.approx(1.0)
    assert paired.high - paired.low < 0.5


def test_equal_seeds_differ_by_exactly_zero():
    interval = paired_difference([3, math.inf, 5], [3, math.inf, 5])
    assert interval == Interval(0.0, 0.0, 0.0)
    assert not interval.excludes_zero


def test_a_seed_of_one_side_alone_is_refused():
    with pytest.raises(ValueError, match="zip"):
        paired_difference([1, 2], [1])


@pytest.mark.parametrize(("low", "high", "expected"), [(0.1, 2, True), (-3, -1, True), (-1, 1, False), (0, 2, False)])
def test_zero_is_excluded_only_strictly(low, high, expected):
    assert Interval(0.5, low, high).excludes_zero is expected


def test_the_95_percent_interval_of_a_mean_covers_it_95_times_in_a_hundred():
    """Sums of six uniform words are close to normal, so Student's interval holds for ten of them."""
    draws = Stream(3, "coverage")
    intervals = [mean_interval([sum(draws.six(trial, seed)) for seed in range(10)]) for trial in range(2_000)]
    expected = 6 * (2**32 - 1) / 2
    hits = sum(interval.low <= expected <= interval.high for interval in intervals)
    rate = binomial_interval(hits, len(intervals), 0.99)
    assert rate.low < 0.95 < rate.high


# --- differences of percentiles ----------------------------------------------------------------------


def runs(layer, *, seeds=20, events=200, mean_us=1_000):
    """Lags of `seeds` runs: a seed's own speed is the same for every layer, its events' luck is not."""
    lags, draws = exponential(mean_us), Stream(1, layer)
    pace = [1 + Stream(1, "seeds").uniform(seed) for seed in range(seeds)]
    return [
        [round(pace[seed] * lags.draw(draws.word(seed, event) >> 32)) for event in range(events)]
        for seed in range(seeds)
    ]


def bootstrapped(left, right, share, **options):
    """The interval of a percentile's difference between two layers' runs."""
    return quantile_difference(*(resampled(side, share, **options) for side in (left, right)))


def resampled_by_hand(left, right, share, resamples):
    """The bootstrap as its definition says: draw seeds, pool their values on both sides, compare."""
    draws, seeds = Stream(0, "bootstrap"), len(left)
    differences = []
    for resample in range(resamples):
        picked = [draws.below(seeds, resample, place) for place in range(seeds)]
        one, other = ([value for seed in picked for value in side[seed]] for side in (left, right))
        differences.append(percentile(one, share) - percentile(other, share))
    return differences


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95, 0.99, 1.0])
def test_the_bootstrap_is_what_resampling_by_hand_gives(share):
    left, right = runs("a", seeds=6, events=37), runs("b", seeds=6, events=41)
    by_hand = resampled_by_hand(left, right, share, 400)
    interval = bootstrapped(left, right, share, resamples=400)
    assert (interval.low, interval.high) == (percentile(by_hand, 0.025), percentile(by_hand, 0.975))
    assert interval.mean == percentile(list(chain(*left)), share) - percentile(list(chain(*right)), share)


def test_a_slower_layer_is_told_from_a_faster_one():
    assert bootstrapped(runs("a", mean_us=1_400), runs("b"), 0.95).low > 0


def test_two_equally_fast_layers_are_not_told_apart():
    assert not bootstrapped(runs("a"), runs("b"), 0.95).excludes_zero


def test_a_layer_compared_with_itself_differs_by_nothing():
    assert bootstrapped(runs("a"), runs("a"), 0.99) == Interval(0, 0, 0)


def test_where_one_side_never_arrives_the_difference_is_infinite_and_both_never_is_none():
    never, fine = [[1, NEVER]] * 4, [[1, 2]] * 4
    assert bootstrapped(never, fine, 1.0) == Interval(math.inf, math.inf, math.inf)
    assert bootstrapped(never, never, 1.0) == Interval(0, 0, 0)


def test_one_run_a_side_gives_a_difference_without_bounds():
    assert bootstrapped([[1, 2, 9]], [[1, 1, 1]], 1.0) == Interval(8, -math.inf, math.inf)


def test_arrays_serve_as_well_as_lists():
    left, right = runs("a"), runs("b")
    arrays = bootstrapped([np.array(run) for run in left], [np.array(run) for run in right], 0.9)
    assert arrays == bootstrapped(left, right, 0.9)


@pytest.mark.parametrize(("left", "right"), [([[1]], [[1], [2]]), ([[1], [2]], [[1]])])
def test_runs_that_do_not_pair_are_refused(left, right):
    with pytest.raises(ValueError, match="pairs, one of each side a seed"):
        bootstrapped(left, right, 0.5)


def test_a_run_without_values_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="leave its seed out on both sides"):
        bootstrapped([[], []], [[1], [2]], 0.5)


def test_no_runs_are_refused():
    with pytest.raises(ValueError, match="no runs"):
        resampled([], 0.5)


# --- rates and counts --------------------------------------------------------------------------------


# Clopper & Pearson's 95 % limits, as the usual tables print them.
@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (0, 10, 0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1),
        (2, 100, 0.0024, 0.0704),
    ],
)
def test_a_rates_interval_agrees_with_clopper_and_pearson(hits, trials, low, high):
    interval = binomial_interval(hits, trials)
    assert (interval.mean, interval.low, interval.high) == pytest.approx((hits / trials, low, high), abs=5e-5)


@given(st.integers(1, 400).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_a_rates_interval_contains_it_and_mirrors(hits_of_trials):
    hits, trials = hits_of_trials
    interval, mirrored = binomial_interval(hits, trials, 0.99), binomial_interval(trials - hits, trials, 0.99)
    assert interval.low <= hits / trials <= interval.high
    assert (interval.low, interval.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-12)


def test_no_hits_are_bounded_by_the_closed_form():
    assert binomial_interval(0, 50).high == pytest.approx(1 - 0.025 ** (1 / 50), rel=1e-12)


@pytest.mark.parametrize(("hits", "trials"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_hits_are_refused(hits, trials):
    with pytest.raises(ValueError, match="between 0 and the trials"):
        binomial_interval(hits, trials)


# Garwood's 95 % limits; Pearson & Hartley, Biometrika Tables for Statisticians I (1966), table 40.
@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 3.69), (1, 0.0253, 5.57), (2, 0.242, 7.22), (5, 1.62, 11.67), (10, 4.80, 18.39), (50, 37.11, 65.92)],
)
def test_a_counts_interval_agrees_with_the_published_table(count, low, high):
    interval = poisson_interval(count)
    assert (interval.mean, interval.low, interval.high) == pytest.approx((count, low, high), abs=0.006)


def test_a_wider_level_gives_a_wider_interval():
    narrow, wide = poisson_interval(12, 0.9), poisson_interval(12, 0.99)
    assert wide.low < narrow.low < 12 < narrow.high < wide.high


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="-3 is no count"):
        poisson_interval(-3)


def test_nothing_seen_in_n_trials_is_bounded_by_three_over_n():
    assert rule_of_three(100_000) == pytest.approx(3e-5)
    assert rule_of_three(100) == pytest.approx(1 - 0.05 ** (1 / 100), rel=0.02)


def test_few_trials_bound_nothing():
    assert (rule_of_three(0), rule_of_three(2)) == (1.0, 1.0)
