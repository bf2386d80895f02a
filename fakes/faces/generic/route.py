"""A route of the generic API: reads a request, has the core do it, and writes what came of it.

FastAPI is told what an endpoint takes and answers, for the document and to find its way. The request itself takes a
shorter one than FastAPI's: JSON is validated as it is parsed, and what is written needs no second check.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from inspect import Parameter, Signature
from typing import Annotated, Any, cast
from urllib.parse import parse_qsl

from fastapi import Body, Header, Path, Query
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from fakes.faces.answering import Receive, Send, body_of
from fakes.faces.calling import Message
from fakes.faces.door import Door
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.problems import MEDIA_TYPE, Problem, problem_body, unfit, wrong
from fakes.faces.generic.wire import Wire
from sim.network import Response

REPLAYED = "idempotent-replayed"
"""The header of an answer that an idempotency key already had."""

KEY_MAX = 255
"""Characters of an idempotency key or of an id in a path, at most."""

_JSON = b"application/json"
_PROBLEM = MEDIA_TYPE.encode()
_REPLAYED = ((REPLAYED.encode(), b"true"),)


class Asking:
    """Does what is asked at one endpoint, as an ASGI app. `keyed`: it honours idempotency keys."""

    def __init__(self, endpoint: Endpoint, door: Door, api_key: str, zero: datetime, *, keyed: bool) -> None:
        self.endpoint = endpoint
        self.keyed = keyed
        self._door = door
        self._zero = zero
        self._api_key = api_key.encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            headers = _headers(scope)
            self._let_in(headers.get(b"authorization", b""))
            body = await _body(receive, headers, self.endpoint.bytes_max) if self.endpoint.body else b""
            told = self._answer(scope, headers, body)
        except Problem as problem:
            await say_problem(send, problem)
        except ClientDisconnect:  # before its request was whole: nothing of it is done
            return
        else:
            more = _REPLAYED if told.word == "replayed" else ()
            await _say(send, self.endpoint.status, _JSON, self._written(told.body), *more)

    def _answer(self, scope: Message, headers: Mapping[bytes, bytes], body: bytes) -> Response:
        endpoint, zero = self.endpoint, self._zero
        arguments = _in_path(scope["path_params"]) if endpoint.in_path else {}
        if endpoint.body is not None:
            arguments.update(_fit(endpoint.body, body, zero).arguments())
        if endpoint.query is not None:
            arguments.update(_asked(endpoint.query, scope["query_string"], zero).arguments())
        key = _key(headers.get(b"idempotency-key")) if self.keyed else None
        told = self._door.answer(endpoint.request(**arguments), key)
        if told.status != 200:
            raise Problem(told.status, told.word)
        return told

    def _written(self, told: Any) -> bytes:
        write, zero = self.endpoint.answer.of, self._zero
        said = {"data": [write(one, zero) for one in told]} if self.endpoint.many else write(told, zero)
        return json.dumps(said, separators=(",", ":")).encode()

    def _let_in(self, authorization: bytes) -> None:
        scheme, _, key = authorization.partition(b" ")
        if not (hmac.compare_digest(key, self._api_key) and scheme.lower() == b"bearer"):
            raise Problem(401, "unauthorised")


class Route(APIRoute):
    """A route that leads to an Asking, which its endpoint is, and that the document tells of."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **told: Any) -> None:
        super().__init__(path, endpoint, **told)
        self.app = cast(Documented, endpoint).asking


class Documented:
    """An endpoint as FastAPI documents it, by its signature."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.__name__ = asking.endpoint.word
        self.__doc__ = asking.endpoint.told
        self.__signature__ = signature_of(asking.endpoint, keyed=asking.keyed)

    async def __call__(self) -> None:
        """Never called: the route asks by the shorter way."""


def signature_of(endpoint: Endpoint, *, keyed: bool) -> Signature:
    """What an endpoint takes, as FastAPI reads it."""
    takes: dict[str, Any] = {name: Annotated[str, Path(min_length=1, max_length=KEY_MAX)] for name in endpoint.in_path}
    if endpoint.query is not None:
        takes["query"] = Annotated[endpoint.query, Query()]
    if endpoint.body is not None:
        examples = {endpoint.word: {"value": endpoint.example}} if endpoint.example else None
        takes["body"] = Annotated[endpoint.body, Body(openapi_examples=cast(Any, examples))]
    if keyed:
        takes["idempotency_key"] = Annotated[
            str | None,
            Header(min_length=1, max_length=KEY_MAX, description="A repeat of a success gets its answer again"),
        ]
    return Signature(
        [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                annotation=kind,
                default=None if name == "idempotency_key" else Parameter.empty,
            )
            for name, kind in takes.items()
        ]
    )


# --- reading -----------------------------------------------------------------------------------------------


def _headers(scope: Message) -> dict[bytes, bytes]:
    return dict(scope["headers"])


async def _body(receive: Receive, headers: Mapping[bytes, bytes], bytes_max: int) -> bytes:
    kind = headers.get(b"content-type", _JSON).partition(b";")[0].strip().lower()
    if kind != _JSON:
        raise Problem(415, "unsupported_media_type")
    body = await body_of(receive, bytes_max)
    if len(body) > bytes_max:
        raise Problem(413, "body_too_large")
    return body


def _fit(model: type[Wire], body: bytes, zero: datetime) -> Wire:
    try:
        return model.model_validate_json(body, context=zero)
    except ValidationError as error:
        raise unfit("body", error) from None


def _asked(model: type[Wire], query: bytes, zero: datetime) -> Wire:
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise Problem(422, "invalid_request", [wrong(("query",), "must be percent-encoded UTF-8")]) from None
    sent = dict(pairs)
    if len(sent) < len(pairs):
        raise Problem(422, "invalid_request", [wrong(("query",), "has a parameter twice")])
    try:
        return model.model_validate_strings(sent, strict=False, context=zero)
    except ValidationError as error:
        raise unfit("query", error) from None


def _in_path(sent: Mapping[str, str]) -> dict[str, Any]:
    for name, value in sent.items():
        if len(value) > KEY_MAX:
            raise Problem(422, "invalid_request", [wrong(("path", name), f"has more than {KEY_MAX} characters")])
    return dict(sent)


def _key(sent: bytes | None) -> str | None:
    if sent is None:
        return None
    if not 0 < len(sent) <= KEY_MAX:
        place = ("header", "idempotency-key")
        raise Problem(422, "invalid_request", [wrong(place, f"must have 1 to {KEY_MAX} characters")])
    return sent.decode("latin-1")


# --- writing -----------------------------------------------------------------------------------------------


async def say_problem(send: Send, problem: Problem, *more: tuple[bytes, bytes]) -> None:
    """Answer with a problem."""
    if problem.status == 401:
        more = (*more, (b"www-authenticate", b"Bearer"))
    await _say(send, problem.status, _PROBLEM, problem_body(problem.status, problem.code, problem.errors), *more)


async def _say(send: Send, status: int, kind: bytes, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
