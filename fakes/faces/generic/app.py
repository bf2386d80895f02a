"""The app of one kind of system: its endpoints as routes, its OpenAPI document, and what it says to all else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from pydantic import create_model
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from fakes.faces.door import Door
from fakes.faces.face import Credentials
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.problems import MEDIA_TYPE, ProblemDetails, declared, problem_body
from fakes.faces.generic.route import REPLAYED, Asking, Documented, Route
from fakes.faces.generic.wire import Wire
from fakes.names import KEY_LIFETIME_US, kind_of


def app_of(system: str, endpoints: Sequence[Endpoint], door: Door, credentials: Credentials, zero: datetime) -> FastAPI:
    """The app of a system; `zero` is what instant 0 is, in UTC."""
    app = FastAPI(
        title=f"Tieout: {system}",
        version="1",
        summary=f"What integrations can ask of {system}.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.route_class = Route
    bearer = HTTPBearer(auto_error=False, description="The API key")
    for endpoint in endpoints:
        keyed = KEY_LIFETIME_US[kind_of(system)] is not None and endpoint.method != "GET"
        asking = Asking(endpoint, door, credentials.api_key, zero, keyed=keyed)
        app.add_api_route(
            endpoint.path,
            Documented(asking),
            methods=[endpoint.method],
            operation_id=endpoint.word,
            status_code=endpoint.status,
            response_model=list_of(endpoint.answer) if endpoint.many else endpoint.answer,
            dependencies=[Depends(bearer)],
            responses=declared(_problems(endpoint, keyed=keyed)) | (_replays(endpoint.status) if keyed else {}),
        )
    app.add_exception_handler(HTTPException, _Nowhere(endpoints))
    _describe_problems(app)
    return app


_LISTS: dict[type[Wire], Any] = {}


def list_of(answer: type[Wire]) -> Any:
    """The model of a list of these."""
    if answer not in _LISTS:
        kind: Any = answer
        _LISTS[answer] = create_model(
            f"{answer.__name__}List", __base__=Wire, __doc__="A list, the oldest first.", data=(tuple[kind, ...], ...)
        )
    return _LISTS[answer]


def _problems(endpoint: Endpoint, *, keyed: bool) -> list[int]:
    """The problems that an operation can answer with."""
    found = {401, 429, 503}
    if endpoint.in_path or endpoint.body:
        found |= {404}
    if endpoint.body:
        found |= {400, 409, 413, 415}
    if endpoint.body or endpoint.query or endpoint.in_path or keyed:
        found |= {422}
    if endpoint.body and "if_revision" in endpoint.body.model_fields:
        found |= {412}
    if endpoint.query and "after" in endpoint.query.model_fields:
        found |= {400, 410}
    return sorted(found)


def _replays(status: int) -> dict[int | str, dict[str, Any]]:
    """That a success may be one of before, for an operation's document."""
    told = "Whether this is the answer that the idempotency key already had"
    return {status: {"headers": {REPLAYED: {"description": told, "schema": {"type": "string", "enum": ["true"]}}}}}


class _Nowhere:
    """Answers what no endpoint is asked by: 404 for an unknown path, 405 with the methods of a known one."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = endpoints

    async def __call__(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code != 405:
            return Response(problem_body(404, "unknown_path"), 404, media_type=MEDIA_TYPE)
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        methods = [endpoint.method for endpoint in self._endpoints if endpoint.matches.match(path)] or ["GET"]
        headers = {"allow": ", ".join(dict.fromkeys(methods))}
        return Response(problem_body(405, "method_not_allowed"), 405, headers, MEDIA_TYPE)


def _describe_problems(app: FastAPI) -> None:
    """Have the document tell what a problem is."""
    document = app.openapi

    def described() -> dict[str, Any]:
        said = document()
        schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        said["components"]["schemas"].update(schema.pop("$defs"), ProblemDetails=schema)
        return said

    app.openapi = described  # type: ignore[method-assign]  # the way that FastAPI's own documentation has it
