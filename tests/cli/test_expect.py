"""`--expect`: thresholds on the command line, and the words that say when they have to hold."""

import json

import pytest

from harness.endings import FAILED, HELD, INVALID, UNCHECKED
from tests.cli.command_line import SCENARIO

LATE = """\
faults:
  - {kind: outage, system: erp, from: 2026-05-31 00:00, for: 8 d 18 h, silent: true, name: down to the end}
"""


def test_what_is_expected_is_added_to_what_the_scenario_expects(tieout, here):
    (here / "tiny.yaml").write_text(f"{SCENARIO}expect: {{duplicates: ['== 0']}}\n")

    done = tieout("run", "tiny.yaml", "--json", "--expect", "event_lag.p99 < 15 min", "--expect", "duplicates <= 3")

    assert done.status == HELD
    names = [each["name"] for each in json.loads(done.out)["expectations"]]
    assert names == ["duplicates == 0", "duplicates <= 3", "event_lag p(99) < 15 min"]


def test_a_file_says_it_in_the_same_words(tieout, here):
    (here / "tiny.yaml").write_text(f"{SCENARIO}expect: {{event_lag.p99: ['< 15 min'], event_lag: ['p99 < 15 min']}}\n")

    done = tieout("run", "tiny.yaml", "--json", "--expect", "event_lag.p99 < 15 min")

    assert done.status == HELD
    assert [each["name"] for each in json.loads(done.out)["expectations"]] == ["event_lag p(99) < 15 min"]


@pytest.mark.parametrize("written", ["event_lag.p99 < 15", "eventualy missing == 0", "duplicates == 0.5"])
def test_a_mistake_quotes_what_was_written(tieout, here, written):
    done = tieout("run", "calm-month", "--expect", written)

    assert done.status == INVALID
    assert written.split()[0] in done.err
    assert "p(99)" not in done.err


def test_it_fails_the_run_like_any_other(tieout, here):
    (here / "tiny.yaml").write_text(SCENARIO)

    done = tieout("run", "tiny.yaml", "--expect", "api_calls == 1")

    assert done.status == FAILED
    assert "broke api_calls == 1" in done.out


def test_a_mistake_is_told_with_its_remedy(tieout):
    done = tieout("run", "calm-month", "--expect", "duplicate == 0")

    assert done.status == INVALID
    assert "'--expect'" in done.err
    assert "did you mean 'duplicates'?" in done.err


def test_what_must_come_about_sometimes_needs_one_of_the_runs(tieout, here):
    (here / "tiny.yaml").write_text(SCENARIO)
    seen = json.loads(tieout("compare", "tiny.yaml", "--layers", "event-driven", "--seeds", "3", "--json").out)
    calls = [run["metrics"]["api_calls"] for run in seen["runs"]]
    most = max(sum(each.values()) for each in calls)
    assert [sum(each.values()) for each in calls].count(most) < 3, "else it tells nothing"

    compare = ("compare", "tiny.yaml", "--layers", "event-driven", "--seeds", "3", "--expect")
    assert tieout(*compare, f"sometimes api_calls == {most}").status == HELD
    assert tieout(*compare, f"api_calls == {most}").status == FAILED
    never = tieout(*compare, "sometimes duplicates > 0")
    assert never.status == FAILED
    assert "broke duplicates sometimes > 0" in never.out


def test_what_must_come_in_the_end_is_not_asked_while_something_is_still_broken(tieout, here):
    (here / "tiny.yaml").write_text(SCENARIO.replace("contracts: 12", "contracts: 3") + LATE)

    done = tieout("run", "tiny.yaml", "--layer", "event-driven", "--expect", "eventually missing == 0")

    assert done.status == HELD
    assert "'missing eventually == 0' was not judged: down to the end still struck on the run's last day" in done.err
    assert tieout("run", "tiny.yaml", "--strict", "--expect", "eventually missing == 0").status == UNCHECKED
    assert tieout("run", "tiny.yaml", "--expect", "missing == 0").status == FAILED
