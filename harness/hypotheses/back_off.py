"""Retries of a policy: how they multiply calls, and how late they come back after an outage. H12 and H27.

Clients call one server of the network and wait between their tries as the layers do.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from harness.blocks.retry import Caller, CallFailed, RetryPolicy
from harness.hypotheses.bench import ALWAYS, NAME, PATIENT_US, Bench, Work
from harness.hypotheses.facade import BudgetedRetries
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, at_most, batch_means, by_batches, exactly
from harness.layer import Surroundings
from harness.sweeps.trial import SMALLEST
from scenarios.compile import calendar_of
from scenarios.load import load
from sim.chance import constant, lognormal
from sim.durations import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from sim.faults import Brownout, Outage
from sim.network import Response

UNJITTERED = (1 << 64) - 1
"""The draw at which a wait with full jitter is as long as it can be."""

# --- amplification (H12) -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LayeredRetries(Case):
    """H12: `layers` one behind the other, each with a caller of so many tries, before a system that is down."""

    tries: int
    layers: int

    def predict(self) -> Mapping[str, float]:
        return {self._claim: self.tries**self.layers}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        bench = Bench(Outage(name="down", **ALWAYS), seed=seed, purpose=self._claim)
        policy = RetryPolicy(attempts_max=self.tries)
        calendar, server = calendar_of(load(SMALLEST)), cast(Any, bench.server)
        for _ in range(self.layers):
            server = _Layer(Caller(Surroundings(bench.wire, calendar, {NAME: server}, seed), policy))
        task = bench.clock.spawn(server.send(Work("key"), "key", None, PATIENT_US))
        bench.run(10 * DAY)
        assert not task.result.ok
        return {self._claim: exactly(bench.wire.calls)}

    @property
    def _claim(self) -> str:
        return f"calls for one request, {self.layers} layers of {self.tries} tries before a system that is down"


class _Layer:
    """A layer that others call as they would a system: it passes each request on by its own caller."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def send(self, request: Any, key: str, idempotency_key: str | None, _timeout_us: int) -> Response:
        """The answer that its own tries have led to."""
        try:
            return Response(200, await self._caller.write(NAME, request, key, idempotency_key))
        except CallFailed as failed:
            return failed.response


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLayer(Case):
    """H12: one layer of `tries` before a system of which a share of all calls fails."""

    tries: int
    failing: float
    operations: int = 10_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: (1 - self.failing**self.tries) / (1 - self.failing)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        bench = Bench(
            Brownout(name="fails", slow_percent=100, fail_ppm=round(self.failing * 1_000_000), **ALWAYS),
            seed=seed,
            purpose=self._claim,
            capacity=self.operations,
            service=constant(MILLISECOND),
        )
        policy = RetryPolicy(attempts_max=self.tries)

        async def client(key: str) -> int:
            attempt = 1
            while not (await bench.call(key)).ok:
                delay_us = policy.delay_us(attempt, UNJITTERED)
                if delay_us is None:
                    break
                await bench.clock.sleep(delay_us)
                attempt += 1
            return attempt

        tasks = [bench.clock.spawn(client(str(number))) for number in range(self.operations)]
        bench.run(HOUR)
        return {self._claim: by_batches(batch_means([task.result for task in tasks]))}

    @property
    def _claim(self) -> str:
        return f"calls a request, {self.tries} tries where {self.failing:.0%} of the calls fail"


