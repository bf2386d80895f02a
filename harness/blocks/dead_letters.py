"""Where events go that cannot be carried: kept with the reason, and carried again when someone says so."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from harness.layer import Surroundings
from harness.store import Change, Store
from sim.delivery import Event

TABLE = "dead_letters"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a target would not take."""

    event: Event
    target: str
    reason: str
    since_us: int


class DeadLetterQueue:
    """Dead letters in the order of their arrival, in a table of `store`."""

    def __init__(self, surroundings: Surroundings, store: Store) -> None:
        self._surroundings = surroundings
        self._store = store
        self._letters = store.table(TABLE)

    @property
    def letters(self) -> Sequence[DeadLetter]:
        """What lies there now."""
        return tuple(self._letters.values())

    async def bury(self, event: Event, target: str, reason: str, *changes: Change) -> None:
        """Keep an event that `target` would not take; once, however often it comes and is refused.

        `changes` are written with it, at once.
        """
        if (event.id, target) in self._letters:
            await self._store.write(*changes)
            return
        letter = DeadLetter(event, target, reason, self._surroundings.clock.now)
        self._surroundings.counts.dead_lettered += 1
        self._surroundings.note("dead_lettered", target, event.key)
        await self._store.write((TABLE, (event.id, target), letter), *changes)

    def removal(self, letter: DeadLetter) -> Change:
        """What takes a letter out."""
        return (TABLE, (letter.event.id, letter.target), None)

    async def replay(
        self, carry: Callable[[Event, str], Awaitable[bool]], chosen: Callable[[DeadLetter], bool] = lambda _: True
    ) -> int:
        """Carry every `chosen` letter again, oldest first; those that `carry` says arrived leave the queue.

        How many arrived.
        """
        arrived = 0
        for letter in self.letters:
            if chosen(letter):
                self._surroundings.counts.replayed += 1
                if await carry(letter.event, letter.target):
                    await self._store.write(self.removal(letter))
                    arrived += 1
        return arrived
