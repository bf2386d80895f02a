"""How people write spans, shares, amounts and words in a scenario, and the exact value each becomes.

A file says `for: 2 h` and `share: 0.05`; a model holds 7 200 000 000 µs and 50 000 parts per million. Every
kind of value reads one form, shows the same form again, and describes it to editors. A refusal says what was
expected and what to write instead; the loader adds where it stands and what was found there.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_plain_validator_function, plain_serializer_function_ser_schema

from sim.durations import DAY, UNITS_US, parse_us

SPAN_MAX_US = 3_660 * DAY
MILLION = 1_000_000
KEY = "[key]"  # what pydantic, and we, add to a location to mean the key of a mapping, not its value


def refusal(expected: str, remedy: str, *at: str | int) -> PydanticCustomError:
    """An error for pydantic to carry: what was `expected`, what to do, and `at` which item below, if not here."""
    return PydanticCustomError("refused", "expected {expected}; {remedy}", {
        "expected": expected, "remedy": remedy, "at": at,
    })  # fmt: skip


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that `word` was probably meant to be, if any is near."""
    by_lower = {known_word.lower(): known_word for known_word in reversed(known)}
    close = get_close_matches(word.lower(), list(by_lower), n=1)
    return by_lower[close[0]] if close else None


@dataclass(frozen=True, eq=False)
class Written:
    """How a value is written in a file: `read` its form, `show` it again, and its JSON Schema."""

    read: Callable[[Any], Any]
    show: Callable[[Any], Any]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(
            self.read, serialization=plain_serializer_function_ser_schema(self.show)
        )

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return dict(self.schema)


# --- numbers -----------------------------------------------------------------------------------------


def Whole(low: int, high: int) -> Written:
    """Whole numbers from `low` to `high`."""
    return Written(partial(_read_whole, low, high), _same, {"type": "integer", "minimum": low, "maximum": high})


def Scaled(scale: int, low: int, high: int, remedy: str) -> Written:
    """Numbers from `low` to `high`, held as whole multiples of 1/`scale`."""
    return Written(
        partial(_read_scaled, scale, low, high, remedy), partial(_show_scaled, scale),
        {"type": "number", "minimum": low, "maximum": high},
    )  # fmt: skip


def Positive(scale: int, high: int, remedy: str) -> Written:
    """Numbers above 0, up to `high`, held as whole multiples of 1/`scale`."""
    return Written(
        partial(_read_positive, scale, high, remedy), partial(_show_scaled, scale),
        {"type": "number", "exclusiveMinimum": 0, "maximum": high},
    )  # fmt: skip


def _read_whole(low: int, high: int, value: object) -> int:
    expected = f"a whole number from {low} to {high}"
    if not isinstance(value, int) or isinstance(value, bool):
        raise refusal(expected, f"write it in digits, such as {low}")
    if value < low:
        raise refusal(expected, f"write {low} or more")
    if value > high:
        raise refusal(expected, f"write {high} or less")
    return value


def _read_scaled(scale: int, low: int, high: int, remedy: str, value: object, expected: str = "") -> int:
    expected = expected or f"a number from {low} to {high}"
    if isinstance(value, float):  # from Python: its shortest decimal form is what was meant
        value = Decimal(repr(value))
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise refusal(expected, remedy)
    if not low <= value <= high:
        raise refusal(expected, remedy)
    scaled = value * scale
    if scaled != int(scaled):
        decimals = len(str(scale)) - 1
        step = f"{Decimal(1) / scale:.{decimals}f}"
        raise refusal(f"at most {decimals} decimals", f"round it: it counts in steps of {step}")
    return int(scaled)


def _read_positive(scale: int, high: int, remedy: str, value: object) -> int:
    expected = f"a number above 0, up to {high}"
    held = _read_scaled(scale, 0, high, remedy, value, expected)
    if not held:
        raise refusal(expected, remedy)
    return held


def _show_scaled(scale: int, held: int) -> int | float:
    return held // scale if held % scale == 0 else held / scale


def _same(value: Any) -> Any:
    return value


Share = Annotated[int, Scaled(MILLION, 0, 1, "write 0.05 for 5 %")]
"""A share of all, from 0 to 1; held in parts per million."""


