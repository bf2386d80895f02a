"""Fields of records: what kind of value each has, how JSON has it, and how it is kept.

Kept, money is minor units, a day an ordinal, a reference a Reference as sent and a Link as shown, a sublist a list of
rows. In JSON, money is in units of the currency with two decimals, a reference an object with an id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple

from fakes.faces.netsuite.errors import bad_value

Kind = Literal["text", "money", "number", "integer", "boolean", "date", "reference", "any"]

MINOR_MAX = 10**15
TEXT_MAX = 4_000
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Field:
    """One field; of a reference, the types of record that it leads to. What is `told` only, a client cannot set."""

    name: str
    kind: Kind = "text"
    to: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True)
class RecordType:
    """A type of record: its fields, its sublists' fields, and how the names of custom fields begin."""

    name: str
    title: str
    fields: Mapping[str, Field]
    sublists: Mapping[str, Mapping[str, Field]]
    custom: tuple[str, ...] = ()


class Reference(NamedTuple):
    """A record as a client names it: by its id, its external id, or how people call it."""

    id: int | None = None
    external_id: str | None = None
    name: str | None = None
    path: str = ""

    def __str__(self) -> str:
        return str(self.id if self.id is not None else self.external_id or self.name)


class Link(NamedTuple):
    """A record that another leads to, as answers have it."""

    type: str
    id: int | str
    name: str


def fields(*declared: Field) -> dict[str, Field]:
    """Fields by name."""
    return {one.name: one for one in declared}


def kept(field: Field, value: Any, path: str) -> Any:
    """What a client sent, as it is kept. Raises Fault."""
    if value is None or field.kind == "any":
        return _plain(value)
    found = referred(value, path) if field.kind == "reference" else _READ[field.kind](value)
    if found is None:
        raise bad_value(str(value)[:80], field.name, path)
    return found


def shown(field: Field, value: Any) -> Any:
    """What is kept, as JSON has it; a Link is written by whoever knows where it leads."""
    if value is None:
        return None
    if field.kind == "money":
        return value / 100
    if field.kind == "date":
        return date.fromordinal(value).isoformat()
    if field.kind == "number":
        return float(value)
    return value


def referred(value: Any, path: str) -> Reference | None:
    """The record that a client means, if it says so in one of the ways that there are."""
    if isinstance(value, Mapping):
        if value.get("id") is not None:
            return None if isinstance(value["id"], Mapping) else referred(value["id"], path)
        external_id, name = value.get("externalId"), value.get("refName")
        if isinstance(external_id, str):
            return Reference(external_id=external_id, path=path)
        return Reference(name=name, path=path) if isinstance(name, str) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return Reference(id=value, path=path)
    return _named(value, path) if isinstance(value, str) and value else None


def _named(word: str, path: str) -> Reference:
    if word.startswith("eid:"):
        return Reference(external_id=word[4:], path=path)
    return Reference(id=int(word), path=path) if _is_id(word) else Reference(name=word, path=path)


def _is_id(text: str) -> bool:
    return text.isascii() and text.lstrip("-").isdigit() and len(text) < 18


def _minor(value: Any) -> int | None:
    number = _number(value)
    if number is None or abs(number) > MINOR_MAX // 100:
        return None
    return int((number.quantize(_CENT, ROUND_HALF_UP)) * 100)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < MINOR_MAX else None


def _day(value: Any) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10] if "T" in value else value).toordinal()
    except ValueError:
        return None


def _plain(value: Any) -> Any:
    """A value of a field that only its writer knows, without decimals that JSON cannot have."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    return str(value) if len(str(value)) <= TEXT_MAX else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"T": True, "F": False}.get(value) if isinstance(value, str) else None


def _quantity(value: Any) -> Decimal | int | None:
    number = _number(value)
    return int(number) if number is not None and number == int(number) else number


def _whole(value: Any) -> int | None:
    number = _quantity(value)
    return number if isinstance(number, int) else None


_READ: Mapping[Kind, Callable[[Any], Any]] = {
    "text": _text, "money": _minor, "number": _quantity, "integer": _whole, "boolean": _boolean, "date": _day,
}  # fmt: skip
