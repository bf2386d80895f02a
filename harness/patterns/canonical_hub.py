"""Canonical hub: every source is mapped to one model, every target from it, and what is sent is state.

What a source tells becomes a canonical record, kept in its newest version before the event is acknowledged. The hub
knows which version each target was last sent, and sends the newest to whoever is behind: what was superseded
meanwhile is never sent. A customer's reference in a target is claimed before the customer is created there. What a
target refuses waits in a work queue. After a crash the hub goes on from what it keeps.

It promises that every target converges to the newest state that was told, and that a change of a source's schema is
one edit. What its one mapping gets wrong is wrong in every target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from harness.blocks.canonical import FROM, ONTO, Record
from harness.blocks.canonical_records import CanonicalRecords, Row, row_of
from harness.blocks.carrying import Carrier
from harness.blocks.read_back import read_back
from harness.blocks.retry import CONCURRENCY, CallFailed
from harness.blocks.saga import steps_of
from harness.blocks.work_queue import WorkItem, WorkQueue
from harness.kit import Kit
from harness.layer import Endpoint, Layer, Option, Selection, Surroundings, contract_of
from harness.switches import switches
from sim.delivery import Event
from sim.durations import HOUR
from sim.queue import Queue

PARKED_US = (HOUR,)


class CanonicalHub(Layer):
    """One model in the middle, and an outlet for each target."""

    NAME = "canonical-hub"
    SUMMARY = "one model that all sources and targets are mapped to; sends the newest state to whoever is behind"
    OPTIONS: ClassVar[Mapping[str, Option]] = switches(
        idempotency="key", attempts="unlimited", journal="on", dead_letters="on", capture="webhook"
    )

    SETTINGS: ClassVar[Mapping[str, tuple[int | tuple[int, ...], str]]] = {
        "parked_us": (PARKED_US, "a person looks into the work queue, whom nobody expects every few minutes"),
    }
    WHY: ClassVar[Mapping[str, str]] = {
        "inbox": "the canonical record bears its version, and knows each event that it has taken in",
        "gate": "the hub sends the newest state of a record, and never an older one: that is its gate",
        "compensation": "each target is brought to the newest state by itself: there is no saga to fail",
        "late_posting": "what comes late is state like any other",
        "hub": "it is one",
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        super().__init__(surroundings, options)
        kit = Kit(surroundings, options)
        self._reader = kit.share()
        self._caller = kit.caller
        self._capture = kit.capture
        self.records = CanonicalRecords(kit.store, surroundings.opening.versions)
        self.work_queue = WorkQueue(surroundings, kit.store, self._come_back, PARKED_US)
        self._outlets = {
            target: Outlet(self, kit.carrier(target, make=kit.carriers)) for target in surroundings.targets
        }

    def endpoints(self) -> Sequence[Endpoint]:
        endpoint = self._capture.endpoint
        return [
            endpoint(f"{source}->hub", source, types, self.receive) for source, types in self.surroundings.told.items()
        ]

    def start(self) -> None:
        for event, target in self.records.unsent():
            self._outlets[target].mark(event)
        for outlet in self._outlets.values():
            for _ in range(CONCURRENCY):
                self.surroundings.clock.spawn(outlet.work())
        self.work_queue.start()
        self._capture.start()

    def held(self) -> Sequence[tuple[Event, str]]:
        unread = [
            (item.event, target)
            for item in self.work_queue.items
            if not self.records.told(item.event)
            for target in steps_of(item.event)
        ]
        return [*self.records.unsent(), *unread]

    def parked(self) -> Sequence[tuple[Event, str]]:
        return [(item.event, item.target) for item in self.work_queue.items]

    def replay(self, selection: Selection) -> None:
        self.work_queue.replay(selection)

    async def receive(self, event: Event) -> bool:
        """Take in what the event says, acknowledge it, and have its targets sent it."""
        if self.records.told(event) or self._is_unread(event):
            self.surroundings.counts.skipped_repeats += 1
            return True
        if self.records.covers(event):
            counts = self.surroundings.counts
            if self.records.supersedes(event):
                counts.skipped_superseded += 1
            else:
                counts.skipped_repeats += 1
            return True
        try:
            record = self._mapped(event)
        except CallFailed as failed:
            await self.set_aside(event, steps_of(event), failed.response.word)
        else:
            await self.records.take_in(event, record)
            self._spread(event)
        return True

    async def set_aside(self, event: Event, targets: Sequence[str], reason: str) -> bool:
        """Park what cannot be read, or is refused; False if it was dropped instead."""
        if self.options["dead_letters"] == "on":
            await self.work_queue.park(event, targets[0], reason)
            return True
        for target in targets:
            self.surroundings.counts.dropped += 1
            self.surroundings.note("dropped", target, event.key)
        return False

    def _mapped(self, event: Event) -> Record:
        """What an event says, in the canonical model. Raises CallFailed if it cannot be read."""
        readable = event if event.schema == 1 else self._reader.read(event)
        return FROM[event.source](readable)

    def _spread(self, event: Event) -> None:
        for target in steps_of(event):
            self._outlets[target].mark(event)

    def _is_unread(self, event: Event) -> bool:
        return self.work_queue.tries(event, steps_of(event)[0]) > 0

    def _come_back(self, item: WorkItem) -> None:
        if self.records.told(item.event):
            self._outlets[item.target].mark(item.event)
        else:
            self.surroundings.clock.spawn(self._read_again(item))

    async def _read_again(self, item: WorkItem) -> None:
        """Take in an event that could not be read at first; one that is malformed is read back from its source."""
        event = item.event
        self.surroundings.work_on(event)
        try:
            record = self._mapped(await read_back(self._caller, event) if event.body is None else event)
        except CallFailed as failed:
            await self.set_aside(event, steps_of(event), failed.response.word)
        else:
            await self.records.take_in(event, record, *self.work_queue.removal(event, item.target))
            self._spread(event)


class Outlet:
    """What one target is sent, in lanes: of a contract the records go out one after the other, as they changed."""

    def __init__(self, hub: CanonicalHub, carrier: Carrier) -> None:
        self._hub = hub
        self._carrier = carrier
        self._target = carrier.target
        self._onto = ONTO[carrier.target]
        self._ready = Queue(hub.surroundings.clock)
        self._lanes: dict[str, dict[Row, bool]] = {}

    def mark(self, event: Event) -> None:
        """Have the target sent the newest state of what the event is about."""
        lane = contract_of(event)
        if lane not in self._lanes:
            self._lanes[lane] = {}
            self._ready.put(lane)
        self._lanes[lane][row_of(event)] = True

    async def work(self) -> None:
        """Work off one lane after the other, for ever."""
        while True:
            lane: str = await self._ready.take()
            rows = self._lanes[lane]
            while rows:
                row = next(iter(rows))
                del rows[row]
                await self._bring_up_to_date(row)
            del self._lanes[lane]

    async def _bring_up_to_date(self, row: Row) -> None:
        """Send the target the newest state of a record, unless it has it; or park what it does not take."""
        records, target = self._hub.records, self._target
        if not records.waiting(target, row):
            return
        again = await records.begin(target, row)
        record, waiting = records.record(row), records.waiting(target, row)
        event = waiting[-1]
        self._hub.surroundings.work_on(event)
        body = self._onto[type(record)](record)
        try:
            await self._carrier.carry(replace(event, schema=1, version=record.version, body=body), again=again)
        except CallFailed as failed:
            if await self._hub.set_aside(event, (target,), failed.response.word):
                return
        else:
            self._hub.surroundings.counts.skipped_superseded += len(waiting) - 1
        removals = [change for each in waiting for change in self._hub.work_queue.removal(each, target)]
        await records.finish(target, row, record.version, *removals)
