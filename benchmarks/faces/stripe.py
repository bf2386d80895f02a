"""Stripe: a customer is created, an invoice item, and a subscription, which is invoiced at once."""

from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI, Form, Request
from pydantic import BaseModel, Field

from benchmarks.faces.measuring import CALENDAR, LIVE_DOCUMENTS, Bench, post
from fakes.agreements import Contract, PerformanceObligation, Version
from fakes.billing import Billing, CreateCustomer, CreateSubscription
from fakes.desk import BillingDesk
from fakes.faces.calling import call
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.stripe.face import make
from fakes.faces.stripe.ids import identifier
from fakes.names import KEY_LIFETIME_US
from fakes.particulars import ParticularsDesk
from fakes.service import Service
from sim.calendar import add_months
from sim.http import request_to

FORM = "application/x-www-form-urlencoded"
_FIRST_CUSTOMER = identifier("cus", 1)
_PRICE = identifier("price", 1)


class NewCustomer(BaseModel):
    """What a bare app wants to know of a customer."""

    name: Annotated[str, Field(min_length=1)]
    email: Annotated[str, Field(min_length=1)]
    account: Annotated[str, Field(alias="metadata[account]", max_length=500)]


class NewItem(BaseModel):
    """What a bare app wants to know of an invoice item."""

    customer: Annotated[str, Field(min_length=1)]
    amount: int
    currency: Annotated[str, Field(pattern="^[a-z]{3}$")]
    description: Annotated[str, Field(min_length=1)]


class NewSubscription(BaseModel):
    """What a bare app wants to know of a subscription."""

    customer: Annotated[str, Field(min_length=1)]
    price: Annotated[str, Field(alias="items[0][price]", min_length=1)]
    quantity: Annotated[int, Field(alias="items[0][quantity]", ge=0)]
    contract: Annotated[str, Field(alias="metadata[contract]", max_length=500)]


def bare_customer() -> Any:
    """The app that does nothing but validate a customer's form."""
    app = FastAPI()

    @app.post("/v1/customers")
    async def create_customer(form: Annotated[NewCustomer, Form()]) -> dict[str, bool]:
        return {"ok": True}

    return app


def bare_item() -> Any:
    """The app that does nothing but validate an invoice item's form."""
    app = FastAPI()

    @app.post("/v1/invoiceitems")
    async def create_item(form: Annotated[NewItem, Form()]) -> dict[str, bool]:
        return {"ok": True}

    return app


def bare_subscription() -> Any:
    """The app that does nothing but validate a subscription's form."""
    app = FastAPI()

    @app.post("/v1/subscriptions")
    async def create_subscription(form: Annotated[NewSubscription, Form()]) -> dict[str, bool]:
        return {"ok": True}

    return app


def customer_by_hand() -> Any:
    """As `bare_customer`, without FastAPI's reading of forms, which is slow."""
    return _by_hand("/v1/customers", NewCustomer)


def item_by_hand() -> Any:
    """As `bare_item`, without FastAPI's reading of forms."""
    return _by_hand("/v1/invoiceitems", NewItem)


def subscription_by_hand() -> Any:
    """As `bare_subscription`, without FastAPI's reading of forms."""
    return _by_hand("/v1/subscriptions", NewSubscription)


def _by_hand(path: str, model: type[BaseModel]) -> FastAPI:
    app = FastAPI()

    @app.post(path)
    async def create(request: Request) -> dict[str, bool]:
        model.model_validate(dict(parse_qsl((await request.body()).decode(), keep_blank_values=True)))
        return {"ok": True}

    return app


def face(invoices: int = 0) -> Any:
    """Stripe's API on a billing with a customer, a price, and so many open invoices."""
    core = Billing(CALENDAR, lambda record: 0)
    service = Service(core.operations, KEY_LIFETIME_US["billing"])
    service.offer({**BillingDesk(core, CALENDAR).operations, **ParticularsDesk().operations})
    day = CALENDAR.day_of(0)
    now_us = CALENDAR.instant_us(day, 12 * 60)
    app = make(Door(service.serve, lambda: now_us, CALENDAR), Credentials()).app
    _ask(app, "/v1/customers", {"name": "Northwind", "metadata[account]": "A-1"})
    _ask(app, "/v1/products", {"id": "platform", "name": "Platform"})
    sold = {"product": "platform", "currency": "usd", "unit_amount": "1200", "recurring[interval]": "month"}
    _ask(app, "/v1/prices", sold)
    for number in range(invoices):
        contract = f"OLD-{number}"
        state = Contract(
            contract, "A-1", "USD", day, add_months(day, 12), 1, 1_000, (PerformanceObligation("platform", 1_000),),
            (Version(1, "signed", day, day, 1, 12_000),),
        )  # fmt: skip
        customer = service.serve(CreateCustomer(f"A-{number}", "Northwind"), None, now_us).body
        assert service.serve(CreateSubscription(customer.id, state), None, now_us).ok
    assert len(core.invoices) == invoices
    return app


def _ask(app: Any, path: str, form: dict[str, str]) -> None:
    headers = (("authorization", f"Bearer {Credentials().api_key}"), ("content-type", FORM))
    answer = call(app, request_to("POST", f"https://api.stripe.com{path}", headers, urlencode(form).encode()))
    assert answer.status == 200, answer.body


def laden() -> Any:
    """The face that begins with invoices."""
    return face(LIVE_DOCUMENTS)


def create_customer(number: int) -> bytes:
    """Another customer."""
    said = {"name": "Northwind", "email": f"ap{number}@northwind.test", "metadata[account]": f"N-{number}"}
    return _post("/v1/customers", said)


def create_item(number: int) -> bytes:
    """Another item for the first customer's next invoice."""
    said = {"customer": _FIRST_CUSTOMER, "amount": 1_000 + number, "currency": "usd", "description": f"Item {number}"}
    return _post("/v1/invoiceitems", said)


def create_subscription(number: int) -> bytes:
    """Another subscription of the first customer."""
    said = {
        "customer": _FIRST_CUSTOMER, "items[0][price]": _PRICE, "items[0][quantity]": 10,
        "metadata[contract]": f"C-{number}",
    }  # fmt: skip
    return _post("/v1/subscriptions", said)


def _post(path: str, said: dict[str, Any]) -> bytes:
    return post(path, FORM, urlencode(said).encode())


BENCHES = (
    Bench("Stripe's face, creating a customer", bare_customer, face, laden, create_customer, customer_by_hand),
    Bench("Stripe's face, creating an invoice item", bare_item, face, laden, create_item, item_by_hand),
    Bench(
        "Stripe's face, creating a subscription", bare_subscription, face, laden, create_subscription,
        subscription_by_hand, much_done=True,
    ),
)  # fmt: skip
