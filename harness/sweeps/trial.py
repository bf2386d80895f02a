"""One trial: a layer run through a scenario with some fields overridden, and what is wrong with its end.

A trial is the same run as `tieout run` with its command, without the measuring: a few milliseconds for two
contracts. So that thousands of them take seconds, the business of a scenario is drawn up once a process.
"""

import shlex
from dataclasses import dataclass, replace

from harness import laws
from harness.agreed import Agreed, agree
from harness.attempts import attempt
from harness.audit import audit
from harness.audit.breaks import Break
from harness.endings import RunFailed
from harness.lags import NOT_YET_US, BusinessEvents, business_events
from harness.layers import choose
from harness.oracle import Expected
from harness.replication import books_of, checked, given_up_of, queued_of, simulated, without_garbage_collection
from harness.simulation import Simulation
from scenarios.calendar import Calendar
from scenarios.load import load
from scenarios.schema import Scenario
from sim.errors import InvariantBroken

SMALLEST = "two-contracts"
"""The library's smallest business, which single faults are tried on."""

ABSENT = frozenset(
    {
        "missing_downstream",
        "usage_gap",
        "stale_master_data",
        "stale_amendment",
        "cancelled_still_running",
        "timing_difference",
        "half_posted",
        "unapplied_cash",
    }
)
"""Kinds of break that say: something has not arrived. Cash is unapplied while its document has not."""

LATE = frozenset({"wrong_period", "posted_to_closed_period", "wrong_schedule_shape"})
"""Kinds of break that say: all of it is there, and some came after its month."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was wrong at the end of a trial, each a line for people.

    `failed`: an error that ended the run. `wrong`: a record too many, or one that says another thing than was agreed.
    `absent`: what has not arrived. `late`: what is right, but in a later month. `unaccounted`: an event that nobody
    has. `hits` counts what the faults touched, `lag_us` is the longest that anything took to where it arrived,
    `duplicates` the number of records too many, and `off_minor` the sum of what is off, nothing netted.
    """

    failed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    unaccounted: tuple[str, ...] = ()
    hits: int = 0
    lag_us: int = 0
    duplicates: int = 0
    off_minor: int = 0
    fingerprint: str = ""

    @property
    def broken(self) -> tuple[str, ...]:
        """All of it, the worst first."""
        return self.failed + self.wrong + self.absent + self.late + self.unaccounted

    @property
    def unsafe(self) -> tuple[str, ...]:
        """What must not be at any time, whatever has gone wrong."""
        return self.failed + self.wrong

    @property
    def lost(self) -> tuple[str, ...]:
        """What must not be in the end, once everything works again."""
        return self.failed + self.absent


@dataclass(frozen=True, slots=True)
class Trial:
    """A layer with one seed through `scenario` (a library name or a file's path), with `overrides` and `faults`.

    These faults are in place of the scenario's own, if there are any; each is written as in its file.
    `what` says what it tries, such as "crash after effect 17, a commit at erp".
    """

    layer: str
    scenario: str = SMALLEST
    seed: int | None = None
    overrides: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    what: str = ""

    @property
    def _said(self) -> tuple[str, ...]:
        return (*self.overrides, f"faults=[{', '.join(self.faults)}]") if self.faults else self.overrides

    @property
    def command(self) -> str:
        """The command line that repeats it."""
        words = ["tieout", "run", self.scenario, "--layer", self.layer]
        if self.seed is not None:
            words += ["--seed", str(self.seed)]
        for said in self._said:
            words += ["--set", said]
        return shlex.join(words)

    def with_fault(self, fault: str, what: str = "") -> "Trial":
        """The same, with one more fault, as a scenario's file would write it."""
        return replace(self, faults=(*self.faults, fault), what=what or self.what)

    def with_override(self, *said: str, what: str = "") -> "Trial":
        """The same, with more fields overridden."""
        return replace(self, overrides=(*self.overrides, *said), what=what or self.what)

    def loaded(self) -> Scenario:
        """Its scenario. Raises ScenarioError."""
        return load(self.scenario, self._said)

    def run(self) -> Outcome:
        """The run, and what is wrong with its end: an error in the layer's code is a finding like any other."""
        return self.watched()[0]

    def watched(self) -> tuple[Outcome, Simulation | None]:
        """The same, with the run itself if it came to its end."""
        scenario = self.loaded()
        choice = choose(self.layer)
        seed = scenario.seed if self.seed is None else self.seed
        business = agreed(scenario, seed)
        try:
            with without_garbage_collection(), attempt(scenario.name, self.layer, seed):
                simulation = simulated(scenario, choice, seed, business.truth)
                return outcome_of(simulation, business.expected), simulation
        except RunFailed as failed:
            return Outcome(failed=(str(failed),)), None


def agreed(scenario: Scenario, seed: int) -> Agreed:
    """What was agreed in a scenario, and what follows from it for the books."""
    key = (scenario.calendar, scenario.business.model_dump_json(), seed)
    known = _drawn_up.get(key)
    if known is None:
        if len(_drawn_up) >= DRAWN_UP_MAX:
            _drawn_up.clear()
        known = _drawn_up[key] = agree(scenario, seed)
    return replace(known, scenario=scenario)


DRAWN_UP_MAX = 64
_drawn_up: dict[tuple[Calendar, str, int], Agreed] = {}
"""The businesses of late: none of them changes in a run."""


def outcome_of(simulation: Simulation, expected: Expected) -> Outcome:
    """What is wrong at the end of a run. Raises InvariantBroken if a law of the simulated world does not hold."""
    checked(simulation)
    queued = queued_of(simulation)
    found = audit(expected, books_of(simulation), queued=queued, struck=simulation.wire.struck)
    unaccounted = []
    subjects = business_events(simulation.company)
    unreflected = (each for events in subjects for each in events.unreflected())
    try:
        laws.effect_conservation(unreflected, queued, simulation.trace, given_up_of(simulation))
    except InvariantBroken as broken:
        unaccounted.append(str(broken))
    return Outcome(
        wrong=tuple(told_of(one) for one in found.breaks if one.kind not in ABSENT | LATE),
        absent=(
            *(told_of(one) for one in found.breaks if one.kind in ABSENT),
            *(f"{event.type} {event.key} is in hand, for {target}" for event, target in simulation.layer.held()),
        ),
        late=tuple(told_of(one) for one in found.breaks if one.kind in LATE),
        unaccounted=tuple(unaccounted),
        hits=sum(fault.hits for fault in simulation.faults),
        lag_us=max(map(_longest_us, subjects)),
        duplicates=sum(found.duplicates.values()),
        off_minor=found.amount_minor,
        fingerprint=simulation.trace.fingerprint(),
    )


def _longest_us(events: BusinessEvents) -> int:
    longest_us = 0
    for instants in events.reflected_us.values():
        lags_us = (instants - events.committed_us)[instants < NOT_YET_US]
        longest_us = max(longest_us, int(lags_us.max(initial=0)))
    return longest_us


def told_of(found: Break) -> str:
    """A break in a line for people."""
    return f"{found.kind.replace('_', ' ')} in {found.system}: {found.key}: {found.detail} (cause: {found.cause})"
