"""A first-in first-out queue between tasks, and a gate that lets a bounded number through."""

from collections import deque
from collections.abc import Generator
from typing import Any

from sim.clock import Action, Awaitable, Clock, Entry


class Queue:
    """Items wait for takers, or takers for items; both first come, first served."""

    __slots__ = ("_clock", "_items", "_takers")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._items: deque[Any] = deque()
        self._takers: deque[Action] = deque()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Any) -> None:
        """Hand `item` to the taker that has waited longest, or keep it."""
        if self._takers:
            self._clock.at(self._clock._now, self._takers.popleft(), item)
        else:
            self._items.append(item)

    async def take(self) -> Any:
        """The oldest item; waits while there is none."""
        return self._items.popleft() if self._items else await self

    def taken(self) -> Any:
        """The oldest item, or None while there is none: then `await` the queue for the next."""
        return self._items.popleft() if self._items else None

    def __await__(self) -> Generator[Awaitable, Any, Any]:
        return (yield self)

    def then(self, resume: Action) -> Entry | None:
        self._takers.append(resume)
        return None


class Gate:
    """At most `width` holders at a time; the others wait in order."""

    __slots__ = ("_clock", "_free", "_waiting")

    def __init__(self, clock: Clock, width: int) -> None:
        self._clock = clock
        self._free = width
        self._waiting: deque[Action] = deque()

    async def enter(self) -> None:
        """Hold a place; waits for one if all are taken."""
        if not self.entered():
            await self

    def entered(self) -> bool:
        """Hold a place if one is free. If not, `await` the gate: that waits for a place, and holds it."""
        if self._free:
            self._free -= 1
            return True
        return False

    def __await__(self) -> Generator[Awaitable, Any, None]:
        yield self

    def leave(self) -> None:
        """Give the place back, to whoever has waited longest."""
        if self._waiting:
            self._clock.at(self._clock._now, self._waiting.popleft())
        else:
            self._free += 1

    def then(self, resume: Action) -> Entry | None:
        self._waiting.append(resume)
        return None
