"""What must be in the books at the end of a run, and since when."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np

from fakes.agreements import Account, Contract, Fulfilment, Version
from harness.oracle.charges import charge_minor, full_price_minor, period_of, price_changes, units_added
from harness.oracle.columns import Charged, Earned, Served, column
from harness.oracle.deliverables import Shares, delivered_minor, shares_of
from harness.oracle.earning import earned, served
from harness.oracle.ledger import (
    CONTRACT_LIABILITY,
    OPENING,
    RECEIVABLES,
    Cell,
    Cells,
    revenue_account,
)
from harness.oracle.months import anniversary, first_day, month_of
from harness.oracle.rates import Rates
from harness.oracle.revenue import allocation
from harness.oracle.translation import Translation
from scenarios.truth import Truth
from sim.calendar import FiscalCalendar
from sim.record import Value

ONE_CURRENCY = Rates()

BEFORE_US = -1
"""The instant of whatever was agreed, billed or earned before the run."""

DUE_MINUTE = 6 * 60
"""A service period is invoiced at 06:00 local on its first day."""

LineKey: TypeAlias = tuple[str, int, int | str]
"""(contract, version, what for): the number of a service period, a product, or the key of what was delivered."""


class ExpectedLine(Value):
    """A charge to be billed exactly once, net: `minor` for service [`from_day`, `to_day`), on a document of `day`.

    `month` is the accounting month of `day`; `due_us` the instant from which billing can know of the charge and
    owes it.
    """

    minor: int
    from_day: int
    to_day: int
    due_us: int
    day: int
    month: int


@dataclass(frozen=True)
class Expected:
    """The books as the commercial truth has them at `end_us`, without what was settled before instant 0.

    `accounts` must each be one customer of billing and one of ERP (those of a party the same), `contracts` each one
    subscription, sales order and revenue contract in the final state given. `agreed_us` dates each (contract, version),
    `opened_us` each account, `changed_us` each later version of one; BEFORE_US is before the run. `lines` must each be
    billed, in `documents`, and each document posted in ERP and told to revenue. `earned` is the revenue which the
    engine's first run after each month (`run_us`) must recognise and the ledger carry. `allocated` splits each
    contract's price by (version, product); `served` has the shares of it that are earned by the day. `settled` says of
    opening contracts how many versions and service periods were billed before.
    `rendered` is what was delivered of each contract, in order; `rendered_us` when it was on record.
    `totals` are the quarter's own so far, as the run document names them, in the currency that is reported in, at
    `rates`; its customers are those who signed in it. All its months are `quarter_months`.
    """

    end_us: int
    accounts: Mapping[str, Account]
    opened_us: Mapping[str, int]
    contracts: Mapping[str, Contract]
    agreed_us: Mapping[tuple[str, int], int]
    lines: Mapping[LineKey, ExpectedLine]
    allocated: Mapping[str, Mapping[tuple[int, str], int]]
    served: Served = field(compare=False)  # columns, which follow from the contracts: `recognised` can be compared
    earned: Earned = field(compare=False)
    run_us: Mapping[int, int]
    settled: Mapping[str, tuple[int, int]]
    totals: Mapping[str, int]
    rendered: Mapping[str, Sequence[Fulfilment]] = field(default_factory=dict)
    rendered_us: Mapping[str, int] = field(default_factory=dict)
    rates: Rates = field(default_factory=Rates)
    changed_us: Mapping[tuple[str, int], int] = field(default_factory=dict)
    quarter_months: tuple[int, ...] = ()

    def billed_before(self, key: LineKey) -> bool:
        """Whether a charge was settled before the run, so that billing it in the run bills it again."""
        contract, version, period = key
        versions, periods = self.settled.get(contract, (0, 0))
        if isinstance(period, str) and period in self.rendered_us:
            return version <= versions and self.rendered_us[period] < 0
        return version <= versions and (isinstance(period, str) or period < periods)

    def takes_over(self, source: str, key: str) -> bool:
        """Whether an entry of this source takes over the position of a contract that came with an acquisition."""
        if source != OPENING:
            return False
        contract = self.contracts.get(key)
        return contract is not None and contract.acquired_day > 0

    @cached_property
    def documents(self) -> Mapping[tuple[str, int], tuple[LineKey, ...]]:
        """The charges of `lines` by the document that they are billed in: by (contract, due instant)."""
        documents: dict[tuple[str, int], list[LineKey]] = {}
        for key, line in self.lines.items():
            documents.setdefault((key[0], line.due_us), []).append(key)
        return {document: tuple(keys) for document, keys in documents.items()}

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The place of each contract among all, which arrays by contract have it at."""
        return {key: at for at, key in enumerate(self.contracts)}

    @cached_property
    def worth(self) -> Translation:
        """What amounts by contract come to in the currency that is reported in."""
        return Translation.of(self.rates, (contract.currency for contract in self.contracts.values()))

    @cached_property
    def charged(self) -> Charged:
        """The charges of `lines`, in columns."""
        place, lines = self.place, self.lines.values()
        return Charged(
            column([place[contract] for contract, _, _ in self.lines]),
            column([line.month for line in lines]),
            column([line.minor for line in lines]),
            column([line.due_us for line in lines]),
        )

    @cached_property
    def recognised(self) -> Mapping[tuple[str, int], Mapping[str, int]]:
        """The revenue that is `earned`, by (contract, month) and product."""
        return self.earned.by_month(tuple(self.contracts))

    @cached_property
    def book(self) -> Cells:
        """What the ledger must carry of the run, debits positive: the effective-date book. To add to it, copy it."""
        cells, charged, earned = Cells(), self.charged, self.earned
        receivables, liability = cells.accounts[RECEIVABLES], cells.accounts[CONTRACT_LIABILITY]
        revenue = cells.accounts.of([revenue_account(product) for product in earned.products])
        contract = cells.subjects.of(self.contracts)
        customer = cells.subjects.of([one.account for one in self.contracts.values()])
        charged_to = cells.of_months(charged.month) + contract[charged.whose]
        earned_of = cells.of_months(earned.month) + contract[earned.whose]
        cells.add(cells.of_months(charged.month) + customer[charged.whose] + receivables, charged.minor)
        cells.add(charged_to + liability, -charged.minor)
        cells.add(earned_of + liability, earned.minor)
        cells.add(earned_of + revenue[earned.product], -earned.minor)
        return cells

    def ledger(self) -> dict[Cell, int]:
        """The same by (account, subject, month)."""
        return self.book.balances()


