"""Event-driven: events go to durable partitioned topics; a consumer group per target works each partition in order.

An event is appended to the log before it is acknowledged. Each target has a consumer group, with one consumer
a partition; partitions are chosen by contract, so a contract's events keep their order. An inbox drops
repeats, a gate drops or holds versions out of order, and a call that fails is tried in place until it answers.
What a target refuses is parked for some retries, then dead-lettered, so that it does not block its partition.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from zlib import crc32

from harness.blocks.carrying import Carrier
from harness.blocks.dead_letters import DeadLetterQueue
from harness.blocks.identity import CrossReference
from harness.blocks.inbox import Inbox
from harness.blocks.retry import CONCURRENCY, Caller, CallFailed, RetryPolicy
from harness.blocks.sequencer import Sequencer
from harness.blocks.store import Store
from harness.layer import CONTRACT_EVENTS, ROUTES, TARGETS, TOLD, Endpoint, Layer, Option, Surroundings, contract_of
from sim.delivery import Event
from sim.durations import HOUR, MINUTE
from sim.network import CAUSE
from sim.queue import Queue

PARTITIONS = CONCURRENCY
PARKED_US = (5 * MINUTE, 30 * MINUTE, 2 * HOUR)


class EventDriven(Layer):
    """One log, three consumer groups."""

    NAME = "event-driven"
    SUMMARY = "durable log, consumer groups in order by contract: inbox, version gate, dead letters"
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "keys": Option("on", ("on", "off"), "idempotency keys on every write: a repeated call does nothing twice"),
        "inbox": Option("on", ("on", "off"), "drop events that were dealt with before"),
        "gate": Option("version", ("version", "sequence", "none"), "never write an older version over a newer one"),
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        super().__init__(surroundings, options)
        self._store = Store()
        self._store.table("log")
        self._appended = 0
        self.dead_letters = DeadLetterQueue(surroundings)
        caller = Caller(surroundings, RetryPolicy(attempts_max=None))
        identity = CrossReference(self._store, surroundings.opening.ids)
        self._groups = [
            Group(self, Carrier(surroundings, target, caller, identity, keys=options["keys"] == "on", blind=False))
            for target in TARGETS
        ]
        self._readers = {
            type_: [group for group in self._groups if type_ in ROUTES.get((source, group.target), ())]
            for source, types in TOLD.items()
            for type_ in sorted(types)
        }

    def endpoints(self) -> Sequence[Endpoint]:
        return [Endpoint(f"{source}->log", source, types, self.receive) for source, types in TOLD.items()]

    def start(self) -> None:
        for group in self._groups:
            group.start()

    def held(self) -> Sequence[tuple[Event, str]]:
        return [(event, group.target) for group in self._groups for event in group.in_hand()] + [
            (letter.event, letter.target) for letter in self.dead_letters.letters
        ]

    def parked(self) -> Sequence[tuple[Event, str]]:
        return [(event, group.target) for group in self._groups for event in group.parked()]

    async def receive(self, event: Event) -> bool:
        """Append the event to the log, then acknowledge it and hand it to the consumer groups."""
        self._appended += 1
        await self._store.write(("log", self._appended, event))
        partition = partition_of(event)
        for group in self._readers[event.type]:
            group.append(event, partition)
        return True


class Group:
    """The consumers of one target: each works its partition strictly in order."""

    def __init__(self, layer: EventDriven, carrier: Carrier) -> None:
        self.target = target = carrier.target
        self._layer = layer
        self._surroundings = layer.surroundings
        self._carrier = carrier
        store = layer._store
        self._inbox = Inbox(store, target) if layer.options["inbox"] == "on" else None
        self._gate = Sequencer(
            layer.options["gate"], store.table(f"versions/{target}"), layer.surroundings.opening.versions
        )
        self._partitions = [Queue(self._surroundings.clock) for _ in range(PARTITIONS)]
        self._open: dict[int, Event] = {}
        self._parked: dict[int, Event] = {}
        self._refusals: dict[int, int] = {}

    def start(self) -> None:
        """Set one consumer to each partition."""
        for partition in self._partitions:
            self._surroundings.clock.spawn(self._consume(partition))

    def append(self, event: Event, partition: int) -> None:
        """Put an event at the end of its partition."""
        self._open[event.id] = event
        self._partitions[partition].put(event)

    def in_hand(self) -> list[Event]:
        """The events that have not reached the target yet."""
        return list(self._open.values())

    def parked(self) -> list[Event]:
        """Those of them that the target refused, and that wait to come back."""
        return list(self._parked.values())

    async def _consume(self, partition: Queue) -> None:
        while True:
            await self._deal_with(partition.taken() or await partition)

    async def _deal_with(self, first: Event) -> None:
        """Carry an event, or drop or hold it; then the one that waited for it, if one did, and so on."""
        event: Event | None = first
        while event is not None:
            CAUSE.set(event.id)
            verdict = self._judge(event)
            if verdict == "hold":
                self._surroundings.counts.held_for_order += 1
                return
            if verdict == "carry":
                try:
                    await self._carrier.carry(event)
                except CallFailed:
                    self._set_aside(event)
                    return
                if self._inbox:
                    await self._inbox.finish(event)
            event = self._done(event)

    def _judge(self, event: Event) -> str:
        """What to do with an event: `carry` it, `hold` it for order, or drop it as a `repeat` or `superseded`."""
        if self._inbox and self._inbox.finished(event):
            self._surroundings.counts.skipped_repeats += 1
            return "repeat"
        if event.type not in CONTRACT_EVENTS:
            return "carry"
        verdict = self._gate.judge(event)
        if verdict == "drop":
            self._surroundings.counts.skipped_superseded += 1
        return verdict

    def _done(self, event: Event) -> Event | None:
        """Let go of an event that needs no more; the event that waited for it, if one did."""
        self._open.pop(event.id, None)
        self._refusals.pop(event.id, None)
        if event.type not in CONTRACT_EVENTS:
            return None
        self._gate.passed(event)
        return self._gate.next_after(event)

    def _set_aside(self, event: Event) -> None:
        """Park an event that the target refused, so that it blocks nobody; or bury it, refused once too often."""
        if event.id in self._parked:  # a copy of one that is parked already
            return
        refusals = self._refusals[event.id] = self._refusals.get(event.id, 0) + 1
        if refusals > len(PARKED_US):
            del self._open[event.id], self._refusals[event.id]
            self._layer.dead_letters.bury(event, self.target, "refused")
            return
        if refusals == 1:
            self._surroundings.counts.parked += 1
        self._parked[event.id] = event
        self._surroundings.clock.spawn(self._bring_back(event, PARKED_US[refusals - 1]))

    async def _bring_back(self, event: Event, wait_us: int) -> None:
        """Put a parked event back at the end of its partition: in its turn, so that no other overtakes it there."""
        await self._surroundings.clock.sleep(wait_us)
        del self._parked[event.id]
        self._partitions[partition_of(event)].put(event)


def partition_of(event: Event) -> int:
    """The partition that keeps an event in order with the others of its contract."""
    return crc32(contract_of(event).encode()) % PARTITIONS
