"""Each kind of fault in a whole run: a scenario that plans it is hit, does as it says, and is the same again."""

import pytest

from harness.replication import replicate
from scenarios.load import loads
from sim.durations import DAY

BUSINESS = """
name: gone-wrong
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 3 d}
business: {contracts: 40, active_share: 1, profile: flat}
"""


def run(layer, *faults, seed=1):
    """A month of forty new contracts under these faults, as a scenario file says them."""
    return replicate(loads(f"{BUSINESS}faults: [{', '.join(faults)}]\n", "gone-wrong"), layer, seed)


def hits(replication):
    """How often each planned fault struck, in the file's order."""
    return [fault["hits"] for fault in replication.document["faults"]]


def again(replication, *faults):
    """Hold that the same run gives the same trace."""
    other = run(replication.document["layer"], *faults)
    assert other.document["fingerprint"] == replication.document["fingerprint"]


# --- one alone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("nth", [1, 7, 30])
@pytest.mark.parametrize(("layer", "doubled"), [("point-to-point", 1), ("point-to-point:idempotency=key", 0)])
def test_whichever_answer_to_a_posting_is_lost_it_alone_doubles(layer, doubled, nth):
    fault = f"{{kind: lost_response, system: erp, operations: [post_document], nth: {nth}}}"
    found = run(layer, fault)
    assert hits(found) == [1]
    assert found.document["duplicates"]["journal_entries"] == sum(found.document["duplicates"].values()) == doubled
    again(found, fault)


def test_one_lost_request_and_one_event_told_twice_harm_no_layer_that_expects_them():
    faults = ["{kind: lost_request, system: billing, nth: 5}", "{kind: duplicate_delivery, system: crm, nth: 9}"]
    for layer in ("process-orchestration", "event-driven"):
        found = run(layer, *faults)
        assert hits(found) == [1, 1]
        assert found.audit.breaks == ()


# --- cut off -----------------------------------------------------------------------------------------

CUT_OFF = "{kind: partition, system: billing, from: 2026-05-12 05:00, for: 6 h}"


def test_a_system_that_is_cut_off_bills_all_the_same_and_is_heard_of_later():
    calm, cut = run("process-orchestration"), run("process-orchestration", CUT_OFF)
    (fault,) = cut.simulation.faults
    billed = [one for one in calm.books.invoices if fault.start_us <= one.issued_us < fault.end_us]
    assert [one.id for one in cut.books.invoices if fault.start_us <= one.issued_us < fault.end_us] == [
        one.id for one in billed if one.issued_us == one.due_us
    ]
    struck = {(where, key) for _, _, _, where, key in cut.simulation.wire.struck}
    assert {("billing.invoice_issued", one.id) for one in billed if one.issued_us == one.due_us} <= struck
    assert any(where == "billing.create_subscription" for where, _ in struck)  # calls were lost as well
    posted_us = {item.document: item.posted_us for item in cut.books.open_items}
    assert all(posted_us[key] >= fault.end_us for where, key in struck if where == "billing.invoice_issued")
    assert cut.audit.breaks == ()
    again(cut, CUT_OFF)


def test_a_layer_that_gives_up_loses_what_a_partition_outlasts():
    cut = run("point-to-point", CUT_OFF)
    assert cut.document["missing"]["subscriptions"] > 0
    assert {found.cause for found in cut.audit.breaks if found.kind == "missing_downstream"} == {"partition"}


# --- locked out --------------------------------------------------------------------------------------

EXPIRED = "{kind: expired_token, system: billing, from: 2026-05-12 10:00}"
REVOKED = "{kind: expired_token, system: billing, renewable: false, from: 2026-05-14 12:00, for: 5 d}"


@pytest.mark.parametrize("layer", ["point-to-point", "process-orchestration", "event-driven"])
def test_a_token_that_can_be_refreshed_costs_a_refresh_and_nothing_else(layer):
    found = run(layer, EXPIRED)
    assert hits(found)[0] >= 1
    calls = {(call["operation"], call["outcome"]): call["count"] for call in found.document["calls"] if call["count"]}
    assert calls["refresh_token", "ok"] == 1
    assert found.audit.breaks == ()
    again(found, EXPIRED)


def test_a_credential_revoked_for_days_loses_what_is_given_up_and_delays_what_is_parked():
    lost, late = run("point-to-point", REVOKED), run("process-orchestration", REVOKED)
    assert hits(lost)[0] > 0 and hits(late)[0] > 0
    assert lost.document["missing"]["subscriptions"] > 0
    assert {found.cause for found in lost.audit.breaks if found.kind == "missing_downstream"} == {"expired_token"}
    assert sum(late.document["missing"].values()) == 0
    assert late.simulation.counts.parked > 0


# --- unreadable --------------------------------------------------------------------------------------

