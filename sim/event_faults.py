"""What can be wrong with an event itself, for every subscriber and however often it is told.

It is malformed, its source tells of it in another way than its readers know, or dates it wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.chance import happens
from sim.faults import EventFault
from sim.payloads import Extended, Renamed

if TYPE_CHECKING:
    from sim.delivery import Event

MALFORMED, CHANGED = 0, 2
"""The schemas of an event that nobody can read, and of one in the source's new schema."""


@dataclass(slots=True, eq=False, kw_only=True)
class Poison(EventFault):
    """A share of the events is malformed for good: they have a key and a version, and no body."""

    share_ppm: int
    kind: str = field(init=False, default="poison")

    def alter(self, event: Event, luck: int) -> bool:
        if not happens(luck, self.share_ppm):
            return False
        event.schema, event.body = MALFORMED, None  # whatever another fault has made of it
        return True


@dataclass(slots=True, eq=False, kw_only=True)
class SchemaChange(EventFault):
    """From its start on, events come in schema 2: the field `old` is called `new`, or (`old` None) `new` is added.

    A body that has no field `old` is told as before. `edit_us` is how long it takes to adapt one mapping to it.
    """

    old: str | None
    new: str
    edit_us: int
    kind: str = field(init=False, default="schema_change")

    def alter(self, event: Event, luck: int) -> bool:
        if event.schema == MALFORMED or not (self.old is None or hasattr(event.body, self.old)):
            return False
        event.schema = CHANGED
        event.body = Extended(event.body, self.new) if self.old is None else Renamed(event.body, self.old, self.new)
        return True


@dataclass(slots=True, eq=False, kw_only=True)
class ClockSkew(EventFault):
    """The system's own clock is off by `by_us`, so that it stamps its events early (below zero) or late.

    It is of the whole system. Clocks that are off at one time add up.
    """

    by_us: int
    kind: str = field(init=False, default="clock_skew")

    def __post_init__(self) -> None:
        assert not self.only, "a clock is a whole system's: its skew has no `only`"
        assert self.by_us, "a clock that is off is off by something"

    def alter(self, event: Event, luck: int) -> bool:
        event.skew_us += self.by_us
        return True
