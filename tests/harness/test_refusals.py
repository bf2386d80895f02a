"""What was refused for want of master data is read from calls and queues, and is what the audit names as the cause."""

from types import SimpleNamespace

from fakes.master_data import SYSTEM_OF
from harness.audit.causes import LACKING, LIKELY
from harness.refusals import Refusal, refusals
from harness.work_log import Stay, WorkLog
from sim.delivery import Event
from sim.trace import Trace


def simulation(calls=(), stays=()):
    """A run with these calls as (instant, operation, key, outcome) and stays in queues."""
    trace, log = Trace(), WorkLog()
    for number, (at_us, operation, key, outcome) in enumerate(calls, start=1):
        trace.calls.append((number, 0, operation, key, 1, at_us, at_us, at_us, -1, at_us + 5, outcome))
    log.stays += stays
    return SimpleNamespace(trace=trace, surroundings=SimpleNamespace(work_log=log))


def test_refused_calls_are_told_in_order_and_others_are_not():
    calls = [
        (30, "erp.post_document", "INV-1", "missing_tax_code"), (10, "erp.create_order", "C-1", "invalid_legal_entity"),
        (20, "erp.post_document", "INV-2", "ok"), (25, "erp.post_document", "INV-3", "period_closed"),
    ]  # fmt: skip
    assert refusals(simulation(calls)) == [
        Refusal(10, "invalid_legal_entity", "erp.create_order", "C-1"),
        Refusal(30, "missing_tax_code", "erp.post_document", "INV-1"),
    ]
    assert [one.key for one in refusals(simulation(calls), ["period_closed"])] == ["INV-3"]
    assert refusals(simulation()) == []


def test_what_was_refused_in_a_bulk_load_is_told_by_its_queue():
    event = Event(1, "billing", "invoice_issued", "INV-1", 1, 0, None)
    stays = [Stay("work_items", event, "erp", word, 7) for word in ("missing_tax_code", "not_found")]
    assert refusals(simulation(stays=stays)) == [Refusal(7, "missing_tax_code", "erp.queued", "INV-1")]


def test_the_audit_knows_every_word_that_master_data_refuses_with():
    assert frozenset(SYSTEM_OF) == LACKING
    assert LIKELY["missing_downstream"] >= LACKING