POISON = "{kind: poison, system: billing, share: 0.1}"


def poisoned(replication):
    """The keys of the events that nobody can read."""
    told = replication.simulation.company.systems["billing"].publisher.published
    return {event.key for event in told if event.schema == 0}


def test_a_layer_that_lets_go_of_a_poisoned_event_never_carries_it():
    found = run("point-to-point", POISON)
    keys = poisoned(found)
    assert hits(found) == [len(keys)] and len(keys) > 3
    assert found.simulation.counts.dropped == 2 * len(keys)  # on the way to ERP, and to the revenue engine
    posted = {item.document for item in found.books.open_items}
    assert {invoice.id for invoice in found.books.invoices} - posted == keys
    missing = [one for one in found.audit.breaks if one.kind in ("missing_downstream", "timing_difference")]
    assert {one.cause for one in missing} == {"poison"}
    again(found, POISON)


@pytest.mark.parametrize("layer", ["process-orchestration", "event-driven"])
def test_a_layer_that_parks_a_poisoned_event_reads_its_record_back_when_it_comes_up_again(layer):
    found = run(layer, POISON)
    keys = poisoned(found)
    assert hits(found) == [len(keys)] and len(keys) > 3
    assert found.simulation.counts.parked == 2 * len(keys)
    asked = {row[3] for row in found.simulation.trace.rows("calls") if row[2] == "billing.get_invoice"}
    assert asked == keys
    assert found.audit.breaks == ()
    again(found, POISON)


CHANGED = "{kind: schema_change, system: crm, from: 2026-05-12 09:00, edit: 1 d}"
ADDED = "{kind: schema_change, system: crm, change: added, from: 2026-05-12}"


def test_who_cannot_read_a_changed_source_loses_its_events_or_catches_up_when_its_mappings_are_adapted():
    lost, late = run("point-to-point", CHANGED), run("process-orchestration", CHANGED)
    (fault,) = late.simulation.faults
    assert hits(lost) == hits(late) and fault.hits > 0
    told = late.simulation.company.systems["crm"].publisher.published
    signed = {event.key: event.committed_us for event in told if event.type == "contract_signed"}
    for mappings, missing, copies in (
        (1, "subscriptions", late.books.subscriptions),
        (2, "orders", late.books.orders),
        (3, "revenue_contracts", late.books.revenue_contracts),
    ):
        adapted_us = fault.start_us + mappings * DAY
        overtaken = [copy for copy in copies if fault.start_us <= signed.get(copy.contract, 0) < adapted_us]
        assert overtaken and all(copy.created_us >= adapted_us for copy in overtaken)
        assert lost.document["missing"][missing] >= len(overtaken) > 0
    assert sum(late.document["missing"].values()) == 0
    causes = {found.cause for found in lost.audit.breaks if found.kind == "missing_downstream"}
    assert causes == {"schema_change"}
    again(late, CHANGED)


def test_a_field_that_is_added_is_told_of_and_hurts_nobody_here():
    found = run("point-to-point", ADDED)
    assert hits(found)[0] > 0
    assert found.audit.breaks == ()


# --- not found ---------------------------------------------------------------------------------------

STALE = [f"{{kind: stale_index, system: {system}}}" for system in ("billing", "erp")]


def test_who_looks_before_it_creates_doubles_customers_while_an_index_stands_still():
    looking, knowing = run("point-to-point", *STALE), run("process-orchestration", *STALE)
    assert all(count > 0 for count in hits(looking))
    doubled = looking.document["metrics"]["duplicate_customers"]
    assert sum(doubled.values()) == looking.document["duplicates"]["customers"] > 0
    causes = {found.cause for found in looking.audit.breaks if found.kind == "duplicate_customer"}
    assert causes == {"stale_index"}
    assert hits(knowing) == [0, 0]  # it keeps a cross-reference, and never searches
    assert knowing.audit.breaks == ()
    again(looking, *STALE)


# --- the clock ---------------------------------------------------------------------------------------

SKEW = "{kind: clock_skew, system: crm, by: -90 s, from: 2026-05-12, for: 3 d}"


def test_a_clock_that_is_off_stamps_its_events_off_and_measures_stay_on_the_true_one():
    calm, off = run("event-driven"), run("event-driven", SKEW)
    (fault,) = off.simulation.faults
    told = off.simulation.company.systems["crm"].publisher.published
    early = [event for event in told if fault.start_us <= event.committed_us < fault.end_us]
    assert fault.hits == len(early) > 0
    assert all(event.stamp_us == event.committed_us - 90_000_000 for event in early)
    assert all(event.stamp_us == event.committed_us for event in told if event not in early)
    assert off.document["metrics"]["event_lag"] == calm.document["metrics"]["event_lag"]
    assert off.audit.breaks == ()
    again(off, SKEW)
