"""Which scenario, layers and seeds a command line means."""

import json

import pytest

from harness.layers import BUILT_IN
from harness.switches import FACADE
from tests.cli.command_line import SMALL


@pytest.fixture
def told(tieout):
    """The document that a small calm month ends in."""

    def run(*arguments):
        done = tieout(*arguments, "--json", "--quiet", *SMALL)
        assert done.status == 0, done.err
        return json.loads(done.out)

    return run


def test_a_run_takes_the_durable_layer_and_the_scenarios_seed(told):
    document = told("run", "calm-month", "--set", "seed=6")

    assert (document["layer"], document["seed"]) == ("event-driven", 6)
    assert document["layer_options"] == {
        "idempotency": "key", "inbox": "on", "gate": "version", "attempts": "unlimited", "journal": "on",
        "dead_letters": "on", "hub": "off", "late_posting": "today", "capture": "webhook",
        **dict.fromkeys(FACADE, "off"),
    }  # fmt: skip


def test_a_run_with_a_cutover_begins_with_the_layer_that_it_is_from(told):
    cutover = ("--set", "cutover={from: point-to-point, to: hybrid, at: 2026-05-18 12:00}")

    assert told("run", "calm-month", *cutover)["layer"] == "point-to-point"
    assert told("run", "calm-month", *cutover, "--layer", "canonical-hub")["layer"] == "canonical-hub"


def test_the_seed_of_the_command_line_comes_before_that_of_the_environment(told, monkeypatch):
    monkeypatch.setenv("TIEOUT_SEED", "5")

    assert told("run", "calm-month")["seed"] == 5
    assert told("run", "calm-month", "--seed", "7")["seed"] == 7


def test_a_run_may_be_told_of_jobs_and_needs_one(told):
    assert told("run", "calm-month", "--jobs", "4")["fingerprint"] == told("run", "calm-month")["fingerprint"]


def test_a_layers_options_are_taken_and_told(told):
    document = told("run", "calm-month", "--layer", "event-driven:inbox=off,gate=none")

    assert document["layer"] == "event-driven:inbox=off,gate=none"
    assert document["layer_options"] == {
        "idempotency": "key", "inbox": "off", "gate": "none", "attempts": "unlimited", "journal": "on",
        "dead_letters": "on", "hub": "off", "late_posting": "today", "capture": "webhook",
        **dict.fromkeys(FACADE, "off"),
    }  # fmt: skip


LAYERS = {
    "all": list(BUILT_IN),
    "event-driven": ["event-driven"],
    "event-driven,point-to-point": ["event-driven", "point-to-point"],
    "event-driven:inbox=off,gate=none,point-to-point": ["event-driven:inbox=off,gate=none", "point-to-point"],
    "event-driven,event-driven:idempotency=none": ["event-driven", "event-driven:idempotency=none"],
}


@pytest.mark.parametrize("asked", LAYERS)
def test_the_layers_of_a_comparison(told, asked):
    # Managed batch is late by nature: nothing is expected of how soon things arrive.
    late = ("--set", "expect={duplicates: ['== 0']}")
    document = told("compare", "calm-month", "--layers", asked, "--seed", "0", "--jobs", "1", *late)

    assert list(document["layers"]) == LAYERS[asked]


def test_a_comparison_takes_layers_and_seeds_from_the_scenario(told):
    document = told("compare", "calm-month", "--jobs", "1", "--set", "compare={layers: [event-driven], seeds: 3}")

    assert list(document["layers"]) == ["event-driven"]
    assert document["settings"]["seeds"] == [0, 1, 2]


def test_a_field_is_overridden_as_if_the_file_had_said_so(told, here):
    document = told("run", "calm-month", "--set", "business.contracts=15", "--out", "mine")

    assert document["truth"]["contracts"] == 12, "SMALL comes last, and the last word counts"
    assert "contracts: 12" in (here / "mine" / "scenario.yaml").read_text()
