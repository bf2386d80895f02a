"""What of a business cannot act is remarked on, with what it lacks."""

import pytest

from scenarios import library
from scenarios.idle import idle
from scenarios.load import load


def remarks(*overrides):
    return list(idle(load("calm-month", overrides).business))


def test_a_ramp_needs_a_second_year():
    assert remarks("business.ramp={}", "business.terms={12: 1, 24: 0}") == [
        "business.ramp changes nothing: no contract has a second year; give business.terms one of 24 months"
    ]
    assert remarks("business.ramp={}", "business.terms={12: 1, 24: 1}") == []


def test_a_rule_of_revenue_needs_what_it_is_about():
    rule = "business.revenue_policies=[{from: 2026-01-10, setup_distinct: false}]"
    assert remarks(rule) == [
        "business.revenue_policies changes nothing: it is about set-up, and none is sold; add business.setup"
    ]
    assert remarks(rule, "business.setup={}") == []


@pytest.mark.parametrize("name", library.names())
def test_no_scenario_of_the_library_asks_for_what_cannot_act(name):
    assert list(idle(load(name).business)) == []
