"""From a scenario, a layer and a seed to the run document: simulate, check the laws, audit, measure, judge."""

import atexit
import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any

from fakes.books.ledger import RECEIVABLES
from fakes.company import Company
from harness import laws, statement_laws
from harness.agreed import Agreed, agree
from harness.audit import Audit, Books, audit
from harness.audit.statements import Statements, statements_of
from harness.close import Closed, close
from harness.cutover import Cutover
from harness.expectations import Threshold, check, threshold_of
from harness.lags import TARGETS, of_business, subject_of
from harness.layer import Selection
from harness.layers import BUILT_IN, LayerChoice, choose
from harness.metrics import Measurements, Spans, calendar_document
from harness.oracle import Expected
from harness.patterns.canonical_hub import CanonicalHub
from harness.patterns.event_driven import EventDriven
from harness.patterns.process_orchestration import ProcessOrchestration
from harness.queues import queues
from harness.reminders import reminder_metrics
from harness.simulation import PATIENCE_CPU_S, Progress, Simulation, simulate
from harness.stations import StationStatistics
from harness.status import BusinessStatus
from harness.strikes import struck
from scenarios.compile import calendar_of, faults_of, habits_of, policies_of, setups_of, staff_of
from scenarios.idle import idle
from scenarios.replays import at_us
from scenarios.resolved import digest
from scenarios.schema import Scenario
from scenarios.truth import Truth
from sim.calendar import FiscalCalendar
from sim.chance import Stream
from sim.durations import SECOND

RUN_SCHEMA = "tieout.run/1"
LISTED_BREAKS = 200
KEEPS_ORDER = (choose(ProcessOrchestration.NAME), choose(EventDriven.NAME), choose(CanonicalHub.NAME))
"""The layers that must leave perfect books where no fault hit anything, whatever else the scenario says."""


@dataclass(slots=True)
class Replication:
    """One finished run: its document, the lags behind its percentiles, and everything behind both.

    `slowest` are the events of each flow with the greatest lags, as `Measurements` has them.
    """

    document: dict[str, Any]
    event_lags_us: Spans
    simulation: Simulation
    expected: Expected
    books: Books
    audit: Audit
    statements: Statements
    closed: Closed | None
    slowest: Sequence[tuple[str, int, str, int, int]]


def _closed(agreed: Agreed, simulation: Simulation, found: Audit, books: Books) -> Closed:
    return close(
        calendar=agreed.calendar, erps=simulation.company.erps, expected=agreed.expected, found=found,
        staff=staff_of(agreed.scenario), work=agreed.scenario.close, seed=agreed.seed, payments=books.payments,
    )  # fmt: skip


def thresholds_of(scenario: Scenario) -> list[Threshold]:
    """The scenario's expectations, each once. Raises ValueError, naming it, for one that cannot be read."""
    said = (threshold_of(metric, text) for metric, texts in scenario.expect.items() for text in texts)
    return list(dict.fromkeys(said))


def program_version() -> str:
    """The version of Tieout that is running."""
    try:
        return version("tieout")
    except PackageNotFoundError:
        return "0+source"


def replicate(scenario: Scenario, layer: str | LayerChoice, seed: int, progress: Progress | None = None) -> Replication:
    """Run one replication. Raises InvariantBroken if a law of the simulated world does not hold."""
    began = perf_counter()
    with without_garbage_collection():
        return _replicated(agree(scenario, seed), _chosen(layer), progress, began)


def replicate_agreed(agreed: Agreed, layer: str | LayerChoice, progress: Progress | None = None) -> Replication:
    """Run one replication of a business that is drawn up already, perhaps for another layer. Raises as `replicate`."""
    began = perf_counter()
    with without_garbage_collection():
        return _replicated(agreed, _chosen(layer), progress, began)


def _chosen(layer: str | LayerChoice) -> LayerChoice:
    return choose(layer) if isinstance(layer, str) else layer


