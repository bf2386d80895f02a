"""A layer that never waits: a run of it is at fault, and says what to do; a hunt has found something."""

import json

import pytest

from harness import simulation
from harness.endings import AT_FAULT, FAILED
from sim.patience import Patience

POLLING = "tests.mutants.waiting:Polling"


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch):
    monkeypatch.setattr(simulation, "patience_for", lambda truth: Patience(at_once=1 << 16))


def test_a_run_says_which_layer_it_is_and_what_to_do(tieout):
    done = tieout("run", "two-contracts", "--layer", POLLING)

    assert done.status == AT_FAULT
    assert POLLING in done.err and "have it sleep between two rounds" in done.err
    assert "Traceback" not in done.err


def test_a_hunt_finds_it(tieout):
    done = tieout("hunt", "two-contracts", "--layer", POLLING, "--runs", "16", "--jobs", "1", "--json")

    assert done.status == FAILED
    found = json.loads(done.out)["found"]
    assert found["way"] == "it never waits"
    assert (len(found["faults"]), found["contracts"]) == (0, 1)
