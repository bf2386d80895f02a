"""Every crash point of a two-contract business: with all safeguards none breaks anything; without one, these do."""

import re

import pytest

from harness.layers import BUILT_IN
from harness.sweeps.crash_points import crash_points, effects_of
from harness.sweeps.trial import Trial
from sim.durations import MINUTE
from tests.harness.sweeps.correct import CORRECT

CAUSE = re.compile(r"\(cause: (\w+)\)")


def broken(layer, down="30 s", seed=None, of_all=lambda trials: trials):
    """What breaks after which effect: {what: lines}."""
    outcomes = {trial.what: trial.run() for trial in of_all(crash_points(Trial(layer, seed=seed), down))}
    assert all(outcome.hits for outcome in outcomes.values())
    return {what: outcome.broken for what, outcome in outcomes.items() if outcome.broken}


@pytest.mark.parametrize("layer", CORRECT)
def test_a_crash_between_any_two_effects_loses_nothing_and_doubles_nothing(layer, of_all):
    every = crash_points(Trial(layer))
    trials = of_all(every)
    outcomes = [trial.run() for trial in trials]

    assert {trial.what: outcome.broken for trial, outcome in zip(trials, outcomes, strict=True) if outcome.broken} == {}
    assert len(every) > 100
    assert all(outcome.hits for outcome in outcomes)


BURSTS = ("business.amendments={per_contract_year: 30, burst_share: 1, gap_min: 2 min, burst_gap: 10 s}",)
OVERTAKEN = "{kind: out_of_order, system: crm, share: 1, delay: {mean: 5 min}}"


@pytest.mark.parametrize(
    "layer", ["process-orchestration:gate=sequence", "event-driven:gate=sequence", "hybrid:gate=sequence,every=4h"]
)
def test_what_is_held_for_its_predecessor_is_not_forgotten_in_a_crash_between_the_two(layer):
    trial = Trial(layer, overrides=BURSTS).with_fault(OVERTAKEN)
    trials = crash_points(trial)

    assert {each.what: outcome.broken for each in trials[::5] if (outcome := each.run()).broken} == {}


@pytest.mark.parametrize("layer", ["process-orchestration", "event-driven", "canonical-hub"])
def test_after_a_crash_nobody_waits_for_a_key_to_expire(layer):
    outcomes = [trial.run() for trial in crash_points(Trial(layer))[::3]]

    assert max(outcome.lag_us for outcome in outcomes) < 5 * MINUTE


@pytest.mark.parametrize("layer", CORRECT)
def test_nor_does_one_that_is_over_before_searches_find_what_was_just_created(layer, of_all):
    assert broken(layer, down="1 s", seed=16, of_all=of_all) == {}


@pytest.mark.parametrize("layer", CORRECT[:4])
def test_every_kind_of_effect_is_among_the_crash_points(layer):
    effects = {effect.partition(" of ")[0] for effect in effects_of(Trial(layer))}

    assert effects == {"write", "call", "commit", "acknowledgement"}


@pytest.mark.parametrize("layer", ["process-orchestration", "event-driven"])
def test_without_a_journal_what_was_in_hand_is_lost_and_each_crash_is_blamed_for_it(layer):
    """What was made is found again by looking; without that it is made twice."""
    found = broken(f"{layer}:journal=off")
    careless = broken(f"{layer}:journal=off,idempotency=none")

    assert len(found) > len(effects_of(Trial(f"{layer}:journal=off"))) / 4
    assert all("missing" in line or "stale" in line for lines in found.values() for line in lines)
    assert any("duplicate" in line for lines in careless.values() for line in lines)
    assert {cause for lines in found.values() for line in lines for cause in CAUSE.findall(line)} == {"crash"}


def test_reading_before_creating_is_no_safeguard_where_searches_lag_behind():
    """H17: a crash when something was being created, and back before a search shows it."""
    found = broken("event-driven:idempotency=read", down="1 s", seed=16)

    assert any("duplicate customer" in "".join(lines) for lines in found.values())
    assert all("duplicate" in line for lines in found.values() for line in lines)
    assert broken("event-driven:idempotency=read", down="30 s", seed=16) == {}


def test_with_nothing_durable_and_nothing_known_again_a_crash_loses_what_was_in_hand():
    found = broken("point-to-point")

    assert found
    assert all("duplicate" not in line for lines in found.values() for line in lines)


def test_a_trial_says_the_same_twice():
    trials = crash_points(Trial("event-driven:journal=off"))[10:14]

    assert [trial.run() for trial in trials] == [trial.run() for trial in trials]


@pytest.mark.parametrize("layer", sorted(BUILT_IN.keys() - {"hybrid", "managed-batch"}))  # see CORRECT for these two
def test_wherever_a_built_in_layer_crashes_it_is_known_what_became_of_every_event(layer, of_all):
    outcomes = {trial.what: trial.run() for trial in of_all(crash_points(Trial(layer, seed=16)))}

    assert {what: outcome.unaccounted for what, outcome in outcomes.items() if outcome.unaccounted} == {}
    assert {what: outcome.failed for what, outcome in outcomes.items() if outcome.failed} == {}


def test_what_a_source_tells_a_layer_that_is_down_for_too_long_is_the_crashs_fault():
    found = broken("event-driven", down="25 h", seed=16)

    assert {cause for lines in found.values() for line in lines for cause in CAUSE.findall(line)} == {"crash"}
