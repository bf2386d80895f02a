"""The generic API as a face: a system's endpoints, how requests to them are named, and how it tells of events."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from urllib.parse import parse_qsl, unquote

from fakes.faces.door import Door
from fakes.faces.face import Credentials, Face, MakeFace
from fakes.faces.generic import billing, crm, erp, projects, revenue
from fakes.faces.generic.app import app_of
from fakes.faces.generic.changes import reading, told
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.loading import loading
from fakes.faces.generic.problems import refusal
from fakes.faces.generic.records import Token
from fakes.faces.generic.wire import zero_of
from fakes.faces.traceparent import traceparent_of
from fakes.faces.webhooks import standard_headers
from fakes.names import kind_of
from fakes.service import RefreshToken
from sim.delivery import Event
from sim.durations import SECOND
from sim.http import HttpRequest

_OF_SYSTEM = {
    "crm": crm.ENDPOINTS,
    "billing": billing.ENDPOINTS,
    "erp": erp.ENDPOINTS,
    "revenue": revenue.ENDPOINTS,
    "projects": projects.ENDPOINTS,
}
_OF_EVERY_SYSTEM = (Endpoint(method="POST", path="/token", request=RefreshToken, answer=Token, about=""),)


@cache
def endpoints_of(kind: str) -> tuple[Endpoint, ...]:
    """All endpoints of a kind of system."""
    own = _OF_SYSTEM[kind]
    return (*own, *_OF_EVERY_SYSTEM, *reading(kind), *(loading(own) if kind != "crm" else ()))


def make_generic(system: str) -> MakeFace:
    """Puts the generic API on a system, by its name."""
    endpoints = endpoints_of(kind_of(system))

    def make(door: Door, credentials: Credentials) -> Face:
        zero = zero_of(door.calendar)
        return Face(
            name=f"generic-{system}",
            system=system,
            hosts=(f"{system}.tieout.test",),
            app=app_of(system, endpoints, door, credentials, zero),
            named=lambda request: named(endpoints, request),
            refusal=refusal,
            webhook=lambda event, now_us: webhook(event, now_us, zero, credentials.signing_secret),
        )

    return make


def named(endpoints: Sequence[Endpoint], request: HttpRequest) -> tuple[str, str]:
    """The operation that a request asks for, and the business key that it is about."""
    path, _, query = request.target.partition("?")
    path = unquote(path)
    for endpoint in endpoints:
        found = endpoint.matches.match(path) if endpoint.method == request.method else None
        if found is not None:
            return endpoint.word, _about(endpoint, found.groupdict(), query, request.body)
    return "unknown_path", path


def webhook(event: Event, now_us: int, zero: datetime, secret: str) -> HttpRequest:
    """An event as it is told of at an instant: JSON like that of CloudEvents, signed as Standard Webhooks has it."""
    said = told(event, zero)
    body = json.dumps({"specversion": "1.0", "source": f"/{event.source}", **said}, separators=(",", ":")).encode()
    timestamp_s = int(zero.timestamp()) + now_us // SECOND
    headers = (
        ("content-type", "application/json"),
        *standard_headers(secret, said["id"], timestamp_s, body),
        ("traceparent", traceparent_of(event.id)),
    )
    return HttpRequest("POST", "", "", headers, body)


def _about(endpoint: Endpoint, in_path: dict[str, str], query: str, body: bytes) -> str:
    first, _, rest = endpoint.about.partition(".")
    if first in in_path:
        return in_path[first]
    if endpoint.query is not None:
        return dict(parse_qsl(query)).get(first, "")
    try:
        said = json.loads(body)
        said = said[first][rest] if rest else said[first]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""  # it will be refused
    return said if isinstance(said, str) else ""
