"""Where events go that cannot be carried: kept with the reason, and carried again when someone says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.layer import Selection, Surroundings
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
    """Dead letters in the order of their arrival, in a table of `store`.

    `come_back` takes a replayed letter up again, in its turn; who has then carried it writes its `removal`.
    """

    def __init__(self, surroundings: Surroundings, store: Store, come_back: Callable[[DeadLetter], None]) -> None:
        self._surroundings = surroundings
        self._store = store
        self._letters = store.table(TABLE)
        self._come_back = come_back

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

    def removal(self, event: Event, target: str) -> tuple[Change, ...]:
        """What takes the event's letter out, if it has one."""
        return ((TABLE, (event.id, target), None),) if (event.id, target) in self._letters else ()

    def replay(self, selection: Selection) -> None:
        """Have the selected letters carried again, oldest first. They stay until they have arrived."""
        for letter in selection.of(self.letters, self._surroundings.clock.now):
            self._surroundings.counts.replayed += 1
            self._surroundings.note("replayed", letter.target, letter.event.key)
            self._come_back(letter)
