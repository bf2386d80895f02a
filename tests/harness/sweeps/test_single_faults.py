"""Every single lost call and every single event told twice: with all safeguards none breaks anything."""

import re

import pytest

from harness.sweeps.single_faults import GAPS, duplicate_deliveries, lost_requests, lost_responses
from harness.sweeps.trial import Trial
from tests.harness.sweeps.correct import CORRECT

CAUSE = re.compile(r"\(cause: (\w+)\)")


def broken(trials):
    outcomes = [(trial, trial.run()) for trial in trials]
    assert all(outcome.hits for _, outcome in outcomes)
    return {trial.what: outcome.broken for trial, outcome in outcomes if outcome.broken}


@pytest.mark.parametrize("sweep", [lost_responses, lost_requests, duplicate_deliveries])
@pytest.mark.parametrize("layer", CORRECT)
def test_no_single_fault_of_the_network_breaks_anything(layer, sweep, of_all):
    trials = of_all(sweep(Trial(layer)))

    assert broken(trials) == {}
    assert trials or (layer.startswith("managed-batch") and sweep is duplicate_deliveries)  # nobody tells it of events


@pytest.mark.parametrize("layer", ["process-orchestration:idempotency=none", "event-driven:idempotency=none"])
def test_without_keys_every_lost_answer_to_a_creation_or_a_posting_doubles_it(layer):
    found = broken(lost_responses(Trial(layer, seed=16)))  # no amendment: every write creates something

    assert len(found) == 16
    assert all("duplicate" in line for lines in found.values() for line in lines)
    assert {cause for lines in found.values() for line in lines for cause in CAUSE.findall(line)} == {"lost_response"}


def test_without_an_inbox_an_event_told_again_after_the_life_of_its_key_is_done_twice():
    found = broken(duplicate_deliveries(Trial("event-driven:inbox=off")))

    assert found
    assert all(what.endswith("comes again after 2 d") for what in found)
    assert all("duplicate in revenue" in line for lines in found.values() for line in lines)


def test_without_inbox_and_gate_an_older_version_told_again_overwrites_a_newer_one():
    found = broken(duplicate_deliveries(Trial("event-driven:inbox=off,gate=none")))

    assert any("stale amendment" in line for lines in found.values() for line in lines)


def test_a_layer_without_memory_doubles_what_is_told_twice_and_what_it_does_not_hear_of():
    assert len(broken(duplicate_deliveries(Trial("point-to-point")))) > 50
    assert len(broken(lost_responses(Trial("point-to-point")))) > 15


@pytest.mark.parametrize("sweep", [lost_responses, lost_requests, duplicate_deliveries])
def test_synchronous_orchestration_does_nothing_twice_while_a_key_lives_but_may_let_an_older_version_win(sweep):
    found = broken(sweep(Trial("sync-orchestration")))

    assert {
        what: lines
        for what, lines in found.items()
        if not what.endswith("again after 2 d") and not all("stale amendment" in line for line in lines)
    } == {}


def test_every_call_and_every_delivery_of_the_undisturbed_run_has_its_turn():
    base = Trial("event-driven")
    simulation = base.watched()[1]
    calls = simulation.trace.calls
    owed = sum(
        subscription.owed
        for system in simulation.company.systems.values()
        for subscription in system.publisher.subscriptions
    )

    assert len(lost_requests(base)) == len(calls.column("call"))
    assert len(lost_responses(base)) == (calls.column("committed_us") >= 0).sum()
    assert len(duplicate_deliveries(base)) == owed * len(GAPS)