def _replicated(agreed: Agreed, choice: LayerChoice, progress: Progress | None, began: float) -> Replication:
    thresholds = thresholds_of(agreed.scenario)
    simulation = simulated(agreed.scenario, choice, agreed.seed, agreed.truth, progress)
    queued = queued_of(simulation)
    done = concluded(agreed, simulation, choice, queued)
    document = done.document
    verdicts = check(thresholds, document)
    document["expectations"] = [verdict.entry() for verdict in verdicts]
    document["remarks"] += [f"{each.threshold.name!r} was {each.remark}" for each in verdicts if not each.judged]
    if choice in KEEPS_ORDER and not queued:  # any other layer may rightly break something with no fault's help
        laws.undisturbed(document, simulation.trace)
    document["wall_s"] = round(perf_counter() - began, 3)
    return done


def concluded(
    agreed: Agreed,
    simulation: Simulation,
    choice: LayerChoice,
    queued: Collection[tuple[str, str, int]],
    *,
    closes: bool = True,
) -> Replication:
    """What came of a simulation, up to the end of its calendar: its laws checked, its books audited, all measured.

    Its expectations are not judged yet. `queued` are the events in somebody's hands, as the audit takes them. Who
    `closes` posts adjusting entries into the ledgers.
    """
    scenario, seed, calendar, expected = agreed.scenario, agreed.seed, agreed.calendar, agreed.expected
    fingerprint = simulation.trace.fingerprint()
    stations = checked(simulation)
    books = books_of(simulation)
    found = audit(expected, books, queued=queued, struck=struck(simulation))
    statement_laws.taken_over(agreed.due.moved, books.journal)
    statements = statements_of(expected, agreed.due, books, found)
    statement_laws.explained(statements)
    statement_laws.footed(statements)
    quarter = statements.quarter(expected)
    measured = Measurements(simulation, stations, expected)
    status = BusinessStatus(simulation, measured.events)
    closed = _closed(agreed, simulation, found, books) if closes else None
    document: dict[str, Any] = {
        "schema": RUN_SCHEMA,
        "tieout": program_version(),
        "scenario": scenario.name,
        "layer": choice.text,
        "layer_options": dict(choice.options),
        "seed": seed,
        "fingerprint": fingerprint,
        "simulated_s": calendar.end_us / SECOND,
        "wall_s": 0.0,
        "kernel_events": simulation.wire.clock.events,
        "api_calls": simulation.wire.calls,
        "truth": {**expected.totals, **agreed.due.totals},
        "metrics": _metrics(simulation, measured, found, status, closed),
        "duplicates": dict(found.duplicates),
        "missing": dict(found.missing),
        "breaks": {**found.summary(), "listed": [one.document() for one in found.telling(LISTED_BREAKS)]},
        "expectations": [],
        "flows": measured.flows(),
        "series": {**measured.series(), "business_status": status.series()},
        "business_status": status.at_period_ends(),
        "statements": statements.document(),
        **({"quarter_statements": quarter} if quarter else {}),
        **({"close": closed.document()} if closed else {}),
        "replays": [
            {"at": _local(calendar, at_us), "at_s": at_us / SECOND, "carried": carried}
            for at_us, carried in simulation.replayed
        ],
        **_cutover_document(scenario, calendar),
        "faults": measured.faults(),
        "calls": measured.calls,
        "calendar": calendar_document(calendar),
        "remarks": _remarks(simulation, scenario, choice),
        "scenario_digest": digest(scenario),
        "business_digest": agreed.digest,
    }
    statement_laws.quartered(document, agreed.due.totals)
    if choice.layer in BUILT_IN.values():
        unreflected = (each for events in measured.events for each in events.unreflected())
        laws.effect_conservation(unreflected, queued, simulation.trace, given_up_of(simulation))
    return Replication(
        document, measured.event_lags(), simulation, expected, books, found, statements, closed, measured.slowest()
    )


def simulated(
    scenario: Scenario,
    choice: LayerChoice,
    seed: int,
    truth: Truth,
    progress: Progress | None = None,
    patience_cpu_s: float = PATIENCE_CPU_S,
) -> Simulation:
    """A layer's run through a scenario, whose business is `truth`."""
    return simulate(
        calendar=calendar_of(scenario),
        truth=truth,
        setups=setups_of(scenario),
        policies=policies_of(scenario),
        faults=faults_of(scenario, seed),
        choice=choice,
        seed=seed,
        staff=staff_of(scenario),
        replays=_replays(scenario, calendar_of(scenario)),
        cutover=_cutover(scenario, calendar_of(scenario)),
        progress=progress,
        ties=None if scenario.tie_seed is None else Stream(scenario.tie_seed, "ties"),
        habits=habits_of(scenario),
        patience_cpu_s=patience_cpu_s,
    )


