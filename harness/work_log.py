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
        self._open: dict[tuple[object, str], dict[Key, Stay]] = {}

    def follow(self, queue: str, store: Store, holder: object, clock: Clock) -> None:
        """Note what comes and goes in the table `queue` of a store.

        The `holder` is what the layer has in all its lives. What it held before and this store does not is lost.
        """
        table, there = store.table(queue), self._open.setdefault((holder, queue), {})
        for key in [key for key in there if key not in table]:
            there.pop(key).until_us = clock.now

        def seen(key: Key, item: Any) -> None:
            self._seen(queue, there, key, item, clock.now)

        store.watch(queue, seen)

    def of(self, queue: str) -> Iterator[Stay]:
        """The stays in one queue."""
        return (stay for stay in self.stays if stay.queue == queue)

    def _seen(self, queue: str, there: dict[Key, Stay], key: Key, item: Any, now_us: int) -> None:
        stay = there.get(key)
        if item is None:
            if stay is not None:
                there.pop(key).until_us = now_us
        elif stay is None:
            there[key] = Stay(queue, item.event, item.target, item.reason, now_us)
            self.stays.append(there[key])
        else:
            stay.reason = item.reason
