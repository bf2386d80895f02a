"""The durable journal of process instances: what a process was told, which steps it has done.

A step is done at most once per event and target; what was not done when the layer went down is still open in
the journal, and is resumed from it. Of each step it is kept whether it *makes* something, which can be undone.
"""

from collections.abc import Awaitable, Iterator

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
        return self._steps.get((event.id, target)) in {"done", "made"}

    def made(self, event: Event, targets: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the targets in which the event's steps have made something."""
        return tuple(target for target in targets if self._steps.get((event.id, target)) == "made")

    def makes(self, event: Event, target: str) -> bool:
        """Whether the step for `target`, which was begun, is to make something."""
        return self._steps.get((event.id, target)) == "making"

    def begun(self, event: Event, target: str) -> bool:
        """Whether the event's step for `target` was tried, and is not known to be done."""
        return self._steps.get((event.id, target)) in {"intended", "making"}

    def take_in(self, event: Event) -> Awaitable[None]:
        """Keep an event before it is acknowledged."""
        return self._store.write(("signals", event.id, event))

    def intend(self, event: Event, target: str, *, makes: bool = False) -> Awaitable[None]:
        """Write down that the step for `target` is about to be tried, and whether it makes something."""
        return self._store.write(("steps", (event.id, target), "making" if makes else "intended"))

    def finish(self, event: Event, target: str) -> Change:
        """What writes down that the step for `target` is done."""
        return ("steps", (event.id, target), "made" if self.makes(event, target) else "done")

    def hand_over(self, event: Event, target: str) -> Change:
        """What writes down that the step for `target` has become a work item, or was let go of."""
        return ("steps", (event.id, target), "done")

    def reopen(self, event: Event, target: str) -> Change:
        """What writes down that the step for `target` is to be done again."""
        return ("steps", (event.id, target), None)

    def close(self, event: Event, targets: tuple[str, ...], *changes: Change) -> Awaitable[None]:
        """Write down, with `changes`, that every step of the event has been dealt with."""
        forgotten: list[Change] = [self.reopen(event, target) for target in targets]
        return self._store.write(("signals", event.id, None), ("closed", event.id, True), *forgotten, *changes)

    def suspend(self, event: Event) -> tuple[Change, ...]:
        """What takes an event out of the open signals, with its steps as they stand: somebody will bring it back."""
        return ("signals", event.id, None), ("closed", event.id, True)
