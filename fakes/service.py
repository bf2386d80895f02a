"""The door of every fake system: finds the operation, honours idempotency keys, turns refusals into answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sim.access import REFRESH
from sim.network import Response
from sim.record import Record, Value


class Refused(Exception):
    """A system declines a request: `status` as over HTTP, `code` a word that says why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a system does: its word, and the core's method for it."""

    word: str
    perform: Callable[[Any, int], Any]
    answer: Callable[[Any], Any] | None = None  # what of the outcome is told, where that is a record which may change

    @property
    def served(self) -> Callable[[Any, int], Any]:
        """Performs a request, and gives what the client is told."""
        perform, answer = self.perform, self.answer
        return perform if answer is None else lambda request, now_us: answer(perform(request, now_us))


Tell = Callable[[], None]
"""Spreads what a core has written down."""

Operations = Mapping[type, Operation]
"""A core's operations by the type of their request."""


class RefreshToken(Record):
    """Ask for a new access token, with the credential that the client has."""


class Token(Value):
    """An access token, good from `issued_us` on until the system says otherwise."""

    issued_us: int


def _refresh_token(request: RefreshToken, now_us: int) -> Token:
    return Token(now_us)


OF_EVERY_SYSTEM: Operations = {RefreshToken: Operation(REFRESH, _refresh_token)}
"""What can be asked of any system."""


_Used: TypeAlias = tuple[int, Any, Any]
"""The first use of an idempotency key: its instant, the request, and the answer."""


class Service:
    """Serves a core's operations. A key's first success is kept for `key_lifetime_us` (None: keys are ignored).

    The same key with another request is refused with 422, as Stripe and Zuora do; a repeat gets the first
    answer again. `tell` is called when an operation has left something in `news`.
    """

    def __init__(
        self, operations: Operations, key_lifetime_us: int | None, news: Sequence[object] = (), tell: Tell | None = None
    ) -> None:
        self._perform = {request: operation.served for request, operation in operations.items()}
        self._lifetime_us = key_lifetime_us
        self._news = news
        self._tell = tell
        self._kept: dict[str, _Used] = {}
        self._kept_before: dict[str, _Used] = {}
        self._turns_us = 0

    def offer(self, operations: Operations) -> None:
        """Serve these as well."""
        self._perform.update((request, operation.served) for request, operation in operations.items())

    def serve(self, request: Any, idempotency_key: str | None, now_us: int) -> Response:
        """Perform `request` at this instant, or repeat the answer that its key already has."""
        if self._lifetime_us is None:
            idempotency_key = None
        if idempotency_key is not None:
            kept = self._kept.get(idempotency_key) or self._kept_before.get(idempotency_key)
            if kept and now_us - kept[0] < self._lifetime_us:  # type: ignore[operator]  # not None with a key
                if kept[1] != request:
                    return Response(422, None, "key_reused")
                return Response(200, kept[2], "replayed")
        try:
            body = self._perform[request.__class__](request, now_us)
        except Refused as refusal:
            return Response(refusal.status, None, refusal.code)
        if idempotency_key is not None:
            self._keep(idempotency_key, (now_us, request, body))
        if self._news and self._tell:
            self._tell()
        return Response(200, body)

    def _keep(self, idempotency_key: str, used: _Used) -> None:
        """Keep a key's first use. All of a lifetime are let go of at once, when the lifetime after it is over too."""
        if used[0] >= self._turns_us:
            self._kept, self._kept_before = {}, self._kept
            self._turns_us = used[0] + (self._lifetime_us or 0)
        self._kept[idempotency_key] = used
