"""Money through every layer: without faults cash ties out to the cent, with them every break is explained."""

import json

import pytest

from fakes.books.ledger import CASH, RECEIVABLES, UNAPPLIED_CASH
from fakes.records import Reminder
from harness.cash_laws import CashWatch
from harness.layers import BUILT_IN
from harness.reminders import reminder_metrics
from harness.replication import replicate
from scenarios.load import loads
from sim.durations import DAY, HOUR
from sim.errors import InvariantBroken

BUSINESS = """
name: paying
calendar: {quarter_start: 2026-02-01, months: 2, lead_in: 7 d}
business:
  contracts: 30
  active_share: 1
  billing: {monthly: 3, annually: 1}
  amendments: {per_contract_year: 4, decrease_share: 0.4, burst_share: 0.3}
  payments: {terms: {0: 2, 10: 2, 21: 1}, late_share: 0.4, late_by: {fixed: 6 d}, refund_after: 4 d}
"""

TROUBLE = """
faults:
  - {kind: lost_response, system: erp, share: 0.2}
  - {kind: lost_response, system: billing, share: 0.1}
  - {kind: lost_request, system: erp, share: 0.1}
  - {kind: duplicate_delivery, system: billing, share: 0.3}
  - {kind: late_delivery, system: billing, share: 0.3, delay: {mean: 9 d}}
  - {kind: poison, system: billing, share: 0.05, events: [payment_received, refund_paid]}
  - {kind: schema_change, system: billing, from: 2026-03-10, change: renamed, field: minor, to: amount, edit: 1 d}
  - {kind: outage, system: billing, from: 2026-02-10 09:00, for: 6 h}
"""


def replication(layer, faults=""):
    return replicate(loads(BUSINESS + faults, "paying.yaml"), layer, 0)


@pytest.fixture(scope="module")
def calm():
    return replication("event-driven")


@pytest.mark.parametrize("layer", BUILT_IN)
def test_without_faults_cash_ties_out_to_the_cent(layer):
    done = replication(layer)
    document, books = done.document, done.books

    assert document["breaks"]["open_at_close"] == 0 and document["metrics"]["unexplained"] == 0
    assert not any(document["missing"].values()) and not any(document["duplicates"].values())
    totals = done.simulation.company.erp.ledger.totals
    still_queued = [one for one in done.audit.breaks if one.record == "payment"]  # a batch that has not been loaded yet
    assert totals[CASH] == sum(payment.minor for payment in books.payments) + sum(
        one.delta_minor for one in still_queued
    )
    assert totals[UNAPPLIED_CASH] == 0 and len(books.applications) == len(books.receipts) > 50
    assert len(books.receipts) == len(books.payments) - len(still_queued)
    assert min(payment.minor for payment in books.payments) < 0, "refunds were paid"
    (flow,) = [flow for flow in document["flows"] if flow["flow"] == "payment->erp"]
    assert 50 < flow["arrived"] <= flow["expected"] <= flow["arrived"] + len(still_queued)
    assert document["metrics"]["wrongful_reminders"] == 0


@pytest.mark.parametrize("layer", [*BUILT_IN, "point-to-point:attempts=1", "managed-batch:control_totals=off"])
def test_under_faults_every_break_is_explained(layer):
    done = replication(layer, TROUBLE)

    assert done.audit.unexplained == {}
    unhit = {fault["kind"] for fault in done.document["faults"] if not fault["hits"]}
    reads = layer.startswith(("managed-batch", "hybrid"))  # who reads is told nothing that could come late or twice
    assert unhit <= ({"duplicate_delivery", "late_delivery", "poison", "schema_change"} if reads else set())
    assert len(done.books.payments) > 50
    adjusted = {step["step"]: step["count"] for step in done.document["close"]["steps"]}
    assert adjusted["bank to cash"] == sum(one.record == "payment" for one in done.audit.open)


def test_blind_retries_enter_payments_twice_and_remind_people_who_have_paid():
    lossy = replication("point-to-point:attempts=1", TROUBLE)
    assert lossy.document["duplicates"]["payments"] > 0 and lossy.document["missing"]["payments"] > 0
    assert {one.kind for one in lossy.audit.open if one.record == "payment"} >= {
        "duplicate", "missing_downstream", "unapplied_cash",
    }  # fmt: skip
    assert lossy.document["metrics"]["wrongful_reminders"] > 0
    assert lossy.document["metrics"]["reminders"] >= lossy.document["metrics"]["wrongful_reminders"]


