"""The command `tieout hypotheses`."""

import json

import pytest

from harness.hypotheses import HYPOTHESES, Hypothesis
from harness.hypotheses.capped import Burst, ThroughputCap


def test_the_list_names_every_hypothesis_and_measures_nothing(tieout, monkeypatch):
    monkeypatch.setattr("harness.hypotheses.hypothesis.findings", None)
    done = tieout("hypotheses", "--list")

    assert (done.status, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()] == [one.id for one in HYPOTHESES]


def test_the_list_as_a_document_has_the_claims(tieout):
    done = tieout("hypotheses", "h12", "--list", "--json")
    (listed,) = json.loads(done.out)["hypotheses"]

    assert (listed["id"], listed["also"], listed["about"]) == ("H12", [], "retries multiply")
    assert listed["claims"][0].startswith("calls for one request, 5 layers of 3 tries")


def test_an_interrupted_run_tells_what_was_finished(tieout, monkeypatch):
    def interrupting(work, tasks, jobs):
        yield work(tasks[0])
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.commands.hypotheses.each_result", interrupting)
    done = tieout("hypotheses", "H12", "--jobs", "1", "--quiet")

    assert done.status == 130
    assert done.out.splitlines()[-1] == "1 hypothesis, 1 claim: 1 held"
    assert done.err == "tieout: interrupted: 1 of 5 cases were measured, nothing was written\n"
    assert json.loads(tieout("hypotheses", "H12", "--jobs", "1", "--quiet", "--json").out)["complete"] is False


def test_interrupted_before_anything_was_finished_it_tells_nothing(tieout, monkeypatch):
    def interrupting(work, tasks, jobs):
        yield from ()
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.commands.hypotheses.each_result", interrupting)
    done = tieout("hypotheses", "H12", "--jobs", "1", "--quiet")

    assert (done.status, done.out) == (130, "")
    assert "interrupted: nothing was written" in done.err


def test_what_holds_is_told_with_its_numbers(tieout):
    done = tieout("hypotheses", "H12", "h25", "--jobs", "1", "--quiet")

    assert (done.status, done.err) == (0, "")
    assert "H12: retries multiply" in done.out
    assert "predicted 243        measured 243 exact" in done.out
    assert "H25: no system has a daily quota" in done.out.partition("Cannot be tested")[2]
    assert "held" in done.out.splitlines()[-1]


def test_the_document_has_every_claim(tieout):
    done = tieout("hypotheses", "H25", "h12", "--json", "--quiet", "--jobs", "2")
    document = json.loads(done.out)

    assert document["schema"] == "tieout.hypotheses/1"
    entries = document["hypotheses"]
    assert {entry["id"] for entry in entries} == {"H12", "H25"}
    burst, *_, quota = (entry for entry in entries if entry["id"] == "H25")
    assert (burst["predicted"], burst["measured"], burst["low"], burst["high"], burst["held"]) == (18, 18, 18, 18, True)
    assert (quota["measured"], quota["low"], quota["high"], quota["held"]) == (None, None, None, None)
    assert "daily quota" in quota["remark"]


@pytest.fixture
def one_wrong(monkeypatch):
    """Hypotheses of which one is wrong."""

    class Wrong(Burst):
        def predict(self):
            return {claim: number + 1 for claim, number in super().predict().items()}

    wrong = Hypothesis(id="H25", about="one too many", cases=(Wrong(per_second=10, burst=5, calls=10),))
    right = Hypothesis(id="H13", about="as it is", cases=(ThroughputCap(slots=2, service_s=60),))
    monkeypatch.setattr("harness.hypotheses.HYPOTHESES", (right, wrong))


def test_one_that_does_not_hold_ends_with_1(tieout, one_wrong):
    done = tieout("hypotheses", "--jobs", "1", "--quiet")

    assert done.status == 1
    assert "NOT HELD" in done.out
    assert done.out.splitlines()[-1] == "2 hypotheses, 2 claims: 1 held, 1 not held"


def test_an_unknown_one_ends_with_2_and_names_one_that_is_near(tieout):
    done = tieout("hypotheses", "H33")

    assert (done.status, done.out) == (2, "")
    assert "no such hypothesis 'H33'" in done.err and "tieout hypotheses --list" in done.err


def test_progress_goes_to_standard_error(tieout):
    done = tieout("hypotheses", "H12", "--jobs", "1")

    assert "100%" in done.err
    assert "100%" not in done.out
