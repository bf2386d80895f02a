"""Keeping versions in order at a consumer: which event to carry now, drop as superseded, or hold.

A *version gate* passes what is newer than the last carried: right for events that bear the full state, and
wrong for deltas, whose late ones it drops without a word. A *sequence gate* passes only the next version and
holds later ones until it has come: right for deltas, at the price of waiting (hypothesis H9). A
*timestamp gate* goes by the source's clock instead of a number, and is as good as that clock (H26).
"""

from collections.abc import Callable, Mapping
from operator import attrgetter

from harness.store import Change, Memory, Store
from sim.delivery import Event

KINDS = ("version", "sequence", "timestamp", "fetch", "none")
"""The guards that there are; `fetch` carries what the source says now, which needs no gate."""


class Sequencer:
    """A gate for the versions of one consumer's keys. `kind` is one of KINDS.

    The last version carried of each key is kept in a table of `store`; `opening` has those from before the run.
    """

    def __init__(
        self, kind: str, store: Store | None = None, consumer: str = "", opening: Mapping[str, int] | None = None
    ) -> None:
        self.kind = kind
        self._place: Callable[[Event], int] = attrgetter("stamp_us" if kind == "timestamp" else "version")
        store = store or Memory()
        self._table, self._waiting_table = f"versions/{consumer}", f"waiting/{consumer}"
        self._last = store.table(self._table)
        self._waiting = store.table(self._waiting_table)
        if kind not in {"timestamp", "none"}:
            store.put(
                *((self._table, key, version) for key, version in (opening or {}).items() if key not in self._last)
            )

    def held(self) -> list[Event]:
        """The events that wait for a predecessor."""
        return list(self._waiting.values())

    def judge(self, event: Event) -> str:
        """`carry`, `drop` (superseded or a repeat) or `hold` (a predecessor is missing)."""
        if self.kind in {"none", "fetch"}:
            return "carry"
        last, place = self._last.get(event.key, 0), self._place(event)
        if place <= last:
            return "drop"
        if self.kind == "sequence" and place > last + 1:
            return "hold"
        return "carry"

    def holding(self, event: Event) -> Change:
        """What keeps an event until its predecessor has come."""
        return (self._waiting_table, (event.key, event.version), event)

    def passing(self, event: Event) -> tuple[Change, ...]:
        """What remembers that `event` has been carried, and lets go of it if it was held."""
        if self.kind == "none":
            return ()
        last = max(self._place(event), self._last.get(event.key, 0))
        passed: tuple[Change, ...] = ((self._table, event.key, last),)
        if self._waiting and (event.key, event.version) in self._waiting:
            passed += ((self._waiting_table, (event.key, event.version), None),)
        return passed

    def taking_back(self, event: Event) -> tuple[Change, ...]:
        """What forgets that `event` has been carried, unless something newer was since: it may come again."""
        carried = self._last.get(event.key)
        return ((self._table, event.key, None),) if carried is not None and carried <= self._place(event) else ()

    def next_after(self, event: Event) -> Event | None:
        """The held event that follows `event`, if it has come."""
        return self._waiting.get((event.key, event.version + 1)) if self._waiting else None
