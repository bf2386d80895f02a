"""Calls asked for together, each due at an instant of its own: they wait in line, and only the first is in the heap.

A bill run tells of thousands of documents at once, and a calendar has a hundred runs ahead. In the kernel's queue they
would make every step of the heap dearer until the last is due; sorted once, they wait beside it.
"""

from collections import deque
from heapq import heappush
from typing import Any

from sim.clock import Action, Clock, Entry

MANY = 16
"""Calls from which on a line is worth while."""


class Line:
    """Calls of one `call`, each at its own place in the kernel's order."""

    __slots__ = ("_call", "_eid", "_gathered", "_on_turn", "_queue", "_waiting")

    def __init__(self, clock: Clock, call: Action) -> None:
        self._eid, self._queue = clock._eid, clock._queue
        self._call = call
        self._gathered: list[Entry] | None = None
        self._waiting: deque[Entry] = deque()  # the first of them is in the kernel's queue
        self._on_turn = self._take_turn  # bound once
        clock.beside.append(self._waiting)

    def at(self, when_us: int, argument: object) -> None:
        """Call `call(argument)` at `when_us`, as `clock.at` would."""
        if self._gathered is None:
            heappush(self._queue, (when_us, next(self._eid), self._call, argument))
        else:
            self._gathered.append((when_us, next(self._eid), self._on_turn, argument))

    def gather(self) -> None:
        """Have what is asked for from now on wait in line, unless others still do. `release` it at this instant."""
        if not self._waiting:
            self._gathered = []

    def release(self) -> None:
        """Let the line go that has been gathered."""
        if self._gathered:
            self._waiting.extend(sorted(self._gathered))
            heappush(self._queue, self._waiting[0])
        self._gathered = None

    def _take_turn(self, argument: Any) -> Entry | None:
        waiting = self._waiting
        waiting.popleft()
        if waiting:
            heappush(self._queue, waiting[0])
        call = self._call
        return call(argument)
