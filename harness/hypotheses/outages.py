"""Outages: how often a chain is up, what a retry window outlasts, and a queue whose server breaks down. H1, H11, H29.

Systems go down as in every scenario: what they were working on is gone, and whoever calls meanwhile is refused.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import NormalDist

from harness.hypotheses import theory
from harness.hypotheses.bench import NAME, Bench
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, batch_means, by_batches, share_of
from sim.chance import Distribution, Stream, constant, exponential, lognormal, uniform
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Event, Publisher
from sim.durations import HOUR, MILLISECOND, MINUTE, SECOND
from sim.faults import Outage
from sim.network import Wire
from sim.queue import Queue
from sim.trace import Trace

BLOCK = 512
"""Outages a run: whenever one begins or ends, a system looks through all that it will ever have."""

# --- a chain of systems (H1) -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesAvailability(Case):
    """H1: a synchronous chain finds all its systems up with the product of their availabilities, whatever the laws.

    `systems` are (mean time up, mean time down) in minutes. Times up are exponential, or uniform up to twice the mean;
    times down lognormal with a sigma of 1, or fixed.
    """

    systems: tuple[tuple[int, int], ...]
    steady: bool = False
    chains: int = 20_000
    outages: int = 600

    def predict(self) -> Mapping[str, float]:
        return {self._claim: math.prod(up / (up + down) for up, down in self.systems)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        wire = Wire(Clock(), Trace())
        benches, ends_us = [], []
        for number, (up, down) in enumerate(self.systems):
            purpose, name = f"{self._claim}, system {number}", f"{NAME}{number}"
            up_law, down_law = self._laws(up, down)
            outages = alternating(
                drawn(up_law, Stream(seed, f"{purpose}, up"), self.outages),
                drawn(down_law, Stream(seed, f"{purpose}, down"), self.outages),
                name,
            )
            ends_us.append(outages[-1].end_us)
            benches.append(
                Bench(*outages, seed=seed, purpose=purpose, service=constant(0), wire=wire, name=name, capacity=8)
            )
        until_us = min(ends_us)
        through: dict[int, float] = {}

        async def chain(number: int) -> None:
            for bench in benches:
                if not (await bench.call(str(number))).ok:
                    through[number] = 0.0
                    return
            through[number] = 1.0

        rate_per_s = self.chains / (until_us / SECOND)
        benches[0].poisson(rate_per_s, self.chains, lambda number: wire.clock.spawn(chain(number)))
        wire.clock.run_until(until_us)
        return {self._claim: by_batches(batch_means([through[number] for number in sorted(through)]))}

    def _laws(self, up: int, down: int) -> tuple[Distribution, Distribution]:
        if self.steady:
            return uniform(0, 2 * up * MINUTE), constant(down * MINUTE)
        return exponential(up * MINUTE), lognormal(round(down * MINUTE * math.exp(-0.5)), 1000)

    @property
    def _claim(self) -> str:
        shares = ", ".join(f"{up / (up + down):.3g}" for up, down in self.systems)
        laws = "fixed repairs" if self.steady else "lognormal repairs"
        return f"share of chains that find all up, availabilities {shares}, {laws}"


# --- retry windows (H11) -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryWindows(Case):
    """H11: an event that meets an outage of its receiver is lost if the rest of the outage outlasts the retries.

    Outages are lognormal with a median of 72 minutes and a sigma of 1.29, or exponential with the same mean, one of
    each of so many equally likely lengths: a sample by chance has too few of the longest, on which it depends. A source
    tells its subscriber eight times more, in waits that double, over each of the `windows_h`.
    """

    tailed: bool
    windows_h: tuple[int, ...]
    outages: int = 4_096
    every_us: int = 2 * HOUR  # between the events that a source tells of while its receiver is down

    def predict(self) -> Mapping[str, float]:
        return {self._claim(hours): self._outlasts(60 * hours) for hours in self.windows_h}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        law = self._law().values
        apart = len(law) // self.outages
        lengths_us = law[apart // 2 :: apart]
        lost, met = [0] * len(self.windows_h), 0
        for first in range(0, len(lengths_us), BLOCK):
            fewer_lost, fewer_met = self._block(seed, first, lengths_us[first : first + BLOCK])
            lost, met = [one + more for one, more in zip(lost, fewer_lost, strict=True)], met + fewer_met
        return {self._claim(hours): share_of(number, met) for hours, number in zip(self.windows_h, lost, strict=True)}

    def _block(self, seed: int, first: int, lengths_us: Sequence[int]) -> tuple[list[int], int]:
        """Of the events that met some of the outages, how many each source has lost, and how many there were."""
        purpose = f"{self._claim(0)}, from outage {first} on"
        apart_us = (max(self.windows_h) + 1) * HOUR  # so that no try meets the outage after
        outages = alternating([apart_us] * len(lengths_us), lengths_us)
        bench = Bench(*outages, seed=seed, purpose=purpose, service=constant(0), capacity=1_000)
        sources = [self._source(bench, hours, seed) for hours in self.windows_h]
        self._publish_in_outages(bench, sources, outages)
        bench.clock.run_until(outages[-1].end_us + 2 * max(self.windows_h) * HOUR)
        return [len(source.subscriptions[0].given_up) for source in sources], len(sources[0].published)

    def _source(self, bench: Bench, hours: int, seed: int) -> Publisher:
        """A system that tells of events, and tries again over so many hours."""

        async def receive(event: Event) -> bool:
            return (await bench.call(event.key)).ok

        unit_us = hours * HOUR // 255
        waits_us = (*(unit_us << doubled for doubled in range(7)), hours * HOUR - 127 * unit_us)
        policy = DeliveryPolicy(delay=constant(0), retries_us=waits_us, ack_timeout_us=MINUTE)
        source = Publisher(
            bench.wire, f"source{hours}", policy=policy, faults=(), stream=Stream(seed, f"window {hours}")
        )
        source.subscribe("receiver", receive, frozenset({"changed"}))
        return source

    def _publish_in_outages(self, bench: Bench, sources: Sequence[Publisher], outages: Sequence[Outage]) -> None:
        """Have every source tell of an event at the same instants of a Poisson process, while the receiver is down."""
        gaps, draws = exponential(self.every_us), bench.stream("events")

        async def tell() -> None:
            for place, outage in enumerate(outages):
                await bench.clock.sleep(outage.start_us - bench.clock.now)
                for number in count():
                    gap_us = gaps.draw(draws.word(place, number) >> 32)
                    if bench.clock.now + gap_us >= outage.end_us:
                        break
                    await bench.clock.sleep(gap_us)
                    for source in sources:
                        source.publish("changed", f"{place}:{number}", 1, None)

        bench.clock.spawn(tell())

    def _law(self) -> Distribution:
        mean_us = 72 * MINUTE * math.exp(1.29**2 / 2)
        return lognormal(72 * MINUTE, 1290) if self.tailed else exponential(round(mean_us))

    def _outlasts(self, minutes: float) -> float:
        """The share of those who meet an outage for whom more than so many minutes of it are left."""
        sigma, mean = 1.29, 72 * math.exp(1.29**2 / 2)
        if not self.tailed:
            return math.exp(-minutes / mean)
        normal, z = NormalDist(), math.log(minutes / 72) / sigma
        return normal.cdf(sigma - z) - minutes / mean * (1 - normal.cdf(z))

    def _claim(self, hours: int) -> str:
        law = "lognormal(72 min, 1.29)" if self.tailed else "exponential, of the same mean"
        return f"share lost of events that meet an outage, retried for {hours} h, outages {law}"


# --- a queue whose server breaks down (H29) ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdowns(Case):
    """H29: M/M/1 whose server breaks down while it is up, busy or idle, and whose work is resumed after the repair.

    The queue is the layer's: one worker that calls one system, and tries again ten times a second until it is served.
    An outage kills the call in service, and the next try draws its service anew: for exponential services, which have
    no memory, that is to resume. Of a call that is killed the worker hears nothing and waits for its deadline, so that
    only repairs count that last at least as long; its tries end the repair half a pause late.
    """

    arrivals: float
    failures: float
    repair_s: tuple[int, int]  # from, to: uniform
    outages: int = 1_200
    pause_us: int = 100 * MILLISECOND
    patience_us: int = 10 * SECOND

    def predict(self) -> Mapping[str, float]:
        late = self.pause_us / SECOND / 2
        low, high = (end + late for end in self.repair_s)
        return {
            self._claim: theory.breakdown_stay(
                self.arrivals, self.failures, (low + high) / 2, (low**2 + low * high + high**2) / 3
            )
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        low_us, high_us = (end * SECOND for end in self.repair_s)
        assert low_us >= self.patience_us, "a worker must not wait for an answer beyond the repair"
        up, repair = exponential(round(SECOND / self.failures)), uniform(low_us, high_us)
        outages = alternating(
            drawn(up, Stream(seed, f"{self._claim}, up"), self.outages),
            drawn(repair, Stream(seed, f"{self._claim}, repair"), self.outages),
        )
        bench = Bench(*outages, seed=seed, purpose=self._claim)
        queue = Queue(bench.clock)
        stays_s: list[float] = []

        async def work() -> None:
            while True:
                number, came_us = await queue.take()
                while not (await bench.call(str(number), self.patience_us)).ok:
                    await bench.clock.sleep(self.pause_us)
                stays_s.append((bench.clock.now - came_us) / SECOND)

        bench.clock.spawn(work())
        until_us = outages[-1].end_us
        calls = round(self.arrivals * until_us / SECOND)
        bench.poisson(self.arrivals, calls, lambda number: queue.put((number, bench.clock.now)))
        bench.run(until_us)
        return {self._claim: by_batches(batch_means(stays_s))}

    @property
    def _claim(self) -> str:
        low, high = self.repair_s
        repair = f"fixed at {low}" if low == high else f"uniform from {low} to {high}"
        return f"mean stay, M/M/1 under {self.arrivals:g}, breakdowns at {self.failures:g}, repairs {repair}"


def alternating(up_us: Iterable[int], down_us: Iterable[int], target: str = NAME) -> list[Outage]:
    """The outages of a system that is first up for the first of the spans up, then down for the first of those down."""
    outages, at_us = [], 0
    for place, (up, down) in enumerate(zip(up_us, down_us, strict=True)):
        start_us = at_us + up
        at_us = start_us + max(1, down)
        outages.append(Outage(name=f"outage {place}", target=target, start_us=start_us, end_us=at_us))
    return outages


def drawn(law: Distribution, stream: Stream, number: int) -> list[int]:
    """So many spans by this law."""
    return [law.draw(stream.word(place) >> 32) for place in range(number)]


HYPOTHESES = (
    Hypothesis(
        id="H1",
        also=("F1",),
        about="series availability",
        cases=(
            SeriesAvailability(systems=((90, 10), (190, 10), (97, 3), (98, 2))),
            SeriesAvailability(systems=((90, 10), (190, 10), (97, 3), (98, 2)), steady=True),
        ),
    ),
    Hypothesis(
        id="H11",
        about="retry windows and heavy tails",
        cases=(
            RetryWindows(tailed=True, windows_h=(1, 4, 24)),
            RetryWindows(tailed=False, windows_h=(1, 4), outages=2_048),
        ),
    ),
    Hypothesis(
        id="H29",
        also=("Q17",),
        about="a server that breaks down",
        cases=(
            Breakdowns(arrivals=0.5, failures=0.01, repair_s=(10, 10)),
            Breakdowns(arrivals=0.5, failures=0.004, repair_s=(10, 50), outages=700, pause_us=300 * MILLISECOND),
        ),
    ),
)
