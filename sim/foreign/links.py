"""A connection between foreign code and a host that somebody plays: bytes one way, HTTP requests the other.

TLS is taken as agreed: what goes over a link is never encrypted, and no certificate is looked at.
"""

from typing import Protocol

import h11

from sim.foreign.internet import Answer, Internet
from sim.http import HttpRequest, HttpResponse


class ClientEnd(Protocol):
    """The end of a link that foreign code holds."""

    def arrived(self, data: bytes) -> None:
        """Take what the host has sent."""

    def ended(self) -> None:
        """Take note that the host will send nothing more."""


class Link:
    """The host's end: it reads requests, has them answered in turn, and writes the answers."""

    def __init__(self, internet: Internet, host: str, client: ClientEnd) -> None:
        self._clock = internet.clock
        self._answer: Answer = internet.player(host)
        self._host = host
        self._client = client
        self._reader = h11.Connection(h11.SERVER)
        self._busy = False
        self._open = True
        self._head: h11.Request | None = None
        self._body = bytearray()

    def send(self, data: bytes) -> None:
        """Take bytes from the client."""
        if self._open and data:
            self._reader.receive_data(data)
            self._read()

    def passed_to(self, client: ClientEnd) -> "Link":
        """The same link, which `client` holds from now on."""
        self._client = client
        return self

    def close(self) -> None:
        """The client hangs up: nobody hears what is still under way."""
        self._open = False

    def _read(self) -> None:
        while not self._busy and self._open:
            try:
                event = self._reader.next_event()
            except h11.RemoteProtocolError as error:
                self._write(HttpResponse(error.error_status_hint, (("connection", "close"),), str(error).encode()))
                return
            if event is h11.NEED_DATA or event is h11.PAUSED:
                if self._reader.they_are_waiting_for_100_continue:
                    self._to_client(h11.InformationalResponse(status_code=100, headers=[]))
                return
            if isinstance(event, h11.Request):
                self._head, self._body = event, bytearray()
            elif isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage) and self._head is not None:
                self._busy = True
                self._clock.spawn(self._serve(self._head, bytes(self._body)))
            elif isinstance(event, h11.ConnectionClosed):
                self._open = False

    async def _serve(self, head: h11.Request, body: bytes) -> None:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
        host = next((value.partition(":")[0] for name, value in headers if name == "host"), self._host)
        request = HttpRequest(head.method.decode(), host, head.target.decode("latin-1"), headers, body)
        response = await self._answer(request)
        if response is not None and self._open:
            self._write(response)

    def _write(self, response: HttpResponse) -> None:
        told = {"content-length", "transfer-encoding"}
        headers = [(name, value) for name, value in response.headers if name not in told]
        asked = self._head.method if self._head else b"GET"
        bodiless = response.status in {204, 304} or response.status < 200 or asked == b"HEAD"
        if not bodiless:
            headers.append(("content-length", str(len(response.body))))
        self._to_client(h11.Response(status_code=response.status, headers=headers))
        if not bodiless:
            self._to_client(h11.Data(data=response.body))
        self._to_client(h11.EndOfMessage())
        self._busy = False
        if self._reader.our_state is h11.MUST_CLOSE:
            self._open = False
            self._client.ended()
        elif self._reader.our_state is h11.DONE and self._reader.their_state is h11.DONE:
            self._reader.start_next_cycle()
            self._read()

    def _to_client(self, event: h11.Event) -> None:
        data = self._reader.send(event)
        if data:
            self._client.arrived(data)
