"""Asking a system over its generic API: a core's request goes out as HTTP, and its record comes back.

So whoever asks cores, such as a built-in layer, can ask over HTTP and notice nothing.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from fakes.faces.generic.app import list_of
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.face import endpoints_of
from fakes.faces.generic.route import REPLAYED
from fakes.names import kind_of
from sim.durations import SECOND
from sim.http import HttpRequest, HttpResponse, request_to
from sim.network import Response


class OverHttp:
    """A system at `base_url`, in place of its own service: `serve` answers as that does.

    `send` sends a request and gives its answer; `zero` is what instant 0 is, in UTC.
    """

    def __init__(
        self, system: str, base_url: str, api_key: str, zero: datetime, send: Callable[[HttpRequest], HttpResponse]
    ) -> None:
        self._endpoints = {endpoint.request: endpoint for endpoint in endpoints_of(kind_of(system))}
        self._base_url = base_url
        self._authorization = ("authorization", f"Bearer {api_key}")
        self._zero = zero
        self._send = send

    def serve(self, request: Any, idempotency_key: str | None, now_us: int) -> Response:
        """The answer to a core's request; when that is, the system knows best."""
        endpoint = self._endpoints[request.__class__]
        return answered(endpoint, self._send(self._asked(endpoint, request, idempotency_key)), self._zero)

    def _asked(self, endpoint: Endpoint, request: Any, idempotency_key: str | None) -> HttpRequest:
        in_path = {name: quote(getattr(request, name), safe="") for name in endpoint.in_path}
        target = endpoint.path.format(**in_path)
        headers, body = [self._authorization], b""
        if idempotency_key is not None:
            headers.append(("idempotency-key", idempotency_key))
        if endpoint.query is not None:
            said = endpoint.query.of(request, self._zero)
            target += "?" + urlencode({name: value for name, value in said.items() if value is not None})
        if endpoint.body is not None:
            headers.append(("content-type", "application/json"))
            body = json.dumps(endpoint.body.of(request, self._zero)).encode()
        return request_to(endpoint.method, self._base_url + target, tuple(headers), body)


def answered(endpoint: Endpoint, answer: HttpResponse, zero: datetime) -> Response:
    """What a core has answered, from what its API has."""
    if answer.status >= 400:
        wait_s = answer.header("retry-after")
        word = json.loads(answer.body)["code"]
        return Response(answer.status, None, word, None if wait_s is None else int(wait_s) * SECOND)
    if endpoint.many:
        listed: Any = list_of(endpoint.answer).model_validate_json(answer.body, context=zero)
        body = [one.core() for one in listed.data]
    else:
        body = endpoint.answer.read(answer.body, zero)
    return Response(200, body, "replayed" if answer.header(REPLAYED) else "ok")
