"""How much may be asked for before a run is taken for one that never ends.

A loop that never lets time pass would hold the clock at one instant for ever, and one that tries again at once makes
millions of calls where others make ten. Whoever numbers what is queued notices both, without a look at each entry.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sim.errors import NeverWaits

STRETCH = 1 << 14
"""So many numbers are given out before anybody asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The most that may be asked for at one instant, and in a whole run; None is without end."""

    at_once: int | None = None
    in_all: int | None = None


ENDLESS = Patience()


class Numbers:
    """Stretches of numbers in rising order, of which `given` have been given out or soon will be.

    When `patience` is at its end, what comes instead of a stretch raises NeverWaits for each number asked of it.
    `now_us` tells the present instant.
    """

    def __init__(self, patience: Patience, now_us: Callable[[], int]) -> None:
        self.given = 0
        self._patience = patience
        self._now_us = now_us
        self._before = 0  # given when the present instant was first seen
        self._seen_us = -1

    def __iter__(self) -> "Numbers":
        return self

    def __next__(self) -> Iterable[int]:
        now_us, given, patience = self._now_us(), self.given, self._patience
        if now_us != self._seen_us:
            self._seen_us, self._before = now_us, given
        if patience.at_once is not None and given - self._before > patience.at_once:
            return _Refused(given - self._before, now_us, "at one instant")
        if patience.in_all is not None and given > patience.in_all:
            return _Refused(given, now_us, "so far")
        self.given = given + STRETCH
        return range(given, self.given)


class _Refused:
    """No numbers: an error that whoever asks for one meets, also who has met it before and thinks nothing of it."""

    def __init__(self, count: int, now_us: int, when: str) -> None:
        self._said = count, now_us, when

    def __iter__(self) -> "_Refused":
        return self

    def __next__(self) -> int:
        raise NeverWaits(*self._said)
