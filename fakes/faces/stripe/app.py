"""The app: each request goes through the key, the path, the parameters and the idempotency key, and is answered."""

from base64 import b64decode
from collections.abc import Mapping

import msgspec

from fakes.faces.answering import Answering, Receive, Send, body_of, headers_of, say
from fakes.faces.calling import Message
from fakes.faces.stripe.account import API_VERSION, Account, Object
from fakes.faces.stripe.asked import Asked
from fakes.faces.stripe.errors import StripeError, invalid
from fakes.faces.stripe.expanding import expanded, steps_of
from fakes.faces.stripe.forms import NOT_A_FORM, decoded
from fakes.faces.stripe.ids import identifier
from fakes.faces.stripe.keys import Keys
from fakes.faces.stripe.parameters import checked, many, text
from fakes.faces.stripe.routes import route
from sim.http import HttpResponse

BODY_MAX = 1 << 20
"""No request to Stripe needs more than this many bytes."""

_EXPAND = many(text)
_WRITTEN = msgspec.json.Encoder().encode  # in a sixth of the time of `json.dumps`


class Desk:
    """Answers requests one at a time."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._keys = Keys()
        self._requests = 0

    def answer(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        """The answer to a request; whatever happens, in Stripe's shape."""
        self._requests += 1
        request_id = identifier("req", self._requests)
        told = [("request-id", request_id), ("stripe-version", headers.get("stripe-version") or API_VERSION)]
        key = headers.get("idempotency-key") if method == "POST" else None
        if key:
            told.append(("idempotency-key", key))
        if "stripe-account" in headers:
            told.append(("stripe-account", headers["stripe-account"]))
        asked_for, now_us = (method, path, body), self._account.door.now_us
        try:
            _let_in(headers.get("authorization", ""), self._account.credentials.api_key)
            if key:
                kept = self._keys.kept(key, asked_for, now_us)
                if kept is not None:
                    first = next(value for name, value in kept.headers if name == "request-id")
                    again = [*told, ("idempotent-replayed", "true"), ("original-request", first)]
                    return _response(kept.status, again, kept.body)
            self._account.request = (request_id, key or None)
            answer = _response(200, told, _body(self._perform(method, path, query, headers, body)))
        except StripeError as error:
            answer = _response(
                error.status, told, _body({"error": {**error.error, "request_log_url": _log(request_id)}})
            )
            if not error.executed:
                key = None
        if key:
            self._keys.keep(key, asked_for, now_us, answer)
        return answer

    def _perform(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Object:
        operation, ids = route(method, path)
        if operation is None:
            raise StripeError(
                404,
                f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
                "https://support.stripe.com/.",
            )  # fmt: skip
        if len(body) > BODY_MAX:
            raise StripeError(413, "Request body is too large.")
        given = _parameters(method, query, headers, body)
        expand = tuple(_EXPAND(given.pop("expand"), "expand")) if "expand" in given else ()
        asked = Asked(path, ids, checked(given, operation.spec, operation.required))
        ways = steps_of(operation, expand)
        return expanded(self._account, operation.do(self._account, asked), ways)


def app_of(account: Account) -> Answering:
    """The account as an ASGI app. It takes every path and method: what there is, `routes` knows."""
    desk = Desk(account)

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        body = await body_of(receive, BODY_MAX)
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").removeprefix(scope.get("root_path", ""))
        query = scope["query_string"].decode("latin-1")
        await say(send, desk.answer(scope["method"], path, query, headers_of(scope), body))

    return Answering(answer)


def _parameters(method: str, query: str, headers: Mapping[str, str], body: bytes) -> Object:
    given = decoded(query)
    if method == "POST" and body:
        kind = headers.get("content-type", "application/x-www-form-urlencoded").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise invalid(NOT_A_FORM)
        try:
            given |= decoded(body.decode("utf-8"))
        except UnicodeDecodeError:
            raise invalid("Invalid request: the body must be UTF-8.") from None
    return given


def _let_in(authorization: str, secret: str) -> None:
    """Raises StripeError unless the request bears the account's key, as a bearer's or as a user's without password."""
    scheme, _, rest = authorization.partition(" ")
    key = rest.strip()
    if scheme.lower() == "basic":
        try:
            key = b64decode(key, validate=True).decode().partition(":")[0]
        except ValueError:
            key = ""
    elif scheme.lower() != "bearer":
        key = ""
    if not key:
        raise StripeError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer "
            "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )  # fmt: skip
    if key != secret:
        shown = f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}" if len(key) > 12 else "*" * len(key)
        raise StripeError(401, f"Invalid API Key provided: {shown}")


def _response(status: int, headers: list[tuple[str, str]], body: bytes) -> HttpResponse:
    return HttpResponse(status, (("content-type", "application/json"), *headers), body)


def _body(told: Object) -> bytes:
    return _WRITTEN(told)


def _log(request_id: str) -> str:
    return f"https://dashboard.stripe.com/test/logs/{request_id}"
