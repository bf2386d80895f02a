"""NetSuite: a customer is created, and an invoice with a line."""

import json
from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from benchmarks.faces.books import DAY, books
from benchmarks.faces.measuring import CALENDAR, LIVE_DOCUMENTS, Bench, post
from fakes.faces.calling import call
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.netsuite.face import make
from sim.http import request_to

PATH = "/services/rest/record/v1"


class NewCustomer(BaseModel):
    """What the bare app wants to know of a customer."""

    name: Annotated[str, Field(alias="companyName", min_length=1)]
    external_id: Annotated[str, Field(alias="externalId", min_length=1)]
    email: Annotated[str, Field(min_length=1)]
    account: Annotated[str, Field(alias="custentity_account_key")]


class Named(BaseModel):
    """A record that a client names."""

    id: Annotated[str, Field(min_length=1)]


class NewLine(BaseModel):
    """What the bare app wants to know of a line."""

    item: Named
    quantity: float
    rate: float


class NewLines(BaseModel):
    """The lines of an invoice."""

    items: list[NewLine]


class NewInvoice(BaseModel):
    """What the bare app wants to know of an invoice."""

    customer: Annotated[Named, Field(alias="entity")]
    external_id: Annotated[str, Field(alias="externalId", min_length=1)]
    day: Annotated[date, Field(alias="tranDate")]
    lines: Annotated[NewLines, Field(alias="item")]


def bare_customer() -> Any:
    """The app that does nothing but validate a customer."""
    app = FastAPI()

    @app.post(f"{PATH}/customer")
    async def create_customer(body: NewCustomer) -> dict[str, bool]:
        return {"ok": True}

    return app


def bare_invoice() -> Any:
    """The app that does nothing but validate an invoice."""
    app = FastAPI()

    @app.post(f"{PATH}/invoice")
    async def create_invoice(body: NewInvoice) -> dict[str, bool]:
        return {"ok": True}

    return app


def face(documents: int = 0) -> Any:
    """NetSuite's API on an ERP with a customer and an item that has posted so many documents."""
    app = make(Door(books(documents).serve, lambda: 0, CALENDAR), Credentials()).app
    headers = (("authorization", f"Bearer {Credentials().api_key}"), ("content-type", "application/json"))
    url = f"https://tieout.suitetalk.api.netsuite.com{PATH}/serviceSaleItem"
    answer = call(app, request_to("POST", url, headers, json.dumps({"itemId": "platform"}).encode()))
    assert answer.status == 204, answer.body
    return app


def laden() -> Any:
    """The face that begins with documents."""
    return face(LIVE_DOCUMENTS)


def create_customer(number: int) -> bytes:
    """Another customer."""
    said = {
        "companyName": "Northwind", "externalId": f"N-{number}", "email": f"ap{number}@northwind.test",
        "custentity_account_key": f"N-{number}",
    }  # fmt: skip
    return post(f"{PATH}/customer", "application/json", json.dumps(said).encode())


def create_invoice(number: int) -> bytes:
    """Another invoice to the first customer."""
    said = {
        "entity": {"id": "1"}, "externalId": f"INV-{number}", "tranDate": DAY,
        "item": {"items": [{"item": {"id": "1"}, "quantity": 10, "rate": 12.5}]},
    }  # fmt: skip
    return post(f"{PATH}/invoice", "application/json", json.dumps(said).encode())


BENCHES = (
    Bench("NetSuite's face, creating a customer", bare_customer, face, laden, create_customer),
    Bench("NetSuite's face, creating an invoice", bare_invoice, face, laden, create_invoice),
)
