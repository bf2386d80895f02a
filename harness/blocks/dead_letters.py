"""Where events go that cannot be carried: kept with the reason, and carried again when someone says so.

Someone is whoever calls `replay`, or people, for what they can do something about.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from harness.blocks.handover import Handover
from harness.layer import Surroundings
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

    With `come_back`, what people can do something about is reported to them, and taken up again when they have; who
    has then carried it writes `cleared`.
    """

    def __init__(
        self, surroundings: Surroundings, store: Store, come_back: Callable[[DeadLetter], None] | None = None
    ) -> None:
        self._surroundings = surroundings
        self._store = store
        surroundings.work_log.follow(TABLE, store, surroundings.clock)
        self._letters = store.table(TABLE)
        self._people = Handover(surroundings, self._letters, come_back) if come_back else None

    @property
    def letters(self) -> Sequence[DeadLetter]:
        """What lies there now."""
        return tuple(self._letters.values())

    async def bury(self, event: Event, target: str, reason: str, *changes: Change) -> None:
        """Keep an event that `target` would not take; once, however often it comes and is refused.

        `changes` are written with it, at once.
        """
        known: DeadLetter | None = self._letters.get((event.id, target))
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
        return self._people is not None and self._people.takes(reason)

    def cleared(self, event: Event, target: str) -> tuple[Change, ...]:
        """What takes the event's letter out, if it has one."""
        return ((TABLE, (event.id, target), None),) if (event.id, target) in self._letters else ()

    def _report(self, letter: DeadLetter) -> None:
        if self._people is not None and self._people.takes(letter.reason):
            self._people.report(letter)

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
