"""Queues in front of a system: Q1 to Q8, Q11 to Q16 and Q20 of the validation set, with H23 and H28.

Calls arrive by chance at one server of the network; waits, queues and occupancy are read from its trace. Times are in
mean service times.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.hypotheses import theory
from harness.hypotheses.bench import Bench, Seen
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import BATCHES, Measured, batch_means, by_batches, by_theory, quantile_by_batches
from harness.hypotheses.services import SERVICES, SQUARED_VARIATION
from sim.chance import exponential
from sim.durations import SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkovQueue(Case):
    """M/M/c under a load in Erlang: `servers` slots, exponential services. `tail` is a share of stays, or of waits."""

    servers: int
    load: float
    calls: int = 100_000
    tails: tuple[float, ...] = ()

    def predict(self) -> Mapping[str, float]:
        wait = theory.mean_wait(self.servers, self.load)
        return {
            self._claim("mean inside"): self.load * (wait + 1),
            self._claim("mean wait"): wait,
            self._claim("share of time all are busy"): theory.erlang_c(self.servers, self.load),
            self._claim("share of the slots in use"): self.load / self.servers,
            **{self._tail(share): self._quantile(share) for share in self.tails},
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        seen = serve_poisson(seed, self._claim("calls"), self.load, self.calls, servers=self.servers)
        queue = seen.statistics.mean_queue / self.load  # by Little: less scattered than the mean of the waits
        stays = seen.stays_s if self.servers == 1 else seen.waits_s
        return {
            self._claim("mean inside"): by_theory(seen.statistics.mean_inside, self._variance(_inside)),
            self._claim("mean wait"): by_theory(
                queue, self._variance(lambda inside: max(0, inside - self.servers)) / self.load**2
            ),
            self._claim("share of time all are busy"): by_theory(
                seen.share_of_time(lambda inside: inside >= self.servers),
                self._variance(lambda inside: float(inside >= self.servers)),
            ),
            self._claim("share of the slots in use"): by_theory(
                seen.statistics.utilisation,
                self._variance(lambda inside: min(inside, self.servers)) / self.servers**2,
            ),
            **{self._tail(share): quantile_by_batches(stays, share) for share in self.tails},
        }

    def _variance(self, reward: "theory.Reward") -> float:
        return theory.asymptotic_variance(self.servers, self.load, reward) / (self.calls / self.load)

    def _claim(self, what: str) -> str:
        return f"{what}, M/M/{self.servers} under {self.load:g}"

    def _tail(self, share: float) -> str:
        return self._claim(f"{share:.0%} of {'stays' if self.servers == 1 else 'waits'} are shorter than")

    def _quantile(self, share: float) -> float:
        waits = 1.0 if self.servers == 1 else theory.erlang_c(self.servers, self.load)
        return math.log(waits / (1 - share)) / (self.servers - self.load)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyService(Case):
    """M/G/1: one slot, services of any law."""

    load: float
    service: str
    calls: int = 60_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: theory.pollaczek_khinchine(self.load, SQUARED_VARIATION[self.service])}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        seen = serve_poisson(seed, self._claim, self.load, self.calls, service=self.service)
        return {self._claim: by_batches(batch_means(seen.waits_s))}

    @property
    def _claim(self) -> str:
        return f"mean wait, {self.service} services at one slot under {self.load:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoKinds(Case):
    """M/H2/1: two kinds of work with exponential services, short and long, balanced in the time they take."""

    load: float
    squared_variation: float
    calls: int = 100_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: theory.pollaczek_khinchine(self.load, self.squared_variation)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        rare = (1 - math.sqrt((self.squared_variation - 1) / (self.squared_variation + 1))) / 2
        bench = Bench(
            seed=seed,
            purpose=self._claim,
            service=exponential(round(SECOND / (2 * (1 - rare)))),
            other_service=exponential(round(SECOND / (2 * rare))),
        )
        kind = bench.stream("kind of work")
        until_us = bench.poisson(
            self.load, self.calls, lambda number: bench.send(str(number), other=kind.uniform(number) < rare)
        )
        return {self._claim: by_batches(batch_means(bench.run(until_us).waits_s))}

    @property
    def _claim(self) -> str:
        return f"mean wait, short and long work with cv² {self.squared_variation:g} at one slot under {self.load:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsForAll(Case):
    """M/G/∞: more slots than there are ever calls, so that the number inside is Poisson."""

    mean: float
    service: str
    calls: int = 40_000
    above: int = 20

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("mean inside"): self.mean,
            self._claim("variance of the number inside"): self.mean,
            self._claim(f"share of time with more than {self.above} inside"): theory.poisson_tail(
                self.mean, self.above
            ),
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        seen = serve_poisson(seed, self._claim("calls"), self.mean, self.calls, servers=1_000, service=self.service)
        squares = (1 + SQUARED_VARIATION[self.service]) * self.mean  # λ E[S²], the sum of N's autocovariances
        return {
            self._claim("mean inside"): by_theory(seen.statistics.mean_inside, squares / (self.calls / self.mean)),
            self._claim("variance of the number inside"): by_batches(
                batches_of_time(seen, lambda inside: (inside - self.mean) ** 2)
            ),
            self._claim(f"share of time with more than {self.above} inside"): by_batches(
                batches_of_time(seen, lambda inside: (inside > self.above).astype(np.float64))
            ),
        }

    def _claim(self, what: str) -> str:
        return f"{what}, a slot for each, {self.service} services under {self.mean:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchArrivals(Case):
    """M^X/M/1: a bill run's calls come all at once."""

    load: float
    batch: int
    calls: int = 120_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: theory.batch_wait(self.load, self.batch)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        bench = Bench(seed=seed, purpose=self._claim)

        def arrive(number: int) -> None:
            for place in range(self.batch):
                bench.send(f"{number}-{place}")

        until_us = bench.poisson(self.load / self.batch, self.calls // self.batch, arrive)
        return {self._claim: by_batches(batch_means(bench.run(until_us).waits_s))}

    @property
    def _claim(self) -> str:
        return f"mean wait, batches of {self.batch} at one slot under {self.load:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Age(Case):
    """The age of what a target shows, which is updated by every call of an M/M/1 pipeline."""

    load: float
    calls: int = 60_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: theory.age(self.load)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        seen = serve_poisson(seed, self._claim, self.load, self.calls)
        shown, until = seen.arrived_us[:-1] / SECOND, seen.left_us / SECOND
        # Between two commits the age rises by a second a second from what the earlier one's news is old.
        from_, to = until[:-1] - shown, until[1:] - shown
        areas, spans = (to**2 - from_**2) / 2, to - from_
        size = len(areas) // BATCHES
        starts = range(0, size * BATCHES, size)
        return {
            self._claim: by_batches(
                [float(areas[at : at + size].sum() / spans[at : at + size].sum()) for at in starts]
            )
        }  # fmt: skip

    @property
    def _claim(self) -> str:
        return f"mean age of what is shown, M/M/1 under {self.load:g}"


def serve_poisson(
    seed: int, purpose: str, load: float, calls: int, *, servers: int = 1, service: str = "exponential"
) -> Seen:
    """Poisson arrivals of `load` a second at so many slots with a mean service of a second; what was seen."""
    bench = Bench(seed=seed, purpose=purpose, capacity=servers, service=SERVICES[service])
    until_us = bench.poisson(load, calls, lambda number: bench.send(str(number)))
    return bench.run(until_us)


def batches_of_time(seen: Seen, reward: "theory.ArrayReward") -> list[float]:
    """The mean of a function of the number inside over each of the batches into which the run's time is cut."""
    widths = seen.occupancy.widths_us
    edges = np.linspace(0, widths.sum(), BATCHES + 1)
    upto = np.concatenate([[0], np.cumsum(widths)])
    sums = np.concatenate([[0.0], np.cumsum(reward(seen.occupancy.inside) * widths)])
    areas: list[float] = (np.diff(np.interp(edges, upto, sums)) / np.diff(edges)).tolist()
    return areas


def _inside(inside: int) -> float:
    return inside


HYPOTHESES = (
    Hypothesis(id="Q1", about="M/M/1 at half load", cases=(MarkovQueue(servers=1, load=0.5, tails=(0.95,)),)),
    Hypothesis(
        id="Q2", about="M/M/1 at 80 %", cases=(MarkovQueue(servers=1, load=0.8, calls=100_000, tails=(0.95, 0.99)),)
    ),
    Hypothesis(id="Q3", about="M/M/1 at 90 %", cases=(MarkovQueue(servers=1, load=0.9, calls=200_000, tails=(0.95,)),)),
    Hypothesis(id="Q4", about="M/M/2", cases=(MarkovQueue(servers=2, load=1.6),)),
    Hypothesis(id="Q5", about="M/M/5 at 80 %", cases=(MarkovQueue(servers=5, load=4, tails=(0.95,)),)),
    Hypothesis(id="Q6", about="M/M/5 at 90 %", cases=(MarkovQueue(servers=5, load=4.5, calls=80_000),)),
    Hypothesis(
        id="Q7",
        about="M/M/15, an ERP of the first tier",
        cases=(MarkovQueue(servers=15, load=12, calls=60_000), MarkovQueue(servers=15, load=13.5, calls=80_000)),
    ),
    Hypothesis(id="Q8", about="M/M/25", cases=(MarkovQueue(servers=25, load=20, calls=60_000),)),
    Hypothesis(
        id="Q11",
        about="M/D/1",
        cases=(AnyService(load=0.8, service="fixed"), AnyService(load=0.9, service="fixed", calls=100_000)),
    ),
    Hypothesis(id="Q12", about="M/E4/1", cases=(AnyService(load=0.8, service="Erlang of 4 stages"),)),
    Hypothesis(
        id="Q13",
        about="M/LN/1",
        cases=(
            AnyService(load=0.8, service="lognormal .5"),
            AnyService(load=0.8, service="lognormal 1", calls=100_000),
        ),
    ),
    Hypothesis(id="Q14", about="M/H2/1", cases=(TwoKinds(load=0.8, squared_variation=4),)),
    Hypothesis(
        id="Q15",
        about="M/G/inf",
        cases=tuple(SlotsForAll(mean=12, service=service) for service in ("exponential", "fixed", "lognormal .5")),
    ),
    Hypothesis(
        id="H23",
        also=("Q16",),
        about="a bill run arrives in batches",
        cases=(BatchArrivals(load=0.8, batch=10), BatchArrivals(load=0.8, batch=1, calls=60_000)),
    ),
    Hypothesis(id="H28", also=("Q20",), about="age is not lag", cases=(Age(load=0.5), Age(load=0.8))),
)
