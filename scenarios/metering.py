"""What customers use: one report a month of each contract with usage, made by the product itself overnight.

Use is drawn by contract and month, so that another layer, or an amendment more, changes no other month.
"""

from collections.abc import Iterable, Iterator

from fakes.agreements import Contract, Deliverable, Fulfilment
from scenarios.moments import between_us
from scenarios.offerings import LATE_DAYS, Usage
from scenarios.truth import Act
from scenarios.values import MILLION
from sim.calendar import FiscalCalendar, month_name
from sim.chance import BITS, Stream, happens, lognormal

PRODUCT = "usage"

REPORTED_MINUTES = (15, 5 * 60 + 45)
"""Between which minutes after midnight a month is reported, on the first day after it: before the bill run."""

LATE_MINUTES = (8 * 60, 20 * 60)
"""The same of a month that comes late, a day or two after that."""

NORM = 10**6


def acts(usage: Usage, contracts: Iterable[Contract], calendar: FiscalCalendar, seed: int) -> Iterator[Act]:
    """A report for each month that ends in the run, up to the quarter's last, of each contract as it came to be."""
    drawn = _Metering(usage, calendar, seed)
    return (act for contract in contracts for act in drawn.of(contract))


def sold(usage: Usage, word: int, quantity: int) -> tuple[Deliverable, ...]:
    """Usage as a contract of this quantity has it, if it has any at the uniform 32-bit `word`."""
    if not happens(word, usage.share_ppm):
        return ()
    included = usage.included * quantity
    return (Deliverable(PRODUCT, 1, "as_invoiced", "as_delivered", included=included, rate_minor=usage.rate_minor),)


class _Metering:
    def __init__(self, usage: Usage, calendar: FiscalCalendar, seed: int) -> None:
        self._usage = usage
        self._calendar = calendar
        self._used = lognormal(NORM, usage.used_sigma_milli)
        self._chance = Stream(seed, "usage")
        first = calendar.month_of_day(calendar.day_of(0))
        last = calendar.month_of_day(calendar.day_of(calendar.quarter_end_us) - 1)
        self._months = range(first, last + 1)

    def of(self, contract: Contract) -> Iterator[Act]:
        """The reports of one contract. What is cancelled is not used any more."""
        if all(one.product != PRODUCT for one in contract.deliverables):
            return
        cancelled = contract.versions[-1].effective_day if not contract.quantity else contract.end_day
        for month in self._months:
            since_day = max(contract.start_day, contract.versions[0].signed_day, contract.acquired_day)
            from_day = max(since_day, self._calendar.first_day(month))
            to_day = min(contract.end_day, cancelled, self._calendar.end_day(month))
            if from_day < to_day:
                yield self._report(contract, month, from_day, to_day)

    def _report(self, contract: Contract, month: int, from_day: int, to_day: int) -> Act:
        key = f"U-{contract.key}-{month_name(month)}"
        used, late, days, minute, *_ = self._chance.six(key)
        included = sum(one.included for one in contract.deliverables if one.product == PRODUCT)
        units = included * self._usage.used_ppm // MILLION * self._used.draw(used) // NORM
        day, window = self._calendar.end_day(month), REPORTED_MINUTES
        if happens(late, self._usage.late_share_ppm):
            day, window = day + 1 + (days * LATE_DAYS >> BITS), LATE_MINUTES
        fulfilment = Fulfilment(key, contract.key, PRODUCT, from_day, to_day - 1, units=units, metered=True)
        return Act(between_us(self._calendar, day, window, minute), fulfilment=fulfilment)
