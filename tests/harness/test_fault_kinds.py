"""Each kind of fault in a whole run: a scenario that plans it is hit, does as it says, and is the same again."""

import pytest

from harness.replication import replicate
from scenarios.load import loads

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
@pytest.mark.parametrize(("layer", "doubled"), [("point-to-point", 1), ("point-to-point:keys=on", 0)])
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
