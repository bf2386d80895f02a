"""Which operation a request asks for: by its method, and by its path, segment by segment."""

from urllib.parse import unquote

from fakes.faces.paths import Nowhere, PathTree
from fakes.faces.stripe import (
    catalogue,
    clocks,
    company,
    credit_notes,
    customer_methods,
    customers,
    endpoints,
    events,
    invoice_items,
    invoices,
    leaving,
    meters,
    payment_methods,
    payments,
    previews,
    refunds,
    subscription_items,
    subscriptions,
)
from fakes.faces.stripe.asked import Operation

OPERATIONS: tuple[Operation, ...] = (
    *customers.OPERATIONS, *leaving.OPERATIONS, *catalogue.OPERATIONS, *subscriptions.OPERATIONS,
    *subscription_items.OPERATIONS, *invoices.OPERATIONS, *previews.OPERATIONS, *invoice_items.OPERATIONS,
    *credit_notes.OPERATIONS, *payments.OPERATIONS, *refunds.OPERATIONS, *payment_methods.OPERATIONS,
    *customer_methods.OPERATIONS, *meters.OPERATIONS, *clocks.OPERATIONS, *company.OPERATIONS, *endpoints.OPERATIONS,
    *events.OPERATIONS,
)  # fmt: skip
"""Everything that can be asked for."""

_PATHS: PathTree[Operation] = PathTree()
for _operation in OPERATIONS:
    _PATHS.add(_operation.method, _operation.path, _operation)


def route(method: str, path: str) -> tuple[Operation | None, tuple[str, ...]]:
    """The operation of a request, or None, and the ids that its path names."""
    try:
        operation, ids = _PATHS.find(method, path.strip("/"))
    except Nowhere:
        return None, ()
    return operation, tuple([unquote(id_) for id_ in ids])
