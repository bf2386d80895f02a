"""The numbers of a run are those counted by hand, and those counted again from its trace and its records."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest

from fakes.records import ChargeLine, Invoice
from harness.lags import NOT_YET_US, business_events
from harness.layer import Layer, LayerCounts
from harness.layers import LayerChoice
from harness.metrics import Measurements, calendar_document
from harness.replication import replicate
from scenarios.compile import calendar_of
from scenarios.load import loads
from scenarios.schema import Scenario
from sim.chance import constant
from sim.delivery import Subscription
from sim.durations import HOUR, MINUTE, SECOND
from sim.faults import NEVER_US, Brownout, LateDelivery, Outage
from sim.trace import Trace
from tests.harness.by_hand import (
    company,
    customer,
    entry,
    event,
    open_item,
    order,
    revenue_contract,
    subscription,
)

# --- by hand -----------------------------------------------------------------------------------------


def measured(
    seen=None, *, calls=(), faults=(), from_us=0, until_us=10 * HOUR, contracts=0, held=(), stations=None, due=None,
    durable_writes=0, struck=(), **counts,
):  # fmt: skip
    """The measurements of a run made by hand: `calls` are (sent, operation, outcome)."""
    trace = Trace()
    for number, (sent_us, operation, outcome) in enumerate(calls, start=1):
        trace.calls.append((number, 0, operation, "C-1", 1, sent_us, sent_us, sent_us, sent_us, sent_us, outcome))
    simulation = SimpleNamespace(
        calendar=SimpleNamespace(quarter_start_us=from_us, end_us=until_us),
        company=seen or company(),
        trace=trace,
        faults=list(faults),
        deployment=SimpleNamespace(held=lambda: held, parked=lambda: held[:1]),
        counts=LayerCounts(**counts),
        facade={},
        durable_writes=durable_writes,
        wire=SimpleNamespace(struck=struck),
    )
    return Measurements(simulation, stations or {}, SimpleNamespace(lines=due or {}, totals={"contracts": contracts}))


def accounts(*spans):
    """A company with an account for each (opened, in both targets or None)."""
    spans = list(enumerate(spans))
    customers = [customer(f"A-{number}", there_us) for number, (_, there_us) in spans if there_us is not None]
    told = [event("account_opened", f"A-{number}", opened_us, number=number) for number, (opened_us, _) in spans]
    return company(*told, billing_customers=customers, erp_customers=customers)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        ("refused", "refused"),
        ("unavailable", "5xx"),
        ("throttled", "429"),
        ("too_late", "timeout"),
        ("lost_request", "timeout"),
        ("outage", "timeout"),
        ("lost_response", "lost_response"),
        ("customer_not_found", "4xx"),
    ],
)
def test_a_failed_call_is_of_one_kind(outcome, kind):
    calls = [(0, "erp.post_document", outcome), *[(0, "erp.post_document", "ok")] * 2, (0, "erp.find_orders", "ok")]
    assert measured(calls=calls).metrics()["failure_rate"] == {
        kind: 0.25, "all": 0.25, "erp": {kind: 0.25, "all": 0.25},
    }  # fmt: skip


def test_a_repeated_answer_is_an_answer():
    calls = [(0, "billing.create_customer", "ok"), (0, "billing.create_customer", "replayed")]
    assert measured(calls=calls).metrics()["failure_rate"] == {"all": 0, "billing": {"all": 0}}


def test_calls_are_counted_by_system_operation_and_outcome_since_the_quarter_began():
    ok, late = ("erp.post_document", "ok"), ("erp.post_document", "too_late")
    seen = measured(
        calls=[(99, *ok), (100, *ok), (101, *late), (200, *ok), (200, "billing.create_customer", "ok")], from_us=100
    )
    assert seen.calls == [
        {"system": "billing", "operation": "create_customer", "outcome": "ok", "count": 1},
        {"system": "erp", "operation": "post_document", "outcome": "ok", "count": 2},
        {"system": "erp", "operation": "post_document", "outcome": "too_late", "count": 1},
    ]
    assert seen.metrics()["api_calls"] == {"crm": 0, "billing": 1, "erp": 3, "revenue": 0, "projects": 0}


def test_calls_are_set_against_events_and_contracts():
    seen = measured(
        accounts((0, HOUR), (HOUR, None), (2 * HOUR, 3 * HOUR)),
        calls=[(HOUR, "erp.find_orders", "ok")] * 6,
        contracts=3,
        from_us=HOUR,
        retries=3,
    )
    metrics = seen.metrics()
    assert (metrics["amplification"], metrics["calls_per_contract"]) == (6 / 2, 6 / 3)
    assert (metrics["retries"], metrics["retry_share"]) == (3, 0.5)


def test_durable_writes_are_told_as_the_run_counted_them():
    metrics = measured(durable_writes=7).metrics()

    assert (metrics["durable_writes"], metrics["durable_s"]) == (7, 0.035)


def test_a_run_in_which_nothing_happened_has_numbers_too():
    metrics = measured().metrics()
    for name in ("amplification", "calls_per_contract", "retry_share", "goodput"):
        assert metrics[name] == 0
    assert (metrics["failure_rate"], metrics["recovery_time"], metrics["fault_hits"]) == ({}, {}, {})
    assert metrics["backlog"] == {"peak": 0, "mean": 0.0}
    assert (metrics["event_lag"]["count"], metrics["event_lag"]["p50_s"]) == (0, None)
    assert measured().flows() == []


def test_the_lag_of_what_never_arrived_is_counted_beside_the_rest():
    """Opened before the quarter, and in it: there after 3 s, after 5 s, and never."""
    opened = [(HOUR, HOUR + SECOND), *((2 * HOUR, there) for there in (2 * HOUR + 3 * SECOND, 2 * HOUR + 5 * SECOND))]
    seen = measured(accounts(*opened, (3 * HOUR, None)), from_us=2 * HOUR)
    flows = {flow["flow"]: flow for flow in seen.flows()}
    assert list(flows) == ["account->billing", "account->erp"]
    for flow in flows.values():
        assert (flow["expected"], flow["arrived"], flow["never_share"]) == (3, 2, 1 / 3)
        assert (flow["p50_s"], flow["max_s"], flow["mean_s"]) == (5.0, None, None)
    lag = seen.metrics()["event_lag"]
    assert (lag["count"], lag["never_share"], lag["p50_s"], lag["p95_s"]) == (6, 1 / 3, 5.0, None)
    assert seen.metrics()["goodput"] == 2 / 8


def test_an_amendment_is_synchronised_when_the_last_system_has_it():
    seen = company(
        event("contract_amended", "C-1", 0, 2),
        event("contract_cancelled", "C-2", 0, 2),
        subscriptions=[subscription("C-1", {2: 5 * SECOND}), subscription("C-2", {2: SECOND})],
        orders=[order("C-1", {2: 9 * SECOND}), order("C-2", {2: SECOND})],
        revenue_contracts=[revenue_contract("C-1", {2: 7 * SECOND})],
    )
    sync = measured(seen).metrics()["amendment_sync_time"]
    assert (sync["count"], sync["never_share"], sync["p50_s"], sync["max_s"]) == (2, 0.5, 9.0, None)


def invoice(due_us, issued_us):
    return Invoice("INV", "sub", "C-1", "A-1", "USD", 0, due_us, issued_us, (), 100)


def test_an_invoice_is_late_when_issued_and_again_when_posted():
    seen = company(
        event("invoice_issued", "INV-1", HOUR),
        invoices=[invoice(0, HOUR - 1), invoice(HOUR, HOUR), invoice(HOUR, HOUR + 4 * SECOND)],
        items=[open_item("INV-1", HOUR + 6 * SECOND)],
    )
    delay = measured(seen, from_us=HOUR).metrics()["invoice_delay"]
    assert (delay["issued"]["count"], delay["issued"]["p50_s"], delay["issued"]["max_s"]) == (2, 0.0, 4.0)
    assert (delay["posted"]["count"], delay["posted"]["max_s"]) == (1, 6.0)


def test_the_delay_of_a_correction_counts_from_the_agreement_and_not_from_when_billing_heard_of_it():
    """Billing dates a correction's due instant by its own hearing; two charges are due from the earlier one on."""
    corrected = replace(
        invoice(HOUR, HOUR), contract="C-1", lines=(ChargeLine(2, 0, 0, 30, 500), ChargeLine(3, 0, 0, 30, 200))
    )
    due = {("C-1", 2, 0): SimpleNamespace(due_us=HOUR - 9 * SECOND), ("C-1", 3, 0): SimpleNamespace(due_us=HOUR)}
    delay = measured(company(invoices=[corrected]), due=due).metrics()["invoice_delay"]
    assert delay["issued"]["max_s"] == 9.0


