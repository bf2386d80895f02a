"""Loading the rows of a batch: in bulk, each with a result of its own, and those without one again.

A row that its target refuses for good is rejected, and holds up no other. One whose answer was lost is doubtful until
it has a result: its next load looks whether it is there.
"""

from collections.abc import Iterator
from functools import partial

from harness.blocks.applying import Applier
from harness.blocks.batch import DONE, REJECTED, BatchBook
from harness.blocks.loading import UNPROCESSED, Loader
from harness.blocks.retry import CallFailed
from harness.blocks.work_queue import WorkQueue
from harness.layer import ACCOUNT_EVENTS, AGREEMENT_EVENTS, Surroundings
from harness.store import Store
from sim.delivery import Event


class RowLoading:
    """Loads what the open batch of `book` has without a result, at most `chunk` rows by one call.

    `applier` writes by `loader`. A rejected row goes to `work_queue`, unless it is None: then it is dropped.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        store: Store,
        book: BatchBook,
        loader: Loader,
        applier: Applier,
        chunk: int,
        work_queue: WorkQueue | None,
    ) -> None:
        self._surroundings = surroundings
        self._store = store
        self._book = book
        self._loader = loader
        self._applier = applier
        self._chunk = chunk
        self._work_queue = work_queue
        self._doubtful = {event.id: True for event in book.rows(None)}  # tried before a crash, perhaps

    async def load(self) -> bool:
        """Load the rows without a result once. False if the target did not answer for one of them."""
        for batch, chunk in self._chunks():
            await self._loader.load(batch, [partial(self._row, event) for event in chunk])
        return not any(event.id in self._doubtful for event in self._book.rows(None))

    def _chunks(self) -> Iterator[tuple[str, list[Event]]]:
        """The rows without a result, in loads of their batch: accounts first, then by the order of their change."""
        manifest = self._book.manifest
        assert manifest is not None, "only an open batch is loaded"
        rows = sorted(self._book.rows(None), key=lambda event: (_rank(event), event.stamp_us, event.id))
        for rank in sorted({_rank(event) for event in rows}):
            alike = [event for event in rows if _rank(event) == rank]
            for start in range(0, len(alike), self._chunk):
                yield manifest.id, alike[start : start + self._chunk]

    async def _row(self, event: Event) -> None:
        """Load one row, and write its result down with what else is known of it."""
        self._surroundings.work_on(event)
        queue, target = self._work_queue, self._applier.target
        again = self._doubtful.pop(event.id, False) or bool(queue and queue.tries(event, target))
        removal = queue.removal(event, target) if queue else ()
        try:
            await self._applier.apply(event, (self._book.result(event, DONE), *removal), again)
        except CallFailed as failed:
            if failed.response is UNPROCESSED:
                return
            if failed.response.transient:
                self._doubtful[event.id] = True
            else:
                await self._reject(event, failed.response.word)

    async def _reject(self, event: Event, reason: str) -> None:
        rejected, target = self._book.result(event, REJECTED), self._applier.target
        if self._work_queue:
            await self._work_queue.park(event, target, reason, rejected)
            return
        self._surroundings.counts.dropped += 1
        self._surroundings.note("dropped", target, event.key)
        await self._store.write(rejected)


def _rank(event: Event) -> int:
    """Where an entity comes in a batch: customers before the contracts that need them."""
    return 0 if event.type in ACCOUNT_EVENTS else 1 if event.type in AGREEMENT_EVENTS else 2
