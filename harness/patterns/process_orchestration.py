"""Process orchestration: a durable process per contract that does its steps one by one, and loses nothing.

An event is written to the journal before it is acknowledged, and signals the process of its contract. The
process does the event's steps in order, target by target: each step is written down as intended, called with
a key derived from the event, and written down as done. A failing target is tried until it answers; what it
refuses is parked in a work queue. Where it refuses for good what would make a contract's copy, the copies that were
made before it are voided, in reverse, and the saga waits in the work queue to begin anew, under new keys. After a
crash, open signals are resumed from the journal, and compensations too.

It promises that nothing told is lost, and that nothing is done twice where the target honours keys or can be
searched; that no part of a new contract stays where the rest of it is refused; and each contract's work in the order
of its telling.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.blocks.journal import Journal
from harness.blocks.retry import CallFailed
from harness.blocks.saga import Saga, Sagas, for_good, steps_of
from harness.blocks.work_queue import WorkItem, WorkQueue
from harness.kit import Kit
from harness.layer import Endpoint, Layer, Option, Selection, Surroundings, contract_of
from harness.switches import switches
from sim.delivery import Event
from sim.durations import HOUR
from sim.network import Response

PARKED_US = (HOUR,)


class ProcessOrchestration(Layer):
    """One process instance a contract; the instances run side by side."""

    NAME = "process-orchestration"
    SUMMARY = "a durable process per contract: journal, keyed steps, unlimited retries, work queue"
    OPTIONS: ClassVar[Mapping[str, Option]] = switches(
        idempotency="key", gate="version", attempts="unlimited", journal="on", dead_letters="on", compensation="on",
        capture="webhook", late_posting="today", hub="off",
    )  # fmt: skip
    WHY: ClassVar[Mapping[str, str]] = {"inbox": "the journal knows each event that was taken in, and does this work"}
    SETTINGS: ClassVar[Mapping[str, tuple[int | tuple[int, ...], str]]] = {
        "parked_us": (PARKED_US, "a person looks into the work queue, whom nobody expects every few minutes"),
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str], kit: Kit | None = None) -> None:
        super().__init__(surroundings, options)
        part = self.NAME if kit else ""  # of a layer of several, which hands its kit to each
        kit = kit or Kit(surroundings, options)
        self._store = kit.store
        self._capture = kit.capture
        self._journal = Journal(kit.store)
        self._appliers = {target: kit.applier(target) for target in surroundings.targets}
        self._sagas = Sagas(surroundings, kit.store, self._journal, self._appliers)
        self._parks = options["dead_letters"] == "on"
        self._compensates = options["compensation"] == "on"
        self.work_queue = WorkQueue(surroundings, kit.store, self._come_back, PARKED_US, part)
        self._signals: dict[str, deque[tuple[Event, tuple[str, ...]]]] = {}
        self._signalled: dict[int, bool] = {}

    def endpoints(self) -> Sequence[Endpoint]:
        endpoint = self._capture.endpoint
        return [
            endpoint(f"{source}->process", source, types, self.receive)
            for source, types in self.surroundings.told.items()
        ]

    def start(self) -> None:
        for event in self._journal.open_signals():
            self._signal(event, steps_of(event))
        for target, applier in self._appliers.items():
            for event in applier.held():  # what it waited for may have been done right before the crash
                self._signal(event, (target,))
        self.work_queue.start()
        self._capture.start()

    def held(self) -> Sequence[tuple[Event, str]]:
        to_do = [
            (event, target)
            for event in self._journal.open_signals()
            for target in steps_of(event)
            if not self._journal.done(event, target)
        ]
        waiting = [(event, name) for name, applier in self._appliers.items() for event in applier.held()]
        everything = [*to_do, *self._sagas.missing(), *self.parked(), *waiting]
        return list({(event.id, target): (event, target) for event, target in everything}.values())

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
            self._signal(event, steps_of(event))
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
            self.surroundings.work_on(event)
            saga = self._sagas.of(event)
            if saga is not None and (saga.to_undo or not self.work_queue.tries(event, saga.target)):
                await self._undo(event)  # the layer went down in the midst of it
            else:
                await self._work_off(event, targets)
        del self._signals[process]

    async def _work_off(self, event: Event, targets: tuple[str, ...]) -> None:
        """Do the event's steps that are not done, and then what was held for them; or undo what they made."""
        following, aside = list[tuple[Event, str]](), list[str]()
        saga = self._sagas.of(event)
        for target in targets:
            # What is parked is done, too, whatever the journal says of it: it may have gone down before it let go.
            if not self._journal.done(event, target) or self.work_queue.tries(event, target):
                try:
                    held = await self._step(event, target)
                except CallFailed as failed:
                    if self._fails(event, target, failed.response):
                        await self._sagas.fail(event, target, failed.response.word)
                        await self._undo(event, saga)
                        return
                    await self._set_aside(event, target, failed.response.word)
                    aside.append(target)
                else:
                    following += [(held, target)] if held else []
        for held, target in following:
            await self._held_steps(held, target)
        if saga is None:
            await self._journal.close(event, targets)
        elif targets == steps_of(event):
            item = () if saga.target in aside else self.work_queue.removal(event, saga.target)
            await self._journal.close(event, targets, *self._sagas.end(event), *item)

    async def _step(self, event: Event, target: str) -> Event | None:
        """Do one step; the event that was held for it. Raises CallFailed."""
        applier, queue, journal = self._appliers[target], self.work_queue, self._journal
        begun = journal.begun(event, target)
        makes = journal.makes(event, target) if begun else await applier.makes(event)
        saga = self._sagas.of(event)
        again = begun or queue.tries(event, target) > 0 or saga is not None
        await journal.intend(event, target, makes=makes)
        # A saga's item stays until all of its steps are done: until then, it is what brings the saga back.
        removal = () if saga and saga.target == target else queue.removal(event, target)
        return await applier.apply(event, (journal.finish(event, target), *removal), again)

    async def _held_steps(self, held: Event, target: str) -> None:
        """Do the step of an event that was held for its predecessor, and of those that were held for it."""
        following: Event | None = held
        while following is not None:
            event, following = following, None
            try:
                following = await self._appliers[target].apply(event)
            except CallFailed as failed:
                await self._set_aside(event, target, failed.response.word)

    def _fails(self, event: Event, target: str, response: Response) -> bool:
        """Whether the saga ends here: its target refuses for good to make what the step was to make."""
        return self._compensates and self._journal.makes(event, target) and for_good(response)

    async def _undo(self, event: Event, earlier: Saga | None = None) -> None:
        """Undo what the saga made, and let it wait to begin anew; from what cannot be undone it will go on.

        `earlier` is how it had failed before, if it had.
        """
        saga = await self._sagas.undo(event)
        out = self._journal.suspend(event)
        if self._parks:
            if earlier and earlier.target != saga.target:
                out += self.work_queue.removal(event, earlier.target)
            await self.work_queue.park(event, saga.target, saga.reason, *out)
            return
        for target in steps_of(event):
            if not self._journal.done(event, target):
                self._drop(event, target)
        await self._store.write(*self._sagas.end(event), *out)

    async def _set_aside(self, event: Event, target: str, reason: str) -> None:
        done = self._journal.hand_over(event, target)
        if self._parks:
            await self.work_queue.park(event, target, reason, done)
            return
        self._drop(event, target)
        await self._store.write(done)

    def _drop(self, event: Event, target: str) -> None:
        self.surroundings.counts.dropped += 1
        self.surroundings.note("dropped", target, event.key)

    def _come_back(self, item: WorkItem) -> None:
        """Do a parked step, or a saga that failed, in its process's turn, so that nothing overtakes it."""
        saga = self._sagas.of(item.event)
        whole = saga is not None and saga.target == item.target
        self._signal(item.event, steps_of(item.event) if whole else (item.target,))
