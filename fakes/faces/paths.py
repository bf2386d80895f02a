"""Paths as a tree: what is done at one, found segment by segment, and what its segments say."""

from typing import Any, Generic, TypeAlias, TypeVar

What = TypeVar("What")

Node: TypeAlias = dict[str | int, Any]

_ONE, _REST, _HERE = 1, 2, 3
"""Below a node: one segment, whatever it is; all that are left; and what is done here, by method."""


class Nowhere(Exception):
    """Nothing is done at a path by a method; `methods` are those by which something is."""

    def __init__(self, methods: tuple[str, ...] = ()) -> None:
        super().__init__(methods)
        self.methods = methods


class PathTree(Generic[What]):
    """What is done at which paths. In each, `{name}` or `*` is one segment, and `{name:path}` all that are left.

    A literal goes before them. The time that it takes to find a path does not grow with how many there are.
    """

    def __init__(self) -> None:
        self._tree: Node = {}

    def add(self, method: str, path: str, what: What) -> None:
        """Have this done at a path."""
        at = self._tree
        for segment in path.strip("/").split("/"):
            key: str | int = segment
            if segment == "*" or segment.startswith("{"):
                key = _REST if segment.endswith(":path}") else _ONE
            at = at.setdefault(key, {})
        at.setdefault(_HERE, {})[method] = what

    def find(self, method: str, path: str) -> tuple[What, list[str]]:
        """What is done at a path, and what its segments are that are no literals. Raises Nowhere.

        A slash in front does not matter.
        """
        at, said = self._tree, []
        segments = path.removeprefix("/").split("/")
        for place, segment in enumerate(segments):
            if segment in at:
                at = at[segment]
            elif segment and _ONE in at:
                said.append(segment)
                at = at[_ONE]
            elif _REST in at:
                said.append("/".join(segments[place:]))
                at = at[_REST]
                break
            else:
                raise Nowhere
        done = at.get(_HERE, {})
        if method not in done:
            raise Nowhere(tuple(done))
        return done[method], said
