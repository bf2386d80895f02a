"""The way from a request to what is done at its path, and from a fault to its answer."""

import re
from collections.abc import Awaitable, Callable, Iterable

from fakes.faces.answering import Receive
from fakes.faces.calling import Message
from fakes.faces.paths import Nowhere, PathTree
from fakes.faces.salesforce.answers import answer
from fakes.faces.salesforce.errors import Choices, Fault, not_found, shape_of
from fakes.faces.salesforce.requests import Request
from sim.http import HttpResponse

Does = Callable[..., Awaitable[HttpResponse]]
"""Answers a request, given what its path says by the names of its parameters."""

VERSIONS = range(31, 67)
"""The versions of the API that there are."""

_VERSIONS = frozenset(f"v{number}.0" for number in VERSIONS)


class Routes:
    """What is done at which paths: in each, `{name}` is one segment, and `{name:path}` all that are left."""

    def __init__(self) -> None:
        self.declared: list[tuple[str, str, Does]] = []

    def get(self, path: str) -> Callable[[Does], Does]:
        """What a GET does."""
        return self._at("GET", path)

    def post(self, path: str) -> Callable[[Does], Does]:
        """What a POST does."""
        return self._at("POST", path)

    def put(self, path: str) -> Callable[[Does], Does]:
        """What a PUT does."""
        return self._at("PUT", path)

    def patch(self, path: str) -> Callable[[Does], Does]:
        """What a PATCH does."""
        return self._at("PATCH", path)

    def delete(self, path: str) -> Callable[[Does], Does]:
        """What a DELETE does."""
        return self._at("DELETE", path)

    def _at(self, method: str, path: str) -> Callable[[Does], Does]:
        def declare(does: Does) -> Does:
            self.declared.append((method, path, does))
            return does

        return declare


class Router:
    """Does what routes say."""

    def __init__(self, routes: Iterable[Routes]) -> None:
        self._tree: PathTree[tuple[Does, list[str]]] = PathTree()
        for method, path, does in (declared for one in routes for declared in one.declared):
            self._tree.add(method, path, (does, re.findall(r"{(\w+)", path)))

    async def answer(self, scope: Message, receive: Receive) -> HttpResponse:
        """What is answered to a request."""
        try:
            does, said = self._found(scope["method"], scope["path"])
            request = Request(scope, said, receive)
            return await does(request, **{name: value for name, value in said.items() if name != "version"})
        except Fault as fault:
            return answer(shape_of(fault, scope["path"]), fault.status)
        except Choices as choices:
            return answer(choices.urls, 300)

    def _found(self, method: str, path: str) -> tuple[Does, dict[str, str]]:
        """What is done at a path, and what the path says. Raises Fault: 404, 405."""
        try:
            (does, names), values = self._tree.find(method, path.strip("/"))
        except Nowhere as nowhere:
            if nowhere.methods:
                raise Fault("METHOD_NOT_ALLOWED", "HTTP Method not allowed for this resource", status=405) from None
            raise not_found() from None
        said = dict(zip(names, values, strict=True))
        if path.startswith("/services/data/") and said["version"] not in _VERSIONS:
            raise not_found()
        return does, said
