"""Days as the details of breaks name them."""

from datetime import date

_DAYS = range(1, date.max.toordinal() + 1)


def day_name(day: int) -> str:
    """`2026-01-31` for the day's number. A layer may write what is no day: that is told by its number."""
    return str(date.fromordinal(day)) if day in _DAYS else f"day {day}"
