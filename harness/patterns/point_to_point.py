"""Point-to-point: one connector a pair of systems; map, call, retry; nothing is remembered.

On an event a connector calls its target at once, with a few retries and then no more. It sends no idempotency
key, so a retry after a lost answer does the work again; it keeps no order, so an older version can overwrite
a newer; and what it gives up is gone.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.blocks.carrying import Carrier
from harness.blocks.identity import LookUp
from harness.blocks.retry import CONCURRENCY, Caller, CallFailed, RetryPolicy
from harness.layer import ROUTES, Endpoint, Layer, Option, Surroundings
from sim.delivery import Event
from sim.network import CAUSE
from sim.queue import Queue


class PointToPoint(Layer):
    """Six connectors, each with a queue in memory and a few workers."""

    NAME = "point-to-point"
    SUMMARY = "one connector a pair of systems; blind retries, no order, nothing durable"
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "keys": Option("off", ("off", "on"), "idempotency keys on every write: a retry does nothing twice"),
        "read_before_create": Option(
            "off", ("off", "on"), "find a contract's record before creating it, create what is amended"
        ),
        "attempts": Option("5", ("1", "2", "3", "5", "8", "12", "unlimited"), "tries of one call, the first included"),
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        super().__init__(surroundings, options)
        attempts = None if options["attempts"] == "unlimited" else int(options["attempts"])
        caller = Caller(surroundings, RetryPolicy(attempts_max=attempts))
        self._connectors = [
            Connector(surroundings, source, target, self._carrier(target, caller)) for source, target in ROUTES
        ]

    def endpoints(self) -> Sequence[Endpoint]:
        return [
            Endpoint(
                connector.name,
                connector.source,
                ROUTES[connector.source, connector.target],
                connector.receive,
                frozenset({connector.target}),
            )
            for connector in self._connectors
        ]

    def start(self) -> None:
        for connector in self._connectors:
            for _ in range(CONCURRENCY):
                self.surroundings.clock.spawn(connector.work())

    def held(self) -> Sequence[tuple[Event, str]]:
        return [(event, connector.target) for connector in self._connectors for event in connector.in_hand.values()]

    def _carrier(self, target: str, caller: Caller) -> Carrier:
        return Carrier(
            self.surroundings,
            target,
            caller,
            LookUp(caller),
            keys=self.options["keys"] == "on",
            blind=self.options["read_before_create"] == "off",
        )


class Connector:
    """What one source tells, carried to one target."""

    def __init__(self, surroundings: Surroundings, source: str, target: str, carrier: Carrier) -> None:
        self.name = f"{source}->{target}"
        self.source = source
        self.target = target
        self.in_hand: dict[int, Event] = {}
        self._surroundings = surroundings
        self._carrier = carrier
        self._queue = Queue(surroundings.clock)

    async def receive(self, event: Event) -> bool:
        """Put the event in the queue in memory, and acknowledge it at once."""
        self.in_hand[event.id] = event
        self._queue.put(event)
        return True

    async def work(self) -> None:
        """Carry one event after the other, for ever."""
        while True:
            event = await self._queue.take()
            CAUSE.set(event.id)
            try:
                await self._carrier.carry(event)
            except CallFailed:
                self._surroundings.counts.dropped += 1
                self._surroundings.note("dropped", self.target, event.key)
            self.in_hand.pop(event.id, None)
