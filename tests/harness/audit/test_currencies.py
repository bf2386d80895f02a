"""A group whose contracts are carried in the group's own currency: every number is right, and none is worth it."""

from harness.replication import replicate
from scenarios.load import load
from tests.mutants.contents import DefaultsTheCurrency

COPIES = {"subscription", "order", "revenue_contract"}


def test_contracts_that_are_all_carried_in_dollars_are_told_where_they_are_and_what_came_of_them():
    overrides = ("business.contracts=20", "business.acquisition.contracts=6")
    layer = f"{DefaultsTheCurrency.__module__}:{DefaultsTheCurrency.__name__}"
    done = replicate(load("acquisition-mid-quarter", overrides), layer, 1)
    found, contracts = done.audit, done.expected.contracts
    theirs = {key for key, contract in contracts.items() if contract.currency != "USD"}
    carried = {key for key in theirs if done.expected.agreed_us[key, contracts[key].version] >= 0}

    assert found.unexplained == {}
    assert {one.kind for one in found.breaks} == {"wrong_currency"}
    assert {one.actual for one in found.breaks} == {"USD"}
    assert {one.expected for one in found.breaks} == {one.currency for one in found.breaks} == {"EUR", "GBP"}
    assert {(one.record, one.key) for one in found.breaks if one.record in COPIES} == {
        (record, key) for record in COPIES for key in carried
    }
    wrong = {one.id for one in done.books.invoices if one.contract in theirs and one.currency == "USD"}
    wrong |= {one.id for one in done.books.recognitions if one.contract in theirs and one.currency == "USD"}
    assert wrong == {one.key for one in found.breaks if one.record not in COPIES}
    assert all(one.amount_minor and one.cause == "layer" for one in found.breaks)
