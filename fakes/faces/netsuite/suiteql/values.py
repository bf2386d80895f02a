"""Values of a query: numbers, texts and days, and NULL. How they compare, and what functions make of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeAlias

from fakes.faces.netsuite.suiteql.parsing import failed

Value: TypeAlias = Decimal | str | date | bool | None
"""Tests are true, false, or unknown: NULL."""


def compare(name: str, left: Value, right: Value) -> bool | None:
    """What a comparison comes to; unknown if one side is."""
    if left is None or right is None:
        return None
    left, right = _alike(left, right)
    if name == "=":
        return left == right
    if name == "<>":
        return left != right
    try:
        if name == "<":
            return left < right  # type: ignore[operator]
        if name == "<=":
            return left <= right  # type: ignore[operator]
        return left > right if name == ">" else left >= right  # type: ignore[operator]
    except TypeError as error:
        raise failed("Search error occurred: values of different types are compared.") from error


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """Two values in the type that both have: a text is read as the other's."""
    if isinstance(left, str) and not isinstance(right, str):
        right, left = _alike(right, left)
        return left, right
    if isinstance(right, str) and not isinstance(left, str):
        if isinstance(left, date):
            return left, to_date((right,))
        try:
            return left, Decimal(right)
        except InvalidOperation as error:
            raise failed("Search error occurred: invalid number.") from error
    if isinstance(left, date) and isinstance(right, date):
        return _moment(left), _moment(right)
    return left, right


def _moment(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)


