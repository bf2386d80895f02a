"""What the parts of a façade do: limiter, cache, breaker and retry budget. H18 and H19; parts of H12, H13 and H25.

The runs are those of `harness.facade_runs`, on the blocks that every layer can put before its systems.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from harness import facade_runs
from harness.blocks.budget import RESERVE
from harness.hypotheses import theory
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, by_batches, by_theory, exactly, within
from sim.durations import MINUTE, SECOND

RUNS = 25
"""Independent runs where one is too short to be cut into batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueInFront(Case):
    """H13: a limiter lets in as many as the API admits: nobody is refused, and the wait is Erlang's."""

    slots: int
    load: float
    calls: int = 3_000

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("calls refused"): 0,
            self._claim("mean wait before it"): theory.mean_wait(self.slots, self.load),
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        runs = [
            facade_runs.capped(self.slots, self.load, self.calls, limiter=True, seed=seed_of(seed, run))
            for run in range(RUNS)
        ]
        return {
            self._claim("calls refused"): exactly(sum(run.rejected for run in runs)),
            self._claim("mean wait before it"): by_batches([run.waited_us / SECOND / run.calls for run in runs]),
        }

    def _claim(self, what: str) -> str:
        return f"{what}, a limiter before {self.slots} at a time under {self.load:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedBurst(Case):
    """H25: calls that come all at once before a token bucket are sent as it fills, and none is refused."""

    per_second: int
    burst: int
    calls: int

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("the last is sent after, in s"): (self.calls - self.burst) / self.per_second,
            self._claim("calls refused"): 0,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        seen = facade_runs.burst(self.calls, self.per_second, self.burst, limiter=True, seed=seed)
        return {
            self._claim("the last is sent after, in s"): exactly(seen.sent_us[-1] / SECOND),
            self._claim("calls refused"): exactly(seen.throttled),
        }

    def _claim(self, what: str) -> str:
        return f"{what}: {self.calls} at once, a limiter of {self.per_second} a second and {self.burst} at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedReads(Case):
    """H18: reads by chance of a record that changes by chance, kept for a fixed time. Rates are a second."""

    kept_s: int
    read_every_s: int = 10
    change_every_s: int = 600
    reads: int = 2_000

    def predict(self) -> Mapping[str, float]:
        lot = self.kept_s / self.read_every_s
        return {
            self._claim("share of reads answered from the cache"): lot / (1 + lot),
            self._claim("share of stale reads"): stale_reads(
                1 / self.read_every_s, self.kept_s, 1 / self.change_every_s
            ),
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        runs = [
            facade_runs.cached(
                self.read_every_s * SECOND,
                self.kept_s * SECOND,
                self.change_every_s * SECOND,
                self.reads,
                seed=seed_of(seed, run),
            )
            for run in range(RUNS)
        ]
        return {
            self._claim("share of reads answered from the cache"): by_batches([run.hits / run.reads for run in runs]),
            self._claim("share of stale reads"): by_batches([run.stale / run.reads for run in runs]),
        }

    def _claim(self, what: str) -> str:
        times = f"read every {self.read_every_s} s, changed every {self.change_every_s} s"
        return f"{what}, kept for {self.kept_s} s, {times}"


def stale_reads(reads: float, lifetime: float, changes: float) -> float:
    """The share of reads that a cache answers with what has changed since; rates of reads and changes."""
    return reads * (lifetime - (1 - math.exp(-changes * lifetime)) / changes) / (1 + reads * lifetime)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerInOutage(Case):
    """H19: an outage wastes the calls that open the breaker, and the probes of each time it was open.

    A system that is back is found out when the breaker is half open next: half that time later on average.
    """

    outage_min: int = 72
    window: int = 20
    probes: int = 3
    phases: int = 30

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("calls wasted"): self.window / 2 + self.probes * self.outage_min,
            self._claim("mean delay of the recovery in s"): 30,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        wasted = facade_runs.outage(
            self.outage_min * MINUTE, 10 * SECOND, breaker=True, window=self.window, probes=self.probes, seed=seed
        ).wasted
        late_us = [
            facade_runs.outage(
                5 * MINUTE + phase * MINUTE // self.phases,
                SECOND,
                breaker=True,
                window=self.window,
                probes=self.probes,
                cap_us=20 * SECOND,
                seed=seed,
            ).served_again_us
            for phase in range(self.phases)
        ]
        return {
            self._claim("calls wasted"): within(wasted, 3 * self.probes, "3 rounds of probes"),
            self._claim("mean delay of the recovery in s"): by_theory(
                math.fsum(late_us) / SECOND / self.phases, 60**2 / 12 / self.phases
            ),
        }

    def _claim(self, what: str) -> str:
        return f"{what}, an outage of {self.outage_min} min, a breaker of {self.window} calls and {self.probes} probes"


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogInOutage(Case):
    """H19: without a breaker the backlog wastes calls with the square of the outage.

    Waits are uniform up to 1, 2, 4 … 64 and then c = 100 s: of t seconds that an item meets of the outage it tries
    8 + (t − 63.5) / 50 − 1 / 3 times, by renewal theory. So λ D² / c instead of the reference's λ D² / 2c, whose waits
    are as long as they can be, and 6.4 λ D.
    """

    outage_min: int = 72
    every_s: int = 20
    runs: int = 6

    def predict(self) -> Mapping[str, float]:
        lasts_s = 60 * self.outage_min
        return {self._claim: (lasts_s**2 / 100 + EARLY * lasts_s) / self.every_s}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        wasted = [
            facade_runs.outage(
                self.outage_min * MINUTE, self.every_s * SECOND, breaker=False, seed=seed_of(seed, run)
            ).wasted
            for run in range(self.runs)
        ]
        lasts_s = 60 * self.outage_min
        squares = ((lasts_s / 50 + EARLY) ** 3 - EARLY**3) * 50 / 3 / self.every_s  # λ ∫ (t / 50 + 6.4)² dt
        return {self._claim: by_theory(math.fsum(wasted) / self.runs, squares / self.runs)}

    @property
    def _claim(self) -> str:
        return f"calls wasted without a breaker, an outage of {self.outage_min} min, one call every {self.every_s} s"


EARLY = 8 - 63.5 / 50 - 1 / 3
"""Tries beyond one every 50 s: the first waits are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetedRetries(Case):
    """H12: a budget holds retries to a tenth of the first tries, and uses that up where more fail."""

    failing: float
    tries: int = 5
    calls: int = 5_000
    budget: bool = True

    def predict(self) -> Mapping[str, float]:
        return {self._claim: 1.1}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        seen = facade_runs.amplified(
            round(1_000_000 * self.failing), self.tries, self.calls, budget=self.budget, seed=seed
        )  # fmt: skip
        saved = 1.1 * RESERVE / self.calls
        return {self._claim: within(seen.sent / seen.asked, saved, "the budget's reserve")}

    @property
    def _claim(self) -> str:
        return f"calls a request, a budget of a tenth, {self.tries} tries where {self.failing:.0%} of the calls fail"


def seed_of(seed: int, run: int) -> int:
    """The seed of one of several runs."""
    return 1_000 * seed + run


HYPOTHESES = (
    Hypothesis(
        id="H18",
        also=("F7",),
        about="stale reads from a cache",
        cases=tuple(CachedReads(kept_s=kept) for kept in (60, 300)),
    ),
    Hypothesis(id="H19", about="a circuit breaker in an outage", cases=(BreakerInOutage(), BacklogInOutage())),
)
