"""Runs that share a business are the runs they would be alone: nothing of it is changed by any of them."""

import pytest

from harness import comparison
from harness.agreed import agree
from harness.comparison import Task, perform
from harness.layers import BUILT_IN
from harness.replication import replicate, replicate_agreed
from scenarios.load import load
from scenarios.resolved import dump

TROUBLED = load("quarter-end-spike", ["business.contracts=40", "calendar.lead_in=2 d"])
LAYERS = ("event-driven", "point-to-point", "process-orchestration:idempotency=none")


def told(document):
    return {name: value for name, value in document.items() if name != "wall_s"}


@pytest.fixture(scope="module")
def agreed():
    return agree(TROUBLED, 3)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_run_of_a_business_that_others_ran_before_is_the_run_of_a_fresh_one(agreed, layer):
    for other in LAYERS:
        replicate_agreed(agreed, other)

    assert told(replicate_agreed(agreed, layer).document) == told(replicate(TROUBLED, layer, 3).document)


def test_no_layer_changes_what_was_agreed_or_expected(agreed):
    for layer in BUILT_IN:
        replicate_agreed(agreed, layer)

    assert agree(TROUBLED, 3) == agreed


def test_the_layers_of_a_seed_draw_its_business_up_once(monkeypatch):
    drawn = []
    monkeypatch.setattr(comparison, "agree", lambda scenario, seed: drawn.append(seed) or agree(scenario, seed))
    text = dump(load("calm-month", ["business.contracts=8", "calendar.lead_in=0 d"]))

    for seed in (0, 1):
        for layer in LAYERS:
            perform(Task(text, layer, seed))

    assert drawn == [0, 1]
