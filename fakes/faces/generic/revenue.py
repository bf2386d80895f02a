"""The revenue engine in the generic API."""

from fakes import revenue
from fakes.faces.generic.copies import (
    DELIVERED,
    STATE,
    VOIDING,
    Delivered,
    OfContract,
    OfDocument,
    OfFulfilment,
    State,
    StateUpdate,
    Voiding,
)
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.records import BilledDocument, Receipt, Recognition, Rendered
from fakes.faces.generic.wire import Key, Minor, Wire
from fakes.fulfilments import FindFulfilments, RecordFulfilment


class Billed(Wire):
    """A document that billing has issued."""

    document: Key
    contract: Key
    total_minor: Minor


ENDPOINTS = (
    Endpoint(
        method="POST", path="/contracts", request=revenue.CreateContract, body=State, answer=Receipt,
        about="state.key", status=201, example=STATE,
    ),
    Endpoint(
        method="GET", path="/contracts", request=revenue.FindContracts, query=OfContract, answer=Receipt, many=True,
        about="contract",
    ),
    Endpoint(
        method="PUT", path="/contracts/{revenue_contract}", request=revenue.ModifyContract, body=StateUpdate,
        answer=Receipt, about="state.key", example=STATE,
    ),
    Endpoint(
        method="POST", path="/contracts/{revenue_contract}/void", request=revenue.VoidContract, body=Voiding,
        answer=Receipt, about="revenue_contract", example=VOIDING,
    ),
    Endpoint(
        method="POST", path="/billings", request=revenue.RecordBilling, body=Billed, answer=BilledDocument,
        about="document", status=201, example={"document": "INV-C-1-1", "contract": "C-1", "total_minor": 1_000},
    ),
    Endpoint(
        method="GET", path="/billings", request=revenue.FindBillings, query=OfDocument, answer=BilledDocument,
        many=True, about="document",
    ),
    Endpoint(
        method="POST", path="/fulfilments", request=RecordFulfilment, body=Delivered, answer=Rendered,
        about="fulfilment.key", status=201, example=DELIVERED,
    ),
    Endpoint(
        method="GET", path="/fulfilments", request=FindFulfilments, query=OfFulfilment, answer=Rendered, many=True,
        about="fulfilment",
    ),
    Endpoint(
        method="GET", path="/recognitions/{recognition}", request=revenue.GetRecognition, answer=Recognition,
        about="recognition",
    ),
)  # fmt: skip
