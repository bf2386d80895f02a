"""What a system tells of, in the generic API: as a webhook, and as a client reads it back from the changes.

A fault may have renamed a field of a record, or taken its body away; it is told of as it is then.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, create_model

from fakes import agreements, records
from fakes.changes import EARLIEST, LATEST, PAGE_MAX, ListChanges, Page, Position, ReadStream
from fakes.faces.generic.agreements import Account, Contract, Fulfilment
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.records import Invoice, Payment, Recognition
from fakes.faces.generic.wire import Instant, Wire, Written, instant
from fakes.names import kind_of
from fakes.news import BODIES
from sim.delivery import Event
from sim.event_faults import CHANGED
from sim.payloads import Extended, Renamed, plain_body, views

RECORDS: Mapping[type, type[Wire]] = {
    agreements.Account: Account,
    agreements.Contract: Contract,
    agreements.Fulfilment: Fulfilment,
    records.Invoice: Invoice,
    records.Payment: Payment,
    records.Recognition: Recognition,
}
"""How the records that systems tell of are written."""


def data_of(body: Any, zero: datetime) -> dict[str, Any] | None:
    """The record that an event bears, as JSON has it; None for one that is malformed."""
    if body is None:
        return None
    record = plain_body(body)
    written = RECORDS[type(record)]
    said: dict[str, Any] = written.of(record, zero)
    for view in reversed(list(views(body))):
        old, new = view.names
        said[new] = said.pop(written.called(old), None) if old is not None else None
    return said


def told(event: Event, zero: datetime) -> dict[str, Any]:
    """An event as JSON has it."""
    return {
        "id": f"evt-{event.id}",
        "type": f"tieout.{event.source}.{event.type}",
        "time": instant(event.stamp_us, zero),
        "key": event.key,
        "version": event.version,
        "schema": event.schema,
        "data": data_of(event.body, zero),
    }


# --- reading -----------------------------------------------------------------------------------------------

_CURSOR = r"^(earliest|latest|-?\d{1,16}\.\d{1,19})$"
_NAMED = {"earliest": EARLIEST, "latest": LATEST}


def _cursor(position: Position, zero: datetime) -> str:
    known = next((name for name, named in _NAMED.items() if named == position), None)
    return known or f"{position.at_us}.{position.id}"


def _position(text: str) -> Position:
    if text in _NAMED:
        return _NAMED[text]
    at_us, _, number = text.partition(".")
    return Position(int(at_us), int(number))


Cursor = Annotated[
    str,
    StringConstraints(pattern=_CURSOR),
    AfterValidator(_position),
    Written(_cursor),
    WithJsonSchema({"type": "string", "pattern": _CURSOR}),
]
"""A place between two changes: `next` of a page, and nothing to be counted with; or the earliest, or the latest."""

Limit = Annotated[int, Field(ge=1, le=PAGE_MAX, description="Changes on a page")]


class Stamped(Wire):
    """Stamped after `since`, up to `until`; `after` is `next` of the page before."""

    named: ClassVar[Mapping[str, str]] = {"since": "since_us", "until": "until_us"}

    since: Instant
    until: Instant
    after: Cursor | None = None
    limit: Limit = PAGE_MAX


class Committed(Wire):
    """Committed after a place, or all that is still stored."""

    after: Cursor | None = None
    limit: Limit = PAGE_MAX


class Change(Wire):
    """A change, with the record."""

    id: str
    type: str
    time: Instant
    key: str
    version: int
    schema_: Annotated[int, Field(alias="schema")]

    @classmethod
    def of(cls, record: Any, zero: datetime) -> Any:
        return told(record, zero)

    def core(self) -> Event:
        data: Wire | None = self.data  # type: ignore[attr-defined]  # each system has a model of its own
        _, source, type_ = self.type.split(".")
        at_us: Any = self.time
        number = int(self.id.removeprefix("evt-"))
        return Event(number, source, type_, self.key, self.version, at_us, data and data.core(), self.schema_)


class Changes(Wire):
    """A page of changes, the place behind them, and whether there are `more`."""

    made = Page
    named: ClassVar[Mapping[str, str]] = {"data": "changes"}

    next: Cursor
    more: bool

    @classmethod
    def read(cls, body: bytes, zero: datetime) -> Page:
        said = json.loads(body)
        seen = [_restore(change) if change["schema"] == CHANGED else None for change in said["data"]]
        page: Page = super().read(json.dumps(said).encode() if any(seen) else body, zero)
        changes = zip(page.changes, seen, strict=True)
        return page._replace(
            changes=tuple(replace(event, body=view(event.body)) if view else event for event, view in changes)
        )


def _restore(change: dict[str, Any]) -> Callable[[Any], Renamed | Extended]:
    """Have a change in schema 2 bear its record in schema 1; how the record is seen in schema 2."""
    _, source, type_ = change["type"].split(".")
    data, model = change["data"], RECORDS[BODIES[kind_of(source)][type_]]
    (new,) = [name for name in data if name not in model.model_fields]
    value = data.pop(new)
    for old, attribute, _ in model._fields:
        if old not in data:
            data[old] = value
            return lambda body: Renamed(body, attribute, new)
    return lambda body: Extended(body, new)


def reading(system: str) -> tuple[Endpoint, ...]:
    """The endpoints at which the changes of a kind of system are read; none for one that tells of nothing."""
    bodies = dict.fromkeys(RECORDS[body] for body in BODIES[system].values())
    if not bodies:
        return ()
    kind = _any_of(tuple(bodies))
    change = create_model("Change", __base__=Change, __doc__=Change.__doc__, data=(kind, ...))
    page = create_model("Changes", __base__=Changes, __doc__=Changes.__doc__, data=(tuple[change, ...], ...))
    return (
        Endpoint(method="GET", path="/changes", request=ListChanges, query=Stamped, answer=page, about=""),
        Endpoint(method="GET", path="/stream", request=ReadStream, query=Committed, answer=page, about=""),
    )


def _any_of(models: tuple[type[Wire], ...]) -> Any:
    kind: Any = None
    for model in models:
        kind = model | kind
    return kind
