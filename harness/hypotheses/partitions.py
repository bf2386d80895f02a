"""Partitions: what it costs to keep keys in order, and what a poison message holds up. H14 and H15.

Partitions are the layers' own queues, with one consumer each, before one system.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from harness.hypotheses import theory
from harness.hypotheses.amendments import OvertakenWhileParked
from harness.hypotheses.bench import NAME, PATIENT_US, Bench, OtherWork
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, batch_means, by_batches, mean_of, rate_of
from sim.chance import constant
from sim.durations import SECOND
from sim.faults import Brownout
from sim.queue import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitions(Case):
    """H14: so many partitions are as many queues with one server each, not one queue with as many servers."""

    partitions: int
    load: float  # of each
    calls: int = 60_000

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("with a partition a key"): theory.mean_wait(1, self.load),
            self._claim("with one queue for all"): theory.mean_wait(self.partitions, self.partitions * self.load),
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        return {
            self._claim("with a partition a key"): by_batches(batch_means(self._waits(seed, self.partitions))),
            self._claim("with one queue for all"): by_batches(batch_means(self._waits(seed, 1))),
        }

    def _waits(self, seed: int, queues: int) -> list[float]:
        """How long each call waited, in the order of arrival, in services; `partitions` consumers share the queues."""
        bench = Bench(seed=seed, purpose=self._claim(f"{queues} queues"), capacity=self.partitions)
        lines = [Queue(bench.clock) for _ in range(queues)]
        keys = bench.stream("keys")
        waited: dict[int, float] = {}

        async def consume(line: Queue) -> None:
            while True:
                number, came_us = await line.take()
                waited[number] = (bench.clock.now - came_us) / SECOND
                await bench.call(str(number))

        for consumer in range(self.partitions):
            bench.clock.spawn(consume(lines[consumer % queues]))
        bench.run(
            bench.poisson(
                self.load * self.partitions,
                self.calls,
                lambda number: lines[keys.below(queues, number)].put((number, bench.clock.now)),
            )
        )
        return [waited[number] for number in sorted(waited)]

    def _claim(self, what: str) -> str:
        return f"mean wait {what}, {self.partitions} consumers at {self.load:g} each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison(Case):
    """H15: a call that fails for `blocked_s` holds up its partition's others, λ T / P of them by T / 2 on average.

    The partitions are lightly used, so that what has waited is served in next to no time.
    """

    partitions: int = 12
    rate_per_s: float = 2.0
    blocked_s: int = 600
    poisons: int = 12

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("calls held up"): self.rate_per_s * self.blocked_s / self.partitions,
            self._claim("mean delay of those in s"): self.blocked_s / 2,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        delays_s: list[float] = []
        for number in range(self.poisons):
            delays_s += self._held_up_s(seed, number)
        count = len(delays_s)
        return {
            self._claim("calls held up"): rate_of(count, self.poisons),
            self._claim("mean delay of those in s"): mean_of(math.fsum(delays_s), count, self.blocked_s**2 / 12),
        }

    def _held_up_s(self, seed: int, number: int) -> list[float]:
        """How long each call waited that came while its partition was blocked by the one poison of a run."""
        blocked_us = self.blocked_s * SECOND
        refuses = Brownout(
            name="poison", target=NAME, start_us=0, end_us=blocked_us, slow_percent=100, fail_ppm=1_000_000,
            only=frozenset({"other_work"}),
        )  # fmt: skip
        bench = Bench(
            refuses, seed=seed, purpose=f"{self._claim('run')} {number}", capacity=self.partitions, service=constant(0)
        )
        lines = [Queue(bench.clock) for _ in range(self.partitions)]
        keys = bench.stream("keys")
        delays_s: list[float] = []

        async def consume(line: Queue) -> None:
            while True:
                key, came_us = await line.take()
                request = OtherWork(key) if key == "poison" else None
                while request and not (await bench.server.send(request, key, None, PATIENT_US)).ok:
                    await bench.clock.sleep(SECOND // 10)
                if not request:
                    if bench.clock.now > came_us:
                        delays_s.append((bench.clock.now - came_us) / SECOND)
                    await bench.call(key)

        for line in lines:
            bench.clock.spawn(consume(line))
        lines[0].put(("poison", 0))
        calls = round(self.rate_per_s * self.blocked_s)
        until_us = bench.poisson(
            self.rate_per_s,
            calls,
            lambda place: lines[keys.below(self.partitions, place)].put((str(place), bench.clock.now)),
        )
        bench.run(until_us + SECOND)
        return delays_s

    def _claim(self, what: str) -> str:
        return f"{what}, a poison call retried in place for {self.blocked_s} s, {self.partitions} partitions"


HYPOTHESES = (
    Hypothesis(
        id="H14",
        about="the price of order by key",
        cases=(Partitions(partitions=5, load=0.8), Partitions(partitions=15, load=0.8)),
    ),
    Hypothesis(
        id="H15",
        about="a poison message",
        cases=(
            Poison(),
            OvertakenWhileParked(),
        ),
    ),
)
