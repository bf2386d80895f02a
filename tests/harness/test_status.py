"""Every business status at an instant is counted again, by its definition, from the records of a whole run."""

from functools import lru_cache

import pytest

from harness.replication import replicate
from harness.status import AGES_US, STATUSES, BusinessStatus, Status, status_at
from scenarios.load import loads
from sim.durations import DAY, HOUR, MINUTE, SECOND

SCENARIO = """
name: waiting
title: Exceptions, and a billing system that is down for a day
calendar: {quarter_start: 2026-01-01, months: 1, lead_in: 7 d}
business:
  contracts: 80
  profile: flat
  amendments: {per_contract_year: 6}
  exceptions: {missing_tax_code: 0.2, invalid_legal_entity: 0.1, unmapped_product: 0.1, unsupported_amendment: 0.2}
finance_team: {persons: 1, handling: {median: 2 h, sigma: 0.8}}
faults:
  - {kind: outage, system: billing, from: 2026-01-20 09:00, for: 20 h}
"""
LAYERS = ("point-to-point", "event-driven", "process-orchestration")


@lru_cache(maxsize=4)
def run(layer):
    return replicate(loads(SCENARIO, "waiting"), layer, 0)


@lru_cache(maxsize=4)
def status(layer):
    return BusinessStatus(run(layer).simulation)


def instants(simulation):
    """Instants all over the run, busy ones among them."""
    end_us = simulation.calendar.end_us
    outage_us = next(fault.start_us for fault in simulation.faults)
    busy = [outage_us + hour * HOUR + 7 * MINUTE for hour in range(0, 30, 2)]
    return [*range(11 * HOUR, end_us, 3 * DAY + 5 * HOUR), *busy, end_us]


def first_version_minor(state):
    return state.versions[0].price_change_minor


def oldest_copies(records, at_us):
    """The first record of each contract that a system has at an instant."""
    first = {}
    for record in sorted(records, key=lambda record: record.created_us):
        if record.created_us <= at_us:
            first.setdefault(record.state.key, record)
    return first


def counted(spells, at_us):
    """A status of (since, minor units) pairs."""
    spells = list(spells)
    return Status(
        len(spells), sum(minor for _, minor in spells), max((at_us - since for since, _ in spells), default=0)
    )


# --- by definition -----------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_orders_await_activation_while_billing_has_no_subscription(layer):
    simulation = run(layer).simulation
    company, seen = simulation.company, 0
    for at_us in instants(simulation):
        active = oldest_copies(company.billing.subscriptions.values(), at_us)
        waiting = [
            (order.created_us, first_version_minor(order.state))
            for key, order in oldest_copies(company.erp.orders.values(), at_us).items()
            if key not in active
        ]
        seen += len(waiting)
        assert status(layer).at(at_us)["orders_awaiting_activation"] == counted(waiting, at_us)
    assert seen or layer == "process-orchestration", "whose steps go to billing first"


@pytest.mark.parametrize("layer", LAYERS)
def test_schedules_are_pending_until_the_subscription_is_active_and_begins(layer):
    simulation = run(layer).simulation
    company, calendar, seen = simulation.company, simulation.calendar, 0
    for at_us in instants(simulation):
        active = oldest_copies(company.billing.subscriptions.values(), at_us)
        pending, overdue = [], []
        for key, schedule in oldest_copies(company.revenue.contracts.values(), at_us).items():
            start_us, minor = calendar.instant_us(schedule.state.start_day), first_version_minor(schedule.state)
            if key not in active or at_us < start_us:
                pending.append((schedule.created_us, minor))
            if key not in active and at_us >= start_us:
                overdue.append((max(schedule.created_us, start_us), minor))
        seen += len(pending)
        found = status(layer).at(at_us)
        assert found["schedules_pending"] == counted(pending, at_us)
        assert found["schedules_overdue"] == counted(overdue, at_us)
    assert seen


@pytest.mark.parametrize("layer", LAYERS)
def test_amendments_are_unsynchronised_until_every_system_has_them(layer):
    simulation, seen = run(layer).simulation, 0
    company = simulation.company
    systems = (company.billing.subscriptions, company.erp.orders, company.revenue.contracts)
    told = [event for event in company.systems["crm"].publisher.published if event.type.startswith("contract")]
    for at_us in instants(simulation):
        waiting = []
        for event in told:
            if event.version == 1 or event.committed_us > at_us:
                continue
            reflected = [
                any(
                    version >= event.version and applied_us <= at_us
                    for record in records.values()
                    if record.state.key == event.key
                    for version, applied_us in record.applied.items()
                )
                for records in systems
            ]
            if not all(reflected):
                waiting.append((event.committed_us, abs(event.body.versions[-1].price_change_minor)))
        seen += len(waiting)
        assert status(layer).at(at_us)["amendments_unsynchronised"] == counted(waiting, at_us)
    assert seen


