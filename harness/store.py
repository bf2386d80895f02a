"""Storage of a layer: tables whose writes are atomic, and durable ones that take time and outlive a crash."""

from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType, coroutine
from typing import Any, TypeAlias

from sim.durations import MILLISECOND

WRITE_US = 5 * MILLISECOND
"""How long one durable write takes: a guess of ours, between a local disk and a managed database."""

Change: TypeAlias = tuple[str, Any, Any]
"""A table's name, a key, and the new value of its row; None deletes the row."""


class Store:
    """Durable tables. What `write` returned from is kept; a crash before that loses the whole write.

    `written`, if there is one, is called at the end of each write; `writes` is how many there have been.
    """

    def __init__(self, written: Callable[[], None] | None = None) -> None:
        self._tables: dict[str, dict[Any, Any]] = {}
        self.written = written
        self.writes = 0

    def table(self, name: str) -> Mapping[Any, Any]:
        """A table's present rows, in the order of their writing; of a new table if need be."""
        return MappingProxyType(self._tables.setdefault(name, {}))

    def watch(self, name: str, seen: Callable[[Any, Any], None]) -> None:
        """Have `seen` called with each change's key and row in a table, None for a row that goes.

        Ask before anybody has the table. One that is watched already stays so.
        """
        if not isinstance(self._tables.get(name), _Watched):
            self._tables[name] = _Watched(self._tables.get(name, {}), seen)

    @coroutine
    def write(self, *changes: Change) -> Generator[int, None, None]:
        """Make all changes at once, `WRITE_US` from now."""
        yield WRITE_US
        tables = self._tables
        for table, key, value in changes:  # as `put` does, of which a call for each write would cost too much
            if value is not None:
                tables[table][key] = value
            else:
                tables[table].pop(key, None)
        self.writes += 1
        if self.written is not None:
            self.written()

    @coroutine
    def append(self, table: str, row: Any) -> Generator[int, None, int]:
        """Write a row at the end of a table, `WRITE_US` from now; its number there, from 1.

        Numbers are given when the writes end, so that none is missing below one that is kept.
        """
        yield WRITE_US
        number = self._appended(table, row)
        self.writes += 1
        if self.written is not None:
            self.written()
        return number

    def _appended(self, table: str, row: Any) -> int:
        rows = self._tables.setdefault(table, {})
        number: int = next(reversed(rows), 0) + 1
        rows[number] = row
        return number

    def put(self, *changes: Change) -> None:
        """Make all changes at once and in no time: what was there before the run, or is put up with a layer."""
        tables = self._tables
        for table, key, value in changes:
            if value is not None:
                tables[table][key] = value
            else:
                tables[table].pop(key, None)


class _Watched(dict[Any, Any]):
    """A table that tells of its changes."""

    def __init__(self, rows: Mapping[Any, Any], seen: Callable[[Any, Any], None]) -> None:
        super().__init__(rows)
        self._seen = seen

    def __setitem__(self, key: Any, row: Any) -> None:
        super().__setitem__(key, row)
        self._seen(key, row)

    def pop(self, key: Any, default: Any = None) -> Any:
        """Take a row out."""
        row = super().pop(key, default)
        self._seen(key, None)
        return row


class Memory(Store):
    """Tables that take no time to write, and that nothing outlives: what a layer has that keeps nothing durable."""

    @coroutine
    def write(self, *changes: Change) -> Generator[int, None, None]:
        """Make all changes at once, now."""
        self.put(*changes)
        yield from ()

    @coroutine
    def append(self, table: str, row: Any) -> Generator[int, None, int]:
        """Write a row at the end of a table, now; its number there, from 1."""
        yield from ()
        return self._appended(table, row)
