"""What the ERP's ledger says has moved in a run, folded once: the posting-date book by contract and by customer.

Revenue, cash and balances are the ledger's. What of its billings is invoiced or credited, and for what, it does not
know: that is looked up in the documents that its entries name. Bookings are no entries either; they are what its sales
orders are worth. The opening position is the one that was taken over, which is not audited.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from fakes.agreements import Contract, PerformanceObligation
from fakes.records import Invoice, JournalEntry
from harness.audit.books import Books
from harness.oracle import Expected
from harness.oracle.ledger import (
    CASH,
    CONTRACT_LIABILITY,
    RECEIVABLES,
    UNAPPLIED_CASH,
    Accounts,
    Balances,
    empty_balances,
    revenue_account,
)
from harness.oracle.months import month_of
from harness.oracle.movements import KINDS, Amounts, Kind, Movements, Position, Sheet, kinds_of
from harness.oracle.receivables import Receivables
from harness.oracle.statements import charged_by_unit

REVENUE = revenue_account("")

Charges = dict[tuple[str, int, int | str], int]
"""Minor units posted by (contract, version, what for)."""


class Posted:
    """The ledger of a run in the months of `due`, which says where contracts stood as the first of them began.

    What documents posted is kept apart from all else. Months are places among those of `due`.
    """

    def __init__(self, expected: Expected, due: Movements, books: Books) -> None:
        self._expected = expected
        self._due = due
        self._books = books
        self._months = due.months
        self._by_document, self._otherwise = empty_balances(), empty_balances()
        self._charges: list[Charges] = [{} for _ in due.months]
        self._fold()
        self._place = {key: at for at, key in enumerate(due.contracts)}
        self._customer = {key: at for at, key in enumerate(expected.accounts)}
        for account, subjects in self._accounts():
            if account == CONTRACT_LIABILITY or account.startswith(REVENUE):
                _enter(self._place, subjects)
            elif account in (RECEIVABLES, CASH, UNAPPLIED_CASH):
                _enter(self._customer, subjects)
        _enter(self._place, (order.state.key for order in books.orders))

    def _fold(self) -> None:
        documents = {invoice.id: invoice for invoice in self._books.invoices}
        first, last = (self._months[0], self._months[-1]) if self._months else (0, -1)
        for entry in self._books.journal:
            period = entry.period
            if entry.posted_us <= 0 or period > last:
                continue
            at = period - first if period > first else 0
            if entry.source == "receivables":
                accounts = self._by_document[at]
                _charge(self._charges[at], entry, documents.get(entry.reference))
            else:
                accounts = self._otherwise[at]
            for account, subject, minor in entry.postings:
                accounts[account][subject] += minor

    def _accounts(self) -> Iterable[tuple[str, dict[str, int]]]:
        return (each for balances in self._all for accounts in balances.values() for each in accounts.items())

    @property
    def _all(self) -> tuple[Balances, Balances]:
        return self._by_document, self._otherwise

    def moved(self) -> Movements:
        """What moved by contract. Contracts that nobody signed come after those of `due`."""
        size = len(self._months), len(self._place)
        invoiced, credited, as_invoiced = (sheet.amounts(*size) for sheet in self._charged())
        revenue = {kind: sheet.amounts(*size) for kind, sheet in self._earned().items()}
        earned = np.sum([*revenue.values()], axis=0, dtype=np.int64)
        return Movements(
            months=self._months,
            contracts=tuple(self._place),
            opening=_widened(self._due.opening, len(self._place)),
            booked=self._booked().amounts(*size),
            invoiced=invoiced,
            credited=credited,
            as_invoiced=as_invoiced,
            revenue=revenue,
            other=earned - invoiced + credited - self._account(CONTRACT_LIABILITY, self._place, *self._all),
        )

    def owed(self, moved: Movements) -> Receivables:
        """What moved by customer; `moved` is what did by contract."""
        customers = self._customer
        size = len(self._months), len(customers)
        cash, refunds = (sheet.amounts(*size) for sheet in self._paid())
        credited = self._credited(moved).amounts(*size)
        unapplied = -self._account(UNAPPLIED_CASH, customers, *self._all)
        return Receivables(
            months=self._months,
            accounts=tuple(customers),
            invoiced=self._account(RECEIVABLES, customers, self._by_document) + credited,
            credited=credited,
            cash=cash,
            refunds=refunds,
            unapplied=unapplied,
            other=self._account(RECEIVABLES, customers, self._otherwise) + cash - refunds - unapplied,
        )

    def _booked(self) -> Sheet:
        """What the live orders' versions add to their contracts' prices, in the month of their signing."""
        sheet = Sheet()
        first, last = (self._months[0], self._months[-1]) if self._months else (0, -1)
        for order in self._books.orders:
            if order.void is None:
                for version in order.state.versions:
                    month = month_of(version.signed_day)
                    if order.applied.get(version.number, 0) > 0 and month <= last:
                        whose = self._place[order.state.key]
                        sheet.add(max(month - first, 0), whose, version.price_change_minor)
        return sheet

    def _charged(self) -> tuple[Sheet, Sheet, Sheet]:
        """What is invoiced and what is credited, charge by charge, and the net of what is agreed by the unit."""
        invoiced, credited, as_invoiced = Sheet(), Sheet(), Sheet()
        by_unit = charged_by_unit(self._expected)
        for at, charges in enumerate(self._charges):
            for (contract, _, what), minor in charges.items():
                whose = self._place[contract]
                if minor >= 0:
                    invoiced.add(at, whose, minor)
                else:
                    credited.add(at, whose, -minor)
                if what in by_unit:
                    as_invoiced.add(at, whose, minor)
        return invoiced, credited, as_invoiced

    def _earned(self) -> dict[Kind, Sheet]:
        """What the revenue accounts say, by kind of product."""
        sheets: dict[Kind, Sheet] = {kind: Sheet() for kind in KINDS}
        kinds = _kinds(self._expected.contracts)
        for balances in self._all:
            for at, accounts in balances.items():
                for account in accounts:
                    if account.startswith(REVENUE):
                        self._enter_revenue(sheets, kinds, at, account, accounts)
        return sheets

    def _enter_revenue(
        self, sheets: dict[Kind, Sheet], kinds: Mapping[str, Mapping[str, Kind]], at: int, account: str, accounts: Accounts
    ) -> None:
        product, nobody = account.removeprefix(REVENUE), dict[str, Kind]()
        for contract, minor in accounts[account].items():
            kind = kinds.get(contract, nobody).get(product, "other")
            sheets[kind].add(at, self._place[contract], -minor)

    def _credited(self, moved: Movements) -> Sheet:
        """What of a customer's contracts was credited."""
        sheet, contracts = Sheet(), self._expected.contracts
        for at, place in zip(*(axis.tolist() for axis in moved.credited.nonzero()), strict=True):
            contract = contracts.get(moved.contracts[place])
            if contract is not None:
                sheet.add(at, self._customer[contract.account], int(moved.credited[at, place]))
        return sheet

    def _paid(self) -> tuple[Sheet, Sheet]:
        """Cash received, and refunds."""
        cash, refunds = Sheet(), Sheet()
        if not self._books.receipts:
            return cash, refunds
        first, last = (self._months[0], self._months[-1]) if self._months else (0, -1)
        for entry in self._books.journal:
            if entry.source == "cash" and entry.posted_us > 0 and entry.period <= last:
                for account, subject, minor in entry.postings:
                    if account == CASH:
                        sheet = cash if minor >= 0 else refunds
                        sheet.add(max(entry.period - first, 0), self._customer[subject], abs(minor))
        return cash, refunds

    def _account(self, account: str, place: Mapping[str, int], *several: Balances) -> Amounts:
        """The movements of an account by month and subject, debits positive."""
        sheet = Sheet()
        for balances in several:
            for at, accounts in balances.items():
                if account in accounts:
                    for subject, minor in accounts[account].items():
                        sheet.add(at, place[subject], minor)
        return sheet.amounts(len(self._months), len(place))


