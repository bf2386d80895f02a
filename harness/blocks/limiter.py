"""Keeping the calls of one system below its limits: who comes too early waits, the most urgent first.

A token bucket bounds the rate, a number of places what is under way at a time. A 429 that names a wait halts
everyone for that long. That and a call without an answer are signs of too much load: then half as many calls go at a
time, and one more again for each round of good answers (additive increase, multiplicative decrease: Chiu & Jain
1989). Places and tokens are in memory, and so are those who wait.
"""

from harness.blocks.retry import CONCURRENCY
from harness.layer import FacadeCounts
from sim.clock import Clock
from sim.durations import SECOND
from sim.network import Limits, Response
from sim.queue import Queue

POSTING, INTERACTIVE, BACKFILL = range(3)
"""How urgent a call is: what a close waits for, what someone waits for, and what can wait."""

SHARE_PERCENT = 90
"""How much of a published limit is used: the way to the system moves calls together, and others call it too."""


class Limiter:
    """Lets at most `width` calls be under way, and one every `every_us` after a `burst` of them at once.

    First come, first served within an urgency. With `queue_max`, who would wait behind so many is turned away.
    """

    def __init__(
        self,
        clock: Clock,
        counts: FacadeCounts,
        *,
        width: int,
        every_us: int = 0,
        burst: int = 1,
        queue_max: int | None = None,
    ) -> None:
        assert width >= 1 and burst >= 1, "a limiter that lets nobody through is none"
        self.window = width
        self.under_way = 0
        self._clock = clock
        self._counts = counts
        self._width = width
        self._every_us = every_us
        self._ahead_us = (burst - 1) * every_us
        self._queue_max = queue_max
        self._turns = tuple(Queue(clock) for _ in range(BACKFILL + 1))
        self._waiting = [0] * len(self._turns)
        self._due_us = 0  # when the next token would be due if none were saved up (the generic cell rate algorithm)
        self._halted_us = 0
        self._alarm_us: int | None = None
        self._cut_us = 0
        self._good = 0

    @classmethod
    def below(cls, limits: Limits, clock: Clock, counts: FacadeCounts, queue_max: int | None = None) -> "Limiter":
        """A limiter that stays below what a system publishes, and below what layers may have under way."""
        width = CONCURRENCY if limits.concurrent is None else min(CONCURRENCY, _share(limits.concurrent))
        if limits.per_second is None:
            return cls(clock, counts, width=width, queue_max=queue_max)
        every_us = -(-SECOND * 100 // (limits.per_second * SHARE_PERCENT))
        burst = _share(limits.burst)
        return cls(clock, counts, width=width, every_us=every_us, burst=burst, queue_max=queue_max)

    async def enter(self, urgency: int = INTERACTIVE) -> bool:
        """Hold a place; waits for its turn. False, and no place, if too many wait already."""
        waiting = sum(self._waiting)
        if not waiting and self.under_way < self.window and self._ready_us() <= self._clock.now:
            self._take()
            return True
        if self._queue_max is not None and waiting >= self._queue_max:
            self._counts.sheds += 1
            return False
        since_us = self._clock.now
        self._waiting[urgency] += 1
        self._admit()
        await self._turns[urgency].take()
        self._counts.waits += 1
        self._counts.waited_us += self._clock.now - since_us
        return True

    def leave(self, response: Response, sent_us: int) -> None:
        """Give the place back, and learn from how the call that was sent at `sent_us` ended."""
        self.under_way -= 1
        if response.status == 429 and response.retry_after_us:
            self._halt(response.retry_after_us)
        if response.status == 429 or response.word == "timeout":
            self._narrow(sent_us)
        else:
            self._widen()
        self._admit()

    def withdraw(self) -> None:
        """Give the place back with its token: no call was sent."""
        self.under_way -= 1
        self._due_us -= self._every_us
        self._admit()

    def _ready_us(self) -> int:
        return max(self._halted_us, self._due_us - self._ahead_us)

    def _take(self) -> None:
        self.under_way += 1
        self._due_us = max(self._due_us, self._clock.now) + self._every_us

    def _admit(self, _: object = None) -> None:
        """Let through whoever may go now; if only time is in the way of the next, come back when it has passed."""
        now_us = self._clock.now
        while any(self._waiting) and self.under_way < self.window:
            ready_us = self._ready_us()
            if ready_us > now_us:
                self._come_back(ready_us)
                return
            urgency = next(urgency for urgency, waiting in enumerate(self._waiting) if waiting)
            self._waiting[urgency] -= 1
            self._take()
            self._turns[urgency].put(None)

    def _come_back(self, when_us: int) -> None:
        if self._alarm_us is None or when_us < self._alarm_us:
            self._alarm_us = when_us
            self._clock.at(when_us, self._alarmed, when_us)

    def _alarmed(self, when_us: int) -> None:
        if self._alarm_us == when_us:
            self._alarm_us = None
            self._admit()

    def _halt(self, span_us: int) -> None:
        now_us = self._clock.now
        until_us = now_us + span_us
        if until_us > self._halted_us:
            self._counts.halts += self._halted_us <= now_us
            self._counts.halted_us += until_us - max(self._halted_us, now_us)
            self._halted_us = until_us

    def _narrow(self, sent_us: int) -> None:
        """Halve the window, once for all calls that were under way together."""
        if sent_us >= self._cut_us:
            self._cut_us = self._clock.now
            self.window = max(1, self.window // 2)
            self._good = 0
            self._counts.narrowed += 1

    def _widen(self) -> None:
        if self.window < self._width:
            self._good += 1
            if self._good >= self.window:
                self.window += 1
                self._good = 0


def _share(limit: int) -> int:
    return max(1, limit * SHARE_PERCENT // 100)
