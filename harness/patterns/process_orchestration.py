"""Process orchestration: a durable process per contract that does its steps one by one, and loses nothing.

An event is written to the journal before it is acknowledged, and signals the process of its contract. The
process does the event's steps in order, target by target: each step is written down as intended, called with
a key derived from the event, and written down as done. A failing target is tried until it answers; what it
refuses is parked in a work queue. After a restart, open signals are resumed from the journal.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.blocks.carrying import Carrier
from harness.blocks.identity import CrossReference
from harness.blocks.journal import Journal
from harness.blocks.retry import Caller, CallFailed, RetryPolicy
from harness.blocks.sequencer import Sequencer
from harness.blocks.store import Store
from harness.blocks.work_queue import WorkQueue
from harness.layer import CONTRACT_EVENTS, ROUTES, TARGETS, TOLD, Endpoint, Layer, Option, Surroundings, contract_of
from sim.delivery import Event
from sim.network import CAUSE


class ProcessOrchestration(Layer):
    """One process instance a contract; the instances run side by side."""

    NAME = "process-orchestration"
    SUMMARY = "a durable process per contract: journal, keyed steps, unlimited retries, work queue"
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "keys": Option("on", ("on", "off"), "idempotency keys on every write: a repeated step does nothing twice"),
        "gate": Option("version", ("version", "none"), "never write an older version over a newer one"),
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str], store: Store | None = None) -> None:
        super().__init__(surroundings, options)
        store = store or Store()
        caller = Caller(surroundings, RetryPolicy(attempts_max=None))
        identity = CrossReference(store, surroundings.opening.ids)
        self._journal = Journal(store)
        self._carriers = {
            target: Carrier(surroundings, target, caller, identity, keys=options["keys"] == "on", blind=False)
            for target in TARGETS
        }
        self._gates = {
            target: Sequencer(options["gate"], store.table(f"versions/{target}"), surroundings.opening.versions)
            for target in TARGETS
        }
        self._signals: dict[str, deque[Event]] = {}
        self._signalled: dict[int, bool] = {}
        self.work_queue = WorkQueue(surroundings, self._carry_parked)

    def endpoints(self) -> Sequence[Endpoint]:
        return [Endpoint(f"{source}->process", source, types, self.receive) for source, types in TOLD.items()]

    def start(self) -> None:
        for event in self._journal.open_signals():
            self._signal(event)

    def held(self) -> Sequence[tuple[Event, str]]:
        return [
            (event, target)
            for event in self._journal.open_signals()
            for target in targets_of(event)
            if not self._journal.done(event, target)
        ] + [*self.parked()]

    def parked(self) -> Sequence[tuple[Event, str]]:
        return [(item.event, item.target) for item in self.work_queue.items]

    async def receive(self, event: Event) -> bool:
        """Take the event in durably, then acknowledge it and signal its process."""
        if self._journal.knows(event):
            self.surroundings.counts.skipped_repeats += 1
            return True
        await self._journal.take_in(event)
        if event.id in self._signalled:  # a copy that came while the first was being written
            self.surroundings.counts.skipped_repeats += 1
        else:
            self._signal(event)
        return True

    def _signal(self, event: Event) -> None:
        self._signalled[event.id] = True
        process = contract_of(event)
        if process in self._signals:
            self._signals[process].append(event)
        else:
            self._signals[process] = deque([event])
            self.surroundings.clock.spawn(self._run(process))

    async def _run(self, process: str) -> None:
        """The process: work off its signals in the order they came, then sleep until the next."""
        signals = self._signals[process]
        while signals:
            event = signals.popleft()
            CAUSE.set(event.id)
            targets = targets_of(event)
            for target in targets:
                if not self._journal.done(event, target):
                    await self._step(event, target)
            await self._journal.close(event, targets)
        del self._signals[process]

    async def _step(self, event: Event, target: str) -> None:
        await self._journal.intend(event, target)
        if not await self._carry(event, target):
            self.work_queue.park(event, target, "refused")
        await self._journal.finish(event, target)

    async def _carry_parked(self, event: Event, target: str) -> bool:
        """Carry a parked step as its process would, in its turn: not while the process is at work."""
        process = contract_of(event)
        if process in self._signals:
            return False
        self._signals[process] = deque()  # what is signalled meanwhile waits
        arrived = await self._carry(event, target)
        self.surroundings.clock.spawn(self._run(process))
        return arrived

    async def _carry(self, event: Event, target: str) -> bool:
        gate = self._gates[target]
        if event.type in CONTRACT_EVENTS and gate.judge(event) == "drop":
            self.surroundings.counts.skipped_superseded += 1
            return True
        try:
            await self._carriers[target].carry(event)
        except CallFailed:
            return False
        if event.type in CONTRACT_EVENTS:
            gate.passed(event)
        return True


def targets_of(event: Event) -> tuple[str, ...]:
    """The targets an event must reach, in the order of the process's steps."""
    return _TARGETS[event.source, event.type]


_TARGETS = {
    (source, type_): tuple(target for (from_, target), types in ROUTES.items() if from_ == source and type_ in types)
    for source, told in TOLD.items()
    for type_ in sorted(told)
}
