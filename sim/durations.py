"""Spans of virtual time: written by people as `90 s` or `2.5 h`, held as integer microseconds."""

import re
from fractions import Fraction

MICROSECOND = 1
MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

UNITS_US = {
    "us": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "sec": SECOND,
    "min": MINUTE,
    "m": MINUTE,
    "h": HOUR,
    "d": DAY,
    "day": DAY,
    "days": DAY,
    "w": WEEK,
}

_SPAN = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-z]+)\s*")


def parse_us(text: str) -> int:
    """The span in microseconds: `"1.5 s"` is 1 500 000. Several parts add up: `"1 h 30 min"`.

    Raises ValueError, with the units it knows, for anything else.
    """
    total, position = 0, 0
    while position < len(text):
        part = _SPAN.match(text, position)
        if part is None or part["unit"] not in UNITS_US:
            raise ValueError(f"{text!r} is no duration: write a number and a unit, such as 90 s, 15 min, 2.5 h or 3 d")
        total += int(Fraction(part["number"]) * UNITS_US[part["unit"]])
        position = part.end()
    if not text.strip():
        raise ValueError("an empty duration: write a number and a unit, such as 15 min")
    return total
