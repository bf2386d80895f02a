"""Who is let in: access tokens that say when they were given, sessions that end when nobody uses them."""

import hmac
from hashlib import sha256

from fakes.faces.face import Credentials
from fakes.faces.salesforce.ids import ORGANIZATION
from sim.durations import HOUR

SESSION_US = 2 * HOUR
"""How long a session lasts that nobody uses: Salesforce's default."""

REMEMBERED = 10_000


class Sessions:
    """The sessions of an organisation. A token needs no memory of ours: it says when it was given, and is signed.

    The API key of the credentials is a token, too, and of a session that does not end.
    """

    def __init__(self, credentials: Credentials, lasting_us: int = SESSION_US) -> None:
        self._credentials = credentials
        self._lasting_us = lasting_us
        self._used_us: dict[str, int] = {}
        self._revoked: dict[str, None] = {}

    def begin(self, now_us: int) -> str:
        """A new session's token."""
        return self._signed(now_us)

    def admits(self, token: str, now_us: int) -> bool:
        """Whether a token's session goes on; it does, for as long again."""
        if hmac.compare_digest(token.encode(), self._credentials.api_key.encode()):
            return True
        given = token.partition("!")[2].partition(".")[0]
        if not given.isascii() or not given.isdigit() or len(given) > 20 or token in self._revoked:
            return False
        if not hmac.compare_digest(token.encode(), self._signed(int(given)).encode()):
            return False
        if now_us - self._used_us.get(token, int(given)) >= self._lasting_us:
            return False
        if len(self._used_us) >= REMEMBERED:
            self._used_us.pop(next(iter(self._used_us)))
        self._used_us[token] = now_us
        return True

    def end(self, token: str) -> None:
        """Have a token's session be over."""
        self._revoked[token] = None

    def knows(self, username: str, password: str) -> bool:
        """Whether somebody may log in: by the client's id, or a name like `id@anything`, with the client's secret.

        The security token, which is the API key, may follow the password.
        """
        ours = self._credentials
        passwords = (ours.client_secret, ours.client_secret + ours.api_key)
        return self.is_user(username) and any(hmac.compare_digest(password.encode(), one.encode()) for one in passwords)

    def is_user(self, username: str) -> bool:
        """Whether there is a user of this name."""
        return username.partition("@")[0] == self._credentials.client_id

    def is_client(self, client_id: str, client_secret: str) -> bool:
        """Whether a connected app is ours."""
        ours = self._credentials
        same = hmac.compare_digest(client_secret.encode(), ours.client_secret.encode())
        return client_id == ours.client_id and same

    @property
    def client_id(self) -> str:
        """The connected app's consumer key."""
        return self._credentials.client_id

    def _signed(self, given_us: int) -> str:
        secret = self._credentials.signing_secret.encode()
        signature = hmac.new(secret, f"session {given_us}".encode(), sha256).hexdigest()[:40]
        return f"{ORGANIZATION[:15]}!{given_us}.{signature}"
