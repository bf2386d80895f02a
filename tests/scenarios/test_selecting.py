"""`business.only`: a few contracts of a business, which are what they are among all the others, and their customers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.compile import calendar_of
from scenarios.errors import ScenarioError
from scenarios.load import load
from scenarios.workload import generate

KEYS = tuple(f"C-{number:06}" for number in range(1, 21))


def drawn(only=None, scenario="services-company-quarter", seed=3):
    overrides = [f"business.only=[{', '.join(only)}]"] if only else []
    loaded = load(scenario, ["business.contracts=20", *overrides])
    return generate(loaded, calendar_of(loaded), seed)


@given(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True))
def test_what_is_chosen_is_what_it_is_among_all_others(only):
    every, chosen = drawn(scenario="subscription-company-quarter"), drawn(only, "subscription-company-quarter")

    assert set(chosen.contracts()) == set(only)
    for truth in (every, chosen):
        acts = [act for act in truth.acts if act.contract and act.contract.key in only]
        done = [act for act in truth.acts if act.fulfilment and act.fulfilment.contract in only]
        assert (acts, done) == (
            [act for act in chosen.acts if act.contract],
            [act for act in chosen.acts if act.fulfilment],
        )


def test_its_customers_come_with_it_and_no_others():
    only = ["C-000002", "C-000009"]
    chosen = drawn(only, "customer-master-data")

    opened = {act.account.key: act.account for act in chosen.acts if act.account}
    opened |= {account.key: account for account in chosen.opening_accounts}
    of_contracts = {contract.account for contract in chosen.contracts().values()}
    assert of_contracts <= set(opened)
    assert {account.parent for account in opened.values()} <= {*opened, ""}
    assert set(opened) <= of_contracts | {account.parent for account in opened.values()}


def test_a_contract_that_there_is_not_is_refused_with_the_nearest():
    with pytest.raises(ScenarioError, match=r"business.only: found C-00009, .* did you mean C-0"):
        drawn(["C-00009"])
