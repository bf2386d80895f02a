"""Each exit status of the contract is reached, and says what it says. 130 is in test_interrupts."""

from pathlib import Path

import pytest

from harness.endings import AT_FAULT, FAILED, HELD, INVALID, SURROUNDINGS, UNCHECKED
from harness.simulation import BooksWatch
from sim.errors import InvariantBroken
from tests.cli.command_line import SCENARIO, SMALL

SILENT = """\
faults:
  - {kind: outage, system: billing, from: 2026-05-31 03:00, for: 1 min, name: outage at night}
"""
"""A planned outage of a minute, at night on a Sunday, when nobody signs and no bill runs."""

ONE_RUN = ("compare", "--layers", "event-driven", "--seed", "0")

EXPECTED = "expect: {duplicates: ['== 0'], missing: ['== 0']}\n"


@pytest.fixture
def scenario(here):
    """Writes `tiny.yaml`, with what is added to it."""

    def write(added=""):
        (here / "tiny.yaml").write_text(SCENARIO + added)
        return "tiny.yaml"

    return write


@pytest.mark.parametrize("command", [("run",), ONE_RUN], ids=lambda words: words[0])
class TestBothCommands:
    def test_0_when_every_expectation_held(self, tieout, scenario, command):
        done = tieout(*command, scenario(EXPECTED))

        assert done.status == HELD
        assert "verdict: PASS" in done.out

    def test_1_when_an_expectation_failed(self, tieout, scenario, command):
        done = tieout(*command, scenario("expect: {api_calls: ['== 1'], missing: ['== 0']}\n"))

        assert done.status == FAILED
        assert "verdict: FAIL" in done.out
        assert "replay: tieout run tiny.yaml" in done.out

    def test_0_with_a_warning_when_nothing_was_expected(self, tieout, scenario, command):
        done = tieout(*command, scenario())

        assert done.status == HELD
        assert "tieout: warning: nothing was checked" in done.err
        assert "verdict: UNCHECKED" in done.out

    def test_5_when_nothing_was_expected_and_that_is_taken_seriously(self, tieout, scenario, command):
        done = tieout(*command, scenario(), "--strict")

        assert done.status == UNCHECKED
        assert "tieout: warning: nothing was checked" in done.err

    def test_0_with_a_warning_when_a_fault_hit_nothing(self, tieout, scenario, command):
        done = tieout(*command, scenario(EXPECTED + SILENT))

        assert done.status == HELD
        assert "planned fault 'outage at night' (outage) touched nothing" in done.err
        assert "outage at night" in done.out, "the result says so, too"

    def test_5_when_a_fault_hit_nothing_and_that_is_taken_seriously(self, tieout, scenario, command):
        done = tieout(*command, scenario(EXPECTED + SILENT), "--strict", "--quiet", "--github-summary", "page.md")

        assert done.status == UNCHECKED
        assert "tieout: warning: planned fault 'outage at night' (outage) touched nothing" in done.err
        assert done.err.endswith("tieout: status 5: with --strict a warning is a failure\n")
        assert "verdict: UNCHECKED: every expectation held" in done.out
        page = Path("page.md").read_text(encoding="utf-8")
        assert page.startswith("## ⚠️ UNCHECKED: ")
        assert "no success with --strict: planned fault 'outage at night'" in page

    def test_1_comes_before_5(self, tieout, scenario, command):
        done = tieout(*command, scenario("expect: {api_calls: ['== 1']}\n" + SILENT), "--strict")

        assert done.status == FAILED

    def test_2_when_the_scenario_is_invalid(self, tieout, scenario, command):
        assert tieout(*command, scenario("expects: {}\n")).status == INVALID

    def test_3_when_a_law_of_the_simulated_world_is_broken(self, tieout, scenario, command, monkeypatch):
        def broken(watch):
            raise InvariantBroken("trial balance", "off by 1 minor unit")

        monkeypatch.setattr(BooksWatch, "check", broken)
        done = tieout(*command, scenario(EXPECTED), *(("--jobs", "1") if command[0] == "compare" else ()))

        assert (done.status, done.out) == (AT_FAULT, "")
        assert "seed 0: invariant broken: trial balance: off by 1 minor unit" in done.err
        assert "tieout: replay: tieout run tiny.yaml --layer event-driven --seed 0" in done.err
        assert "Traceback" not in done.err

    def test_4_when_the_results_cannot_be_written(self, tieout, scenario, command, here):
        (here / "taken").write_text("mine")

        done = tieout(*command, scenario(EXPECTED), "--out", "taken")

        assert (done.status, done.out) == (SURROUNDINGS, "")


def test_an_error_of_ours_is_no_failed_expectation(tieout, monkeypatch):
    def wrong(*_):
        raise KeyError("ours")

    monkeypatch.setattr("harness.commands.options.load", wrong)
    done = tieout("run", "calm-month", *SMALL)

    assert (done.status, done.out) == (AT_FAULT, "")
    assert "Traceback" in done.err
    last = done.err.splitlines()[-1]
    assert last == "tieout: internal error: KeyError('ours'): please report it, with the lines above"


def test_a_fault_that_hit_in_some_runs_only_is_told_with_the_runs_it_missed(tieout, scenario):
    rare = "faults: [{kind: lost_response, system: erp, share: 0.02}]\n"
    done = tieout("compare", scenario(EXPECTED + rare), "--layers", "event-driven", "--seeds", "3", "--jobs", "1")

    warned = [line for line in done.err.splitlines() if line.startswith("tieout: warning: planned fault")]
    assert len(warned) == 1, "a warning a fault, not one a run"
    assert " of 3 runs: event-driven seed " in warned[0]
