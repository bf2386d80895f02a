"""What a layer can promise, promise by promise, and whether it keeps it: the suite that anybody's layer can be put to.

Every promise has its attempts: runs in which something in particular goes wrong, or nothing does. One that comes out
otherwise than promised breaks it, and has the command that repeats it. What a layer does not promise, it may break.
"""

import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from fakes.names import SYSTEMS
from harness import determinism
from harness.endings import Differs, RunFailed
from harness.layer import TARGETS
from harness.layers import choose
from harness.replication import program_version
from harness.sweeps import swarm
from harness.sweeps.crash_points import crash_points
from harness.sweeps.permutations import EVENTS_MAX, Tellings
from harness.sweeps.single_faults import duplicate_deliveries, lost_requests, lost_responses
from harness.sweeps.trial import SMALLEST, Outcome, Trial
from harness.workers import each_result
from scenarios.load import load
from sim.durations import MINUTE

SCHEMA = "tieout.conformance/1"
BUSINESSES = 1
"""How many businesses every single fault is tried on, unless told otherwise."""

PROFILES = 200
"""How many profiles of random faults are tried, unless told otherwise."""

TIE_SEEDS = (1, 2, 3)
OUTAGE = "from: 2026-01-30 09:03, for: 6 h"
"""When the contracts of the smallest business are being signed."""

UNHEARD = "from: 2026-01-30 09:01, for: 2 min, share: 1"
LONG_OUTAGE = "from: 2026-01-30 09:03, for: 24 h 30 min"
"""What was made is not heard of, and cannot be asked for before its key has expired."""

LISTED_BREAKS = 100


