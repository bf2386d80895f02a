"""The books of a run as the audit gets them: every system's records, as they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fakes.records import (
    Application,
    BilledDocument,
    CashReceipt,
    Customer,
    Invoice,
    JournalEntry,
    OpenItem,
    Payment,
    Project,
    Recognition,
    Rendered,
    RevenueContract,
    SalesOrder,
    Subscription,
)


@dataclass(frozen=True, slots=True)
class Books:
    """All records of billing, ERP, revenue and projects in the order of their making, and when ERP locked which month.

    What was made at instant 0 or before is the opening position, taken over and not audited. Voided copies and
    reversed entries are among them: they stand for nothing, and only count as what there ever was. `payments` are what
    customers really paid, as billing's bank reports it: the truth that cash is held against.
    """

    billing_customers: Sequence[Customer] = ()
    subscriptions: Sequence[Subscription] = ()
    invoices: Sequence[Invoice] = ()
    erp_customers: Sequence[Customer] = ()
    orders: Sequence[SalesOrder] = ()
    open_items: Sequence[OpenItem] = ()
    journal: Sequence[JournalEntry] = ()
    locks: Mapping[int, int] = field(default_factory=dict)
    revenue_contracts: Sequence[RevenueContract] = ()
    recognitions: Sequence[Recognition] = ()
    billed_documents: Sequence[BilledDocument] = ()
    entities: Mapping[str, str] = field(default_factory=dict)
    projects: Sequence[Project] = ()
    billing_rendered: Sequence[Rendered] = ()
    revenue_rendered: Sequence[Rendered] = ()
    payments: Sequence[Payment] = ()
    receipts: Sequence[CashReceipt] = ()
    applications: Sequence[Application] = ()
