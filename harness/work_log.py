"""How long items lay in a layer's queues: read off the queues' tables as they are written, in all the layer's lives."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness.store import Store
from sim.clock import Clock
from sim.delivery import Event

Key: TypeAlias = tuple[int, str]
"""An item's event by id, and the target it is to reach."""


@dataclass(slots=True)
class Stay:
    """An item's stay in the queue `queue`: from its first refusal up to, not including, `until_us`; None: still there.

    `reason` is the word of its last refusal.
    """

    queue: str
    event: Event
    target: str
    reason: str
    since_us: int
    until_us: int | None = None


class WorkLog:
    """All stays in the queues of one run, in the order of their beginning."""

    def __init__(self) -> None:
        self.stays: list[Stay] = []
        self._open: dict[tuple[str, Key], Stay] = {}

    def follow(self, queue: str, store: Store, clock: Clock) -> None:
        """Note what comes and goes in the table `queue` of a store. What a store before this one held is lost."""
        table = store.table(queue)
        for (name, key), stay in list(self._open.items()):
            if name == queue and key not in table:
                stay.until_us = clock.now
                del self._open[name, key]

        def seen(key: Key, item: Any) -> None:
            self._seen(queue, key, item, clock.now)

        store.watch(queue, seen)

    def of(self, queue: str) -> Iterator[Stay]:
        """The stays in one queue."""
        return (stay for stay in self.stays if stay.queue == queue)

    def _seen(self, queue: str, key: Key, item: Any, now_us: int) -> None:
        stay = self._open.get((queue, key))
        if item is None:
            if stay is not None:
                stay.until_us = now_us
                del self._open[queue, key]
        elif stay is None:
            self.stays.append(Stay(queue, item.event, item.target, item.reason, now_us))
            self._open[queue, key] = self.stays[-1]
        else:
            stay.reason = item.reason
