"""A hunt finds planted bugs, makes them small, and keeps what runs again anywhere; it goes the same way each time."""

import pytest
import yaml

from harness.endings import Invalid
from harness.hunting.candidates import ground
from harness.hunting.faults import read, write
from harness.hunting.findings import SAFE, WHOLE
from harness.hunting.search import ROUND, Hunt, search
from harness.hunting.shrink import Shrinking
from harness.hunting.trophy import read_token, trophy
from harness.hunting.trying import tried
from harness.sweeps.trial import Trial
from scenarios.load import loads
from tests.mutants import BUGS

LAYERS = {bug.name: bug.layer for bug in BUGS}
FOUND = ("key-from-the-clock", "takes-errors-for-success", "dedupes-by-contract", "inbox-in-memory", "posts-by-utc")
"""Bugs that come out at a lost answer, a failing system, no fault at all, two faults together, a late hour."""


def hunted(layer, runs, seed=0, jobs=1):
    hunt = Hunt(ground(layer, "two-contracts", (), seed))
    search(hunt, jobs, lambda hunt: hunt.runs < runs)
    return hunt


def shrunk(hunt):
    found, finding = hunt.found
    shrinking = Shrinking(found, finding, lambda trials: (tried((each, ())) for each in trials), lambda what: None)
    return shrinking.run(), shrinking.finding


@pytest.mark.parametrize("name", FOUND)
def test_a_planted_bug_is_found_made_small_and_breaks_the_same_way_from_its_file(name):
    hunt = hunted(LAYERS[name], 400)
    small, finding = shrunk(hunt)
    bug = next(bug for bug in BUGS if bug.name == name)

    assert len(small.contracts) <= 3 and len(small.trial.faults) <= 2
    assert set(finding.kinds) <= set(bug.breaks) or finding.expectation in {SAFE, WHOLE}
    kept = trophy(small.trial, finding, ())
    text = kept.file()
    again = loads(text, "found.yaml")
    assert again.expect == {f"breaks.{kind}": ("== 0",) for kind in finding.kinds}
    assert again == kept.scenario
    said = read_token(kept.token())
    assert (said.layer, said.seed) == (kept.layer, kept.seed)
    assert loads(said.scenario, "token") == kept.scenario
    compile(kept.test(), "test_found.py", "exec")


def test_a_correct_layer_gives_no_alarm():
    hunt = hunted("event-driven", 5 * ROUND)

    assert hunt.found is None and hunt.runs == 5 * ROUND
    assert len(hunt.places) > 200 and len(hunt.corpus) > 20


def test_the_same_seed_hunts_the_same_way_on_any_number_of_processes():
    one, two = (hunted("event-driven", 4 * ROUND, jobs=jobs) for jobs in (1, 2))

    assert (one.places, one.corpus) == (two.places, two.corpus)
    assert hunted("event-driven", ROUND, seed=1).corpus != hunted("event-driven", ROUND).corpus


def test_what_is_said_of_a_fault_is_read_and_written_back():
    text = (
        "{kind: lost_response, system: erp, from: 2026-01-30 09:03, for: 6 h, share: 0.25, operations: [post_document]}"
    )

    assert write(read(text)) == text
    assert yaml.safe_load(write(read("{kind: outage, system: erp, silent: true}"))) == {
        "kind": "outage", "system": "erp", "silent": True,
    }  # fmt: skip


def test_smaller_faults_are_smaller():
    fault = read("{kind: brownout, system: erp, from: 2026-01-30 09:03, for: 8 min, slow: 8, fail_share: 0.5}")

    halves = [write(each) for each in fault.halved()]
    assert ["from: 2026-01-30 09:03, for: 4 min" in halves[0], "from: 2026-01-30 09:07, for: 4 min" in halves[1]] == [
        True,
        True,
    ]
    assert [each.fields["slow"] for each in fault.weaker()] == [4, 8]
    assert list(read("{kind: outage, system: erp, from: 2026-01-30 09:03, for: 1 min}").halved()) == []


def test_a_trial_that_is_no_scenario_has_been_nowhere():
    result = tried((Trial("event-driven", overrides=("business.contracts=no",)), ()))

    assert (result.findings, result.places) == ((), ())


def test_a_token_that_was_cut_is_refused():
    with pytest.raises(Invalid, match="copy the whole of it"):
        read_token("tieout1-eNpVU8uO2zAM")
