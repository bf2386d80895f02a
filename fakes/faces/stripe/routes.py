"""Which operation a request asks for: by its method, and by its path, segment by segment."""

from typing import Any
from urllib.parse import unquote

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

_TREE: dict[str, Any] = {}
for _operation in OPERATIONS:
    _at = _TREE
    for _segment in _operation.path.strip("/").split("/"):
        _at = _at.setdefault(_segment, {})
    _at.setdefault("", {})[_operation.method] = _operation


def route(method: str, path: str) -> tuple[Operation | None, tuple[str, ...]]:
    """The operation of a request, or None, and the ids that its path names. A literal goes before an id."""
    at, ids = _TREE, []
    for segment in path.strip("/").split("/"):
        inner = at.get(segment) if segment else None
        if inner is None:
            inner = at.get("*") if segment else None
            if inner is None:
                return None, ()
            ids.append(unquote(segment))
        at = inner
    operation: Operation | None = at.get("", {}).get(method)
    return operation, tuple(ids)
