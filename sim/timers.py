"""Timers of one constant span: they run out in the order in which they were set, so only the first is in the heap.

A source that waits for thousands of acknowledgements at a time would otherwise fill the kernel's queue with timers
that hardly ever matter.
"""

from collections import deque
from typing import Any

from sim.clock import Action, Clock, Entry


class Timers:
    """Calls of `call` that are due `span_us` after they are asked for, each at its own place in the kernel's order."""

    __slots__ = ("_call", "_clock", "_on_end", "_span_us", "_waiting")

    def __init__(self, clock: Clock, span_us: int, call: Action) -> None:
        self._clock = clock
        self._span_us = span_us
        self._call = call
        self._waiting: deque[Entry] = deque()  # the first of them is in the kernel's queue
        self._on_end = self._run_out  # bound once
        clock.beside.append(self._waiting)

    def set(self, argument: object) -> None:
        """Call `call(argument)` when the span has passed, as `clock.at` would."""
        clock = self._clock
        entry = (clock._now + self._span_us, next(clock._eid), self._on_end, argument)
        if not self._waiting:
            clock.enter(entry)
        self._waiting.append(entry)

    def _run_out(self, argument: Any) -> Entry | None:
        call = self._call
        follow_up = call(argument)
        assert follow_up is None, "a timer's call has no follow-up: it would be one too many"
        waiting = self._waiting
        waiting.popleft()
        return waiting[0] if waiting else None
