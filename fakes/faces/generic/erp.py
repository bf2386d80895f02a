"""The ERP in the generic API: customers, sales orders, documents, cash, journal entries."""

from typing import Annotated, Any

from pydantic import Field

from fakes import erp
from fakes.customers import UpdateCustomer
from fakes.faces.generic.copies import STATE, VOIDING, OfContract, OfDocument, StateForCustomer, StateUpdate, Voiding
from fakes.faces.generic.customers import NEW_CUSTOMER, CustomerUpdate, NewCustomer, OfAccount
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.records import CashReceipt, Customer, JournalEntry, OpenItem, Receipt
from fakes.faces.generic.wire import Count, Currency, Day, Key, Minor, Row, Text, Wire


class CustomerUpsert(NewCustomer):
    """A customer for an account; one that has the `external_id` already is brought up to date."""

    external_id: Key | None = None


class OrderEntry(StateForCustomer):
    """A sales order for a contract; one that has the `external_id` already is left as it is."""

    external_id: Key | None = None


class OrderUpsert(StateForCustomer):
    """A sales order for a contract; `if_revision` is the order's revision that the writer has read, 0 for none."""

    if_revision: Count | None = None


class Document(Wire):
    """An invoice or (negative) credit memo, posted in the period of `posting_day`."""

    document: Key
    account: Key
    contract: Key
    currency: Currency
    total_minor: Minor
    day: Day
    posting_day: Day
    external_id: Key | None = None


class Cash(Wire):
    """A payment or (negative) refund for a document, in the period of `posting_day`."""

    payment: Key
    document: Key
    account: Key
    contract: Key
    currency: Currency
    minor: Minor
    day: Day
    posting_day: Day
    external_id: Key | None = None


class PostingToMake(Row):
    """One side of a journal entry: a debit is positive, a credit negative."""

    account: Text
    subject: Text
    minor: Minor


class Journal(Wire):
    """A journal entry for `reference`, in the period of `posting_day`. Its postings sum to zero."""

    reference: Key
    contract: Key
    currency: Currency
    effective_day: Day
    posting_day: Day
    postings: Annotated[tuple[PostingToMake, ...], Field(min_length=1, max_length=1_000)]
    external_id: Key | None = None


class Reversal(Wire):
    """The day in whose period an entry is taken back."""

    posting_day: Day


class OfPayment(Wire):
    """Which payment."""

    payment: Key


class OfReference(Wire):
    """Which reference."""

    reference: Key


_ORDER: dict[str, Any] = {"customer": "CUST-000001", **STATE}
_ABOUT: dict[str, Any] = {"account": "A-1", "contract": "C-1", "currency": "USD"}
_DOCUMENT = {**_ABOUT, "document": "INV-C-1-1", "total_minor": 1_000, "day": "2026-01-01", "posting_day": "2026-01-02"}
_CASH = {
    **_ABOUT, "payment": "PAY-INV-C-1-1", "document": "INV-C-1-1", "minor": 1_000, "day": "2026-01-20",
    "posting_day": "2026-01-20",
}  # fmt: skip
_JOURNAL = {
    "reference": "REC-C-1-1", "contract": "C-1", "currency": "USD", "effective_day": "2026-01-31",
    "posting_day": "2026-01-31", "external_id": "REC-C-1-1",
    "postings": [
        {"account": "2400 contract liability", "subject": "C-1", "minor": 1_000},
        {"account": "4000 revenue platform", "subject": "C-1", "minor": -1_000},
    ],
}  # fmt: skip

ENDPOINTS = (
    Endpoint(
        method="POST", path="/customers", request=erp.UpsertCustomer, body=CustomerUpsert, answer=Customer,
        about="account", example={**NEW_CUSTOMER, "external_id": "A-1"},
    ),
    Endpoint(
        method="GET", path="/customers", request=erp.FindCustomers, query=OfAccount, answer=Customer, many=True,
        about="account",
    ),
    Endpoint(
        method="PUT", path="/customers/{customer}", request=UpdateCustomer, body=CustomerUpdate, answer=Customer,
        about="account", example=NEW_CUSTOMER,
    ),
    Endpoint(
        method="POST", path="/orders", request=erp.CreateOrder, body=OrderEntry, answer=Receipt, about="state.key",
        example={**_ORDER, "external_id": "C-1"},
    ),
    Endpoint(
        method="PUT", path="/orders/by-external-id/{external_id}", request=erp.UpsertOrder, body=OrderUpsert,
        answer=Receipt, about="state.key", example=_ORDER,
    ),
    Endpoint(
        method="GET", path="/orders", request=erp.FindOrders, query=OfContract, answer=Receipt, many=True,
        about="contract",
    ),
    Endpoint(
        method="PUT", path="/orders/{order}", request=erp.UpdateOrder, body=StateUpdate, answer=Receipt,
        about="state.key", example={**STATE, "if_revision": 1},
    ),
    Endpoint(
        method="POST", path="/orders/{order}/void", request=erp.VoidOrder, body=Voiding, answer=Receipt, about="order",
        example=VOIDING,
    ),
    Endpoint(
        method="POST", path="/documents", request=erp.PostDocument, body=Document, answer=OpenItem, about="document",
        example={**_DOCUMENT, "external_id": "INV-C-1-1"},
    ),
    Endpoint(
        method="GET", path="/documents", request=erp.FindDocuments, query=OfDocument, answer=OpenItem, many=True,
        about="document",
    ),
    Endpoint(
        method="POST", path="/payments", request=erp.ApplyPayment, body=Cash, answer=CashReceipt, about="payment",
        example={**_CASH, "external_id": "PAY-INV-C-1-1"},
    ),
    Endpoint(
        method="GET", path="/payments", request=erp.FindPayments, query=OfPayment, answer=CashReceipt, many=True,
        about="payment",
    ),
    Endpoint(
        method="POST", path="/journal-entries", request=erp.PostJournal, body=Journal, answer=JournalEntry,
        about="reference", example=_JOURNAL,
    ),
    Endpoint(
        method="GET", path="/journal-entries", request=erp.FindJournals, query=OfReference, answer=JournalEntry,
        many=True, about="reference",
    ),
    Endpoint(
        method="POST", path="/journal-entries/{entry}/reverse", request=erp.ReverseJournal, body=Reversal,
        answer=JournalEntry, about="entry", example={"posting_day": "2026-02-01"},
    ),
)  # fmt: skip
