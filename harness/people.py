"""The finance team: people who put right what no integration can, in office hours, one thing at a time each.

The desk is where a layer's queues report what a system refused for a business reason. Items of one cause are one
case. The next free person takes up the case that has waited longest, finds out and supplies what is lacking in the
system itself, and hands every item of the case back. What nobody reports, nobody knows of.

The desk outlives the layer: an item that is reported once more after a crash is still the same one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fakes.master_data import INVALID_LEGAL_ENTITY, MISSING_TAX_CODE, SYSTEM_OF
from sim.chance import BITS, Stream
from sim.clock import Clock
from sim.delivery import Event
from sim.queue import Gate
from sim.staff import Staff

PERIOD_CLOSED = "period_closed"
REASONS = frozenset({*SYSTEM_OF, PERIOD_CLOSED})
"""The refusals that people can do something about."""

TicketNumber: TypeAlias = tuple[object, int, str, int]

RecordOf: TypeAlias = Callable[[Event], Any]
"""What an event is about, looked up where it comes from: people can, whatever the event itself says."""

PutRight: TypeAlias = Callable[[str, Any], object]
"""Supplies what a word says is lacking for a record, in the system that refused it."""


class Team:
    """The people on one clock. Whoever wants something done waits for a free person, in the order of asking."""

    def __init__(self, clock: Clock, staff: Staff) -> None:
        self.staff = staff
        self._clock = clock
        self._free = Gate(clock, staff.persons)

    async def work(self, work_us: int) -> int:
        """Have a person spend `work_us` of office hours on something; the instant at which one began with it."""
        if not self._free.entered():
            await self._free
        hours, free_us = self.staff.hours, self._clock.now
        await self._clock.sleep(hours.done_us(free_us, work_us) - free_us)
        self._free.leave()
        return hours.done_us(free_us, 0)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One item of a layer's queue: an event that `target` refused for `reason`, the `tries`-th time.

    `holder` is what the layer has in all its lives, and another layer has not: its store.
    """

    event: Event
    target: str
    reason: str
    tries: int
    holder: object = None

    @property
    def number(self) -> TicketNumber:
        """What tells it from every other, in all lives of the layer."""
        return self.holder, self.event.id, self.target, self.tries


@dataclass(slots=True)
class Case:
    """One thing to put right: the refusal's word and the account or contract concerned, with the items it holds up.

    `done_us` is None while it waits or is worked on.
    """

    reason: str
    subject: str
    reported_us: int
    tickets: list[Ticket] = field(default_factory=list)
    taken_up_us: int | None = None
    done_us: int | None = None


class Desk:
    """The desk of a finance team. `cases` are all that were ever reported, in the order of their reporting."""

    def __init__(self, clock: Clock, staff: Staff, record_of: RecordOf, put_right: PutRight, seed: int) -> None:
        self.cases: list[Case] = []
        self._clock = clock
        self._record_of = record_of
        self._team = Team(clock, staff)
        self._put_right = put_right
        self._chance = Stream(seed, "people/handling")
        self._times: dict[tuple[str, str], int] = {}
        self._open: dict[tuple[str, str], Case] = {}
        self._waiting: dict[TicketNumber, Callable[[], None]] = {}
        self._settled: dict[TicketNumber, bool] = {}
        self._late: dict[tuple[int, str], bool] = {}

    def takes(self, reason: str) -> bool:
        """Whether people can do something about a refusal with this word."""
        return reason in REASONS

    def report(self, ticket: Ticket, hand_back: Callable[[], None]) -> None:
        """Have people see to an item; `hand_back` is called when the cause that its word names is put right.

        That is at once if it was before, and the layer has forgotten. Reported again, an item has the new `hand_back`.
        """
        if ticket.number in self._settled:
            hand_back()
            return
        known = ticket.number in self._waiting
        self._waiting[ticket.number] = hand_back
        if known:
            return
        key = (ticket.reason, subject_of(ticket.reason, ticket.event.key, self._record_of(ticket.event)))
        case = self._open.get(key)
        if case is None:
            case = self._open[key] = Case(*key, self._clock.now)
            self.cases.append(case)
            self._clock.spawn(self._handle(case))
        case.tickets.append(ticket)

    def lets_post_late(self, event: Event, target: str) -> bool:
        """Whether people have decided that what came after its period's lock is to be posted today."""
        return (event.id, target) in self._late

    def touches(self, from_us: int) -> int:
        """How many cases people have worked off since an instant."""
        return sum(case.done_us is not None and case.done_us >= from_us for case in self.cases)

    async def _handle(self, case: Case) -> None:
        key = (case.reason, case.subject)
        time = self._times[key] = self._times.get(key, 0) + 1
        handling_us = self._team.staff.handling.draw(self._chance.word(*key, time) >> BITS)
        case.taken_up_us = await self._team.work(handling_us)
        case.done_us = self._clock.now
        del self._open[key]
        if case.reason == PERIOD_CLOSED:
            self._late.update(((ticket.event.id, ticket.target), True) for ticket in case.tickets)
        else:
            self._put_right(case.reason, self._record_of(case.tickets[0].event))
        for ticket in case.tickets:
            self._settled[ticket.number] = True
            self._waiting.pop(ticket.number)()


def subject_of(reason: str, key: str, record: Any) -> str:
    """What people look at to put a refusal of `record` right: an account, a contract, or a document."""
    if reason == PERIOD_CLOSED:
        return key
    if reason in (MISSING_TAX_CODE, INVALID_LEGAL_ENTITY):
        account: str = record.account
        return account
    contract: str = getattr(record, "contract", key)
    return contract
