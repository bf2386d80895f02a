"""A layer's mappings of what its sources tell, and from when on each reads what its source has changed.

The integration team adapts the mappings of a changed source one after the other, in the order in which they were
registered. So a change costs as many edits as there are mappings of its source; a layer that shares one has one.
"""

from collections.abc import Iterable

from sim.delivery import Event
from sim.event_faults import SchemaChange
from sim.faults import NEVER_US, Fault
from sim.payloads import Extended, Renamed


class Mappings:
    """The mappings of one layer by source, under the changes of schema that are among the run's `faults`."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._changes = tuple(fault for fault in faults if isinstance(fault, SchemaChange))
        self._of: dict[str, list[str]] = {}

    def register(self, source: str, name: str) -> None:
        """Have one more mapping of what `source` tells; one of this name that is there already is the same."""
        names = self._of.setdefault(source, [])
        if name not in names:
            names.append(name)

    def of(self, source: str) -> tuple[str, ...]:
        """The mappings of what a source tells: as many edits as it costs to change that."""
        return tuple(self._of.get(source, ()))

    def adapted_us(self, event: Event, name: str, body: Renamed | Extended) -> int:
        """From when on the source's mapping of this name reads `body`, which the event bears; perhaps NEVER_US."""
        place = self._of[event.source].index(name) + 1
        return min(
            (
                change.start_us + place * change.edit_us
                for change in self._changes
                if change.target == event.source and change.concerns(event.type)
                if (change.old, change.new) == body.names
            ),
            default=NEVER_US,
        )
