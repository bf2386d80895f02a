"""Sockets of blocking code: each is the client's end of a link, and waits in virtual time."""

import io
import os
import socket
from typing import Any

from sim.clock import Clock
from sim.durations import SECOND
from sim.foreign import blocking
from sim.foreign.internet import Internet
from sim.foreign.links import ClientEnd, Link
from sim.foreign.refusal import Refused
from sim.foreign.tls import Agreed


class VirtualSocket(Agreed):
    """A TCP client's socket, as `socket.socket` is used by client libraries. It has no other uses."""

    internet: Internet

    def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
        if fileno is not None:
            raise Refused("a socket of a file descriptor", "let the library make its own")
        if family == getattr(socket, "AF_UNIX", None) or type not in {-1, socket.SOCK_STREAM}:
            raise Refused("a socket that is no TCP client's", "a run has HTTP alone: leave this out while it lasts")
        self.family = socket.AF_INET if family == -1 else family
        self.type = socket.SOCK_STREAM if type == -1 else type
        self.proto = 0 if proto == -1 else proto
        self.peer, self.port = "", 0
        self._clock: Clock = self.internet.clock
        self._link: Link | None = None
        self._received = bytearray()
        self._over = False
        self._closed = False
        self._files = 0
        self._timeout: float | None = socket.getdefaulttimeout()
        self._waiting: blocking.Signal | None = None
        self._pipe: tuple[int, ...] = ()

    # --- connecting ------------------------------------------------------------------------------

    def connect(self, address: Any) -> None:
        """Connect to a host that somebody plays."""
        host, self.port = address[0], address[1]
        self.peer = self.internet.name(self.internet.address(host))
        self._link = Link(self.internet, self.peer, self)

    def connect_ex(self, address: Any) -> int:
        """The same; 0."""
        self.connect(address)
        return 0

    def bind(self, address: Any) -> None:
        """A client may ask for an address of its own; a server is refused when it listens."""

    def listen(self, backlog: int = 0) -> None:
        """Refused: nobody calls in but by webhook."""
        raise Refused("listening on a socket", "have webhooks delivered to an ASGI app")

    def link_for(self, client: ClientEnd) -> Link:
        """The link, which `client` holds from now on in this socket's place. Raises BrokenPipeError without one."""
        return self._connected().passed_to(client)

    def _connected(self) -> Link:
        if self._link is None or self._closed:
            raise BrokenPipeError("the socket is not connected")
        return self._link

    # --- sending and receiving -------------------------------------------------------------------

    def arrived(self, data: bytes) -> None:
        """Take what the host has sent."""
        self._received += data
        self._wake()

    def ended(self) -> None:
        """Take note that the host will send nothing more."""
        self._over = True
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.send()

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send to the host."""
        self._connected().send(bytes(data))

    def send(self, data: Any, flags: int = 0) -> int:
        """Send all to the host; how much that is."""
        self.sendall(data)
        return len(data)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """What has come, at most so much of it; waits for some. Raises TimeoutError."""
        if not self._received and not self._over and not self._closed:
            if self._timeout == 0:
                raise BlockingIOError("nothing has come yet")
            timeout_us = None if self._timeout is None else round(self._timeout * SECOND)
            self._waiting = blocking.Signal(self._clock, timeout_us)
            if not blocking.wait(self._waiting):
                self._waiting = None
                raise TimeoutError("timed out")
        data = bytes(self._received[:size])
        if not flags & socket.MSG_PEEK:
            del self._received[:size]
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """The same, into a buffer; how much it was."""
        data = self.recv(nbytes or len(buffer), flags)
        buffer[: len(data)] = data
        return len(data)

    read = recv
    write = send

    # --- what a socket has besides ---------------------------------------------------------------

    def makefile(self, mode: str = "r", buffering: int | None = None, **text: Any) -> Any:
        """A file that reads from the socket, and writes to it."""
        raw = _File(self, readable="r" in mode, writable="w" in mode)
        self._files += 1
        if buffering == 0:
            return raw
        buffered: Any = io.BufferedReader(raw) if "r" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, **text)

    def close(self) -> None:
        """Hang up, once no file reads any more."""
        self._closed = True
        self._hang_up()

    def file_closed(self) -> None:
        """One file less reads."""
        self._files -= 1
        self._hang_up()

    def _hang_up(self) -> None:
        if self._closed and not self._files:
            for end in self._pipe:
                os.close(end)
            self._pipe = ()
            if self._link is not None:
                self._link.close()

    def detach(self) -> int:
        """Refused: there is no descriptor behind it."""
        raise Refused("detaching a socket", "leave it to its library")

    def shutdown(self, how: int) -> None:
        """Hang up."""
        if self._link is not None:
            self._link.close()
        self.ended()

    def unwrap(self) -> "VirtualSocket":
        """The same: TLS is taken as agreed."""
        return self

    def fileno(self) -> int:
        """A descriptor that is never readable, for libraries that ask the system whether it is."""
        if not self._pipe and not self._closed:
            self._pipe = os.pipe()
        return self._pipe[0] if self._pipe else -1

    def settimeout(self, timeout: float | None) -> None:
        """Wait no longer than so many seconds for what is to come."""
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        """How long it waits."""
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        """Wait for what is to come, or never."""
        self._timeout = None if flag else 0.0

    def setsockopt(self, *_: Any) -> None:
        """Links have no options."""

    def getsockopt(self, *_: Any) -> int:
        """Links have no options, and no errors."""
        return 0

    def getpeername(self) -> tuple[str, int]:
        """The host's address."""
        return self.internet.address(self.peer), self.port

    def getsockname(self) -> tuple[str, int]:
        """The client's address."""
        return "198.18.255.254", 40_000

    def pending(self) -> int:
        """How much has come that nobody has read."""
        return len(self._received)

    def __enter__(self) -> "VirtualSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _File(io.RawIOBase):
    def __init__(self, sock: VirtualSocket, *, readable: bool, writable: bool) -> None:
        super().__init__()
        self._sock = sock
        self._readable, self._writable = readable, writable

    def readable(self) -> bool:
        return self._readable

    def writable(self) -> bool:
        return self._writable

    def readinto(self, buffer: Any) -> int:
        return self._sock.recv_into(buffer)

    def write(self, data: Any) -> int:
        return self._sock.send(data)

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._sock.file_closed()


def socket_of(internet: Internet) -> type[VirtualSocket]:
    """What `socket.socket` is to those who reach this internet."""
    return type("socket", (VirtualSocket,), {"internet": internet})
