"""What a hub keeps: each canonical record in its newest version, and which version every target was last sent.

An event that was told is kept, with what it says, until each of its targets has been sent its version or a newer one.
So what is behind, and on whose behalf, is known from the tables alone; and the newest of a record is, in whatever order
the writes of its versions end.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from harness.blocks.canonical import KINDS, Record
from harness.blocks.saga import steps_of
from harness.store import Change, Store
from sim.delivery import Event

Row: TypeAlias = tuple[str, str]
"""A record's kind and key."""


def row_of(event: Event) -> Row:
    """The canonical record that an event is about."""
    return KINDS[event.type], event.key


class CanonicalRecords:
    """The hub's tables. `opening` has the version of each contract that the targets had before the run."""

    def __init__(self, store: Store, opening: Mapping[str, int]) -> None:
        self._store = store
        self._opening = opening
        self._records = store.table("canonical")
        self._begun = store.table("begun")
        self._sent: dict[tuple[str, Row], int] = dict(store.table("sent"))
        self._told: dict[Row, dict[int, Event]] = {}
        self._said: dict[Row, dict[int, Record]] = {}  # by version
        for event, record in store.table("told").values():
            self._told.setdefault(row_of(event), {})[event.id] = event
            self._said.setdefault(row_of(event), {})[record.version] = record

    def record(self, row: Row) -> Record:
        """The newest version that was told."""
        newest = self._newest(row)
        assert newest is not None, "a record that is sent was told"
        return newest

    def told(self, event: Event) -> bool:
        """Whether the event was taken in, and is not everywhere yet."""
        return event.id in self._told.get(row_of(event), ())

    def supersedes(self, event: Event) -> bool:
        """Whether something newer about the same was told."""
        newest = self._newest(row_of(event))
        return newest is not None and newest.version > event.version

    def covers(self, event: Event) -> bool:
        """Whether all its targets were sent the event's version, or a newer one."""
        row = row_of(event)
        return all(self._version_at(target, row) >= event.version for target in steps_of(event))

    def waiting(self, target: str, row: Row) -> list[Event]:
        """The events about a record that the target does not reflect yet, by version."""
        sent = self._version_at(target, row)
        events = self._told.get(row, {}).values()
        return sorted((event for event in events if event.version > sent), key=lambda event: event.version)

    def unsent(self) -> Iterator[tuple[Event, str]]:
        """Every event that was told, with each target that has not been sent its version."""
        for row, events in self._told.items():
            for event in events.values():
                for target in steps_of(event):
                    if self._version_at(target, row) < event.version:
                        yield event, target

    async def take_in(self, event: Event, record: Record, *changes: Change) -> None:
        """Keep an event and what it says; `changes` are written with it, at once."""
        row = row_of(event)
        await self._store.write(("told", event.id, (event, record)), *changes)
        self._told.setdefault(row, {})[event.id] = event
        self._said.setdefault(row, {})[record.version] = record

    async def begin(self, target: str, row: Row) -> bool:
        """Write down that the target is about to be sent a record; whether that was so before, and it may have been."""
        if (target, row) in self._begun:
            return True
        await self._store.write(("begun", (target, row), True))
        return False

    async def finish(self, target: str, row: Row, version: int, *changes: Change) -> None:
        """Write down that the target has this version; `changes` are written with it, at once."""
        self._sent[target, row] = version
        changes += (("canonical", row, self.record(row)),)
        done = ("sent", (target, row), version), ("begun", (target, row), None)
        await self._store.write(*done, *self._settled(row), *changes)

    def _settled(self, row: Row) -> list[Change]:
        """What lets go of the events about a record that are everywhere."""
        events = self._told.get(row, {})
        settled = [event.id for event in events.values() if self.covers(event)]
        for number in settled:
            del events[number]
        if not events:
            self._told.pop(row, None)
            self._said.pop(row, None)
        return [("told", number, None) for number in settled]

    def _newest(self, row: Row) -> Record | None:
        said = self._said.get(row)
        kept: Record | None = self._records.get(row)
        if not said:
            return kept
        latest = said[max(said)]
        return latest if kept is None or latest.version >= kept.version else kept

    def _version_at(self, target: str, row: Row) -> int:
        version = self._sent.get((target, row), 0)
        if not version and row[0] == "contract":
            version = self._opening.get(row[1], 0)
        return version
