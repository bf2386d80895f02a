"""The gate of the face, in front of its paths: who may enter, how much is left, and that records are up to date."""

from urllib.parse import parse_qsl

from fakes.faces.answering import Receive, Send, say
from fakes.faces.calling import Message
from fakes.faces.salesforce.answers import answer
from fakes.faces.salesforce.errors import Fault, expired, over_limit, shape_of
from fakes.faces.salesforce.mirror import Mirror
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.routing import Router
from sim.http import HttpResponse

WITHIN = "tieout.within"
"""Marks a request that is part of another, which has been let in: clients cannot send that."""

OPEN = ("/services/oauth2/token", "/services/oauth2/revoke", "/services/Soap/", "/services/oauth2/authorize")
"""Paths that need no session; the list of versions needs none either."""


class Gate:
    """Lets requests in to a router."""

    def __init__(self, router: Router, org: Org, mirror: Mirror) -> None:
        self._router = router
        self._org = org
        self._mirror = mirror

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        scope = _settled(scope)
        path: str = scope["path"]
        within = WITHIN in (scope.get("extensions") or {})
        if not within:
            self._mirror.follow()
        if within or path == "/services/data" or path.startswith(OPEN):
            await say(send, await self._router.answer(scope, receive))
            return
        fault = self._fault(scope)
        if fault is not None:
            await say(send, answer(shape_of(fault, path), fault.status))
            return
        limit = ("sforce-limit-info", self._org.usage.told)
        told = await self._router.answer(scope, receive)
        await say(send, HttpResponse(told.status, (*told.headers, limit), told.body))

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
