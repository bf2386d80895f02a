"""A company by hand: what it told, and the records in which its systems reflect that. For lags and metrics alone."""

from types import SimpleNamespace

from fakes.records import (
    BilledDocument,
    CashReceipt,
    Customer,
    JournalEntry,
    OpenItem,
    RevenueContract,
    SalesOrder,
    Subscription,
)
from sim.delivery import Event

SOURCES = {
    "account_opened": "crm",
    "account_changed": "crm",
    "contract_signed": "crm",
    "sow_signed": "crm",
    "change_order_approved": "projects",
    "usage_reported": "billing",
    "time_approved": "projects",
    "milestone_accepted": "projects",
    "contract_amended": "crm",
    "contract_cancelled": "crm",
    "invoice_issued": "billing",
    "credit_memo_issued": "billing",
    "payment_received": "billing",
    "refund_paid": "billing",
    "revenue_recognised": "revenue",
}


def event(type_, key, committed_us, version=1, number=1):
    return Event(number, SOURCES[type_], type_, key, version, committed_us, None)


def customer(account, created_us):
    return Customer(f"customer-{created_us}", account, account, created_us)


def subscription(contract, applied):
    """Billing's copy of a contract, that reflected each version at an instant: `applied` is {version: instant}."""
    return Subscription(f"sub-{contract}", "customer", SimpleNamespace(key=contract), min(applied.values()), applied)


def order(contract, applied):
    return SalesOrder(f"SO-{contract}", "customer", None, SimpleNamespace(key=contract), 0, applied)


def revenue_contract(contract, applied):
    return RevenueContract(f"RC-{contract}", SimpleNamespace(key=contract), 0, applied)


def open_item(document, posted_us):
    return OpenItem(f"AR-{posted_us}", None, document, "customer", "C-1", 100, 0, 0, "JE-1", posted_us)


def billed(document, recorded_us):
    return BilledDocument(f"BD-{recorded_us}", document, "C-1", 100, recorded_us)


def receipt(payment, posted_us):
    return CashReceipt(f"CR-{posted_us}", None, payment, "INV-1", "A-1", "C-1", 100, 0, 0, "JE-1", posted_us)


def entry(reference, posted_us, source="revenue"):
    return JournalEntry(f"JE-{posted_us}", source, reference, "C-1", "USD", 0, 0, posted_us, ())


def company(
    *told, billing_customers=(), erp_customers=(), subscriptions=(), orders=(), revenue_contracts=(), items=(),
    entries=(), billed_documents=(), invoices=(), subscribers=(), receipts=(),
):  # fmt: skip
    """A company that told these events, with these records. `subscribers` are the subscriptions of every system."""
    erp = SimpleNamespace(
        customers=SimpleNamespace(all=dict(enumerate(erp_customers))),
        orders=dict(enumerate(orders)),
        open_items=list(items),
        cash=SimpleNamespace(receipts=list(receipts)),
        ledger=SimpleNamespace(entries=list(entries)),
    )
    return SimpleNamespace(
        systems={
            system: SimpleNamespace(
                publisher=SimpleNamespace(
                    published=[event for event in told if event.source == system], subscriptions=list(subscribers)
                )
            )
            for system in ("crm", "billing", "erp", "revenue", "projects")
        },
        billing=SimpleNamespace(
            customers=SimpleNamespace(all=dict(enumerate(billing_customers))),
            subscriptions=dict(enumerate(subscriptions)),
            invoices=list(invoices),
            rendered=[],
        ),
        crm=SimpleNamespace(accounts={}),
        of_erps=lambda records: list(records(erp)),
        revenue=SimpleNamespace(
            contracts=dict(enumerate(revenue_contracts)), billed=list(billed_documents), rendered=[]
        ),
        projects=SimpleNamespace(projects={}),
    )
