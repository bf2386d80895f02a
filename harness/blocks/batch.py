"""The book of one job's batches: a manifest of what is to be loaded, and a result for each row, in durable tables.

A batch is open from its manifest until it is closed. What has no result by then is to be loaded (again); so a batch
that was cut short goes on where it stood.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fakes.bulk import Totals
from harness.blocks.control_totals import totals_of
from harness.blocks.watermark import Extract
from harness.store import Change, Store
from sim.delivery import Event

TABLE = "batches"
DONE, REJECTED = "done", "rejected"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a batch is to load: its rows, their control totals, and the reading that it comes from."""

    id: str
    rows: tuple[Event, ...]
    totals: Totals
    extract: Extract


class BatchBook:
    """The open batch of the job `name`, if there is one, and its rows' results."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._batches = store.table(TABLE)
        self._table = f"rows/{name}"
        self._results = store.table(self._table)

    @property
    def manifest(self) -> Manifest | None:
        """The open batch's."""
        return self._batches.get(self._name)

    def rows(self, *results: str | None) -> list[Event]:
        """The open batch's rows that have one of these results; None is that of a row without."""
        manifest = self.manifest
        return [event for event in manifest.rows if self._results.get(event.id) in results] if manifest else []

    async def open(self, at_us: int, rows: Sequence[Event], extract: Extract) -> None:
        """Write a manifest. A batch bears its job's name and the instant of its making: no other has the same."""
        manifest = Manifest(f"{self._name}@{at_us}", tuple(rows), totals_of(rows), extract)
        await self._store.write((TABLE, self._name, manifest))

    def result(self, event: Event, result: str) -> Change:
        """What writes down what became of a row."""
        return (self._table, event.id, result)

    async def reopen(self) -> None:
        """Take back what was done: each row is to be looked at again."""
        await self._store.write(*((self._table, event.id, None) for event in self.rows(DONE)))

    def closing(self) -> tuple[Change, ...]:
        """What closes the batch."""
        return ((TABLE, self._name, None), *((self._table, id_, None) for id_ in self._results))
