"""Steps that could not be done: parked with the reason, and brought back until they are done.

What people can do something about waits for them; whatever else comes back at intervals.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.blocks.handover import Handover
from harness.layer import Selection, Surroundings
from harness.store import Change, Store
from sim.delivery import Event

TABLE = "work_items"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One step that waits for better times, or for a person.

    It waits as a whole since `since_us`; it was last refused at `refused_us`, and is so for the `tries`-th time.
    """

    event: Event
    target: str
    reason: str
    since_us: int
    refused_us: int
    tries: int = 1


class WorkQueue:
    """Open work items in a table of `store`. Each comes back after `waits_us` for its tries; the last wait repeats.

    One that people have to see to comes back when they have.

    `come_back` takes an item up again, in its turn; who has then done it writes its `removal`, and who has not
    parks it again. `rows` has the items by (event id, target).
    """

    def __init__(
        self,
        surroundings: Surroundings,
        store: Store,
        come_back: Callable[[WorkItem], None],
        waits_us: Sequence[int],
        part: str = "",
    ) -> None:
        self._surroundings = surroundings
        self._store = store
        self._table = f"{TABLE}/{part}" if part else TABLE
        surroundings.work_log.follow(self._table, store, surroundings.store, surroundings.clock)
        self.rows = store.table(self._table)
        self._come_back = come_back
        self._waits_us = waits_us
        self._taken_up: dict[tuple[int, str], WorkItem] = {}
        self._people = Handover(surroundings, self.rows, self._replay)

    @property
    def items(self) -> Sequence[WorkItem]:
        """What is parked now."""
        return tuple(self.rows.values())

    def start(self) -> None:
        """Let what was parked in a life before come back when it would have, or now if that is past."""
        for item in self.items:
            self._let_wait(item, item.refused_us)

    def tries(self, event: Event, target: str) -> int:
        """How often the step was parked so far."""
        item: WorkItem | None = self.rows.get((event.id, target))
        return item.tries if item else 0

    def removal(self, event: Event, target: str) -> tuple[Change, ...]:
        """What takes the step's item out, if it has one."""
        return ((self._table, (event.id, target), None),) if (event.id, target) in self.rows else ()

    async def park(self, event: Event, target: str, reason: str, *changes: Change) -> None:
        """Keep a step for later; `changes` are written with it, at once."""
        known: WorkItem | None = self.rows.get((event.id, target))
        now_us = self._surroundings.clock.now
        since_us, tries = (known.since_us, known.tries + 1) if known else (now_us, 1)
        item = WorkItem(event, target, reason, since_us, now_us, tries)
        if known is None:
            self._surroundings.counts.parked += 1
            self._surroundings.note("parked", target, event.key)
        await self._store.write((self._table, (event.id, target), item), *changes)
        self._let_wait(item, self._surroundings.clock.now)

    def _let_wait(self, item: WorkItem, since_us: int) -> None:
        if self._people.takes(item.reason):
            self._people.report(item)
        else:
            wait_us = self._waits_us[min(item.tries, len(self._waits_us)) - 1]
            self._surroundings.clock.spawn(self._wait(item, since_us + wait_us))

    def replay(self, selection: Selection) -> None:
        """Have the selected items come back now instead of when they are due."""
        for item in selection.of(self.items, self._surroundings.clock.now):
            self._surroundings.note("replayed", item.target, item.event.key)
            self._replay(item)

    def _replay(self, item: WorkItem) -> None:
        """Take an item up because somebody says so, and not because its time has come."""
        if self._take_up(item):
            self._surroundings.counts.replayed += 1

    async def _wait(self, item: WorkItem, due_us: int) -> None:
        self._surroundings.work_on(item.event)
        clock = self._surroundings.clock
        await clock.sleep(max(0, due_us - clock.now))
        self._take_up(item)

    def _take_up(self, item: WorkItem) -> bool:
        """Take an item up, unless it has been since it was parked; whether that was so."""
        place = (item.event.id, item.target)
        if self.rows.get(place) is not item or self._taken_up.get(place) is item:
            return False
        self._taken_up[place] = item
        self._come_back(item)
        return True
