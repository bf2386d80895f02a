"""Invoices and credit memos: the core's open items, whose amounts are the sums of their lines.

`custbody_document` is billing's id of a document, without which its number or external id is taken for it.
`custbody_contract_key` is the contract that it is about, without which that of the order it was created from. A
document is posted for good: what can be changed is what nobody posts.
"""

from collections.abc import Iterable

from fakes.erp import PostDocument
from fakes.faces.netsuite.catalogue import CREDIT_MEMO, INVOICE
from fakes.faces.netsuite.errors import bad_value, missing, user_error
from fakes.faces.netsuite.fields import Link, RecordType, Reference
from fakes.faces.netsuite.fixed import Currencies, Periods
from fakes.faces.netsuite.office import Body, number_of, stamps, transaction_id, transaction_number
from fakes.faces.netsuite.orders import SalesOrders
from fakes.faces.netsuite.transactions import Transactions
from fakes.records import JournalEntry, OpenItem


class Documents(Transactions):
    """All documents of one sign: `sign` is 1 for invoices and -1 for credit memos."""

    def __init__(self, orders: SalesOrders, type_: RecordType, sign: int) -> None:
        super().__init__(orders.office, orders.customers, orders.items, orders.accounts)
        self.type = type_
        self._orders = orders
        self._sign = sign

    def ids(self) -> Iterable[int]:
        return [transaction_id("document", one.id) for one in self.office.books.open_items if self._mine(one)]

    def has(self, id_: int) -> bool:
        number, items = transaction_number("document", id_), self.office.books.open_items
        return number is not None and number <= len(items) and self._mine(items[number - 1])

    def find(self, reference: Reference) -> int | None:
        if reference.id is not None:
            return reference.id if self.has(reference.id) else None
        books = self.office.books
        if reference.external_id is None:
            named = (one for one in books.open_items if self.tran_id(one) == reference.name and self._mine(one))
            return next((transaction_id("document", one.id) for one in named), None)
        item = books.item_with(reference.external_id)
        key = item.id if item else self.office.named(self.type.name, f"eid:{reference.external_id}")
        id_ = transaction_id("document", key) if key else None
        return id_ if id_ is not None and self.has(id_) else None

    def item(self, id_: int) -> OpenItem:
        """The core's open item. Raises Fault: 404."""
        self.check(id_)
        return self.office.books.open_items[(transaction_number("document", id_) or 0) - 1]

    def entry(self, item: OpenItem) -> JournalEntry:
        """The posting of a document."""
        return self.office.books.ledger.entries[number_of(item.journal_entry) - 1]

    def tran_id(self, item: OpenItem) -> str:
        """The number that people know a document by."""
        return str(self.noted(item.id).get("tranId") or item.document)

    def show(self, id_: int) -> Body:
        item = self.item(id_)
        noted = self.noted(item.id)
        total, left = abs(item.total_minor), abs(item.open_minor)
        status = "Open" if item.open_minor else "Paid In Full" if self._sign > 0 else "Fully Applied"
        return {
            "item": [{"line": 1, "amount": total, "rate": total, "quantity": 1}],
            **noted,
            "id": id_, "tranId": self.tran_id(item), "externalId": item.external_id or noted.get("externalId"),
            "entity": self.customers.link(self.office.books.customers.all[item.customer]), "tranDate": item.day,
            "postingPeriod": Periods.link(item.period), "currency": Currencies.link(self.entry(item).currency),
            "total": total, "subtotal": total, "amountRemaining": left, "amountPaid": total - left,
            "status": {"id": status, "refName": status}, "custbody_document": item.document,
            "custbody_contract_key": item.contract, **stamps(item.posted_us, noted),
            "account": self.accounts.link(self.accounts.of_ledger("1100 accounts receivable")),
            **({} if self._sign > 0 else {"applied": total - left, "unapplied": left}),
        }  # fmt: skip

    def create(self, body: Body) -> int:
        external_id = body.get("externalId")
        self.alone(external_id)
        origin = body.get("createdFrom")
        source = None if origin is None else self._source(origin)
        customer = self.customer(body if "entity" in body or source is None else {"entity": source["entity"]}, "entity")
        lines = self.lines(body.get("item") or ())
        if not lines:
            raise missing("item")
        total = sum(line["amount"] for line in lines)
        if total < 0 or (total == 0 and self._sign < 0):
            raise user_error(f"The total of a {self.type.title} must be positive.", "item")
        number = len(self.office.books.open_items) + 1
        document = (
            body.get("custbody_document")
            or body.get("tranId")
            or external_id
            or f"{self.type.title[:3].upper()}{number}"
        )
        contract = body.get("custbody_contract_key") or (source or {}).get("custbody_contract_key") or document
        day = self.day(body)
        posting_day, noting = self.posting_day(body, day), self.noting(body)
        default = source["currency"].name if source else "USD"
        item: OpenItem = self.office.door.ask(
            PostDocument(
                document, customer.account, contract, self.currency(body, default), self._sign * total, day,
                posting_day,
                external_id,
            )
        )  # fmt: skip
        created = {"createdFrom": self._link(origin)} if origin is not None else {}
        self.note(item.id, {**noting, **created, "item": lines})
        return transaction_id("document", item.id)

    def update(self, id_: int, body: Body, replaced: frozenset[str]) -> None:
        item, shown = self.item(id_), self.show(id_)
        if body.get("externalId") not in {None, shown["externalId"]}:
            if shown["externalId"] is not None:
                raise user_error("The external id of a posted document cannot be changed.", "externalId")
            self.alone(body["externalId"])
        posted = ("custbody_document", "custbody_contract_key", "tranDate")
        changed = [str(name) for name in posted if name in body and body[name] != shown[name]]
        if "entity" in body and self.customer(body, "entity").id != item.customer:
            changed.append("entity")
        if (
            body.get("postingPeriod")
            and self.office.resolve("accountingPeriod", body["postingPeriod"], "postingPeriod") != item.period
        ):
            changed.append("postingPeriod")
        noting = self.noting(body)
        if "item" in body:
            lines = self.lines(self.merged(shown["item"], body["item"], anew="item" in replaced))
            if sum(line["amount"] for line in lines) != abs(item.total_minor):
                changed.append("item")
            noting["item"] = lines
        if changed:
            raise user_error(
                "This transaction is posted: what was posted cannot be changed. Take it back by another transaction.",
                changed[0],
            )
        self.note(item.id, noting)

    def delete(self, id_: int) -> None:
        self.item(id_)
        raise user_error("This transaction is posted and cannot be deleted: take it back by another transaction.")

    def _mine(self, item: OpenItem) -> bool:
        return (item.total_minor >= 0) == (self._sign > 0)

    def _source(self, origin: Reference) -> Body:
        """The transaction that another is created from."""
        for kind in ("salesOrder", "invoice"):
            records = self.office.records[kind]
            found = records.find(origin)
            if found is not None:
                shown = records.show(found)
                return {**shown, "entity": Reference(id=int(shown["entity"].id), path="entity")}
        raise bad_value(origin, "createdFrom", "createdFrom")

    def _link(self, origin: Reference) -> Link:
        for kind in ("salesOrder", "invoice"):
            found = self.office.records[kind].find(origin)
            if found is not None:
                return Link(kind, found, str(self.office.records[kind].show(found)["tranId"]))
        raise bad_value(origin, "createdFrom", "createdFrom")


def invoices(orders: SalesOrders) -> Documents:
    """All invoices."""
    return Documents(orders, INVOICE, 1)


def credit_memos(orders: SalesOrders) -> Documents:
    """All credit memos."""
    return Documents(orders, CREDIT_MEMO, -1)
