"""The close of the quarter: from the last period's lock to the sign-off, by the finance team and in its hours.

Cut-off: at the lock the interfaces are frozen. Three reconciliations follow: receivables to their control account,
billing to receivables, revenue to the ledger. The tie-out puts together what is off: it is the audit, as of the lock,
and as nothing moves any more, it is that still. What an open break has put off in a period, in whatever cells of the
ledger (account, contract or customer), is then set right by one adjusting entry, keyed by a person, which names
the break; and the books are signed off. From then on the ledger says, cell by cell, what was agreed.

The tie-out is a perfect one: it sees everything that the audit sees, which no company's does. Breaks that put no cell
off, such as a sales order that is missing, do not hold up the close; timing differences clear themselves. And only the
part of a close that integrations drive is simulated: no accruals, no consolidation, no review by others.
"""

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fakes.erp import Erp
from fakes.records import JournalEntry, Payment
from harness.audit import Audit
from harness.audit.breaks import CURRENCY
from harness.audit.postings import debits_minor
from harness.audit.reconciliation import unexplained
from harness.oracle import Expected
from harness.oracle.ledger import Cell
from harness.oracle.rates import Amount
from harness.people import Team
from harness.stations import Law
from scenarios.schema import Close
from sim.calendar import FiscalCalendar
from sim.chance import BITS, Stream
from sim.clock import Clock
from sim.durations import HOUR, SECOND
from sim.staff import Staff

RECONCILIATIONS: Mapping[str, tuple[str, ...]] = {
    "receivables to control account": (),
    "billing to receivables": ("open_item",),
    "revenue to ledger": ("journal_entry",),
}
WITH_PAYMENTS: Mapping[str, tuple[str, ...]] = {**RECONCILIATIONS, "bank to cash": ("payment",)}
"""What is reconciled, without payments and with them, and of which records a break shows there.

The first never has any: it is a law of the ERP's.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the close from its first to its last instant: how many `count` things it found or did, and their sum.

    `minor` is in minor units of the currency that is reported in, without netting.
    """

    name: str
    from_us: int
    until_us: int
    count: int = 0
    minor: int = 0


FIRST = ("", CURRENCY)
"""The first entity's books, and their currency: those of what belongs to no contract and no customer."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one adjusting entry has to post in a period to (account, subject), and the break that it refers to."""

    reference: str
    period: int
    lines: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """A close that is over: its steps, the adjusting entries, and the share of the journal's lines that are theirs.

    `adjusted_minor` is the sum of the entries' debits, in the currency that is reported in.
    """

    calendar: FiscalCalendar
    steps: tuple[Step, ...]
    entries: tuple[JournalEntry, ...]
    adjusted_minor: int
    line_share: float

    @property
    def signed_off_us(self) -> int:
        """The instant of the sign-off."""
        return self.steps[-1].until_us

    def metrics(self) -> dict[str, dict[str, float]]:
        """`close_cycle`, from the quarter's last instant to the sign-off, and `manual_adjustments`.

        A sign-off on the n-th business day after the quarter has n `business_days`.
        """
        calendar = self.calendar
        first_day, last_day = calendar.day_of(calendar.quarter_end_us), calendar.day_of(self.signed_off_us)
        return {
            "close_cycle": {
                "business_days": len(calendar.business_days(first_day, last_day + 1)),
                "hours": (self.signed_off_us - calendar.quarter_end_us) / HOUR,
            },
            "manual_adjustments": {
                "count": len(self.entries),
                "amount_minor": self.adjusted_minor,
                "share": self.line_share,
            },
        }

    def document(self) -> dict[str, Any]:
        """The `close` of the run document."""
        steps = [
            {"step": step.name, "from_s": step.from_us / SECOND, "until_s": step.until_us / SECOND,
             "count": step.count, "minor": step.minor}
            for step in self.steps
        ]  # fmt: skip
        return {"signed_off_s": self.signed_off_us / SECOND, "steps": steps}


def close(
    *,
    calendar: FiscalCalendar,
    erps: Mapping[str, Erp],
    expected: Expected,
    found: Audit,
    staff: Staff,
    work: Close,
    seed: int,
    payments: Sequence[Payment] = (),
) -> Closed:
    """Close the quarter's books after its audit: the ledgers of the `erps`, by entity, get the adjusting entries.

    Where there are the bank's `payments`, ERP's cash is reconciled with them, too.

    Raises InvariantBroken if the ledger then does not say what was agreed.
    """
    reconciliations = WITH_PAYMENTS if payments else RECONCILIATIONS
    books = _books(expected) if found.breaks or found.unexplained else {}
    closing = _Closing(calendar, erps, books, found, staff, work, seed, reconciliations)
    closed = closing.closed()
    if closed.entries:
        _tied_out(expected, erps, found, payments)
    return closed