def _charge(charges: Charges, entry: JournalEntry, document: Invoice | None) -> None:
    """Add what an entry posts to be charged: the lines of its document or, where that says otherwise, all in one."""
    for account, contract, minor in entry.postings:
        if account != CONTRACT_LIABILITY:
            continue
        if document is not None and document.contract == contract and document.total_minor == -minor:
            for line in document.lines:
                key = (contract, line.version, line.period)
                charges[key] = charges.get(key, 0) + line.minor
        else:
            key = (contract, 0, entry.id)
            charges[key] = charges.get(key, 0) - minor


def _kinds(contracts: Mapping[str, Contract]) -> dict[str, dict[str, Kind]]:
    """What the revenue of each contract's products is of; plain contracts of the same products share one answer."""
    plain: dict[tuple[PerformanceObligation, ...], dict[str, Kind]] = {}
    kinds: dict[str, dict[str, Kind]] = {}
    for key, contract in contracts.items():
        if contract.deliverables:
            kinds[key] = kinds_of(contract)
            continue
        known = plain.get(contract.obligations)
        if known is None:
            known = plain[contract.obligations] = kinds_of(contract)
        kinds[key] = known
    return kinds


def _enter(place: dict[str, int], keys: Iterable[str]) -> None:
    """Give a place to each key that has none."""
    for key in keys:
        if key not in place:
            place[key] = len(place)


def _widened(position: Position, width: int) -> Position:
    """The same position for more contracts, which have none."""

    def wider(amounts: Amounts) -> Amounts:
        return np.concatenate([amounts, np.zeros(width - len(amounts), dtype=np.int64)])

    return Position(
        fixed=wider(position.fixed), as_invoiced=wider(position.as_invoiced), remaining=wider(position.remaining)
    )
