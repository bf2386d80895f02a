"""One request: who sends it, what for, and what it is answered with."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from fakes.faces.netsuite.access import Access
from fakes.faces.netsuite.errors import MEDIA_TYPE, Fault, of_refusal
from fakes.service import Refused

BODY_MAX = 2_000_000
"""Bytes of a body, at most."""

RESOURCE = "application/vnd.oracle.resource+json; type=singular"
COLLECTION = "application/vnd.oracle.resource+json; type=collection"


class Asked:
    """A request as endpoints know it."""

    def __init__(self, request: Request, body: bytes) -> None:
        self.method = request.method
        self.body = body
        self.headers: Mapping[str, str] = dict(request.headers.items())
        self.path: Mapping[str, str] = request.path_params
        self.query: Mapping[str, str] = dict(
            parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        )
        scheme, host = request.scope["scheme"], self.headers.get("host", "")
        self.base = f"{scheme}://{host}"
        target = request.scope["raw_path"].decode("latin-1")
        query = request.scope["query_string"].decode("latin-1")
        self.url = f"{self.base}{target}{'?' if query else ''}{query}"

    @property
    def strict(self) -> bool:
        """Whether unknown fields are an error."""
        return self.headers.get("x-netsuite-propertynamevalidation", "error").lower() == "error"

    def flag(self, name: str) -> bool:
        """Whether a query parameter is true."""
        return self.query.get(name, "").lower() == "true"

    def words(self, name: str) -> frozenset[str]:
        """The words of a query parameter."""
        return frozenset(filter(None, self.query.get(name, "").split(",")))


Does = Callable[[Asked], Response]


def endpoint(does: Does, access: Access | None) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that lets nobody in without `access`, if there is any, and says what is wrong as NetSuite does."""

    async def answer(request: Request) -> Response:
        try:
            asked = Asked(request, await _body(request))
            if access is not None:
                access.admit(asked.method, asked.url, asked.headers, asked.body)
            return does(asked)
        except Refused as refused:
            return _said(of_refusal(refused))
        except Fault as fault:
            return _said(fault)

    return answer


async def nowhere(request: Request, error: Exception) -> Response:
    """What is said to requests that no endpoint takes."""
    status = getattr(error, "status_code", 404)
    if status == 405:
        return _said(Fault(405, "METHOD_NOT_ALLOWED", f"The method {request.method} is not allowed for this resource."))
    return _said(Fault(404, "INVALID_REQUEST", "The requested resource was not found."))


def told(said: Any, kind: str = RESOURCE) -> Response:
    """An answer with a document."""
    return Response(json.dumps(said, separators=(",", ":")).encode(), 200, media_type=kind)


def done(location: str = "") -> Response:
    """An answer without one."""
    return Response(None, 204, {"location": location} if location else None)


def _said(fault: Fault) -> Response:
    headers = {"www-authenticate": "OAuth"} if fault.status == 401 else None
    kind = "application/json" if fault.body().startswith(b'{"error"') else MEDIA_TYPE
    return Response(fault.body(), fault.status, headers, kind)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MAX:
            raise Fault(413, "REQUEST_TOO_LARGE", f"The body must not be longer than {BODY_MAX} bytes.")
    return bytes(body)
