"""How the changes of a source can be read: by its own stamps, as a query does, or from its stream of commits.

A change is visible some time after its stamp: the transaction that made it commits late, or a replica lags behind.
A query for what was stamped up to now does not see it yet, and one that asks only for later stamps never will.
The stream has what was committed, in that order, for 72 hours (Salesforce change data capture).
"""

from bisect import bisect_right, insort
from collections.abc import Mapping
from dataclasses import replace
from heapq import heappop, heappush
from typing import NamedTuple

from fakes.service import Operation, Operations, Refused
from sim.chance import Distribution, Stream
from sim.delivery import Event, Publisher
from sim.durations import HOUR
from sim.event_faults import MALFORMED
from sim.record import Record

PAGE_MAX = 2_000
"""Rows that one call may ask for, as in a page of a Salesforce query."""

RETENTION_US = 72 * HOUR
"""How long a commit stays in the stream."""


class Position(NamedTuple):
    """A place in a stream of commits, or between the rows of a query: to be handed back, and not to be counted with."""

    at_us: int
    id: int


BEGINNING = Position(0, 0)
"""The place before the first commit that there ever was."""

EARLIEST = Position(-2, 0)
"""The place before all that the stream still has: whatever it no longer has is skipped without a word."""

LATEST = Position(-1, 0)
"""The place behind all that the stream has now."""


class ListChanges(Record):
    """List the records stamped after `since_us`, up to `until_us`, in that order, as they are now.

    `after` is the last page's `next`: a page begins behind it. Of a record changed twice there is one row.
    """

    since_us: int
    until_us: int
    after: Position | None = None
    limit: int = PAGE_MAX


class ReadStream(Record):
    """Read what was committed after a position, in order. Refused with 410 if something there is no longer stored."""

    after: Position = EARLIEST
    limit: int = PAGE_MAX


class Page(NamedTuple):
    """Changes, each as an event with the record; the position behind them; and whether there are `more`."""

    changes: tuple[Event, ...]
    next: Position
    more: bool


READING: Mapping[type, str] = {ListChanges: "list_changes", ReadStream: "read_stream"}
"""What can be asked, by the types of the requests."""


class ChangeLog:
    """What one source has published, as it can be read. Each change becomes visible after a drawn `lag`.

    A query has the records themselves, in whatever schema they have by now; the stream has the events, and so whatever
    is wrong with one of them.
    """

    def __init__(self, source: Publisher, lag: Distribution, stream: Stream) -> None:
        self._published = source.published
        self._records = source.records
        self._lag = lag
        self._draws = stream
        self._looked = 0
        self._visible_us: dict[int, int] = {}
        self._by_stamp: list[tuple[Position, Event]] = []
        self._of_record: dict[str, list[Event]] = {}
        self._coming: list[tuple[Position, Event]] = []
        self._positions: list[Position] = []
        self._committed: list[Event] = []

    @property
    def operations(self) -> Operations:
        """What integrations can ask."""
        return {
            ListChanges: Operation(READING[ListChanges], self.list_changes),
            ReadStream: Operation(READING[ReadStream], self.read_stream),
        }

    def visible_us(self, event: Event) -> int:
        """The instant from which a change can be read."""
        visible_us = self._visible_us.get(event.id)
        if visible_us is None:
            lag_us = self._lag.draw(self._draws.word(event.type, event.key, event.version) >> 32)
            visible_us = self._visible_us[event.id] = event.committed_us + lag_us
        return visible_us

    def list_changes(self, request: ListChanges, now_us: int) -> Page:
        """A page of a query by stamp. Refused with 400 if it asks for no row, or too many."""
        limit = _limit(request.limit)
        self._look()
        after = request.after or Position(request.since_us, NO_ID)
        page: list[Event] = []
        for place in range(bisect_right(self._by_stamp, after, key=_position), len(self._by_stamp)):
            position, event = self._by_stamp[place]
            if position.at_us > request.until_us:
                break
            if event is self._newest(event.key, now_us):
                if len(page) == limit:
                    return Page(tuple(page), after, True)
                page.append(self._row(event))
                after = position
        return Page(tuple(page), after, False)

    def read_stream(self, request: ReadStream, now_us: int) -> Page:
        """A page of the stream. Refused with 400 for a bad limit, and with 410 for a position that has expired."""
        limit = _limit(request.limit)
        self._commit(now_us)
        positions, oldest = self._positions, Position(now_us - RETENTION_US, 0)
        if request.after == LATEST:
            return Page((), positions[-1] if positions else Position(now_us, 0), False)
        start = bisect_right(positions, request.after)
        if start < len(positions) and positions[start] < oldest:
            if request.after != EARLIEST:
                raise Refused(410, "position_expired")
            start = bisect_right(positions, oldest)
        page = tuple(self._committed[start : start + limit])
        end = start + len(page)
        return Page(page, positions[end - 1] if page else request.after, end < len(positions))

    def _newest(self, key: str, now_us: int) -> Event | None:
        """The newest change of a record that can be seen."""
        changes = reversed(self._of_record[key])
        return next((event for event in changes if self.visible_us(event) <= now_us), None)

    def _row(self, event: Event) -> Event:
        """A change with the record: that its event is malformed is no matter here, that a field is renamed is."""
        return replace(event, body=self._records[event.id], schema=1) if event.schema == MALFORMED else event

    def _look(self) -> None:
        """Take note of what was published since the last time."""
        for event in self._published[self._looked :]:
            insort(self._by_stamp, (Position(event.stamp_us, event.id), event), key=_position)
            self._of_record.setdefault(event.key, []).append(event)
            heappush(self._coming, (Position(self.visible_us(event), event.id), event))
        self._looked = len(self._published)

    def _commit(self, now_us: int) -> None:
        """Move what has been committed by now into the stream."""
        self._look()
        while self._coming and self._coming[0][0].at_us <= now_us:
            position, event = heappop(self._coming)
            self._positions.append(position)
            self._committed.append(event)


def _position(entry: tuple[Position, Event]) -> Position:
    return entry[0]


NO_ID = 1 << 62
"""Behind every row of a stamp."""


def _limit(limit: int) -> int:
    if not 1 <= limit <= PAGE_MAX:
        raise Refused(400, "bad_limit")
    return limit