# --- how late back-off comes back (H27) --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Overshoot(Case):
    """H27: how long after an outage's end a client's next try comes, by its policy; each client meets its own outage.

    Outages are lognormal with a median of 72 minutes and a sigma of 1.29. With full jitter a wait is uniform up to the
    cap c, and an outage ends in one that is drawn by its length: c / 3 of it is left on average.
    """

    cap_s: int | None
    jitter: bool = False
    clients: int = 500

    def predict(self) -> Mapping[str, float]:
        if self.cap_s is None:
            return {self._claim("mean lateness as a share of the outage"): 1 / math.log(2) - 1}
        return {
            self._claim("mean lateness in s"): self.cap_s / 3 if self.jitter else self.cap_s / 2,
            self._claim("longest lateness in s is at most"): self.cap_s,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        outages_s, late_s = self._lateness_s(seed)
        if self.cap_s is None:
            shares = [late / outage for late, outage in zip(late_s, outages_s, strict=True)]
            return {self._claim("mean lateness as a share of the outage"): by_batches(batch_means(shares))}
        return {
            self._claim("mean lateness in s"): by_batches(batch_means(late_s)),
            self._claim("longest lateness in s is at most"): at_most(max(late_s)),
        }

    def _lateness_s(self, seed: int) -> tuple[list[float], list[float]]:
        """Each client's outage, and how long after its end the client was served."""
        lengths = lognormal(72 * MINUTE, 1290)
        end_us = lengths.values[-1]  # all outages end together: that of each client begins when the client does
        bench = Bench(
            Outage(name="down", target=NAME, start_us=0, end_us=end_us),
            seed=seed,
            purpose=self._claim("lateness"),
            capacity=self.clients,
            service=constant(0),
        )
        cap_us = self.cap_s * SECOND if self.cap_s else 1 << 62
        policy = RetryPolicy(cap_us=cap_us, attempts_max=None)
        drawn, waits = bench.stream("outages"), bench.stream("retry")
        outages_us = [lengths.draw(drawn.word(number) >> 32) for number in range(self.clients)]

        async def client(number: int) -> int:
            await bench.clock.sleep(end_us - outages_us[number])
            attempt, key = 1, str(number)
            while not (await bench.call(key)).ok:
                word = waits.word(number, attempt) if self.jitter else UNJITTERED
                delay_us = policy.delay_us(attempt, word)
                assert delay_us is not None, "this policy never gives up"
                await bench.clock.sleep(delay_us)
                attempt += 1
            return bench.clock.now - end_us

        tasks = [bench.clock.spawn(client(number)) for number in range(self.clients)]
        bench.run(3 * end_us)
        return [outage / SECOND for outage in outages_us], [task.result / SECOND for task in tasks]

    def _claim(self, what: str) -> str:
        cap = f"a cap of {self.cap_s} s" if self.cap_s else "no cap"
        return f"{what}, waits that double with {cap}{' and full jitter' if self.jitter else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriesInAnOutage(Case):
    """H27: how often a client tries that waits 1, 2, 4 … 64 and then 100 s, before an outage of that length is over."""

    minutes: int

    def predict(self) -> Mapping[str, float]:
        doubling_s = 127  # 1 + 2 + … + 64
        return {self._claim: 8 + (self.minutes * 60 - 1 - doubling_s) // 100}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        end_us = self.minutes * MINUTE
        bench = Bench(
            Outage(name="down", target=NAME, start_us=0, end_us=end_us),
            seed=seed,
            purpose=self._claim,
            service=constant(0),
        )
        policy = RetryPolicy(attempts_max=None)

        async def client() -> None:
            attempt = 1
            while not (await bench.call("key")).ok:
                await bench.clock.sleep((policy.delay_us(attempt, UNJITTERED) or 0) + 1)  # full jitter falls 1 µs short
                attempt += 1

        bench.clock.spawn(client())
        bench.run(end_us - 1)
        return {self._claim: exactly(bench.wire.calls)}

    @property
    def _claim(self) -> str:
        return f"tries within an outage of {self.minutes} min, waits that double up to 100 s"


HYPOTHESES = (
    Hypothesis(
        id="H12",
        about="retries multiply",
        cases=(
            LayeredRetries(tries=3, layers=5),
            LayeredRetries(tries=4, layers=3),
            OneLayer(tries=3, failing=0.2),
            OneLayer(tries=5, failing=0.5),
            BudgetedRetries(failing=0.6),
        ),
    ),
    Hypothesis(
        id="H27",
        about="how late back-off comes back",
        cases=(
            Overshoot(cap_s=None),
            Overshoot(cap_s=100),
            Overshoot(cap_s=100, jitter=True, clients=300),
            *(TriesInAnOutage(minutes=minutes) for minutes in (10, 72, 24 * 60)),
        ),
    ),
)
