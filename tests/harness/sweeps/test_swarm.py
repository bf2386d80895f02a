"""Random profiles of faults: never a duplicate and never a wrong amount; and once all is healed, everything arrives.

`make sweeps` tries ten times as many, as CI does; a longer hunt is `tieout conformance LAYER --only swarm --profiles
2000`.
"""

import re
from collections import Counter

import pytest

import scenarios.faults
from harness.lags import business_events
from harness.sweeps.swarm import HEALED_DAYS, KINDS, profile, profiles
from scenarios.compile import calendar_of, faults_of
from sim.durations import DAY
from sim.faults import Crash
from tests.harness.sweeps.correct import CORRECT


@pytest.mark.parametrize("layer", CORRECT)
def test_it_is_safe_always_and_complete_once_healed(layer, many):
    found = {}
    for trial in profiles(layer, many):
        outcome = trial.run()
        if outcome.broken:
            found[trial.command] = outcome.broken
    assert found == {}


def test_of_what_synchronous_orchestration_refuses_or_undoes_it_is_known_where_it_went(many):
    for trial in profiles("sync-orchestration", many):
        outcome = trial.run()
        assert outcome.failed == outcome.unaccounted == (), trial.command


def test_what_synchronous_orchestration_acknowledges_is_in_every_target_then(many):
    """As long as no overlapping request undoes it. What it refuses too often, the source gives up on."""
    acknowledged = 0
    for trial in profiles("sync-orchestration:compensation=off", many):
        simulation = trial.watched()[1]
        accepted_us = {
            event: at_us
            for system in simulation.company.systems.values()
            for subscription in system.publisher.subscriptions
            for event, at_us in subscription.accepted_us.items()
        }
        for subject in business_events(simulation.company):
            for target, reflected_us in subject.reflected_us.items():
                for event, in_target_us in zip(subject.told, reflected_us.tolist(), strict=True):
                    if event.id in accepted_us:
                        acknowledged += 1
                        assert in_target_us <= accepted_us[event.id], (trial.command, target, event)
    assert acknowledged > 50 * many


@pytest.mark.parametrize(
    "layer", ["event-driven:idempotency=none", "event-driven:journal=off", "event-driven:inbox=off,gate=none"]
)
def test_a_safeguard_less_is_found_out(layer):
    assert any(trial.run().broken for trial in profiles(layer, 60))


def test_the_layer_that_promises_little_breaks_in_most_profiles():
    assert sum(bool(trial.run().broken) for trial in profiles("point-to-point", 12)) > 6


def test_each_kind_is_off_in_about_half_of_the_profiles_and_all_kinds_are_drawn():
    on = Counter()
    for trial in profiles("event-driven", 200):
        on.update({re.match(r"{kind: (\w+)", fault)[1] for fault in trial.faults})

    assert set(on) == set(KINDS) == set(scenarios.faults.KINDS)
    assert all(75 < count < 125 for count in on.values())


def test_every_fault_is_over_before_the_month_ends():
    for trial in profiles("event-driven", 50):
        scenario = trial.loaded()
        calendar = calendar_of(scenario)
        for fault in faults_of(scenario, trial.seed):
            assert fault.end_us <= calendar.quarter_end_us - HEALED_DAYS * DAY
            if isinstance(fault, Crash):
                assert all(instant < fault.end_us for instant in fault.instants_us)


def test_a_profile_is_the_same_for_every_layer_and_each_time():
    assert profile("event-driven", 7).faults == profile("point-to-point", 7).faults
    assert profile("event-driven", 7) != profile("event-driven", 8)
    assert profile("event-driven", 7).run() == profile("event-driven", 7).run()
