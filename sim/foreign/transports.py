"""The client's end of a link, as asyncio protocols know it."""

import asyncio
from typing import TYPE_CHECKING

from sim.foreign.sockets import VirtualSocket

if TYPE_CHECKING:
    from sim.foreign.loop import VirtualLoop


class LinkTransport(asyncio.Transport):
    """A transport over the link to the host that a socket has connected to."""

    def __init__(self, loop: "VirtualLoop", protocol: asyncio.BaseProtocol, sock: VirtualSocket) -> None:
        super().__init__({"socket": sock, "peername": sock.getpeername(), "sockname": sock.getsockname()})
        self._loop = loop
        self._protocol = protocol
        self._socket = sock
        self._link = sock.link_for(self)
        self._closing = False

    def arrived(self, data: bytes) -> None:
        """Take what the host has sent."""
        self._loop.call_soon(self._receive, data)

    def _receive(self, data: bytes) -> None:
        if not self._closing:
            self._protocol.data_received(data)  # type: ignore[attr-defined]

    def ended(self) -> None:
        """Take note that the host will send nothing more."""
        self._loop.call_soon(self._end)

    def _end(self) -> None:
        if not self._closing:
            self._protocol.eof_received()  # type: ignore[attr-defined]
            self.close()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send to the host."""
        if not self._closing:
            self._link.send(bytes(data))

    def close(self) -> None:
        """Hang up."""
        if not self._closing:
            self._closing = True
            self._socket.close()
            self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        """Whether it is hung up."""
        return self._closing

    def can_write_eof(self) -> bool:
        """Half of a link cannot be closed."""
        return False

    def get_write_buffer_size(self) -> int:
        """Nothing waits to be sent."""
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing waits to be sent."""

    def pause_reading(self) -> None:
        """Answers are small: they are taken as they come."""

    def resume_reading(self) -> None:
        """Answers are small: they are taken as they come."""

    def is_reading(self) -> bool:
        """Always."""
        return not self._closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have another protocol told from now on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who is told."""
        return self._protocol
