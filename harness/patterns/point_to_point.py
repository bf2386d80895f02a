"""Point-to-point: one connector a pair of systems; map, call, retry; nothing is remembered.

On an event a connector calls its target at once, with a few retries and then no more. It sends no idempotency
key, so a retry after a lost answer does the work again; it keeps no order, so an older version can overwrite
a newer; and what it gives up, or has in hand when it crashes, is gone.

It promises that what it is told reaches the target while it lives and the target answers in time.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.blocks.applying import Applier
from harness.blocks.retry import CONCURRENCY, CallFailed
from harness.kit import Kit
from harness.layer import Endpoint, Layer, Option, Surroundings
from harness.switches import switches
from sim.delivery import Event
from sim.queue import Queue


class PointToPoint(Layer):
    """A connector for each way between two systems, each with a queue in memory and a few workers."""

    NAME = "point-to-point"
    SUMMARY = "one connector a pair of systems; blind retries, no order, nothing durable"
    OPTIONS: ClassVar[Mapping[str, Option]] = switches(
        idempotency="none", inbox="off", gate="none", attempts="5", capture="webhook"
    )
    WHY: ClassVar[Mapping[str, str]] = {
        "compensation": "a connector does one step and knows of no other",
        "late_posting": "there is no queue in which to wait for people",
        "idempotency": "the pattern maps and calls: a key for each call is the first thing that its builds lack",
        "inbox": "nothing is remembered between two events",
        "gate": "each connector works by itself, and knows of no version that it has carried",
        "attempts": "the event is in memory only: a call that is tried for ever would keep a worker from all others",
        "journal": "the queue is in memory: what the pattern saves is the infrastructure to keep it elsewhere",
        "dead_letters": "what is given up is written to a log that nobody reads",
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        super().__init__(surroundings, options)
        kit = Kit(surroundings, options, keeps=False)
        self._capture = kit.capture
        self._connectors = [
            Connector(surroundings, source, kit.applier(target, f"{source}->{target}", blind=True))
            for source, target in surroundings.routes
        ]

    def endpoints(self) -> Sequence[Endpoint]:
        return [
            self._capture.endpoint(
                connector.name,
                connector.source,
                self.surroundings.routes[connector.source, connector.target],
                connector.receive,
                frozenset({connector.target}),
            )
            for connector in self._connectors
        ]

    def start(self) -> None:
        for connector in self._connectors:
            for _ in range(CONCURRENCY):
                self.surroundings.clock.spawn(connector.work())
        self._capture.start()

    def held(self) -> Sequence[tuple[Event, str]]:
        return [(event, connector.target) for connector in self._connectors for event in connector.held()]


class Connector:
    """What one source tells, carried to one target."""

    def __init__(self, surroundings: Surroundings, source: str, applier: Applier) -> None:
        self.source = source
        self.target = applier.target
        self.name = f"{source}->{self.target}"
        self._in_hand: dict[int, Event] = {}
        self._surroundings = surroundings
        self._applier = applier
        self._queue = Queue(surroundings.clock)

    def held(self) -> list[Event]:
        """The events in the queue and in work, and those that wait for a predecessor."""
        return [*self._in_hand.values(), *self._applier.held()]

    async def receive(self, event: Event) -> bool:
        """Put the event in the queue in memory, and acknowledge it at once."""
        self._in_hand[event.id] = event
        self._queue.put(event)
        return True

    async def work(self) -> None:
        """Carry one event after the other, for ever."""
        while True:
            event: Event | None = await self._queue.take()
            while event is not None:
                event = await self._carry(event)

    async def _carry(self, event: Event) -> Event | None:
        """Carry an event or drop it; the one that was held for it, if there is one."""
        following = None
        try:
            following = await self._applier.apply(event)
        except CallFailed:
            self._surroundings.counts.dropped += 1
            self._surroundings.note("dropped", self.target, event.key)
        self._in_hand.pop(event.id, None)
        return following
