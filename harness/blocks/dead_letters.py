"""Where events go that cannot be carried: kept with the reason, and carried again when someone says so."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.layer import Surroundings
from sim.delivery import Event


@dataclass(slots=True)
class DeadLetter:
    """An event that a target would not take."""

    event: Event
    target: str
    reason: str
    since_us: int


class DeadLetterQueue:
    """Dead letters in the order of their arrival."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.letters: list[DeadLetter] = []
        self._surroundings = surroundings

    def bury(self, event: Event, target: str, reason: str) -> None:
        """Keep an event that `target` would not take; once, however often it comes and is refused."""
        if any(letter.event.id == event.id and letter.target == target for letter in self.letters):
            return
        self.letters.append(DeadLetter(event, target, reason, self._surroundings.clock.now))
        self._surroundings.counts.dead_lettered += 1
        self._surroundings.note("dead_lettered", target, event.key)

    async def replay(self, carry: Callable[[Event, str], Awaitable[bool]]) -> None:
        """Carry every letter again, oldest first; those that `carry` says arrived leave the queue."""
        for letter in tuple(self.letters):
            self._surroundings.counts.replayed += 1
            if await carry(letter.event, letter.target):
                self.letters.remove(letter)
