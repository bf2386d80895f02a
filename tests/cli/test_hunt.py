"""`tieout hunt` and `tieout replay`: what they print, write and end with."""

import json
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.endings import FAILED, HELD, INVALID, SURROUNDINGS, UNCHECKED
from harness.hunting import trying

BROKEN = ("hunt", "two-contracts", "--layer", "event-driven:idempotency=none", "--runs", "64", "--jobs", "1")
HELD_ALL = ("hunt", "two-contracts", "--layer", "event-driven", "--runs", "2", "--jobs", "1")


def test_a_find_is_told_written_and_fails_again_from_its_file_and_its_token(tieout, here):
    done = tieout(*BROKEN, "--json")

    assert done.status == FAILED
    found = json.loads(done.out)["found"]
    assert found["contracts"] <= 3 and len(found["faults"]) <= 2
    assert (here / found["scenario_file"]).is_file()
    assert len(list((here / "hunts").glob("test_*.py"))) == 1
    replay = found["replay"].split()[1:]
    first, again = tieout(*replay, "--json"), tieout(*replay, "--json")
    assert first.status == again.status == FAILED
    assert json.loads(first.out)["fingerprint"] == json.loads(again.out)["fingerprint"]
    assert tieout("replay", found["token"]).status == FAILED
    assert tieout("replay", found["token"], "--layer", "event-driven").status == HELD
    kept = {file.name: file.read_text() for file in (here / "hunts").glob("*.yaml")}
    assert len(kept) == 2, "the token's is beside the hunt's, which says more, and the same each time"
    assert Path(found["scenario_file"]).name in kept


def test_nothing_found_is_told_and_the_search_goes_on_from_there(tieout, here):
    hunt = ("hunt", "two-contracts", "--layer", "event-driven", "--runs", "16", "--jobs", "1")

    first = tieout(*hunt)
    assert first.status == HELD and "nothing found in 16 runs" in first.out
    again = tieout(*hunt)
    assert "goes on after 16 runs" in again.err and "nothing found in 32 runs" in again.out
    (folder,) = (here / ".tieout" / "hunts").iterdir()
    other = tieout(*hunt, "--seed", "1", "--corpus", folder)
    assert other.status == INVALID and "is another hunt's, whose seed differs" in other.err


@pytest.mark.parametrize("more", [("--seed", "1"), ("--set", "business.contracts=3"), ("--without", "poison")])
def test_another_hunt_of_the_layer_has_a_folder_of_its_own(tieout, more):
    hunt = ("hunt", "two-contracts", "--layer", "event-driven", "--runs", "1", "--jobs", "1")

    for arguments in (hunt, (*hunt, *more)):
        done = tieout(*arguments)
        assert done.status == HELD and "nothing found in 1 run," in done.out


def test_what_many_runs_hold_together_is_hunted_for_by_its_contrary(tieout):
    done = tieout("hunt", "calm-month", "--layer", "event-driven", "--expect", "sometimes retries > 0")

    assert done.status == INVALID
    assert "hunt for the contrary, such as 'retries == 0'" in done.err


@pytest.mark.parametrize("minutes", ["nan", "inf", "0", "-1", "1e300"])
def test_a_time_that_is_none_is_refused(tieout, minutes):
    done = tieout("hunt", "two-contracts", "--layer", "event-driven", "--minutes", minutes)

    assert done.status == INVALID and "--minutes" in done.err


def test_an_expectation_of_ones_own_is_hunted_for(tieout):
    done = tieout(
        "hunt", "two-contracts", "--layer", "event-driven", "--expect", "event_lag.max < 1 h", "--runs", "64",
        "--jobs", "1", "--json",
    )  # fmt: skip

    assert done.status == FAILED
    found = json.loads(done.out)["found"]
    assert found["expectation"] == "event_lag max < 1 h"
    assert re.fullmatch(r"event_lag max < 1 h: seen [\d.]+ (h|d)", found["told"])


def test_commands_are_quoted_as_a_shell_wants_them(tieout, here):
    done = tieout(*BROKEN, "--out", "hu nts'ü", "--json")

    found = json.loads(done.out)["found"]
    assert shlex.split(found["replay"])[2] == found["scenario_file"]
    assert (here / found["scenario_file"]).is_file()


def test_what_ci_reads_has_the_find_and_how_to_see_it_again(tieout, here):
    done = tieout(*BROKEN, "--junit-xml", "hunt.xml", "--github-summary", "hunt.md", "--json")

    found = json.loads(done.out)["found"]
    suite = ElementTree.parse(here / "hunt.xml").getroot()[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == (
        "hunt.event-driven:idempotency=none",
        "3",
        "1",
    )
    (failure,) = suite.iter("failure")
    assert found["told"] in failure.text and found["replay"] in failure.text
    page = (here / "hunt.md").read_text()
    assert page.startswith("## ❌ FAIL: event") and "2 of 3 promises held" in page and found["replay"] in page


def test_what_held_is_in_what_ci_reads(tieout, here):
    done = tieout(*HELD_ALL, "--expect", "duplicates == 0", "--junit-xml", "hunt.xml", "--json")

    assert done.status == HELD
    document = json.loads(done.out)
    assert (document["held"], document["complete"], document["found"]) == (True, True, None)
    assert [(each["says"], each["runs"]) for each in document["promises"]] == [("duplicates == 0", 2)]
    assert 'tests="1" failures="0"' in (here / "hunt.xml").read_text()


def test_where_nothing_could_be_tried_strict_says_so(tieout, monkeypatch):
    monkeypatch.setattr(trying, "agreed", _fails)

    done, strict = tieout(*HELD_ALL), tieout(*HELD_ALL, "--strict", "--quiet")
    assert (done.status, strict.status) == (HELD, UNCHECKED)
    for each in (done, strict):
        assert "nothing was tried" in each.out and "Held" not in each.out
        assert "2 candidates were left out" in each.err
        assert "nothing was checked" in each.err
    assert "status 5" in strict.err and "status 5" not in done.err


def _fails(*_):
    raise AssertionError("a price that nothing is promised for")


def test_determinism_is_checked_first_where_that_is_asked_for(tieout):
    done = tieout(*HELD_ALL, "--check-determinism")

    assert done.status == HELD
    assert done.err.startswith("event-driven, seed 15: the same twice, fingerprint ")


def test_a_file_for_ci_that_cannot_be_written_is_told_before_any_run(tieout, here):
    done = tieout(*HELD_ALL, "--junit-xml", here)

    assert done.status == SURROUNDINGS and not (here / ".tieout").exists()


def test_a_folder_for_finds_that_is_none_is_told_before_any_run(tieout, here):
    (here / "hunts").write_text("a file")

    done = tieout(*HELD_ALL)

    assert done.status == SURROUNDINGS and not (here / ".tieout").exists()
    assert "hunts is no folder: name a folder with --out" in done.err
