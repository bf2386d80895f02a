"""Two ways to ask a face: in place, and over uvicorn. Whatever a test does, both give the same and leave the same.

A face's tests take the fixture `parity` (tests/parity/conftest.py); other tests may take `listening` by itself.
"""

import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from fakes.faces.calling import call
from fakes.faces.door import Door
from fakes.faces.face import Credentials
from sim.http import HttpRequest, HttpResponse, request_to
from tests.fakes.samples import CALENDAR, at

NOW_US = at("2026-01-05")
OF_THE_SERVER = {"date", "server", "connection", "transfer-encoding", "content-length"}
"""Headers that belong to who carries an answer, and not to the face."""


@dataclass
class Standing:
    """What a face is put on: how its system serves, and the core behind it, to be looked into."""

    serve: Any
    core: Any


class Listening:
    """A server on a port of its own, in a thread of its own; `app` is what it serves now."""

    def __init__(self, **settings):
        self.app = None
        self.failures = []
        config = uvicorn.Config(
            self._relay,
            interface="asgi3",
            log_level="critical",
            lifespan="off",
            ws="none",
            access_log=False,
            **settings,
        )
        self._server = uvicorn.Server(config)
        # With the protocol named, asyncio sends small packets at once; else answers wait for acknowledgements.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    async def _relay(self, scope, receive, send):
        try:
            await self.app(scope, receive, send)
        except Exception as failure:
            self.failures.append(failure)
            raise

    def __enter__(self):
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        return self

    def __exit__(self, *failure):
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()
        assert not self._thread.is_alive(), "the server did not stop"


@contextmanager
def listening(app, **settings):
    """A server for one app; more `settings` are uvicorn's, such as `ssl_certfile`."""
    with Listening(**settings) as server:
        server.app = app
        yield server


@dataclass
class Way:
    """One way to ask one face; `now_us` is the present instant, which a test may move on."""

    name: str
    send: Any
    standing: Standing
    credentials: Credentials
    now_us: int = NOW_US
    face: Any = None
    answers: list[HttpResponse] = field(default_factory=list)

    @property
    def core(self):
        return self.standing.core

    def ask(self, method, target, body=None, headers=None):
        """The answer to a request. A body that is not bytes is sent as JSON; headers None bear the API key."""
        if headers is None:
            headers = (("authorization", f"Bearer {self.credentials.api_key}"),)
        if body is not None and not isinstance(body, bytes):
            body, headers = json.dumps(body).encode(), (("content-type", "application/json"), *headers)
        host = self.face.hosts[0].replace("*", "any")
        answer = self.send(self.face, request_to(method, f"https://{host}{target}", tuple(headers), body or b""))
        kept = tuple(sorted(header for header in answer.headers if header[0] not in OF_THE_SERVER))
        told = HttpResponse(answer.status, kept, answer.body)
        self.answers.append(told)
        return told


class Parity:
    """A face on a core, in each way a new one."""

    def __init__(self, make_face, make_core, server, credentials=None):
        credentials = credentials or Credentials()
        self.ways = []
        for name, send in (("in place", in_place), ("uvicorn", over(server))):
            way = Way(name, send, make_core(), credentials)
            way.face = make_face(Door(way.standing.serve, lambda way=way: way.now_us, CALENDAR), credentials)
            self.ways.append(way)

    def each(self, body):
        """What `body(way)` returns; every answer, and the core's records, are the same in both ways."""
        in_place, served = self.ways
        result, again = body(in_place), body(served)
        assert served.answers == in_place.answers
        assert again == result
        assert records_of(served.core) == records_of(in_place.core)
        return result


def in_place(face, request):
    return call(face.app, request)


def over(server):
    def send(face, request: HttpRequest):
        server.app = face.app
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers:
                connection.putheader(name, value)
            if request.body and request.header("content-length") is None:
                connection.putheader("content-length", str(len(request.body)))
            connection.endheaders(request.body or None)
            answer = connection.getresponse()
            headers = tuple((name.lower(), value) for name, value in answer.getheaders())
            told = HttpResponse(answer.status, headers, answer.read())
        finally:
            connection.close()
        if server.failures:
            raise server.failures.pop()
        return told

    return send


def records_of(core):
    """The records of a core, or of several in a dictionary: all that it keeps in the open."""
    if isinstance(core, dict):
        return {name: records_of(one) for name, one in core.items()}
    kept = {name: value for name, value in vars(core).items() if not name.startswith("_")}
    parts = {name: records_of(value) for name, value in kept.items() if hasattr(value, "__dict__")}
    return {**{name: value for name, value in kept.items() if isinstance(value, dict | list | int | str)}, **parts}
