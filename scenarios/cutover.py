"""The cutover of a scenario file: when another integration layer takes over, and for how long both are told."""

from pydantic import Field
from pydantic_core import PydanticCustomError

from scenarios.dates import Instant
from scenarios.model import Model
from scenarios.values import Line, SpanOrZero, refusal
from sim.calendar import FiscalCalendar


class Cutover(Model):
    """Another layer takes over in mid-run: both are told over the overlap, then the new one alone."""

    begins_with: Line | None = Field(
        None, alias="from", description="The layer that `tieout run` begins with, unless --layer says otherwise."
    )
    to: Line = Field(description="The layer that takes over.", examples=["event-driven"])
    at: Instant = Field(description="From when on it is told, local time.")
    overlap_us: SpanOrZero = Field(0, alias="overlap", description="For how long both are; by default not at all.")

    def at_us(self, calendar: FiscalCalendar) -> int:
        """From when on the new layer is told; microseconds since instant 0."""
        return calendar.instant_us(self.at.toordinal(), 60 * self.at.hour + self.at.minute)

    def bad_instants(self, calendar: FiscalCalendar, *at: str) -> PydanticCustomError | None:
        """A refusal of an overlap that does not lie within the run, if it does not."""
        first, last = (f"{calendar.local(us):%Y-%m-%d %H:%M}" for us in (0, calendar.end_us))
        if not 0 <= self.at_us(calendar) < calendar.end_us:
            return refusal(f"an instant of the run, which lasts from {first} to {last}", "move it", *at, "at")
        if self.at_us(calendar) + self.overlap_us > calendar.end_us:
            return refusal(f"an end within the run, which ends on {last}", "shorten it", *at, "overlap")
        return None
