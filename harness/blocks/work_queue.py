"""Steps that a process could not do: parked with the reason, and tried again at intervals."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.layer import Surroundings
from sim.delivery import Event
from sim.durations import HOUR
from sim.network import CAUSE


@dataclass(slots=True)
class WorkItem:
    """One step that waits for better times, or for a person."""

    event: Event
    target: str
    reason: str
    since_us: int


class WorkQueue:
    """Open work items, tried again every `every_us` while there are any."""

    def __init__(
        self, surroundings: Surroundings, carry: Callable[[Event, str], Awaitable[bool]], every_us: int = HOUR
    ) -> None:
        self.items: list[WorkItem] = []
        self._surroundings = surroundings
        self._carry = carry
        self._every_us = every_us
        self._working = False

    def park(self, event: Event, target: str, reason: str) -> None:
        """Keep a step for later."""
        self.items.append(WorkItem(event, target, reason, self._surroundings.clock.now))
        self._surroundings.counts.parked += 1
        self._surroundings.note("parked", target, event.key)
        if not self._working:
            self._working = True
            self._surroundings.clock.spawn(self._work())

    async def _work(self) -> None:
        while self.items:
            await self._surroundings.clock.sleep(self._every_us)
            for item in tuple(self.items):
                CAUSE.set(item.event.id)
                self._surroundings.counts.replayed += 1
                if await self._carry(item.event, item.target):
                    self.items.remove(item)
        self._working = False
