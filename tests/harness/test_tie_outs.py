"""Whatever a business sells: without faults its books tie out to the cent under every layer, and all say the same."""

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from harness.layers import BUILT_IN
from harness.replication import replicate
from harness.statement_laws import taken_over
from scenarios.load import load, loads
from sim.errors import InvariantBroken

SIZES = {
    "acquisition-mid-quarter": ("business.contracts=30", "business.acquisition.contracts=20"),
    "rule-change-mid-period": ("business.contracts=50",),
    "renewal-wave": (
        "business.contracts=40",
        "business.waves=[{kind: renewals, at: 2026-03-31 14:00, within: 20 min, contracts: 30}]",
    ),
    "usage-surge": ("business.contracts=50",),
}


@cache
def run(name, layer):
    return replicate(load(name, [*SIZES[name], "faults=[]"]), layer, 0)


@pytest.mark.parametrize("layer", BUILT_IN)
@pytest.mark.parametrize("name", SIZES)
def test_the_books_tie_out_to_the_cent(name, layer):
    done = run(name, layer)

    assert done.audit.breaks == () or {one.kind for one in done.audit.breaks} == {"timing_difference"}
    assert done.audit.unexplained == {}
    assert done.document["truth"] == run(name, "event-driven").document["truth"]


@pytest.mark.parametrize("layer", ["event-driven", "point-to-point"])
def test_a_close_so_late_that_the_next_month_has_ended_ties_out_as_well(layer):
    late = ("calendar.quarter_start=2026-01-01", "calendar.close_business_days=20", "calendar.revenue_runs=[1, 3]")
    done = replicate(load("calm-month", ["business.contracts=10", *late]), layer, 0)

    assert (
        done.simulation.calendar.end_us
        > done.simulation.calendar.revenue_run_us(done.simulation.calendar.last_month + 1)[0]
    )
    assert done.audit.breaks == ()


def test_each_legal_entity_has_its_own_in_its_own_books_currency_and_catalogue():
    done = run("acquisition-mid-quarter", "event-driven")
    erps = done.simulation.company.erps
    entities = {contract.key: contract.entity for contract in done.expected.contracts.values()}

    assert [*erps] == ["", "emea", "acme"]
    for entity, erp in erps.items():
        assert erp.orders and all(entities[order.contract] == entity for order in erp.orders.values())
        assert {entry.currency for entry in erp.ledger.entries} == {{"": "USD", "emea": "EUR", "acme": "GBP"}[entity]}
    assert [*done.simulation.truth.items["acme"].values()] == ["ACME-0001", "ACME-0002", "ACME-0003"]


def test_what_is_acquired_on_the_first_of_a_month_is_taken_over_in_that_month():
    text = """
name: acquired
calendar: {quarter_start: 2026-03-01, months: 2, lead_in: 0 d, close_business_days: 1, revenue_runs: [1]}
business:
  contracts: 1
  active_share: 0
  entities: [{name: acme, currency: USD, share: 0}]
  acquisition: {entity: acme, at: 2026-04-01 09:00, within: 1 min, contracts: 1}
"""
    done = replicate(loads(text, "s.yaml"), "event-driven", 0)
    (opening,) = [entry for entry in done.books.journal if entry.source == "opening"]

    assert done.audit.breaks == ()
    assert (opening.period, opening.effective_day) == (12 * 2026 + 3, date(2026, 4, 1).toordinal())
    with pytest.raises(InvariantBroken, match=r"Q-000001 is off by .* in 2026-0[34]"):
        taken_over(done.statements.expected.moved, [replace(opening, period=opening.period - 1)])


def test_nothing_of_an_acquired_contract_is_billed_or_earned_for_the_days_of_its_former_owner():
    done = run("acquisition-mid-quarter", "event-driven")
    acquired = {key: one.acquired_day for key, one in done.expected.contracts.items() if one.acquired_day}
    lines = [(invoice.contract, line) for invoice in done.books.invoices for line in invoice.lines]
    first_month = min(one.month for one in done.books.recognitions if one.contract in acquired)

    assert acquired
    assert all(line.from_day >= acquired[key] or line.version > 1 for key, line in lines if key in acquired)
    assert done.simulation.calendar.first_day(first_month) <= min(acquired.values())
    assert done.simulation.calendar.end_day(first_month) > min(acquired.values())


@pytest.mark.parametrize("said", [
    ("business.acquisition.within=40 d",),
    (
        "business.acquisition={entity: acme, at: 2026-06-01 17:30, within: 5 h, contracts: 20}",
        "calendar={quarter_start: 2026-05-01, months: 2, close_business_days: 1, revenue_runs: [1]}",
    ),
], ids=["for weeks", "as the books close"])  # fmt: skip
@pytest.mark.parametrize("layer", ["point-to-point", "event-driven"])
def test_a_backfill_across_a_close_ties_out(said, layer):
    done = replicate(load("acquisition-mid-quarter", [*SIZES["acquisition-mid-quarter"], *said]), layer, 0)
    locks = done.books.locks
    taken = [one for one in done.books.journal if one.source == "opening" and one.posted_us > 0]

    assert done.audit.breaks == ()
    assert any(one.posted_us > min(locks.values()) for one in taken)
    assert all(one.posted_us < locks.get(one.period, one.posted_us + 1) for one in taken)


def test_a_backfilled_contract_that_is_refused_can_be_undone():
    down = "faults=[{kind: outage, system: billing, from: 2026-02-17 09:00, for: 3 h}]"
    done = replicate(
        load("acquisition-mid-quarter", [*SIZES["acquisition-mid-quarter"], down]), "sync-orchestration", 0
    )
    notes = done.simulation.trace.rows("notes")

    assert not [note for note in notes if "not_compensated" in note]
    assert done.audit.unexplained == {}


@pytest.mark.parametrize("layer", ["managed-batch", "hybrid"])
def test_a_batch_over_several_entities_ties_out(layer):
    assert run("acquisition-mid-quarter", layer).simulation.counts.out_of_balance == 0
