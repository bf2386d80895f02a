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
    midnight_us = calendar.instant_us(today)
    if calendar.instant_us(today + 1) - midnight_us == DAY:
        minute = minutes // 2
        passed = (now_us - midnight_us) // MINUTE - minute
        if passed >= 0:
            minute += (passed // minutes + 1) * minutes
        return midnight_us + minute * MINUTE if minute < 24 * 60 else calendar.instant_us(today + 1, minutes // 2)
    times = (  # however the clocks are set today
        (day, minute) for day in (today, today + 1) for minute in range(minutes // 2, 24 * 60, minutes)
    )
    return next(at_us for day, minute in times if (at_us := calendar.instant_us(day, minute)) > now_us)
