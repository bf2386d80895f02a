"""Each kind of fault in a whole run: a scenario that plans it is hit, does as it says, and is the same again."""

import pytest

from harness.replication import replicate
from scenarios.load import loads

BUSINESS = """
name: gone-wrong
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 3 d}
business: {contracts: 40, active_share: 1, profile: flat}
faults:
"""


def run(layer, *faults, seed=1):
    """A month of forty new contracts under these faults, as a scenario file says them."""
    return replicate(loads(BUSINESS + "".join(f"  - {fault}\n" for fault in faults), "gone-wrong"), layer, seed)


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
