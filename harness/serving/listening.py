"""The ports of a served world: bound before anything is said of them, served by one uvicorn in one loop."""

import asyncio
import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from ipaddress import ip_address
from pathlib import Path

import uvicorn

from harness.endings import Surroundings
from harness.serving.gateway import Connection, Ports

GRACE_S = 5
"""How long a stop waits for what is in flight."""

BACKLOG = 2_048


def is_loopback(host: str) -> bool:
    """Whether nobody beyond this machine can reach what is bound to a host."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def bound(host: str, first: int, count: int) -> list[socket.socket]:
    """So many sockets, on ports from `first` on, or with 0 on any. Raises Surroundings, and none is left bound."""
    sockets: list[socket.socket] = []
    try:
        for number in range(count):
            sockets.append(_bound(host, first + number if first else 0))
    except BaseException:
        for one in sockets:
            one.close()
        raise
    return sockets


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, proto)
    except OSError as error:
        raise Surroundings(f"cannot listen at {host}: {error.strerror or error}: name another with --host") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        raise Surroundings(
            f"port {port} at {host} cannot be had ({reason}): name another with --port, or 0 for any that is free"
        ) from error
    return listening


class Listener(uvicorn.Server):
    """uvicorn, at sockets that are bound already. Signals are for whoever runs it."""

    def __init__(self, ports: Ports, tls: ssl.SSLContext | None) -> None:
        config = uvicorn.Config(
            ports,
            http=Connection,
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        config.load()
        config.ssl = tls
        super().__init__(config)
        self._over = asyncio.Event()

    async def main_loop(self) -> None:
        """Serve until `end` is called: there is nothing to look after every tenth of a second."""
        await self.on_tick(0)
        await self._over.wait()

    def end(self) -> None:
        """Finish what is in flight, and take nothing new."""
        self.should_exit = True
        self._over.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        with nullcontext():
            yield


class Tls:
    """A certificate for this machine alone, of an authority made for it, and the file that tells clients of that."""

    def __init__(self, host: str) -> None:
        import trustme  # noqa: PLC0415  # most sessions need none

        authority = trustme.CA(organization_name="Tieout")
        self._folder = tempfile.TemporaryDirectory(prefix="tieout-ca-")
        self.ca_file = Path(self._folder.name) / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*dict.fromkeys(("127.0.0.1", "localhost", "::1", host))).configure_cert(self.context)

    def close(self) -> None:
        """Have the file be gone."""
        self._folder.cleanup()


def url_of(listening: socket.socket, host: str, *, tls: bool) -> str:
    """The base URL at a socket."""
    shown = f"[{host}]" if ":" in host else host
    return f"http{'s' if tls else ''}://{shown}:{listening.getsockname()[1]}"
