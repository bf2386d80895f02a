"""Customers entered twice, families of companies, and what changes in them."""

from collections import Counter

from scenarios.compile import calendar_of
from scenarios.schema import Scenario
from scenarios.workload import generate


def truth_of(seed=0, contracts=400, **data):
    scenario = Scenario(name="s", business={"contracts": contracts, "active_share": 1, "customer_data": data})
    calendar = calendar_of(scenario)
    return generate(scenario, calendar, seed), calendar


def opened(truth):
    acts = [act.account for act in truth.acts if act.account and act.account.version == 1]
    return {account.key: account for account in (*truth.opening_accounts, *acts)}


def test_accounts_of_one_party_bear_one_name_in_one_entity():
    accounts = opened(truth_of(duplicate_share=0.1)[0])
    parties = Counter(account.party for account in accounts.values() if account.party)

    assert len(parties) > 20 and min(parties.values()) == 2
    for party in parties:
        assert len({(one.name, one.entity) for one in accounts.values() if one.party == party}) == 1


def test_whoever_belongs_to_a_company_belongs_to_one_that_is_a_customer():
    accounts = opened(truth_of(parent_share=0.3)[0])
    children = [account for account in accounts.values() if account.parent]

    assert len(children) > 50
    assert all(child.parent in accounts and child.parent != child.key for child in children)


def test_what_changes_is_a_name_or_a_parent_after_the_opening():
    truth, calendar = truth_of(changes_per_account=0.3, parent_share=0.3)
    before = opened(truth)
    changes = [act for act in truth.acts if act.account and act.account.version == 2]
    opened_us = {act.account.key: act.at_us for act in truth.acts if act.account and act.account.version == 1}

    assert len(changes) > 50
    for act in changes:
        was = before[act.account.key]
        assert (act.account.name, act.account.parent) != (was.name, was.parent)
        assert (act.account.party, act.account.entity) == (was.party, was.entity)
        assert opened_us.get(act.account.key, -1) < act.at_us < calendar.quarter_end_us


def test_none_of_it_changes_what_is_signed():
    plain, _ = truth_of(duplicate_share=0, parent_share=0, changes_per_account=0)
    rich, _ = truth_of(duplicate_share=0.2, parent_share=0.2, changes_per_account=0.2)

    assert plain.contracts() == rich.contracts()


def test_a_project_may_be_for_what_erp_does_not_know():
    business = {"contracts": 5, "services": {"projects": 30}, "exceptions": {"unmapped_product": 1}}
    scenario = Scenario(name="s", business=business)
    truth = generate(scenario, calendar_of(scenario), 0)
    sold = {one.key: {each.product for each in one.deliverables} for one in truth.contracts().values()}
    lacking = [gap.key.split(" ", 1) for gap in truth.gaps]

    assert any(key.startswith("S-") for key, _ in lacking)
    assert all(product in sold[key] for key, product in lacking if key.startswith("S-"))
