"""What a fault did to work that it did not touch: the break has the fault for its cause, and only then."""

from types import SimpleNamespace

import pytest

from harness.knock_ons import knock_ons
from harness.replication import replicate
from scenarios.load import loads
from sim.delivery import Event
from sim.trace import Trace

BROWNOUT = """
name: brownout
calendar: {{quarter_start: 2026-05-01, months: 1, lead_in: 0 d}}
business: {{contracts: {contracts}, profile: flat}}
faults:
  - {{kind: brownout, system: erp, fail_share: 0.9}}
"""


def run(layer, contracts, *said):
    return replicate(loads(BROWNOUT.format(contracts=contracts), "brownout", said), layer, 0)


def held_off(simulation):
    return {row[4] for row in simulation.trace.rows("notes") if row[2:4] == ("held_off", "erp")}


def touched(simulation):
    """The business keys of the calls that the fault itself has struck."""
    return {strike[4] for strike in simulation.wire.struck}


def test_what_an_open_breaker_held_off_has_the_fault_that_opened_it_for_cause():
    done = run("system-api", 150)
    untouched = held_off(done.simulation) - touched(done.simulation)

    assert untouched & {one.call for one in done.audit.breaks}
    assert done.audit.by_cause == {"brownout": len(done.audit.breaks)}


def test_what_was_still_to_be_done_in_a_refused_request_has_the_fault_that_failed_it_for_cause():
    """ERP comes before the revenue engine: who fails at the one never asks the other."""
    done = run("sync-orchestration", 60)

    assert any((one.system, one.record) == ("revenue", "billed_document") for one in done.audit.breaks)
    assert done.audit.by_cause == {"brownout": len(done.audit.breaks)}


def test_a_breaker_that_no_fault_has_opened_holds_off_on_its_own_account():
    """A system too small for its work answers so late that the calls of it count as failed."""
    small = "systems.erp={capacity: 1, service: {fixed: 80 s}}"
    done = run("system-api", 60, small, "faults=[{kind: lost_response, system: revenue, nth: 1}]")

    assert held_off(done.simulation)
    assert not [strike for strike in knock_ons(done.simulation) if strike[3] == "erp.breaker"]


def failed_posting(subscriber, *outcomes):
    """A run in which ERP's posting of an invoice was struck, and what the event's deliveries came to."""
    trace = Trace()
    trace.notes.append((50, 7, "brownout", "erp.post_document", "INV-1"))
    for number, outcome in enumerate(outcomes, start=1):
        trace.deliveries.append((7, subscriber, number, 60 * number, outcome))
    told = Event(7, "billing", "invoice_issued", "INV-1", 1, 40, None)
    billing = SimpleNamespace(publisher=SimpleNamespace(published=[told]))
    struck = [(50, "slow ERP", "brownout", "erp.post_document", "INV-1")]
    return SimpleNamespace(
        trace=trace,
        wire=SimpleNamespace(struck=struck),
        company=SimpleNamespace(systems={"billing": billing, "erp-emea": billing, "revenue": billing}),
    )


@pytest.mark.parametrize("outcomes", [("refused", "given_up"), ("unanswered", "refused")])
def test_a_request_that_was_never_acknowledged_is_struck_as_a_whole(outcomes):
    (strike,) = knock_ons(failed_posting("billing->request", *outcomes))

    assert strike == (50, "slow ERP", "brownout", "layer.refused", "INV-1")


@pytest.mark.parametrize("subscriber", ["billing->erp", "billing->erp-emea"])
def test_where_each_target_has_a_handler_of_its_own_no_refusal_is_anothers(subscriber):
    assert knock_ons(failed_posting(subscriber, "refused", "given_up")) == []


def test_a_request_that_was_acknowledged_in_the_end_was_done():
    assert knock_ons(failed_posting("billing->request", "refused", "accepted")) == []
