"""A circuit breaker: while most calls of a system fail it is not called at all, and then tried with a few.

Closed, it counts failures among the last calls. Too many open it: for a time nothing is sent. Then it is half open:
some probes go through, and their outcomes close it or open it again. The defaults are those of resilience4j. Its
state is in memory: after a restart it is closed.
"""

from collections import deque
from collections.abc import Callable

from harness.layer import FacadeCounts
from sim.clock import Clock
from sim.durations import MINUTE
from sim.network import Response


class Breaker:
    """Opens for `open_us` once `failure_percent` of the last `window` calls failed, of at least `calls_min`.

    `told` hears of each change: `breaker_opened`, `breaker_half_open`, `breaker_closed`.
    """

    def __init__(
        self,
        clock: Clock,
        counts: FacadeCounts,
        told: Callable[[str], None] = lambda _: None,
        *,
        window: int = 100,
        calls_min: int = 100,
        failure_percent: int = 50,
        open_us: int = MINUTE,
        probes: int = 10,
    ) -> None:
        assert 1 <= calls_min <= window, "a breaker opens on calls within its window"
        self.state = "closed"
        self._clock = clock
        self._counts = counts
        self._told = told
        self._window = window
        self._calls_min = calls_min
        self._failure_percent = failure_percent
        self._open_us = open_us
        self._probes = probes
        self._round = 1  # counts the changes of state: what an earlier round sent says nothing about this one
        self._probing = 0
        self._half_open_us = 0
        self._outcomes: deque[bool] = deque()
        self._failures = 0

    @property
    def shut(self) -> bool:
        """Whether a call would not be let through now."""
        return self.state == "open" or (self.state == "half_open" and self._probing == self._probes)

    def lets_through(self) -> int:
        """Let a call through: the number of the present round, to be told with its outcome. 0 if shut."""
        if self.shut:
            return 0
        self._probing += self.state == "half_open"
        return self._round

    def refusal(self) -> Response:
        """What a call is answered that is not let through; it names the time until the next probes, if that is set."""
        self._counts.breaker_refused += 1
        wait_us = self._half_open_us - self._clock.now if self.state == "open" else None
        return Response(503, None, "breaker_open", wait_us)

    def heard(self, round_: int, response: Response) -> None:
        """Count how a call ended that was let through in a round. No answer and 5xx are failures, 429 is none."""
        if round_ != self._round:
            return
        failed = response.status == 0 or response.status >= 500
        self._outcomes.append(failed)
        self._failures += failed
        if self.state == "half_open":
            if len(self._outcomes) == self._probes:
                self._enter("open" if self._too_many() else "closed")
            return
        if len(self._outcomes) > self._window:
            self._failures -= self._outcomes.popleft()
        if len(self._outcomes) >= self._calls_min and self._too_many():
            self._enter("open")

    def _too_many(self) -> bool:
        return self._failures * 100 >= self._failure_percent * len(self._outcomes)

    def _enter(self, state: str) -> None:
        self.state = state
        self._round += 1
        self._probing = self._failures = 0
        self._outcomes.clear()
        if state == "open":
            self._counts.breaker_opened += 1
            self._half_open_us = self._clock.now + self._open_us
            self._clock.at(self._half_open_us, self._half_open)
        self._told("breaker_opened" if state == "open" else f"breaker_{state}")

    def _half_open(self, _: object) -> None:
        self._counts.breaker_open_us += self._open_us
        self._enter("half_open")
