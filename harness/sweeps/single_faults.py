"""Every single call lost on its way or on its way back, and every single event told twice, one run each."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from harness.simulation import Simulation
from harness.sweeps.stretches import reads, worth_trying
from harness.sweeps.trial import Trial
from sim.delivery import Subscription

GAPS = ("0 s", "1 s", "30 s", "2 d")
"""How much later the second copy of an event comes: with the first, during the work on it, after it; after the life of
its idempotency key."""


def lost_responses(base: Trial) -> list[Trial]:
    """The trial with the answer to each call that commits lost in turn."""
    return [
        base.with_fault(
            f"{{kind: lost_response, system: {system}, nth: {number}}}", f"answer {number} of {system} lost"
        )
        for system, number in _calls(base, "committed_us")
    ]


def lost_requests(base: Trial) -> list[Trial]:
    """The trial with each call lost on its way in turn."""
    return [
        base.with_fault(
            f"{{kind: lost_request, system: {system}, nth: {number}}}", f"request {number} to {system} lost"
        )
        for system, number in _calls(base, "arrived_us")
    ]


def duplicate_deliveries(base: Trial) -> list[Trial]:
    """The trial with each delivery of each event made twice in turn, once for each of GAPS."""
    return [
        base.with_fault(
            f"{{kind: duplicate_delivery, system: {system}, nth: {number}, gap: {{fixed: {gap}}}}}",
            f"delivery {number} of {system} comes again after {gap}",
        )
        for system, count in _deliveries(base)
        for number in range(1, count + 1)
        for gap in GAPS
    ]


def _calls(base: Trial, instant: str) -> Iterator[tuple[str, int]]:
    """The calls that are worth losing, by system and number there, in the order of one of their instants."""
    simulation = base.watched()[1]
    if simulation is None:
        return
    calls, words = simulation.trace.calls, list(simulation.trace.words)
    at_us, order = calls.column(instant), calls.column("call")
    happened = at_us >= 0
    ordered = calls.column("operation")[happened][np.lexsort((order[happened], at_us[happened]))]
    operations = [words[number] for number in ordered.tolist()]
    systems = [operation.partition(".")[0] for operation in operations]
    chosen = dict.fromkeys(worth_trying([reads(operation) for operation in operations]), True)
    numbers: Counter[str] = Counter()
    for place, system in enumerate(systems):
        numbers[system] += 1
        if place in chosen:
            yield system, numbers[system]


def _deliveries(base: Trial) -> Iterator[tuple[str, int]]:
    simulation = base.watched()[1]
    if simulation is not None:
        yield from ((name, _owed(simulation, name)) for name in simulation.company.systems)


def _owed(simulation: Simulation, system: str) -> int:
    """How many deliveries a system makes: who reads its changes by himself is told of nothing."""
    subscribers = simulation.company.systems[system].publisher.subscriptions
    return sum(each.fates()["emitted"] for each in subscribers if isinstance(each, Subscription))
