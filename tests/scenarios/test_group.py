"""A group and its acquisition: who belongs where, what comes when, and what a file may not say."""

import pytest
from pydantic import ValidationError

from scenarios.compile import calendar_of
from scenarios.schema import Scenario
from scenarios.workload import generate

ENTITIES = [{"name": "emea", "currency": "EUR", "share": 0.3}, {"name": "acme", "currency": "GBP", "share": 0}]
RATES = {"EUR": {"2025-12": 1.1}, "GBP": {"2025-12": 1.3}}


def grouped(**business):
    acquisition = {"entity": "acme", "at": "2026-02-17 09:00", "contracts": 40, **business.pop("acquisition", {})}
    return Scenario(name="s", business={
        "contracts": 200, "active_share": 1, "entities": ENTITIES, "rates": RATES, "acquisition": acquisition,
        **business,
    })  # fmt: skip


def truth_of(scenario, seed=0):
    calendar = calendar_of(scenario)
    return generate(scenario, calendar, seed), calendar


def test_a_contract_is_with_its_customers_entity_and_in_its_currency():
    truth, _ = truth_of(grouped())
    accounts = {one.key: one for one in truth.opening_accounts}
    accounts.update((act.account.key, act.account) for act in truth.acts if act.account)
    currencies = {"": "USD", "emea": "EUR", "acme": "GBP"}
    contracts = truth.contracts().values()

    assert {one.entity for one in contracts} == {*currencies}
    assert all(one.entity == accounts[one.account].entity for one in contracts)
    assert all(one.currency == currencies[one.entity] for one in contracts)


def test_acquired_contracts_are_alive_when_they_come_and_used_and_renewed_from_then_on():
    truth, calendar = truth_of(grouped(usage={"share": 1}, renewals={"not_renewed": 0}))
    acquired = {one.key: one for one in truth.contracts().values() if one.acquired_day}
    day = next(one.acquired_day for one in acquired.values())
    used = [act.fulfilment for act in truth.acts if act.fulfilment and act.fulfilment.contract in acquired]

    assert len(acquired) == 40 and all(one.end_day > day > one.versions[0].signed_day for one in acquired.values())
    assert used and all(one.from_day >= day for one in used)
    ended = {key for key, one in acquired.items() if one.end_day < calendar.day_of(calendar.quarter_end_us) - 30}
    assert ended and ended & {one.renews for one in truth.contracts().values()}


def test_a_backfill_of_several_weeks_takes_each_contract_over_on_the_day_that_it_comes():
    truth, calendar = truth_of(grouped(acquisition={"within": "40 d"}))
    came = [act for act in truth.acts if act.contract and act.contract.acquired_day and act.contract.version == 1]

    assert len({act.contract.acquired_day for act in came}) > 10
    assert all(act.contract.acquired_day == calendar.day_of(act.at_us) for act in came)


@pytest.mark.parametrize("at", ["2025-01-01", "2026-04-02", "2026-08-01", "2026-03-31 23:30"])
def test_an_acquisition_comes_within_the_run(at):
    with pytest.raises(ValidationError, match=r"expected an (instant|end)"):
        grouped(acquisition={"at": at})


@pytest.mark.parametrize(("business", "what"), [
    ({"acquisition": {"entity": "other"}}, "expected one of the entities: emea, acme"),
    ({"entities": [*ENTITIES, {"name": "emea"}]}, "a name that no other entity has"),
    ({"rates": {"EUR": {"2026-01": 1.1}}}, "a currency with rates"),
    ({"setup": {"discount": 1}}, "a discount of less than 1"),
    ({"setup": {"days": "0 d"}}, "at least 1 d"),
    ({"setup": {"price": 0}}, "a price above 0"),
    ({"entities": [{**ENTITIES[0], "price": 0}, ENTITIES[1]]}, "a number above 0, up to 1000"),
])  # fmt: skip
def test_what_cannot_be_is_refused(business, what):
    with pytest.raises(ValidationError, match=what):
        grouped(**business)
