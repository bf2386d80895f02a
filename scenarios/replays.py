"""Replays of a scenario file: when someone has dead letters carried again, and which of them."""

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from scenarios.dates import Instant
from scenarios.model import Model
from scenarios.reach import EVENTS
from scenarios.values import Line, Span, Whole, Word, one_of, refusal
from sim.calendar import FiscalCalendar

Target = Annotated[Literal["billing", "erp", "revenue", "projects"], Word("billing", "erp", "revenue", "projects")]


class Replay(Model):
    """At an instant, what was set aside is carried again: all of it, or what the filters let through."""

    at: Instant = Field(description="When, local time.")
    target: Target | None = Field(None, description="Only what this target refused.")
    events: tuple[Line, ...] = Field((), description="Only events of these types; by default all.")
    reason: Line | None = Field(None, description="Only what was refused with this word, such as `token_expired`.")
    older_than_us: Span | None = Field(None, alias="older_than", description="Only what has lain for this long.")
    limit: Annotated[int, Whole(1, 1_000_000_000)] | None = Field(None, description="Only the first so many.")

    @field_validator("events")
    @classmethod
    def _known_events(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        known = tuple(word for told in EVENTS.values() for word in told)
        for position, word in enumerate(words):
            one_of(word, known, position)
        return words


def at_us(replay: Replay, calendar: FiscalCalendar) -> int:
    """When it is; microseconds since instant 0."""
    return calendar.instant_us(replay.at.toordinal(), 60 * replay.at.hour + replay.at.minute)


def bad_instant(replay: Replay, calendar: FiscalCalendar, *at: str | int) -> PydanticCustomError | None:
    """A refusal of an instant that is not within the run, if it is not. `at` is where the replay stands."""
    if 0 <= at_us(replay, calendar) < calendar.end_us:
        return None
    first, last = (f"{calendar.local(us):%Y-%m-%d %H:%M}" for us in (0, calendar.end_us))
    return refusal(f"an instant of the run, which lasts from {first} to {last}", "move it", *at, "at")
