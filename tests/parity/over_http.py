"""The systems as the built-in layers know them, over HTTP: each call is a request to the generic API and back.

What a layer asks is written as JSON and what it is answered is read from it, by a client that knows no more than the
contract; between the two it travels the same network as ever.
"""

import json
from dataclasses import fields, is_dataclass
from urllib.parse import urlencode

from fakes.faces.generic.face import endpoints_of
from fakes.faces.generic.wire import zero_of
from sim.http import HttpResponse, request_to
from sim.network import Response


class OverHttp:
    """A system's server, of which every operation that the generic API has is asked by HTTP."""

    def __init__(self, server, wearing, calendar, api_key):
        self.name, self.limits = server.name, server.limits
        self.asked = 0
        self._server = server
        self._wearing = wearing
        self._zero = zero_of(calendar)
        self._authorization = ("authorization", f"Bearer {api_key}")
        self._endpoints = {endpoint.request: endpoint for endpoint in endpoints_of(server.name)}

    async def send(self, request, key, idempotency_key, timeout_us):
        """As the server's own `send`."""
        endpoint = self._endpoints.get(type(request))
        if endpoint is None:
            return await self._server.send(request, key, idempotency_key, timeout_us)
        self.asked += 1
        response = await self._wearing.ask(self._written(endpoint, request, idempotency_key), timeout_us)
        if not isinstance(response.body, HttpResponse):
            return response
        return self._read(endpoint, response.body)

    def operation(self, request):
        """As the server's own."""
        return self._server.operation(request)

    def _written(self, endpoint, request, idempotency_key):
        given = {field.name: getattr(request, field.name) for field in fields(request)} if is_dataclass(request) else {}
        path = endpoint.path.format(**{name: given[name] for name in endpoint.in_path})
        headers = [self._authorization]
        if idempotency_key is not None:
            headers.append(("idempotency-key", idempotency_key))
        body, query = b"", ""
        if endpoint.query is not None:
            said = endpoint.query.of(request, self._zero)
            query = "?" + urlencode({name: value for name, value in said.items() if value is not None})
        if endpoint.body is not None:
            said = endpoint.body.of(request, self._zero)
            body = json.dumps({name: value for name, value in said.items() if value is not None}).encode()
            headers.append(("content-type", "application/json"))
        return request_to(endpoint.method, f"https://{self.name}.tieout.test{path}{query}", tuple(headers), body)

    def _read(self, endpoint, answer):

        said = json.loads(answer.body) if answer.body else None
        if answer.status >= 400:
            retry_after = answer.header("retry-after")
            after_us = int(retry_after) * 1_000_000 if retry_after else None
            return Response(answer.status, None, said["code"], after_us)
        read = endpoint.answer
        rows = said["data"] if endpoint.many else [said]
        records = [read.model_validate_json(json.dumps(row), context=self._zero).core() for row in rows]
        return Response(200, records if endpoint.many else records[0])