def like(value: Value, pattern: Value) -> bool | None:
    """Whether a text fits a pattern of LIKE; in any case of letters, as SuiteQL has it."""
    if value is None or pattern is None:
        return None
    return _pattern(written(pattern) or "").fullmatch(written(value) or "") is not None


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = (".*" if one == "%" else "." if one == "_" else re.escape(one) for one in pattern)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def written(value: Value) -> str | None:
    """A value as answers have it: numbers as text, days as month, day, year."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text or "0"
    if isinstance(value, date):
        return f"{value.month}/{value.day}/{value.year}"
    return value


def number(value: Value) -> Decimal:
    """A value as a number. Raises Fault."""
    if isinstance(value, Decimal):
        return value
    try:
        return Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation as error:
        raise failed("Search error occurred: invalid number.") from error


_PARTS: Mapping[str, str] = {
    "YYYY": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{1,2})", "DD": r"(?P<day>\d{1,2})", "HH24": r"(?P<hour>\d{1,2})",
    "MI": r"(?P<minute>\d{1,2})", "SS": r"(?P<second>\d{1,2})",
}  # fmt: skip
_FORMAT = re.compile("YYYY|HH24|MM|DD|MI|SS")
_SHOWN = re.compile(r'"([^"]*)"|YYYY|YY|HH24|MONTH|MON|MM|DD|MI|SS|Q', re.IGNORECASE)


def to_date(arguments: Sequence[Value]) -> Value:
    """A day, or an instant, from a text and its format: month, day, year without one; ISO 8601 does as well."""
    text = arguments[0]
    if text is None or isinstance(text, date):
        return text
    wanted = written(arguments[1]) if len(arguments) > 1 else None
    formats = [wanted.upper()] if wanted else ["MM/DD/YYYY", "YYYY-MM-DD"]
    for one in formats:
        found = _format(one).fullmatch((written(text) or "").strip())
        if found:
            parts = {name: int(value) for name, value in found.groupdict().items()}
            try:
                day = date(parts.get("year", 1), parts.get("month", 1), parts.get("day", 1))
                if "hour" not in parts:
                    return day
                return datetime(
                    day.year, day.month, day.day, parts["hour"], parts.get("minute", 0), parts.get("second", 0)
                )
            except ValueError:
                break
    raise failed(f"Search error occurred: '{written(text)}' is no date.")


@lru_cache(maxsize=64)
def _format(wanted: str) -> re.Pattern[str]:
    places, at = "", 0
    for found in _FORMAT.finditer(wanted):
        places += re.escape(wanted[at : found.start()]) + _PARTS[found.group()]
        at = found.end()
    try:
        return re.compile(places + re.escape(wanted[at:]))
    except re.error as error:
        raise failed("Search error occurred: invalid date format.") from error


def to_char(arguments: Sequence[Value]) -> Value:
    """A value as a text; a day in a format."""
    value = arguments[0]
    if len(arguments) < 2 or not isinstance(value, date):
        return written(value)
    at = _moment(value)
    said = {
        "YYYY": f"{at.year:04}", "YY": f"{at.year % 100:02}", "MONTH": f"{at:%B}", "MON": f"{at:%b}",
        "MM": f"{at.month:02}", "DD": f"{at.day:02}", "HH24": f"{at.hour:02}", "MI": f"{at.minute:02}",
        "SS": f"{at.second:02}", "Q": str((at.month + 2) // 3),
    }  # fmt: skip

    def part(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1]
        word = found.group()
        text = said[word.upper()]
        return text.upper() if word.isupper() else text.lower() if word.islower() else text

    return _SHOWN.sub(part, written(arguments[1]) or "")


def _round(arguments: Sequence[Value], rounding: str) -> Value:
    value = arguments[0]
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    places = int(number(arguments[1])) if len(arguments) > 1 else 0
    return number(value).quantize(Decimal(1).scaleb(-min(max(places, 0), 10)), rounding)


def _substr(arguments: Sequence[Value]) -> Value:
    text = written(arguments[0])
    if text is None:
        return None
    start = int(number(arguments[1]))
    begin = start - 1 if start > 0 else max(len(text) + start, 0) if start else 0
    end = begin + int(number(arguments[2])) if len(arguments) > 2 else len(text)
    return text[begin : max(end, begin)] or None


def _replace(arguments: Sequence[Value]) -> Value:
    text, old, *new = map(written, arguments)
    return text.replace(old, (new and new[0]) or "") if text and old else text


def _place(arguments: Sequence[Value]) -> Value:
    """Where a text is in another, from 1 on; 0 if it is not."""
    text, part = map(written, arguments[:2])
    return None if text is None or part is None else Decimal(text.find(part) + 1)


def _decode(arguments: Sequence[Value]) -> Value:
    value, rest = arguments[0], arguments[1:]
    for place in range(0, len(rest) - 1, 2):
        if rest[place] is value is None or compare("=", value, rest[place]):
            return rest[place + 1]
    return rest[-1] if len(rest) % 2 else None


def _text(change: Callable[[str], str]) -> Callable[[Sequence[Value]], Value]:
    def changed(arguments: Sequence[Value]) -> Value:
        text = written(arguments[0])
        return None if text is None else change(text)

    return changed


def _most(arguments: Sequence[Value], name: str) -> Value:
    """The greatest or the least; NULL if one is."""
    best = arguments[0]
    for one in arguments[1:]:
        if best is None or one is None:
            return None
        best = one if compare(name, one, best) else best
    return best


def _first(arguments: Sequence[Value]) -> Value:
    return next((one for one in arguments if one is not None), None)


FUNCTIONS: Mapping[str, tuple[int, Callable[[Sequence[Value]], Any]]] = {
    "TO_DATE": (1, to_date), "TO_TIMESTAMP": (1, to_date), "TO_CHAR": (1, to_char),
    "TO_NUMBER": (1, lambda given: None if given[0] is None else number(given[0])),
    "LTRIM": (1, _text(str.lstrip)), "RTRIM": (1, _text(str.rstrip)), "INITCAP": (1, _text(str.title)),
    "REPLACE": (2, _replace), "INSTR": (2, _place),
    "NULLIF": (2, lambda given: None if compare("=", given[0], given[1]) else given[0]),
    "GREATEST": (1, lambda given: _most(given, ">")), "LEAST": (1, lambda given: _most(given, "<")),
    "UPPER": (1, _text(str.upper)), "LOWER": (1, _text(str.lower)), "TRIM": (1, _text(str.strip)),
    "LENGTH": (1, lambda given: None if given[0] is None else Decimal(len(written(given[0]) or ""))),
    "NVL": (2, _first), "COALESCE": (1, _first), "NVL2": (3, lambda given: given[2] if given[0] is None else given[1]),
    "ABS": (1, lambda given: None if given[0] is None else abs(number(given[0]))),
    "ROUND": (1, lambda given: _round(given, ROUND_HALF_UP)), "TRUNC": (1, lambda given: _round(given, ROUND_DOWN)),
    "SUBSTR": (2, _substr), "CONCAT": (2, lambda given: "".join(written(one) or "" for one in given)),
    "DECODE": (3, _decode),
}  # fmt: skip
"""Functions by name: how many arguments they take at least, and what they make of them."""
