"""How the generic API writes what a core keeps: days and months as dates, instants in UTC, money in whole minor units.

A model here is a contract with clients, one for both ways: `of` writes a core's record, `arguments` and `core` give
what a client sent as the core's own values. Fields have the names of the core's; an instant `issued_us` is `issued_at`.
What a client leaves out is the core's own default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, WithJsonSchema

from sim.calendar import FiscalCalendar

Write = Callable[[Any, datetime], Any]
"""A core's value as JSON has it, given what instant 0 is."""


@dataclass(frozen=True, slots=True)
class Written:
    """Says of a type how a core's value of it is written."""

    write: Write


# --- days, months, instants ------------------------------------------------------------------------------

_DAY = r"^(19[7-9]\d|2[01]\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
_INSTANT = r"^(19[7-9]\d|2[01]\d\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$"
_MICROSECOND = timedelta(microseconds=1)


def _day_of(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _day(ordinal: int, zero: datetime) -> str:
    return date.fromordinal(ordinal).isoformat()


def _day_or_none(ordinal: int, zero: datetime) -> str | None:
    return date.fromordinal(ordinal).isoformat() if ordinal else None


def _month_of(text: str) -> int:
    return 12 * int(text[:4]) + int(text[5:]) - 1


def _month(number: int, zero: datetime) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _instant_of(text: str, info: ValidationInfo) -> int:
    at = datetime.fromisoformat(text)
    if at.utcoffset() is None or info.context is None:  # the pattern wants an offset; the route hands in instant 0
        raise ValueError("an instant needs an offset from UTC")
    zero: datetime = info.context
    return (at - zero) // _MICROSECOND


def instant(us: int, zero: datetime) -> str:
    """An instant as RFC 3339 has it, in UTC."""
    return (zero + us * _MICROSECOND).isoformat(timespec="microseconds").replace("+00:00", "Z")


_DATE = WithJsonSchema({"type": "string", "format": "date", "pattern": _DAY, "examples": ["2026-01-31"]})


Day = Annotated[
    str,
    StringConstraints(pattern=_DAY),
    AfterValidator(_day_of),
    Written(_day),
    _DATE,
]
"""A day of the years 1970 to 2199; the core's ordinal."""

_OneDay = Annotated[str, StringConstraints(pattern=_DAY), _DATE]

DayOrNone = Annotated[_OneDay | None, AfterValidator(lambda text: _day_of(text) if text else 0), Written(_day_or_none)]
"""A day, or null; the core's ordinal, or 0."""

Month = Annotated[
    str,
    StringConstraints(pattern=_MONTH),
    AfterValidator(_month_of),
    Written(_month),
    WithJsonSchema({"type": "string", "pattern": _MONTH, "examples": ["2026-01"]}),
]
"""A month; the core's number."""

Instant = Annotated[
    str,
    StringConstraints(pattern=_INSTANT),
    AfterValidator(_instant_of),
    Written(instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-31T22:00:00Z"]}),
]
"""An instant of the years 1970 to 2199, as RFC 3339 has it; the core's microseconds."""

# --- words and amounts -----------------------------------------------------------------------------------

Key = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^/\s\x00-\x1f\x7f]+$", examples=["C-1"])]
"""A business key, or an id: it can be part of a path."""

Text = Annotated[str, Field(min_length=1, max_length=255)]
TextOrNone = Annotated[str, Field(max_length=255)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217", examples=["USD"])]
Minor = Annotated[int, Field(ge=-(10**15), le=10**15, description="Minor units of the currency: cents of USD")]
Price = Annotated[int, Field(ge=0, le=10**12, description="Minor units of the currency: cents of USD")]
Count = Annotated[int, Field(ge=0, le=10**9)]
Number = Annotated[int, Field(ge=1, le=10_000)]


# --- models ----------------------------------------------------------------------------------------------


class Wire(BaseModel):
    """A record or request as JSON has it. Nothing is coerced, and nothing unknown is let through."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    made: ClassVar[Callable[..., Any] | None] = None
    """What the core makes of its arguments: the record's type."""
    named: ClassVar[Mapping[str, str]] = {}
    """The core's names of fields, where they are others."""
    derived: ClassVar[frozenset[str]] = frozenset()
    """What follows from other fields, and is only told."""
    _fields: ClassVar[tuple[tuple[str, str, Write | None], ...]] = ()

    @classmethod
    def __pydantic_on_complete__(cls) -> None:
        cls._fields = tuple(
            (name, cls.named.get(name) or _core_name(name), _writer(field.annotation, field.metadata))
            for name, field in cls.model_fields.items()
        )

    @classmethod
    def of(cls, record: Any, zero: datetime) -> Any:
        """A core's record as JSON has it."""
        return {
            name: getattr(record, attribute) if write is None else write(getattr(record, attribute), zero)
            for name, attribute, write in cls._fields
        }

    @classmethod
    def called(cls, attribute: str) -> str:
        """What a field of the core's record is called in JSON; its own name if it is not told."""
        return next((name for name, known, _ in cls._fields if known == attribute), attribute)

    def arguments(self) -> dict[str, Any]:
        """What was sent, by the core's names and in its values."""
        sent, derived = self.model_fields_set, self.derived
        return {
            attribute: _cored(getattr(self, name))
            for name, attribute, _ in self._fields
            if name in sent and name not in derived
        }

    @classmethod
    def read(cls, body: bytes, zero: datetime) -> Any:
        """The core's record that a JSON document is. Raises ValidationError for one that does not fit."""
        return cls.model_validate_json(body, context=zero).core()

    def core(self) -> Any:
        """What was sent, as the core's record."""
        assert self.made is not None, f"{type(self).__name__} is no record of a core"
        return self.made(**self.arguments())


class Row(Wire):
    """A record that the core keeps as a plain tuple of its fields."""

    @classmethod
    def of(cls, record: Any, zero: datetime) -> Any:
        return {name: value for (name, _, _), value in zip(cls._fields, record, strict=True)}

    def core(self) -> Any:
        return tuple(getattr(self, name) for name, _, _ in self._fields)


def zero_of(calendar: FiscalCalendar) -> datetime:
    """Instant 0 in UTC."""
    return calendar.local(0).astimezone(UTC)


def _core_name(name: str) -> str:
    return f"{name[:-3]}_us" if name.endswith("_at") else name


def _cored(value: Any) -> Any:
    if isinstance(value, Wire):
        return value.core()
    return tuple(map(_cored, value)) if value.__class__ is tuple else value


def _writer(annotation: Any, metadata: Any) -> Write | None:
    """How a field of this type is written; None for as it is."""
    for one in metadata:
        if isinstance(one, Written):
            return one.write
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _writer(inner[0], inner[1:])
    if isinstance(annotation, type) and origin is None and issubclass(annotation, Wire):
        return annotation.of
    if origin is tuple:
        each = _writer(inner[0], ())
        return _all(each) if each else lambda values, zero: list(values)
    if origin in {Union, UnionType} and NoneType in inner and len(inner) == 2:
        each = _writer(next(one for one in inner if one is not NoneType), ())
        return _unless_none(each) if each else None
    return None


def _all(each: Write) -> Write:
    return lambda values, zero: [each(value, zero) for value in values]


def _unless_none(each: Write) -> Write:
    return lambda value, zero: None if value is None else each(value, zero)
