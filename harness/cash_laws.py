"""Laws of cash: the cash account is its receipts, unapplied is what was not applied, and nothing is applied twice.

Cash applied is at most cash received, and at most what is open of an item. A check costs what has
changed since the last.
"""

from fakes.books.ledger import CASH, UNAPPLIED_CASH
from fakes.erp import Erp
from fakes.records import Application, CashReceipt, OpenItem
from sim.errors import InvariantBroken


class CashWatch:
    """Checks the cash of an ERP against its open items and its ledger."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp
        self._receipts: dict[str, CashReceipt] = {}
        self._items: dict[str, OpenItem] = {}
        self._received_minor = 0
        self._applied_minor = 0
        self._applied: dict[str, Application] = {}
        self._paid: dict[str, int] = {}

    def newly_applied(self) -> dict[str, int]:
        """What was applied since the last time, by account. Raises InvariantBroken if a law does not hold now."""
        cash, by_account = self._erp.cash, dict[str, int]()
        if not cash.receipts:
            return by_account
        for receipt in cash.receipts[len(self._receipts) :]:
            self._receipts[receipt.id] = receipt
            self._received_minor += receipt.minor
        for item in self._erp.open_items[len(self._items) :]:
            self._items[item.id] = item
        applications = cash.applications[len(self._applied) :]
        for application in applications:
            self._fold(application)
            account = self._erp.customers.all[self._items[application.item].customer].account
            by_account[account] = by_account.get(account, 0) + application.minor
        for application in applications:
            paid_minor, item = self._paid[application.item], self._items[application.item]
            if paid_minor != item.paid_minor:
                raise InvariantBroken("an item knows what is applied to it", f"{item} of {paid_minor}")
            if not (0 <= paid_minor <= item.total_minor or item.total_minor <= paid_minor <= 0):
                raise InvariantBroken("cash applied is at most what is open", f"{paid_minor} to {item}")
        self._ledger_agrees()
        return by_account

    def _fold(self, application: Application) -> None:
        receipt = self._receipts[application.receipt]
        if receipt.id in self._applied or application.minor != receipt.minor:
            raise InvariantBroken("cash applied is cash received", f"{application} of {receipt}")
        self._applied[receipt.id] = application
        self._applied_minor += application.minor
        self._paid[application.item] = self._paid.get(application.item, 0) + application.minor

    def _ledger_agrees(self) -> None:
        totals = self._erp.ledger.totals
        cash_minor, unapplied_minor = totals.get(CASH, 0), -totals.get(UNAPPLIED_CASH, 0)
        if cash_minor != self._received_minor:
            detail = f"{cash_minor} against {self._received_minor} received"
            raise InvariantBroken("cash is the sum of its receipts", detail)
        if unapplied_minor != self._received_minor - self._applied_minor:
            detail = f"{unapplied_minor}, of {self._received_minor} received and {self._applied_minor} applied"
            raise InvariantBroken("unapplied cash is what was received and not applied", detail)
