"""A cross-reference in which a key is claimed before its record is created: PENDING, and once it is known ACTIVE.

So two messages that need the same customer never create two: the second waits for the first. A claim that an
earlier life left behind may have become a record unheard, and is looked up.
"""

from harness.blocks.identity import CrossReference, Known, look_up
from harness.blocks.retry import Caller
from harness.layer import Surroundings
from harness.store import Store
from sim.queue import Gate

PENDING = "pending_references"


class UniqueReference(CrossReference):
    """A durable table of ACTIVE references, and one of those that are PENDING."""

    def __init__(self, surroundings: Surroundings, store: Store, caller: Caller) -> None:
        super().__init__(store, surroundings.opening)
        self._clock = surroundings.clock
        self._caller = caller
        self._pending = store.table(PENDING)
        self._gates: dict[tuple[str, str, str], Gate] = {}

    async def claim(self, system: str, kind: str, key: str) -> Known | None:
        """The record that `key` is already; if None, it is yours to create, and others wait until you `release` it.

        Raises CallFailed if it cannot be looked up.
        """
        gate = self._gates.setdefault((system, kind, key), Gate(self._clock, 1))
        await gate.enter()
        known = await self.known(system, kind, key)
        if known is None:
            try:
                known = await self._claimed(system, kind, key)
            except BaseException:
                gate.leave()
                raise
        if known is not None:
            gate.leave()
        return known

    def release(self, system: str, kind: str, key: str) -> None:
        """Let the next have a try: it finds the record, if you have created it."""
        self._gates[system, kind, key].leave()

    async def keep(self, system: str, kind: str, key: str, record: Known) -> None:
        table, records = self._tables[system, kind]
        if records.get(key) != record:
            await self._store.write((table, key, record), (PENDING, (system, kind, key), None))

    async def _claimed(self, system: str, kind: str, key: str) -> Known | None:
        """The record that an earlier claim became, if there was one; else the key is PENDING from here on."""
        place = (system, kind, key)
        if place not in self._pending:
            await self._store.write((PENDING, place, True))
            return None
        found = await look_up(self._caller, system, kind, key)
        if found is not None:
            await self.keep(system, kind, key, found)
        return found
