"""Calling an ASGI app in place: no server, no event loop, and no time passes.

That takes an app whose endpoints and dependencies are `async def` and whose middleware is plain ASGI.
"""

from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

from sim.http import HttpRequest, HttpResponse

Message: TypeAlias = MutableMapping[str, Any]
App: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Coroutine[Any, Any, None]
]
"""An ASGI application."""


class Waited(RuntimeError):
    """An app that is called in place waited for something, and nothing passes there that it could wait for."""


def call(app: App, request: HttpRequest, extensions: Message | None = None) -> HttpResponse:
    """An app's answer to a request. Raises what the app raises, and Waited."""
    answer = _Answer(request)
    running = app(scope_of(request, extensions), answer.receive, answer.send)
    try:
        running.send(None)
    except StopIteration:
        return HttpResponse(answer.status, answer.headers, bytes(answer.body))
    running.close()
    raise Waited(
        f"{request.method} {request.target} waited: endpoints and dependencies must be async, and await nobody"
    )


def scope_of(request: HttpRequest, extensions: Message | None = None) -> Message:
    """The ASGI scope of a request."""
    path, _, query = request.target.partition("?")
    raw_path = path.encode("latin-1")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "https",
        "path": _unquoted(raw_path),
        "raw_path": raw_path,
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers],
        "client": ("198.18.255.254", 40_000),
        "server": (request.host, 443),
        "extensions": extensions or {},
        "state": {},
    }


class _Answer:
    """What an app reads of a request, and what it says."""

    def __init__(self, request: HttpRequest) -> None:
        self._body: bytes | None = request.body
        self.status = 500
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body = bytearray()

    async def receive(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            said = message.get("headers", ())
            self.headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in said)
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


def _unquoted(raw_path: bytes) -> str:
    if b"%" not in raw_path:
        return raw_path.decode("utf-8", "replace")
    return unquote_to_bytes(raw_path).decode("utf-8", "replace")
