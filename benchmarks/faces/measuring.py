"""Apps under uvicorn, a process each, asked by turns in short rounds over connections that the client keeps."""

import asyncio
import multiprocessing as mp
import socket
from collections.abc import Callable
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

import uvicorn

from harness.serving.garbage import beginnings_set_aside
from scenarios.compile import calendar_of
from scenarios.load import load

CONNECTIONS = 16
LIVE_DOCUMENTS = 10_000
CALENDAR = calendar_of(load("quarter-end-spike"))

MakeApp = Callable[[], Any]


class Bench(NamedTuple):
    """What is measured: the apps beside each other, and how the `number`-th request to them reads.

    `laden` is the face that begins with LIVE_DOCUMENTS. `by_hand` is a bare app that goes round FastAPI's own way with
    a body, if there is one. With `much_done`, the core does far more for a request than to take it in: it is measured,
    and held to no bound but that of the laden.
    """

    name: str
    bare: MakeApp
    face: MakeApp
    laden: MakeApp
    request: Callable[[int], bytes]
    by_hand: MakeApp | None = None
    much_done: bool = False


class Ratios(NamedTuple):
    """The face's requests a second over the bare app's, and over those of the one `by_hand` (None: there is none).

    `busy` is the same as `bare` by the processor time that the servers take for a request, which other programs on the
    machine disturb less. `slowdown` is the face over the one with documents. Each is the median of all rounds.
    """

    bare: float
    by_hand: float | None
    busy: float
    slowdown: float


class Pace(NamedTuple):
    """How a server did in one round: its requests a second, and its processor's seconds for one request."""

    rate: float
    busy_s: float


def measure(bench: Bench, rounds: int = 15, requests: int = 800) -> Ratios:
    """The ratios of a bench: a round each by turns, after a round to warm up."""
    context = mp.get_context("spawn")
    apps = [bench.bare, bench.face, bench.laden, *([bench.by_hand] if bench.by_hand else [])]
    servers = [_Server(context, app, bench.request) for app in apps]
    try:
        for server in servers:
            server.pace(requests)
        taken = [[server.pace(requests) for server in servers] for _ in range(rounds)]
    finally:
        for server in servers:
            server.stop()
    bare, face, laden, *by_hand = zip(*taken, strict=True)
    return Ratios(
        _over(face, bare),
        _over(face, by_hand[0]) if by_hand else None,
        median(one.busy_s / other.busy_s for one, other in zip(bare, face, strict=True)),
        _over(face, laden),
    )


def _over(ones: tuple[Pace, ...], others: tuple[Pace, ...]) -> float:
    return median(one.rate / other.rate for one, other in zip(ones, others, strict=True))


def post(path: str, content_type: str, body: bytes) -> bytes:
    """A POST, as it goes over a connection."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: company.tieout.test\r\nauthorization: Bearer sk_test_tieout\r\n"
        f"content-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Server:
    """An app under uvicorn in a process of its own, and this client's connections to it."""

    def __init__(self, context: Any, app: MakeApp, request: Callable[[int], bytes]) -> None:
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(app, theirs), daemon=True)
        self._process.start()
        port = self._pipe.recv()
        self._connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
        self._written = request
        self._sent = 0

    def pace(self, requests: int) -> Pace:
        """How so many requests go, all of which must succeed. All connections have one under way."""
        prepared = [[self._request() for _ in self._connections] for _ in range(requests // CONNECTIONS)]
        count = len(prepared) * CONNECTIONS
        busy_s = self._busy_s()
        begun = perf_counter()
        for requests_of_round in prepared:
            for connection, request in zip(self._connections, requests_of_round, strict=True):
                connection.sendall(request)
            for connection in self._connections:
                _read(connection)
        rate = count / (perf_counter() - begun)
        return Pace(rate, (self._busy_s() - busy_s) / count)

    def stop(self) -> None:
        """End the process."""
        for connection in self._connections:
            connection.close()
        self._process.terminate()
        self._process.join()

    def _request(self) -> bytes:
        self._sent += 1
        return self._written(self._sent)

    def _busy_s(self) -> float:
        """The processor time that the server has taken so far."""
        self._pipe.send(None)
        taken: float = self._pipe.recv()
        return taken


def _read(connection: socket.socket) -> None:
    """Read one answer, which must be a success."""
    answer = connection.recv(65_536)
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65_536)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 20"):
        raise RuntimeError(f"a request failed: {answer!r}")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
    while len(body) < length:
        body += connection.recv(65_536)


def _serve(app: MakeApp, pipe: Connection) -> None:
    # With the protocol named, asyncio sends small packets at once; else each answer waits 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    config = uvicorn.Config(app(), log_level="warning", access_log=False, lifespan="off", ws="none")

    def tell() -> None:
        pipe.recv()
        pipe.send(process_time())

    async def serve() -> None:
        asyncio.get_running_loop().add_reader(pipe.fileno(), tell)
        await uvicorn.Server(config).serve([listening])

    pipe.send(listening.getsockname()[1])
    with beginnings_set_aside():  # as `tieout serve` does, be it a face or a bare app
        asyncio.run(serve())
