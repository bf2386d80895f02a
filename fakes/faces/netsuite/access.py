"""Who is let in: by a signature over each request (OAuth 1.0), or by a bearer token of an hour (OAuth 2.0).

A client's clock may be five minutes off, where it is the run's, and a nonce counts once. Bearer tokens are signed with
their instant, so that none need be kept; the API key is one that does not run out.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from urllib.parse import parse_qsl, quote, unquote

from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.netsuite.errors import Fault, invalid_login
from sim.durations import SECOND

TOLERANCE_S = 300
LIFETIME_S = 3_600
"""How long a bearer token is good."""

NONCES_MAX = 100_000
"""So many are remembered: more than come in within the tolerance."""

_ALGORITHMS = {"HMAC-SHA256": hashlib.sha256}
"""NetSuite takes no HMAC-SHA1 any more."""

_OF_KEYS = frozenset({"PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""How clients sign assertions with keys of their own."""

FORM = "application/x-www-form-urlencoded"


class Access:
    """Lets clients in to one account.

    The consumer is client id and secret, the token the API key; its secret is the client's, too.
    """

    def __init__(self, door: Door, credentials: Credentials) -> None:
        self._door = door
        self._credentials = credentials
        self._zero_s = round(door.calendar.local(0).astimezone(UTC).timestamp())
        self._nonces: dict[tuple[str, str], None] = {}

    def admit(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Let a request in. Raises Fault: 401. `url` is whole, with its query; headers have small letters."""
        scheme, _, said = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "oauth":
            self._signed(method, url, _parameters(said), headers.get("content-type", ""), body)
        elif scheme.lower() == "bearer":
            self._borne(said.strip())
        else:
            raise invalid_login()

    # --- OAuth 1.0 -----------------------------------------------------------------------------------

    def _signed(self, method: str, url: str, said: Sequence[tuple[str, str]], kind: str, body: bytes) -> None:
        given, known = dict(said), self._credentials
        algorithm = _ALGORITHMS.get(given.get("oauth_signature_method", ""))
        if algorithm is None or given.get("realm", "").upper().replace("-", "_") != self._credentials.account:
            raise invalid_login()
        if (given.get("oauth_consumer_key"), given.get("oauth_token")) != (known.client_id, known.api_key):
            raise invalid_login()
        form = body.decode("latin-1") if kind.partition(";")[0].strip().lower() == FORM else ""
        key = f"{_escaped(known.client_secret)}&{_escaped(known.client_secret)}".encode()
        wanted = base64.b64encode(hmac.digest(key, base_string(method, url, said, form), algorithm)).decode()
        if not hmac.compare_digest(wanted.encode(), given.get("oauth_signature", "").encode()):
            raise invalid_login()
        hashed = given.get("oauth_body_hash")
        if (
            hashed is not None
            and hashed != base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
        ):
            raise invalid_login()
        self._fresh(given.get("oauth_timestamp", ""), given.get("oauth_nonce", ""))

    def _fresh(self, timestamp: str, nonce: str) -> None:
        """Take note of a nonce. Raises Fault if it is old, or known."""
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 18 and nonce):
            raise invalid_login()
        if self._door.shared_clock and abs(int(timestamp) - self._now_s) > TOLERANCE_S:
            raise invalid_login()
        if (timestamp, nonce) in self._nonces:
            raise invalid_login()
        self._nonces[timestamp, nonce] = None
        if len(self._nonces) > NONCES_MAX:
            del self._nonces[next(iter(self._nonces))]

    @property
    def _now_s(self) -> int:
        """The present instant, in seconds since 1970."""
        return self._zero_s + self._door.now_us // SECOND

    # --- OAuth 2.0 -----------------------------------------------------------------------------------

    def token(self, headers: Mapping[str, str], body: bytes) -> dict[str, object]:
        """A bearer token for a client that proves who it is. Raises OAuthFault.

        It does by its secret, in the header or the form, or by an assertion (RFC 7523). One signed with a key of its
        own is taken on trust, as nobody has given us its certificate; one signed with the secret (HS256) is verified.
        """
        form = dict(parse_qsl(body.decode("latin-1")))
        if form.get("grant_type") not in {"client_credentials", "refresh_token"}:
            raise OAuthFault(400, "unsupported_grant_type")
        if form.get("grant_type") == "refresh_token":
            if not self._is_token(form.get("refresh_token", ""), "refresh", None):
                raise OAuthFault(400, "invalid_grant")
        elif not self._proves(headers, form):
            raise OAuthFault(401, "invalid_client")
        return {
            "access_token": self._made("access"), "refresh_token": self._made("refresh"),
            "expires_in": str(LIFETIME_S), "token_type": "bearer",
        }  # fmt: skip

    def _proves(self, headers: Mapping[str, str], form: Mapping[str, str]) -> bool:
        known = (self._credentials.client_id, self._credentials.client_secret)
        scheme, _, said = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                name, _, secret = base64.b64decode(said, validate=True).decode().partition(":")
            except ValueError:
                return False
            return (unquote(name), unquote(secret)) == known
        if "client_assertion" in form:
            return self._asserts(form["client_assertion"])
        return (form.get("client_id"), form.get("client_secret")) == known

    def _asserts(self, assertion: str) -> bool:
        head, _, rest = assertion.partition(".")
        claims, _, signature = rest.partition(".")
        wanted = hmac.digest(self._credentials.client_secret.encode(), f"{head}.{claims}".encode(), hashlib.sha256)
        try:
            said, algorithm = json.loads(_unpadded(claims)), json.loads(_unpadded(head)).get("alg")
            given = _unpadded(signature)
            until_s = int(said.get("exp", 0))
        except (ValueError, AttributeError, TypeError):
            return False
        genuine = hmac.compare_digest(given, wanted) if algorithm == "HS256" else algorithm in _OF_KEYS and bool(given)
        known = genuine and said.get("iss") == self._credentials.client_id
        return known and (until_s > self._now_s or not self._door.shared_clock)

    def _made(self, use: str) -> str:
        issued_us = self._door.now_us
        return f"{issued_us:x}.{self._seal(use, issued_us)}"

    def _is_token(self, token: str, use: str, lifetime_s: int | None) -> bool:
        said, _, seal = token.partition(".")
        try:
            issued_us = int(said, 16)
        except ValueError:
            return False
        age_us = self._door.now_us - issued_us
        in_time = age_us >= 0 and (lifetime_s is None or age_us < lifetime_s * SECOND)
        return in_time and hmac.compare_digest(seal.encode(), self._seal(use, issued_us).encode())

    def _seal(self, use: str, issued_us: int) -> str:
        return hmac.digest(
            self._credentials.client_secret.encode(), f"{use} {issued_us}".encode(), hashlib.sha256
        ).hex()

    def _borne(self, token: str) -> None:
        standing = hmac.compare_digest(token.encode(), self._credentials.api_key.encode())
        if not (standing or self._is_token(token, "access", LIFETIME_S)):
            raise invalid_login()


class OAuthFault(Fault):
    """The endpoint for tokens refuses, in the words of RFC 6749."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(status, error, error)
        self.error = error

    def body(self) -> bytes:
        return json.dumps({"error": self.error}).encode()


def base_string(method: str, url: str, said: Sequence[tuple[str, str]], form: str) -> bytes:
    """What a request's signature is over (RFC 5849, 3.4.1)."""
    address, _, query = url.partition("?")
    pairs = [pair for pair in said if pair[0] not in {"realm", "oauth_signature"}]
    for text in (query, form):
        pairs += parse_qsl(text, keep_blank_values=True)
    ordered = sorted((_escaped(name), _escaped(value)) for name, value in pairs)
    normal = "&".join(f"{name}={value}" for name, value in ordered)
    return "&".join((method.upper(), _escaped(_normal(address)), _escaped(normal))).encode()


def _normal(address: str) -> str:
    scheme, _, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    port = {"http": ":80", "https": ":443"}[scheme.lower()]
    return f"{scheme.lower()}://{authority.lower().removesuffix(port)}{slash or '/'}{path}"


def _parameters(said: str) -> list[tuple[str, str]]:
    """The parameters of an OAuth header."""
    pairs = []
    for part in said.split(","):
        name, _, value = part.strip().partition("=")
        pairs.append((unquote(name), unquote(value.strip('"'))))
    return pairs


def _escaped(text: str) -> str:
    return quote(text, safe="~")


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
