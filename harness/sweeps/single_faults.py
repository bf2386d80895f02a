"""Every single call lost on its way or on its way back, and every single event told twice, one run each."""

from collections.abc import Iterator

import numpy as np

from harness.simulation import Simulation
from harness.sweeps.trial import Trial

GAPS = ("0 s", "1 s", "30 s", "2 d")
"""How much later the second copy of an event comes: with the first, during the work on it, after it; after the life of
its idempotency key."""


def lost_responses(base: Trial) -> list[Trial]:
    """The trial with the answer to each call that commits lost in turn, system by system."""
    return [
        base.with_fault(
            f"{{kind: lost_response, system: {system}, nth: {number}}}", f"answer {number} of {system} lost"
        )
        for system, count in _calls(base, committed=True)
        for number in range(1, count + 1)
    ]


def lost_requests(base: Trial) -> list[Trial]:
    """The trial with each call lost on its way in turn, system by system."""
    return [
        base.with_fault(
            f"{{kind: lost_request, system: {system}, nth: {number}}}", f"request {number} to {system} lost"
        )
        for system, count in _calls(base, committed=False)
        for number in range(1, count + 1)
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


def _calls(base: Trial, *, committed: bool) -> Iterator[tuple[str, int]]:
    simulation = base.watched()[1]
    if simulation is None:
        return
    calls, words = simulation.trace.calls, list(simulation.trace.words)
    operations = calls.column("operation")
    if committed:
        operations = operations[calls.column("committed_us") >= 0]
    systems = [words[number].partition(".")[0] for number in np.asarray(operations).tolist()]
    for system in simulation.company.systems:
        yield system, systems.count(system)


def _deliveries(base: Trial) -> Iterator[tuple[str, int]]:
    simulation = base.watched()[1]
    if simulation is not None:
        yield from ((name, _owed(simulation, name)) for name in simulation.company.systems)


def _owed(simulation: Simulation, system: str) -> int:
    return sum(
        subscription.fates()["emitted"] for subscription in simulation.company.systems[system].publisher.subscriptions
    )
