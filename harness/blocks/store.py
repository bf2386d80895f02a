"""Durable storage of a layer: tables whose writes take time and are atomic."""

from collections.abc import Generator
from types import coroutine
from typing import Any

from sim.durations import MILLISECOND

WRITE_US = 5 * MILLISECOND
"""How long one durable write takes: a guess of ours, between a local disk and a managed database."""


class Store:
    """Named tables. What `write` returned from is kept; a crash before that loses the whole write."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[Any, Any]] = {}

    def table(self, name: str) -> dict[Any, Any]:
        """A table's present rows, of a new table if need be: read them freely, write them through `write` only."""
        return self.tables.setdefault(name, {})

    @coroutine
    def write(self, *changes: tuple[str, Any, Any]) -> Generator[int, None, None]:
        """Put all (table, key, value) changes at once, `WRITE_US` from now; a value of None deletes."""
        yield WRITE_US
        tables = self.tables
        for table, key, value in changes:
            if value is not None:
                tables[table][key] = value
            else:
                tables[table].pop(key, None)
