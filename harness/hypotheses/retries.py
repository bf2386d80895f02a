"""Trying again: what blind retries, restarts and timeouts do. H2, H3 and H4; F2 to F4.

Clients call one server of the network and try again by the retry policies of the layers; what they cannot know, whether
the work was done, is counted behind the server's door.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

from harness.hypotheses.bench import ALWAYS, Bench
from harness.hypotheses.extra_commits import extra_commits
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import (
    Measured,
    batch_means,
    by_batches,
    by_theory,
    exactly,
    mean_of,
    rate_of,
    share_of,
)
from harness.hypotheses.postings import RETRIES, TIMEOUTS
from harness.hypotheses.sagas import RESTARTS
from sim.chance import constant, lognormal
from sim.durations import DAY, HOUR, MILLISECOND, SECOND
from sim.faults import Brownout, LostRequest, LostResponse


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one operation: how often it was tried and committed, and whether its client heard of it."""

    tries: int
    commits: int
    heard: bool


# --- lost requests and lost responses (H3) -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindRetries(Case):
    """H3: a try is lost with `a` before and `b` after its commit, and repeated up to `tries` times in all.

    Where no request is lost, operations are next to never given up, and are done twice if their first answer is lost.
    """

    a: float
    b: float
    tries: int
    operations: int = 20_000
    keys: bool = False

    def predict(self) -> Mapping[str, float]:
        failed = self.a + self.b
        given_up = {
            self._claim("operations lost"): self.a**self.tries,
            self._claim("operations reported failed and committed"): failed**self.tries - self.a**self.tries,
        }
        return {
            self._claim("extra commits an operation"): 0 if self.keys else extra_commits(self.a, self.b, self.tries)[0],
            self._claim("tries an operation"): (1 - failed**self.tries) / (1 - failed),
            **(given_up if self.a else {self._claim("operations committed twice or more"): 0 if self.keys else self.b}),
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        fates = self.fates(seed)
        number, failed = len(fates), self.a + self.b
        extra = sum(max(0, fate.commits - 1) for fate in fates)
        given_up = {
            self._claim("operations lost"): share_of(sum(not fate.commits for fate in fates), number),
            self._claim("operations reported failed and committed"): share_of(
                sum(not fate.heard and fate.commits > 0 for fate in fates), number
            ),
        }
        doubled = share_of(sum(fate.commits > 1 for fate in fates), number)
        return {
            self._claim("extra commits an operation"): self._extra(extra),
            self._claim("tries an operation"): by_theory(
                fmean(fate.tries for fate in fates), failed / (1 - failed) ** 2 / number
            ),
            **(given_up if self.a else {self._claim("operations committed twice or more"): doubled}),
        }

    def _extra(self, extra: int) -> Measured:
        """Few are Poisson; of many, one operation often has several."""
        if self.keys:
            return exactly(extra)
        mean, variance = extra_commits(self.a, self.b, self.tries)
        if mean * self.operations < 1_000:
            return rate_of(extra, self.operations)
        return mean_of(extra, self.operations, variance)

    def fates(self, seed: int) -> Sequence[Fate]:
        """What became of each operation."""
        bench = Bench(
            LostRequest(name="request", share_ppm=round(self.a * 1_000_000), **ALWAYS),
            LostResponse(name="response", share_ppm=round(self.b / (1 - self.a) * 1_000_000), **ALWAYS),
            seed=seed,
            purpose=self._claim("operations"),
            capacity=64,
            service=constant(10 * MILLISECOND),
            key_lifetime_us=DAY if self.keys else None,
        )

        async def client(number: int) -> tuple[int, bool]:
            key = str(number)
            await bench.clock.sleep(number * MILLISECOND)
            for tries in range(1, self.tries + 1):
                if (await bench.call(key, SECOND, key if self.keys else None)).ok:
                    return tries, True
            return self.tries, False

        tasks = [bench.clock.spawn(client(number)) for number in range(self.operations)]
        bench.run(self.operations * MILLISECOND + 10 * self.tries * SECOND)
        return [Fate(task.result[0], bench.commits[str(number)], task.result[1]) for number, task in enumerate(tasks)]

    def _claim(self, what: str) -> str:
        keys = " with keys that are honoured" if self.keys else ""
        return f"{what}, a = {self.a:g}, b = {self.b:g}, {self.tries} tries{keys}"


# --- timeouts (H4) -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts(Case):
    """H4: a client gives up after `theta_s` and tries again; the server, `slow` times slower, does all it was asked."""

    theta_s: float
    slow: int = 1
    median_s: float = 0.8
    sigma: float = 0.6
    operations: int = 8_000

    def predict(self) -> Mapping[str, float]:
        late = self.late
        return {
            self._claim("duplicates an operation"): late / (1 - late),
            self._claim("calls an operation"): 1 / (1 - late),
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        bench = Bench(
            Brownout(name="slow", slow_percent=100 * self.slow, fail_ppm=0, **ALWAYS),
            seed=seed,
            purpose=self._claim("operations"),
            capacity=20_000,
            service=lognormal(round(self.median_s * SECOND), round(1000 * self.sigma)),
        )
        theta_us = round(self.theta_s * SECOND)

        async def client(key: str) -> int:
            tries = 1
            while not (await bench.call(key, theta_us)).ok:
                tries += 1
            return tries

        tasks = [bench.clock.spawn(client(str(number))) for number in range(self.operations)]
        bench.run(1_000 * theta_us)
        tries = sum(task.result for task in tasks)
        late = share_of(tries - self.operations, tries)
        off = Measured(late.value / (1 - late.value), late.low / (1 - late.low), late.high / (1 - late.high), late.rule)
        extra = bench.commits.total() - self.operations
        assert extra == tries - self.operations, "a client that gives up cancels nothing"
        return {
            self._claim("duplicates an operation"): off,
            self._claim("calls an operation"): Measured(1 + off.value, 1 + off.low, 1 + off.high, off.rule),
        }

    @property
    def late(self) -> float:
        """The share of answers that come too late: 1 − F(θ)."""
        return 1 - NormalDist().cdf(math.log(self.theta_s / (self.slow * self.median_s)) / self.sigma)

    def _claim(self, what: str) -> str:
        pace = f" {self.slow} times slower" if self.slow > 1 else ""
        return f"{what}, a median of {self.median_s:g} s{pace} and a timeout of {self.theta_s:g} s"


# --- restart and resume (H2) -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart(Case):
    """H2: `steps` calls in a row, of which each works with `p`; after a failure a client begins anew, or goes on."""

    steps: int
    p: float
    operations: int = 3_000

    def predict(self) -> Mapping[str, float]:
        again = (1 - self.p**self.steps) / ((1 - self.p) * self.p**self.steps)
        return {
            self._claim("calls with restart"): again,
            self._claim("extra commits with restart"): again * self.p - self.steps,
            self._claim("calls with resumption"): self.steps / self.p,
            self._claim("extra commits with resumption"): 0,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        again, extra = self._counts(seed, resume=False)
        on, none = self._counts(seed, resume=True)
        return {
            self._claim("calls with restart"): by_batches(batch_means(again)),
            self._claim("extra commits with restart"): by_batches(batch_means(extra)),
            self._claim("calls with resumption"): by_batches(batch_means(on)),
            self._claim("extra commits with resumption"): exactly(sum(none)),
        }

    def _counts(self, seed: int, *, resume: bool) -> tuple[list[float], list[float]]:
        """Calls, and commits beyond one a step, of each operation."""
        bench = Bench(
            Brownout(name="fails", slow_percent=100, fail_ppm=round((1 - self.p) * 1_000_000), **ALWAYS),
            seed=seed,
            purpose=self._claim("resume" if resume else "restart"),
            capacity=self.operations,
            service=constant(MILLISECOND),
        )

        async def client(name: int) -> int:
            calls = step = 0
            while step < self.steps:
                calls += 1
                if (await bench.call(f"{name}:{step}")).ok:
                    step += 1
                elif not resume:
                    step = 0
            return calls

        tasks = [bench.clock.spawn(client(number)) for number in range(self.operations)]
        bench.run(HOUR)
        commits = [
            sum(bench.commits[f"{number}:{step}"] for step in range(self.steps)) for number in range(self.operations)
        ]
        return [task.result for task in tasks], [number - self.steps for number in commits]

    def _claim(self, what: str) -> str:
        return f"{what}, {self.steps} steps that work with {self.p:g}"


HYPOTHESES = (
    Hypothesis(
        id="H2",
        also=("F2",),
        about="restart and resume",
        cases=(Restart(steps=5, p=0.99), Restart(steps=5, p=0.9), Restart(steps=8, p=0.9), *RESTARTS),
    ),
    Hypothesis(
        id="H3",
        also=("F3",),
        about="blind retries double in proportion to lost responses",
        cases=(
            *(BlindRetries(a=0, b=b, tries=5) for b in (0.001, 0.005, 0.02, 0.1)),
            BlindRetries(a=0.1, b=0.02, tries=3),
            BlindRetries(a=0.3, b=0.05, tries=5, operations=30_000),
            BlindRetries(a=0, b=0.3, tries=8, operations=5_000, keys=True),
            *RETRIES,
        ),
    ),
    Hypothesis(
        id="H4",
        also=("F4",),
        about="timeouts make duplicates",
        cases=(
            Timeouts(theta_s=3, operations=20_000),
            Timeouts(theta_s=5, slow=10, operations=2_000),
            Timeouts(theta_s=10, slow=10),
            *TIMEOUTS,
        ),
    ),
)
