"""The calendar of a scenario file, and the fiscal calendar that it becomes."""

from datetime import date
from functools import lru_cache
from typing import Annotated

from pydantic import Field, model_validator

from scenarios.dates import BusinessHours, Country, FirstOfMonth, Hours, Zone
from scenarios.model import Model
from scenarios.values import Days, Whole, refusal
from sim.calendar import FiscalCalendar


class Calendar(Model):
    """The quarter that is simulated, the days on which people work, and when the books close after it."""

    quarter_start: FirstOfMonth = Field(date(2026, 1, 1), description="The quarter's first day: a first of a month.")
    months: Annotated[int, Whole(1, 3)] = Field(3, description="Months measured, from the quarter's first day.")
    timezone: Zone = Field("America/New_York", description="The company's time zone.")
    holidays: Country = Field("US", description='Country whose public holidays are no business days, or "none".')
    business_hours: BusinessHours = Field(Hours(8 * 60, 20 * 60), description="When people sign, every business day.")
    lead_in_days: Days = Field(14, alias="lead_in", description="Days simulated before the quarter, not measured.")
    close_business_days: Annotated[int, Whole(1, 20)] = Field(
        6, description="Business days after a month's end at which its books are closed, at 18:00."
    )
    revenue_runs: tuple[Annotated[int, Whole(1, 20)], ...] = Field(
        (3, 5), description="Business days after a month's end on which revenue is recognised, at 08:00."
    )

    @model_validator(mode="after")
    def _runs_rise_up_to_the_close(self) -> "Calendar":
        days, close = self.revenue_runs, self.close_business_days
        if not days or list(days) != sorted(set(days)):
            raise refusal("business days in rising order", "write for example [3, 5]", "revenue_runs")
        if days[-1] > close:
            expected = f"business days up to the close, which is close_business_days = {close}"
            raise refusal(expected, "run earlier or close later: no entry is posted after the close", "revenue_runs")
        return self


@lru_cache(maxsize=64)
def fiscal(calendar: Calendar) -> FiscalCalendar:
    """The calendar to simulate by, with the public holidays of the years it touches."""
    return FiscalCalendar(
        quarter_start=calendar.quarter_start,
        months=calendar.months,
        timezone=calendar.timezone,
        holidays=_holidays(calendar.holidays, calendar.quarter_start.year),
        opens_minute=calendar.business_hours.opens_minute,
        closes_minute=calendar.business_hours.closes_minute,
        lead_in_days=calendar.lead_in_days,
        close_business_days=calendar.close_business_days,
        revenue_runs=calendar.revenue_runs,
    )


def _holidays(country: str, year: int) -> tuple[date, ...]:
    if country == "none":
        return ()
    from holidays import country_holidays  # noqa: PLC0415  # a tenth of a second, for scenarios only

    # A lead-in reaches back by a year at most, a close forward by two months.
    return tuple(sorted(country_holidays(country, years=range(year - 2, year + 2))))
