"""Durable storage of a layer: tables whose writes take time and are atomic."""

from typing import Any

from sim.clock import Clock
from sim.durations import MILLISECOND

WRITE_US = 5 * MILLISECOND
"""How long one durable write takes: a guess of ours, between a local disk and a managed database."""


class Store:
    """Named tables. What `write` returned from is kept; a crash before that loses the whole write."""

    def __init__(self, clock: Clock) -> None:
        self.tables: dict[str, dict[Any, Any]] = {}
        self._clock = clock

    def table(self, name: str) -> dict[Any, Any]:
        """A table's present rows: read them freely, write them through `write` only."""
        return self.tables.setdefault(name, {})

    async def write(self, *changes: tuple[str, Any, Any]) -> None:
        """Put all (table, key, value) changes at once, `WRITE_US` from now; a value of None deletes."""
        await self._clock.sleep(WRITE_US)
        for table, key, value in changes:
            if value is None:
                self.table(table).pop(key, None)
            else:
                self.table(table)[key] = value