class Attempt(Protocol):
    """A run that a promise is held against: `what` it tries, and the `command` that repeats it."""

    @property
    def what(self) -> str: ...

    @property
    def command(self) -> str: ...

    def run(self) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class SameTwice:
    """The smallest business run twice in fresh processes, under different hash seeds."""

    layer: str
    what: str = "twice the same seed"

    @property
    def command(self) -> str:
        """The command line that repeats it."""
        return shlex.join(["tieout", "run", SMALLEST, "--layer", self.layer, "--check-determinism"])

    def run(self) -> Outcome:
        """The first difference, if there is one."""
        scenario = load(SMALLEST)
        try:
            determinism.check(scenario, self.layer, scenario.seed)
        except (Differs, RunFailed) as error:
            return Outcome(failed=(str(error),))
        return Outcome()


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: a name, what it `says`, the attempts it is held against, and what of an outcome breaks it."""

    name: str
    says: str
    attempts: Sequence[Attempt]
    broken: Callable[[Outcome], tuple[str, ...]]


@dataclass(slots=True)
class Verdict:
    """How a promise was kept in so many `runs`: the attempts that broke it, each with what was found."""

    promise: Promise
    runs: int
    broken: list[tuple[Attempt, tuple[str, ...]]] = field(default_factory=list)

    @property
    def held(self) -> bool | None:
        """Whether none broke it; None if there was nothing to try, because nothing of the kind can meet the layer."""
        return not self.broken if self.runs else None

    def document(self) -> dict[str, Any]:
        """The verdict as the document has it."""
        return {
            "name": self.promise.name,
            "says": self.promise.says,
            "held": self.held,
            "runs": self.runs,
            "broken": len(self.broken),
            "breaks": [
                {"what": attempt.what, "found": list(found), "replay": attempt.command}
                for attempt, found in self.broken[:LISTED_BREAKS]
            ],
        }


NAMES: Mapping[str, str] = {
    "no-faults": "where nothing goes wrong, nothing is doubled, missing or off",
    "determinism": "the same seed gives the same run, whatever the order of Python's hashes",
    "ties": "whatever happens first of what happens at once, the books are right",
    "crash-points": "a crash after any of its effects loses nothing and doubles nothing",
    "lost-responses": "an answer that is lost, whichever it is, doubles nothing",
    "lost-requests": "a request that is lost, whichever it is, loses nothing",
    "redelivery": "an event that is told twice, whichever it is and whenever, takes effect once",
    "order": "a contract's events may come in any order, and any of them twice",
    "outages": "an outage of any system loses nothing",
    "swarm-safety": "whatever goes wrong together: never a duplicate, never a wrong amount",
    "swarm-liveness": "once everything works again, everything arrives",
    "accounting": "of an event that has not arrived, somebody knows where it is",
}
"""Every promise, and what it says."""


def promises(layer: str, *, businesses: int = BUSINESSES, profiles: int = PROFILES, only: str = "") -> list[Promise]:
    """The promises whose names begin with `only`, each with its attempts. Raises LayerError."""
    choose(layer)
    first = load(SMALLEST).seed
    bases = [Trial(layer, seed=seed, what=f"seed {seed}") for seed in range(first, first + businesses)]
    attempts: Mapping[str, Callable[[], Sequence[Attempt]]] = {
        "no-faults": lambda: [*bases, _larger(layer)],
        "determinism": lambda: [SameTwice(layer)],
        "ties": lambda: [each for base in bases for each in _in_any_order(base)],
        "crash-points": lambda: [each for base in bases for each in crash_points(base)],
        "lost-responses": lambda: [each for base in bases for each in lost_responses(base)],
        "lost-requests": lambda: [each for base in bases for each in lost_requests(base)],
        "redelivery": lambda: [each for base in bases for each in duplicate_deliveries(base)],
        "order": lambda: [Tellings(layer, n, gap) for gap in (0, MINUTE) for n in range(1, EVENTS_MAX + 1)],
        "outages": lambda: [each for base in bases for each in _outages(base)],
        "swarm-safety": lambda: list(swarm.profiles(layer, profiles)),
        "swarm-liveness": lambda: list(swarm.profiles(layer, profiles)),
    }
    chosen = [name for name in NAMES if name.startswith(only)]
    held = [Promise(name, NAMES[name], attempts[name](), _BREAKING[name]) for name in chosen if name in attempts]
    if "accounting" in chosen:
        others = held or promises(layer, businesses=businesses, profiles=profiles)
        trials = [each for promise in others for each in promise.attempts if not isinstance(each, SameTwice)]
        every = tuple(dict.fromkeys(trials))
        held = [*held, Promise("accounting", NAMES["accounting"], every, lambda outcome: outcome.unaccounted)]
    return held


def judged(promises: Sequence[Promise], jobs: int, tried: Callable[[Attempt], None]) -> list[Verdict]:
    """Each promise's verdict; every attempt is run once, whoever shares it. `tried` is told of each.

    Interrupted, it returns the verdicts that no further attempt can change: of promises that are through, or broken.
    """
    every = list(dict.fromkeys(attempt for promise in promises for attempt in promise.attempts))
    outcomes: dict[Attempt, Outcome] = {}
    with suppress(KeyboardInterrupt), closing(each_result(_run, every, jobs)) as results:
        for attempt, outcome in results:
            outcomes[attempt] = outcome
            tried(attempt)
    verdicts = [_verdict(promise, outcomes) for promise in promises]
    return [each for each in verdicts if each.runs == len(each.promise.attempts) or each.broken]


def document_of(layer: str, verdicts: Sequence[Verdict], *, complete: bool = True) -> dict[str, Any]:
    """All verdicts as one document. It is held if some promise was and none was broken, None if nothing was tried."""
    held = [verdict.held for verdict in verdicts if verdict.held is not None]
    return {
        "schema": SCHEMA,
        "tieout": program_version(),
        "layer": layer,
        "layer_options": dict(choose(layer).options),
        "complete": complete,
        "held": all(held) if held else None,
        "promises": [verdict.document() for verdict in verdicts],
    }


def _run(attempt: Attempt) -> tuple[Attempt, Outcome]:
    return attempt, attempt.run()


def _verdict(promise: Promise, outcomes: Mapping[Attempt, Outcome]) -> Verdict:
    """What the attempts that have been run come to."""
    run = [attempt for attempt in promise.attempts if attempt in outcomes]
    found = [(attempt, promise.broken(outcomes[attempt])) for attempt in run]
    return Verdict(promise, len(run), [(attempt, what) for attempt, what in found if what])


def _at_all(outcome: Outcome) -> tuple[str, ...]:
    return outcome.failed + outcome.wrong + outcome.absent + outcome.late


_BREAKING: Mapping[str, Callable[[Outcome], tuple[str, ...]]] = {
    **dict.fromkeys(NAMES, _at_all),
    "outages": lambda outcome: outcome.unsafe + outcome.absent,
    "swarm-safety": lambda outcome: outcome.unsafe,
    "swarm-liveness": lambda outcome: outcome.lost,
}
"""What of an outcome breaks which promise. A fault of hours makes things late with no fault of the layer's."""


def _larger(layer: str) -> Trial:
    """The business of the swarm, in which nothing goes wrong."""
    return Trial(layer, overrides=swarm.OVERRIDES, what=f"{swarm.CONTRACTS} contracts")


def _in_any_order(base: Trial) -> list[Trial]:
    """The trial with several orders of ties, and everything taking the same time so that there are many."""
    return [
        base.with_override(*swarm.OVERRIDES, *swarm.AT_ONCE, f"tie_seed={seed}", what=f"tie seed {seed}")
        for seed in TIE_SEEDS
    ]


def _outages(base: Trial) -> list[Trial]:
    """The trial with each system down, and with each down for longer than keys live and calls are tried."""
    return [
        base.with_fault(f"{{kind: outage, system: {system}, {OUTAGE}, silent: {silent}}}", f"{system} {how} for 6 h")
        for system in SYSTEMS
        for silent, how in (("false", "refuses connections"), ("true", "never answers"))
    ] + [
        base.with_fault(f"{{kind: lost_response, system: {system}, {UNHEARD}}}").with_fault(
            f"{{kind: outage, system: {system}, {LONG_OUTAGE}}}", f"{system} is not heard, then down for 24 h 30 min"
        )
        for system in TARGETS
    ]
