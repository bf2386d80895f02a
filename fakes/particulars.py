"""What a product keeps beside the records that its core has rules for: named fields, given back as they were written.

A price list, the notes on a customer, a draft: nothing follows from them until somebody asks the core for something.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from fakes.service import Operation, Operations, Refused
from sim.record import Record


@dataclass(slots=True)
class Particulars:
    """The fields of one thing. `number` counts the things of its `kind` from 1, in the order of their creation."""

    kind: str
    key: str
    number: int
    created_us: int
    fields: dict[str, Any] = field(default_factory=dict)
    dropped: bool = False


class WriteParticulars(Record):
    """Set fields of a thing, which is new if there is none of this kind and key; others stay as they are."""

    kind: str
    key: str
    fields: Mapping[str, Any]


class ViewParticulars(Record):
    """The desk itself, to be read."""


class DropParticulars(Record):
    """Drop a thing: it is not read any more. Its number is not used again."""

    kind: str
    key: str


class ParticularsDesk:
    """The particulars of one system."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], Particulars] = {}
        self._of_kind: dict[str, list[Particulars]] = {}

    @property
    def operations(self) -> Operations:
        """What can be asked for."""
        return MappingProxyType({
            WriteParticulars: Operation("write_particulars", self._write),
            ViewParticulars: Operation("view_particulars", lambda request, now_us: self),
            DropParticulars: Operation("drop_particulars", self._drop),
        })  # fmt: skip

    def thing(self, kind: str, key: str) -> Particulars | None:
        """The thing of a kind and key; None if there is none, or there is none any more."""
        known = self._by_key.get((kind, key))
        return None if known is None or known.dropped else known

    def things(self, kind: str) -> Sequence[Particulars]:
        """All things of a kind, also those that were dropped, in the order of their creation."""
        return self._of_kind.get(kind, ())

    def _write(self, request: WriteParticulars, now_us: int) -> Particulars:
        known = self._by_key.get((request.kind, request.key))
        if known is None:
            all_of_kind = self._of_kind.setdefault(request.kind, [])
            known = Particulars(request.kind, request.key, len(all_of_kind) + 1, now_us)
            all_of_kind.append(known)
            self._by_key[request.kind, request.key] = known
        elif known.dropped:
            raise Refused(404, f"{request.kind}_not_found")
        known.fields.update(request.fields)
        return known

    def _drop(self, request: DropParticulars, now_us: int) -> None:
        known = self._by_key.get((request.kind, request.key))
        if known is None or known.dropped:
            raise Refused(404, f"{request.kind}_not_found")
        known.dropped = True