def test_a_delivery_lasts_from_the_commit_until_the_layer_has_accepted_it():
    """One subscriber accepted one of two after 2 s; another wants neither. What came before the quarter is left out."""
    wants = Subscription("layer", None, frozenset({"account_opened"}), SimpleNamespace(hasher=lambda *_: None), 1)
    other = Subscription("other", None, frozenset({"invoice_issued"}), SimpleNamespace(hasher=lambda *_: None), 1)
    wants.accepted_us.update({1: HOUR, 2: HOUR + 2 * SECOND})
    told = [event("account_opened", f"A-{n}", at_us, number=n) for n, at_us in ((1, 0), (2, HOUR), (3, HOUR))]
    lag = measured(company(*told, subscribers=[wants, other]), from_us=HOUR).metrics()["delivery_lag"]
    assert (lag["count"], lag["never_share"], lag["p50_s"], lag["max_s"]) == (2, 0.5, 2.0, None)


def fault(kind, name, start_us, end_us, hits=1, **fields):
    return kind(name=name, target="erp", start_us=start_us, end_us=end_us, hits=hits, **fields)


@pytest.mark.parametrize(
    ("back_us", "recovery_s"), [(5 * HOUR, 3600.0), (4 * HOUR + MINUTE, 60.0), (3 * HOUR, 0.0), (None, None)]
)
def test_recovery_takes_from_a_faults_end_until_the_backlog_is_as_low_as_before(back_us, recovery_s):
    """One account was lost long before: that level is the one to come back to."""
    seen = accounts((0, None), (2 * HOUR + MINUTE, back_us))
    down = fault(Outage, "down", 2 * HOUR, 4 * HOUR)
    assert measured(seen, faults=[down]).metrics()["recovery_time"] == {"down": recovery_s}