def test_customers_pay_the_same_whatever_the_layer(calm):
    """The draws belong to the business: only what a layer bills otherwise is paid otherwise."""
    other = replication("process-orchestration")
    assert {one.document: one.received_us for one in calm.books.payments} == {
        one.document: one.received_us for one in other.books.payments
    }


def test_every_invoice_that_fell_due_was_paid_once_and_in_full(calm):
    calendar, payers = calm.simulation.calendar, calm.simulation.company.payers
    paid = {payment.document: payment for payment in calm.books.payments}
    assert len(paid) == len(calm.books.payments)
    long_ago = calendar.day_of(calendar.end_us) - 14
    for invoice in calm.books.invoices:
        due_day = max(payers.due_day(invoice.contract, invoice.day), calendar.day_of(invoice.issued_us))
        if invoice.total_minor and due_day < long_ago:
            assert paid[invoice.id].minor == invoice.total_minor
        if invoice.id in paid:
            assert paid[invoice.id].received_us > invoice.issued_us


def test_a_payment_that_would_come_in_an_outage_comes_when_billing_is_back(calm):
    down = replication("event-driven", "faults: [{kind: outage, system: billing, from: 2026-02-10 07:00, for: 14 h}]")
    back_us = down.simulation.faults[0].end_us
    before = {one.id: one.received_us for one in calm.books.payments}
    held_up = [one for one in down.books.payments if before.get(one.id, one.received_us) != one.received_us]
    assert held_up and {one.received_us for one in held_up} == {back_us}
    assert all(down.simulation.faults[0].start_us <= before[one.id] < back_us for one in held_up)
    assert ("billing.payment", held_up[0].id) in [(strike[3], strike[4]) for strike in down.simulation.wire.struck]


def test_without_payments_nobody_pays_and_nothing_of_it_is_told():
    text = "".join(line for line in BUSINESS.splitlines(keepends=True) if "payments" not in line)
    done = replicate(loads(text, "unpaid.yaml"), "event-driven", 0)
    assert list(done.books.payments) == list(done.books.receipts) == []
    assert "reminders" not in done.document["metrics"]
    assert not any("payment" in word for word in done.simulation.trace.words)
    assert "bank to cash" not in json.dumps(done.document["close"])


# --- laws and reminders ------------------------------------------------------------------------------


@pytest.fixture
def erp():
    return replication("event-driven").simulation.company.erp


def test_the_laws_of_cash_hold_of_a_run(erp):
    watch = CashWatch(erp)
    applied = watch.newly_applied()
    assert sum(applied.values()) == erp.ledger.totals[CASH] and watch.newly_applied() == {}
    billed = sum(item.total_minor for item in erp.open_items)
    assert erp.ledger.totals[RECEIVABLES] == billed - sum(applied.values())


def _applied_twice(erp):
    erp.cash.applications.append(erp.cash.applications[0])


def _applied_beyond(erp):
    erp.open_items[0].total_minor = 1


def _forgotten(erp):
    erp.open_items[0].paid_minor += 1


def _cash_without_a_receipt(erp):
    erp.ledger.totals[CASH] += 1


def _unapplied_without_a_receipt(erp):
    erp.ledger.totals[UNAPPLIED_CASH] += 1


@pytest.mark.parametrize(("break_it", "law"), [
    (_applied_twice, "cash applied is cash received"),
    (_applied_beyond, "cash applied is at most what is open"),
    (_forgotten, "an item knows what is applied to it"),
    (_cash_without_a_receipt, "cash is the sum of its receipts"),
    (_unapplied_without_a_receipt, "unapplied cash is what was received and not applied"),
])  # fmt: skip
def test_a_broken_law_of_cash_is_found(erp, break_it, law):
    break_it(erp)
    with pytest.raises(InvariantBroken, match=law):
        CashWatch(erp).newly_applied()


def test_a_reminder_is_wrongful_if_the_money_had_come(calm):
    simulation = calm.simulation
    payment = calm.books.payments[-1]
    sent = simulation.company.dunning[0].reminders
    before = reminder_metrics(simulation)
    for at_us in (payment.received_us - HOUR, payment.received_us, payment.received_us + DAY):
        sent.append(Reminder("AR-1", payment.document, payment.account, 1, 0, at_us))
    after = reminder_metrics(simulation)
    del sent[-3:]
    assert after["reminders"] - before["reminders"] == 3
    assert after["wrongful_reminders"] - before["wrongful_reminders"] == 2
