"""One at a time for each key: parts of a layer that write to the same record take turns."""

from typing import Any

from harness.blocks.applying import Applier
from harness.layer import AGREEMENT_EVENTS
from harness.store import Change
from sim.clock import Clock
from sim.delivery import Event
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


class ApplierInTurn(Applier):
    """Takes a contract's turn at the target for each event of it that it applies."""

    def __init__(self, turns: Turns, *parts: Any) -> None:
        super().__init__(*parts)
        self._turns = turns

    async def apply(self, event: Event, changes: tuple[Change, ...] = (), again: bool = False) -> Event | None:
        if event.type not in AGREEMENT_EVENTS:
            return await super().apply(event, changes, again)
        await self._turns.take(self.target, event.key)
        try:
            return await super().apply(event, changes, again)
        finally:
            self._turns.end(self.target, event.key)
