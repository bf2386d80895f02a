"""Laws of the books that hold at every instant, faults or not; broken, the program is at fault.

The watch folds each new journal entry, open item and revenue contract into totals of its own and compares them
with the systems' running balances. A check costs what has changed since the last.
"""

from collections import defaultdict
from collections.abc import Mapping

from fakes.agreements import Contract
from fakes.books.ledger import CASH, CONTRACT_LIABILITY, RECEIVABLES, REVENUE, UNAPPLIED_CASH
from fakes.company import Company
from fakes.erp import OPENING_BALANCE, Erp
from harness.cash_laws import CashWatch
from sim.errors import InvariantBroken


class BooksWatch:
    """Checks a company's books; call `check` at any instant."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._ledgers = [_LedgerWatch(erp) for erp in company.erps.values()]
        self._recognitions = 0

    def check(self) -> None:
        """Raise InvariantBroken if a law does not hold at this instant."""
        for ledger in self._ledgers:
            ledger.check()
        self._recognised_within_allocated()

    def _recognised_within_allocated(self) -> None:
        recognitions = self._company.revenue.recognitions
        contracts = self._company.revenue.contracts
        for recognition in recognitions[self._recognitions :]:
            contract = contracts[recognition.revenue_contract]
            if not contract.recognised_to:  # written over since its last run, perhaps with another price
                continue
            for charge, recognised in contract.recognised.items():
                allocated = contract.allocated.get(charge)
                if allocated is None:
                    if _by_unit(contract.state, charge):
                        continue
                    allocated = 0
                if not (0 <= recognised <= allocated or allocated <= recognised <= 0):
                    detail = f"{contract.id} {charge}: {recognised} of {allocated}"
                    raise InvariantBroken("recognised revenue stays within the allocated price", detail)
        self._recognitions = len(recognitions)


class _LedgerWatch:
    """Checks the ledger and the subledgers of one ERP instance."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp
        self._entries = 0
        self._items = 0
        self._by_source: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))  # then by account
        self._receivable: dict[str, int] = {}
        self._receivable_sum = 0
        self._cash = CashWatch(erp)

    def check(self) -> None:
        """Raise InvariantBroken if a law does not hold at this instant."""
        self._fold_entries()
        self._fold_items()
        totals = self._totals()
        self._trial_balance(totals)
        self._receivables_control(totals)
        self._deferred_revenue_rollforward(totals)

    def _fold_entries(self) -> None:
        ledger, by_source = self._erp.ledger, self._by_source
        for entry in ledger.entries[self._entries :]:
            off_minor, booked = 0, by_source[entry.source]
            for account, _, minor in entry.postings:
                off_minor += minor
                booked[account] += minor
            if off_minor:
                raise InvariantBroken("every journal entry sums to zero", f"{entry.id} is off by {off_minor}")
            locked_us = ledger.locked_us.get(entry.period)
            if locked_us is not None and entry.posted_us > locked_us:
                raise InvariantBroken("nothing is posted to a closed period", f"{entry.id} in {entry.period}")
        self._entries = len(ledger.entries)

    def _totals(self) -> dict[str, int]:
        """What all sources together have posted, by account."""
        totals: dict[str, int] = defaultdict(int)
        for booked in self._by_source.values():
            for account, minor in booked.items():
                totals[account] += minor
        return totals

    def _fold_items(self) -> None:
        erp, touched = self._erp, dict[str, int]()
        for account, minor in self._cash.newly_applied().items():
            touched[account] = self._receivable[account] = self._receivable.get(account, 0) - minor
            self._receivable_sum -= minor
        for item in erp.open_items[self._items :]:
            account = erp.customers.all[item.customer].account
            touched[account] = self._receivable[account] = self._receivable.get(account, 0) + item.total_minor
            self._receivable_sum += item.total_minor
        self._items = len(erp.open_items)
        for account, minor in touched.items():
            if erp.receivables[account] != minor:
                detail = f"{account}: {erp.receivables[account]} and {minor} in open items"
                raise InvariantBroken("a customer's receivable is the sum of its open items", detail)

    def _trial_balance(self, totals: Mapping[str, int]) -> None:
        ledger = self._erp.ledger
        if totals != ledger.totals:
            raise InvariantBroken("account totals are the sums of their postings", f"{totals} {ledger.totals}")
        if ledger.trial_balance():
            raise InvariantBroken("the trial balance is zero", f"it is {ledger.trial_balance()}")

    def _receivables_control(self, totals: Mapping[str, int]) -> None:
        control = totals.get(RECEIVABLES, 0)
        if control != self._receivable_sum:
            detail = f"{self._receivable_sum} against {control}"
            raise InvariantBroken("receivables equal their control account", detail)

    def _deferred_revenue_rollforward(self, totals: Mapping[str, int]) -> None:
        """Closing = opening + billings - credits - revenue, from the entries' sources and not their balance.

        What was billed is what is still receivable, and what was paid of it.
        """
        billed_minor = sum(totals.get(account, 0) for account in (RECEIVABLES, CASH, UNAPPLIED_CASH))
        revenue = -sum(minor for account, minor in totals.items() if account.startswith(REVENUE))
        booked = {"opening": totals.get(OPENING_BALANCE, 0), "receivables": billed_minor}
        liability = {source: by_account.get(CONTRACT_LIABILITY, 0) for source, by_account in self._by_source.items()}
        deferred = {source: -liability.get(source, 0) for source in booked}
        released = liability.get("revenue", 0)
        if booked != deferred or revenue != released:
            detail = f"{booked} and {revenue} earned, but deferred {deferred} and released {released}"
            raise InvariantBroken("deferred revenue rolls forward", detail)


def _by_unit(contract: Contract, part: tuple[int, str]) -> bool:
    """Whether a part of a contract has a price by the unit alone: then it is allocated none of the contract's."""
    return any((one.version, one.product) == part and one.measure == "as_invoiced" for one in contract.deliverables)
