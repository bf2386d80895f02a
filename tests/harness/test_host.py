"""A killed layer comes back with what it had made durable: where that is enough, the books show nothing of it."""

import pytest

from harness.replication import replicate
from scenarios.load import loads

BUSY = """
name: busy
calendar: {{quarter_start: 2026-03-01, months: 1}}
business: {{contracts: 60, profile: flat, amendments: {{per_contract_year: 6}}}}
faults:
  - {{kind: crash, {crash}}}
"""

DURABLE = ("process-orchestration", "event-driven", "canonical-hub")


def troubled(crash, layer, seed=0):
    return replicate(loads(BUSY.format(crash=crash), "busy"), layer, seed)


def notes(run, what):
    return [row for row in run.simulation.trace.rows("notes") if row[2] == what]


@pytest.mark.parametrize("layer", DURABLE)
@pytest.mark.parametrize("crash", ["from: 2026-03-31 14:00, down: 2 h", "every: 1 h, down: 1 min", "after_effect: 100"])
def test_a_durable_layer_loses_and_doubles_nothing_in_a_crash(layer, crash):
    run = troubled(crash, layer)
    (fault,) = run.document["faults"]
    assert fault["hits"] > 0
    assert run.audit.breaks == ()
    assert sum(run.document["duplicates"].values()) == sum(run.document["missing"].values()) == 0


def test_a_layer_without_a_store_loses_what_it_has_in_hand():
    run = troubled("every: 1 min, down: 10 s, from: 2026-03-11, for: 10 d", "point-to-point")
    lost = notes(run, "forgotten")
    assert lost
    assert sum(run.document["missing"].values()) > 0
    assert run.document["breaks"]["by_cause"].keys() == {"crash"}


@pytest.mark.parametrize("layer", DURABLE)
def test_a_journal_in_memory_is_lost_with_it(layer):
    run = troubled("after_effect: 100", f"{layer}:journal=off")  # as it has something in hand
    assert run.audit.breaks


def test_while_it_is_down_a_layer_refuses_what_it_is_told_and_is_told_again():
    run = troubled("from: 2026-04-01 05:00, down: 2 h", "event-driven")
    down = run.simulation.faults[0]
    heard = run.simulation.trace.rows("deliveries")
    meanwhile = {outcome for _, _, _, at_us, outcome in heard if down.start_us <= at_us < down.start_us + down.down_us}
    assert meanwhile == {"refused"}
    assert run.document["metrics"]["recovery_time"]["crash of layer"] > 0


@pytest.mark.parametrize("layer", DURABLE)
def test_each_effect_of_a_layer_can_be_its_last(layer):
    counted = troubled("after_effect: 1000000", layer).simulation.host.effects
    assert {what.partition(" ")[0] for what in counted.log} == {"call", "commit", "write", "acknowledgement"}
    for number in range(1, counted.count, counted.count // 12):
        run = troubled(f"after_effect: {number}", layer)
        assert run.simulation.host.effects.log[:number] == counted.log[:number]
        assert run.audit.breaks == (), counted.log[number - 1]


def test_random_crashes_come_at_instants_of_their_own_whatever_the_layer():
    instants = [
        [
            at_us
            for at_us, _, _, where, _ in troubled("every: 12 h", layer).simulation.wire.struck
            if where == "layer.crash"
        ]
        for layer in DURABLE
    ]
    assert all(each == instants[0] for each in instants)
    assert len(instants[0]) > 20
