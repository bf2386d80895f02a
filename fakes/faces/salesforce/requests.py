"""What a request says: its JSON, its version, the organisation that it is for."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, cast
from urllib.parse import parse_qsl

from fakes.faces import answering
from fakes.faces.calling import Message
from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.org import Org

BODY_MAX = 50_000_000
"""Bytes that a request may have, other than the data of a bulk job."""


class Request:
    """A request as endpoints know it; `path_params` is what its path says. Its body is there to be read once."""

    def __init__(self, scope: Message, path_params: Mapping[str, str], receive: answering.Receive) -> None:
        self.app = scope["app"]
        self.headers = answering.headers_of(scope)
        self.path_params = path_params
        self.receive = receive
        self._query: bytes = scope["query_string"]

    @cached_property
    def query_params(self) -> Mapping[str, str]:
        """What its query says."""
        return dict(parse_qsl(self._query.decode("latin-1"), keep_blank_values=True))


def org_of(request: Request) -> Org:
    """The organisation that a request is for."""
    return cast(Org, request.app.state.org)


def version_of(request: Request) -> str:
    """The version in a request's path: `v59.0`, or `59.0` for the older APIs."""
    return request.path_params["version"]


async def json_of(request: Request) -> Any:
    """A request's JSON; numbers with a fraction are exact. Raises Fault: JSON_PARSER_ERROR."""
    return parsed(await body_of(request))


async def body_of(request: Request, size_max: int = BODY_MAX) -> bytes:
    """A request's body. Raises Fault: 413."""
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said[:18]) > size_max:
        raise Fault("REQUEST_ENTITY_TOO_LARGE", "The request is too large", status=413)
    body = await answering.body_of(request.receive, size_max)
    if len(body) > size_max:
        raise Fault("REQUEST_ENTITY_TOO_LARGE", "The request is too large", status=413)
    return body


async def object_of(request: Request) -> dict[str, Any]:
    """A request's JSON object. Raises Fault."""
    value = await json_of(request)
    if not isinstance(value, dict):
        raise Fault("JSON_PARSER_ERROR", f"Can not deserialize SObject from {type(value).__name__}")
    return value


def parsed(body: bytes) -> Any:
    """The JSON that bytes say. Raises Fault: JSON_PARSER_ERROR."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_refuse)
        if b"\\ud" in body.lower():
            json.dumps(value, ensure_ascii=False, default=str).encode()  # half a pair of surrogates is no text
    except (ValueError, RecursionError, ArithmeticError) as error:
        message = f"Unexpected character or end of input: {type(error).__name__} at input location [1,1]"
        raise Fault("JSON_PARSER_ERROR", message) from error
    return value


def switch(value: Any) -> bool:
    """Whether an option of a body or a query is on."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
