"""Amounts that can be added up: what a scenario may come to at most fits 64 bits, whatever its seed draws."""

import pytest

from harness.replication import replicate
from scenarios.errors import ScenarioError
from scenarios.load import load

SMALL = ("business.contracts=20", "calendar.lead_in=0 d")

TOO_LARGE = {
    "usage.rate": "usage={share: 1, included: 1000000, rate: 1000000, used: 100}",
    "usage.included": "usage={share: 1, included: 1000000, rate: 3000, used: 100}",
    "acv_median": "acv_median=1000000000",
    "amendments.per_contract_year": "amendments={per_contract_year: 50, burst_share: 1}",
    "services.value_median": "services={value_median: 1000000000, value_sigma: 4}",
    "services.rate": "services={rate: 1000000000, projects: 1000000}",
}
OTHERWISE = {
    "acv_median": ("business.acv_sigma=4",),
    "amendments.per_contract_year": ("calendar.lead_in=366 d",),
}


@pytest.mark.parametrize("field", TOO_LARGE)
def test_more_than_can_be_added_up_is_refused_at_the_field_to_lower(field):
    with pytest.raises(ScenarioError) as caught:
        load("calm-month", [*SMALL, *OTHERWISE.get(field, ()), f"business.{TOO_LARGE[field]}"])

    (mistake,) = caught.value.mistakes
    assert mistake.field == f"business.{field}"
    assert "at most 1e+16 currency units" in mistake.expected
    assert "lower" in mistake.remedy


AS_MUCH_AS_MAY_BE = {
    "usage": ("business.usage={share: 1, included: 1000000, rate: 15, used: 100, used_sigma: 0.5}",),
    "contracts": ("business.acv_median=4000000", "business.acv_sigma=4", "business.payments={}"),
    "amendments": ("business.amendments={per_contract_year: 50, burst_share: 0.5}",),
    "projects": ("business.services={value_median: 5000000, value_sigma: 4}",),
}


@pytest.mark.parametrize("of", AS_MUCH_AS_MAY_BE)
@pytest.mark.parametrize("seed", [0, 1])
def test_as_much_as_may_be_ties_out(of, seed):
    run = replicate(load("calm-month", [*SMALL, *AS_MUCH_AS_MAY_BE[of]]), "event-driven", seed)

    assert run.audit.breaks == ()


def test_a_million_contracts_of_the_usual_size_may_be_signed():
    said = ("business.contracts=1000000", "business.active_share=20", "business.usage={}", "business.services={}")

    assert load("quarter-end-spike", said).business.contracts == 1_000_000


def test_no_span_is_so_long_that_instants_have_no_room_for_it():
    with pytest.raises(ScenarioError) as caught:
        load("calm-month", ["systems.billing.latency={median: 3660 d, sigma: 4}"])

    assert caught.value.mistakes[0].field == "systems.billing.latency.sigma"
    assert load("calm-month", ["systems.billing.latency={median: 4 h, sigma: 4}"])
