"""A call is put down to the event that it was made for, whoever made it, and whatever the worker was begun for."""

import tempfile
from pathlib import Path

import pytest
import yaml

from harness.explain.evidence import Call, Delivery, Event
from harness.explain.lineage import Lineage
from harness.explain.tables import RunTables
from harness.replication import replicate
from harness.run_tables import write_tables
from scenarios.schema import Scenario
from tests.harness.explain.runs import CALM, of, told

OWN = "tests.harness.explain.layers:"
DOWN = [{"kind": "outage", "system": "erp", "from": "2026-03-31 09:00", "for": "36 h"}]
OFTEN = {"amendments": {"per_contract_year": 20, "cancel_share": 0.5, "decrease_share": 0.5}}


@pytest.mark.parametrize("layer", ["LetsGoWhenKicked", "LetsGoInTurn", "SaysNothing"])
def test_what_a_worker_lets_go_of_is_told_by_its_own_calls(layer):
    document = told(f"{OWN}{layer}", faults=DOWN, business=OFTEN)
    lost = [story for story in document["stories"] if story["of"]["kind"] != "duplicate"]

    assert of(document, kind="missing_downstream", record="open_item")
    assert {story["mistake"] for story in lost} == {"failure_let_go"}
    for story in of(document, kind="missing_downstream", record="open_item"):
        assert "erp.post_document (call " in story["last_seen"]
        assert not any("No call was made" in fact for fact in story["did_wrong"])


@pytest.mark.parametrize("layer", ["LetsGoWhenKicked", "LetsGoInTurn"])
def test_a_carrier_says_which_event_it_carries(layer):
    done = run(f"{OWN}{layer}")
    events = {number: key for number, _, _, key, *_ in done.simulation.trace.rows("events")}
    carried = [row for row in done.simulation.trace.rows("calls") if row[2] in ("erp.create_order", "erp.post_journal")]

    assert carried
    assert all(events[cause] == key for _, cause, _, key, *_ in carried)


@pytest.mark.parametrize(
    "layer",
    ["point-to-point", "sync-orchestration", "process-orchestration", "event-driven", "canonical-hub", "hybrid"],
)
def test_a_layer_that_says_what_it_works_on_is_believed(layer):
    shaken = [
        {"kind": "crash", "from": "2026-03-16 10:00", "down": "1 h"},
        {"kind": "duplicate_delivery", "system": "crm", "share": 0.3},
        {"kind": "out_of_order", "system": "crm", "share": 0.3},
        {"kind": "lost_response", "system": "erp", "share": 0.2},
    ]
    done = run(layer, faults=shaken, business=OFTEN)
    traced = {call: cause for call, cause, *_ in done.simulation.trace.rows("calls")}
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), done)
        tables = RunTables(Path(folder))
        calls = tables.evidence(tables.keys()).calls

    assert len(calls) > 100
    assert {call.id: call.cause for call in calls} == {call.id: traced[call.id] for call in calls}


SIGNED = Event(1, 0, "crm.contract_signed", "C-1", 1, 10)
ISSUED = Event(2, 1, "billing.invoice_issued", "INV-C-1-1", 1, 20)
AMENDED = Event(3, 0, "crm.contract_amended", "C-1", 2, 30)
EVENTS = (SIGNED, ISSUED, AMENDED)
TOLD = [Delivery(event.id, f"{event.source}->erp", 1, event.at_us + 5, "accepted") for event in EVENTS]


def call(cause, key, sent_us, *, operation="erp.update_order", outcome="ok", number=1):
    return Call(number, cause, operation, key, 1, sent_us, sent_us, sent_us, sent_us, sent_us + 1, outcome)


def lineage(*calls, told=TOLD):
    return Lineage(EVENTS, told, calls, {"INV-C-1-1": ("C-1", "A-1"), "C-1": ("A-1",)})


@pytest.mark.parametrize(
    ("one", "event"),
    [
        (call(1, "C-1", 16), 1),
        (call(1, "A-1", 16), 1),  # the customer that an order needs
        (call(2, "C-1", 26), 2),  # a document's contract
        (call(1, "INV-C-1-1", 26), 2),  # of another than the worker was begun for
        (call(3, "INV-C-1-1", 40), 2),
        (call(0, "C-1", 16), 1),
        (call(0, "C-1", 31), 1),  # the amendment is told of, and has not come
        (call(0, "C-1", 36), 3),
        (call(0, "anything", 36), 0),
        (call(1, "anything", 36), 1),
    ],
)
def test_the_keys_tell_where_the_trace_cannot(one, event):
    assert lineage(one).of_call(one).cause == event


def test_what_comes_after_the_work_was_done_is_for_the_next_event_about_it():
    created, after = call(1, "C-1", 16, operation="erp.create_order"), call(1, "C-1", 40, number=2)

    assert lineage(created, after).of_call(after).cause == 3
    assert lineage(created, after, call(3, "C-1", 50, number=3)).of_call(after).cause == 1
    assert lineage(call(1, "C-1", 16, outcome="lost_response"), after).of_call(after).cause == 1
    told_again = [*TOLD, Delivery(1, "crm->erp", 2, 39, "repeated")]
    assert lineage(created, after, told=told_again).of_call(after).cause == 1


def run(layer, *, business=None, **fields):
    text = yaml.safe_dump({**CALM, **fields, "business": {**CALM["business"], **(business or {})}})
    return replicate(Scenario.model_validate(yaml.safe_load(text)), layer, 0)
