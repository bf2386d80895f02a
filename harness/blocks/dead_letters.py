"""Where events go that cannot be carried: kept with the reason, and carried again when someone says so.

Someone is whoever calls `replay`, or people, for what they can do something about.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harness.blocks.handover import Handover
from harness.layer import Selection, Surroundings
from harness.store import Change, Store
from sim.delivery import Event

TABLE = "dead_letters"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a target would not take. `tries` is how often it was buried."""

    event: Event
    target: str
    reason: str
    since_us: int
    tries: int = 1


class DeadLetterQueue:
    """Dead letters in the order of their arrival, in a table of `store`.

    `come_back` takes a letter up again, in its turn, that is replayed, or that people have seen to; who has then
    carried it writes its `removal`. `rows` has the letters by (event id, target).
    """

    def __init__(self, surroundings: Surroundings, store: Store, come_back: Callable[[DeadLetter], None]) -> None:
        self._surroundings = surroundings
        self._store = store
        surroundings.work_log.follow(TABLE, store, surroundings.store, surroundings.clock)
        self.rows = store.table(TABLE)
        self._come_back = come_back
        self._people = Handover(surroundings, self.rows, self._take_up)

    @property
    def letters(self) -> Sequence[DeadLetter]:
        """What lies there now."""
        return tuple(self.rows.values())

    async def bury(self, event: Event, target: str, reason: str, *changes: Change) -> None:
        """Keep an event that `target` would not take; once, however often it comes and is refused.

        `changes` are written with it, at once.
        """
        known: DeadLetter | None = self.rows.get((event.id, target))
        if known is None:
            letter = DeadLetter(event, target, reason, self._surroundings.clock.now)
            self._surroundings.counts.dead_lettered += 1
            self._surroundings.note("dead_lettered", target, event.key)
        elif self.for_people(reason):
            letter = replace(known, reason=reason, tries=known.tries + 1)
        else:
            await self._store.write(*changes)
            return
        await self._store.write((TABLE, (event.id, target), letter), *changes)
        self._report(letter)

    def start(self) -> None:
        """Report again what lay there before."""
        for letter in self.letters:
            self._report(letter)

    def for_people(self, reason: str) -> bool:
        """Whether people take up what is refused with this word: waiting alone would not help it."""
        return self._people.takes(reason)

    def removal(self, event: Event, target: str) -> tuple[Change, ...]:
        """What takes the event's letter out, if it has one."""
        return ((TABLE, (event.id, target), None),) if (event.id, target) in self.rows else ()

    def replay(self, selection: Selection) -> None:
        """Have the selected letters carried again, oldest first. They stay until they have arrived."""
        for letter in selection.of(self.letters, self._surroundings.clock.now):
            self._surroundings.note("replayed", letter.target, letter.event.key)
            self._take_up(letter)

    def _report(self, letter: DeadLetter) -> None:
        if self.for_people(letter.reason):
            self._people.report(letter)

    def _take_up(self, letter: DeadLetter) -> None:
        self._surroundings.counts.replayed += 1
        self._come_back(letter)
