"""Which events have been dealt with already: what makes a redelivery harmless."""

from harness.store import Change, Store
from sim.delivery import Event


class Inbox:
    """Finished events by (consumer, event id), kept in a table."""

    def __init__(self, store: Store, consumer: str) -> None:
        self._table = f"inbox/{consumer}"
        self._finished = store.table(self._table)

    def finished(self, event: Event) -> bool:
        """Whether this consumer has dealt with the event."""
        return event.id in self._finished

    def finish(self, event: Event) -> Change:
        """What marks the event as dealt with. Write it last: a crash before means redelivery, not loss."""
        return (self._table, event.id, True)

    def reopen(self, event: Event) -> Change:
        """What takes that mark away: the event is to be dealt with again."""
        return (self._table, event.id, None)
