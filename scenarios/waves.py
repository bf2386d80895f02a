"""Waves of a scenario file: many changes within hours, such as the renewals of a cohort or the true-ups of usage."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from scenarios.dates import Instant
from scenarios.model import Model
from scenarios.values import MILLION, Span, Whole, Word, refusal
from sim.calendar import FiscalCalendar
from sim.chance import Stream
from sim.durations import HOUR

WaveWord = Annotated[Literal["renewals", "true_ups"], Word("renewals", "true_ups")]


class Spell(Model):
    """Something that comes within hours of an instant."""

    at: Instant = Field(description="When it begins, local time.")
    within_us: Span = Field(
        2 * HOUR, alias="within", description="How long it lasts; each change comes at any instant of it."
    )

    def at_us(self, calendar: FiscalCalendar) -> int:
        """When it begins; microseconds since instant 0."""
        return calendar.instant_us(self.at.toordinal(), 60 * self.at.hour + self.at.minute)

    def bad_instants(self, calendar: FiscalCalendar, *at: str | int) -> PydanticCustomError | None:
        """A refusal of a spell that does not come within the run's quarter, if it does not. `at` is where it stands."""
        first_day, end_day = calendar.day_of(0), calendar.day_of(calendar.quarter_end_us)
        first, last = (f"{calendar.local(us):%Y-%m-%d %H:%M}" for us in (0, calendar.quarter_end_us))
        if not (first_day <= self.at.toordinal() < end_day and 0 <= self.at_us(calendar) < calendar.quarter_end_us):
            return refusal(f"an instant from {first} up to the quarter's end, {last}", "move it", *at, "at")
        if self.at_us(calendar) + self.within_us > calendar.quarter_end_us:
            return refusal(f"an end within the quarter, which ends on {last}", "shorten it", *at, "within")
        return None


class Wave(Spell):
    """`renewals`: customers of before the run sign again. `true_ups`: contracts of before change their quantity."""

    kind: WaveWord = Field(description="What comes in it.")
    within_us: Span = Field(alias="within", description="How long it lasts; each change comes at any instant of it.")
    contracts: Annotated[int, Whole(1, MILLION)] = Field(
        description="How many contracts; at most as many as are active before the run."
    )

    def draw_us(self, calendar: FiscalCalendar, chance: Stream, key: str) -> int:
        """The instant of the change that concerns `key`."""
        return self.at_us(calendar) + chance.below(self.within_us, key)
