"""HTTP at a face's door: a request becomes one that the world is asked, and its answer, in its time, the answer here.

Where the world never answers, the connection is held until the network's patience ends, and closed without a word: a
client cannot tell a lost answer from a lost request, or from a system that is down.
"""

import asyncio
from typing import Any, Protocol

from uvicorn.protocols.http.h11_impl import H11Protocol

from fakes.faces.calling import Message
from sim.http import HttpRequest, HttpResponse

BODY_MAX = 64 << 20
"""Beyond any product's own limit: what is larger is not read, and its connection closed."""

TRANSPORT = "tieout.transport"


class Asks(Protocol):
    """Who has requests answered: None for one that is never answered."""

    async def ask(self, face: str, request: HttpRequest) -> HttpResponse | None: ...


class Connection(H11Protocol):
    """A connection whose app can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Have the app know of the transport."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class FaceDoor:
    """The ASGI app at one face's port."""

    def __init__(self, name: str, asks: Asks) -> None:
        self._name = name
        self._asks = asks

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        """Answer a request."""
        body = await _body(receive)
        answer = None if body is None else await self._asks.ask(self._name, _request(scope, body))
        if answer is None:
            await closed(scope, receive)
            return
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        if answer.header("content-length") is None:
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


class Ports:
    """The ASGI app at all ports: each has its own."""

    def __init__(self) -> None:
        self.apps: dict[int, Any] = {}

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        """Hand a request to the app of the port that it came in at."""
        if scope["type"] == "http":
            await self.apps[scope["server"][1]](scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})


async def closed(scope: Message, receive: Any) -> None:
    """Close a request's connection, without an answer."""
    scope["state"][TRANSPORT].close()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(receive: Any) -> bytes | None:
    """The body of a request; None if it is too large, or its client has gone."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_MAX:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _request(scope: Message, body: bytes) -> HttpRequest:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    query = scope["query_string"].decode("latin-1")
    target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    host = next((value for name, value in headers if name == "host"), "")
    known = any(name == "x-forwarded-proto" for name, _ in headers)
    forwarded = () if known else (("x-forwarded-proto", scope["scheme"]),)
    return HttpRequest(scope["method"], host.partition(":")[0], target, (*headers, *forwarded), body)
