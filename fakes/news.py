"""What a core has to tell: it writes news down and calls nobody; the world decides when they travel."""

from collections.abc import Mapping
from typing import Any

from fakes.agreements import Account, Contract, Fulfilment
from fakes.records import Invoice, Payment, Recognition
from sim.record import Record

BODIES: Mapping[str, Mapping[str, type]] = {
    "crm": {
        "account_opened": Account,
        "account_changed": Account,
        "contract_signed": Contract,
        "sow_signed": Contract,
        "contract_amended": Contract,
        "contract_cancelled": Contract,
    },
    "billing": {
        "invoice_issued": Invoice,
        "credit_memo_issued": Invoice,
        "usage_reported": Fulfilment,
        "payment_received": Payment,
        "refund_paid": Payment,
    },
    "erp": {},
    "revenue": {"revenue_recognised": Recognition},
    "projects": {
        "time_approved": Fulfilment,
        "milestone_accepted": Fulfilment,
        "change_order_approved": Contract,
    },
}
"""What each system tells of, and the record that news of a type bears."""


OF_A_PRODUCT = "record_changed"
"""The type of what a product tells of beside: what its clients have changed, and the system's core knows nothing of."""


class News(Record):
    """A change worth telling: the event's type, the business key and version it is about, and the record."""

    type: str
    key: str
    version: int
    body: Any
