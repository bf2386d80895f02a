"""Handing items of a queue over to people, and taking them up again when people hand them back.

An item is in the layer's store, so that it is reported once more after a crash; the desk knows it for the same one.
"""

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from harness.layer import Surroundings
from harness.people import Ticket
from sim.delivery import Event


class Item(Protocol):
    """What a queue keeps about an event that was refused."""

    @property
    def event(self) -> Event: ...
    @property
    def target(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def tries(self) -> int: ...


I = TypeVar("I", bound=Item)  # noqa: E741  # an item


class Handover(Generic[I]):
    """Between one queue and the desk. `items` is the queue's table, `take_up` takes an item up again."""

    def __init__(
        self, surroundings: Surroundings, items: Mapping[tuple[int, str], I], take_up: Callable[[I], None]
    ) -> None:
        self._surroundings = surroundings
        self._items = items
        self._take_up = take_up

    def takes(self, reason: str) -> bool:
        """Whether there are people who can do something about a refusal with this word."""
        desk = self._surroundings.desk
        return desk is not None and desk.takes(reason)

    def report(self, item: I) -> None:
        """Have people see to an item. It comes back at once when they have, if it is then still as it was."""
        desk, life = self._surroundings.desk, self._surroundings.life
        assert desk is not None, "ask first whether there are people who take it"

        def hand_back() -> None:
            alive = life is None or life.alive
            if alive and self._items.get((item.event.id, item.target)) is item:
                self._take_up(item)

        holder = self._surroundings.store
        desk.report(Ticket(item.event, item.target, item.reason, item.tries, holder), hand_back)
