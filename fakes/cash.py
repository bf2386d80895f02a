"""Cash application: what customers paid, entered in the ledger and applied to the open item of its document.

A receipt is applied as a whole or not at all, and never beyond what is open of the item. What finds no such item is
unapplied cash; once its document is posted it is applied by an entry of its own, in the later of the two periods: what
has not come in yet cannot be applied.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Protocol

from fakes.books.ledger import CASH, RECEIVABLES, UNAPPLIED_CASH
from fakes.customers import CustomerMaster
from fakes.lookup import Lookup
from fakes.records import Application, CashReceipt, JournalEntry, OpenItem, Posting
from fakes.service import Refused


class Incoming(Protocol):
    """A payment as an integration tells of it."""

    payment: str
    document: str
    account: str
    contract: str
    currency: str
    minor: int
    day: int
    external_id: str | None


class Book(Protocol):
    """Posts a balanced entry of source `cash`; refused with 409 in a closed period."""

    def __call__(
        self,
        reference: str,
        contract: str,
        currency: str,
        period: int,
        effective_day: int,
        postings: tuple[Posting, ...],
        now_us: int,
    ) -> JournalEntry: ...


class CashApplication:
    """The cash receipts of one ERP and what they are applied to. `waiting` are the unapplied ones by document."""

    def __init__(
        self,
        customers: CustomerMaster,
        items: Callable[[str], list[OpenItem]],
        receivables: dict[str, int],
        book: Book,
        prefix: str = "CR",
    ) -> None:
        self.receipts: list[CashReceipt] = []
        self.applications: list[Application] = []
        self.waiting: dict[str, list[CashReceipt]] = {}
        self._customers = customers
        self._items = items
        self._receivables = receivables
        self._book = book
        self._prefix = prefix
        self._by_external_id: dict[str, CashReceipt] = {}
        self._by_payment = Lookup(self.receipts, attrgetter("payment"))

    def enter(self, request: Incoming, period: int, now_us: int) -> CashReceipt:
        """Enter a payment in a period and apply it; one whose external id is known already is left as it is.

        Refused with 404 if nobody is the account's customer.
        """
        if request.external_id is not None and request.external_id in self._by_external_id:
            return self._by_external_id[request.external_id]
        if self._customers.first(request.account) is None:
            raise Refused(404, "customer_not_found")
        account, minor = request.account, request.minor
        item = next((item for item in self._items(request.document) if self._fits(account, minor, item)), None)
        against = UNAPPLIED_CASH if item is None else RECEIVABLES
        postings = ((CASH, account, minor), (against, account, -minor))
        entry = self._book(request.payment, request.contract, request.currency, period, request.day, postings, now_us)
        receipt = CashReceipt(
            f"{self._prefix}-{len(self.receipts) + 1:06}", request.external_id, request.payment, request.document,
            account, request.contract, minor, request.day, period, entry.id, now_us,
        )  # fmt: skip
        self.receipts.append(receipt)
        if request.external_id is not None:
            self._by_external_id[request.external_id] = receipt
        if item is None:
            self.waiting.setdefault(request.document, []).append(receipt)
        else:
            self._apply(receipt, item, entry)
        return receipt

    def posted(self, item: OpenItem, currency: str, now_us: int) -> None:
        """Apply to an item that has just been posted what has been waiting for it."""
        left = []
        for receipt in self.waiting.pop(item.document, ()):
            if not self._fits(receipt.account, receipt.minor, item):
                left.append(receipt)
                continue
            account, minor = receipt.account, receipt.minor
            postings = ((UNAPPLIED_CASH, account, minor), (RECEIVABLES, account, -minor))
            period = max(item.period, receipt.period)
            entry = self._book(receipt.payment, receipt.contract, currency, period, receipt.day, postings, now_us)
            self._apply(receipt, item, entry)
        if left:
            self.waiting[item.document] = left

    def find(self, payment: str) -> list[CashReceipt]:
        """The receipts for a payment, oldest first."""
        return self._by_payment.all(payment)

    def receipt_with(self, external_id: str) -> CashReceipt | None:
        """The receipt that bears an external id."""
        return self._by_external_id.get(external_id)

    def _fits(self, account: str, minor: int, item: OpenItem) -> bool:
        """Whether an item of the same account is open for at least so much."""
        open_minor = item.open_minor
        within = 0 < minor <= open_minor or open_minor <= minor < 0
        return within and account in self._customers.all[item.customer].accounts

    def _apply(self, receipt: CashReceipt, item: OpenItem, entry: JournalEntry) -> None:
        item.paid_minor += receipt.minor
        self._receivables[self._customers.all[item.customer].account] -= receipt.minor
        applied = Application(receipt.id, item.id, receipt.minor, entry.period, entry.id, entry.posted_us)
        self.applications.append(applied)
