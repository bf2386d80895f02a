"""A saga: one event's work in several systems, step by step, in an order in which the earlier steps can be undone.

An order, a revenue contract and a project can be voided; a subscription bills, and an issued invoice cannot be taken
back, only credited. So billing is the saga's pivot, and comes last: what is refused before it leaves nothing behind.

A step that its target refuses for good ends its saga: what the steps before it have made is undone in reverse.
That it will be, and that it has been, is written down each time; so a crash interrupts it, and forgets nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness.blocks.applying import Applier
from harness.blocks.journal import Journal
from harness.blocks.reading import UNREADABLE
from harness.blocks.retry import CallFailed
from harness.layer import ROUTES, TOLD, Surroundings
from harness.store import Change, Store
from sim.delivery import Event
from sim.network import Response

STEPS = ("erp", "revenue", "projects", "billing")
"""The targets in the order of a saga's steps; the last is the pivot."""

PIVOT = STEPS[-1]


def steps_of(event: Event) -> tuple[str, ...]:
    """The targets an event must reach, in the order of its saga's steps."""
    return _STEPS[event.source, event.type]


_STEPS = {
    (source, type_): tuple(target for target in STEPS if type_ in ROUTES.get((source, target), ()))
    for source, types in TOLD.items()
    for type_ in sorted(types)
}


def for_good(response: Response) -> bool:
    """Whether a target has refused what it was asked for, and not who asks; or an event that nobody could read."""
    refused = 400 <= response.status < 500 and response.status not in {401, 403} and not response.transient
    return refused and response is not UNREADABLE


TABLE = "sagas"


@dataclass(frozen=True, slots=True)
class Saga:
    """One that failed, as `target` refused its step. What it made in the targets `to_undo` is still to be undone."""

    event: Event
    target: str
    reason: str
    to_undo: tuple[str, ...]


class Sagas:
    """The sagas that failed, in a table of `store`, until their events have been everywhere after all."""

    def __init__(
        self, surroundings: Surroundings, store: Store, journal: Journal, appliers: Mapping[str, Applier]
    ) -> None:
        self._surroundings = surroundings
        self._store = store
        self._journal = journal
        self._appliers = appliers
        self._failed = store.table(TABLE)

    def of(self, event: Event) -> Saga | None:
        """The event's saga, if it has failed."""
        saga: Saga | None = self._failed.get(event.id)
        return saga

    def missing(self) -> Iterator[tuple[Event, str]]:
        """The events of failed sagas, each with the targets that lack it or are about to."""
        for saga in tuple(self._failed.values()):
            for target in steps_of(saga.event):
                if target in saga.to_undo or not self._journal.done(saga.event, target):
                    yield saga.event, target

    async def fail(self, event: Event, target: str, reason: str) -> None:
        """Write down that `target` refused the event, and what is to be undone, the latest first."""
        made = self._journal.made(event, steps_of(event))
        saga = Saga(event, target, reason, tuple(reversed(made)))
        await self._store.write((TABLE, event.id, saga), self._journal.reopen(event, target))

    async def undo(self, event: Event) -> Saga:
        """Undo all that is to be; the saga as it is then. What a target does not take back stays, with its reason."""
        saga: Saga = self._failed[event.id]
        while saga.to_undo:
            target, left = saga.to_undo[0], replace(saga, to_undo=saga.to_undo[1:])
            changes = (TABLE, event.id, left), self._journal.reopen(event, target)
            try:
                await self._appliers[target].undo(event, saga.reason, *changes)
            except CallFailed as failed:
                left = replace(left, reason=failed.response.word)
                await self._store.write((TABLE, event.id, left))
                self._surroundings.note("not_compensated", target, event.key)
            else:
                self._surroundings.counts.compensations += 1
                self._surroundings.note("compensated", target, event.key)
            saga = left
        return saga

    def end(self, event: Event) -> tuple[Change, ...]:
        """What lets go of the event's saga, if it has failed before: everything is done now."""
        return ((TABLE, event.id, None),) if event.id in self._failed else ()
