"""The gate of the face, in front of its paths: who may enter, how much is left, and that records are up to date."""

from urllib.parse import parse_qsl

from fastapi.responses import JSONResponse

from fakes.faces.answering import Receive, Send
from fakes.faces.calling import App, Message
from fakes.faces.salesforce.errors import Fault, expired, over_limit, shape_of
from fakes.faces.salesforce.mirror import Mirror
from fakes.faces.salesforce.org import Org

WITHIN = "tieout.within"
"""Marks a request that is part of another, which has been let in: clients cannot send that."""

OPEN = ("/services/oauth2/token", "/services/oauth2/revoke", "/services/Soap/", "/services/oauth2/authorize")
"""Paths that need no session; the list of versions needs none either."""


class Gate:
    """Middleware in plain ASGI: it awaits nobody."""

    def __init__(self, app: App, org: Org, mirror: Mirror) -> None:
        self._app = app
        self._org = org
        self._mirror = mirror

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        scope = _settled(scope)
        if WITHIN in (scope.get("extensions") or {}):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        self._mirror.follow()
        if path != "/services/data" and not path.startswith(OPEN):
            fault = self._fault(scope)
            if fault is not None:
                await JSONResponse(shape_of(fault, path), fault.status)(scope, receive, send)
                return
            send = self._telling(send)
        await self._app(scope, receive, send)

    def _fault(self, scope: Message) -> Fault | None:
        """Why a request is not let in."""
        now_us = self._org.now_us
        headers = dict(scope["headers"])
        given = headers.get(b"authorization", b"").decode("latin-1")
        scheme, _, token = given.partition(" ")
        if scheme.lower() not in {"bearer", "oauth"}:
            token = headers.get(b"x-sfdc-session", b"").decode("latin-1")
        if not self._org.sessions.admits(token.strip(), now_us):
            return expired()
        return None if self._org.usage.count(now_us) else over_limit()

    def _telling(self, send: Send) -> Send:
        told = (b"sforce-limit-info", self._org.usage.told.encode())

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), told]
            await send(message)

        return tell


def _settled(scope: Message) -> Message:
    """A request without a slash at the end of its path, and with the method that it means."""
    path, query = scope["path"], scope["query_string"]
    if len(path) > 1 and path.endswith("/"):
        scope = {**scope, "path": path.rstrip("/") or "/"}
    if b"_HttpMethod=" in query and scope["method"] == "POST":
        meant = dict(parse_qsl(query.decode("latin-1"))).get("_HttpMethod", "").upper()
        if meant in {"PATCH", "DELETE", "GET", "PUT"}:
            scope = {**scope, "method": meant}
    return scope
