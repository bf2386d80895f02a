"""Applying events to one target, each once and none over a newer one, as far as a layer's switches go.

An inbox knows what has been dealt with, a gate keeps versions in order, a carrier asks the target. What was dealt
with is written in one piece: the event's mark, its version, and whatever else the layer keeps about it.
"""

from harness.blocks.carrying import Carrier
from harness.blocks.inbox import Inbox
from harness.blocks.read_back import read_back
from harness.blocks.retry import Caller, CallFailed
from harness.blocks.sequencer import Sequencer
from harness.layer import ACCOUNT_CHANGES, AGREEMENT_EVENTS, Surroundings
from harness.store import Change, Store
from sim.delivery import Event

VERSIONED = AGREEMENT_EVENTS | ACCOUNT_CHANGES
"""The events whose record has versions. An account's are full states: none need wait for the one before it."""


class Applier:
    """What a layer does with each event for one `target`. Raises CallFailed when the target does not take it."""

    def __init__(
        self,
        surroundings: Surroundings,
        store: Store,
        caller: Caller,
        carrier: Carrier,
        gate: Sequencer,
        inbox: Inbox | None,
    ) -> None:
        self.target = carrier.target
        self._caller = caller
        self._work_on = surroundings.work_on
        self._counts = surroundings.counts
        self._store = store
        self._carrier = carrier
        self._gate = gate
        self._inbox = inbox

    def settled(self, event: Event) -> bool:
        """Whether an event was dealt with before, or a newer one of its contract was."""
        if self._inbox and self._inbox.finished(event):
            return True
        return event.type in VERSIONED and self._gate.judge(event) == "drop"

    async def apply(self, event: Event, changes: tuple[Change, ...] = (), again: bool = False) -> Event | None:
        """Carry an event, or drop or hold it, and write that down with `changes`.

        The event that was held for this one, if there is one: it is to be applied next. Say `again` where an
        earlier attempt may have succeeded unheard.
        """
        if self._inbox and self._inbox.finished(event):
            self._counts.skipped_repeats += 1
            await self._store.write(*changes)
            return None
        versioned = event.type in VERSIONED
        if (event.body is None and again) or (versioned and self._gate.kind == "fetch"):
            self._work_on(event)  # as a carrier says of what it carries
            event = await read_back(self._caller, event)  # a poison message will not be better read a second time
        verdict = self._gate.judge(event) if versioned else "carry"
        if verdict == "hold" and event.type in AGREEMENT_EVENTS:
            self._counts.held_for_order += 1
            await self._store.write(self._gate.holding(event), *changes)
            return None
        if verdict == "drop":
            self._counts.skipped_superseded += 1
        else:
            await self._carrier.carry(event, again)
        if versioned:
            changes += self._gate.passing(event)
        if self._inbox:
            changes += (self._inbox.finish(event),)
        if changes:
            await self._store.write(*changes)
        return self._gate.next_after(event) if versioned else None

    async def makes(self, event: Event) -> bool:
        """Whether the target is to make something of the event that it did not have."""
        return event.type in AGREEMENT_EVENTS and await self._carrier.makes(event)

    async def is_made(self, event: Event) -> bool:
        """Whether the target has it. Raises CallFailed."""
        return await self._carrier.is_made(event)

    async def undo(self, event: Event, reason: str, *changes: Change) -> None:
        """Have the target void what it made of an event, and write that down with `changes`: it is to come again.

        Raises CallFailed when the target does not. If it may have done so unheard, that is written down.
        """
        try:
            changes += await self._carrier.undo(event, reason)
        except CallFailed as failed:
            if failed.response.transient:
                await self._store.write(*self._carrier.doubting(event))
            raise
        changes += self._gate.taking_back(event)
        if self._inbox:
            changes += (self._inbox.reopen(event),)
        if changes:
            await self._store.write(*changes)

    def held(self) -> list[Event]:
        """The events that wait for a predecessor."""
        return self._gate.held()
