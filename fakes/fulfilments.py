"""What a system was told to have been delivered: its notes of it, and how integrations write and find them."""

from operator import attrgetter

from fakes.agreements import Fulfilment
from fakes.lookup import Lookup
from fakes.records import Rendered
from sim.record import Record


class RecordFulfilment(Record):
    """Take note of what was delivered of a contract: billing invoices what of it is due, revenue earns it."""

    fulfilment: Fulfilment


class FindFulfilments(Record):
    """List the notes of what was delivered under a key, oldest first; lists are consistent."""

    fulfilment: str


class FulfilmentNotes:
    """The notes of one system, `all` of them in the order of their taking. Nothing is unique but their ids."""

    def __init__(self) -> None:
        self.all: list[Rendered] = []
        self._by_key = Lookup(self.all, attrgetter("key"))

    def take(self, fulfilment: Fulfilment, now_us: int) -> Rendered:
        """A new note."""
        note = Rendered(f"FUL-{len(self.all) + 1:06}", fulfilment, now_us)
        self.all.append(note)
        return note

    def find(self, request: FindFulfilments, now_us: int) -> list[Rendered]:
        """The notes under a key, oldest first."""
        return self._by_key.all(request.fulfilment)
