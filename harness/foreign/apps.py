"""Calling an app as its server would: an ASGI app on the virtual loop, a WSGI app on a stack of its own."""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from fakes.faces.calling import Message, scope_of
from sim.foreign import blocking
from sim.foreign.loop import VirtualLoop
from sim.http import HttpRequest


class App(Protocol):
    """An app that can be begun, and asked."""

    async def begin(self) -> None:
        """Have it start up."""

    async def status(self, request: HttpRequest) -> int:
        """What it answers to a request: the status alone. Raises what it raises without an answer."""


class AsgiApp:
    """An ASGI app: its lifespan, and its answers."""

    def __init__(self, app: Any, loop: VirtualLoop) -> None:
        self._app = app
        self._loop = loop
        self._state: dict[str, Any] = {}

    async def begin(self) -> None:
        """Run the app's start-up, if it has any, to its end. Raises RuntimeError if it fails."""
        await self._loop.outcome(self._start_up())

    async def _start_up(self) -> None:
        sent: asyncio.Queue[Message] = asyncio.Queue()
        asked = [{"type": "lifespan.startup"}]

        async def receive() -> Message:
            return asked.pop() if asked else await asyncio.Future()

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        life = asyncio.ensure_future(self._app(scope, receive, sent.put))
        heard = asyncio.ensure_future(sent.get())
        done, _ = await asyncio.wait([life, heard], return_when=asyncio.FIRST_COMPLETED)
        if heard not in done:
            heard.cancel()
            life.exception()  # an app without a lifespan ends, by an error or not, before it says anything
            return
        if heard.result()["type"] == "lifespan.startup.failed":
            raise RuntimeError(f"the app did not start: {heard.result().get('message', '')}")

    async def status(self, request: HttpRequest) -> int:
        """The app's answer to a request."""
        answered: int = await self._loop.outcome(self._answer(request))
        return answered

    async def _answer(self, request: HttpRequest) -> int:
        bodies = [request.body]
        status = 0

        async def receive() -> Message:
            if bodies:
                return {"type": "http.request", "body": bodies.pop(), "more_body": False}
            forever: Message = await asyncio.Future()
            return forever

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]

        scope = {**scope_of(request), "state": dict(self._state)}
        try:
            await self._app(scope, receive, send)
        except Exception:
            if not status:
                raise
        return status


class WsgiApp:
    """A WSGI app (PEP 3333), each request in a thread of its own."""

    def __init__(self, app: Any, loop: VirtualLoop) -> None:
        self._app = app
        self._threads = loop.threads

    async def begin(self) -> None:
        """There is nothing to begin."""

    async def status(self, request: HttpRequest) -> int:
        """The app's answer to a request."""
        return await blocking.run(self._call, request, thread=self._threads.number())

    def _call(self, request: HttpRequest) -> int:
        told: list[int] = []

        def start_response(status: str, headers: object, exc_info: object = None) -> Callable[[bytes], object]:
            told.append(int(status.split(maxsplit=1)[0]))
            return lambda data: None

        body: Iterable[bytes] = self._app(_environ(request), start_response)
        try:
            for _ in body:
                pass
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        return told[-1]


def _environ(request: HttpRequest) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": request.host,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "198.18.255.254",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length":
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ
