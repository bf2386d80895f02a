"""People at work: how many there are, in which hours they work, and how long what they do takes them.

>>> from datetime import date
>>> calendar = FiscalCalendar(date(2026, 1, 1), 3, "Europe/Berlin", (), 8 * 60, 20 * 60, 14, 6, (3, 5))
>>> hours = OfficeHours(calendar, 9 * 60, 17 * 60)
>>> friday = calendar.instant_us(date(2026, 1, 9).toordinal(), 16 * 60)
>>> str(calendar.local(hours.done_us(friday, 7_200_000_000)))
'2026-01-12 10:00:00+01:00'
"""

from dataclasses import dataclass

from sim.calendar import FiscalCalendar
from sim.chance import Distribution


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """From minute `opens_minute` of every business day up to `closes_minute`."""

    calendar: FiscalCalendar
    opens_minute: int
    closes_minute: int

    def __post_init__(self) -> None:
        assert 0 <= self.opens_minute < self.closes_minute <= 24 * 60, "office hours must end after they begin"

    def done_us(self, from_us: int, work_us: int) -> int:
        """When `work_us` of work is done that is begun at `from_us`, or as soon as the office opens after it.

        What is not done by closing time goes on when the office opens again.
        """
        calendar, left_us = self.calendar, work_us
        day = calendar.day_of(from_us)
        while True:
            if calendar.is_business_day(day):
                begins_us = max(from_us, calendar.instant_us(day, self.opens_minute))
                closes_us = calendar.instant_us(day, self.closes_minute)
                if begins_us < closes_us:
                    if left_us <= closes_us - begins_us:
                        return begins_us + left_us
                    left_us -= closes_us - begins_us
            day += 1


@dataclass(frozen=True, slots=True)
class Staff:
    """So many `persons` with the same hours; `handling` is how much working time one exception takes."""

    persons: int
    hours: OfficeHours
    handling: Distribution
