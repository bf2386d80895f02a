"""An instant of a day, to the microsecond, as likely as any other within some hours."""

from sim.calendar import FiscalCalendar
from sim.chance import BITS
from sim.durations import MINUTE


def within_hours_us(calendar: FiscalCalendar, day: int, word: int) -> int:
    """The instant in the business hours of `day` that a uniform 32-bit `word` says."""
    return between_us(calendar, day, (calendar.opens_minute, calendar.closes_minute), word)


def between_us(calendar: FiscalCalendar, day: int, minutes: tuple[int, int], word: int) -> int:
    """The instant from the first of two `minutes` of `day` on, and before the second, that a 32-bit `word` says."""
    first, end = minutes
    return calendar.instant_us(day, first) + (word * (end - first) * MINUTE >> BITS)
