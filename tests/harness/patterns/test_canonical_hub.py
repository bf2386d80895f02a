"""The canonical hub: state converges, nothing is sent that was superseded, and one model costs N + M mappings."""

from dataclasses import replace

import pytest

from fakes.agreements import Account
from fakes.erp import Erp
from fakes.service import Refused
from harness.blocks import canonical
from harness.blocks.canonical import FROM, ONTO
from harness.layer import ROUTES, TARGETS, TOLD
from harness.layers import choose
from harness.replication import replicate
from harness.simulation import simulate
from scenarios.compile import calendar_of, setups_of
from scenarios.load import load, loads
from scenarios.truth import Act, Truth
from sim.delivery import Event
from sim.durations import DAY, HOUR
from tests.fakes.samples import as_of, contract

BAD_WORLD = """
name: bad-world
calendar: {quarter_start: 2026-03-01, months: 1, lead_in: 7 d}
business: {contracts: 80, profile: flat, contracts_per_account: 2, amendments: {per_contract_year: 10}}
faults:
  - {kind: crash, every: 2 h}
  - {kind: lost_response, system: erp, share: 0.1}
  - {kind: lost_response, system: billing, share: 0.1}
  - {kind: lost_response, system: revenue, share: 0.1}
  - {kind: duplicate_delivery, system: crm, share: 0.3}
  - {kind: duplicate_delivery, system: billing, share: 0.3}
  - {kind: out_of_order, system: crm, share: 1, delay: {mean: 10 min}}
"""

BILLING_AWAY = """
name: billing-away
calendar: {quarter_start: 2026-03-01, months: 1, lead_in: 0 d}
business:
  contracts: 40
  active_share: 5
  profile: flat
  amendments: {per_contract_year: 50, burst_share: 1, burst_gap: 30 min}
faults:
  - {kind: outage, system: billing, from: 2026-03-16 08:00, for: 30 h}
"""


@pytest.mark.parametrize("seed", range(4))
def test_crashes_lost_answers_and_disordered_copies_leave_no_break(seed):
    run = replicate(loads(BAD_WORLD, "bad-world"), "canonical-hub", seed)

    assert all(fault["hits"] > 8 for fault in run.document["faults"])
    assert run.audit.breaks == ()
    assert not any(run.document["duplicates"].values())
    assert list(run.simulation.layer.held()) == []


def test_a_target_that_was_away_is_sent_the_newest_state_alone():
    run = replicate(loads(BILLING_AWAY, "billing-away"), "canonical-hub", 0)

    superseded = run.document["metrics"]["skipped"]["superseded"]
    updates = [
        row for row in run.simulation.trace.rows("calls") if row[2] == "billing.update_subscription" and row[8] > 0
    ]
    others = [row for row in run.simulation.trace.rows("calls") if row[2] == "erp.update_order" and row[8] > 0]
    assert superseded > 10
    assert len(others) - len(updates) >= superseded - 5  # a first version may be superseded too
    assert run.audit.breaks == ()


def test_an_older_state_that_comes_late_is_not_sent():
    amendments = "{per_contract_year: 30, burst_share: 1, burst_gap: 1 min, gap_min: 10 s}"
    often = ["business.contracts=100", f"business.amendments={amendments}"]
    run = replicate(load("out-of-order-events", often), "canonical-hub", 0)

    assert run.document["metrics"]["skipped"]["superseded"] > 10
    assert run.audit.breaks == ()


def two_contracts_at_once(layer):
    """Ten accounts that are opened and sign two contracts each at one instant, with searches that show nothing yet."""
    lagging = [f"systems.{name}.index_lag={{fixed: 1 h}}" for name in ("billing", "erp")]
    scenario = load("calm-month", lagging)
    acts = []
    for number in range(10):
        at_us, account = DAY + number * HOUR, Account(f"A-{number}", "Acme")
        acts.append(Act(at_us, account=account))
        for each in "ab":
            agreed = contract(key=f"C-{number}{each}", account=account.key, start="2026-05-04")
            acts.append(Act(at_us, contract=agreed))
    return simulate(
        calendar=calendar_of(scenario),
        truth=Truth((), (), tuple(acts)),
        setups=setups_of(scenario),
        faults=(),
        choice=choose(layer),
        seed=0,
    )


