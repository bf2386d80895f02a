"""Days and months by number: days are proleptic ordinals, months 12 x year + month - 1."""

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=1 << 12)
def first_day(month: int) -> int:
    """The first day of a month; that of the next month is where it ends."""
    return date(month // 12, month % 12 + 1, 1).toordinal()


@lru_cache(maxsize=1 << 16)
def month_of(day: int) -> int:
    """The month that a day lies in."""
    at = date.fromordinal(day)
    return at.year * 12 + at.month - 1


@lru_cache(maxsize=1 << 17)
def anniversary(start_day: int, months: int) -> int:
    """The day `months` months after `start_day`: of the same number, or the last of a month too short for it."""
    start_month = month_of(start_day)
    days_in = start_day - first_day(start_month)
    month = start_month + months
    last = first_day(month + 1) - 1
    return min(first_day(month) + days_in, last)


def month_name(month: int) -> str:
    """The month for people: `2026-03`."""
    return f"{month // 12}-{month % 12 + 1:02}"
