"""One request: who sends it, what for, and what it is answered with."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from fakes.faces.answering import headers_of
from fakes.faces.calling import Message
from fakes.faces.netsuite.errors import MEDIA_TYPE, Fault
from sim.http import HttpResponse

BODY_MAX = 2_000_000
"""Bytes of a body, at most."""

RESOURCE = "application/vnd.oracle.resource+json; type=singular"
COLLECTION = "application/vnd.oracle.resource+json; type=collection"


class Asked:
    """A request as endpoints know it; `path` is what its path names."""

    def __init__(self, scope: Message, path: Mapping[str, str], body: bytes) -> None:
        self.method: str = scope["method"]
        self.body = body
        self.headers: Mapping[str, str] = headers_of(scope)
        self.path = path
        query = scope["query_string"].decode("latin-1")
        self.query: Mapping[str, str] = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        self.base = f"{scope['scheme']}://{self.headers.get('host', '')}"
        self.url = f"{self.base}{scope['raw_path'].decode('latin-1')}{'?' if query else ''}{query}"

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


Does = Callable[[Asked], HttpResponse]


def told(said: Any, kind: str = RESOURCE) -> HttpResponse:
    """An answer with a document."""
    return HttpResponse(200, (("content-type", kind),), json.dumps(said, separators=(",", ":")).encode())


def done(location: str = "") -> HttpResponse:
    """An answer without one."""
    return HttpResponse(204, (("location", location),) if location else ())


def declined(fault: Fault) -> HttpResponse:
    """An answer that says what is wrong."""
    body = fault.body()
    kind = ("content-type", "application/json" if body.startswith(b'{"error"') else MEDIA_TYPE)
    return HttpResponse(fault.status, (("www-authenticate", "OAuth"), kind) if fault.status == 401 else (kind,), body)
