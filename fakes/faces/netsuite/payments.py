"""Customer payments and refunds: the core's cash receipts, each for one document.

`custbody_payment` is billing's id of a payment, without which its number or external id is taken for it. It is for the
document that it is applied to, or else that of `custbody_document`, which may not be posted yet: then it is unapplied
until that is. A payment is posted for good.
"""

from collections.abc import Iterable
from operator import attrgetter

from fakes.books.ledger import CASH
from fakes.erp import ApplyPayment
from fakes.faces.netsuite.catalogue import CUSTOMER_PAYMENT, CUSTOMER_REFUND
from fakes.faces.netsuite.documents import Documents
from fakes.faces.netsuite.errors import bad_value, missing, user_error
from fakes.faces.netsuite.fields import Link, RecordType, Reference
from fakes.faces.netsuite.fixed import Currencies, Periods
from fakes.faces.netsuite.office import Body, number_of, stamps, transaction_id, transaction_number
from fakes.faces.netsuite.transactions import Transactions
from fakes.lookup import Lookup
from fakes.records import Application, CashReceipt, OpenItem


class Payments(Transactions):
    """All receipts of one sign: `sign` is 1 for payments of invoices and -1 for refunds of credit memos."""

    def __init__(self, documents: Documents, type_: RecordType, sign: int) -> None:
        super().__init__(documents.office, documents.customers, documents.items, documents.accounts)
        self.type = type_
        self._documents = documents
        self._sign = sign
        self._applied: Lookup[Application] | None = None

    def ids(self) -> Iterable[int]:
        return [transaction_id("cash", one.id) for one in self.office.books.cash.receipts if self._mine(one)]

    def has(self, id_: int) -> bool:
        number, receipts = transaction_number("cash", id_), self.office.books.cash.receipts
        return number is not None and number <= len(receipts) and self._mine(receipts[number - 1])

    def find(self, reference: Reference) -> int | None:
        if reference.id is not None:
            return reference.id if self.has(reference.id) else None
        books = self.office.books
        if reference.external_id is None:
            named = (one for one in books.cash.receipts if self.tran_id(one) == reference.name and self._mine(one))
            return next((transaction_id("cash", one.id) for one in named), None)
        receipt = books.cash.receipt_with(reference.external_id)
        key = receipt.id if receipt else self.office.named(self.type.name, f"eid:{reference.external_id}")
        id_ = transaction_id("cash", key) if key else None
        return id_ if id_ is not None and self.has(id_) else None

    def receipt(self, id_: int) -> CashReceipt:
        """The core's receipt. Raises Fault: 404."""
        self.check(id_)
        return self.office.books.cash.receipts[(transaction_number("cash", id_) or 0) - 1]

    def tran_id(self, receipt: CashReceipt) -> str:
        """The number that people know a payment by."""
        return str(self.noted(receipt.id).get("tranId") or receipt.payment)

    def show(self, id_: int) -> Body:
        receipt = self.receipt(id_)
        books, noted = self.office.books, self.noted(receipt.id)
        rows = [self._row(place, one) for place, one in enumerate(self._applications(receipt), start=1)]
        applied, minor = sum(row["amount"] for row in rows), abs(receipt.minor)
        currency = books.ledger.entries[number_of(receipt.journal_entry) - 1].currency
        return {
            **noted, "id": id_, "tranId": self.tran_id(receipt), 
            "externalId": receipt.external_id or noted.get("externalId"),
            "customer": self.customers.of_account(receipt.account), "tranDate": receipt.day,
            "postingPeriod": Periods.link(receipt.period), "currency": Currencies.link(currency), "payment": minor,
            "total": minor, "applied": applied, "unapplied": minor - applied, "custbody_document": receipt.document,
            "custbody_payment": receipt.payment, "custbody_contract_key": receipt.contract,
            **stamps(receipt.posted_us, noted), "account": self.accounts.link(self.accounts.of_ledger(CASH)),
            "status": {"id": "Deposited", "refName": "Deposited"}, "apply": rows,
        }  # fmt: skip

    def create(self, body: Body) -> int:
        external_id = body.get("externalId")
        self.alone(external_id)
        item = self._item(body.get("apply") or ())
        customer = self.customer(body, "customer")
        if item is not None and customer.account not in self.office.books.customers.all[item.customer].accounts:
            raise bad_value(item.document, "doc", "apply.items[0].doc")
        minor = self._minor(body, item)
        number = len(self.office.books.cash.receipts) + 1
        payment = body.get("custbody_payment") or body.get("tranId") or external_id or f"PYMT{number}"
        document = item.document if item else body.get("custbody_document") or f"unapplied {payment}"
        contract = body.get("custbody_contract_key") or (item.contract if item else document)
        default = self._documents.entry(item).currency if item else "USD"
        day = self.day(body)
        posting_day, noting = self.posting_day(body, day), self.noting(body)
        receipt: CashReceipt = self.office.door.ask(
            ApplyPayment(
                payment, document, customer.account, contract, self.currency(body, default), self._sign * minor, day,
                posting_day, external_id,
            )
        )  # fmt: skip
        self.note(receipt.id, noting)
        return transaction_id("cash", receipt.id)

    def update(self, id_: int, body: Body, replaced: frozenset[str]) -> None:
        receipt, shown = self.receipt(id_), self.show(id_)
        if body.get("externalId") not in {None, shown["externalId"]}:
            if shown["externalId"] is not None:
                raise user_error("The external id of a posted payment cannot be changed.", "externalId")
            self.alone(body["externalId"])
        for name in ("payment", "tranDate", "custbody_document", "custbody_payment", "custbody_contract_key"):
            if name in body and body[name] != shown[name]:
                raise user_error("This transaction is posted: what was posted cannot be changed.", name)
        item = self._item(body.get("apply") or ())
        if item is not None and item.document != receipt.document:
            raise user_error("This payment is for another document: it cannot be applied to this one.", "apply")
        self.note(receipt.id, self.noting(body))

    def delete(self, id_: int) -> None:
        self.receipt(id_)
        raise user_error("This transaction is posted and cannot be deleted: take it back by another transaction.")

    def _minor(self, body: Body, item: OpenItem | None) -> int:
        """What is paid: all that is open, if a body does not say."""
        said = [row["amount"] for row in body.get("apply") or () if row.get("amount") and row.get("apply", True)]
        minor = body.get("payment") or (said[0] if said else abs(item.open_minor) if item else 0)
        if minor <= 0:
            raise missing("payment")
        if said and said[0] != minor:
            raise user_error(
                "A payment is applied as a whole: the amount applied must be that of the payment.", "apply"
            )
        return int(minor)

    def _item(self, rows: Iterable[Body]) -> OpenItem | None:
        """The document that a payment is applied to."""
        wanted = [row for row in rows if row.get("apply", True)]
        if len(wanted) > 1:
            raise user_error("A payment is applied to one document: enter one payment for each.", "apply")
        for row in wanted:
            if "doc" not in row:
                raise missing("doc", "apply.items[0].doc")
            found = self._documents.find(row["doc"])
            if found is None:
                raise bad_value(row["doc"], "doc", "apply.items[0].doc")
            return self._documents.item(found)
        return None

    def _row(self, place: int, application: Application) -> Body:
        item = self.office.books.open_items[number_of(application.item) - 1]
        id_ = transaction_id("document", item.id)
        number = self._documents.tran_id(item)
        return {
            "line": place, "doc": Link(self._documents.type.name, id_, number), "apply": True,
            "amount": abs(application.minor),
            "refNum": number, "total": abs(item.total_minor), "due": abs(item.open_minor),
            "type": self._documents.type.title,
        }  # fmt: skip

    def _applications(self, receipt: CashReceipt) -> list[Application]:
        if self._applied is None:
            self._applied = Lookup(self.office.books.cash.applications, attrgetter("receipt"))
        return self._applied.all(receipt.id)

    def _mine(self, receipt: CashReceipt) -> bool:
        return (receipt.minor >= 0) == (self._sign > 0)


def customer_payments(invoices: Documents) -> Payments:
    """All payments of invoices."""
    return Payments(invoices, CUSTOMER_PAYMENT, 1)


def customer_refunds(credit_memos: Documents) -> Payments:
    """All refunds of credit memos."""
    return Payments(credit_memos, CUSTOMER_REFUND, -1)
