"""A layer that never waits holds up no run and no hunt: it is told which it is, and what to do."""

import pytest

from harness import simulation
from harness.hunting import trying
from harness.hunting.findings import ENDS
from harness.hunting.trying import tried
from harness.sweeps.trial import Trial
from sim.patience import Patience

ERP_REFUSES = "{kind: outage, system: erp, from: 2026-01-30 00:00, for: 30 h}"


@pytest.mark.parametrize(
    ("layer", "told"),
    [("Spinning", "code runs on and on"), ("Polling", "at one instant"), ("Hammering", "so far")],
)
def test_a_layer_that_never_waits_is_a_find(layer, told, monkeypatch):
    monkeypatch.setattr(trying, "PATIENCE_CPU_S", 0.3)
    monkeypatch.setattr(simulation, "patience_for", lambda truth: Patience(at_once=1 << 17, in_all=1 << 18))
    name = f"tests.mutants.waiting:{layer}"

    (finding,) = tried((Trial(name, faults=(ERP_REFUSES,)), ())).findings
    assert (finding.expectation, finding.way) == (ENDS, "it never waits")
    assert name in finding.told and told in finding.told and "sleep" in finding.told


def test_an_error_is_told_by_its_kind_and_its_function_wherever_the_layer_lies():
    name = "tests.harness.hunting.layers"

    (finding,) = tried((Trial(f"{name}:Raises"), ())).findings
    assert (finding.expectation, finding.way) == (ENDS, f"RuntimeError in {name}.Raises.start")
    assert finding.told == f"{name}:Raises: {finding.way}"


def test_what_we_fail_to_draw_up_or_to_judge_is_no_find_and_ends_no_hunt(monkeypatch):
    def fails(*_, **__):
        raise AssertionError("a price that nothing is promised for")

    monkeypatch.setattr(trying, "audit", fails)
    judged = tried((Trial("event-driven"), ()))
    monkeypatch.setattr(trying, "agreed", fails)
    drawn_up = tried((Trial("event-driven"), ()))

    for result in (judged, drawn_up):
        assert result.findings == () and "nothing is promised for" in result.at_fault
