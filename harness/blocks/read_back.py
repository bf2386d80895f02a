"""Reading from its source what an event was about: for an event that cannot be read, or that is only a hint.

What comes back is the record as it is now. A contract may be newer than the event told; nothing else ever changes.
"""

from dataclasses import replace
from typing import Any

from fakes import billing, crm, projects, revenue
from harness.blocks.retry import Caller
from harness.layer import (
    ACCOUNT_CHANGES,
    ACCOUNT_EVENTS,
    AGREEMENT_EVENTS,
    CHANGE_ORDERS,
    CONTRACT_EVENTS,
    DOCUMENT_EVENTS,
    PAYMENT_EVENTS,
    RECOGNITION_EVENTS,
    STATEMENTS_OF_WORK,
    USAGE_EVENTS,
    WORK_EVENTS,
)
from sim.delivery import Event

GETTERS: dict[str, Any] = {
    **dict.fromkeys(ACCOUNT_EVENTS, crm.GetAccount),
    **dict.fromkeys(CONTRACT_EVENTS, crm.GetContract),
    **dict.fromkeys(CHANGE_ORDERS, projects.GetProject),
    **dict.fromkeys(USAGE_EVENTS, billing.GetUsage),
    **dict.fromkeys(WORK_EVENTS, projects.GetFulfilment),
    **dict.fromkeys(DOCUMENT_EVENTS, billing.GetInvoice),
    **dict.fromkeys(PAYMENT_EVENTS, billing.GetPayment),
    **dict.fromkeys(RECOGNITION_EVENTS, revenue.GetRecognition),
}
"""How a source is asked for the record that an event is about, by the event's type."""

OF_SERVICES = STATEMENTS_OF_WORK | CHANGE_ORDERS
"""What is told of a contract for services: of these, each source has one type."""


async def read_back(caller: Caller, event: Event) -> Event:
    """The same event, bearing what its source says now. Raises CallFailed."""
    record = await caller.read(event.source, GETTERS[event.type](event.key), event.key)
    if event.type in ACCOUNT_CHANGES:
        return replace(event, schema=1, body=record, version=record.version)
    if event.type not in AGREEMENT_EVENTS:
        return replace(event, schema=1, body=record)
    type_ = event.type if event.type in OF_SERVICES else f"contract_{record.versions[-1].kind}"
    return replace(event, schema=1, body=record, type=type_, version=record.version)
