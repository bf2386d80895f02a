"""HTTP as the world sees it: one request, one response, whoever sends them and over whatever."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

Headers = tuple[tuple[str, str], ...]
"""Names in small letters, in their order; a name may come more than once."""


@dataclass(slots=True)
class HttpRequest:
    """A request as it arrives: `target` is the path with its query, as it was sent; `host` bears no port."""

    method: str
    host: str
    target: str
    headers: Headers
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of that name, which is in small letters."""
        return first_of(self.headers, name)


@dataclass(slots=True)
class HttpResponse:
    """An answer. A client is told how long its body is by whoever sends it."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of that name, which is in small letters."""
        return first_of(self.headers, name)


def first_of(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """The first header of a name, which is in small letters."""
    return next((value for key, value in headers if key == name), None)


def request_to(method: str, url: str, headers: Headers = (), body: bytes = b"") -> HttpRequest:
    """A request to a URL."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return HttpRequest(method, parts.hostname or "", target, (("host", parts.netloc), *headers), body)
