"""When jobs run: at fixed local times, in the middle of an interval."""

from collections.abc import Mapping

from sim.calendar import FiscalCalendar
from sim.durations import DAY, MINUTE

MINUTES: Mapping[str, int] = {"15min": 15, "30min": 30, "1h": 60, "2h": 120, "4h": 240, "24h": 1440}
"""Intervals, in minutes."""


def next_time_us(calendar: FiscalCalendar, now_us: int, minutes: int) -> int:
    """The next instant after `now_us` at which local time is half of `minutes`, and a multiple of them, past midnight.

    So what other systems do on the hour waits as long as anything else does on average.
    """
    today = calendar.day_of(now_us)
    past = max(0, (now_us - calendar.instant_us(today)) // MINUTE)
    if calendar.instant_us(today + 1) - calendar.instant_us(today) != DAY:
        past = max(0, past - 2 * 60)  # however the clocks are set today
    first = minutes // 2 + max(0, past - minutes // 2) // minutes * minutes
    for day, begin in ((today, first), (today + 1, minutes // 2)):
        for minute in range(begin, 24 * 60, minutes):
            at_us = calendar.instant_us(day, minute)
            if at_us > now_us:
                return at_us
    raise AssertionError(f"no time of the two days from day {today} on is later than {now_us}")
