"""One candidate tried: what it breaks, and where it has been."""

from dataclasses import dataclass, field
from datetime import datetime

from harness.agreed import Agreed
from harness.attempts import attempt
from harness.audit import audit
from harness.endings import RunFailed
from harness.hunting import findings
from harness.hunting.coverage import places
from harness.hunting.findings import Finding
from harness.layers import LayerChoice, choose
from harness.replication import (
    books_of,
    checked,
    concluded,
    queued_of,
    simulated,
    without_garbage_collection,
)
from harness.simulation import Simulation
from harness.strikes import struck
from harness.sweeps.trial import Trial, agreed
from scenarios.errors import ScenarioError
from scenarios.schema import Scenario
from sim.durations import DAY
from sim.readings import Reading

PATIENCE_CPU_S = 4.0
"""How long code of the layer may keep the processor in a candidate, whose whole run takes a fraction of that."""

Thresholds = tuple[tuple[str, str], ...]
"""Each a metric and a text; none: the promises."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a trial: what it breaks, the worst first; where it has been; its contracts; what struck, and when.

    A trial that is no scenario has been nowhere; nor has one that we could not run or judge ourselves, for the reason
    `at_fault`. `strikes` are the local instant, the place of the fault in the trial, and where it struck. `replayed`
    are the local instants of those planned replays that carried something again.
    """

    trial: Trial
    findings: tuple[Finding, ...] = ()
    places: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    strikes: tuple[tuple[datetime, int, str], ...] = field(default=(), repr=False)
    replayed: tuple[datetime, ...] = ()
    at_fault: str = ""


def tried(task: tuple[Trial, Thresholds]) -> Tried:
    """Run a trial. Raises LayerError."""
    trial, thresholds = task
    choice = choose(trial.layer)
    try:
        scenario = trial.loaded()
        seed = scenario.seed if trial.seed is None else trial.seed
        with attempt(scenario.name, trial.layer, seed):
            business = agreed(scenario, seed)
    except ScenarioError:
        return Tried(trial)
    except RunFailed as failed:
        return Tried(trial, at_fault=str(failed))
    contracts = tuple(business.truth.contracts())
    with without_garbage_collection():
        try:
            with attempt(scenario.name, trial.layer, seed):
                simulation = simulated(scenario, choice, seed, business.truth, patience_cpu_s=PATIENCE_CPU_S)
                checked(simulation)
        except RunFailed as failed:
            return Tried(trial, (findings.of_failure(failed),), (), contracts)
        try:
            with attempt(scenario.name, trial.layer, seed):
                found = _found(simulation, business, choice, thresholds)
                strikes = _strikes(simulation, scenario)
                return Tried(trial, found, places(simulation), contracts, strikes, _replayed(simulation))
        except RunFailed as failed:
            return Tried(trial, contracts=contracts, at_fault=str(failed))


def _found(
    simulation: Simulation, business: Agreed, choice: LayerChoice, thresholds: Thresholds
) -> tuple[Finding, ...]:
    """What a run breaks: of the thresholds or, if there are none, of the promises."""
    queued = queued_of(simulation)
    if thresholds:
        return findings.of_document(concluded(business, simulation, choice, queued).document, thresholds)
    books = books_of(simulation)
    audited = audit(business.expected, books, queued=queued, struck=struck(simulation))
    # Among faults, a source may give up telling: what no layer was told of, none can be held to.
    untold = bool(business.scenario.faults) and _gave_up(simulation)
    due_us = simulation.calendar.end_us - DAY
    return findings.of_audit(audited, due_us=due_us, locked_us=books.locks, whole=not untold)


def _gave_up(simulation: Simulation) -> bool:
    """Whether a source has given up telling somebody, who could not have taken it.

    What a layer that reads has passed over is its own affair; and so is what it has refused in peace: readable, and at
    an instant at which no fault was on.
    """
    systems = simulation.company.systems.values()
    subscriptions = (each for system in systems for each in system.publisher.subscriptions)
    given_up = {event for each in subscriptions if not isinstance(each, Reading) for event in each.given_up}
    if not given_up:
        return False
    altered = {event for system in systems for event in system.publisher.records}
    windows = [(fault.start_us, fault.end_us) for fault in simulation.faults]
    refused = {
        event
        for event, _, _, at_us, outcome in simulation.trace.rows("deliveries")
        if outcome == "refused" and not any(start_us <= at_us < end_us for start_us, end_us in windows)
    }
    return bool(given_up - (refused - altered))


def _replayed(simulation: Simulation) -> tuple[datetime, ...]:
    return tuple(_local(simulation, at_us) for at_us, carried in simulation.replayed if carried)


def _strikes(simulation: Simulation, scenario: Scenario) -> tuple[tuple[datetime, int, str], ...]:
    numbers = {fault.name: number for number, fault in enumerate(scenario.faults)}
    return tuple(
        (_local(simulation, at_us), numbers[name], where)
        for at_us, name, _, where, _ in simulation.wire.struck
        if name in numbers
    )


def _local(simulation: Simulation, at_us: int) -> datetime:
    return simulation.calendar.local(at_us).replace(tzinfo=None)
