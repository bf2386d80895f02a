"""The generic API as a face: the app of one kind of system, and how it names requests and tells of events."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from fakes.company import KEY_LIFETIME_US, kind_of
from fakes.faces.door import Door
from fakes.faces.face import Credentials, Face, MakeFace
from fakes.faces.generic import billing, crm, erp, projects, revenue
from fakes.faces.generic.changes import reading, told
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.problems import MEDIA_TYPE, ProblemDetails, declared, problem_body, refusal
from fakes.faces.generic.records import Token
from fakes.faces.generic.route import Asking, Documented, Route
from fakes.faces.generic.wire import Wire, zero_of
from fakes.faces.traceparent import traceparent_of
from fakes.faces.webhooks import standard_headers
from fakes.service import RefreshToken
from sim.delivery import Event
from sim.http import HttpRequest, HttpResponse

_OF_SYSTEM = {
    "crm": crm.ENDPOINTS,
    "billing": billing.ENDPOINTS,
    "erp": erp.ENDPOINTS,
    "revenue": revenue.ENDPOINTS,
    "projects": projects.ENDPOINTS,
}
_OF_EVERY_SYSTEM = (Endpoint(method="POST", path="/token", request=RefreshToken, answer=Token, about=""),)


def endpoints_of(system: str) -> tuple[Endpoint, ...]:
    """All endpoints of a kind of system."""
    return (*_OF_SYSTEM[system], *_OF_EVERY_SYSTEM, *reading(system))


def make_generic(system: str) -> MakeFace:
    """Puts the generic API on a system, by its name."""
    endpoints = endpoints_of(kind_of(system))

    def make(door: Door, credentials: Credentials) -> Face:
        zero = zero_of(door.calendar.local(0))
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


def app_of(system: str, endpoints: Sequence[Endpoint], door: Door, credentials: Credentials, zero: datetime) -> FastAPI:
    """The app of a system."""
    app = FastAPI(
        title=f"Tieout: {system}",
        version="1",
        summary=f"What integrations can ask of {system}.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.route_class = Route
    bearer = HTTPBearer(auto_error=False, description="The API key")
    for endpoint in endpoints:
        keyed = KEY_LIFETIME_US[kind_of(system)] is not None and endpoint.method != "GET"
        asking = Asking(endpoint, door, credentials.api_key, zero, keyed=keyed)
        app.add_api_route(
            endpoint.path,
            Documented(asking),
            methods=[endpoint.method],
            operation_id=endpoint.word,
            status_code=endpoint.status,
            response_model=_listed(endpoint.answer) if endpoint.many else endpoint.answer,
            dependencies=[Depends(bearer)],
            responses=declared(_problems(endpoint, keyed=keyed)),
        )
    app.add_exception_handler(HTTPException, _Nowhere(endpoints))
    _describe_problems(app)
    return app


_LISTS: dict[type[Wire], type[Wire]] = {}


def _listed(answer: type[Wire]) -> Any:
    """The model of a list of these."""
    from pydantic import create_model

    if answer not in _LISTS:
        _LISTS[answer] = create_model(
            f"{answer.__name__}List", __base__=Wire, __doc__="A list, the oldest first.", data=(tuple[answer, ...], ...)
        )
    return _LISTS[answer]


def _problems(endpoint: Endpoint, *, keyed: bool) -> list[int]:
    """The problems that an operation can answer with."""
    found = [401, 429, 503]
    if endpoint.in_path or endpoint.body:
        found.append(404)
    if endpoint.body:
        found += [400, 409, 413, 415]
    if endpoint.body or endpoint.query or endpoint.in_path or keyed:
        found.append(422)
    if endpoint.body and "if_revision" in endpoint.body.model_fields:
        found.append(412)
    if endpoint.query and "after" in endpoint.query.model_fields:
        found += [400, 410]
    return sorted(found)


class _Nowhere:
    """Answers what no endpoint is asked by: 404 for an unknown path, 405 with the methods of a known one."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = endpoints

    async def __call__(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code != 405:
            return Response(problem_body(404, "unknown_path"), 404, media_type=MEDIA_TYPE)
        path = request.scope["path"]
        methods = [endpoint.method for endpoint in self._endpoints if endpoint.matches.match(path)] or ["GET"]
        headers = {"allow": ", ".join(dict.fromkeys(methods))}
        return Response(problem_body(405, "method_not_allowed"), 405, headers, MEDIA_TYPE)


def _describe_problems(app: FastAPI) -> None:
    """Have the document tell what a problem is."""
    document = app.openapi

    def described() -> dict[str, Any]:
        said = document()
        schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        said["components"]["schemas"].update(schema.pop("$defs"), ProblemDetails=schema)
        return said

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI's documentation has it


# --- requests and events -----------------------------------------------------------------------------------


def named(endpoints: Sequence[Endpoint], request: HttpRequest) -> tuple[str, str]:
    """The operation that a request asks for, and the business key that it is about."""
    path, _, query = request.target.partition("?")
    path = unquote(path)
    for endpoint in endpoints:
        found = endpoint.matches.match(path) if endpoint.method == request.method else None
        if found is not None:
            return endpoint.word, _about(endpoint, found.groupdict(), query, request.body)
    return "unknown_path", path


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


def webhook(event: Event, now_us: int, zero: datetime, secret: str) -> HttpRequest:
    """An event as it is told of at an instant: JSON like that of CloudEvents, signed as Standard Webhooks has it."""
    said = told(event, zero)
    body = json.dumps({"specversion": "1.0", "source": f"/{event.source}", **said}, separators=(",", ":")).encode()
    timestamp_s = int(zero.timestamp()) + now_us // 1_000_000
    headers = (
        ("content-type", "application/json"),
        *standard_headers(secret, said["id"], timestamp_s, body),
        ("traceparent", traceparent_of(event.id)),
    )
    return HttpRequest("POST", "", "", headers, body)


__all__ = ["HttpResponse", "make_generic"]
