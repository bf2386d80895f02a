"""News out of order: amendments that are lost without a gate, and what gates do. H8 and H9; F6.

A publisher tells a consumer of versions, each with a travel time of its own; the consumer applies them behind the
layers' own gate.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.blocks.sequencer import Sequencer
from harness.hypotheses.amendments import GATED, UNGATED
from harness.hypotheses.bench import ALWAYS, NAME
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, exactly, mean_of, share_of
from harness.store import Memory
from sim.chance import Distribution, Stream, constant, exponential
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Event, Publisher
from sim.durations import HOUR, MINUTE, SECOND
from sim.faults import Fault, LateDelivery
from sim.network import Wire
from sim.trace import Trace

# --- versions that overtake each other (H8, H9) ------------------------------------------------------


@dataclass(slots=True)
class Consumer:
    """A subscriber behind a gate: what has arrived, and what was applied, with the instants of both."""

    clock: Clock
    store: Memory
    gate: Sequencer
    arrived_us: dict[int, int] = field(default_factory=dict)
    applied_us: dict[int, int] = field(default_factory=dict)
    final: dict[str, int] = field(default_factory=dict)
    sums: Counter[str] = field(default_factory=Counter)

    async def receive(self, event: Event) -> bool:
        """Apply the event, drop it, or hold it for its predecessor, and what it was a predecessor of."""
        self.arrived_us[event.id] = self.clock.now
        following: Event | None = event
        while following is not None:
            verdict = self.gate.judge(following)
            if verdict == "hold":
                self.store.put(self.gate.holding(following))
            if verdict != "carry":
                break
            self.store.put(*self.gate.passing(following))
            self.applied_us[following.id] = self.clock.now
            self.final[following.key] = following.version
            self.sums[following.key] += following.body
            following = self.gate.next_after(following)
        return True


def told(
    seed: int, purpose: str, *, gate: str, keys: int, versions: int, gap: Distribution, travel: Distribution,
    faults: Sequence[Fault] = (),
) -> Consumer:  # fmt: skip
    """A consumer that has been told of so many versions of each key, at gaps by this law; each body is 10^version."""
    clock = Clock()
    policy = DeliveryPolicy(delay=travel, retries_us=(), ack_timeout_us=MINUTE)
    publisher = Publisher(
        Wire(clock, Trace()), NAME, policy=policy, faults=faults, stream=Stream(seed, f"{purpose}/travel")
    )
    consumer = consumer_behind(gate, clock)
    publisher.subscribe("consumer", consumer.receive, frozenset({"changed"}))
    gaps = Stream(seed, f"{purpose}/gaps")

    async def source(key: str) -> None:
        for version in range(1, versions + 1):
            publisher.publish("changed", key, version, 10**version)
            await clock.sleep(gap.draw(gaps.word(key, version) >> 32))

    for number in range(keys):
        clock.spawn(source(f"K-{number}"))
    clock.run_until(1_000 * HOUR)
    return consumer


def consumer_behind(gate: str, clock: Clock) -> Consumer:
    """A consumer that has not been told of anything yet."""
    store = Memory()
    return Consumer(clock, store, Sequencer(gate, store))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken(Case):
    """H8: without a gate the last arrival wins. Both versions travel exponentially, with a mean of `travel_s`."""

    travel_s: int
    gap_s: int
    pairs: int = 20_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: self.travel_s / (2 * (self.travel_s + self.gap_s))}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        consumer = pairs_told(seed, self._claim, "none", self.travel_s, self.gap_s, self.pairs)
        return {self._claim: share_of(sum(version < 2 for version in consumer.final.values()), self.pairs)}

    @property
    def _claim(self) -> str:
        return f"share of wrong final states without a gate, travel {self.travel_s} s, gap {self.gap_s} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedOvertaken(Case):
    """H8, the retry mixture: a share `late` of the deliveries comes late, exponentially with a mean of `late_s`."""

    late: float
    late_s: int
    gap_s: int
    pairs: int = 20_000

    def predict(self) -> Mapping[str, float]:
        # The reference leaves out that the second may be late as well and still be overtaken: q² R / (2 (R + g)).
        alone = self.late * (1 - self.late) * self.late_s / (self.late_s + self.gap_s)
        return {self._claim: alone + self.late**2 * self.late_s / (2 * (self.late_s + self.gap_s))}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        late = LateDelivery(
            name="late", share_ppm=round(1_000_000 * self.late), delay=exponential(self.late_s * SECOND), **ALWAYS
        )
        consumer = told(
            seed, self._claim, gate="none", keys=self.pairs, versions=2, gap=exponential(self.gap_s * SECOND),
            travel=constant(0), faults=[late],
        )  # fmt: skip
        return {self._claim: share_of(sum(version < 2 for version in consumer.final.values()), self.pairs)}

    @property
    def _claim(self) -> str:
        return f"share of wrong final states, {self.late:.0%} of deliveries late by {self.late_s} s, gap {self.gap_s} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simultaneous(Case):
    """H8: of so many versions at once the newest comes last in one case of so many."""

    versions: int
    keys: int = 10_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: 1 - 1 / self.versions}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        consumer = told(
            seed, self._claim, gate="none", keys=self.keys, versions=self.versions, gap=constant(0),
            travel=exponential(MINUTE),
        )  # fmt: skip
        wrong = sum(version < self.versions for version in consumer.final.values())
        return {self._claim: share_of(wrong, self.keys)}

    @property
    def _claim(self) -> str:
        return f"share of wrong final states without a gate, {self.versions} versions at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated(Case):
    """H9: a version gate keeps states right and loses just the late deltas; a sequence gate loses none, and waits."""

    travel_s: int
    gap_s: int
    pairs: int = 20_000

    def predict(self) -> Mapping[str, float]:
        late = self.travel_s / (2 * (self.travel_s + self.gap_s))
        return {
            self._claim("wrong final states behind a version gate"): 0,
            self._claim("share of deltas lost behind a version gate"): late,
            self._claim("deltas lost behind a sequence gate"): 0,
            self._claim("mean wait of the second behind a sequence gate, in s"): late * self.travel_s,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        purpose = self._claim("pairs")
        version = pairs_told(seed, purpose, "version", self.travel_s, self.gap_s, self.pairs)
        sequence = pairs_told(seed, purpose, "sequence", self.travel_s, self.gap_s, self.pairs)
        waited_us = sum(at_us - sequence.arrived_us[event] for event, at_us in sequence.applied_us.items())
        mean = self.travel_s**2 / (2 * (self.travel_s + self.gap_s))
        return {
            self._claim("wrong final states behind a version gate"): exactly(
                sum(final < 2 for final in version.final.values())
            ),
            self._claim("share of deltas lost behind a version gate"): share_of(
                sum(total != 110 for total in version.sums.values()), self.pairs
            ),
            self._claim("deltas lost behind a sequence gate"): exactly(
                sum(total != 110 for total in sequence.sums.values())
            ),
            self._claim("mean wait of the second behind a sequence gate, in s"): mean_of(
                waited_us / SECOND, self.pairs, 2 * self.travel_s * mean - mean**2
            ),
        }

    def _claim(self, what: str) -> str:
        return f"{what}, travel {self.travel_s} s, gap {self.gap_s} s"


def pairs_told(seed: int, purpose: str, gate: str, travel_s: int, gap_s: int, pairs: int) -> Consumer:
    """A consumer that has been told of two versions of each of so many keys."""
    return told(
        seed, purpose, gate=gate, keys=pairs, versions=2, gap=exponential(gap_s * SECOND),
        travel=exponential(travel_s * SECOND),
    )  # fmt: skip


HYPOTHESES = (
    Hypothesis(
        id="H8",
        also=("F6",),
        about="the later amendment is lost as often as it is overtaken",
        cases=(
            Overtaken(travel_s=60, gap_s=60),
            Overtaken(travel_s=60, gap_s=3_600),
            Overtaken(travel_s=300, gap_s=60),
            RetriedOvertaken(late=0.01, late_s=300, gap_s=60),
            RetriedOvertaken(late=0.05, late_s=7_200, gap_s=3_600),
            *(Simultaneous(versions=versions) for versions in (2, 3, 5)),
            *UNGATED,
        ),
    ),
    Hypothesis(
        id="H9",
        about="gates, for states and for deltas",
        cases=(
            *(Gated(travel_s=travel, gap_s=gap) for travel, gap in ((60, 60), (60, 3_600), (300, 60))),
            *GATED,
        ),
    ),
)
