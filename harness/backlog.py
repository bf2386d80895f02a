"""What was committed at its source and not yet reflected in every target, over time."""

from collections.abc import Sequence

import numpy as np

from harness.lags import BusinessEvents, Instants
from harness.standing import Standing


class Backlog(Standing):
    """The outstanding business events of a run at any instant. An event is out from its commit to its last target."""

    def __init__(self, events: Sequence[BusinessEvents]) -> None:
        super().__init__(
            np.concatenate([of_subject.committed_us for of_subject in events]),
            np.concatenate([of_subject.everywhere_us for of_subject in events]),
        )

    def back_at(self, level: int, from_us: int) -> int | None:
        """The first instant from `from_us` on with a backlog of at most `level`, if there is one."""
        instants = np.append(from_us, self._ended[np.searchsorted(self._ended, from_us, side="right") :])
        low = np.flatnonzero(self.at(instants) <= level)
        return int(instants[low[0]]) if len(low) else None

    def oldest_us(self, until_us: int, step_us: int) -> Instants:
        """The age of the oldest outstanding event at every multiple of `step_us` from 0 to `until_us`."""
        return self.oldest_at(np.arange(0, until_us + 1, step_us))
