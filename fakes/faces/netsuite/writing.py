"""Reading what clients send of a record, and writing records as JSON has them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fakes.faces.netsuite.errors import bad_value, invalid
from fakes.faces.netsuite.fields import Field, Link, RecordType, kept, shown
from fakes.faces.netsuite.office import Body, Office

RECORD = "/services/rest/record/v1"
_ANY = Field("custom", "any")
_IGNORED = ("links", "id", "refName", "count", "hasMore", "offset", "totalResults")


def document_of(body: bytes) -> dict[str, Any]:
    """A JSON object. Raises Fault."""
    try:
        said = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise invalid("Invalid JSON: the request body is malformed.") from error
    if not isinstance(said, dict):
        raise invalid("Invalid JSON: the request body must be an object.")
    return said


def _no_number(word: str) -> Any:
    raise ValueError(word)


def read(type_: RecordType, said: Mapping[str, Any], *, strict: bool) -> Body:
    """What a client sends of a record. Unknown fields are refused if `strict`, else left out. Raises Fault."""
    body: Body = {}
    for name, value in said.items():
        if name in type_.sublists:
            body[name] = _rows(type_, name, value, strict=strict)
        elif name not in _IGNORED:
            field = _field(type_.fields, name, type_.custom, name, strict=strict)
            if field is not None and not field.told:
                body[name] = kept(field, value, name)
    return body


def _rows(type_: RecordType, sublist: str, value: Any, *, strict: bool) -> list[Body]:
    rows = value.get("items", []) if isinstance(value, Mapping) else value
    if not isinstance(rows, list):
        raise bad_value(str(value)[:80], sublist, sublist)
    if len(rows) > 1_000:
        raise invalid("A sublist takes 1,000 lines at most in one request.", sublist)
    read_rows = []
    for place, row in enumerate(rows):
        path = f"{sublist}.items[{place}]"
        if not isinstance(row, Mapping):
            raise bad_value(str(row)[:80], sublist, path)
        body: Body = {}
        for name, one in row.items():
            field = None
            if name not in _IGNORED:
                field = _field(
                    type_.sublists[sublist], name, ("custcol", "custrecord"), f"{path}.{name}", strict=strict
                )
            if field is not None and not field.told:
                body[name] = kept(field, one, f"{path}.{name}")
        read_rows.append(body)
    return read_rows


def _field(fields: Mapping[str, Field], name: str, custom: tuple[str, ...], path: str, *, strict: bool) -> Field | None:
    known = fields.get(name)
    if known is None and name.startswith(custom):
        return _ANY
    if known is None and strict:
        raise invalid(f"Unknown reference or field '{name}' in the request body.", path)
    return known


class Writer:
    """Writes records, with links that lead to where the client came from."""

    def __init__(self, office: Office, base: str) -> None:
        self._office = office
        self._base = base
        self._zero = office.door.calendar.local(0).astimezone(UTC)

    def href(self, path: str) -> str:
        """The address of something."""
        return f"{self._base}{path}"

    def links(self, path: str) -> list[dict[str, str]]:
        """That something leads to itself."""
        return [{"rel": "self", "href": self.href(path)}]

    def record(
        self, type_: RecordType, id_: int, body: Body, *, expand: bool, only: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """A record; its sublists with their lines if `expand`, else as links. `only` are the fields wanted, if any."""
        path = f"{RECORD}/{type_.name}/{id_}"
        said: dict[str, Any] = {"links": self.links(path)}
        for name, value in body.items():
            if only and name not in only and name != "id":
                continue
            if name in type_.sublists:
                said[name] = (
                    self.sublist(type_, id_, name, value) if expand else {"links": self.links(f"{path}/{name}")}
                )
            elif name == "id":
                said[name] = str(value)
            elif value is not None and name not in {"memos"}:
                said[name] = self._value(type_.fields.get(name, _ANY), value)
        return said

    def sublist(self, type_: RecordType, id_: int, name: str, rows: list[Body]) -> dict[str, Any]:
        """A sublist with its lines."""
        path = f"{RECORD}/{type_.name}/{id_}/{name}"
        items = [self.line(type_, id_, name, row) for row in rows]
        return {
            "links": self.links(path), "items": items, "totalResults": len(items), "count": len(items),
            "hasMore": False,
            "offset": 0,
        }  # fmt: skip

    def line(self, type_: RecordType, id_: int, name: str, row: Body) -> dict[str, Any]:
        """One line of a sublist."""
        fields = type_.sublists[name]
        said = {one: self._value(fields.get(one, _ANY), value) for one, value in row.items() if value is not None}
        return {"links": self.links(f"{RECORD}/{type_.name}/{id_}/{name}/{row.get('line', 1)}"), **said}

    def instant(self, us: int) -> str:
        """An instant, in UTC."""
        at: datetime = self._zero + timedelta(microseconds=us)
        return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")

    def _value(self, field: Field, value: Any) -> Any:
        if isinstance(value, Link):
            return {
                "links": self.links(f"{RECORD}/{value.type}/{value.id}"), "id": str(value.id), "refName": value.name,
            }  # fmt: skip
        if field.name in {"createdDate", "lastModifiedDate"}:
            return self.instant(value)
        return shown(field, value)
