"""Threads that a synchronous chain holds while it waits: H24."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.hypotheses.bench import PATIENT_US, Bench
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, by_theory, quantile_by_batches
from sim.chance import lognormal
from sim.clock import Clock
from sim.durations import SECOND
from sim.faults import Brownout
from sim.network import Wire
from sim.trace import Trace

MEDIANS_S = {"crm": 0.3, "billing": 0.8, "erp": 1.5, "revenue": 0.6}
SIGMA = 0.6
STEP_S, REACH_S = 0.01, 200
"""The grid on which the sum of the services is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadsHeld(Case):
    """H24: a handler that calls four systems in turn holds λ Σ S threads; one system may be `slow` times slower."""

    slow: int = 1
    rate_per_s: float = 2.0
    handled: int = 15_000
    tails: tuple[float, ...] = ()

    def predict(self) -> Mapping[str, float]:
        shares = np.cumsum(self._sum_of_services())
        return {
            self._claim("threads held on average"): self.rate_per_s * self._moments()[0],
            **{self._tail(share): float(np.searchsorted(shares, share) * STEP_S) for share in self.tails},
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        wire = Wire(Clock(), Trace())
        benches = [
            Bench(
                *self._slowing(name),
                seed=seed,
                purpose=f"{self._claim('calls')}, {name}",
                service=lognormal(round(median * SECOND), round(1000 * SIGMA)),
                capacity=10_000,
                wire=wire,
                name=name,
            )
            for name, median in MEDIANS_S.items()
        ]
        spans: list[tuple[int, int]] = []
        begun: dict[int, int] = {}

        async def handle(number: int) -> None:
            begun[number] = wire.clock.now
            for bench in benches:
                await bench.call(str(number))
            spans.append((begun.pop(number), wire.clock.now))

        until_us = benches[0].poisson(self.rate_per_s, self.handled, lambda number: wire.clock.spawn(handle(number)))
        wire.clock.run_until(until_us)
        held_us = sum(end - start for start, end in spans) + sum(until_us - start for start in begun.values())
        mean, square = self._moments()
        assert mean > 0
        durations = [(end - start) / SECOND for start, end in spans]
        return {
            self._claim("threads held on average"): by_theory(
                held_us / until_us, self.rate_per_s * square / (until_us / SECOND)
            ),
            **{self._tail(share): quantile_by_batches(durations, share) for share in self.tails},
        }

    def _slowing(self, name: str) -> list[Brownout]:
        if name != "erp" or self.slow == 1:
            return []
        return [
            Brownout(
                name="slow", target=name, start_us=0, end_us=PATIENT_US, slow_percent=100 * self.slow, fail_ppm=0
            )
        ]  # fmt: skip

    def _medians_s(self) -> list[float]:
        return [median * (self.slow if name == "erp" else 1) for name, median in MEDIANS_S.items()]

    def _moments(self) -> tuple[float, float]:
        """The mean of the services' sum, and the mean of its square."""
        means = [median * math.exp(SIGMA**2 / 2) for median in self._medians_s()]
        variance = math.fsum(mean**2 * math.expm1(SIGMA**2) for mean in means)
        return math.fsum(means), variance + math.fsum(means) ** 2

    def _sum_of_services(self) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """The probability of each step of the grid, by convolution of the four laws."""
        places = round(REACH_S / STEP_S)
        points = (np.arange(places) + 0.5) * STEP_S
        transform = np.ones(places + 1, dtype=complex)
        for median in self._medians_s():
            density = np.exp(-(np.log(points / median) ** 2) / (2 * SIGMA**2)) / points
            transform = transform * np.fft.rfft(density / density.sum(), 2 * places)
        # Four half steps come together: the sum of cell middles lies two steps further on.
        return np.concatenate([[0.0, 0.0], np.fft.irfft(transform, 2 * places)])

    def _tail(self, share: float) -> str:
        return self._claim(f"{share:.0%} of the chains take less than, in s")

    def _claim(self, what: str) -> str:
        pace = f", ERP {self.slow} times slower" if self.slow > 1 else ""
        return f"{what}, four calls in turn at {self.rate_per_s:g} a second{pace}"


HYPOTHESES = (
    Hypothesis(
        id="H24",
        about="threads pinned by a slow target",
        cases=(ThreadsHeld(tails=(0.5, 0.95, 0.99)), ThreadsHeld(slow=10)),
    ),
)
