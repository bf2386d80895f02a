"""Clocks that are off, at a gate that goes by timestamps: H26.

Two systems write one record, each with a clock of its own; a consumer applies what is newer by its stamp.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from harness.hypotheses.bench import PATIENT_US
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, share_of
from harness.hypotheses.order import Consumer, consumer_behind
from sim.chance import Stream, constant, exponential
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Publisher
from sim.durations import MILLISECOND, MINUTE, SECOND
from sim.event_faults import ClockSkew
from sim.network import Wire
from sim.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class SkewedClocks(Case):
    """H26: the clocks of both writers are off by a normal error; the second write comes `apart_ms` after the first."""

    off_ms: int
    apart_ms: int
    pairs: int = 5_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: NormalDist().cdf(-self.apart_ms / (self.off_ms * math.sqrt(2)))}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        errors = Stream(seed, self._claim)
        normal = NormalDist(0, self.off_ms * MILLISECOND)
        wrong = 0
        for pair in range(self.pairs):
            skews_us = [round(normal.inv_cdf(1 - errors.uniform(pair, writer))) for writer in (1, 2)]
            clock, writers, consumer = two_writers(seed, skews_us)
            clock.spawn(_write(clock, writers, "K", self.apart_ms * MILLISECOND))
            clock.run_until(MINUTE)
            wrong += consumer.final["K"] == 1
        return {self._claim: share_of(wrong, self.pairs)}

    @property
    def _claim(self) -> str:
        return f"share of wrong final states, clocks off by N(0, {self.off_ms} ms), writes {self.apart_ms} ms apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class FastClock(Case):
    """H26: the first writer's clock is fast by `fast_s`; the second write comes after an exponential gap."""

    fast_s: int
    gap_s: int
    pairs: int = 20_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: -math.expm1(-self.fast_s / self.gap_s)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        clock, writers, consumer = two_writers(seed, [self.fast_s * SECOND, 0])
        gaps, draws = exponential(self.gap_s * SECOND), Stream(seed, self._claim)
        for pair in range(self.pairs):
            clock.spawn(_write(clock, writers, f"K-{pair}", gaps.draw(draws.word(pair) >> 32)))
        clock.run_until(100 * self.gap_s * SECOND)
        return {self._claim: share_of(sum(version == 1 for version in consumer.final.values()), self.pairs)}

    @property
    def _claim(self) -> str:
        return f"share of wrong final states, the first clock {self.fast_s} s fast, gap {self.gap_s} s"


def two_writers(seed: int, skews_us: Sequence[int]) -> tuple[Clock, Sequence[Publisher], Consumer]:
    """Two systems whose clocks are off by so much, and a consumer of both behind a timestamp gate."""
    wire = Wire(Clock(), Trace())
    consumer = consumer_behind("timestamp", wire.clock)
    writers = []
    for place, skew_us in enumerate(skews_us):
        off = ClockSkew(name="skew", target=f"writer{place}", start_us=0, end_us=PATIENT_US, by_us=skew_us or 1)
        policy = DeliveryPolicy(delay=constant(0), retries_us=(), ack_timeout_us=MINUTE)
        faults = [off] if skew_us else []
        writer = Publisher(wire, f"writer{place}", policy=policy, faults=faults, stream=Stream(seed, f"writer {place}"))
        writer.subscribe("consumer", consumer.receive, frozenset({"changed"}))
        writers.append(writer)
    return wire.clock, writers, consumer


async def _write(clock: Clock, writers: Sequence[Publisher], key: str, gap_us: int) -> None:
    """The one system's write of a record, and then, after a gap, the other's."""
    await clock.sleep(SECOND)
    writers[0].publish("changed", key, 1, 1)
    await clock.sleep(gap_us)
    writers[1].publish("changed", key, 2, 1)


HYPOTHESES = (
    Hypothesis(
        id="H26",
        about="skewed clocks at a timestamp gate",
        cases=(
            SkewedClocks(off_ms=50, apart_ms=100),
            SkewedClocks(off_ms=50, apart_ms=25),
            FastClock(fast_s=2, gap_s=60),
        ),
    ),
)
