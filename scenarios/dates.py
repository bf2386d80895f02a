"""How people write days, hours and the calendar's places in a scenario, and the value each becomes."""

from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, NamedTuple

from scenarios.values import Written, one_of, refusal

YEARS = range(1971, 2200)


class Hours(NamedTuple):
    """From when to when people work: minutes after local midnight."""

    opens_minute: int
    closes_minute: int


def _day(text: str) -> date | str:
    """The day, or what is wrong with it."""
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not all(part.isascii() and part.isdigit() for part in parts):
        return "write year-month-day, such as 2026-03-31"
    year, month, day = map(int, parts)
    if year not in YEARS:
        return f"choose a year from {YEARS.start} to {YEARS.stop - 1}"
    if not 1 <= month <= 12:
        return "months run from 01 to 12"
    first = date(year, month, 1)
    length = (date(year + month // 12, month % 12 + 1, 1) - first).days
    if not 1 <= day <= length:
        return f"{first:%B %Y} has days 01 to {length}"
    return first.replace(day=day)


def _read_day(value: object) -> date:
    if isinstance(value, str):
        value = _day(value)
        if isinstance(value, str):
            raise refusal("a date", value)
    if not isinstance(value, date):
        raise refusal("a date", "write year-month-day, such as 2026-01-01")
    return value


def _read_first_of_month(given: object) -> date:
    value = _read_day(given)
    if value.day != 1:
        raise refusal("the first day of a month", f"write {value.replace(day=1)}")
    return value


def _minute_of_day(text: str, last: int) -> int | None:
    """The minute after midnight of an `HH:MM` up to minute `last` of the day, or None if it is no such thing."""
    hours, colon, minutes = text.partition(":")
    if not colon or not (hours + minutes).isdecimal() or len(hours) not in (1, 2) or len(minutes) != 2:
        return None
    minute = 60 * int(hours) + int(minutes)
    return minute if int(minutes) < 60 and minute <= last else None


_INSTANT = "a local date and time"
_INSTANT_FORM = 'write "2026-03-31 13:00", or a date for its first instant'


def _read_instant(value: object) -> datetime:
    if isinstance(value, datetime) and not (value.second or value.microsecond or value.tzinfo):
        return value
    if not isinstance(value, str):
        raise refusal(_INSTANT, _INSTANT_FORM)
    day_text, _, time_text = value.strip().replace("T", " ").partition(" ")
    day = _day(day_text)
    if isinstance(day, str):
        raise refusal(_INSTANT, day if day_text[:1].isdigit() and day_text.count("-") == 2 else _INSTANT_FORM)
    minute = _minute_of_day(time_text.strip(), 24 * 60 - 1) if time_text else 0
    if minute is None:
        raise refusal(_INSTANT, "times run from 00:00 to 23:59")
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # local: the calendar has the zone


def _read_hours(value: object) -> Hours:
    expected = "opening and closing time"
    form = 'write "08:00-20:00"'
    if isinstance(value, Hours):
        return value
    if not isinstance(value, str):
        raise refusal(expected, form)
    opens, dash, closes = (part.strip() for part in value.partition("-"))
    minutes = _minute_of_day(opens, 24 * 60), _minute_of_day(closes, 24 * 60)
    if not dash or minutes[0] is None or minutes[1] is None:
        raise refusal(expected, form)
    if minutes[0] >= minutes[1]:
        raise refusal("hours that close after they open", form)
    return Hours(minutes[0], minutes[1])


def _show_hours(hours: Hours) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in hours)


Day = Annotated[date, Written(_read_day, date.isoformat, {
    "type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", "examples": ["2026-02-16"],
})]  # fmt: skip
"""A day."""

FirstOfMonth = Annotated[date, Written(_read_first_of_month, date.isoformat, {
    "type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])-01$", "examples": ["2026-01-01"],
})]  # fmt: skip
"""The first day of a month."""


def _read_month(value: object) -> date:
    if isinstance(value, date):
        return value.replace(day=1)
    found = _day(f"{value}-01") if isinstance(value, str) else "write year-month, such as 2026-01"
    if isinstance(found, str):
        raise refusal("a month", "write year-month, such as 2026-01")
    return found


Month = Annotated[date, Written(_read_month, lambda month: f"{month:%Y-%m}", {
    "type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$", "examples": ["2026-01"],
})]  # fmt: skip
"""A month."""

Instant = Annotated[datetime, Written(_read_instant, lambda at: f"{at:%Y-%m-%d %H:%M}", {
    "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([ T]\d{1,2}:\d{2})?$", "examples": ["2026-03-31 13:00"],
})]  # fmt: skip
"""A date and time as local clocks show it, to the minute."""

BusinessHours = Annotated[Hours, Written(_read_hours, _show_hours, {
    "type": "string", "pattern": r"^\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}$", "examples": ["08:00-20:00"],
})]  # fmt: skip
"""When people work, every business day."""


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    return tuple(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def _countries() -> tuple[str, ...]:
    from holidays import list_supported_countries  # noqa: PLC0415  # a tenth of a second, for scenarios only

    return ("none", *sorted(list_supported_countries(include_aliases=False)))


def _read_zone(value: object) -> str:
    return one_of(value, _zones(), what="an IANA time zone, such as Europe/Berlin")


def _read_country(value: object) -> str:
    return one_of(value, _countries(), what='a country code, such as US or DE, or "none"')


Zone = Annotated[str, Written(_read_zone, str, {"type": "string", "examples": ["America/New_York"]})]
"""An IANA time zone."""

Country = Annotated[str, Written(_read_country, str, {"type": "string", "examples": ["US", "DE", "none"]})]
"""The country whose public holidays are no business days, or none."""
