"""The finance team of a scenario file, and how long the steps of its close take."""

from typing import Annotated, Any

from pydantic import Field, field_validator

from scenarios.calendar import Calendar, fiscal
from scenarios.dates import BusinessHours
from scenarios.distributions import Distribution, Lognormal
from scenarios.model import Model
from scenarios.values import Span, Whole, refusal
from sim.durations import DAY, HOUR
from sim.staff import OfficeHours

WORK_MAX_US = 366 * DAY
"""The longest that one piece of work may be drawn to take."""


def _doable(work: Any) -> Any:
    if work.table().values[-1] > WORK_MAX_US:
        raise refusal("work that is always done within a year", "lower its median, its mean or its sigma")
    return work


class FinanceTeam(Model):
    """The people who put right what integrations cannot, and who close the books."""

    persons: Annotated[int, Whole(1, 1_000)] = Field(3, description="How many; each does one thing at a time.")
    handling: Distribution = Field(
        Lognormal(median="1 h", sigma=0.8), description="Working time that one exception takes."
    )
    hours: BusinessHours | None = Field(None, description="When they work; by default in the business hours.")

    @field_validator("handling")
    @classmethod
    def _ends(cls, handling: Any) -> Any:
        return _doable(handling)

    def office(self, calendar: Calendar) -> OfficeHours:
        """The hours that they work, on this calendar."""
        hours = self.hours or calendar.business_hours
        return OfficeHours(fiscal(calendar), hours.opens_minute, hours.closes_minute)


class Close(Model):
    """How long it takes to close the quarter, from the last month's lock on, in office hours of one person."""

    reconciliation_us: Span = Field(
        2 * HOUR, alias="reconciliation", description="Each of three: receivables, billing to receivables, revenue."
    )
    tie_out_us: Span = Field(2 * HOUR, alias="tie_out", description="Putting together all that is off.")
    adjustment: Distribution = Field(
        Lognormal(median="15 min", sigma=0.8), description="Each adjusting entry, one for each balance that is off."
    )
    sign_off_us: Span = Field(1 * HOUR, alias="sign_off", description="Reviewing and signing.")

    @field_validator("adjustment")
    @classmethod
    def _ends(cls, adjustment: Any) -> Any:
        return _doable(adjustment)
