"""How customers pay: on which terms, how soon before or after the due day, and what they dispute.

They pay what they are invoiced, in full, and are paid back what is credited to them. What repeats a charge that
stands already they dispute, be it an invoice or a credit memo: nothing is paid for it, and a later document that takes
every line of it back settles the dispute without money. The draws belong to what is charged, and to nothing that
depends on who integrates the systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fakes.records import Charge, ChargeLine, Invoice
from sim.calendar import FiscalCalendar
from sim.chance import BITS, Distribution, Stream, happens
from sim.durations import MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How customers pay: `terms` are (days until a document is due, weight) pairs, one drawn for each contract.

    `late_share_ppm` of the documents are paid later than due, by `late_by`; the others by `early_by` before the end of
    the due day. A credit memo is paid back `refund_after_us` after its issue.
    """

    terms: tuple[tuple[int, int], ...]
    late_share_ppm: int
    late_by: Distribution
    early_by: Distribution
    refund_after_us: int


class Payers:
    """The customers of one company, as far as money is concerned."""

    def __init__(self, habits: Habits, calendar: FiscalCalendar, seed: int) -> None:
        self._habits = habits
        self._calendar = calendar
        self._terms = Stream(seed, "payment terms")
        self._chance = Stream(seed, "payments")
        self._standing: dict[str, dict[Charge, int]] = {}
        self._disputed: dict[str, list[tuple[int, int | str, int]]] = {}

    def settle(self, contract: str, billed: Mapping[Charge, int]) -> None:
        """Take what was billed of a contract before the run, by (version, period), for invoiced and paid."""
        self._standing.setdefault(contract, {}).update(billed)

    def due_day(self, contract: str, day: int) -> int:
        """The day on which a document of `day` is to be paid at the latest."""
        weights = self._habits.terms
        place = self._terms.below(sum(weight for _, weight in weights), contract)
        for days, weight in weights:
            if place < weight:
                return day + days
            place -= weight
        raise AssertionError("a place below the sum of the weights is within one of them")

    def take(self, invoice: Invoice) -> int | None:
        """Give customers a document that has just been issued, once: when they will pay it, or dispute it (None).

        Money moves in business hours. What they take for right stands from then on, and may not be charged again.
        """
        moves = self._accepts(invoice) and invoice.total_minor != 0
        if not moves:
            return None
        first = invoice.lines[0]
        key = (invoice.contract, first.version, first.period)
        late, span, minute, within, *_ = self._chance.six(*key)
        calendar, habits = self._calendar, self._habits
        open_minutes = calendar.closes_minute - calendar.opens_minute
        at_minute = calendar.opens_minute + (minute * open_minutes >> BITS)
        past_us = within * MINUTE >> BITS
        if invoice.total_minor < 0:
            return self._first_us(invoice.issued_us + habits.refund_after_us, at_minute, past_us)
        due_day = self.due_day(invoice.contract, invoice.day)
        if happens(late, habits.late_share_ppm):
            day = calendar.day_of(calendar.instant_us(due_day + 1, at_minute) + habits.late_by.draw(span))
            while not calendar.is_business_day(day):
                day += 1
        else:
            day = calendar.day_of(calendar.instant_us(due_day, at_minute) - habits.early_by.draw(span))
            while not calendar.is_business_day(day):
                day -= 1
        paid_us = calendar.instant_us(day, at_minute) + past_us
        return paid_us if paid_us > invoice.issued_us else self._first_us(invoice.issued_us + 1, at_minute, past_us)

    def _first_us(self, from_us: int, at_minute: int, past_us: int) -> int:
        """The first instant from `from_us` on that has this time of a business day."""
        calendar = self._calendar
        day = calendar.day_of(from_us)
        while not calendar.is_business_day(day) or calendar.instant_us(day, at_minute) + past_us < from_us:
            day += 1
        return calendar.instant_us(day, at_minute) + past_us

    # --- what they make of a document ----------------------------------------------------------------

    def _accepts(self, invoice: Invoice) -> bool:
        """Whether they take a document for right; what it charges stands then, and may not be charged again."""
        disputed = self._disputed.setdefault(invoice.contract, [])
        opposites = [(line.version, line.period, -line.minor) for line in invoice.lines]
        if all(opposite in disputed for opposite in opposites):
            for opposite in opposites:
                disputed.remove(opposite)
            return False
        standing = self._standing.setdefault(invoice.contract, {})
        if any(_repeats(line, standing) for line in invoice.lines):
            disputed += [(line.version, line.period, line.minor) for line in invoice.lines]
            return False
        for line in invoice.lines:
            charge = (line.version, line.period)
            standing[charge] = standing.get(charge, 0) + line.minor
        return True


def _repeats(line: ChargeLine, standing: Mapping[Charge, int]) -> bool:
    """Whether a line adds to what stands of its charge, instead of taking back from it."""
    stands_minor = standing.get((line.version, line.period), 0)
    return stands_minor > 0 < line.minor or stands_minor < 0 > line.minor
