"""What systems refused, because their master data or rules lacked something: read from the run's calls and queues."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from fakes.master_data import SYSTEM_OF
from harness.simulation import Simulation
from sim.trace import Trace


class Refusal(NamedTuple):
    """Something was refused at an instant: the `word` it was refused with, where, and its business key."""

    at_us: int
    word: str
    where: str
    key: str


def refusals(simulation: Simulation, words: Collection[str] = SYSTEM_OF) -> list[Refusal]:
    """All refusals with one of the words, in the order of their instants.

    Of a bulk load the trace has no rows, so that what was refused there is told by the queue that it went to.
    """
    queued = [
        Refusal(stay.since_us, stay.reason, f"{stay.target}.queued", stay.event.key)
        for stay in simulation.surroundings.work_log.stays
        if stay.reason in words
    ]
    return sorted([*_calls(simulation.trace, words), *queued])


def _calls(trace: Trace, with_words: Collection[str]) -> list[Refusal]:
    words, names = list(trace.words), [word for word in with_words if word in trace.words]
    if not names:
        return []
    calls = trace.calls
    refused = np.isin(calls.column("outcome"), [trace.words[word] for word in names])
    columns = (calls.column(name)[refused].tolist() for name in ("left_us", "outcome", "operation", "key"))
    rows = zip(*columns, strict=True)
    return [Refusal(at_us, words[word], words[where], words[key]) for at_us, word, where, key in rows]
