"""Reading what a source has changed since a durable watermark, by the source's own stamps.

A change that commits behind the watermark, with an older stamp, is never seen; so each reading begins some lookback
before it, and what lies there and was read before is left out. The watermark moves only when somebody says so.
"""

from collections.abc import Iterable
from typing import NamedTuple

from fakes.changes import ListChanges, Page
from harness.blocks.retry import Caller
from harness.layer import Surroundings
from harness.store import Change, Store
from sim.delivery import Event

TABLE = "watermarks"


class Extract(NamedTuple):
    """What a reading found: the changes stamped up to `until_us` that were not read before, in the stamps' order."""

    until_us: int
    events: tuple[Event, ...]


class Watermark:
    """How far the reader `name` has read a source."""

    def __init__(
        self, surroundings: Surroundings, store: Store, caller: Caller, name: str, source: str, lookback_us: int
    ) -> None:
        self._surroundings = surroundings
        self._store = store
        self._caller = caller
        self._name = name
        self._source = source
        self._lookback_us = lookback_us
        self._marks = store.table(TABLE)
        self._seen_table = f"seen/{name}"
        self._seen = store.table(self._seen_table)

    def begin(self) -> None:
        """Go on from the mark that is stored; if there is none, from now: what was before, nobody remembers."""
        if self._name not in self._marks:
            self._store.put((TABLE, self._name, self._surroundings.clock.now - 1))
        self._move(self._marks[self._name])

    async def extract(self) -> Extract:
        """Read what has changed, of a record changed twice the newest state. Raises CallFailed."""
        reading = self._surroundings.readings[self._name]
        until_us = self._surroundings.clock.now
        since_us = max(-1, self._mark_us - self._lookback_us)
        newest: dict[str, Event] = {}
        request = ListChanges(since_us, until_us)
        while True:
            page: Page = await self._caller.read(self._source, request, self._name)
            for row in page.changes:
                newest.pop(row.key, None)
                newest[row.key] = row
            if not page.more:
                break
            request = ListChanges(since_us, until_us, page.next)
        fresh = (row for row in newest.values() if reading.owes(row) and self._seen.get(row.key) != row.stamp_us)
        return Extract(until_us, tuple(fresh))

    async def advance(self, extract: Extract, *changes: Change) -> None:
        """Move the mark to the end of what was read, and write `changes` with it, at once."""
        floor_us = extract.until_us - self._lookback_us
        await self._store.write(
            (TABLE, self._name, extract.until_us), *self._remembered(extract.events, floor_us), *changes
        )
        self._move(extract.until_us)

    def skip(self, extract: Extract) -> None:
        """Move the mark in memory alone: where nothing was found, it does no harm to read it once more."""
        self._move(extract.until_us)

    def _remembered(self, events: Iterable[Event], floor_us: int) -> Iterable[Change]:
        """What the next reading will meet again, and no longer what it will not."""
        for key, stamp_us in self._seen.items():
            if stamp_us <= floor_us:
                yield (self._seen_table, key, None)
        for event in events:
            if event.stamp_us > floor_us:
                yield (self._seen_table, event.key, event.stamp_us)

    def _move(self, mark_us: int) -> None:
        self._mark_us = mark_us
        self._surroundings.readings[self._name].pass_on(mark_us - self._lookback_us)
