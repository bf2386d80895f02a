"""A face under uvicorn beside a bare FastAPI app that validates the same body and answers a constant.

Each is a process of its own; a client asks them by turns, in short rounds, over connections that it keeps. Every
request writes something new, which the core does: of the generic API, a document is posted to the ERP, whose ledger
grows with it; of Stripe, a customer is created.
"""

import json
import multiprocessing as mp
import socket
from collections.abc import Callable
from datetime import date
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

from fakes.agreements import Contract, PerformanceObligation, Version
from fakes.billing import Billing, CreateCustomer, CreateSubscription
from fakes.company import KEY_LIFETIME_US
from fakes.desk import BillingDesk
from fakes.erp import Erp, PostDocument, UpsertCustomer
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.generic import make_generic
from fakes.faces.generic.erp import Document
from fakes.faces.stripe import make as make_stripe
from fakes.particulars import ParticularsDesk
from fakes.service import Service
from scenarios.compile import calendar_of
from scenarios.load import load
from sim.calendar import add_months

CONNECTIONS = 16
LIVE_DOCUMENTS = 10_000
CALENDAR = calendar_of(load("quarter-end-spike"))
_DAY = "2026-01-20"
_ABOUT = {"account": "A-1", "contract": "C-1", "currency": "USD", "day": _DAY, "posting_day": _DAY}


class Bench(NamedTuple):
    """The apps that are measured beside each other, and how the `number`-th request to them reads."""

    bare: Callable[[], Any]
    face: Callable[[], Any]
    laden: Callable[[], Any]
    request: Callable[[int], bytes]


class Rates(NamedTuple):
    """Requests a second: of the bare app, of the face, and of the face that begins with LIVE_DOCUMENTS documents.

    `ratio` is the face over the bare app, `slowdown` the face over the one with documents; medians of all rounds.
    """

    bare: float
    face: float
    laden: float
    ratio: float
    slowdown: float


def bare() -> Any:
    """The app that does nothing but validate."""
    app = FastAPI()

    @app.post("/documents")
    async def post_document(body: Document) -> dict[str, bool]:
        return {"ok": True}

    return app


def face(documents: int = 0) -> Any:
    """The generic API on an ERP that has posted so many documents."""
    core = Erp(CALENDAR, lambda record: 0)
    service = Service(core.operations, KEY_LIFETIME_US["erp"])
    service.serve(UpsertCustomer("A-1", "Northwind", "A-1"), None, 0)
    day = date.fromisoformat(_DAY).toordinal()
    for number in range(documents):
        document = PostDocument(f"OLD-{number}", "A-1", "C-1", "USD", 1_000, day, day, f"OLD-{number}")
        assert service.serve(document, None, 0).ok
    return make_generic("erp")(Door(service.serve, lambda: 0, CALENDAR), Credentials()).app


def laden() -> Any:
    """The face that begins with documents."""
    return face(LIVE_DOCUMENTS)


def post_document(number: int) -> bytes:
    """Another document for the ERP."""
    document = f"INV-{number:07}"
    body = json.dumps({**_ABOUT, "document": document, "total_minor": 1_000, "external_id": document}).encode()
    return _post("/documents", "application/json", body)


GENERIC = Bench(bare, face, laden, post_document)


# --- Stripe ------------------------------------------------------------------------------------------


class NewCustomer(BaseModel):
    """What the bare app wants to know of a customer."""

    name: Annotated[str, Field(min_length=1)]
    email: Annotated[str, Field(min_length=1)]
    account: Annotated[str, Field(alias="metadata[account]", max_length=500)]


def bare_form() -> Any:
    """The app that does nothing but validate a form."""
    app = FastAPI()

    @app.post("/v1/customers")
    async def create_customer(request: Request) -> dict[str, bool]:
        NewCustomer.model_validate(dict(parse_qsl((await request.body()).decode(), keep_blank_values=True)))
        return {"ok": True}

    return app


