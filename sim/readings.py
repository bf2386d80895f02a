"""A reader's account with a source whose changes it reads by itself: what it has taken in, and what it passed over.

Nobody tells a reader anything. It says which change it has taken in, and up to which stamp it will not look again;
so at any instant each change is taken in, superseded by a newer one of its record, still to be read, or passed over:
lost, without anybody having been told.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from sim.clock import Action, Awaitable, Clock, Entry
from sim.delivery import Event, Publisher
from sim.network import Wire


class Reading:
    """One reader's account. `visible_us` says from when a change can be read; `passed_us` is the last stamp passed."""

    def __init__(
        self,
        wire: Wire,
        publisher: Publisher,
        name: str,
        types: frozenset[str],
        visible_us: Callable[[Event], int] = lambda event: event.committed_us,
    ) -> None:
        self.name = name
        self.types = types
        self.accepted_us: dict[int, int] = {}
        self.passed_us = -1
        self._wire = wire
        self._clock: Clock = wire.clock
        self._published = publisher.published
        self._visible_us = visible_us
        self._released_us = -1
        self._holds: list[_Hold] = []
        self._first = wire.events + 1
        self._last: int | None = None
        publisher.subscriptions.append(self)
        publisher.followers.append(self)

    # --- what the reader says ------------------------------------------------------------------------

    def take_in(self, event: Event) -> None:
        """Take note that the reader has an event in hand."""
        now_us = self._clock.now
        repeated = event.id in self.accepted_us
        self.accepted_us.setdefault(event.id, now_us)
        outcome = "repeated" if repeated else "accepted"
        self._wire.trace.deliveries.append((event.id, self.name, 1, now_us, outcome))

    def pass_on(self, stamp_us: int) -> None:
        """Take note that the reader will not look at what is stamped up to `stamp_us` again."""
        self.passed_us = max(self.passed_us, stamp_us)

    @property
    def ended(self) -> bool:
        """Whether the reader is to read no more: somebody else has taken over."""
        return self._last is not None

    def end(self, last: int) -> None:
        """Have the reader read no more: event number `last` was the last that it had to."""
        self._last = last

    async def news(self, since_us: int, hold_us: int) -> None:
        """Wait until the source has something that could not be read at `since_us`, or `hold_us` have passed.

        So a source answers a long poll; what is read then is another call.
        """
        if self._released_us < since_us:
            await _Hold(self._clock, self._holds, hold_us)

    def told(self, events: Sequence[Event]) -> None:
        """Let go of those who wait for news as soon as these can be read."""
        for event in events:
            if self.owes(event):
                self._clock.at(max(self._clock.now, self._visible_us(event)), self._release)

    def _release(self, _: object) -> None:
        self._released_us = self._clock.now
        holds = list(self._holds)
        for hold in holds:
            self._clock.at(self._clock.now, hold.end)

    # --- what has become of the events ---------------------------------------------------------------

    @property
    def superseded_us(self) -> Mapping[int, int]:
        """When a newer state of its record was taken in, by the id of each event that was not."""
        newer_us: dict[str, int] = {}
        superseded = {}
        for event in reversed(self._owed()):
            if event.id in self.accepted_us:
                newer_us[event.key] = self.accepted_us[event.id]
            elif event.key in newer_us:
                superseded[event.id] = newer_us[event.key]
        return superseded

    @property
    def given_up(self) -> Mapping[int, int]:
        """When an event was passed over, by id: it lies where the reader does not look again."""
        superseded = self.superseded_us
        return {
            event.id: self.passed_us
            for event in self._owed()
            if event.stamp_us <= self.passed_us and event.id not in self.accepted_us and event.id not in superseded
        }

    def fates(self) -> dict[str, int]:
        """How many events there were for it, and what has become of how many of them."""
        owed, delivered, superseded = len(self._owed()), len(self.accepted_us), len(self.superseded_us)
        passed_over = len(self.given_up)
        return {
            "emitted": owed, "delivered": delivered, "superseded": superseded, "passed_over": passed_over,
            "pending": owed - delivered - superseded - passed_over,
        }  # fmt: skip

    def pending(self, published: Sequence[Event]) -> list[Event]:
        """Those of a source's events that it is still going to read."""
        settled = {**self.accepted_us, **self.superseded_us, **self.given_up}
        return [event for event in published if self.owes(event) and event.id not in settled]

    def owed_of(self, events: Sequence[Event]) -> list[Event]:
        """Those of a source's events that concern this reader."""
        return [event for event in events if self.owes(event)]

    def owes(self, event: Event) -> bool:
        """Whether an event is, or was, one for this reader: of its types, and committed while it had to read."""
        return event.type in self.types and self._first <= event.id and (self._last is None or event.id <= self._last)

    def _owed(self) -> list[Event]:
        return self.owed_of(self._published)


class _Hold:
    """A reader that waits for news."""

    __slots__ = ("_clock", "_holds", "_resume", "_span_us")

    def __init__(self, clock: Clock, holds: "list[_Hold]", span_us: int) -> None:
        self._clock = clock
        self._holds = holds
        self._span_us = span_us

    def __await__(self) -> Generator[Awaitable, Any, None]:
        yield self

    def then(self, resume: Action) -> Entry | None:
        self._resume = resume
        self._holds.append(self)
        self._clock.at(self._clock.now + self._span_us, self.end)
        return None

    def end(self, _: object) -> Entry | None:
        """Wait no longer, unless that is over already."""
        if self not in self._holds:
            return None
        self._holds.remove(self)
        return self._resume(None)