def expect(
    truth: Truth, calendar: FiscalCalendar, policies: Sequence[tuple[int, bool]] = (), rates: Rates = ONE_CURRENCY
) -> Expected:
    """What must be in the books at the end of the calendar's run if `truth` is what was agreed.

    `policies` say, in the order of the days from which they hold, whether setting up a subscription is a promise of its
    own in contracts signed from then on; before all of them it is. `rates` are those that totals are made at.

    Raises InvariantBroken where a contract contradicts itself.
    """
    return _Oracle(truth, calendar, policies, rates).expected()


class _Oracle:
    """The truth as of the end of the run, and what follows from it."""

    def __init__(
        self, truth: Truth, calendar: FiscalCalendar, policies: Sequence[tuple[int, bool]], rates: Rates
    ) -> None:
        self.calendar = calendar
        self.policies = policies
        self.rates = rates
        self.end_us = calendar.end_us
        self.first_day, self.last_day = calendar.day_of(0), calendar.day_of(calendar.end_us)
        self.due_us: dict[int, int] = {}
        self.falling_due: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
        self.accounts = {account.key: account for account in truth.opening_accounts}
        self.opened_us = dict.fromkeys(self.accounts, BEFORE_US)
        self.changed_us: dict[tuple[str, int], int] = {}
        self.contracts = {contract.key: contract for contract in truth.opening}
        self.opening = dict(self.contracts)
        self.agreed_us = {
            (contract.key, version.number): BEFORE_US for contract in truth.opening for version in contract.versions
        }
        self.rendered: dict[str, list[Fulfilment]] = {}
        self.rendered_us: dict[str, int] = {}
        for rendered in truth.opening_rendered:
            self._render(rendered, BEFORE_US)
        for at_us, account, contract, fulfilment in truth.acts:
            if at_us > self.end_us:
                break
            if fulfilment is not None:
                self._render(fulfilment, at_us)
            if account is not None:
                self.accounts[account.key] = account
                self.opened_us.setdefault(account.key, at_us)
                if account.version > 1:
                    self.changed_us[account.key, account.version] = at_us
            if contract is not None:
                self.contracts[contract.key] = contract
                self.agreed_us[contract.key, contract.versions[-1].number] = at_us

    def _render(self, fulfilment: Fulfilment, at_us: int) -> None:
        self.rendered.setdefault(fulfilment.contract, []).append(fulfilment)
        self.rendered_us[fulfilment.key] = at_us

    def expected(self) -> Expected:
        lines, settled = self._lines()
        allocated = {key: self._allocated(contract) for key, contract in self.contracts.items()}
        by_day, run_us = served(self.contracts, allocated), self._run_us()
        spans = [(month, first_day(month), first_day(month + 1)) for month in run_us]
        totals: dict[str, int] = {}
        expected = Expected(
            end_us=self.end_us,
            accounts=self.accounts,
            opened_us=self.opened_us,
            contracts=self.contracts,
            agreed_us=self.agreed_us,
            lines=lines,
            allocated=allocated,
            served=by_day,
            earned=earned(by_day, self.contracts, allocated, self.rendered, spans),
            run_us=run_us,
            settled=settled,
            totals=totals,
            rendered=self.rendered,
            rendered_us=self.rendered_us,
            rates=self.rates,
            changed_us=self.changed_us,
            quarter_months=tuple(range(self._first_month(), self._first_month() + self.calendar.months)),
        )
        totals.update(self._totals(expected))
        return expected

    # --- billing -------------------------------------------------------------------------------------

    def _lines(self) -> tuple[dict[LineKey, ExpectedLine], dict[str, tuple[int, int]]]:
        lines: dict[LineKey, ExpectedLine] = {}
        settled: dict[str, tuple[int, int]] = {}
        for key, contract in self.contracts.items():
            first, opening = 0, self.opening.get(key)
            if opening is not None:
                first = self._first_due_from(opening, self.first_day)
                settled[key] = (opening.version, first)
            elif contract.acquired_day:
                first = self._first_due_from(contract, contract.acquired_day)
                settled[key] = (1, first)
            lines.update(self._charges(contract, first))
        return lines, settled

    def _first_due_from(self, contract: Contract, day: int) -> int:
        """The first service period of a contract that begins on a day of the run or after it."""
        return bisect_left(self._falling_due(contract.start_day, contract.billing_months), (day,))

    def _charges(self, contract: Contract, first: int) -> Iterator[tuple[LineKey, ExpectedLine]]:
        """The charges that fall due in the run: from period `first` on, and before it those of later versions."""
        key, day_of = contract.key, self.calendar.day_of
        if contract.deliverables:
            yield from self._delivered(contract, settled=first > 0)
        versions = []
        for version, units in zip(contract.versions, units_added(contract), strict=True):
            number, agreed_us = version.number, self.agreed_us[key, version.number]
            versions.append((number, version.effective_day, units, agreed_us, self._old(contract, version)))
        price_minor = full_price_minor(contract, 0)
        since, end_day = first, contract.end_day
        if first:
            changed = (period_of(contract, day) for _, day, _, _, old in versions if not old)
            since = min((first, *changed))
        falling_due = self._falling_due(contract.start_day, contract.billing_months)
        for period, (from_day, to_day, period_due_us, period_month) in enumerate(falling_due[since:], since):
            if from_day >= end_day:
                return
            if contract.ramp:
                price_minor = full_price_minor(contract, period)
            for number, effective_day, units, agreed_us, old in versions:
                if old and period < first:
                    continue
                minor = charge_minor(units * price_minor, effective_day, from_day, to_day)
                if not minor:
                    continue
                due_us, day, month = period_due_us, from_day, period_month
                if agreed_us > period_due_us:
                    due_us, day = agreed_us, day_of(agreed_us)
                    month = month_of(day)
                yield (key, number, period), ExpectedLine(minor, from_day, to_day, due_us, day, month)

    def _falling_due(self, start_day: int, billing_months: int) -> Sequence[tuple[int, int, int, int]]:
        """The service periods of contracts with these terms that fall due by the end of the run.

        Of each its first day, the first day after it, the instant from which it is due, and the month it begins in.
        """
        known = self.falling_due.get((start_day, billing_months))
        if known is None:
            known = self.falling_due[start_day, billing_months] = []
            from_day, due_us = start_day, self._due_us(start_day)
            while due_us <= self.end_us:
                to_day = anniversary(start_day, (len(known) + 1) * billing_months)
                known.append((from_day, to_day, due_us, month_of(from_day)))
                from_day, due_us = to_day, self._due_us(to_day)
        return known

    def _old(self, contract: Contract, version: Version) -> bool:
        """Whether a version was agreed before the run, or with the former owner of an acquired contract."""
        return self.agreed_us[contract.key, version.number] < 0 or version.signed_day < contract.acquired_day

    def _delivered(self, contract: Contract, *, settled: bool) -> Iterator[tuple[LineKey, ExpectedLine]]:
        """The charges that are no service period's: what is invoiced at the start, and what was delivered.

        `settled` is whether the start of the contract was invoiced before the run.
        """
        key = contract.key
        start_us = self._due_us(contract.start_day)
        for one in contract.deliverables:
            agreed_us = self.agreed_us[key, one.version]
            if one.invoicing != "at_start" or start_us > self.end_us:
                continue
            if settled and self._old(contract, contract.versions[one.version - 1]):
                continue
            late = agreed_us > start_us
            day = self.calendar.day_of(agreed_us) if late else contract.start_day
            line = ExpectedLine(one.price_minor, one.from_day, one.to_day, max(start_us, agreed_us), day, month_of(day))
            yield (key, one.version, one.product), line
        for fulfilment in self.rendered.get(key, ()):
            at_us = self.rendered_us[fulfilment.key]
            for version, minor in delivered_minor(contract, fulfilment).items():
                agreed_us = self.agreed_us[key, version]
                if at_us < 0 and agreed_us < 0:
                    continue
                due_us, day = max(at_us, agreed_us), fulfilment.day
                if agreed_us > at_us and version > 1:  # what is agreed of it only now is charged for at once
                    day = self.calendar.day_of(agreed_us)
                elif fulfilment.metered:  # rated by the next bill run if that is to come today
                    day = self.calendar.day_of(due_us)
                    due_us = max(due_us, self._due_us(day))
                line = ExpectedLine(minor, fulfilment.from_day, fulfilment.day + 1, due_us, day, month_of(day))
                yield (key, version, fulfilment.key), line

    def _due_us(self, from_day: int) -> int:
        """When a service period that starts on a day falls due; before and after the run, just that."""
        due_us = self.due_us.get(from_day)
        if due_us is None:
            if from_day < self.first_day:
                due_us = BEFORE_US
            elif from_day > self.last_day:
                due_us = self.end_us + 1
            else:
                due_us = self.calendar.instant_us(from_day, DUE_MINUTE)
            self.due_us[from_day] = due_us
        return due_us

    # --- revenue -------------------------------------------------------------------------------------

    def _run_us(self) -> dict[int, int]:
        """The first revenue run of each month that ends in the run and no later than the quarter."""
        first_month = month_of(self.first_day)
        last_month = month_of(self.calendar.day_of(self.calendar.quarter_end_us) - 1)
        runs_us = {
            month: min((us for us in self.calendar.revenue_run_us(month) if us >= 0), default=self.end_us + 1)
            for month in range(first_month, last_month + 1)
        }
        return {month: us for month, us in runs_us.items() if us <= self.end_us}

    # --- the quarter ---------------------------------------------------------------------------------

    def _totals(self, expected: Expected) -> dict[str, int]:
        charged = expected.charged
        start_us, quarter_end_us = self.calendar.quarter_start_us, self.calendar.quarter_end_us
        delivered = [
            one
            for several in self.rendered.values()
            for one in several
            if start_us <= self.rendered_us[one.key] < quarter_end_us
        ]
        agreed = [
            (contract, version)
            for contract, version in self._agreed(start_us, quarter_end_us)
            if version.signed_day >= contract.acquired_day
        ]
        signed = [contract.account for contract, version in agreed if version.number == 1]
        due = (start_us <= charged.due_us) & (charged.due_us < quarter_end_us)
        return {
            "customers": len(set(signed)),
            "contracts": len(signed),
            "amendments": len(agreed) - len(signed),
            "invoices": int(np.count_nonzero(charged.by_document(due))),
            "usage_records": sum(one.metered for one in delivered),
            "milestones": sum(one.accepted for one in delivered),
            "bookings_minor": self.rates.worth_minor(
                (contract.currency, month_of(version.signed_day), version.price_change_minor)
                for contract, version in agreed
            ),
            "billings_minor": expected.worth.dated_minor(charged, due),
        }

    def _first_month(self) -> int:
        return month_of(self.calendar.quarter_start.toordinal())

    def _agreed(self, from_us: int, until_us: int) -> Iterator[tuple[Contract, Version]]:
        """Each version that was agreed from an instant up to, not including, another, with its contract."""
        for (key, number), us in self.agreed_us.items():
            if from_us <= us < until_us:
                contract = self.contracts[key]
                yield contract, contract.versions[number - 1]

    def _allocated(self, contract: Contract) -> Shares:
        obligations = contract.obligations
        if contract.deliverables:
            policy_day = contract.versions[0].signed_day
            distinct = True
            for from_day, setup_distinct in self.policies:
                distinct = setup_distinct if from_day <= policy_day else distinct
            return shares_of(contract, list(price_changes(contract)), setup_distinct=distinct)
        shares: Shares = {}
        for version, change_minor in zip(contract.versions, price_changes(contract), strict=True):
            for obligation, share in zip(obligations, allocation(change_minor, obligations), strict=True):
                shares[version.number, obligation.product] = share
        return shares