def stripe_face(invoices: int = 0) -> Any:
    """Stripe's API on a billing that has so many open invoices."""
    core = Billing(CALENDAR, lambda record: 0)
    service = Service(core.operations, KEY_LIFETIME_US["billing"])
    service.offer(BillingDesk(core, CALENDAR).operations)
    service.offer(ParticularsDesk().operations)
    day = CALENDAR.day_of(0)
    now_us = CALENDAR.instant_us(day, 12 * 60)
    for number in range(invoices):
        contract = f"C-{number}"
        state = Contract(
            contract, "A-1", "USD", day, add_months(day, 12), 1, 1_000, (PerformanceObligation("platform", 1_000),),
            (Version(1, "signed", day, day, 1, 12_000),),
        )  # fmt: skip
        customer = service.serve(CreateCustomer(f"A-{number}", "Northwind"), None, now_us).body
        assert service.serve(CreateSubscription(customer.id, state), None, now_us).ok
    assert len(core.invoices) == invoices
    return make_stripe(Door(service.serve, lambda: now_us, CALENDAR), Credentials()).app


def laden_stripe() -> Any:
    """The face that begins with invoices."""
    return stripe_face(LIVE_DOCUMENTS)


def create_customer(number: int) -> bytes:
    """Another customer for Stripe."""
    said = {"name": "Northwind", "email": f"ap{number}@northwind.test", "metadata[account]": f"N-{number}"}
    return _post("/v1/customers", "application/x-www-form-urlencoded", urlencode(said).encode())


STRIPE = Bench(bare_form, stripe_face, laden_stripe, create_customer)


# --- measuring ---------------------------------------------------------------------------------------


def measure(bench: Bench, rounds: int = 15, requests: int = 800) -> Rates:
    """The rates of all three, a round each by turns after a round to warm up."""
    context = mp.get_context("spawn")
    servers = [_Server(context, app, bench.request) for app in (bench.bare, bench.face, bench.laden)]
    try:
        for server in servers:
            server.rate(requests)
        rates = [[server.rate(requests) for server in servers] for _ in range(rounds)]
    finally:
        for server in servers:
            server.stop()
    of_bare, of_face, of_laden = (median(one) for one in zip(*rates, strict=True))
    ratio = median(on_face / on_bare for on_bare, on_face, _ in rates)
    slowdown = median(on_face / on_laden for _, on_face, on_laden in rates)
    return Rates(of_bare, of_face, of_laden, ratio, slowdown)


class _Server:
    """An app under uvicorn in a process of its own, and this client's connections to it."""

    def __init__(self, context: Any, app: Callable[[], Any], request: Callable[[int], bytes]) -> None:
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(app, theirs), daemon=True)
        self._process.start()
        port = ours.recv()
        self._connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
        self._written = request
        self._sent = 0

    def rate(self, requests: int) -> float:
        """Requests a second, all of which must succeed. All connections have one under way."""
        prepared = [[self._request() for _ in self._connections] for _ in range(requests // CONNECTIONS)]
        begun = perf_counter()
        for requests_of_round in prepared:
            for connection, request in zip(self._connections, requests_of_round, strict=True):
                connection.sendall(request)
            for connection in self._connections:
                _read(connection)
        return len(prepared) * CONNECTIONS / (perf_counter() - begun)

    def stop(self) -> None:
        """End the process."""
        for connection in self._connections:
            connection.close()
        self._process.terminate()
        self._process.join()

    def _request(self) -> bytes:
        self._sent += 1
        return self._written(self._sent)


def _post(path: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nhost: company.tieout.test\r\nauthorization: Bearer sk_test_tieout\r\n"
        f"content-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _read(connection: socket.socket) -> None:
    """Read one answer, which must be 200."""
    answer = connection.recv(65_536)
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65_536)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"a request failed: {answer!r}")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)


def _serve(app: Callable[[], Any], pipe: Connection) -> None:
    # With the protocol named, asyncio sends small packets at once; else each answer waits 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    pipe.send(listening.getsockname()[1])
    config = uvicorn.Config(app(), log_level="warning", access_log=False, lifespan="off", ws="none")
    uvicorn.Server(config).run([listening])
