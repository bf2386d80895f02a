"""The finance team and the close as a scenario has them."""

import pytest

from scenarios.compile import calendar_of, staff_of
from scenarios.errors import ScenarioError
from scenarios.load import loads
from scenarios.schema import Scenario
from sim.durations import HOUR, MINUTE


def staff(text=""):
    scenario = loads(f"name: some\n{text}", "some.yaml")
    return staff_of(scenario), scenario


def test_three_people_work_in_the_business_hours_unless_told_otherwise():
    team, scenario = staff("calendar: {business_hours: '07:30-18:00'}")
    assert team.persons == 3
    assert (team.hours.opens_minute, team.hours.closes_minute) == (450, 1080)
    assert team.hours.calendar == calendar_of(scenario)


def test_a_team_is_as_the_file_says():
    team, _ = staff("finance_team: {persons: 7, hours: '09:00-17:00', handling: {fixed: 20 min}}")
    assert (team.persons, team.hours.opens_minute, team.hours.closes_minute) == (7, 540, 1020)
    assert team.handling.draw(1 << 31) == 20 * MINUTE


def test_the_work_of_the_close_is_as_the_file_says():
    close = loads("name: some\nclose: {reconciliation: 3 h, tie_out: 90 min, sign_off: 30 min}", "some.yaml").close
    assert (close.reconciliation_us, close.tie_out_us, close.sign_off_us) == (3 * HOUR, 90 * MINUTE, 30 * MINUTE)
    assert Scenario(name="some").close.adjustment.table().draw(1 << 31) == pytest.approx(15 * MINUTE, rel=0.01)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("finance_team: {persons: 0}", "finance_team.persons: found 0, expected a whole number from 1 to 1000"),
        ("finance_team: {hours: '17:00-09:00'}", 'finance_team.hours: found "17:00-09:00", expected hours that close'),
        ("finance_team: {handling: {median: 4 h, sigma: 4}}", "expected work that is always done within a year"),
        ("close: {adjustment: {mean: 40 d}}", "expected work that is always done within a year"),
        ("close: {tie_out: 0 s}", "expected a duration above zero"),
        ("business: {exceptions: {missing_tax_code: 2}}", "expected a number from 0 to 1"),
        ("business: {exceptions: {missing_taxcode: 0.1}}", 'did you mean "missing_tax_code"?'),
    ],
)
def test_a_mistake_is_told_with_what_would_be_right(text, said):
    with pytest.raises(ScenarioError) as told:
        loads(f"name: some\n{text}", "some.yaml")
    assert said in str(told.value)
