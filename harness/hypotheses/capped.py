"""A system that caps its callers: what it refuses, what retries make of that, and what a queue in front does instead.

H13 and H25, with Q9, Q10 and Q19 of the validation set. A capped API admits so many calls at a time and refuses the
others at once; its limits are those of every system of a scenario. Times are in mean service times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.blocks.retry import RetryPolicy
from harness.hypotheses import theory
from harness.hypotheses.bench import PATIENT_US, Bench, Work, outcomes
from harness.hypotheses.facade import LimitedBurst, QueueInFront
from harness.hypotheses.hypothesis import Case, Hypothesis, Untested
from harness.hypotheses.measured import Measured, batch_means, by_batches, exactly, within
from harness.hypotheses.services import SERVICES
from sim.chance import constant
from sim.durations import HOUR, SECOND
from sim.network import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals(Case):
    """First tries at an API with as many slots as it admits calls: Erlang's loss, whatever the service."""

    slots: int
    load: float
    service: str
    calls: int = 40_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: theory.erlang_b(self.slots, self.load)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        refused = refusals(seed, self._claim, self.load, self.calls, self.slots, self.slots, self.service)
        return {self._claim: by_batches(batch_means(refused))}

    @property
    def _claim(self) -> str:
        return f"share of first tries refused, {self.slots} at a time, {self.service} services under {self.load:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FullQueue(Case):
    """M/M/1/K: one slot, and room for `places` calls, the one in service included."""

    places: int
    load: float
    calls: int = 60_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: theory.full_share(self.places, self.load)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        refused = refusals(seed, self._claim, self.load, self.calls, 1, self.places, "exponential")
        return {self._claim: by_batches(batch_means(refused))}

    @property
    def _claim(self) -> str:
        return f"share of calls refused, one slot with room for {self.places} under {self.load:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedRefusals(Case):
    """Whoever is refused tries again after a long jittered wait until admitted: a fixed point of Erlang's loss.

    The fixed point takes retries for a Poisson stream of their own; they are slightly clustered, so that it runs some
    2 % low (H13). That is added to four standard errors.
    """

    slots: int
    load: float
    calls: int
    wait_s: int = 600

    def predict(self) -> Mapping[str, float]:
        return {self._claim: theory.retried_refusals(self.slots, self.load)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        bench = Bench(seed=seed, purpose=self._claim, capacity=self.slots, limits=Limits(concurrent=self.slots))
        policy = RetryPolicy(base_us=self.wait_s * SECOND, cap_us=self.wait_s * SECOND, attempts_max=None)
        waits = bench.stream("retry")

        async def client(key: str) -> None:
            attempt = 1
            while not (await bench.call(key)).ok:
                delay_us = policy.delay_us(attempt, waits.word(key, attempt))
                assert delay_us is not None, "this policy never gives up"
                await bench.clock.sleep(delay_us)
                attempt += 1

        bench.run(bench.poisson(self.load, self.calls, lambda number: bench.clock.spawn(client(str(number)))))
        tries = outcomes(bench.wire)[self.calls // 10 :]  # until then the first refused have yet to come back
        seen = by_batches(batch_means([float(outcome == "throttled") for outcome in tries]))
        off = seen.high - seen.value + 0.02 * seen.value
        return {self._claim: within(seen.value, off, f"{seen.rule}, and 2 % for the fixed point's own error")}

    @property
    def _claim(self) -> str:
        return f"share of all tries refused, {self.slots} at a time, retried until admitted, under {self.load:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughputCap(Case):
    """As many clients as the API admits, each with its next call at once: `slots` / S is all it does."""

    slots: int
    service_s: float

    def predict(self) -> Mapping[str, float]:
        return {self._claim: self.slots / self.service_s * HOUR / SECOND}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        bench = Bench(
            seed=seed,
            purpose=self._claim,
            capacity=self.slots,
            service=constant(round(self.service_s * SECOND)),
            limits=Limits(concurrent=self.slots),
        )

        async def client(name: int) -> None:
            while True:
                await bench.call(str(name))

        for name in range(self.slots):
            bench.clock.spawn(client(name))
        bench.run(HOUR)
        return {self._claim: exactly(bench.commits.total())}

    @property
    def _claim(self) -> str:
        return f"calls an hour, {self.slots} at a time of {self.service_s:g} s each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst(Case):
    """A token bucket of `per_second` and `burst`: calls that come all at once, and again each time a token is due."""

    per_second: int
    burst: int
    calls: int

    def predict(self) -> Mapping[str, float]:
        return {self._claim: (self.calls - self.burst) / self.per_second}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        every_us = SECOND // self.per_second
        bench = Bench(
            seed=seed,
            purpose=self._claim,
            capacity=self.calls,
            service=constant(0),
            limits=Limits(per_second=self.per_second, burst=self.burst, retry_after_us=every_us),
        )

        async def client(number: int) -> None:
            while True:
                response = await bench.server.send(Work(str(number)), str(number), None, PATIENT_US)
                if response.ok:
                    return
                await bench.clock.sleep(response.retry_after_us or 0)

        tasks = [bench.clock.spawn(client(number)) for number in range(self.calls)]
        last_us = 0
        while not all(task.done for task in tasks):
            last_us = bench.clock.now + every_us
            bench.clock.run_until(last_us)
        done = max(row[-2] for row in bench.wire.trace.rows("calls"))
        assert bench.commits.total() == self.calls
        return {self._claim: exactly(done / SECOND)}

    @property
    def _claim(self) -> str:
        return f"a burst of {self.calls} is through after, {self.per_second} a second and {self.burst} at once, in s"


def refusals(
    seed: int, purpose: str, load: float, calls: int, slots: int, admitted: int, service: str
) -> Sequence[float]:
    """Of Poisson arrivals at slots that admit only so many at a time, in order: 1 where one was refused, else 0."""
    bench = Bench(
        seed=seed,
        purpose=purpose,
        capacity=slots,
        service=SERVICES[service],
        limits=Limits(concurrent=admitted),
    )
    bench.run(bench.poisson(load, calls, lambda number: bench.send(str(number))))
    return [float(outcome == "throttled") for outcome in outcomes(bench.wire)]


CAPS = ((5, 3), (15, 10), (15, 12))

HYPOTHESES = (
    Hypothesis(
        id="Q9",
        about="first tries at a capped API, whatever the service",
        cases=tuple(
            Refusals(slots=slots, load=load, service=service)
            for slots, load in CAPS
            for service in ("exponential", "fixed", "lognormal .5")
        ),
    ),
    Hypothesis(id="Q10", about="M/M/1/10", cases=tuple(FullQueue(places=10, load=load) for load in (0.8, 0.95, 1.2))),
    Hypothesis(
        id="H13",
        also=("Q19",),
        about="a capped API, with retries or a queue in front",
        cases=(
            RetriedRefusals(slots=5, load=3, calls=50_000),
            RetriedRefusals(slots=15, load=10, calls=100_000),
            RetriedRefusals(slots=15, load=12, calls=80_000),
            QueueInFront(slots=5, load=4),
            QueueInFront(slots=15, load=12),
            ThroughputCap(slots=15, service_s=1.5),
            ThroughputCap(slots=5, service_s=1.5),
        ),
    ),
    Hypothesis(
        id="H25",
        about="token bucket and daily quota",
        cases=(
            Burst(per_second=10, burst=20, calls=200),
            LimitedBurst(per_second=5, burst=10, calls=100),
            Untested(
                {"hours until a daily quota of 100 000 calls is spent, at 6 000 an hour": 100_000 / 6_000},
                "no system has a daily quota yet: limits are by concurrency and by rate",
            ),
        ),
    ),
)
