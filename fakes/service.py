"""The door of every fake system: finds the operation, honours idempotency keys, turns refusals into answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.access import REFRESH
from sim.network import Response


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


@dataclass(slots=True)
class RefreshToken:
    """Ask for a new access token, with the credential that the client has."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, good from `issued_us` on until the system says otherwise."""

    issued_us: int


def _refresh_token(request: RefreshToken, now_us: int) -> Token:
    return Token(now_us)


OF_EVERY_SYSTEM: Operations = {RefreshToken: Operation(REFRESH, _refresh_token)}
"""What can be asked of any system."""


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
        self._kept: dict[str, tuple[int, Any, Any]] = {}

    def offer(self, operations: Operations) -> None:
        """Serve these as well."""
        self._perform.update((request, operation.served) for request, operation in operations.items())

    def serve(self, request: Any, idempotency_key: str | None, now_us: int) -> Response:
        """Perform `request` at this instant, or repeat the answer that its key already has."""
        if self._lifetime_us is None:
            idempotency_key = None
        else:
            self._let_go(now_us - self._lifetime_us)
        if idempotency_key is not None:
            kept = self._kept.get(idempotency_key)
            if kept:
                if kept[1] != request:
                    return Response(422, None, "key_reused")
                return Response(200, kept[2], "replayed")
        try:
            body = self._perform[request.__class__](request, now_us)
        except Refused as refusal:
            return Response(refusal.status, None, refusal.code)
        if idempotency_key is not None:
            self._kept[idempotency_key] = (now_us, request, body)
        if self._news and self._tell:
            self._tell()
        return Response(200, body)

    def _let_go(self, until_us: int) -> None:
        """Forget the keys that were first used at `until_us` or before: the oldest come first."""
        kept = self._kept
        while kept:
            oldest = next(iter(kept))
            if kept[oldest][0] > until_us:
                return
            del kept[oldest]
