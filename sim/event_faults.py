"""What can be wrong with an event itself, for every subscriber and however often it is told: it is malformed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.chance import happens
from sim.faults import EventFault

if TYPE_CHECKING:
    from sim.delivery import Event

MALFORMED = 0
"""The schema of an event that nobody can read."""


@dataclass(slots=True, eq=False, kw_only=True)
class Poison(EventFault):
    """A share of the events is malformed for good: they have a key and a version, and no body."""

    share_ppm: int
    kind: str = field(init=False, default="poison")

    def alter(self, event: Event, luck: int) -> bool:
        if not happens(luck, self.share_ppm):
            return False
        event.schema, event.body = MALFORMED, None
        return True
