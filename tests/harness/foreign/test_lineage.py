"""A request is made for the event that its code works on, or else for the newest about what it is about."""

from contextvars import copy_context
from types import SimpleNamespace

import pytest

from fakes.agreements import Account
from fakes.faces.traceparent import traceparent_of
from harness.foreign.lineage import Lineage
from sim.delivery import Event
from sim.http import request_to
from sim.network import CAUSE

OPENED = Event(1, "crm", "account_opened", "A-C-000001", 1, 10, Account("A-C-000001", "Company"))
SIGNED = Event(2, "crm", "contract_signed", "C-000001", 1, 20, SimpleNamespace(account="A-C-000001"))
AMENDED = Event(3, "crm", "contract_amended", "C-000001", 2, 40, SimpleNamespace(account="A-C-000001"))
ISSUED = Event(
    4, "billing", "invoice_issued", "INV-C-000001-1", 1, 30,
    SimpleNamespace(contract="C-000001", account="A-C-000001"),
)  # fmt: skip

CUSTOMER = b'{"key": "A-C-000001", "name": "Company"}'
ORDER = b'{"contract": "C-000001", "account": "A-C-000001"}'
DOCUMENT = b'{"document": "INV-C-000001-1", "contract": "C-000001", "account": "A-C-000001"}'


def cause(body, *, own=0, headers=()):
    """The event that a request with this body is made for, by code that works on the event `own`."""
    lineage = Lineage([SimpleNamespace(published=[OPENED, SIGNED, AMENDED]), SimpleNamespace(published=[ISSUED])])
    context = copy_context()
    context.run(CAUSE.set, own)
    return context.run(lineage.cause, request_to("POST", "https://erp.tieout.test/records", headers, body))


@pytest.mark.parametrize(
    ("body", "own", "event"),
    [
        (ORDER, 2, 2),
        (CUSTOMER, 2, 2),  # that the order needs
        (ORDER, 4, 4),  # of a document
        (DOCUMENT, 4, 4),
        (DOCUMENT, 2, 4),  # by a worker that the contract's event began
        (ORDER, 1, 3),
        (ORDER, 0, 3),
        (CUSTOMER, 0, 1),
        (b"ping", 2, 2),
        (b"ping", 0, 0),
    ],
)
def test_a_request_is_made_for_an_event_that_it_concerns(body, own, event):
    assert cause(body, own=own) == event


def test_what_a_request_carries_along_is_believed():
    assert cause(DOCUMENT, own=4, headers=(("traceparent", traceparent_of(2)),)) == 2
