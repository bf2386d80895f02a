"""What a scenario may leave out can be left out, and what is so by default need not be said."""

import pytest

from scenarios import library
from scenarios.load import load, loads
from scenarios.parts import left_out
from scenarios.resolved import dump_said


def test_what_a_scenario_has_more_of_than_others_can_be_left_out():
    said = (
        "business.usage={late_share: 0}", "business.exceptions={missing_tax_code: 0.5}",
        "replays=[{at: 2026-01-30 09:00}]",
        "systems.erp.service={fixed: 1 s}", "business.waves=[]", "tie_seed=3",
    )  # fmt: skip
    scenario = load("two-contracts", said)

    parts = left_out(scenario)
    assert parts == ("systems={}", "replays=[]", "business.usage=null", "business.exceptions={}")
    assert load("two-contracts", (*said, *parts)) == load("two-contracts", ("tie_seed=3",))
    assert left_out(load("two-contracts")) == ()


@pytest.mark.parametrize("name", library.names())
def test_a_scenario_that_says_no_more_than_it_has_to_is_the_same(name):
    scenario = load(name)

    assert loads(dump_said(scenario), name) == scenario
    assert load(name, left_out(scenario)).name == name


def test_a_section_or_a_list_that_is_so_by_default_is_not_said():
    said = dump_said(load("two-contracts", ("faults=[]", "replays=[]", "business.waves=[]", "systems={}")))

    for word in ("faults", "replays", "waves", "systems", "compare"):
        assert f"{word}:" not in said, word
    assert "quarter_start: '2026-01-01'" in said  # the days of faults are read beside it
