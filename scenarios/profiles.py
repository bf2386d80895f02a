"""When in a quarter, a month and a day customers sign: the load shapes.

A business day with `d` business days left in the quarter, and `m` left in its month, weighs
`1 + rise x exp(-d / rise_days) + month_rise x exp(-m / 1.5)`; the quarter's last month has no month end of
its own. Within a day the weight follows the hour. Nobody signs outside business hours. The strengths
reproduce published quarter ends: three quarters of a quarter's deals on its last day (extreme, Larkin),
a third of bookings in the last ten business days (moderate, subscription software).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import exp

from scenarios.intensity import Intensity, Slot
from sim.calendar import FiscalCalendar
from sim.durations import MINUTE

UNIT = 10**9
"""Weight units of an ordinary business day, a per mille of which falls to each hour weight."""

MONTH_RISE_DAYS = 1.5

Hours = tuple[int, ...]
ORDINARY_DAY: Hours = (50, 80, 105, 110, 75, 70, 95, 110, 105, 85, 65, 50)
"""Per mille by twelfth of the business hours: a morning peak, a lunch dip, an afternoon peak."""
LAST_DAY: Hours = (74, 80, 84, 85, 82, 82, 85, 87, 88, 88, 85, 80)
"""The same for the last business day of the quarter: flatter, and later."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How steeply signings rise towards the quarter's end (`rise`, within `rise_days`) and the other months' ends."""

    rise: float
    rise_days: float
    month_rise: float


PROFILES = {
    "flat": Profile(0, 1, 1),
    "moderate": Profile(6.39, 3.115, 1),
    "steep": Profile(45.1, 2.015, 1),
    "extreme": Profile(299, 0.448, 0),
}


def quarter(profile: Profile, calendar: FiscalCalendar) -> Intensity:
    """How signings spread over the quarter's business hours."""
    weights = list(day_weights(profile, calendar))
    last = len(weights) - 1
    return Intensity(
        slot
        for number, (day, weight) in enumerate(weights)
        for slot in _day(calendar, day, weight, LAST_DAY if number == last else ORDINARY_DAY)
    )


def even(calendar: FiscalCalendar, from_day: int, to_day: int) -> Intensity:
    """Business days from `from_day` up to, not including, `to_day`, each with the same weight."""
    days = calendar.business_days(from_day, to_day)
    return Intensity(slot for day in days for slot in _day(calendar, day, UNIT, ORDINARY_DAY))


def day_weights(profile: Profile, calendar: FiscalCalendar) -> Iterator[tuple[int, int]]:
    """Each business day of the quarter with its weight, an ordinary day's being `UNIT`."""
    first = calendar.month_of_day(calendar.quarter_start.toordinal())
    months = [
        calendar.business_days(calendar.first_day(month), calendar.end_day(month))
        for month in range(first, first + calendar.months)
    ]
    left = sum(map(len, months))
    for month, days in enumerate(months, start=1):
        month_rise = profile.month_rise if month < len(months) else 0
        for left_in_month, day in zip(range(len(days) - 1, -1, -1), days, strict=True):
            left -= 1
            rise = profile.rise * exp(-left / profile.rise_days) + month_rise * exp(-left_in_month / MONTH_RISE_DAYS)
            yield day, round(UNIT * (1 + rise))


def _day(calendar: FiscalCalendar, day: int, weight: int, hours: Hours) -> Iterable[Slot]:
    """A day's slots: its business hours in equal parts, one for each of `hours`."""
    open_minutes = calendar.closes_minute - calendar.opens_minute
    for part, per_mille in enumerate(hours):
        from_minute, to_minute = (calendar.opens_minute + open_minutes * n // len(hours) for n in (part, part + 1))
        span_us = (to_minute - from_minute) * MINUTE
        yield Slot(calendar.instant_us(day, from_minute), span_us, weight * per_mille)
