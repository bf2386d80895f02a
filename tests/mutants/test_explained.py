"""Each planted bug is explained: every break that it makes is traced to the mistake that it is.

Once in its trial by hand, and once in each scenario below `found/` that a hunt found and made small: `BUG.yaml`, and
`BUG--WHAT.yaml` where it shows in another way.
"""

import re
import tempfile
from pathlib import Path

import pytest

from harness.explain import explained
from harness.explain.safeguards import group_of
from harness.replication import replicate
from harness.run_tables import write_tables
from scenarios.load import load
from tests.mutants import BUGS
from tests.mutants.test_mutants import trial

FOUND = Path(__file__).parent / "found"

KNOWN = {}
"""What was explained already."""

BY_HAND = [pytest.param(bug, trial(bug, bug.layer).loaded, id=bug.name) for bug in BUGS]
BY_HUNTS = [
    pytest.param(bug, lambda file=file: load(str(file)), id=f"{file.stem}-found")
    for bug in BUGS
    for file in (FOUND / f"{bug.name}.yaml", *sorted(FOUND.glob(f"{bug.name}--*.yaml")))
    if file.exists()
]


def stories(scenario, layer):
    """What `tieout explain` says of a run with the scenario's own seed."""
    key = scenario.model_dump_json(), layer
    return KNOWN.get(key) or KNOWN.setdefault(key, explained_anew(scenario, layer))


def explained_anew(scenario, layer):
    done = replicate(scenario, layer, scenario.seed)
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), done)
        return explained(Path(folder), done.document)["stories"]


@pytest.mark.parametrize(("bug", "scenario"), BY_HAND + BY_HUNTS)
def test_every_break_is_traced_to_the_mistake_and_to_what_brought_it_out(bug, scenario):
    told = stories(scenario(), bug.layer)

    assert {story["mistake"] for story in told} <= set(bug.mistakes)
    assert {story["of"]["kind"] for story in told} & set(bug.breaks)
    assert {story["fault"]["kind"] if story["fault"] else story["of"]["cause"] for story in told} & set(bug.causes)
    if re.fullmatch(r"\w+=\w+", bug.safeguard):
        assert all(bug.safeguard in story["safeguards"] for story in told if story["mistake"] == bug.mistakes[0])
    for story in told:
        assert_told_in_full(story)


def assert_told_in_full(story):
    """Both commits of what is doubled, the last place of what is lost, and one point where it parts."""
    group = group_of(story["of"]["kind"])

    assert story["did_wrong"]
    assert sum(step["parts"] for step in story["steps"]) == bool(story["steps"])
    if group == "twice" and story["mistake"] != "added_before_it_was_done":
        assert [commit["call"] for commit in story["commits"]].count(None) == 0
        assert len(story["commits"]) == 2
    if group == "lost":
        assert story["last_seen"]


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_in_its_trial_by_hand_the_plainest_mistake_is_named(bug):
    told = stories(trial(bug, bug.layer).loaded(), bug.layer)
    plainest = [story for story in told if story["of"]["kind"] == bug.breaks[0]]

    assert bug.mistakes[0] in {story["mistake"] for story in plainest}


def test_most_bugs_have_a_scenario_that_was_found():
    assert {file.stem.partition("--")[0] for file in FOUND.glob("*.yaml")} <= {bug.name for bug in BUGS}
    assert len(BY_HUNTS) >= 20
