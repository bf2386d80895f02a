"""Event-driven: events go to durable partitioned topics; a consumer group per target works each partition in order.

An event is appended to the log before it is acknowledged. Each target has a consumer group, with one consumer
a partition; partitions are chosen by contract, so a contract's events keep their order. An inbox drops
repeats, a gate drops or holds versions out of order, and a call that fails is tried in place until it answers.
What a target refuses is parked for some retries, then dead-lettered, so that it does not block its partition; what
only people can put right is dead-lettered at once, and taken up again when they have.
After a crash, each consumer goes on from the offset that it had committed.

It promises that nothing told is lost, and that its effect comes once where the target honours keys; and order by
contract.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, TypeAlias
from zlib import crc32

from harness.blocks.applying import Applier
from harness.blocks.dead_letters import DeadLetter, DeadLetterQueue
from harness.blocks.retry import CONCURRENCY, CallFailed
from harness.blocks.work_queue import WorkItem, WorkQueue
from harness.kit import Kit
from harness.layer import Endpoint, Layer, Option, Selection, Surroundings, contract_of
from harness.store import Change
from harness.switches import switches
from sim.delivery import Event
from sim.durations import HOUR, MINUTE
from sim.queue import Queue

PARTITIONS = CONCURRENCY
PARKED_US = (5 * MINUTE, 30 * MINUTE, 2 * HOUR)


class EventDriven(Layer):
    """One log, three consumer groups."""

    NAME = "event-driven"
    SUMMARY = "durable log, consumer groups in order by contract: inbox, version gate, dead letters"
    OPTIONS: ClassVar[Mapping[str, Option]] = switches(
        idempotency="key", inbox="on", gate="version", attempts="unlimited", journal="on", dead_letters="on",
        capture="webhook", late_posting="today", hub="off",
    )  # fmt: skip
    WHY: ClassVar[Mapping[str, str]] = {
        "compensation": "consumer groups know nothing of each other: there is no saga to fail"
    }
    SETTINGS: ClassVar[Mapping[str, tuple[int | tuple[int, ...], str]]] = {
        "partitions": (PARTITIONS, "as many as a layer may have calls under way at one system: more would wait there"),
        "parked_us": (PARKED_US, "consumers retry a refused event soon, then seldom; after the last, a dead letter"),
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str], kit: Kit | None = None) -> None:
        super().__init__(surroundings, options)
        part = self.NAME if kit else ""  # of a layer of several, which hands its kit to each
        kit = kit or Kit(surroundings, options)
        self.store = kit.store
        self._capture = kit.capture
        self._log = kit.store.table("log")
        self.dead_letters = DeadLetterQueue(surroundings, kit.store, self._come_back)
        self.work_queue = WorkQueue(surroundings, kit.store, self._come_back, PARKED_US, part)
        self._groups = {target: Group(self, kit.applier(target)) for target in surroundings.targets}
        ways = surroundings.routes
        self._readers = {
            type_: [group for target, group in self._groups.items() if type_ in ways.get((source, target), ())]
            for source, types in surroundings.told.items()
            for type_ in sorted(types)
        }
        for offset, event in self._log.items():
            for group in self._readers[event.type]:
                group.resume(offset, event)

    def endpoints(self) -> Sequence[Endpoint]:
        endpoint = self._capture.endpoint
        return [
            endpoint(f"{source}->log", source, types, self.receive) for source, types in self.surroundings.told.items()
        ]

    def start(self) -> None:
        for group in self._groups.values():
            group.start()
        self.work_queue.start()
        self._capture.start()
        self.dead_letters.start()

    def held(self) -> Sequence[tuple[Event, str]]:
        return [
            *((event, target) for target, group in self._groups.items() for event in group.in_hand()),
            *self.parked(),
            *((letter.event, letter.target) for letter in self.dead_letters.letters),
        ]

    def parked(self) -> Sequence[tuple[Event, str]]:
        return [(item.event, item.target) for item in self.work_queue.items]

    def replay(self, selection: Selection) -> None:
        self.work_queue.replay(selection)
        self.dead_letters.replay(selection)

    async def receive(self, event: Event) -> bool:
        """Append the event to the log, then acknowledge it and hand it to the consumer groups."""
        offset = await self.store.append("log", event)
        partition = partition_of(event)
        entry = (event, offset, False)
        for group in self._readers[event.type]:
            group.append(entry, partition)
        return True

    def _come_back(self, item: WorkItem | DeadLetter) -> None:
        self._groups[item.target].take_up(item.event)


Entry: TypeAlias = tuple[Event, int, bool]
"""An event in a partition, its offset in the log (0: it has come back), and whether it was perhaps done already."""


class Group:
    """The consumers of one target: each works its partition strictly in order."""

    def __init__(self, layer: EventDriven, applier: Applier) -> None:
        self.target = applier.target
        self._layer = layer
        self._surroundings = layer.surroundings
        self._applier = applier
        self._parks = layer.options["dead_letters"] == "on"
        self._table = f"offsets/{self.target}"
        self._offsets = layer.store.table(self._table)
        self._partitions = [Queue(self._surroundings.clock) for _ in range(PARTITIONS)]
        self._open: dict[int, Event] = {}

    def start(self) -> None:
        """Set one consumer to each partition, and have what was held in a life before judged again."""
        for number, partition in enumerate(self._partitions):
            self._surroundings.clock.spawn(self._consume(number, partition))
        for event in self._applier.held():
            self.take_up(event)

    def append(self, entry: Entry, partition: int) -> None:
        """Put an event of the log at the end of its partition."""
        self._open[entry[1]] = entry[0]
        self._partitions[partition].put(entry)

    def resume(self, offset: int, event: Event) -> None:
        """Put it there if it lies beyond the offset that was committed. The first of them may have been done."""
        number = partition_of(event)
        if offset > self._offsets.get(number, 0):
            self.append((event, offset, not len(self._partitions[number])), number)

    def take_up(self, event: Event) -> None:
        """Put an event that was set aside at the end of its partition: there no other overtakes it."""
        self._partitions[partition_of(event)].put((event, 0, True))

    def in_hand(self) -> list[Event]:
        """The events that are in a partition, or wait for a predecessor."""
        return [*self._open.values(), *self._applier.held()]

    async def _consume(self, number: int, partition: Queue) -> None:
        """Apply one event after the other, each with those that were held for it; set aside what is refused."""
        work_queue, dead_letters = self._layer.work_queue, self._layer.dead_letters
        while True:
            entry: Entry = partition.taken() or await partition
            due, offset, again = entry
            commit: tuple[Change, ...] = ((self._table, number, offset),) if offset else ()
            event: Event | None = due
            while event is not None:
                aside: tuple[Change, ...] = ()
                if work_queue.rows or dead_letters.rows:  # told once more, it may have been done, and its key be old
                    aside = work_queue.removal(event, self.target) + dead_letters.removal(event, self.target)
                    again = again or bool(aside)
                try:
                    following = await self._applier.apply(event, commit + aside, again)
                except CallFailed as failed:
                    if not self._parks:
                        await self._surroundings.clock.sleep(PARKED_US[0])  # nothing may pass it: it blocks the others
                        again = True
                        continue
                    await self._set_aside(event, failed.response.word, commit)
                    following = None
                self._open.pop(offset, None)
                event, commit, again = following, (), False

    async def _set_aside(self, event: Event, reason: str, commit: tuple[Change, ...]) -> None:
        """Park an event that the target refused, so that it blocks nobody; or bury it, refused once too often."""
        work_queue, dead_letters = self._layer.work_queue, self._layer.dead_letters
        buried = bool(dead_letters.removal(event, self.target))  # a replayed letter stays one
        in_vain = buried or dead_letters.for_people(reason)  # waiting alone would not help it
        if not in_vain and work_queue.tries(event, self.target) < len(PARKED_US):
            await work_queue.park(event, self.target, reason, *commit)
        else:
            removal = work_queue.removal(event, self.target)
            await dead_letters.bury(event, self.target, reason, *commit, *removal)


def partition_of(event: Event) -> int:
    """The partition that keeps an event in order with the others of its contract."""
    return crc32(contract_of(event).encode()) % PARTITIONS
