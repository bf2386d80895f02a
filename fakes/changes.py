"""How the changes of a source can be read: by its own stamps, as a query does, or from its stream of commits.

A change is visible some time after its stamp: the transaction that made it commits late, or a replica lags behind.
A query for what was stamped up to now does not see it yet, and one that asks only for later stamps never will.
The stream has what was committed, in that order, for 72 hours (Salesforce change data capture; PATTERNS-REFERENCE 1.0).
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from operator import attrgetter
from typing import NamedTuple

from fakes.service import Operation, Operations, Refused
from sim.chance import Distribution, Stream
from sim.delivery import Event
from sim.durations import HOUR

PAGE_MAX = 2_000
"""Rows that one call may ask for, as in a page of a Salesforce query."""

RETENTION_US = 72 * HOUR
"""How long a commit stays in the stream."""


class Position(NamedTuple):
    """A place in a stream of commits, or between the rows of a query: to be handed back, and not to be counted with."""

    at_us: int
    id: int


EARLIEST = Position(-2, 0)
"""The place before all that the stream still has."""

LATEST = Position(-1, 0)
"""The place behind all that the stream has now."""


@dataclass(slots=True)
class ListChanges:
    """List the records stamped after `since_us`, up to `until_us`, in that order, as they are now.

    `after` is the last page's `next`: a page begins behind it. Of a record changed twice there is one row.
    """

    since_us: int
    until_us: int
    after: Position | None = None
    limit: int = PAGE_MAX


@dataclass(slots=True)
class ReadStream:
    """Read what was committed after a position, in order. Refused with 410 if something there is no longer stored."""

    after: Position = EARLIEST
    limit: int = PAGE_MAX


class Page(NamedTuple):
    """Changes, each as an event with the record; the position behind them; and whether there are `more`."""

    changes: tuple[Event, ...]
    next: Position
    more: bool


class ChangeLog:
    """What one source has `published`, as it can be read. Each change becomes visible after a drawn `lag`."""

    def __init__(self, published: Sequence[Event], lag: Distribution, stream: Stream) -> None:
        self._published = published
        self._lag = lag
        self._draws = stream
        self._visible_us: list[int] = []
        self._coming: list[tuple[Position, Event]] = []
        self._positions: list[Position] = []
        self._committed: list[Event] = []

    @property
    def operations(self) -> Operations:
        """What integrations can ask."""
        return {
            ListChanges: Operation("list_changes", self.list_changes),
            ReadStream: Operation("read_stream", self.read_stream),
        }

    def visible_us(self, event: Event) -> int:
        """The instant from which a change can be read."""
        word = self._draws.word(event.type, event.key, event.version)
        return event.committed_us + self._lag.draw(word >> 32)

    def list_changes(self, request: ListChanges, now_us: int) -> Page:
        """A page of a query by stamp. Refused with 400 if it asks for no row, or too many."""
        limit = _limit(request.limit)
        rows = sorted(self._visible(request.since_us, now_us).values(), key=attrgetter("committed_us", "id"))
        after = request.after or Position(request.since_us, NO_ID)
        rows = [row for row in rows if after < (row.committed_us, row.id) and row.committed_us <= request.until_us]
        page = tuple(rows[:limit])
        last = Position(page[-1].committed_us, page[-1].id) if page else after
        return Page(page, last, len(rows) > limit)

    def read_stream(self, request: ReadStream, now_us: int) -> Page:
        """A page of the stream. Refused with 400 for a bad limit, and with 410 for a position that has expired."""
        limit = _limit(request.limit)
        self._commit(now_us)
        positions, oldest = self._positions, Position(now_us - RETENTION_US, 0)
        if request.after == LATEST:
            return Page((), positions[-1] if positions else EARLIEST, False)
        start = bisect_right(positions, request.after)
        if start < len(positions) and positions[start] < oldest:
            if request.after != EARLIEST:
                raise Refused(410, "position_expired")
            start = bisect_right(positions, oldest)
        page = tuple(self._committed[start : start + limit])
        end = start + len(page)
        return Page(page, positions[end - 1] if page else request.after, end < len(positions))

    def _visible(self, since_us: int, now_us: int) -> Mapping[str, Event]:
        """The newest change of each record stamped after `since_us`, as far as they can be seen."""
        published = self._published
        self._look()
        first = bisect_right(published, since_us, key=attrgetter("committed_us"))
        newest: dict[str, Event] = {}
        for place in range(first, len(published)):
            if self._visible_us[place] <= now_us:
                newest[published[place].key] = published[place]
        return newest

    def _look(self) -> None:
        """Take note of what was published since the last time."""
        for event in self._published[len(self._visible_us) :]:
            visible_us = self.visible_us(event)
            self._visible_us.append(visible_us)
            heappush(self._coming, (Position(visible_us, event.id), event))

    def _commit(self, now_us: int) -> None:
        """Move what has been committed by now into the stream."""
        self._look()
        while self._coming and self._coming[0][0].at_us <= now_us:
            position, event = heappop(self._coming)
            self._positions.append(position)
            self._committed.append(event)


NO_ID = 1 << 62
"""Behind every row of a stamp."""


def _limit(limit: int) -> int:
    if not 1 <= limit <= PAGE_MAX:
        raise Refused(400, "bad_limit")
    return limit
