"""Lists of records: pages of ids, of those that the query in `q` picks.

A condition is a field, an operator and values: `companyName CONTAIN "North"`, `tranDate ON_OR_AFTER "1/31/2026"`,
`total BETWEEN [1, 5]`; conditions are joined by AND and OR.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from fakes.faces.netsuite.errors import Fault, invalid
from fakes.faces.netsuite.fields import Field, Link
from fakes.faces.netsuite.office import Body, Records

LIMIT_MAX = 1_000

_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([\[\](),])|([^\s\[\](),"]+))')
_NONE = frozenset({"EMPTY", "EMPTY_NOT", "NOT_EMPTY"})

Test = Callable[[Any, Sequence[Any]], bool]

_TESTS: Mapping[str, Test] = {
    "IS": lambda value, wanted: value == wanted[0],
    "IS_NOT": lambda value, wanted: value != wanted[0],
    "CONTAIN": lambda value, wanted: str(wanted[0]) in str(value),
    "CONTAIN_NOT": lambda value, wanted: str(wanted[0]) not in str(value),
    "START_WITH": lambda value, wanted: str(value).startswith(str(wanted[0])),
    "START_WITH_NOT": lambda value, wanted: not str(value).startswith(str(wanted[0])),
    "END_WITH": lambda value, wanted: str(value).endswith(str(wanted[0])),
    "END_WITH_NOT": lambda value, wanted: not str(value).endswith(str(wanted[0])),
    "EQUAL": lambda value, wanted: value == wanted[0],
    "EQUAL_NOT": lambda value, wanted: value != wanted[0],
    "NOT_EQUAL": lambda value, wanted: value != wanted[0],
    "GREATER": lambda value, wanted: value > wanted[0],
    "GREATER_OR_EQUAL": lambda value, wanted: value >= wanted[0],
    "LESS": lambda value, wanted: value < wanted[0],
    "LESS_OR_EQUAL": lambda value, wanted: value <= wanted[0],
    "BETWEEN": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "BETWEEN_NOT": lambda value, wanted: not wanted[0] <= value <= wanted[1],
    "ON": lambda value, wanted: value == wanted[0],
    "ON_NOT": lambda value, wanted: value != wanted[0],
    "AFTER": lambda value, wanted: value > wanted[0],
    "BEFORE": lambda value, wanted: value < wanted[0],
    "ON_OR_AFTER": lambda value, wanted: value >= wanted[0],
    "ON_OR_BEFORE": lambda value, wanted: value <= wanted[0],
    "ANY_OF": lambda value, wanted: value in wanted,
    "ANY_OF_NOT": lambda value, wanted: value not in wanted,
}


def picked(records: Records, query: str) -> list[int]:
    """The ids of the records that a query picks. Raises Fault."""
    ids = list(records.ids())
    if not query.strip():
        return ids
    either = _parsed(records, query)
    return [id_ for id_ in ids if _fits(records.show(id_), either)]


Condition = tuple[Field, str, list[Any]]


def _fits(body: Body, either: list[list[Condition]]) -> bool:
    return any(all(_holds(body, condition) for condition in each) for each in either)


def _holds(body: Body, condition: Condition) -> bool:
    field, operator, wanted = condition
    value = body.get(field.name)
    if operator in _NONE:
        return (value in (None, "")) == (operator == "EMPTY")
    if value is None:
        return operator.endswith("_NOT") or operator == "NOT_EQUAL"
    if isinstance(value, Link):
        value = str(value.id)
    try:
        return _TESTS[operator](value.lower() if isinstance(value, str) else value, wanted)
    except TypeError as error:
        raise invalid(f"Invalid search query: '{operator}' is no operator of the field '{field.name}'.", "q") from error


def _parsed(records: Records, query: str) -> list[list[Condition]]:
    words = _words(query)
    either: list[list[Condition]] = [[]]
    place = 0
    while place < len(words):
        if len(words) - place < 2:
            raise invalid(f"Invalid search query: {query}", "q")
        field = _field(records, words[place][1])
        operator = words[place + 1][1].upper()
        place += 2
        said: list[str] = []
        if operator in _NONE:
            pass
        elif operator in _TESTS:
            place = _values(words, place, said)
        else:
            raise invalid(f"Invalid search query: unknown operator '{operator}'.", "q")
        if operator not in _NONE and len(said) < (2 if operator.startswith("BETWEEN") else 1):
            raise invalid(f"Invalid search query: the operator '{operator}' needs a value.", "q")
        either[-1].append((field, operator, [_typed(field, one) for one in said]))
        if place < len(words):
            joint = words[place][1].upper()
            if joint not in {"AND", "OR"} or place + 1 == len(words):
                raise invalid(f"Invalid search query: {query}", "q")
            place += 1
            if joint == "OR":
                either.append([])
    return either


def _words(query: str) -> list[tuple[str, str]]:
    words, at = [], 0
    text = query.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise invalid(f"Invalid search query: {query}", "q")
        quoted, sign, word = found.groups()
        if quoted is not None:
            words.append(("text", re.sub(r"\\(.)", r"\1", quoted)))
        elif sign is None or sign in "[]":
            words.append(("sign" if sign else "word", sign or word))
        at = found.end()
    return words


def _values(words: Sequence[tuple[str, str]], place: int, said: list[str]) -> int:
    """Read the values at a place, one or a list in brackets; the place behind them."""
    if place < len(words) and words[place] == ("sign", "["):
        place += 1
        while place < len(words) and words[place] != ("sign", "]"):
            said.append(words[place][1])
            place += 1
        return place + 1
    if place < len(words):
        said.append(words[place][1])
    return place + 1


def _field(records: Records, name: str) -> Field:
    plain = name.removesuffix(".id")
    for known, field in records.type.fields.items():
        if known.lower() == plain.lower():
            return field
    if plain.startswith(records.type.custom):
        return Field(plain, "any")
    raise invalid(f"Invalid search query: the record has no field '{name}'.", "q")


def _typed(field: Field, text: str) -> Any:
    try:
        if field.kind == "money":
            return round(float(text) * 100)
        if field.kind in {"number", "integer"} or field.name == "id":
            return float(text)
        if field.kind == "boolean":
            return {"true": True, "t": True, "false": False, "f": False}[text.lower()]
        if field.kind == "date":
            return day_of(text)
    except (KeyError, ValueError) as error:
        raise invalid(f"Invalid search query: '{text}' is no value of the field '{field.name}'.", "q") from error
    return text.lower()


def day_of(text: str) -> int:
    """A day, as people write it: month, day, year; or as ISO 8601 has it."""
    month, slash, rest = text.partition("/")
    if not slash:
        return date.fromisoformat(text).toordinal()
    day, _, year = rest.partition("/")
    return date(int(year), int(month), int(day)).toordinal()


def page_of(query: Mapping[str, str], limit_default: int = LIMIT_MAX) -> tuple[int, int]:
    """The limit and the offset that are asked for. Raises Fault."""
    limit, offset = (_count(query, name, value) for name, value in (("limit", limit_default), ("offset", 0)))
    if not 1 <= limit <= LIMIT_MAX:
        raise _impossible("limit", limit, f"The valid values are 1-{LIMIT_MAX}.")
    if offset < 0 or offset % limit:
        raise _impossible("offset", offset, "It must be divisible by the limit.")
    return limit, offset


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    said = query.get(name)
    if said is None:
        return default
    if not (said.isascii() and said.removeprefix("-").isdigit() and len(said) < 12):
        raise _impossible(name, said, "It must be a number.")
    return int(said)


def _impossible(name: str, value: object, why: str) -> Fault:
    return Fault(400, "INVALID_PARAMETER", f"Invalid value '{value}' of the query parameter '{name}'. {why}")


def paged(path: str, limit: int, offset: int, total: int) -> list[dict[str, str]]:
    """The links of a page, to itself and its neighbours; `path` ends where the page is to be said."""
    pages = {"self": offset}
    if offset + limit < total:
        pages |= {"next": offset + limit, "last": (total - 1) // limit * limit}
    if offset:
        pages |= {"first": 0, "previous": offset - limit}
    return [{"rel": rel, "href": f"{path}limit={limit}&offset={at}"} for rel, at in pages.items()]
