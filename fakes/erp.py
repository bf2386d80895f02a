"""The ERP core: customers, sales orders, accounts receivable, cash, and a general ledger whose periods close.

An external id, where a client sends one, makes a record unique: a create with the same id answers with the record
that has it, unchanged, so that a first attempt that comes late overwrites nothing; an upsert brings it up to date.
Without one, every create creates. What its master data lacks it refuses to enter or post.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from fakes.agreements import Contract
from fakes.books.ledger import (
    CONTRACT_LIABILITY,
    RECEIVABLES,
    REVENUE,
    Ledger,
    PeriodClosed,
    Unbalanced,
    revenue_account,
    sides,
)
from fakes.cash import CashApplication
from fakes.customers import CustomerMaster, Hides, IndexLag, UpdateCustomer
from fakes.lookup import Lookup
from fakes.master_data import (
    INVALID_LEGAL_ENTITY,
    MISSING_TAX_CODE,
    UNMAPPED_PRODUCT,
    Gap,
    MasterData,
    product_key,
)
from fakes.records import (
    CashReceipt,
    Customer,
    JournalEntry,
    OpenItem,
    Posting,
    SalesOrder,
    Void,
    all_as_are,
    as_is,
    receipt,
    receipts,
)
from fakes.service import Operation, Operations, Refused
from fakes.validation import at_revision, live, valid_contract, valid_postings
from sim.calendar import FiscalCalendar
from sim.record import Record

OPENING_BALANCE = "3900 opening balance"
CLOSE_CLEARING = "3950 close clearing"
"""The other side of every adjusting entry: of all those of one period together it must come to nothing."""


class UpsertCustomer(Record):
    """Create a customer, or with an external id upsert it."""

    account: str
    name: str
    external_id: str | None = None
    parent: str = ""
    party: str = ""
    version: int = 1


class FindCustomers(Record):
    """Search customers by CRM account; the index lags behind."""

    account: str


class CreateOrder(Record):
    """Enter a sales order for a contract; an order that has the external id already is left as it is."""

    customer: str
    state: Contract
    external_id: str | None = None


class UpsertOrder(Record):
    """Enter a sales order under an external id, or write over the one that has it; see UpdateOrder for `if_revision`.

    Revision 0 is that of an order which is not there yet.
    """

    customer: str
    state: Contract
    external_id: str
    if_revision: int | None = None


class FindOrders(Record):
    """List a contract's live sales orders, oldest first; lists are consistent."""

    contract: str


class UpdateOrder(Record):
    """Write a contract's state over a sales order, whatever it held; with `if_revision`, only over that one."""

    order: str
    state: Contract
    if_revision: int | None = None


class VoidOrder(Record):
    """Void a sales order, for good: its external id stays taken. One that is void already stays so."""

    order: str
    reason: str
    by: str = "integration"


class PostDocument(Record):
    """Post an invoice or (negative) credit memo to receivables and ledger, in the period of `posting_day`."""

    document: str
    account: str
    contract: str
    currency: str
    total_minor: int
    day: int
    posting_day: int
    external_id: str | None = None


class ApplyPayment(Record):
    """Enter a payment or (negative) refund for a document in cash, in the period of `posting_day`, and apply it."""

    payment: str
    document: str
    account: str
    contract: str
    currency: str
    minor: int
    day: int
    posting_day: int
    external_id: str | None = None


class PostJournal(Record):
    """Post a journal entry for `reference`, in the period of `posting_day`."""

    reference: str
    contract: str
    currency: str
    effective_day: int
    posting_day: int
    postings: tuple[Posting, ...]
    external_id: str | None = None


class ReverseJournal(Record):
    """Take a journal entry back by one of the opposite postings, in the period of `posting_day`; once, ever."""

    entry: str
    posting_day: int


class FindDocuments(Record):
    """List the open items of a document, oldest first; lists are consistent."""

    document: str


class FindPayments(Record):
    """List the cash receipts of a payment, oldest first; lists are consistent."""

    payment: str


class FindJournals(Record):
    """List the ledger's live entries for a reference, oldest first, without those reversed; lists are consistent."""

    reference: str


