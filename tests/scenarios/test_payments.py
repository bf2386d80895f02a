"""How a scenario says that customers pay: terms, punctuality, refunds; without it nobody does."""

import pytest

from scenarios.compile import habits_of
from scenarios.load import ScenarioError, loads
from scenarios.resolved import digest, dump
from sim.durations import DAY


def scenario(payments):
    return loads(f"name: s\nbusiness: {{payments: {payments}}}\n", "s.yaml")


def test_without_payments_there_are_no_habits_and_the_digest_knows_of_none():
    plain = loads("name: s\n", "s.yaml")
    assert habits_of(plain) is None and "payments" not in dump(plain)
    assert digest(plain) != digest(scenario("{}"))


def test_an_empty_mapping_means_the_defaults():
    habits = habits_of(scenario("{}"))
    assert habits.terms == ((30, 70), (45, 20), (60, 10))
    assert habits.late_share_ppm == 200_000 and habits.refund_after_us == 14 * DAY
    assert 2.9 * DAY < habits.early_by.mean_us < 3.1 * DAY and 11 * DAY < habits.late_by.mean_us < 13 * DAY


def test_terms_may_be_due_on_receipt():
    habits = habits_of(scenario("{terms: {0: 1, 14: 3}, late_share: 1, late_by: {fixed: 2 d}, refund_after: 0 s}"))
    assert habits.terms == ((0, 1), (14, 3)) and habits.refund_after_us == 0
    assert set(habits.late_by.values) == {2 * DAY}


def test_what_is_dumped_loads_to_the_same():
    said = scenario("{terms: {0: 1}, early_by: {low: 0 s, high: 3 d}}")
    assert loads(dump(said), "again.yaml") == said


@pytest.mark.parametrize(("payments", "expected"), [
    ("{terms: {30: 0}}", "expected weights that sum to more than 0"),
    ("{terms: {400: 1}}", "expected a whole number from 0 to 365"),
    ("{late_share: 2}", "expected a number from 0 to 1"),
    ("{late: 0.1}", "found an unknown field"),
])  # fmt: skip
def test_a_mistake_is_told(payments, expected):
    with pytest.raises(ScenarioError, match=expected):
        scenario(payments)
