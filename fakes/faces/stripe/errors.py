"""Refusals in Stripe's shape: `{"error": {"type", "code", "param", "message"}}`."""

import json
from typing import Any

from fakes.service import Refused
from sim.durations import SECOND
from sim.http import HttpResponse
from sim.network import Response


class StripeError(Exception):
    """A request is refused. `executed` says that it was under way already: then its idempotency key is used up."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        executed: bool = False,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(status, message, code, param, kind, executed, more)
        self.status = status
        self.executed = executed
        self.headers: tuple[tuple[str, str], ...] = ()
        self.error: dict[str, Any] = {"message": message, "type": kind, **(more or {})}
        if code:
            self.error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
        if param:
            self.error["param"] = param

    @property
    def body(self) -> dict[str, Any]:
        """What the client is sent."""
        return {"error": self.error}


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    """A request that says something that cannot be."""
    return StripeError(400, message, code, param)


def missing(kind: str, id_: str, param: str | None = None) -> StripeError:
    """There is no such thing: 404 where the path names it, 400 where a parameter does."""
    status = 404 if param in {None, "id"} else 400
    return StripeError(status, f"No such {kind}: '{id_}'", "resource_missing", param or "id")


def declined(message: str, code: str = "card_declined", decline_code: str = "generic_decline") -> StripeError:
    """The payment fails."""
    return StripeError(402, message, code, None, "card_error", True, {"decline_code": decline_code})


def from_core(refused: Refused) -> StripeError:
    """What billing's core refuses."""
    said = refused.code.replace("_", " ")
    if refused.status >= 500:
        return StripeError(
            refused.status, f"An error occurred with our servers ({said}).", kind="api_error", executed=True
        )
    status = 404 if refused.status == 404 else 400
    code = "resource_missing" if status == 404 else None
    return StripeError(status, f"This change cannot be made: {said}.", code, executed=True)


_REFUSALS = {
    401: ("Invalid API Key provided.", "invalid_request_error", None),
    403: ("The provided key does not have access to this account.", "invalid_request_error", None),
    409: ("This object cannot be accessed right now because another API request is currently accessing it.",
          "invalid_request_error", "lock_timeout"),
    429: ("Request rate limit exceeded.", "invalid_request_error", "rate_limit"),
}  # fmt: skip


def refusal(response: Response) -> HttpResponse:
    """What the network made of a call, as Stripe's edge would say it."""
    status = response.status
    known = _REFUSALS.get(status)
    message, kind, code = known or ("Something went wrong on our end. Try again.", "api_error", None)
    if known is None and status < 500:
        status = 500
    headers = [("content-type", "application/json")]
    if response.retry_after_us is not None:
        headers.append(("retry-after", str(-(-response.retry_after_us // SECOND))))
    if status == 429:
        headers.append(("stripe-rate-limited-reason", "global-rate"))
    return HttpResponse(
        status, tuple(headers), json.dumps(StripeError(status, message, code, None, kind).body).encode()
    )