atexit.register(gc.unfreeze)  # native modules take what is still set aside at the end for leaked, and say so


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """A run only grows, and makes no garbage in cycles: looking for some again and again costs a fifth of it.

    What runs leave behind is set aside, and looked through when the next one begins and it has become much.
    """
    if not gc.isenabled():
        yield
        return
    if sum(_left_behind) > LEFT_BEHIND_MAX:
        _left_behind.clear()
        gc.unfreeze()
        gc.collect()
    gc.disable()
    try:
        yield
    finally:
        _left_behind.append(gc.get_count()[0])
        gc.freeze()
        gc.enable()


LEFT_BEHIND_MAX = 500_000
_left_behind: list[int] = []
"""How many objects each of the runs has left whose remains are set aside."""


def _metrics(
    simulation: Simulation, measured: Measurements, found: Audit, status: BusinessStatus, closed: Closed | None
) -> dict[str, Any]:
    metrics = {**measured.metrics(), **found.metrics()}
    for queue, lay_there in queues(simulation).items():
        metrics[queue] = {**metrics[queue], **lay_there}
    people = {"manual_touches": simulation.touches, "business_status": status.metrics()}
    if closed is not None:
        people.update(closed.metrics())
    return {**metrics, **people, **reminder_metrics(simulation)}


def _cutover(scenario: Scenario, calendar: FiscalCalendar) -> Cutover | None:
    """The layer that takes over, and when, if the scenario has one."""
    said = scenario.cutover
    return Cutover(choose(said.to), said.at_us(calendar), said.overlap_us) if said else None


def _cutover_document(scenario: Scenario, calendar: FiscalCalendar) -> dict[str, Any]:
    """The `cutover` of the run document, if the scenario has one."""
    said = scenario.cutover
    if said is None:
        return {}
    at_us = said.at_us(calendar)
    overlap_s = said.overlap_us / SECOND
    return {"cutover": {"to": said.to, "at": _local(calendar, at_us), "at_s": at_us / SECOND, "overlap_s": overlap_s}}


def _local(calendar: FiscalCalendar, at_us: int) -> str:
    return calendar.local(at_us).isoformat(timespec="minutes")


def _replays(scenario: Scenario, calendar: FiscalCalendar) -> list[tuple[int, Selection]]:
    """When what is carried again, as the scenario says it."""
    return [
        (
            at_us(replay, calendar),
            Selection(
                target=replay.target,
                types=frozenset(replay.events),
                reason=replay.reason,
                older_than_us=replay.older_than_us or 0,
                limit=replay.limit,
            ),
        )
        for replay in scenario.replays
    ]


def books_of(simulation: Simulation) -> Books:
    """What the systems' books say at the end of the run."""
    company = simulation.company
    return Books(
        billing_customers=tuple(company.billing.customers.all.values()),
        subscriptions=tuple(company.billing.subscriptions.values()),
        invoices=tuple(company.billing.invoices),
        erp_customers=company.of_erps(lambda erp: erp.customers.all.values()),
        orders=company.of_erps(lambda erp: erp.orders.values()),
        open_items=company.of_erps(lambda erp: erp.open_items),
        journal=company.of_erps(lambda erp: erp.ledger.entries),
        locks=dict(company.erp.ledger.locked_us),
        revenue_contracts=tuple(company.revenue.contracts.values()),
        recognitions=tuple(company.revenue.recognitions),
        entities=_entities(company),
        projects=tuple(company.projects.projects.values()),
        billing_rendered=company.billing.rendered,
        revenue_rendered=company.revenue.rendered,
        billed_documents=tuple(company.revenue.billed),
        payments=tuple(company.billing.payments),
        receipts=company.of_erps(lambda erp: erp.cash.receipts),
        applications=company.of_erps(lambda erp: erp.cash.applications),
    )