def adjustments(found: Audit, books: Mapping[str, tuple[str, str]] = MappingProxyType({})) -> list[Adjustment]:
    """What has to be posted for what open breaks have put off: an entry a break and period, by period and account.

    `books` says in which entity's books and currency a subject stands: of each, there is an entry of its own.

    A cell that several breaks have put off is set right by the entry for the first of them.
    """
    off: dict[Cell, int] = dict(found.unexplained)
    references: dict[Cell, str] = {}
    for one in found.open:
        for cell, minor in one.effects:
            off[cell] = off.get(cell, 0) + minor
            references.setdefault(cell, f"{one.kind} {one.key}")
    due: dict[tuple[str, int, tuple[str, str]], list[tuple[str, str, int]]] = {}
    for cell in sorted(off, key=lambda cell: (cell[2], cell[0], cell[1])):
        account, subject, period = cell
        if off[cell]:
            place = references.get(cell, "unexplained"), period, books.get(subject, FIRST)
            due.setdefault(place, []).append((account, subject, -off[cell]))
    return [Adjustment(reference, period, tuple(lines)) for (reference, period, _), lines in due.items()]


def _debits(entry: JournalEntry) -> Amount:
    """The sum of an entry's debits, in its currency and its period."""
    return entry.currency, entry.period, debits_minor(entry)


class _Closing:
    """One close, on a clock of its own: from the lock on nothing else happens that it could meet."""

    def __init__(
        self,
        calendar: FiscalCalendar,
        erps: Mapping[str, Erp],
        books: Mapping[str, tuple[str, str]],
        found: Audit,
        staff: Staff,
        work: Close,
        seed: int,
        reconciliations: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._calendar = calendar
        self._erps = erps
        self._books = books
        self._found = found
        self._work = work
        self._reconciliations = reconciliations
        self._clock = Clock()
        self._clock.run_until(calendar.end_us)
        self._team = Team(self._clock, staff)
        self._spans = work.adjustment.table()
        self._chance = Stream(seed, "people/adjustment")
        self._steps: list[Step] = []
        self._entries: list[JournalEntry] = []

    def closed(self) -> Closed:
        work = self._clock.spawn(self._close())
        while not work.done:
            self._clock.step()
        share = self._share() if self._entries else 0.0
        return Closed(self._calendar, tuple(self._steps), tuple(self._entries), self._adjusted_minor(), share)

    def _adjusted_minor(self) -> int:
        return self._found.rates.worth_minor(map(_debits, self._entries))

    def _share(self) -> float:
        """The share of the run's ledger lines that are adjusting ones."""
        lines = sum(
            len(entry.postings) for erp in self._erps.values() for entry in erp.ledger.entries if entry.posted_us > 0
        )
        return sum(len(entry.postings) for entry in self._entries) / lines

    async def _close(self) -> None:
        found = self._found
        self._steps.append(Step("cut-off", self._clock.now, self._clock.now))
        await self._all(self._reconcile(name, records) for name, records in self._reconciliations.items())
        await self._step("tie-out", self._work.tie_out_us, len(found.open), found.amount_minor)
        due, begins_us = (
            adjustments(found, self._books),
            self._clock.now,
        )  # where the tie-out ended, whenever the first is begun
        await self._all(map(self._adjust, due))
        self._steps.append(Step("adjusting entries", begins_us, self._clock.now, len(due), self._adjusted_minor()))
        await self._step("sign-off", self._work.sign_off_us)

    async def _all(self, works: Iterable[Coroutine[Any, Any, None]]) -> None:
        for task in [self._clock.spawn(work) for work in works]:
            await task

    async def _step(self, name: str, work_us: int, count: int = 0, minor: int = 0) -> None:
        taken_up_us = await self._team.work(work_us)
        self._steps.append(Step(name, taken_up_us, self._clock.now, count, minor))

    async def _reconcile(self, name: str, records: tuple[str, ...]) -> None:
        off = [one for one in self._found.open if one.record in records]
        await self._step(name, self._work.reconciliation_us, len(off), self._found.worth_minor(off))

    async def _adjust(self, due: Adjustment) -> None:
        work_us = self._spans.draw(self._chance.word(due.reference, due.period) >> BITS)
        await self._team.work(work_us)
        entity, currency = self._books.get(due.lines[0][1], FIRST)
        erp = self._erps[entity]
        entry = erp.adjust(due.reference, due.lines, due.period, currency, self._clock.now)
        self._entries.append(entry)


def _books(expected: Expected) -> Mapping[str, tuple[str, str]]:
    """In which entity's books, and in which currency, each contract and each customer with a contract stands."""
    contracts = expected.contracts.values()
    parties = [(contract.account, contract) for contract in contracts] + [(one.key, one) for one in contracts]
    return {key: (contract.entity, contract.currency) for key, contract in parties}


def _tied_out(expected: Expected, erps: Mapping[str, Erp], found: Audit, payments: Sequence[Payment]) -> None:
    """The ledger says what was agreed, cell by cell, but for what is still on its way."""
    still = [one for one in found.breaks if not one.open]
    entries = [entry for erp in erps.values() for entry in erp.ledger.entries]
    off = unexplained(expected, entries, still, payments)
    for cell, minor in off.items():
        Law("close", str(cell)).fails(
            f"the ledger is off by {minor} after the adjusting entries ({len(off)} such cells)"
        )
