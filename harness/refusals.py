"""What systems refused, because their master data or rules lacked something: read from the trace's calls."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from fakes.master_data import SYSTEM_OF
from sim.trace import Trace


class Refusal(NamedTuple):
    """A call that was refused at an instant: the `word` it was refused with, the operation and the business key."""

    at_us: int
    word: str
    where: str
    key: str


def refusals(trace: Trace, with_words: Iterable[str] = SYSTEM_OF) -> list[Refusal]:
    """All refusals with one of the words, in the order of their instants."""
    words, names = list(trace.words), [word for word in with_words if word in trace.words]
    if not names:
        return []
    calls = trace.calls
    refused = np.isin(calls.column("outcome"), [trace.words[word] for word in names])
    columns = (calls.column(name)[refused].tolist() for name in ("left_us", "outcome", "operation", "key"))
    rows = zip(*columns, strict=True)
    return sorted(Refusal(at_us, words[word], words[where], words[key]) for at_us, word, where, key in rows)
