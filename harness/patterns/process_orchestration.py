"""Process orchestration: a durable process per contract that does its steps one by one, and loses nothing.

An event is written to the journal before it is acknowledged, and signals the process of its contract. The
process does the event's steps in order, target by target: each step is written down as intended, called with
a key derived from the event, and written down as done. A failing target is tried until it answers; what it
refuses is parked in a work queue. After a crash, open signals are resumed from the journal.

It promises that nothing told is lost, and that nothing is done twice where the target honours keys or can be
searched; and each contract's work in the order of its telling.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.blocks.journal import Journal
from harness.blocks.retry import CallFailed
from harness.blocks.work_queue import WorkItem, WorkQueue
from harness.kit import Kit
from harness.layer import ROUTES, TARGETS, TOLD, Endpoint, Layer, Option, Selection, Surroundings, contract_of
from harness.switches import switches
from sim.delivery import Event
from sim.durations import HOUR
from sim.network import CAUSE

PARKED_US = (HOUR,)


class ProcessOrchestration(Layer):
    """One process instance a contract; the instances run side by side."""

    NAME = "process-orchestration"
    SUMMARY = "a durable process per contract: journal, keyed steps, unlimited retries, work queue"
    OPTIONS: ClassVar[Mapping[str, Option]] = switches(
        idempotency="key", gate="version", attempts="unlimited", journal="on", dead_letters="on", late_posting="today"
    )

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        super().__init__(surroundings, options)
        kit = Kit(surroundings, options)
        self._store = kit.store
        self._journal = Journal(kit.store)
        self._appliers = {target: kit.applier(target) for target in TARGETS}
        self._parks = options["dead_letters"] == "on"
        self.work_queue = WorkQueue(surroundings, kit.store, self._come_back, PARKED_US)
        self._signals: dict[str, deque[tuple[Event, tuple[str, ...]]]] = {}
        self._signalled: dict[int, bool] = {}

    def endpoints(self) -> Sequence[Endpoint]:
        return [Endpoint(f"{source}->process", source, types, self.receive) for source, types in TOLD.items()]

    def start(self) -> None:
        for event in self._journal.open_signals():
            self._signal(event, targets_of(event))
        self.work_queue.start()

    def held(self) -> Sequence[tuple[Event, str]]:
        return [
            (event, target)
            for event in self._journal.open_signals()
            for target in targets_of(event)
            if not self._journal.done(event, target)
        ] + [*self.parked(), *((event, name) for name, applier in self._appliers.items() for event in applier.held())]

    def parked(self) -> Sequence[tuple[Event, str]]:
        return [(item.event, item.target) for item in self.work_queue.items]

    def replay(self, selection: Selection) -> None:
        self.work_queue.replay(selection)

    async def receive(self, event: Event) -> bool:
        """Take the event in durably, then acknowledge it and signal its process."""
        if self._journal.knows(event):
            self.surroundings.counts.skipped_repeats += 1
            return True
        await self._journal.take_in(event)
        if event.id in self._signalled:  # a copy that came while the first was being written
            self.surroundings.counts.skipped_repeats += 1
        else:
            self._signal(event, targets_of(event))
        return True

    def _signal(self, event: Event, targets: tuple[str, ...]) -> None:
        self._signalled[event.id] = True
        process = contract_of(event)
        if process in self._signals:
            self._signals[process].append((event, targets))
        else:
            self._signals[process] = deque([(event, targets)])
            self.surroundings.clock.spawn(self._run(process))

    async def _run(self, process: str) -> None:
        """The process: work off its signals in the order they came, then sleep until the next."""
        signals = self._signals[process]
        while signals:
            event, targets = signals.popleft()
            CAUSE.set(event.id)
            for target in targets:
                if not self._journal.done(event, target):
                    await self._step(event, target)
            await self._journal.close(event, targets)
        del self._signals[process]

    async def _step(self, event: Event, target: str) -> None:
        """Do one step, and what was held for it; or park it."""
        again = self._journal.begun(event, target) or self.work_queue.tries(event, target) > 0
        await self._journal.intend(event, target)
        applier, following = self._appliers[target], None
        done = self._journal.finish(event, target)
        try:
            following = await applier.apply(event, done, *self.work_queue.removal(event, target), again=again)
        except CallFailed as failed:
            await self._set_aside(event, target, failed.response.word)
        while following is not None:
            following = await self._held_step(following, target)

    async def _held_step(self, event: Event, target: str) -> Event | None:
        """Do the step of an event that was held for its predecessor; the one that was held for it."""
        try:
            return await self._appliers[target].apply(event)
        except CallFailed as failed:
            await self._set_aside(event, target, failed.response.word)
            return None

    async def _set_aside(self, event: Event, target: str, reason: str) -> None:
        done = self._journal.finish(event, target)
        if self._parks:
            await self.work_queue.park(event, target, reason, done)
            return
        self.surroundings.counts.dropped += 1
        self.surroundings.note("dropped", target, event.key)
        await self._store.write(done)

    def _come_back(self, item: WorkItem) -> None:
        """Do a parked step in its process's turn, so that nothing overtakes it."""
        self._signal(item.event, (item.target,))


def targets_of(event: Event) -> tuple[str, ...]:
    """The targets an event must reach, in the order of the process's steps."""
    return _TARGETS[event.source, event.type]


_TARGETS = {
    (source, type_): tuple(target for (from_, target), types in ROUTES.items() if from_ == source and type_ in types)
    for source, told in TOLD.items()
    for type_ in sorted(told)
}
