"""Where a run has been: which fault met which step in which state, what calls came to, and what the layer decided.

A run that has been where none was before is worth changing a little, and trying again.
"""

from collections import Counter

import numpy as np

from harness.simulation import Simulation

STAGES_MAX = 3


def places(simulation: Simulation) -> tuple[str, ...]:
    """All of them, in the order of their names."""
    return tuple(sorted({*_met(simulation), *_outcomes(simulation), *_decisions(simulation)}))


def _met(simulation: Simulation) -> list[str]:
    """Which fault met which step, how often that record had been struck before, and how far its business was."""
    events = sorted(
        (event.committed_us, event.key)
        for system in simulation.company.systems.values()
        for event in system.publisher.published
    )
    told: Counter[str] = Counter()
    before: Counter[str] = Counter()
    next_, found = 0, []
    for at_us, _, kind, where, key in sorted(simulation.wire.struck):
        while next_ < len(events) and events[next_][0] <= at_us:
            told[events[next_][1]] += 1
            next_ += 1
        stage, again = min(told[key], STAGES_MAX), min(before[key], STAGES_MAX)
        found.append(f"{kind} at {where}, stage {stage}, struck {again} times before")
        before[key] += 1
    return found


def _outcomes(simulation: Simulation) -> list[str]:
    """What calls of each operation came to, at the first try and at later ones."""
    calls, words = simulation.trace.calls, list(simulation.trace.words)
    again = np.minimum(calls.column("occurrence"), 2)
    rows = np.stack([calls.column("operation"), calls.column("outcome"), again], axis=1)
    return [
        f"{words[operation]} came to {words[outcome]}, try {'1' if nth == 1 else 'again'}"
        for operation, outcome, nth in np.unique(rows, axis=0).tolist()
    ]


def _decisions(simulation: Simulation) -> list[str]:
    """What the layer noted, and where."""
    notes, words = simulation.trace.notes, list(simulation.trace.words)
    rows = np.stack([notes.column("what"), notes.column("where")], axis=1)
    return [f"{words[what]} at {words[where]}" for what, where in np.unique(rows, axis=0).tolist()]
