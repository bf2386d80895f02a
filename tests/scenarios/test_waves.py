"""A wave brings its changes within its hours, on top of the rest of the business, which stays as it was."""

import pytest
from pydantic import ValidationError

from scenarios.compile import calendar_of
from scenarios.schema import Scenario
from scenarios.workload import generate
from sim.durations import HOUR

RENEWALS = {"kind": "renewals", "at": "2026-03-31 14:00", "within": "3 h", "contracts": 40}
TRUE_UPS = {"kind": "true_ups", "at": "2026-03-30 18:00", "within": "2 h", "contracts": 30}


def business(*waves, **more):
    scenario = Scenario(
        name="s", calendar={"quarter_start": "2026-03-01", "months": 1},
        business={"contracts": 50, "active_share": 1, "waves": waves, **more},
    )  # fmt: skip
    return scenario, calendar_of(scenario), generate(scenario, calendar_of(scenario), 3)


def test_the_renewals_of_a_wave_are_second_contracts_of_customers_of_before():
    _, calendar, truth = business(RENEWALS)
    from_us = calendar.instant_us(calendar.day_of(calendar.quarter_end_us - 1), 14 * 60)
    renewed = [act for act in truth.acts if act.contract and act.contract.key.startswith("W1-")]
    signed = [act for act in renewed if act.contract.version == 1]
    assert len(signed) == 40
    assert all(from_us <= act.at_us < from_us + 3 * HOUR for act in signed)
    before = [contract.account for contract in truth.opening]
    assert [act.contract.account for act in sorted(signed, key=lambda act: act.contract.key)] == before[:40]


def test_true_ups_change_the_quantity_of_contracts_of_before_and_cancel_none():
    _, calendar, truth = business(TRUE_UPS, amendments={"per_contract_year": 0, "burst_share": 0})
    from_us = calendar.instant_us(calendar.day_of(calendar.quarter_end_us - 1) - 1, 18 * 60)
    amended = [act for act in truth.acts if act.contract and act.contract.version == 2]
    assert {act.contract.key for act in amended} == {contract.key for contract in truth.opening[:30]}
    assert all(from_us <= act.at_us < from_us + 2 * HOUR and act.contract.quantity for act in amended)


def test_a_wave_changes_nothing_else():
    _, _, without = business()
    for wave, letters in ((RENEWALS, "LC"), (TRUE_UPS, "LC")):
        _, _, with_it = business(wave)
        for letter in letters:
            assert [act for act in with_it.acts if act.contract and act.contract.key[0] == letter] == [
                act for act in without.acts if act.contract and act.contract.key[0] == letter
            ]


@pytest.mark.parametrize(("wave", "at"), [
    ({**RENEWALS, "contracts": 51}, ("business", "waves", "0", "contracts")),
    ({**RENEWALS, "at": "2026-04-01 14:00"}, ("business", "waves", "0", "at")),
    ({**RENEWALS, "within": "3 d"}, ("business", "waves", "0", "within")),
    ({**RENEWALS, "kind": "holidays"}, ("business", "waves", "0", "kind")),
])  # fmt: skip
def test_a_wave_that_cannot_be_is_refused(wave, at):
    with pytest.raises(ValidationError, match=at[-1]):
        business(wave)
