"""Weights of a scenario file: any whole numbers, of which one at least is above 0."""

import pytest

from scenarios.errors import ScenarioError
from scenarios.load import loads


@pytest.mark.parametrize(("business", "expected"), [
    ("billing: {monthly: 0}", "business.billing: found {monthly}, expected weights that sum to more than 0"),
    ("terms: {}", "business.terms: found {}, expected weights that sum to more than 0"),
    ("payments: {terms: {30: 0}}", "business.payments.terms: found {30}, expected weights that sum to more than 0"),
    (
        "services: {milestones: 0, time_and_material: 0, fixed_price: 0, on_acceptance: 0}",
        "business.services.milestones: found 0, expected some kind of project with a weight",
    ),
    (
        "renewals: {on_time: 0, early: 0, late: 0, co_termed: 0, not_renewed: 0}",
        "business.renewals.on_time: found 0, expected some weight",
    ),
])  # fmt: skip
def test_weights_that_are_all_zero_are_refused(business, expected):
    with pytest.raises(ScenarioError) as caught:
        loads(f"name: s\nbusiness: {{{business}}}", "s.yaml")

    assert f": {expected}; give one of them a weight" in str(caught.value)


def test_a_choice_of_weight_zero_is_allowed_beside_others():
    business = loads("name: s\nbusiness: {billing: {monthly: 1, annually: 0}, terms: {12: 3}}", "s.yaml").business

    assert (business.billing, business.terms) == ({"monthly": 1, "annually": 0}, {12: 3})