def test_what_is_committed_as_a_fault_begins_is_no_part_of_the_level_before_it():
    """A bill run in the very instant in which the ERP begins to crawl: back only when its last posting is there."""
    seen = accounts((2 * HOUR, 5 * HOUR), (2 * HOUR, 4 * HOUR + MINUTE))
    crawl = fault(Brownout, "crawl", 2 * HOUR, 4 * HOUR)
    assert measured(seen, faults=[crawl]).metrics()["recovery_time"] == {"crawl": 3600.0}


def test_only_faults_that_struck_and_ended_have_a_recovery():
    faults = [
        fault(Outage, "missed", HOUR, 2 * HOUR, hits=0),
        fault(Brownout, "to the end", HOUR, 10 * HOUR),
        fault(Brownout, "for ever", HOUR, NEVER_US),
        fault(LateDelivery, "late", HOUR, 2 * HOUR, share_ppm=1, delay=constant(1)),
        fault(Brownout, "crawl", HOUR, 2 * HOUR),
    ]
    assert measured(faults=faults).metrics()["recovery_time"] == {"late": 0.0, "crawl": 0.0}


def test_faults_are_told_with_their_windows_and_hits():
    faults = [fault(Outage, "down", HOUR, 2 * HOUR, hits=7), fault(Brownout, "for ever", 3 * HOUR, NEVER_US, hits=0)]
    struck = [(at_us, "down", "outage", "erp.post_document", "C-1") for at_us in (HOUR, 3 * HOUR // 2)]
    seen = measured(faults=faults, struck=struck)
    assert seen.faults() == [
        {
            "name": "down",
            "kind": "outage",
            "target": "erp",
            "from_s": 3600.0,
            "until_s": 7200.0,
            "hits": 7,
            "last_s": 5400.0,
        },
        {
            "name": "for ever",
            "kind": "brownout",
            "target": "erp",
            "from_s": 10800.0,
            "until_s": 36000.0,
            "hits": 0,
            "last_s": None,
        },
    ]
    assert seen.metrics()["fault_hits"] == {"down": 7, "for ever": 0}


def test_the_backlog_is_told_hour_by_hour():
    seen = measured(accounts((HOUR // 2, 3 * HOUR), (2 * HOUR, None)), until_us=4 * HOUR)
    assert seen.series() == {"step_s": 3600, "backlog": [0, 1, 2, 1, 1], "oldest_s": [0, 1800, 5400, 3600, 7200]}
    assert seen.metrics()["backlog"] == {"peak": 2, "mean": (2.5 + 2) / 4}
    assert seen.metrics()["freshness"] == {"max_s": 7200.0, "billing": 7200.0, "erp": 7200.0, "revenue": 0.0}


def test_freshness_and_the_peak_forget_the_lead_in():
    seen = measured(accounts((0, 5 * HOUR), (0, 5 * HOUR), (7 * HOUR, 9 * HOUR)), from_us=6 * HOUR)
    assert seen.metrics()["freshness"] == {"max_s": 3600.0, "billing": 3600.0, "erp": 3600.0, "revenue": 0.0}
    assert seen.metrics()["backlog"] == {"peak": 1, "mean": 2 / 4}


def test_customers_beyond_one_an_account_are_duplicates():
    seen = company(
        billing_customers=[customer("A-1", 1), customer("A-1", 2), customer("A-2", 3), customer("A-1", 4)],
        erp_customers=[customer("A-1", 1)],
    )
    assert measured(seen).metrics()["duplicate_customers"] == {"billing": 2, "erp": 0}


def test_what_the_layer_could_not_carry_is_told_as_it_counted_it():
    seen = measured(
        dead_lettered=5, dropped=4, replayed=3, parked=2, skipped_repeats=7, skipped_superseded=6, held_for_order=8,
        held=["parked", "under way", "under way"],
    )  # fmt: skip
    assert seen.metrics()["dead_letters"] == {"in": 5, "dropped": 4, "replayed": 3}
    assert seen.metrics()["work_queue"] == {"in": 2, "open": 1}
    assert (seen.metrics()["in_hand"], seen.metrics()["held_for_order"]) == (3, 8)
    assert seen.metrics()["skipped"] == {"repeats": 7, "superseded": 6}


def test_how_busy_the_systems_were_is_told_by_system():
    station = SimpleNamespace(utilisation=0.4, mean_queue=1.5, mean_wait_us=2.5 * SECOND)
    metrics = measured(stations={"erp": station}).metrics()
    assert [metrics[name] for name in ("utilisation", "queue_length", "wait")] == [
        {"erp": 0.4}, {"erp": 1.5}, {"erp": 2.5},
    ]  # fmt: skip


def test_a_recognition_is_in_the_ledger_when_its_entry_is():
    seen = company(event("revenue_recognised", "REC-1", 0), entries=[entry("REC-1", 8 * SECOND)])
    (flow,) = measured(seen).flows()
    assert (flow["flow"], flow["arrived"], flow["max_s"]) == ("recognition->erp", 1, 8.0)


def test_the_calendar_is_told_in_seconds_since_the_first_instant():
    scenario = Scenario(name="s", calendar={"quarter_start": "2026-03-01", "months": 1, "lead_in": "7 d"})
    assert calendar_document(calendar_of(scenario)) == {
        "start": "2026-02-22T00:00:00-05:00",
        "timezone": "America/New_York",
        "measured_from_s": 7 * 86_400,
        "quarter_end_s": 38 * 86_400 - 3_600,  # the clocks went forward on 8 March
        "audited_at_s": 45 * 86_400 + 18 * 3_600 - 3_600,  # the sixth business day of April, 18:00
    }


# --- of a run ----------------------------------------------------------------------------------------

TROUBLED = """
name: troubled
calendar: {quarter_start: 2026-03-01, months: 1, lead_in: 7 d}
business: {contracts: 30, profile: flat, amendments: {per_contract_year: 6}}
faults:
  - {kind: outage, system: billing, from: 2026-03-10 12:00, for: 30 h, name: away}
  - {kind: brownout, system: erp, from: 2026-03-12 00:00, for: 3 d, name: crawling}
  - {kind: throttling, system: revenue, from: 2026-03-16 00:00, for: 3 d, per_minute: 1, name: capped}
  - {kind: lost_response, system: erp, share: 0.1, name: lost}
  - {kind: duplicate_delivery, system: crm, share: 0.3, name: twice}
"""


@pytest.fixture(scope="module", params=["point-to-point", "process-orchestration", "event-driven"])
def run(request):
    return replicate(loads(TROUBLED, "troubled"), request.param, 1)


def rows(run, table, *names):
    """The rows of a table as dictionaries of these columns, in the order of the trace."""
    return [dict(zip(names, row, strict=True)) for row in run.simulation.trace.rows(table)]


CALL = (
    "call", "cause", "operation", "key", "occurrence", "sent", "arrived", "left", "committed", "answered", "outcome",
)  # fmt: skip


@pytest.fixture(scope="module")
def calls(run):
    """The calls sent since the quarter began."""
    begun_us = run.simulation.calendar.quarter_start_us
    return [call for call in rows(run, "calls", *CALL) if call["sent"] >= begun_us]


@pytest.fixture(scope="module")
def told(run):
    """The events committed since the quarter began."""
    begun_us = run.simulation.calendar.quarter_start_us
    named = rows(run, "events", "event", "cause", "type", "key", "version", "committed")
    return [event for event in named if event["committed"] >= begun_us]


def subject(event):
    """What an event of the trace is about."""
    source, _, type_ = event["type"].partition(".")
    if source == "crm" and type_ != "account_opened":
        return "contract" if event["version"] == 1 else "amendment"
    return {"crm": "account", "billing": "invoice", "revenue": "recognition"}[source]


def test_calls_are_the_rows_of_the_trace(run, calls):
    document = run.document
    counted = Counter((call["operation"], call["outcome"]) for call in calls)
    assert {
        (f"{entry['system']}.{entry['operation']}", entry["outcome"]): entry["count"] for entry in document["calls"]
    } == dict(counted)
    assert sum(document["metrics"]["api_calls"].values()) == len(calls)
    assert document["metrics"]["api_calls"] == {
        system: sum(call["operation"].startswith(f"{system}.") for call in calls)
        for system in ("crm", "billing", "erp", "revenue")
    }


def test_calls_are_set_against_the_events_and_contracts_there_were(run, calls, told):
    metrics = run.document["metrics"]
    assert metrics["amplification"] == len(calls) / len(told)
    assert metrics["calls_per_contract"] == len(calls) / run.document["truth"]["contracts"]


def test_the_kinds_of_failure_add_up(run, calls):
    rates = dict(run.document["metrics"]["failure_rate"])
    failed = sum(call["outcome"] not in {"ok", "replayed"} for call in calls)
    assert failed
    assert rates.pop("all") == failed / len(calls)
    by_system = {name: rates.pop(name) for name in ("billing", "erp", "revenue") if name in rates}
    assert sum(rates.values()) == pytest.approx(failed / len(calls))
    sent = Counter(call["operation"].partition(".")[0] for call in calls)
    assert sum(rate["all"] * sent[name] for name, rate in by_system.items()) == pytest.approx(failed)


def test_each_flow_has_the_events_of_its_subject(run, told):
    counted = Counter(map(subject, told))
    assert {flow["flow"]: flow["expected"] for flow in run.document["flows"]} == {
        f"{name}->{target}": counted[name]
        for name, targets in {
            "account": ("billing", "erp"),
            "contract": ("billing", "erp", "revenue"),
            "amendment": ("billing", "erp", "revenue"),
            "invoice": ("erp", "revenue"),
            "recognition": ("erp",),
        }.items()
        for target in targets
    }


def test_event_lag_is_of_all_flows_together(run):
    flows, lag = run.document["flows"], run.document["metrics"]["event_lag"]
    expected = sum(flow["expected"] for flow in flows)
    assert lag["count"] == expected
    assert lag["never_share"] == pytest.approx(1 - sum(flow["arrived"] for flow in flows) / expected)
    slowest = [flow["max_s"] for flow in flows]
    assert lag["max_s"] == (None if None in slowest else max(slowest))


def test_the_lag_of_an_invoice_is_that_of_its_first_open_item(run, told):
    posted = {}
    for item in run.simulation.company.erp.open_items:
        posted[item.document] = min(posted.get(item.document, NEVER_US), item.posted_us)
    invoices = [event for event in told if subject(event) == "invoice"]
    lags = sorted(posted.get(invoice["key"], NEVER_US) - invoice["committed"] for invoice in invoices)
    (flow,) = (flow for flow in run.document["flows"] if flow["flow"] == "invoice->erp")
    assert flow["arrived"] == sum(invoice["key"] in posted for invoice in invoices)
    assert flow["p50_s"] == lags[-(-len(lags) // 2) - 1] / SECOND
    assert flow["quantiles_s"][0] == lags[0] / SECOND


def test_delivery_lag_is_of_every_event_and_every_subscriber_that_wants_it(run, told):
    measured_ids = {event["event"] for event in told}
    accepted = {
        (row["event"], row["subscriber"])
        for row in rows(run, "deliveries", "event", "subscriber", "attempt", "arrived", "outcome")
        if row["outcome"] == "accepted" and row["event"] in measured_ids
    }
    lag = run.document["metrics"]["delivery_lag"]
    wanted = sum(
        event["type"].partition(".")[2] in subscription.types
        for event in told
        for subscription in run.simulation.company.systems[event["type"].partition(".")[0]].publisher.subscriptions
    )
    assert lag["count"] == wanted >= len(told)
    assert lag["never_share"] == pytest.approx(1 - len(accepted) / wanted)


def test_faults_hit_what_the_trace_noted(run):
    noted = Counter(row["what"] for row in rows(run, "notes", "at", "cause", "what", "where", "key"))
    for fault in run.document["faults"]:
        assert fault["hits"] == noted[fault["kind"]] > 0
        assert fault["hits"] == run.document["metrics"]["fault_hits"][fault["name"]]


def test_the_backlog_of_a_run_never_exceeds_its_peak_and_ends_with_what_never_arrived(run):
    series, metrics = run.document["series"], run.document["metrics"]
    first = run.document["calendar"]["measured_from_s"] // series["step_s"]
    assert max(series["backlog"][first:]) <= metrics["backlog"]["peak"]
    assert 0 < metrics["backlog"]["mean"] <= metrics["backlog"]["peak"]
    never = sum(int((events.everywhere_us == NOT_YET_US).sum()) for events in business_events(run.simulation.company))
    assert run.document["calendar"]["audited_at_s"] % series["step_s"] == 0
    assert series["backlog"][-1] == never


def test_where_nothing_waits_nothing_is_old(run):
    series = run.document["series"]
    first = run.document["calendar"]["measured_from_s"] // series["step_s"]
    hours = list(zip(series["backlog"], series["oldest_s"], strict=True))
    assert any(age_s for _, age_s in hours)
    assert not any(age_s for waiting, age_s in hours if not waiting)
    assert run.document["metrics"]["freshness"]["max_s"] >= max(series["oldest_s"][first:])


def test_recovery_is_known_for_the_faults_that_end_before_the_run_does(run):
    times = run.document["metrics"]["recovery_time"]
    assert set(times) == {"away", "crawling", "capped"}
    dropped = run.simulation.surroundings.counts.dropped
    assert (times["away"] is None) == (dropped > 0)


def test_busy_systems_are_busy_in_part(run):
    metrics = run.document["metrics"]
    assert all(0 < metrics["utilisation"][system] < 1 for system in ("billing", "erp", "revenue"))
    assert all(metrics[name][system] >= 0 for name in ("queue_length", "wait") for system in metrics["wait"])


# --- of a layer that does nothing --------------------------------------------------------------------


class Nothing(Layer):
    """Wants to hear of nothing."""

    NAME = "nothing"
    SUMMARY = "carries nothing"

    def endpoints(self):
        return []


def test_a_layer_that_carries_nothing_is_measured_too():
    """What breaks under a layer of the user's own is a finding, not a law of ours that does not hold."""
    scenario = loads("name: quiet\ncalendar: {months: 1, lead_in: 7 d}\nbusiness: {contracts: 5}", "quiet")
    document = replicate(scenario, LayerChoice("nothing", Nothing, {}), 1).document
    metrics = document["metrics"]
    assert (document["calls"], sum(metrics["api_calls"].values()), metrics["goodput"]) == ([], 0, 0.0)
    assert (metrics["event_lag"]["never_share"], metrics["failure_rate"]) == (1.0, {})
    assert sum(document["missing"].values()) > 0
    assert metrics["freshness"]["max_s"] > 0
