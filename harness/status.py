"""Business process status: what stands waiting at an instant, how much it is worth, how old.

Each status is a predicate at an instant, read after the run from the records, the trace and the layer's queues:

- `orders_awaiting_activation`: ERP has the contract's sales order, and billing has no subscription for it yet;
- `invoices_blocked`: ERP has refused to post the invoice for want of master data, and has not posted it since;
- `schedules_pending`: revenue has the contract's schedule, and its fulfilment is not confirmed. This business sells
  subscriptions only, so what confirms is the subscription itself: active in billing, its first day come. Before that
  day a schedule is pending by right;
- `schedules_overdue`: those of them whose first day has come: billing alone, or its integration, is late;
- `amendments_unsynchronised`: committed in the CRM, and some system that must reflect the version does not;
- `exceptions`: refused, and in one of the layer's queues;
- `exceptions_unowned`: dropped by the layer, lost in its crash or given up by the source, and not reflected since.
  Nobody works on them, because nobody knows of them.

A contract is worth the price of its first version, an amendment what it changes of the price, an invoice its total,
each without sign.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from fakes.agreements import Contract
from fakes.master_data import MISSING_TAX_CODE
from fakes.names import kind_of
from fakes.records import Payment, RevenueContract, SalesOrder
from harness.lags import (
    NOT_YET_US,
    TARGETS,
    BusinessEvents,
    Instants,
    array_us,
    business_events,
    earliest,
    of_business,
    subject_of,
)
from harness.oracle.months import month_name
from harness.refusals import refusals
from harness.simulation import Simulation
from harness.standing import Spell, Standing
from sim.delivery import Event
from sim.durations import DAY, HOUR, SECOND

STATUSES = (
    "orders_awaiting_activation", "invoices_blocked", "schedules_pending", "schedules_overdue",
    "amendments_unsynchronised", "exceptions", "exceptions_unowned",
)  # fmt: skip

AGES_US = {"4_h": 4 * HOUR, "1_d": DAY, "3_d": 3 * DAY}
"""Exceptions are also counted that are at least so old."""

BLOCKING = (MISSING_TAX_CODE, "customer_not_found")
"""With which words master data keeps an invoice out of the receivables."""

LOST = ("dropped", "lost_in_crash")
"""Notes of an event that the layer has no more, without anybody who owns it."""


C = TypeVar("C", SalesOrder, RevenueContract)


@dataclass(frozen=True, slots=True)
class Status:
    """One status at an instant: how many stand, their worth in minor units, and the age of the oldest."""

    count: int
    minor: int
    oldest_us: int


class BusinessStatus:
    """All statuses of a finished run over its time: `standing` by the names of STATUSES."""

    def __init__(self, simulation: Simulation, events: Sequence[BusinessEvents] | None = None) -> None:
        self._calendar = simulation.calendar
        found = _Found(simulation, business_events(simulation.company) if events is None else events)
        self.standing: Mapping[str, Standing] = {name: getattr(found, name)() for name in STATUSES}
        self._older = {age: self.standing["exceptions"].older(than_us) for age, than_us in AGES_US.items()}

    def at(self, instant_us: int) -> dict[str, Status]:
        """Every status at an instant of the run."""
        at_us = np.array([instant_us], dtype=np.int64)
        return {
            name: Status(int(each.at(at_us)[0]), int(each.minor_at(at_us)[0]), int(each.oldest_at(at_us)[0]))
            for name, each in self.standing.items()
        }

    def exceptions_by_age(self, instant_us: int) -> dict[str, int]:
        """How many exceptions stand at an instant that are at least so old, by the names of AGES_US."""
        at_us = np.array([instant_us], dtype=np.int64)
        return {age: int(standing.at(at_us)[0]) for age, standing in self._older.items()}

    def metrics(self) -> dict[str, dict[str, float]]:
        """The metric `business_status`: of each status its time average, its peaks and the greatest age, in seconds.

        Measured from the quarter's first instant on. The exceptions of an age have their peaks, too.
        """
        from_us, until_us = self._calendar.quarter_start_us, self._calendar.end_us
        found = {}
        for name, each in self.standing.items():
            found[name] = {
                "mean": each.mean(from_us, until_us),
                "peak": each.peak(from_us, until_us),
                "peak_minor": each.peak_minor(from_us, until_us),
                "oldest_s": each.longest_us(from_us, until_us) / SECOND,
            }
        peaks = {f"peak_over_{age}": older.peak(from_us, until_us) for age, older in self._older.items()}
        found["exceptions"].update(peaks)
        return found

    def series(self) -> dict[str, list[int]]:
        """The counts hour by hour: of each status, and of the exceptions of each age, that stood at some hour."""
        grid_us = np.arange(0, self._calendar.end_us + 1, HOUR)
        shown = {**self.standing, **{f"exceptions_over_{age}": older for age, older in self._older.items()}}
        counts = {name: each.at(grid_us) for name, each in shown.items()}
        return {name: of_name.tolist() for name, of_name in counts.items() if of_name.any()}

    def at_period_ends(self) -> list[dict[str, Any]]:
        """Every status that ever stood as each month of the quarter ends, and at the audit."""
        calendar = self._calendar
        first = calendar.month_of_day(calendar.quarter_start.toordinal())
        months = range(first, first + calendar.months)
        instants = {month_name(month): calendar.instant_us(calendar.end_day(month)) - 1 for month in months}
        instants["audit"] = calendar.end_us
        return [
            {"status": name, "at": word, "at_s": at_us / SECOND, "count": status.count, "minor": status.minor,
             "oldest_s": status.oldest_us / SECOND}
            for word, at_us in instants.items()
            for name, status in self.at(at_us).items()
            if len(self.standing[name])
        ]  # fmt: skip


def status_at(simulation: Simulation, instant_us: int) -> dict[str, Status]:
    """Every business status of a finished run at one instant, by the names of STATUSES."""
    return BusinessStatus(simulation).at(instant_us)


@dataclass(frozen=True, slots=True)
class _Copies:
    """The first copy that each contract has in a system, by columns.

    `active_us` are the instants from which the contracts are active in billing, `minor` the prices of their first
    versions.
    """

    created_us: Instants
    void_us: Instants
    active_us: Instants
    start_day: Instants
    minor: Instants

    @classmethod
    def of(cls, copies: Iterable[C], activated_us: Mapping[str, int]) -> "_Copies":
        """Those among these copies."""
        oldest = _oldest(copies)
        states = [copy.state for copy in oldest.values()]
        return cls(
            array_us([copy.created_us for copy in oldest.values()]),
            array_us([NOT_YET_US if copy.void is None else copy.void.at_us for copy in oldest.values()]),
            array_us([activated_us.get(contract, NOT_YET_US) for contract in oldest]),
            array_us([state.start_day for state in states]),
            array_us([state.versions[0].price_change_minor for state in states]),
        )


class _Found:
    """What has stood of each status, by its name, from what a run has left."""

    def __init__(self, simulation: Simulation, events: Sequence[BusinessEvents]) -> None:
        self._simulation = simulation
        self._calendar = simulation.calendar
        self._events = {of_subject.subject: of_subject for of_subject in events}
        company = simulation.company
        live = [copy for copy in company.billing.subscriptions.values() if copy.void is None]
        activated_us = earliest([copy.state.key for copy in live], [copy.created_us for copy in live])
        self._orders = _Copies.of(company.of_erps(lambda erp: erp.orders.values()), activated_us)
        self._schedules = _Copies.of(company.revenue.contracts.values(), activated_us)

    def orders_awaiting_activation(self) -> Standing:
        orders = self._orders
        return Standing(orders.created_us, np.minimum(orders.active_us, orders.void_us), orders.minor)

    def invoices_blocked(self) -> Standing:
        refused = [one for one in refusals(self._simulation, BLOCKING) if kind_of(one.where.partition(".")[0]) == "erp"]
        first_us = earliest([one.key for one in refused], [one.at_us for one in refused])
        return Standing.of(self._blocked(first_us) if first_us else ())

    def schedules_pending(self) -> Standing:
        schedules, start_us = self._schedules, self._start_us()
        confirmed_us = np.maximum(start_us, schedules.active_us)
        return Standing(schedules.created_us, np.minimum(confirmed_us, schedules.void_us), schedules.minor)

    def schedules_overdue(self) -> Standing:
        schedules = self._schedules
        begun_us = np.maximum(schedules.created_us, self._start_us())
        return Standing(begun_us, np.minimum(schedules.active_us, schedules.void_us), schedules.minor)

    def amendments_unsynchronised(self) -> Standing:
        amendments = self._events["amendment"]
        record_of = self._simulation.company.record_of
        worth = array_us([_worth_minor(record_of(event)) for event in amendments.told])
        return Standing(amendments.committed_us, amendments.everywhere_us, worth)

    def exceptions(self) -> Standing:
        record_of = self._simulation.company.record_of
        return Standing.of(
            Spell(
                stay.since_us,
                NOT_YET_US if stay.until_us is None else stay.until_us,
                _worth_minor(record_of(stay.event)),
            )
            for stay in self._simulation.surroundings.work_log.stays
        )

    def exceptions_unowned(self) -> Standing:
        lost = [*self._let_go(), *self._given_up()]
        lost_us = earliest([event for event, _ in lost], [at_us for _, at_us in lost])
        return Standing.of(self._unowned(lost_us) if lost_us else ())

    def _start_us(self) -> Instants:
        """The instant of each schedule's first day; who began before the run has begun by its first instant."""
        days, places = np.unique(np.maximum(self._schedules.start_day, self._calendar.day_of(0)), return_inverse=True)
        return array_us([self._calendar.instant_us(day) for day in days.tolist()])[places]

    def _blocked(self, first_us: Mapping[str, int]) -> Iterator[Spell]:
        company = self._simulation.company
        items = company.of_erps(lambda erp: erp.open_items)
        posted_us = earliest([item.document for item in items], [item.posted_us for item in items])
        for invoice in company.billing.invoices:
            at_us = first_us.get(invoice.id)
            if at_us is not None:
                yield Spell(at_us, posted_us.get(invoice.id, NOT_YET_US), abs(invoice.total_minor))

    def _unowned(self, lost_us: Mapping[tuple[int, str], int]) -> Iterator[Spell]:
        record_of = self._simulation.company.record_of
        for of_subject in self._events.values():
            for target, reflected in of_subject.reflected_us.items():
                for event, reflected_us in zip(of_subject.told, reflected.tolist(), strict=True):
                    at_us = lost_us.get((event.id, target))
                    if at_us is not None:
                        yield Spell(at_us, reflected_us, _worth_minor(record_of(event)))

    def _let_go(self) -> Iterator[tuple[tuple[int, str], int]]:
        for at_us, event, _, target, _ in self._simulation.trace.noted(*LOST):
            yield (event, target), at_us

    def _given_up(self) -> Iterator[tuple[tuple[int, str], int]]:
        serves = self._simulation.deployment.served()
        for system in self._simulation.company.systems.values():
            told: dict[int, Event] = {}
            for subscription in system.publisher.subscriptions:
                if subscription.given_up:
                    told = told or {event.id: event for event in system.publisher.published}
                for number, at_us in subscription.given_up.items():
                    for target in TARGETS[subject_of(told[number])] if of_business(told[number]) else ():
                        if target in serves[subscription.name]:
                            yield (number, target), at_us


def _oldest(copies: Iterable[C]) -> dict[str, C]:
    """The first copy that each contract has in a system; a voided one only if there is no other."""
    oldest: dict[str, C] = {}
    for copy in copies:
        contract = copy.state.key
        known = oldest.get(contract)
        if known is None or (copy.void is not None, copy.created_us) < (known.void is not None, known.created_us):
            oldest[contract] = copy
    return oldest


def _worth_minor(record: Any) -> int:
    """What an event's record is about, in minor units without sign; an account is worth nothing."""
    if isinstance(record, Contract):
        return abs(record.versions[-1].price_change_minor)
    if isinstance(record, Payment):
        return abs(record.minor)
    total_minor: int = getattr(record, "total_minor", 0)
    return abs(total_minor)
