"""What the ERP's ledger says has moved in a run: the posting-date book by contract and by customer.

Revenue, cash and balances are the ledger's. What of its billings is invoiced or credited, and for what, it does not
know: that is looked up in the documents that its entries name. Bookings are no entries either; they are what its sales
orders are worth. The opening position is the one that was taken over, which is not audited.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cached_property

import numpy as np

from fakes.records import Invoice, JournalEntry
from harness.audit.books import Books
from harness.oracle import Expected
from harness.oracle.ledger import (
    CASH,
    CONTRACT_LIABILITY,
    RECEIVABLES,
    UNAPPLIED_CASH,
    Balances,
    empty_balances,
    revenue_account,
)
from harness.oracle.months import month_of
from harness.oracle.movements import KINDS, Amounts, Kind, Movements, Position, Sheet, added_up, kinds_of
from harness.oracle.receivables import Receivables, customer_currencies
from harness.oracle.statements import charged_by_unit
from harness.oracle.translation import HOME, Translation

REVENUE = revenue_account("")

Charges = dict[tuple[str, int, int | str], int]
"""Minor units posted by (contract, version, what for)."""


class Posted:
    """The ledger of a run in the months of `due`, of its `suspects`, contracts and customers; others are as expected.

    `due` and `paid` are what is expected to move, and say where it began. What documents posted is kept apart from all
    else. Months are places among those of `due`; those who are nobody's come after all others.
    """

    def __init__(self, expected: Expected, due: Movements, paid: Receivables, books: Books, suspects: Set[str]) -> None:
        self._expected = expected
        self._due = due
        self._paid = paid
        self._books = books
        self._suspects = suspects
        self._first, self._last = (due.months[0], due.months[-1]) if due.months else (0, -1)
        self._by_document, self._otherwise = empty_balances(), empty_balances()
        self._charges: list[Charges] = [{} for _ in due.months]
        self._cash, self._refunds = Sheet(), Sheet()
        self._place: dict[str, int] = {}
        self._customer: dict[str, int] = {}
        if suspects:
            _enter(self._place, due.contracts)
            _enter(self._customer, paid.accounts)
            self._fold()

    def _fold(self) -> None:
        documents = {invoice.id: invoice for invoice in self._books.invoices}
        suspects = self._suspects
        for entry in self._books.journal:
            if entry.posted_us <= 0 or entry.period > self._last:
                continue
            if self._expected.takes_over(entry.source, entry.contract):
                continue
            concerned = False
            for _, subject, _ in entry.postings:
                concerned = concerned or subject in suspects
            if concerned:
                self._take(entry, documents.get(entry.reference))
        _enter(self._place, (order.state.key for order in self._books.orders if order.state.key in suspects))

    def _take(self, entry: JournalEntry, document: Invoice | None) -> None:
        """What one entry posts to suspects."""
        at = max(entry.period - self._first, 0)
        billing = entry.source == "receivables"
        accounts = (self._by_document if billing else self._otherwise)[at]
        for account, subject, minor in entry.postings:
            if subject not in self._suspects:
                continue
            accounts[account][subject] += minor
            if account == CONTRACT_LIABILITY or account.startswith(REVENUE):
                _enter(self._place, [subject])
            elif account in (RECEIVABLES, CASH, UNAPPLIED_CASH):
                _enter(self._customer, [subject])
            if account == CONTRACT_LIABILITY and billing:
                _charge(self._charges[at], entry, subject, minor, document)
            if account == CASH:
                sheet = self._cash if minor >= 0 else self._refunds
                sheet.add(at, self._customer[subject], abs(minor))

    @cached_property
    def moved(self) -> Movements:
        """What moved by contract."""
        if not self._suspects:
            return self._due
        due, place = self._due, self._place
        invoiced, credited, as_invoiced = (self._merged(sheet, part, place) for sheet, part in self._charged())
        revenue = {kind: self._merged(sheet, due.revenue[kind], place) for kind, sheet in self._earned().items()}
        earned = added_up(revenue.values())
        position = self._merged(
            self._account(CONTRACT_LIABILITY, place, self._by_document, self._otherwise),
            due.earned - due.invoiced + due.credited,
            place,
        )
        return Movements(
            months=due.months,
            contracts=tuple(place),
            worth=Translation.of(self._expected.rates, self._currencies(place)),
            opening=_widened(due.opening, len(place)),
            acquired=_widened(due.acquired, len(place)),
            booked=self._merged(self._booked(), due.booked, place),
            invoiced=invoiced,
            credited=credited,
            as_invoiced=as_invoiced,
            revenue=revenue,
            other=earned - invoiced + credited - position,
        )

    @cached_property
    def owed(self) -> Receivables:
        """What moved by customer."""
        if not self._suspects:
            return self._paid
        paid, place = self._paid, self._customer
        credited = self._merged(self._credited(), paid.credited, place)
        cash = self._merged(self._cash, paid.cash, place)
        refunds = self._merged(self._refunds, paid.refunds, place)
        by_document = self._account(RECEIVABLES, place, self._by_document)
        documented = self._merged(by_document, paid.invoiced - paid.credited, place)
        applied = self._merged(
            self._account(RECEIVABLES, place, self._otherwise), paid.refunds - paid.cash + paid.unapplied, place
        )
        unapplied = -self._merged(
            self._account(UNAPPLIED_CASH, place, self._by_document, self._otherwise), -paid.unapplied, place
        )
        return Receivables(
            months=paid.months,
            accounts=tuple(place),
            worth=Translation.of(self._expected.rates, customer_currencies(self._expected.contracts, place)),
            invoiced=documented + credited,
            credited=credited,
            cash=cash,
            refunds=refunds,
            unapplied=unapplied,
            other=applied + cash - refunds - unapplied,
        )

    def _currencies(self, contracts: Iterable[str]) -> Iterator[str]:
        known = self._expected.contracts
        return (known[key].currency if key in known else HOME for key in contracts)

    def _merged(self, posted: Sheet, expected: Amounts, place: Mapping[str, int]) -> Amounts:
        """What was posted of the suspects, and of all others what was expected."""
        months, known = expected.shape
        merged = posted.amounts(months, len(place))
        trusted = np.array([key not in self._suspects for key in place], dtype=bool)[:known]
        merged[:, :known][:, trusted] = expected[:, trusted]
        return merged

    def _charged(self) -> tuple[tuple[Sheet, Amounts], ...]:
        """What is invoiced, what is credited, and the net of what is agreed by the unit; each beside what is due."""
        invoiced, credited, as_invoiced = Sheet(), Sheet(), Sheet()
        by_unit = charged_by_unit(self._expected)
        for at, charges in enumerate(self._charges):
            for (contract, _, what), minor in charges.items():
                whose = self._place[contract]
                (invoiced if minor >= 0 else credited).add(at, whose, abs(minor))
                if what in by_unit:
                    as_invoiced.add(at, whose, minor)
        due = self._due
        return (invoiced, due.invoiced), (credited, due.credited), (as_invoiced, due.as_invoiced)

    def _earned(self) -> dict[Kind, Sheet]:
        """What the revenue accounts say, by kind of product."""
        sheets: dict[Kind, Sheet] = {kind: Sheet() for kind in KINDS}
        for balances in (self._by_document, self._otherwise):
            for at, accounts in balances.items():
                for account, subjects in accounts.items():
                    if account.startswith(REVENUE):
                        for contract, minor in subjects.items():
                            kind = kind_of(self._expected, contract, account)
                            sheets[kind].add(at, self._place[contract], -minor)
        return sheets

    def _booked(self) -> Sheet:
        """What the live orders' versions add to their contracts' prices, in the month of their signing."""
        sheet = Sheet()
        for order in self._books.orders:
            if order.void is None and order.state.key in self._suspects:
                for version in order.state.versions:
                    month = month_of(version.signed_day)
                    ours = order.applied.get(version.number, 0) > 0 and version.signed_day >= order.state.acquired_day
                    if ours and month <= self._last:
                        whose = self._place[order.state.key]
                        sheet.add(max(month - self._first, 0), whose, version.price_change_minor)
        return sheet

    def _credited(self) -> Sheet:
        """What of customers' contracts was credited."""
        sheet, moved, contracts = Sheet(), self.moved, self._expected.contracts
        for at, place in zip(*(axis.tolist() for axis in moved.credited.nonzero()), strict=True):
            contract = contracts.get(moved.contracts[place])
            if contract is not None and contract.account in self._suspects:
                sheet.add(at, self._customer[contract.account], int(moved.credited[at, place]))
        return sheet

    def _account(self, account: str, place: Mapping[str, int], *several: Balances) -> Sheet:
        """The movements of an account by month and subject, debits positive."""
        sheet = Sheet()
        for balances in several:
            for at, accounts in balances.items():
                for subject, minor in accounts.get(account, {}).items():
                    sheet.add(at, place[subject], minor)
        return sheet


