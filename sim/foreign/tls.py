"""TLS is taken as agreed: nothing is encrypted, and no certificate is looked at, but libraries may ask about both."""

import ssl
from typing import Any


class Agreed:
    """What is said of a connection's TLS."""

    def do_handshake(self, *_: Any) -> None:
        """Nothing to agree on."""

    def getpeercert(self, binary_form: bool = False) -> Any:
        """No certificate."""
        return b"" if binary_form else {}

    def selected_alpn_protocol(self) -> None:
        """None: HTTP/1.1 is spoken."""

    def version(self) -> str:
        """As if TLS had been agreed."""
        return "TLSv1.3"

    def cipher(self) -> tuple[str, str, int]:
        """As if TLS had been agreed."""
        return "TLS_AES_256_GCM_SHA384", "TLSv1.3", 256


class Plain(Agreed):
    """What an `ssl.SSLObject` is to its users, who carry the bytes themselves: those come out as they went in."""

    def __init__(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing

    def read(self, size: int = 1024, buffer: Any = None) -> Any:
        """What has come."""
        data = self._incoming.read(size)
        if not data and not self._incoming.eof:
            raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "nothing has come yet")
        if buffer is None:
            return data
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        """Send."""
        return self._outgoing.write(data)

    def unwrap(self) -> None:
        """Nothing to end."""

    def pending(self) -> int:
        """How much has come."""
        return self._incoming.pending

    def shared_ciphers(self) -> None:
        """None."""

    def compression(self) -> None:
        """None."""

    def get_channel_binding(self, cb_type: str = "tls-unique") -> None:
        """None."""