def checked(simulation: Simulation) -> Mapping[str, StationStatistics]:
    """The stations' statistics, once every law that must hold on any run has been found to hold."""
    company = simulation.company
    systems = company.systems.values()
    calendar, servers = simulation.calendar, [system.server for system in systems]
    stations = laws.check_calls(simulation.wire, servers, calendar.end_us, calendar.quarter_start_us)
    fates = {
        subscription.name: subscription.fates() for system in systems for subscription in system.publisher.subscriptions
    }
    laws.event_conservation(simulation.trace, fates)
    ties = {
        "receivables and their control account": (
            sum([item.open_minor for item in company.of_erps(lambda erp: erp.open_items)]),
            sum(erp.ledger.totals.get(RECEIVABLES, 0) for erp in company.erps.values()),
        ),
        "invoices and their charge lines": (
            sum([invoice.total_minor for invoice in company.billing.invoices]),
            sum([line.minor for invoice in company.billing.invoices for line in invoice.lines]),
        ),
        "recognitions and their amounts by product": (
            sum([recognition.total_minor for recognition in company.revenue.recognitions]),
            sum([minor for recognition in company.revenue.recognitions for _, minor in recognition.amounts]),
        ),
    }
    laws.posting_conservation((), ties)  # each entry for itself was looked at on the day of its posting
    return stations


def _entities(company: Company) -> dict[str, str]:
    """Of a group, which legal entity's ERP has each order and each entry."""
    if len(company.erps) == 1:
        return {}
    entities: dict[str, str] = {}
    for entity, erp in company.erps.items():
        entities.update((customer_id, entity) for customer_id in erp.customers.all)
        entities.update((order_id, entity) for order_id in erp.orders)
        entities.update((entry.id, entity) for entry in erp.ledger.entries)
    return entities


def queued_of(simulation: Simulation) -> frozenset[tuple[str, str, int]]:
    """What is still on its way at the end: (flow, key, version) of events in the layer's hands or undelivered."""
    held = [(subject_of(event), target, event) for event, target in simulation.deployment.held()]
    serves = simulation.deployment.served()
    for system in simulation.company.systems.values():
        for subscription in system.publisher.subscriptions:
            for event in filter(of_business, subscription.pending(system.publisher.published)):
                subject, served = subject_of(event), serves[subscription.name]
                held += [(subject, target, event) for target in TARGETS[subject] if target in served]
    return frozenset((f"{subject}->{target}", event.key, event.version) for subject, target, event in held)


def given_up_of(simulation: Simulation) -> frozenset[int]:
    """The events that a source gave up telling to someone, or that someone passed over who reads by himself."""
    systems = simulation.company.systems.values()
    subscriptions = (subscription for system in systems for subscription in system.publisher.subscriptions)
    return frozenset(event for subscription in subscriptions for event in subscription.given_up)


def _alike(one: LayerChoice, other: LayerChoice) -> bool:
    """Whether two choices are the same layer with the same options, however they were asked for."""
    return one.layer is other.layer and one.options == other.options


def _remarks(simulation: Simulation, scenario: Scenario, choice: LayerChoice) -> list[str]:
    """What of the plan came to nothing, and whether anything was checked."""
    remarks = [
        f"planned fault {fault.name!r} ({fault.kind}) touched nothing: "
        f"its window, its system or its share never met a call or an event"
        for fault in simulation.faults
        if not fault.hits
    ]
    remarks += [
        f"planned replay of {simulation.calendar.local(at_us):%Y-%m-%d %H:%M} carried nothing again: "
        f"the layer had set nothing aside that it asks for"
        for at_us, carried in simulation.replayed
        if not carried
    ]
    remarks += idle(scenario.business)
    remarks += simulation.layer.remarks()
    if scenario.cutover and _alike(choice, choose(scenario.cutover.to)):
        remarks.append(
            f"planned cutover to {scenario.cutover.to!r} replaces the layer by its like: "
            f"begin the run with another, or name another in `to`"
        )
    if not scenario.expect:
        remarks.append("nothing was checked: the scenario has no expectations; add them under `expect`")
    return remarks
