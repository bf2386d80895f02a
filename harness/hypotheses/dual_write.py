"""Dual write and outbox: what a source's application loses when it crashes between its two writes. H20.

A source changes records and tells a subscriber of each change; its application crashes at random instants. Both ways
of telling are those of `sim.relays`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

from harness.hypotheses.hypothesis import Case
from harness.hypotheses.measured import Measured, exactly, mean_of, share_of
from sim.chance import Stream, constant, exponential
from sim.clock import Clock
from sim.delivery import DeliveryPolicy, Event, Publisher
from sim.durations import MILLISECOND, SECOND
from sim.network import Wire
from sim.relays import DualWrite, Outbox
from sim.trace import Trace

TYPES = frozenset({"changed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LostBetween(Case):
    """H20: a dual write loses what a crash of rate γ meets in the window w between its writes: 1 − e^(−γ w)."""

    window_ms: int
    crash_every_s: int
    changes: int = 20_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: -math.expm1(-self.window_ms / 1_000 / self.crash_every_s)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        source = Source(seed, self._claim)
        relay = DualWrite(
            source.wire, source.publisher, "layer", source.hear, TYPES, self.window_ms * MILLISECOND
        )  # fmt: skip
        source.run(self.changes, self.crash_every_s, relay.crash)
        heard = sum(1 for number in source.heard.values() if number)
        return {self._claim: share_of(self.changes - heard, self.changes)}

    @property
    def _claim(self) -> str:
        when = f"{self.window_ms} ms between, a crash every {self.crash_every_s} s"
        return f"share of events that a dual write loses, {when}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTwice(Case):
    """H20: an outbox loses nothing, and repeats what is under way at a crash: λ T by Little's law, T to tell one."""

    travel_s: int
    crash_every_s: int
    changes: int = 20_000

    def predict(self) -> Mapping[str, float]:
        return {self._lost: 0, self._twice: self.travel_s}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        source = Source(seed, self._twice, self.travel_s)
        relay = Outbox(source.wire, source.publisher, "layer", source.hear, TYPES)
        crashes = source.run(self.changes, self.crash_every_s, relay.crash)
        lost = self.changes - len(source.heard)
        repeats = sum(source.heard.values()) - len(source.heard)
        return {self._lost: exactly(lost), self._twice: mean_of(repeats, crashes, self.travel_s)}

    @property
    def _lost(self) -> str:
        return f"events lost through an outbox, a crash every {self.crash_every_s} s"

    @property
    def _twice(self) -> str:
        return f"events told twice for each crash, through an outbox, one a second, {self.travel_s} s under way"


class Source:
    """A source that changes a new record every second on average; `heard` counts how often each change was heard of."""

    def __init__(self, seed: int, purpose: str, travel_s: int = 0) -> None:
        self.wire = Wire(Clock(), Trace())
        policy = DeliveryPolicy(delay=constant(travel_s * SECOND), retries_us=(), ack_timeout_us=SECOND)
        self.publisher = Publisher(
            self.wire, "crm", policy=policy, faults=(), stream=Stream(seed, f"{purpose}/deliveries")
        )  # fmt: skip
        self.heard: dict[str, int] = {}
        self._seed, self._purpose = seed, purpose

    async def hear(self, event: Event) -> bool:
        """Take note of an event."""
        self.heard[event.key] = self.heard.get(event.key, 0) + 1
        return True

    def run(self, changes: int, crash_every_s: int, crash: Callable[[], None]) -> int:
        """Change so many records, and crash now and then until all are done; how many crashes there were."""
        clock = self.wire.clock
        draws = Stream(self._seed, f"{self._purpose}/instants")
        gaps, lives, crashes = exponential(SECOND), exponential(crash_every_s * SECOND), count()
        done = []

        async def change() -> None:
            for number in range(changes):
                await clock.sleep(gaps.draw(draws.word("change", number) >> 32))
                self.publisher.publish("changed", f"R-{number}", 1, None)
                self.publisher.hand_over()
            done.append(clock.now)

        async def fail() -> None:
            while not done:
                await clock.sleep(lives.draw(draws.word("crash", next(crashes)) >> 32))
                crash()

        clock.spawn(change())
        clock.spawn(fail())
        clock.run_until(3 * changes * SECOND)
        return next(crashes)


CASES = (
    LostBetween(window_ms=100, crash_every_s=10),
    LostBetween(window_ms=500, crash_every_s=20),
    ToldTwice(travel_s=4, crash_every_s=50),
)
