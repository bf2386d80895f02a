"""One system alone, called through a façade: a small world for runs in which one mechanism is held against theory.

Server, limits, faults, draws and caller are the house's own; behind the server is only a list of what was done.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date
from typing import Any

from fakes.service import Operation, Operations, Service
from harness.blocks.facade import Gateway, through
from harness.blocks.retry import Caller, CallFailed, RetryPolicy
from harness.laws import check_calls
from harness.layer import FacadeCounts, Surroundings
from sim.calendar import FiscalCalendar
from sim.chance import Distribution, Stream, constant, exponential
from sim.clock import Clock
from sim.durations import SECOND
from sim.faults import Fault, Watch
from sim.network import Limits, Server, Station, Wire
from sim.trace import Trace

NAME = "system"
MANY = 100_000
ANY_CALENDAR = FiscalCalendar(date(2026, 1, 1), 1, "UTC", (), 0, 24 * 60, 0, 5, (3,))


@dataclass(slots=True)
class Work:
    """A request to do one thing."""

    key: str


class Alone:
    """A clock and one system. `purpose` names the run's chances: runs that share it and the seed share their luck."""

    def __init__(
        self,
        *faults: Fault,
        seed: int,
        purpose: str,
        capacity: int = MANY,
        service: Distribution | None = None,
        latency: Distribution | None = None,
        limits: Limits | None = None,
        operations: Operations | None = None,
    ) -> None:
        self.wire = Wire(Clock(), Trace())
        self.clock = self.wire.clock
        self.done: list[tuple[str, int]] = []  # what was committed, and when
        self.begun = 0
        self._chance = (seed, purpose)
        operations = operations or {Work: Operation("work", self._do)}
        self.server = Server(
            self.wire,
            NAME,
            serve=Service(operations, None).serve,
            operations={request: operation.word for request, operation in operations.items()},
            station=Station(
                capacity=capacity,
                service=service or exponential(SECOND),
                latency=latency or constant(0),
                limits=limits or Limits(),
            ),
            watch=Watch(faults),
            stream=Stream(seed, f"{purpose}/calls"),
        )
        self.counts = FacadeCounts()
        self.surroundings = Surroundings(
            self.wire, ANY_CALENDAR, {NAME: self.server}, seed, facade={NAME: self.counts}
        )  # fmt: skip

    def through(self, policy: RetryPolicy, **parts: Any) -> Caller:
        """Calls the system through a gateway with these parts."""
        return through({NAME: Gateway(self.server, self.clock, **parts)}, self.surroundings, policy)

    def poisson(self, every_us: int, number: int, arrive: Callable[[int], Coroutine[Any, Any, Any]]) -> None:
        """Have `arrive(0)`, `arrive(1)` … begin at the instants of a Poisson process, so many of them."""
        seed, purpose = self._chance
        gaps, draws = exponential(every_us), Stream(seed, f"{purpose}/arrivals")

        async def arrivals() -> None:
            for place in range(number):
                await self.clock.sleep(gaps.draw(draws.word(place) >> 32))
                self.begun += 1
                self.clock.spawn(arrive(place))

        self.clock.spawn(arrivals())

    def run(self, until_us: int) -> None:
        """Let time pass, and hold that the run obeys every law of calls."""
        self.clock.run_until(until_us)
        check_calls(self.wire, [self.server], until_us)

    def outcomes(self) -> list[str]:
        """How each call ended, in the order of sending."""
        return [row[-1] for row in sorted(self.wire.trace.rows("calls"))]

    def sent_us(self) -> list[int]:
        """When each call was sent."""
        return [row[5] for row in sorted(self.wire.trace.rows("calls"))]

    def _do(self, request: Work, now_us: int) -> bool:
        self.done.append((request.key, now_us))
        return True


async def done(asked: Caller, key: str) -> bool:
    """Ask for one piece of work; whether it was done, as far as the caller knows."""
    try:
        await asked.write(NAME, Work(key), key)
    except CallFailed:
        return False
    return True
