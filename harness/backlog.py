"""What was committed at its source and not yet reflected in every target, over time."""

from collections.abc import Sequence

import numpy as np

from harness.lags import NOT_YET_US, BusinessEvents, Instants


class Backlog:
    """The outstanding business events of a run at any instant. An event is out from its commit to its last target."""

    def __init__(self, events: Sequence[BusinessEvents]) -> None:
        begun = np.concatenate([of_subject.committed_us for of_subject in events])
        ended = np.concatenate([of_subject.everywhere_us for of_subject in events])
        order = np.argsort(begun, kind="stable")
        self._begun, self._end_of_begun = begun[order], ended[order]
        self._ended: Instants = np.sort(ended[ended < NOT_YET_US])

    def at(self, instants_us: Instants) -> Instants:
        """How many are outstanding at each instant."""
        begun = np.searchsorted(self._begun, instants_us, side="right")
        return begun - np.searchsorted(self._ended, instants_us, side="right")

    def peak(self, from_us: int) -> int:
        """The largest backlog from `from_us` on: it can only be highest where something was committed."""
        begun = self._begun[np.searchsorted(self._begun, from_us, side="right") :]
        return int(self.at(np.append(begun, from_us)).max())

    def mean(self, from_us: int, until_us: int) -> float:
        """The time average of the backlog."""
        out_us = np.minimum(self._end_of_begun, until_us) - np.maximum(self._begun, from_us)
        return float(out_us[out_us > 0].sum()) / (until_us - from_us)

    def back_at(self, level: int, from_us: int) -> int | None:
        """The first instant from `from_us` on with a backlog of at most `level`, if there is one."""
        instants = np.append(from_us, self._ended[np.searchsorted(self._ended, from_us, side="right") :])
        low = np.flatnonzero(self.at(instants) <= level)
        return int(instants[low[0]]) if len(low) else None

    def oldest_us(self, until_us: int, step_us: int) -> Instants:
        """The age of the oldest outstanding event at every multiple of `step_us` from 0 to `until_us`."""
        steps_us = np.arange(0, until_us + 1, step_us)
        # The first to last beyond a step is the first at which the latest end so far does.
        oldest = np.searchsorted(np.maximum.accumulate(self._end_of_begun), steps_us, side="right")
        begun_us = np.append(self._begun, NOT_YET_US)[oldest]
        ages_us: Instants = np.maximum(steps_us - begun_us, 0)
        return ages_us