class Erp:
    """The records of one ERP instance: that of legal entity `entity`, whose ids bear its mark.

    With `items`, its codes by product, a revenue entry names items, and nothing else; their accounts are the products'.
    """

    def __init__(
        self,
        calendar: FiscalCalendar,
        index_lag: IndexLag,
        hides: Hides | None = None,
        gaps: Iterable[Gap] = (),
        entity: str = "",
        items: Mapping[str, str] | None = None,
    ) -> None:
        self.entity = entity
        self._products = {code: product for product, code in items.items()} if items else {}
        self._mark = f"-{entity.upper()}" if entity else ""
        self.customers = CustomerMaster(f"CUST{self._mark}", index_lag, hides)
        self.orders: dict[str, SalesOrder] = {}
        self.open_items: list[OpenItem] = []
        self.receivables: dict[str, int] = {}
        self.ledger = Ledger()
        self.master_data = MasterData(gaps)
        self._calendar = calendar
        self._orders_by_contract: dict[str, list[SalesOrder]] = {}
        self._orders_by_external_id: dict[str, SalesOrder] = {}
        self._items_by_external_id: dict[str, OpenItem] = {}
        self._entries_by_external_id: dict[str, JournalEntry] = {}
        self._items_by_document = Lookup(self.open_items, attrgetter("document"))
        self._entries_by_reference = Lookup(self.ledger.entries, attrgetter("reference"))
        self._entries_by_id = Lookup(self.ledger.entries, attrgetter("id"))
        self._reversals: dict[str, JournalEntry] = {}
        self.cash = CashApplication(
            self.customers, self._items_by_document.all, self.receivables, self._book, f"CR{self._mark}"
        )

    @property
    def news(self) -> None:
        """Nothing: an ERP tells nobody."""

    @property
    def operations(self) -> Operations:
        """What integrations can ask of the ERP."""
        return {
            UpsertCustomer: Operation("upsert_customer", self._upsert_customer, as_is),
            UpdateCustomer: Operation("update_customer", self.customers.update, as_is),
            FindCustomers: Operation("find_customers", self._find_customers, all_as_are),
            CreateOrder: Operation("create_order", self._create_order, receipt),
            UpsertOrder: Operation("upsert_order", self._upsert_order, receipt),
            FindOrders: Operation("find_orders", self._find_orders, receipts),
            UpdateOrder: Operation("update_order", self._update_order, receipt),
            VoidOrder: Operation("void_order", self._void_order, receipt),
            PostDocument: Operation("post_document", self._post_document),
            ApplyPayment: Operation("apply_payment", self._apply_payment),
            PostJournal: Operation("post_journal", self._post_journal),
            ReverseJournal: Operation("reverse_journal", self._reverse_journal),
            FindDocuments: Operation("find_documents", self._find_documents),
            FindPayments: Operation("find_payments", self._find_payments),
            FindJournals: Operation("find_journals", self._find_journals),
        }

    def preload(self, account_name: str, contract: Contract, liability_minor: int) -> None:
        """Take over a contract from before the run: its order, and what of it is billed but not yet earned."""
        customer = self.customers.first(contract.account) or self.customers.create(
            contract.account, account_name, None, 0
        )
        self._enter(customer.id, contract, None, 0)
        self.open(contract, liability_minor, self._calendar.day_of(0) - 1, 0)

    def open(self, contract: Contract, liability_minor: int, day: int, now_us: int) -> None:
        """Take over what of a contract is billed, but not yet earned, in the period of a day."""
        if liability_minor:
            deferred = (CONTRACT_LIABILITY, contract.key, -liability_minor)
            entry = JournalEntry(
                id=self._next_entry_id(),
                source="opening",
                reference=contract.key,
                contract=contract.key,
                currency=contract.currency,
                period=self._calendar.month_of_day(day),
                effective_day=day,
                posted_us=now_us,
                postings=sides(OPENING_BALANCE, contract.key, deferred),
            )
            self.ledger.post(entry)

    def close_period(self, period: int, now_us: int) -> None:
        """Close an accounting period for good."""
        self.ledger.close(period, now_us)

    def adjust(self, reference: str, lines: Sequence[Posting], period: int, currency: str, now_us: int) -> JournalEntry:
        """A person posts (account, subject, minor units, debits positive) in a period that may be closed.

        `reference` says what is adjusted. What does not balance by itself is set against the clearing account of the
        close.
        """
        off_minor = sum(minor for _, _, minor in lines)
        clearing = ((CLOSE_CLEARING, "close", -off_minor),) if off_minor else ()
        entry = JournalEntry(
            id=self._next_entry_id(),
            source="manual",
            reference=reference,
            contract=lines[0][1],
            currency=currency,
            period=period,
            effective_day=self._calendar.end_day(period) - 1,
            posted_us=now_us,
            postings=(*lines, *clearing),
        )
        self.ledger.adjust(entry)
        return entry

    def order_with(self, external_id: str) -> SalesOrder | None:
        """The sales order that bears an external id, void or not."""
        return self._orders_by_external_id.get(external_id)

    def item_with(self, external_id: str) -> OpenItem | None:
        """The open item that bears an external id."""
        return self._items_by_external_id.get(external_id)

    def entry_with(self, external_id: str) -> JournalEntry | None:
        """The journal entry that bears an external id."""
        return self._entries_by_external_id.get(external_id)

    def external_ids(self) -> Iterator[tuple[str, str]]:
        """Each external id that a record was entered under, and the id of the record."""
        for known in (self._orders_by_external_id, self._items_by_external_id, self._entries_by_external_id):
            yield from ((external_id, record.id) for external_id, record in known.items())

    def reversal_of(self, entry: str) -> JournalEntry | None:
        """What has taken a journal entry back."""
        return self._reversals.get(entry)

    def _upsert_customer(self, request: UpsertCustomer, now_us: int) -> Customer:
        return self.customers.create(
            request.account, request.name, request.external_id, now_us, request.parent, request.party, request.version
        )

    def _find_customers(self, request: FindCustomers, now_us: int) -> list[Customer]:
        return self.customers.find(request.account, now_us)

    def _create_order(self, request: CreateOrder, now_us: int) -> SalesOrder:
        if request.external_id is not None and request.external_id in self._orders_by_external_id:
            known = self._orders_by_external_id[request.external_id]
            live(known, "order_voided")
            return known
        if request.customer not in self.customers.all:
            raise Refused(404, "customer_not_found")
        return self._enter(request.customer, valid_contract(request.state), request.external_id, now_us)

    def _upsert_order(self, request: UpsertOrder, now_us: int) -> SalesOrder:
        if request.customer not in self.customers.all:
            raise Refused(404, "customer_not_found")
        known = self._orders_by_external_id.get(request.external_id)
        at_revision(known.revision if known else 0, request.if_revision)
        if known is not None:
            live(known, "order_voided")
            return self._write(known, valid_contract(request.state), now_us)
        return self._enter(request.customer, valid_contract(request.state), request.external_id, now_us)

    def _find_orders(self, request: FindOrders, now_us: int) -> list[SalesOrder]:
        return list(self._orders_by_contract.get(request.contract, ()))

    def _update_order(self, request: UpdateOrder, now_us: int) -> SalesOrder:
        order = self.orders.get(request.order)
        if order is None:
            raise Refused(404, "order_not_found")
        live(order, "order_voided")
        at_revision(order.revision, request.if_revision)
        return self._write(order, valid_contract(request.state), now_us)

    def _void_order(self, request: VoidOrder, now_us: int) -> SalesOrder:
        order = self.orders.get(request.order)
        if order is None:
            raise Refused(404, "order_not_found")
        if order.void is None:
            order.void = Void(now_us, request.by, request.reason)
        return order

    def _post_document(self, request: PostDocument, now_us: int) -> OpenItem:
        if request.external_id is not None and request.external_id in self._items_by_external_id:
            return self._items_by_external_id[request.external_id]
        customer = self.customers.first(request.account)
        if customer is None:
            raise Refused(404, "customer_not_found")
        if self.master_data.lacking:
            self.master_data.need(MISSING_TAX_CODE, request.account)
        document, contract, total_minor = request.document, request.contract, request.total_minor
        postings = sides(RECEIVABLES, request.account, (CONTRACT_LIABILITY, contract, -total_minor))
        entry = self._post("receivables", document, request, request.day, postings, now_us)
        item_id = f"AR{self._mark}-{len(self.open_items) + 1:06}"
        # By position: twice as fast as by name, and there is one for every document.
        item = OpenItem(
            item_id, request.external_id, document, customer.id, contract, total_minor, request.day, entry.period,
            entry.id, now_us,
        )  # fmt: skip
        self.open_items.append(item)
        self.receivables[customer.account] = self.receivables.get(customer.account, 0) + total_minor
        if request.external_id is not None:
            self._items_by_external_id[request.external_id] = item
        if self.cash.waiting:
            self.cash.posted(item, request.currency, now_us)
        return item

    def _apply_payment(self, request: ApplyPayment, now_us: int) -> CashReceipt:
        return self.cash.enter(request, self._calendar.month_of_day(request.posting_day), now_us)

    def _post_journal(self, request: PostJournal, now_us: int) -> JournalEntry:
        if request.external_id is not None and request.external_id in self._entries_by_external_id:
            return self._entries_by_external_id[request.external_id]
        valid_postings(request.postings)
        if self._products:
            request = replace(request, postings=tuple(map(self._of_item, request.postings)))
        if self.master_data.lacking:
            self._need_items(request)
        entry = self._post("revenue", request.reference, request, request.effective_day, request.postings, now_us)
        if request.external_id is not None:
            self._entries_by_external_id[request.external_id] = entry
        return entry

    def _of_item(self, posting: Posting) -> Posting:
        """A posting to the account of the product that an item is. Refused with 422 if there is no such item."""
        account, subject, minor = posting
        if not account.startswith(REVENUE):
            return posting
        product = self._products.get(account.removeprefix(REVENUE))
        if product is None:
            raise Refused(422, "unknown_item")
        return (revenue_account(product), subject, minor)

    def _need_items(self, request: PostJournal) -> None:
        for account, subject, _ in request.postings:
            if account.startswith(REVENUE):
                product = account.removeprefix(REVENUE)
                self.master_data.need(UNMAPPED_PRODUCT, product_key(subject, product))

    def _find_documents(self, request: FindDocuments, now_us: int) -> list[OpenItem]:
        return self._items_by_document.all(request.document)

    def _find_payments(self, request: FindPayments, now_us: int) -> list[CashReceipt]:
        return self.cash.find(request.payment)

    def _find_journals(self, request: FindJournals, now_us: int) -> list[JournalEntry]:
        entries = self._entries_by_reference.all(request.reference)
        return [entry for entry in entries if not entry.reverses and entry.id not in self._reversals]

    def _reverse_journal(self, request: ReverseJournal, now_us: int) -> JournalEntry:
        known = self._reversals.get(request.entry)
        if known is not None:
            return known
        entry = next(iter(self._entries_by_id.all(request.entry)), None)
        if entry is None:
            raise Refused(404, "entry_not_found")
        if entry.source != "revenue" or entry.reverses:
            raise Refused(409, "not_reversible")  # a document's posting is taken back by a credit memo
        reversal = replace(
            entry,
            id=self._next_entry_id(),
            period=self._calendar.month_of_day(request.posting_day),
            posted_us=now_us,
            postings=tuple((account, subject, -minor) for account, subject, minor in entry.postings),
            reverses=entry.id,
        )
        self._enter_in_ledger(reversal)
        self._reversals[entry.id] = reversal
        return reversal

    def _post(
        self,
        source: str,
        reference: str,
        request: PostDocument | PostJournal,
        effective_day: int,
        postings: tuple[Posting, ...],
        now_us: int,
    ) -> JournalEntry:
        period = self._calendar.month_of_day(request.posting_day)
        # By position: twice as fast as by name, and there is one for every posting.
        entry = JournalEntry(
            self._next_entry_id(), source, reference, request.contract, request.currency, period, effective_day,
            now_us, postings,
        )  # fmt: skip
        self._enter_in_ledger(entry)
        return entry

    def _book(
        self,
        reference: str,
        contract: str,
        currency: str,
        period: int,
        effective_day: int,
        postings: tuple[Posting, ...],
        now_us: int,
    ) -> JournalEntry:
        entry = JournalEntry(
            self._next_entry_id(), "cash", reference, contract, currency, period, effective_day, now_us, postings
        )
        self._enter_in_ledger(entry)
        return entry

    def _enter_in_ledger(self, entry: JournalEntry) -> None:
        try:
            self.ledger.post(entry)
        except PeriodClosed as closed:
            raise Refused(409, "period_closed") from closed
        except Unbalanced as unbalanced:
            raise Refused(422, "unbalanced") from unbalanced

    def _next_entry_id(self) -> str:
        return f"JE{self._mark}-{len(self.ledger.entries) + 1:07}"

    def _enter(self, customer: str, state: Contract, external_id: str | None, now_us: int) -> SalesOrder:
        if self.master_data.lacking:
            self.master_data.need(INVALID_LEGAL_ENTITY, state.account)
        applied = {version.number: now_us for version in state.versions}
        order = SalesOrder(f"SO{self._mark}-{len(self.orders) + 1:06}", customer, external_id, state, now_us, applied)
        self.orders[order.id] = order
        self._orders_by_contract.setdefault(state.key, []).append(order)
        if external_id is not None:
            self._orders_by_external_id[external_id] = order
        return order

    @staticmethod
    def _write(order: SalesOrder, state: Contract, now_us: int) -> SalesOrder:
        order.state = state
        order.revision += 1
        for version in state.versions:
            order.applied.setdefault(version.number, now_us)
        return order
