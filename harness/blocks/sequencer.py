"""Keeping versions in order at a consumer: which event to carry now, drop as superseded, or hold.

A *version gate* passes what is newer than the last carried: right for events that bear the full state, and
wrong for deltas, whose late ones it drops without a word. A *sequence gate* passes only the next version and
holds later ones until it has come: right for deltas, at the price of waiting (PATTERNS-REFERENCE H9).
"""

from collections.abc import Mapping
from typing import Any

from sim.delivery import Event


class Sequencer:
    """A gate for the versions of one consumer's keys. `kind` is `version`, `sequence` or `none`.

    `versions` maps a key to the last version carried, and may be a durable table; `opening` fills it.
    """

    def __init__(self, kind: str, versions: dict[Any, int], opening: Mapping[str, int]) -> None:
        self.kind = kind
        self.versions = versions
        self.versions.update({**opening, **versions})
        self._held: dict[str, dict[int, Event]] = {}

    def held(self) -> list[Event]:
        """The events that wait for a predecessor."""
        return [event for waiting in self._held.values() for event in waiting.values()]

    def judge(self, event: Event) -> str:
        """`carry`, `drop` (superseded or a repeat) or `hold` (a predecessor is missing; it is kept here)."""
        last = self.versions.get(event.key, 0)
        if self.kind == "none":
            return "carry"
        if event.version <= last:
            return "drop"
        if self.kind == "sequence" and event.version > last + 1:
            self._held.setdefault(event.key, {})[event.version] = event
            return "hold"
        return "carry"

    def passed(self, event: Event) -> None:
        """Remember that `event` has been carried."""
        self.versions[event.key] = max(event.version, self.versions.get(event.key, 0))

    def next_after(self, event: Event) -> Event | None:
        """The held event that follows `event`, if it has come; it leaves the gate."""
        waiting = self._held.get(event.key)
        if not waiting:
            return None
        following = waiting.pop(event.version + 1, None)
        if not waiting:
            del self._held[event.key]
        return following
