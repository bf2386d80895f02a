"""A face with two endpoints, to try serving with: customers of a system are made and listed."""

import json

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from fakes.billing import CreateCustomer
from fakes.faces.door import Door
from fakes.faces.face import Credentials, Face
from fakes.service import Refused
from sim.delivery import Event
from sim.http import HttpRequest, HttpResponse
from sim.network import Response


def crm(door, credentials):
    return plain("crm", door, credentials)


def billing(door, credentials):
    return plain("billing", door, credentials)


def erp(door, credentials):
    return plain("erp", door, credentials)


def revenue(door, credentials):
    return plain("revenue", door, credentials)


def projects(door, credentials):
    return plain("projects", door, credentials)


FACES = ",".join(f"{name}={__name__}:{name}" for name in ("crm", "billing", "erp", "revenue"))


def plain(system: str, door: Door, credentials: Credentials) -> Face:
    app = FastAPI(openapi_url=None)
    made: dict[str, str] = {}

    @app.post("/customers")
    async def create(request: Request) -> JSONResponse:
        said = await request.json()
        try:
            customer = door.ask(CreateCustomer(said["account"], said["name"]), request.headers.get("idempotency-key"))
        except Refused as refused:
            return JSONResponse({"error": refused.args[1]}, refused.args[0])
        made[said["account"]] = customer.id
        return JSONResponse({"id": customer.id, "at_us": door.now_us})

    @app.get("/customers")
    async def customers(request: Request) -> JSONResponse:
        return JSONResponse([{"id": made_as, "account": account} for account, made_as in made.items()])

    return Face(
        name=f"plain-{system}",
        system=system,
        hosts=(f"{system}.plain.test",),
        app=app,
        named=named,
        refusal=refusal,
        webhook=webhook,
    )


def named(request: HttpRequest) -> tuple[str, str]:
    try:
        key = json.loads(request.body).get("account", "")
    except ValueError:
        key = ""
    return request.method.lower(), key


def refusal(response: Response) -> HttpResponse:
    return HttpResponse(response.status, (("content-type", "application/json"),), b'{"error": "network"}')


def webhook(event: Event, now_us: int) -> HttpRequest:
    body = json.dumps({"type": event.type, "key": event.key, "version": event.version, "at_us": event.stamp_us})
    return HttpRequest(
        "POST", "", "", (("content-type", "application/json"), ("webhook-at", str(now_us))), body.encode()
    )