@pytest.mark.parametrize("layer", LAYERS)
def test_invoices_are_blocked_from_their_refusal_until_they_are_posted(layer):
    simulation, seen = run(layer).simulation, 0
    company = simulation.company
    totals = {invoice.id: abs(invoice.total_minor) for invoice in company.billing.invoices}
    words = list(simulation.trace.words)
    refused = sorted(
        (row[7], row[3])
        for row in simulation.trace.rows("calls")
        if row[2] == "erp.post_document" and row[10] in ("missing_tax_code", "customer_not_found")
    )
    assert "missing_tax_code" in words
    for at_us in instants(simulation):
        since = {}
        for refused_us, key in refused:
            if refused_us <= at_us:
                since.setdefault(key, refused_us)
        posted = {item.document for item in company.erp.open_items if item.posted_us <= at_us}
        waiting = [(since_us, totals[key]) for key, since_us in since.items() if key not in posted]
        seen += len(waiting)
        assert status(layer).at(at_us)["invoices_blocked"] == counted(waiting, at_us)
    assert seen


def test_exceptions_are_what_lies_in_the_queues():
    simulation, seen = run("event-driven").simulation, 0
    for at_us in instants(simulation):
        lying = [
            stay
            for stay in simulation.surroundings.work_log.stays
            if stay.since_us <= at_us and (stay.until_us is None or at_us < stay.until_us)
        ]
        seen += len(lying)
        found = status("event-driven").at(at_us)["exceptions"]
        oldest_us = max((at_us - stay.since_us for stay in lying), default=0)
        assert (found.count, found.oldest_us) == (len(lying), oldest_us)
        by_age = {age: sum(at_us - stay.since_us >= us for stay in lying) for age, us in AGES_US.items()}
        assert status("event-driven").exceptions_by_age(at_us) == by_age
    assert seen


def test_nobody_owns_what_was_dropped_and_never_arrived():
    done = run("point-to-point")
    end_us = done.simulation.calendar.end_us
    unowned = status("point-to-point").at(end_us)["exceptions_unowned"]
    never = sum(flow["expected"] - flow["arrived"] for flow in done.document["flows"])
    assert unowned.count >= never > 0, "the flows count from the quarter on"
    assert status("point-to-point").at(end_us)["exceptions"] == Status(0, 0, 0), "it has no queue that keeps them"
    assert len(status("event-driven").standing["exceptions_unowned"]) == 0


# --- in the document ---------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_the_document_has_what_is_sampled_hour_by_hour(layer):
    done = run(layer)
    series, calendar = done.document["series"], done.simulation.calendar
    for name, counts in series["business_status"].items():
        assert len(counts) == len(series["backlog"]) and any(counts)
        for hour in range(0, len(counts), 37):
            standing = status(layer).at(hour * HOUR)
            if name in standing:
                assert counts[hour] == standing[name].count
            else:
                assert (
                    counts[hour] == status(layer).exceptions_by_age(hour * HOUR)[name.removeprefix("exceptions_over_")]
                )
    metrics = done.document["metrics"]["business_status"]
    assert tuple(metrics) == STATUSES
    first = calendar.quarter_start_us // HOUR
    for name, counts in series["business_status"].items():
        if name in metrics:
            assert metrics[name]["peak"] >= max(counts[first:])
            assert metrics[name]["mean"] <= metrics[name]["peak"]


def test_the_document_has_every_status_at_each_month_s_end_and_at_the_audit():
    done = run("point-to-point")
    calendar, rows = done.simulation.calendar, done.document["business_status"]
    assert {row["at"]: row["at_s"] for row in rows} == {
        "2026-01": (calendar.quarter_end_us - 1) / SECOND, "audit": calendar.end_us / SECOND,
    }  # fmt: skip
    for row in rows:
        at = status_at(done.simulation, round(row["at_s"] * SECOND))[row["status"]]
        assert (row["count"], row["minor"], row["oldest_s"]) == (at.count, at.minor, at.oldest_us / SECOND)


def test_exceptions_have_a_peak_of_each_age():
    peaks = run("event-driven").document["metrics"]["business_status"]["exceptions"]
    ages = [peaks["peak"], *(peaks[f"peak_over_{age}"] for age in AGES_US)]
    assert ages == sorted(ages, reverse=True) and ages[1] > 0