def _read_key(low: int, high: int, value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit():  # keys of a mapping are text
        value = int(value[:9])
    return _read_whole(low, high, value)


Term = Annotated[int, Written(partial(_read_key, 1, 120), _same, {"type": "string", "pattern": "^[1-9][0-9]{0,2}$"})]
"""A contract's term in months."""

DueDays = Annotated[
    int, Written(partial(_read_key, 0, 365), _same, {"type": "string", "pattern": "^(0|[1-9][0-9]{0,2})$"})
]
"""Terms of payment: days until a document is due, 0 on receipt."""

# --- spans of time -----------------------------------------------------------------------------------

_SPAN_FORMS = "write a number and a unit, such as 90 s, 15 min, 2.5 h or 3 d"
_SPAN_SCHEMA = {
    "type": "string",
    "pattern": r"^\s*(\d+(\.\d+)?\s*(us|ms|s|sec|min|m|h|d|day|days|w)\s*)+$",
    "examples": ["90 s", "15 min", "2.5 h", "1 h 30 min", "3 d"],
}


def _read_span(value: object, low_us: int = 0) -> int:
    try:
        span_us = parse_us(value) if isinstance(value, str) else -1
    except ValueError:
        span_us = -1
    if span_us < 0:
        raise refusal("a duration", _SPAN_FORMS)
    if span_us < low_us:
        raise refusal("a duration above zero", _SPAN_FORMS)
    if span_us > SPAN_MAX_US:
        raise refusal("a duration of at most ten years", _SPAN_FORMS)
    return span_us


def show_span(span_us: int) -> str:
    """The span exactly, in the largest unit that divides it: `90 min`, `1500 ms`."""
    if not span_us:
        return "0 s"
    unit = next(unit for unit in ("d", "h", "min", "s", "ms", "us") if span_us % UNITS_US[unit] == 0)
    return f"{span_us // UNITS_US[unit]} {unit}"


def _read_skew(value: object) -> int:
    expected, remedy = "a duration other than zero", "write it as 2 s, or as -2 s for what is behind"
    if not isinstance(value, str):
        raise refusal(expected, remedy)
    size = value.strip().removeprefix("-")
    try:
        span_us = parse_us(size)
    except ValueError:
        raise refusal(expected, remedy) from None
    if not 0 < span_us <= 366 * DAY:
        raise refusal(f"{expected}, of at most 366 days", remedy)
    return span_us if size == value.strip() else -span_us


def _show_skew(span_us: int) -> str:
    return f"{'-' if span_us < 0 else ''}{show_span(abs(span_us))}"


def _read_days(value: object) -> int:
    span_us = _read_span(value)
    if span_us % DAY or span_us > 366 * DAY:
        raise refusal("whole days, at most 366", "write them as 14 d")
    return span_us // DAY


Span = Annotated[int, Written(partial(_read_span, low_us=1), show_span, _SPAN_SCHEMA)]
"""A duration above zero; held in microseconds."""

SpanOrZero = Annotated[int, Written(_read_span, show_span, _SPAN_SCHEMA)]
"""A duration that may be zero; held in microseconds."""

Skew = Annotated[int, Written(_read_skew, _show_skew, {
    "type": "string", "pattern": r"^\s*-?\s*(\d+(\.\d+)?\s*(us|ms|s|sec|min|m|h|d|day|days|w)\s*)+$",
    "examples": ["2 s", "-300 ms"],
})]  # fmt: skip
"""By how much a clock is off, in microseconds; below zero it is behind."""

Days = Annotated[int, Written(_read_days, lambda days: f"{days} d", {
    "type": "string", "pattern": r"^\s*\d+\s*(d|day|days|w)\s*$", "examples": ["14 d"],
})]  # fmt: skip
"""A duration of whole days; held as their number."""

# --- words -------------------------------------------------------------------------------------------


def one_of(word: object, known: Sequence[str], *at: str | int, what: str = "") -> str:
    """`word` if it is one of the `known`; otherwise a refusal that lists them, or says `what` they are."""
    if isinstance(word, str) and word in known:
        return word
    close = nearest(word, known) if isinstance(word, str) else None
    remedy = f'did you mean "{close}"?' if close else "choose one of them"
    raise refusal(what or " | ".join(known), remedy, *at)


def Word(*known: str) -> Written:
    """One of the `known` words."""
    return Written(partial(_read_word, known), _same, {"type": "string", "enum": list(known)})


def _read_word(known: Sequence[str], value: object) -> str:
    return one_of(value, known)


def _read_name(value: object) -> str:
    remedy = "write it in lower case with hyphens, such as quarter-end-spike"
    if not isinstance(value, str) or not value or len(value) > 64:
        raise refusal("a name of 1 to 64 characters", remedy)
    if not all(part and part.isascii() and part.isalnum() and part == part.lower() for part in value.split("-")):
        raise refusal("lower-case letters, digits and single hyphens", remedy)
    return value


def _read_title(value: object) -> str:
    if not isinstance(value, str) or "\n" in value or len(value) > 200:
        raise refusal("one line of text", "put it in quotes if it looks like a number")
    return value


def _read_line(value: object) -> str:
    if value == "":
        raise refusal("one line of text", "say something, or leave it out")
    return _read_title(value)


def _read_field_name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[a-z][a-z0-9_]{0,63}", value):
        raise refusal("a field's name", "write it in lower case with underscores, such as account_id")
    return value


def _read_yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise refusal("true or false", "write true or false, without quotes")
    return value


Name = Annotated[str, Written(_read_name, _same, {
    "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 64, "examples": ["quarter-end-spike"],
})]  # fmt: skip
"""A scenario's name, which also names the folder of its runs."""

FieldName = Annotated[str, Written(_read_field_name, _same, {
    "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 64, "examples": ["account_id"],
})]  # fmt: skip
"""The name of a record's field."""

Line = Annotated[str, Written(_read_line, _same, {"type": "string", "minLength": 1, "maxLength": 200})]
"""One line of text."""

Title = Annotated[str, Written(_read_title, _same, {"type": "string", "maxLength": 200})]
"""One line of text, which may be empty."""

YesNo = Annotated[bool, Written(_read_yes_no, _same, {"type": "boolean"})]
"""True or false, and nothing that merely looks like it."""
