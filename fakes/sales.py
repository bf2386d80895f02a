"""What sales has entered in the CRM, in the order in which it did: for whoever keeps records of it in another form."""

from typing import NamedTuple

from fakes.agreements import Account, Contract
from fakes.crm import Crm
from fakes.service import Operation, Operations
from sim.delivery import Publisher
from sim.record import Record


class SalesSince(Record):
    """Read what sales has entered since a position, from 0 on: the position is how much was read before."""

    position: int


class Entered(NamedTuple):
    """An account's or a contract's state, and the instant at which sales entered it."""

    at_us: int
    state: Account | Contract


class Sales(NamedTuple):
    """What was entered, and the position behind it."""

    entered: tuple[Entered, ...]
    position: int


NOTHING = ()


class SalesBook:
    """The accounts and contracts of before the run, as entered at its first instant, and then all that was published.

    That one event about it is malformed is no matter here.
    """

    def __init__(self, crm: Crm, publisher: Publisher) -> None:
        self._crm = crm
        self._published = publisher.published
        self._records = publisher.records
        self._opening: tuple[Entered, ...] | None = None

    @property
    def operations(self) -> Operations:
        """What can be asked."""
        return {SalesSince: Operation("sales_since", self._since)}

    def _since(self, request: SalesSince, now_us: int) -> Sales:
        opening = self._opening
        if opening is None:
            opening = self._opening = self._before()
        start, end = request.position, len(opening) + len(self._published)
        if start == end:
            return Sales(NOTHING, end)
        first = max(start - len(opening), 0)
        told = tuple(
            Entered(event.committed_us, self._records.get(event.id, event.body)) for event in self._published[first:]
        )
        return Sales((*opening[start:], *told), end)

    def _before(self) -> tuple[Entered, ...]:
        """What nothing was published of, or only of later versions: it was there before."""
        first: dict[str, int] = {}
        for event in self._published:
            first.setdefault(event.key, event.version)
        crm = self._crm
        states: tuple[Account | Contract, ...] = (*crm.accounts.values(), *crm.contracts.values())
        return tuple(Entered(0, state) for state in states if first.get(state.key, 0) != 1)
