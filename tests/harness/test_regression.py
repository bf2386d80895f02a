"""What is called better or worse than before: laws for any numbers, and how often luck alone is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.regression import CHANCE, Sides, Tolerances, judged
from harness.statistics import binomial_interval
from reports.directions import DIRECTIONS, JUDGED, TOLD
from sim.chance import Stream

METRICS = (*DIRECTIONS, *TOLD)
MIRRORED = {"worse": "better", "better": "worse"}
FLOWING = (
    "event_lag.p50_s",
    "event_lag.p95_s",
    "backlog.peak",
    "goodput",
    "calls_per_contract",
    "duplicates",
    "breaks",
)

amounts = st.one_of(st.just(0.0), st.integers(0, 50).map(float), st.floats(0.0, 1e9))
spans = st.one_of(amounts, st.just(math.inf))
tolerances = st.floats(0.0, 0.9).map(Tolerances)


def column(name, size):
    return st.lists(spans if name.endswith("_s") else amounts, min_size=size, max_size=size)


@st.composite
def sides(draw):
    paired = draw(st.booleans())
    one = draw(st.integers(1, 6))
    other = one if paired else draw(st.integers(1, 6))
    names = draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=6, unique=True))
    steps = {name: draw(st.sampled_from([0.0, 1.0])) for name in names}
    before, after = ({name: draw(column(name, size)) for name in names} for size in (one, other))
    return Sides(before, after, paired, steps=steps)


def swapped(each):
    return Sides(each.after, each.before, each.paired, each.identical, each.steps)


def verdict(before, after, metric="event_lag.p95_s", *, paired=True, tolerance=0.05, step=0.0):
    found = judged([Sides({metric: before}, {metric: after}, paired, steps={metric: step})], Tolerances(tolerance))
    return found[0][metric].verdict


@given(st.lists(sides(), min_size=1, max_size=3), tolerances)
def test_the_other_way_round_better_is_worse_and_worse_is_better(layers, tolerance):
    there, back = judged(layers, tolerance), judged(list(map(swapped, layers)), tolerance)

    for one, other in zip(there, back, strict=True):
        assert {name: MIRRORED.get(each.verdict, each.verdict) for name, each in one.items()} == {
            name: each.verdict for name, each in other.items()
        }


@given(sides(), tolerances)
def test_held_against_itself_nothing_has_changed(each, tolerance):
    again = Sides(each.before, each.before, paired=True, steps=each.steps)
    [found] = judged([again], tolerance)

    exempt = {name for name, column in each.before.items() if len(column) < 2}
    for name, judgement in found.items():
        allowed = {"told"} if name in TOLD else {"same", "unclear"} if name in exempt else {"same"}
        assert judgement.verdict in allowed


@given(sides(), tolerances)
def test_the_same_runs_byte_for_byte_are_the_same_in_everything(each, tolerance):
    again = Sides(each.before, each.before, paired=True, identical=True)
    [found] = judged([again], tolerance)

    assert {judgement.verdict for judgement in found.values()} <= {"same", "told"}


@given(sides(), tolerances)
def test_a_change_is_never_called_better_and_worse_by_its_sign_alone(each, tolerance):
    [found] = judged([each], tolerance)

    for name, judgement in found.items():
        if judgement.verdict in MIRRORED:
            rose = judgement.after > judgement.before
            assert (judgement.verdict == "worse") == (rose == (DIRECTIONS[name].better == "lower"))
            assert abs(judgement.difference.mean) > judgement.margin


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("seeds", [2, 5, 12])
def test_luck_alone_is_called_a_change_in_no_more_than_one_comparison_in_twenty(seeds, paired):
    """The promise, over many comparisons in which both sides are drawn alike, and no tolerance helps."""
    trials = 250
    changed = naive = 0
    for trial in range(trials):
        draws = Stream(trial, f"luck/{seeds}/{paired}")
        before, after = ({name: _drawn(draws, side, name, seeds) for name in FLOWING} for side in ("before", "after"))
        steps = dict.fromkeys(("backlog.peak", "duplicates", "breaks"), 1.0)
        [found] = judged([Sides(before, after, paired, steps=steps)], Tolerances(0.0))
        changed += any(each.verdict in MIRRORED for each in found.values())
        naive += any(each.difference.excludes_zero for each in found.values())

    assert binomial_interval(changed, trials, 0.999).low <= CHANCE
    assert naive > 2 * CHANCE * trials, "seven looks at 95 % each mislead more often: the trial has teeth"


def _drawn(draws, side, name, seeds):
    """Numbers as runs give them: heavy to one side, whole where they are counts, alike on both sides."""
    told = [20 + 80 * sum(draws.uniform(side, name, seed, part) for part in range(4)) / 4 for seed in range(seeds)]
    return [float(round(value)) for value in told] if name in ("backlog.peak", "duplicates", "breaks") else told


def test_a_shift_that_all_seeds_agree_on_is_found_among_all_metrics():
    before = {name: [100.0 + seed for seed in range(10)] for name in FLOWING}
    after = {name: list(column) for name, column in before.items()} | {
        "event_lag.p95_s": [120.0 + seed + seed % 3 for seed in range(10)]
    }
    [found] = judged([Sides(before, after, paired=True)], Tolerances())

    assert [name for name, each in found.items() if each.verdict == "worse"] == ["event_lag.p95_s"]


def test_pairs_tell_what_samples_do_not():
    before = [100.0, 200.0, 300.0, 400.0, 500.0]
    after = [each * 1.2 for each in before]

    assert verdict(before, [each + 40 for each in before]) == "worse"
    assert verdict(before, after, paired=False) == "unclear"


class TestFacts:
    def test_one_duplicate_where_there_was_none_is_worse_whatever_the_number_of_seeds(self):
        assert verdict([0.0] * 5, [0.0, 0.0, 1.0, 0.0, 0.0], "duplicates", step=1.0) == "worse"
        assert verdict([0.0], [1.0], "duplicates") == "worse"

    def test_none_where_there_was_one_is_better(self):
        assert verdict([0.0, 1.0], [0.0, 0.0], "missing", step=1.0) == "better"

    def test_other_seeds_prove_nothing(self):
        assert verdict([0.0] * 5, [0.0, 0.0, 1.0, 0.0, 0.0], "duplicates", paired=False, step=1.0) == "unclear"

    def test_with_one_seed_counts_of_what_is_wrong_are_judged_and_times_are_not(self):
        assert verdict([100.0], [120.0], "breaks") == "worse"
        assert verdict([100.0], [104.0], "breaks") == "same"
        assert verdict([100.0], [900.0], "event_lag.p95_s") == "unclear"

    def test_a_percentile_that_is_never_reached_any_more_is_worse(self):
        assert verdict([5.0, 6.0], [5.0, math.inf]) == "worse"
        assert verdict([math.inf, math.inf], [math.inf, math.inf]) == "same"
        assert verdict([math.inf, 6.0], [7.0, math.inf]) == "unclear"


class TestTolerances:
    def test_a_sure_difference_that_is_small_is_none(self):
        before = [100.0, 110.0, 120.0, 130.0]
        after = [each + 3 for each in before]

        assert verdict(before, after, tolerance=0.05) == "same"
        assert verdict(before, after, tolerance=0.01) == "worse"

    def test_more_goodput_is_better(self):
        assert verdict([10.0, 11.0, 12.0], [15.0, 16.0, 17.0], "goodput") == "better"

    def test_each_metric_may_have_one_of_its_own_or_none(self):
        before = {"calls_per_contract": [10.0, 10.1, 10.2], "event_lag.p95_s": [10.0, 10.1, 10.2]}
        after = {name: [each * 1.3 for each in column] for name, column in before.items()}
        own = Tolerances(own={"calls_per_contract": 0.5, "event_lag.p95_s": None})
        [found] = judged([Sides(before, after, paired=True)], own)

        assert {name: each.verdict for name, each in found.items()} == {
            "calls_per_contract": "same", "event_lag.p95_s": "told",
        }  # fmt: skip


def test_what_has_no_better_way_is_only_told():
    assert verdict([1.0, 2.0, 3.0], [100.0, 200.0, 300.0], "retries") == "told"


def test_every_judged_measure_has_one_name():
    assert len(DIRECTIONS) == len(JUDGED)
    assert not set(TOLD) & set(DIRECTIONS)
