"""Bodies of events in a newer schema: thin views of the record, as their source now tells of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Renamed:
    """A body whose field `_old` is called `_new` now: the old name is gone, all else is as it was."""

    _body: Any
    _old: str
    _new: str

    @property
    def names(self) -> tuple[str | None, str]:
        """The old and the new name of what has changed."""
        return self._old, self._new

    def restored(self) -> Any:
        """The body as it was before the change: for whoever knows of it."""
        return self._body

    def __getattr__(self, name: str) -> Any:
        if name == self._new:
            return getattr(self._body, self._old)
        if name == self._old or name.startswith("_"):
            raise AttributeError(f"{type(self._body).__name__} has no field {name!r} in schema 2")
        return getattr(self._body, name)


@dataclass(frozen=True, slots=True)
class Extended:
    """A body with one more field `_new`, which is empty: nothing is missing, but not everybody puts up with it."""

    _body: Any
    _new: str

    @property
    def names(self) -> tuple[str | None, str]:
        """No old name, and that of the field which is new."""
        return None, self._new

    def restored(self) -> Any:
        """The body as it was before the change."""
        return self._body

    def __getattr__(self, name: str) -> Any:
        if name == self._new:
            return None
        if name.startswith("_"):
            raise AttributeError(f"{type(self._body).__name__} has no field {name!r}")
        return getattr(self._body, name)


def views(body: Any) -> Iterator[Renamed | Extended]:
    """The views through which a body is told of, the outermost, which is the newest schema's, first."""
    while isinstance(body, Renamed | Extended):
        yield body
        body = body.restored()


def plain_body(body: Any) -> Any:
    """The body as it was before any change, whatever its source calls its fields by now."""
    for view in views(body):
        body = view.restored()
    return body
