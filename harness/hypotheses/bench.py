"""One system alone on the network, under calls that a hypothesis sends it: the simulator's own server, and no more.

The server, its limits, its faults and its draws are those of every run, the door with its idempotency keys that of
every fake system; behind it is only a count of what was committed. Every run is held to the laws of calls.
"""

from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from itertools import count
from typing import Any, TypedDict

import numpy as np

from fakes.service import Operation, Operations, Service
from harness.laws import check_calls, open_stays
from harness.stations import Instants, Occupancy, StationStatistics, replay, stays_of
from sim.chance import Distribution, Stream, constant, exponential
from sim.clock import Clock, Task
from sim.durations import SECOND
from sim.faults import Fault, Watch
from sim.network import Limits, Response, Server, Station, Wire
from sim.trace import Trace

NAME = "system"
PATIENT_US = 1 << 50
AT_ONCE = constant(0)


class Reach(TypedDict):
    """Where and when a fault strikes."""

    target: str
    start_us: int
    end_us: int


ALWAYS: Reach = {"target": NAME, "start_us": 0, "end_us": PATIENT_US}


@dataclass(frozen=True, slots=True)
class Work:
    """A request to do the one thing that `key` names."""

    key: str


@dataclass(frozen=True, slots=True)
class OtherWork:
    """The same of another kind, which may take another time or meet other faults."""

    key: str


class Bench:
    """A clock, a trace, and one server; `commits` counts what was done, by business key.

    `purpose` names the chances of the run: two cases with one purpose and one seed would have the same luck.
    """

    def __init__(
        self,
        *faults: Fault,
        seed: int,
        purpose: str,
        capacity: int = 1,
        service: Distribution | None = None,
        other_service: Distribution | None = None,
        limits: Limits | None = None,
        key_lifetime_us: int | None = None,
        wire: Wire | None = None,
        name: str = NAME,
    ) -> None:
        service = service or exponential(SECOND)
        self._chance = (seed, purpose)
        self.wire = wire or Wire(Clock(), Trace())
        self.clock = self.wire.clock
        self.commits: Counter[str] = Counter()
        station = Station(
            capacity=capacity,
            service=service,
            latency=AT_ONCE,
            service_of={"other_work": other_service or service},
            limits=limits or Limits(),
        )
        operations: Operations = {Work: Operation("work", self._do), OtherWork: Operation("other_work", self._do)}
        self.server = Server(
            self.wire,
            name,
            serve=Service(operations, key_lifetime_us).serve,
            operations={request: operation.word for request, operation in operations.items()},
            station=station,
            watch=Watch(faults),
            stream=Stream(seed, f"{purpose}/calls"),
        )

    def _do(self, request: Work | OtherWork, _now_us: int) -> int:
        self.commits[request.key] += 1
        return self.commits[request.key]

    def call(
        self, key: str, timeout_us: int = PATIENT_US, idempotency_key: str | None = None
    ) -> Coroutine[Any, Any, Response]:
        """A call that is sent when it is awaited; its answer."""
        return self.server.send(Work(key), key, idempotency_key, timeout_us)

    def send(self, key: str, *, other: bool = False) -> Task:
        """A patient call that is sent at this instant, awaited or not."""
        request = OtherWork(key) if other else Work(key)
        return self.clock.spawn(self.server.send(request, key, None, PATIENT_US))

    def stream(self, what: str) -> Stream:
        """Draws for something else about this run."""
        seed, purpose = self._chance
        return Stream(seed, f"{purpose}/{what}")

    def poisson(self, rate_per_s: float, number: int, arrive: Callable[[int], object]) -> int:
        """Have `arrive(0)`, `arrive(1)` … called at the instants of a Poisson process; until when, in microseconds.

        It lasts for as long as so many arrivals take on average: an end at the last of them would depend on chance.
        """
        gaps, draws = exponential(round(SECOND / rate_per_s)), self.stream("arrivals")
        until_us = round(number / rate_per_s * SECOND)

        async def arrivals() -> None:
            for place in count():
                await self.clock.sleep(gaps.draw(draws.word(place) >> 32))
                arrive(place)

        self.clock.spawn(arrivals())
        return until_us

    def run(self, until_us: int) -> "Seen":
        """Let time pass, and hold that the run obeys every law of calls; how the server was used."""
        self.clock.run_until(until_us)
        return self.seen()

    def seen(self) -> "Seen":
        """How the server was used up to now, once the laws of calls have been checked."""
        until_us = self.clock.now
        name, capacity = self.server.name, self.server.station.capacity
        statistics = check_calls(self.wire, [self.server], until_us)[name]
        present, gone = open_stays(self.clock, self.server)
        stays = stays_of(self.wire.trace, name, present, gone)
        done = stays.left_us <= until_us
        occupancy = Occupancy(stays, 0, until_us)
        started_us = replay(stays, capacity, int(occupancy.inside.max(initial=0)))
        return Seen(
            statistics,
            occupancy,
            stays.arrived_us[done],
            started_us[done],
            stays.left_us[done],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """How a server was used: its statistics, its occupancy over time, and the instants of the calls it has served."""

    statistics: StationStatistics
    occupancy: Occupancy
    arrived_us: Instants
    started_us: Instants
    left_us: Instants

    @property
    def waits_s(self) -> list[float]:
        """How long each call waited for its service, in the order of arrival."""
        waits: list[float] = ((self.started_us - self.arrived_us) / SECOND).tolist()
        return waits

    @property
    def stays_s(self) -> list[float]:
        """How long each call was inside, in the order of arrival."""
        stays: list[float] = ((self.left_us - self.arrived_us) / SECOND).tolist()
        return stays

    def share_of_time(self, condition: Callable[[Instants], Any]) -> float:
        """The share of time in which the number inside met a condition."""
        return self.time_average(lambda inside: condition(inside).astype(np.int64))

    def time_average(self, reward: Callable[[Instants], Instants]) -> float:
        """The mean over time of a function of the number inside."""
        widths_us = self.occupancy.widths_us
        return float((reward(self.occupancy.inside) * widths_us).sum() / widths_us.sum())


def outcomes(wire: Wire) -> list[str]:
    """How each call ended, in the order of sending."""
    return [row[-1] for row in sorted(wire.trace.rows("calls"))]
