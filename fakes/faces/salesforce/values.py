"""Values as they travel and as they are kept: numbers exact, days as dates, instants as microseconds of the run."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.fields import NUMBERS, TEXTS, Field
from fakes.faces.salesforce.ids import normal
from sim.calendar import FiscalCalendar

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(T\d.*)?", re.ASCII)
_MICROSECOND = timedelta(microseconds=1)
LARGEST = Decimal(10) ** 18
"""What no number comes up to."""

SECOND_US = 1_000_000


class Times:
    """Dates and times of day of the organisation, and the run's instants."""

    def __init__(self, calendar: FiscalCalendar) -> None:
        self.calendar = calendar
        self._origin = calendar.local(0).astimezone(UTC)

    def instant_us(self, text: str) -> int:
        """The instant of a date and time with its zone. Raises ValueError."""
        said = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
        if said.tzinfo is None:
            said = said.replace(tzinfo=UTC)
        return (said.astimezone(UTC) - self._origin) // _MICROSECOND

    def shown(self, at_us: int) -> str:
        """An instant as Salesforce writes it: to the second, with milliseconds that are always nought."""
        at = self._origin + timedelta(microseconds=at_us)
        return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")

    def milliseconds(self, at_us: int) -> int:
        """An instant in milliseconds since 1970."""
        at = self._origin + timedelta(microseconds=at_us)
        return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    def today(self, now_us: int) -> int:
        """The day that it is in the organisation's zone."""
        return self.calendar.day_of(now_us)


def kept(field: Field, value: Any, times: Times) -> Any:
    """What is kept of a value that was sent for a field; None for none. Raises Fault if it cannot be one."""
    if value is None or value == "":
        return None
    try:
        return _READERS[_kind(field)](field, value, times)
    except (ValueError, TypeError, OverflowError, InvalidOperation) as error:
        raise _undeserialisable(field, value) from error


def shown(field: Field, value: Any, times: Times) -> Any:
    """A value as an answer has it."""
    if value is None:
        return False if field.type == "boolean" else None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if field.type == "datetime":
        return times.shown(value)
    return value


def _kind(field: Field) -> str:
    if field.type in TEXTS:
        return "text"
    return "number" if field.type in NUMBERS else field.type


def _text(field: Field, value: Any, _: Times) -> str:
    if isinstance(value, bool | int | float | Decimal):
        if field.type == "picklist" or isinstance(value, bool):
            raise TypeError
        return str(value)
    if not isinstance(value, str):
        raise TypeError
    if field.type == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        message = f"{field.label or field.name}: invalid email address: {value}"
        raise Fault("INVALID_EMAIL_ADDRESS", message, [field.name])
    if field.restricted and value not in field.values:
        message = f"{field.label or field.name}: bad value for restricted picklist field: {value}"
        raise Fault("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])
    return value.replace("\x00", "")


def _number(field: Field, value: Any, _: Times) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError
    if abs(number) >= LARGEST:
        raise out_of_range(field.name, value)
    return number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP) if field.scale >= 0 else number


def _integer(field: Field, value: Any, times: Times) -> int:
    number = _number(field, value, times)
    if number != int(number):
        raise ValueError
    return int(number)


def _flag(_: Field, value: Any, __: Times) -> bool:
    said = {"true": True, "1": True, "false": False, "0": False}.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(said, bool):
        raise TypeError
    return said


def _day(field: Field, value: Any, times: Times) -> date:
    if not isinstance(value, str):
        raise TypeError
    found = _DAY.fullmatch(value)
    if found is None:
        raise ValueError
    return date.fromisoformat(found[1])


def _instant(_: Field, value: Any, times: Times) -> int:
    if not isinstance(value, str):
        raise TypeError
    return times.instant_us(value) // SECOND_US * SECOND_US


def _id(field: Field, value: Any, _: Times) -> str:
    id_ = normal(value) if isinstance(value, str) else None
    if id_ is None:
        label = field.label or field.name.removesuffix("Id") + " ID"
        raise Fault("MALFORMED_ID", f"{label}: id value of incorrect type: {value}", [field.name])
    return id_


_READERS: dict[str, Callable[[Field, Any, Times], Any]] = {
    "text": _text, "number": _number, "int": _integer, "boolean": _flag, "date": _day, "datetime": _instant,
    "id": _id, "reference": _id,
}  # fmt: skip


def out_of_range(name: str, value: Any) -> Fault:
    """The error for a number that is too large."""
    message = f"{name}: value outside of valid range on numeric field: {value}"
    return Fault("NUMBER_OUTSIDE_VALID_RANGE", message, [name])


def _undeserialisable(field: Field, value: Any) -> Fault:
    """How Salesforce says that a value is of the wrong kind."""
    token = {str: "VALUE_STRING", bool: f"VALUE_{str(value).upper()}", list: "START_ARRAY", dict: "START_OBJECT"}.get(
        type(value), "VALUE_NUMBER_INT"
    )
    said = f" value {value}" if isinstance(value, str | int | Decimal) else ""
    kind = {"picklist": "string", "textarea": "string"}.get(field.type, field.type)
    message = (
        f"Cannot deserialize instance of {kind} from {token}{said[:200]} or request may be missing a required field"
    )
    return Fault("JSON_PARSER_ERROR", message, [field.name])