def kind_of(expected: Expected, contract: str, account: str) -> Kind:
    """What the revenue of a contract in a revenue account is of."""
    known = expected.contracts.get(contract)
    return "other" if known is None else kinds_of(known).get(account.removeprefix(REVENUE), "other")


def _charge(charges: Charges, entry: JournalEntry, contract: str, minor: int, document: Invoice | None) -> None:
    """Add what an entry posts for a contract: the lines of its document or, where that says otherwise, all in one."""
    if document is not None and document.contract == contract and document.total_minor == -minor:
        for line in document.lines:
            key = (contract, line.version, line.period)
            charges[key] = charges.get(key, 0) + line.minor
    else:
        key = (contract, 0, entry.id)
        charges[key] = charges.get(key, 0) - minor


def _enter(place: dict[str, int], keys: Iterable[str]) -> None:
    """Give a place to each key that has none."""
    for key in keys:
        if key not in place:
            place[key] = len(place)


def _widened(position: Position, width: int) -> Position:
    """The same position for more contracts, which have none."""

    def wider(amounts: Amounts) -> Amounts:
        more = (*amounts.shape[:-1], width - amounts.shape[-1])
        return np.concatenate([amounts, np.zeros(more, dtype=np.int64)], axis=-1)

    return Position(
        fixed=wider(position.fixed), as_invoiced=wider(position.as_invoiced), remaining=wider(position.remaining)
    )
