"""Copies of contracts, as clients of the generic API list, write and void them, and what else is of a contract."""

from typing import Any

from fakes.faces.generic.agreements import CONTRACT, FULFILMENT, Contract, Fulfilment
from fakes.faces.generic.wire import Count, Key, Text, Wire


class State(Wire):
    """A contract in its present state."""

    state: Contract


class StateUpdate(State):
    """A contract in its present state; `if_revision` is the copy's revision that the writer has read."""

    if_revision: Count | None = None


class StateForCustomer(State):
    """A contract in its present state, for a customer of this system."""

    customer: Key


class OfContract(Wire):
    """Which contract."""

    contract: Key


class OfDocument(Wire):
    """Which document."""

    document: Key


class Voiding(Wire):
    """Why a record is voided, and by whom."""

    reason: Text
    by: Text = "integration"


class Delivered(Wire):
    """What was delivered of a contract."""

    fulfilment: Fulfilment


class OfFulfilment(Wire):
    """Which fulfilment."""

    fulfilment: Key


STATE: dict[str, Any] = {"state": CONTRACT}
VOIDING: dict[str, Any] = {"reason": "entered twice"}
DELIVERED: dict[str, Any] = {"fulfilment": FULFILMENT}
"""Examples."""
