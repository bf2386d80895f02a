"""One at a time for each key: parts of a layer that write to the same record take turns."""

from sim.clock import Clock
from sim.queue import Gate


class Turns:
    """Who takes a key's turn holds it until they end it; the others wait in order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._gates: dict[tuple[str, str], tuple[Gate, int]] = {}

    async def take(self, target: str, key: str) -> None:
        """Wait for the turn of `key` at `target`, and hold it."""
        place = (target, key)
        gate, users = self._gates.get(place, (Gate(self._clock, 1), 0))
        self._gates[place] = (gate, users + 1)
        await gate.enter()

    def end(self, target: str, key: str) -> None:
        """Let the next have the turn."""
        place = (target, key)
        gate, users = self._gates.pop(place)
        if users > 1:
            self._gates[place] = (gate, users - 1)
        gate.leave()