def test_two_messages_that_need_one_customer_never_create_two_even_without_keys():
    customers = {
        layer: [len(master.all) for master in (run.company.billing.customers, run.company.erp.customers)]
        for layer in ("canonical-hub", "event-driven", "event-driven:hub=on")
        for run in [two_contracts_at_once(f"{layer}{',' if ':' in layer else ':'}idempotency=none")]
    }
    assert customers["canonical-hub"] == customers["event-driven:hub=on"] == [10, 10]
    assert min(customers["event-driven"]) > 10


def test_what_a_target_refuses_waits_and_blocks_nobody(monkeypatch):
    refused, enter = [], Erp._create_order

    def picky(erp, request, now_us):
        if request.state.key.endswith("7") and refused.count(request.state.key) < 3:
            refused.append(request.state.key)
            raise Refused(422, "not_today")
        return enter(erp, request, now_us)

    monkeypatch.setattr(Erp, "_create_order", picky)
    run = replicate(load("calm-month", ["business.contracts=60"]), "canonical-hub", 0)

    assert len(refused) >= 15
    assert run.document["metrics"]["work_queue"]["in"] > 3
    assert run.document["metrics"]["work_queue"]["open"] == 0
    assert run.audit.breaks == ()


@pytest.mark.parametrize("seed", range(2))
def test_what_cannot_be_read_is_read_back_and_a_changed_schema_is_one_edit(seed):
    faults = (
        "[{kind: poison, system: crm, share: 0.1}, {kind: poison, system: billing, share: 0.1}, "
        "{kind: schema_change, system: crm, from: 2026-05-11, edit: 4 h}]"
    )
    changed = load("calm-month", ["business.contracts=200", f"faults={faults}"])
    layers = ("canonical-hub", "event-driven", "event-driven:hub=on", "process-orchestration:hub=on")
    runs = {layer: replicate(changed, layer, seed) for layer in layers}

    assert all(fault["hits"] for run in runs.values() for fault in run.document["faults"])
    assert runs["canonical-hub"].audit.breaks == ()
    edits = {
        layer: len(run.simulation.surroundings.mappings.of("crm"))  # who reads what the CRM tells
        for layer, run in runs.items()
    }
    assert list(edits.values()) == [1, 3, 1, 1]


# --- the model ---------------------------------------------------------------------------------------


def told(source, type_, key, version, body):
    return Event(1, source, type_, key, version, 0, body)


def test_nothing_that_a_target_asks_for_is_lost_on_the_way_through_the_model():
    agreed = as_of(contract(), 1)
    there = FROM["crm"](told("crm", "contract_signed", agreed.key, agreed.version, agreed))
    account = FROM["crm"](told("crm", "account_opened", "A-1", 1, Account("A-1", "Acme")))

    assert all(ONTO[target][canonical.Contract](there) == agreed for target in TARGETS)
    assert all(ONTO[target][canonical.Customer](account) == Account("A-1", "Acme") for target in ("billing", "erp"))


def test_each_source_and_each_target_has_one_mapping_and_every_route_is_served():
    assert set(FROM) == set(TOLD) and set(ONTO) == set(TARGETS)
    assert len(FROM) + len(ONTO) == 8 < len(ROUTES)  # without a hub, a target has a mapping for each of its sources
    for (source, target), types in ROUTES.items():
        for type_ in types:
            kinds = {kind.__name__.lower() for kind in ONTO[target]}
            assert canonical.KINDS[type_].replace("_", "") in kinds, (source, target, type_)


def test_a_contract_comes_out_of_the_model_as_it_went_in():
    told = contract(key="C-000001")
    odd = {name: f"another {name}" for name in told.__struct_fields__ if name not in ("key", "versions")}
    event = Event(1, "crm", "contract_signed", told.key, 1, 0, replace(told, **odd))

    assert canonical.agreement_of(canonical.from_crm(event)) == event.body
