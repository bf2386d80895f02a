"""Synchronous orchestration holds just what it promises: all or nothing while it is up."""

import pytest

from harness.lags import NOT_YET_US, business_events
from harness.replication import replicate
from scenarios.load import load, loads

TROUBLED = """
name: troubled
calendar: {quarter_start: 2026-03-01, months: 1, lead_in: 7 d}
business: {contracts: 60, profile: flat, amendments: {per_contract_year: 6}}
faults:
  - {kind: outage, system: erp, from: 2026-03-10 12:00, for: 3 h}
  - {kind: outage, system: revenue, from: 2026-03-11 12:00, for: 3 h, silent: true}
  - {kind: brownout, system: billing, from: 2026-03-12 00:00, for: 2 d, slow: 4, fail_share: 0.3}
  - {kind: lost_request, system: erp, share: 0.05}
  - {kind: lost_response, system: billing, share: 0.05}
"""

IMPATIENT = "systems.{}.delivery.ack_timeout=1 h"
PATIENT = [IMPATIENT.format(system) for system in ("crm", "billing", "erp", "revenue")]


def accepted(simulation):
    """The instant from which a source took each event for dealt with, by the event's number."""
    return {
        event: at_us
        for system in simulation.company.systems.values()
        for subscription in system.publisher.subscriptions
        for event, at_us in subscription.accepted_us.items()
    }


@pytest.mark.parametrize("layer", ["sync-orchestration", "sync-orchestration:compensation=off"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_acknowledged_is_in_every_target(layer, seed):
    """While requests do not overlap; where they do, one that is undone takes from under another what both had made."""
    patience = PATIENT if layer == "sync-orchestration" else []
    run = replicate(loads(TROUBLED, "troubled", patience), layer, seed)

    accepted_us, checked = accepted(run.simulation), 0
    for events in business_events(run.simulation.company):
        for event, everywhere_us in zip(events.told, events.everywhere_us.tolist(), strict=True):
            if event.id in accepted_us:
                assert everywhere_us <= accepted_us[event.id], event
                checked += 1
    assert checked > 300
    assert run.document["metrics"]["failure_rate"]["all"] > 0.02


UNHEARD = """
name: unheard
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business: {contracts: 60, profile: flat}
faults:
  - {kind: lost_response, system: billing, share: 0.15}
  - {kind: lost_response, system: erp, share: 0.15}
  - {kind: lost_response, system: revenue, share: 0.15}
  - {kind: lost_request, system: billing, share: 0.1}
  - {kind: lost_request, system: erp, share: 0.1}
  - {kind: lost_request, system: revenue, share: 0.1}
"""


def words(simulation, what):
    return [row for row in simulation.trace.rows("notes") if row[2] == what]


def live(copies):
    return {copy.contract for copy in copies if copy.void is None}


@pytest.mark.parametrize("seed", [0, 4])
def test_a_copy_whose_void_was_not_heard_of_is_made_by_a_new_key(seed):
    """The old key would bring back the answer of when the copy was made, though it is void since."""
    run = replicate(loads(UNHEARD, "unheard", PATIENT), "sync-orchestration", seed)

    company = run.simulation.company
    in_doubt = {row[4] for row in words(run.simulation, "not_compensated") if row[3] == "revenue"}
    void = {copy.contract for copy in company.revenue.contracts.values() if copy.void is not None}
    assert in_doubt & void & live(company.revenue.contracts.values())
    assert live(company.billing.subscriptions.values()) <= live(company.revenue.contracts.values())
    assert run.audit.breaks == ()


def test_what_an_overlapping_request_took_away_unheard_is_a_break_with_its_fault_for_cause():
    run = replicate(loads(UNHEARD, "unheard"), "sync-orchestration", 4)

    taken = {row[4] for row in words(run.simulation, "not_compensated") if row[3] == "revenue"}
    missing = {one.key: one.cause for one in run.audit.breaks if one.record == "revenue_contract"}
    assert taken & missing.keys()
    assert set(missing.values()) <= {"lost_request", "lost_response"}


def test_requests_that_overlap_undo_each_others_work():
    """Of what was acknowledged, some was taken back by an earlier request that failed later."""
    taken = 0
    for seed in range(3):
        run = replicate(loads(TROUBLED, "troubled"), "sync-orchestration", seed)
        accepted_us = accepted(run.simulation)
        for events in business_events(run.simulation.company):
            for event, everywhere_us in zip(events.told, events.everywhere_us.tolist(), strict=True):
                taken += everywhere_us > accepted_us.get(event.id, NOT_YET_US)
    assert taken > 0


def test_what_fails_is_refused_and_told_again():
    run = replicate(loads(TROUBLED, "troubled", PATIENT), "sync-orchestration", 0)

    outcomes = [row[4] for row in run.simulation.trace.rows("deliveries")]
    assert outcomes.count("refused") > 20
    assert run.document["metrics"]["in_hand"] == 0
    assert run.audit.breaks == ()


def test_a_patient_source_is_told_once_and_no_call_is_repeated():
    run = replicate(load("calm-month", PATIENT), "sync-orchestration", 0)

    assert {row[4] for row in run.simulation.trace.rows("deliveries")} == {"accepted"}
    assert {call["outcome"] for call in run.document["calls"]} == {"ok"}


def test_a_source_that_loses_patience_has_the_work_done_twice_without_keys():
    """The second request begins while the first still runs: no fault is needed for that."""
    with_keys, without = (
        replicate(load("calm-month"), f"sync-orchestration:idempotency={how}", 0) for how in ("key", "none")
    )
    unanswered = [row for row in without.simulation.trace.rows("deliveries") if row[4] == "unanswered"]
    assert len(unanswered) > 100
    assert sum(without.document["duplicates"].values()) > 100
    assert with_keys.audit.breaks == ()


def test_its_latency_is_the_sum_of_its_targets_and_orchestration_adds_no_wait():
    """In a world of fixed times a contract's last target reflects it after all the calls, one after the other."""
    fixed = [f"systems.{name}.service={{fixed: {s} s}}" for name, s in (("billing", 1), ("erp", 2), ("revenue", 4))]
    still = [f"systems.{name}.latency={{fixed: 0 s}}" for name in ("crm", "billing", "erp", "revenue")]
    calm = [
        "business.contracts=40",
        "business.amendments.per_contract_year=0",
        "systems.crm.delivery.delay={fixed: 0 s}",
    ]
    run = replicate(load("calm-month", [*PATIENT, *fixed, *still, *calm]), "sync-orchestration", 0)

    (contracts,) = [events for events in business_events(run.simulation.company) if events.subject == "contract"]
    sums_s = (contracts.everywhere_us - contracts.committed_us) / 1_000_000
    assert (contracts.everywhere_us < NOT_YET_US).all()
    # Customer looked up and order entered, revenue contract, customer looked up and subscription created.
    assert min(sums_s) == 2 + 2 + 4 + 1 + 1


@pytest.mark.parametrize("seed", range(2))
def test_a_crash_in_the_midst_of_requests_loses_nothing_that_its_source_tells_again(seed):
    crashes = ["faults=[{kind: crash, every: 30 min}]"]
    run = replicate(load("calm-month", crashes), "sync-orchestration", seed)

    assert run.document["faults"][0]["hits"] > 1000
    assert run.audit.breaks == ()
    assert "forgotten" not in {row[2] for row in run.simulation.trace.rows("notes")}
