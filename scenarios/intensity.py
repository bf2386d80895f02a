"""How likely something is to happen at each instant of a window, and instants placed accordingly.

An intensity is constant within each of its slots and held in whole units of weight, so that an instant
is found by integer arithmetic alone. Given how many instants a window has, placing each at its own
uniform position is the non-homogeneous Poisson process with that count.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from sim.record import Value


class Slot(Value):
    """`weight` units, spread evenly over `span_us` microseconds from `start_us` on."""

    start_us: int
    span_us: int
    weight: int


class Intensity:
    """Slots in the order of time. A position is a number of weight units, from 0 up to, not including, `total`."""

    __slots__ = ("_before", "_slots", "_starts", "total")

    def __init__(self, slots: Iterable[Slot]) -> None:
        self._slots = tuple(slot for slot in slots if slot.weight and slot.span_us)
        self._starts = [slot.start_us for slot in self._slots]
        self._before = list(accumulate((slot.weight for slot in self._slots), initial=0))
        self.total = self._before.pop()

    def instant_us(self, position: int) -> int:
        """The instant before which `position` units of weight lie."""
        number = bisect_right(self._before, position) - 1
        slot = self._slots[number]
        return slot.start_us + (position - self._before[number]) * slot.span_us // slot.weight

    def draw_us(self, word: int) -> int:
        """The instant at the uniform 64-bit `word`: the inverse of the distribution function."""
        return self.instant_us(word * self.total >> 64)

    def position(self, us: int) -> int:
        """The units of weight before an instant."""
        number = bisect_right(self._starts, us) - 1
        if number < 0:
            return 0
        slot = self._slots[number]
        return self._before[number] + min(slot.weight, (us - slot.start_us) * slot.weight // slot.span_us)
