"""The durable journal of process instances: what a process was told, which steps it has done.

A step is done at most once per event and target; what was not done when the layer went down is still open in
the journal, and is resumed from it.
"""

from collections.abc import Awaitable, Iterator
from typing import Any

from harness.store import Change, Store
from sim.delivery import Event


class Journal:
    """Open signals by event id, and their steps, in durable tables."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open = store.table("signals")
        self._steps = store.table("steps")
        self._closed = store.table("closed")

    def knows(self, event: Event) -> bool:
        """Whether the event was taken in before."""
        return event.id in self._open or event.id in self._closed

    def open_signals(self) -> Iterator[Event]:
        """The events taken in and not yet worked off, in the order of their taking in."""
        yield from tuple(self._open.values())

    def done(self, event: Event, target: str) -> bool:
        """Whether the event's step for `target` is done, or out of the process's hands."""
        return self._steps.get((event.id, target)) == "done"

    def begun(self, event: Event, target: str) -> bool:
        """Whether the event's step for `target` was tried, and is not known to be done."""
        return self._steps.get((event.id, target)) == "intended"

    def take_in(self, event: Event) -> Awaitable[None]:
        """Keep an event before it is acknowledged."""
        return self._store.write(("signals", event.id, event))

    def intend(self, event: Event, target: str) -> Awaitable[None]:
        """Write down that the step for `target` is about to be tried."""
        return self._store.write(("steps", (event.id, target), "intended"))

    def finish(self, event: Event, target: str) -> Change:
        """What writes down that the step for `target` is done, or has become a work item."""
        return ("steps", (event.id, target), "done")

    def close(self, event: Event, targets: tuple[str, ...]) -> Awaitable[None]:
        """Write down that every step of the event has been dealt with."""
        forgotten: list[tuple[str, Any, Any]] = [("steps", (event.id, target), None) for target in targets]
        return self._store.write(("signals", event.id, None), ("closed", event.id, True), *forgotten)
