"""Things that begin and end: how many stand at an instant, what they are worth, and how old the oldest is."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from harness.lags import NOT_YET_US, Instants


class Spell(NamedTuple):
    """One of them: from `begun_us` up to, not including, `ended_us` (NOT_YET_US: it still stands); and its worth."""

    begun_us: int
    ended_us: int
    minor: int = 0


class Standing:
    """What stands at any instant, by arrays of beginnings, ends and worths. What ends as it begins never stands."""

    def __init__(self, begun_us: Instants, ended_us: Instants, minor: Instants | None = None) -> None:
        worth = np.zeros_like(begun_us) if minor is None else minor
        real = ended_us > begun_us
        begun_us, ended_us, worth = begun_us[real], ended_us[real], worth[real]
        order = np.argsort(begun_us, kind="stable")
        self._begun, self._end_of_begun, self._worth = begun_us[order], ended_us[order], worth[order]
        by_end = np.argsort(self._end_of_begun, kind="stable")
        by_end = by_end[self._end_of_begun[by_end] < NOT_YET_US]
        self._ended: Instants = self._end_of_begun[by_end]
        self._begun_minor = np.append(0, np.cumsum(self._worth))
        self._ended_minor = np.append(0, np.cumsum(self._worth[by_end]))

    @classmethod
    def of(cls, spells: Iterable[Spell]) -> "Standing":
        """Those of these spells."""
        columns = np.array(list(spells), dtype=np.int64).reshape(-1, 3)
        return cls(columns[:, 0], columns[:, 1], columns[:, 2])

    def __len__(self) -> int:
        return len(self._begun)

    def at(self, instants_us: Instants) -> Instants:
        """How many stand at each instant."""
        begun = np.searchsorted(self._begun, instants_us, side="right")
        return begun - np.searchsorted(self._ended, instants_us, side="right")

    def minor_at(self, instants_us: Instants) -> Instants:
        """What they are worth together at each instant, in minor units."""
        begun = self._begun_minor[np.searchsorted(self._begun, instants_us, side="right")]
        worth: Instants = begun - self._ended_minor[np.searchsorted(self._ended, instants_us, side="right")]
        return worth

    def oldest_at(self, instants_us: Instants) -> Instants:
        """The age of the oldest at each instant, in microseconds; 0 where nothing stands."""
        # The first to last beyond an instant is the first at which the latest end so far does.
        oldest = np.searchsorted(np.maximum.accumulate(self._end_of_begun), instants_us, side="right")
        ages_us: Instants = np.maximum(instants_us - np.append(self._begun, NOT_YET_US)[oldest], 0)
        return ages_us

    def older(self, than_us: int) -> "Standing":
        """The same from the instant on at which each is that old."""
        return Standing(self._begun + than_us, self._end_of_begun, self._worth)

    def peak(self, from_us: int, until_us: int = NOT_YET_US) -> int:
        """The most that stand at once from `from_us` on: there can only be most where one begins."""
        return int(self.at(self._beginnings(from_us, until_us)).max())

    def peak_minor(self, from_us: int, until_us: int = NOT_YET_US) -> int:
        """The most that they are worth together from `from_us` on, in minor units."""
        return int(self.minor_at(self._beginnings(from_us, until_us)).max())

    def mean(self, from_us: int, until_us: int) -> float:
        """How many stand on average over time."""
        out_us = np.minimum(self._end_of_begun, until_us) - np.maximum(self._begun, from_us)
        return float(out_us[out_us > 0].sum()) / (until_us - from_us)

    def longest_us(self, from_us: int, until_us: int) -> int:
        """The greatest age that any reached that stood between the two instants, as of the second."""
        seen = (self._end_of_begun > from_us) & (self._begun <= until_us)
        ages_us = np.minimum(self._end_of_begun, until_us)[seen] - self._begun[seen]
        return int(ages_us.max()) if len(ages_us) else 0

    def _beginnings(self, from_us: int, until_us: int) -> Instants:
        first, last = np.searchsorted(self._begun, (from_us, until_us), side="right")
        return np.append(self._begun[first:last], from_us)
