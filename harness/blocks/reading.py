"""Reading what a source tells: an event becomes one with a plain body, or cannot be read by this mapping."""

from harness.blocks.retry import CallFailed
from sim.delivery import Event
from sim.network import Response

UNREADABLE = Response(400, None, "unreadable")
"""What becomes of an event that a mapping cannot make sense of; nobody has been asked, and asking would not help."""


class Reader:
    """One mapping's way of reading events."""

    def read(self, event: Event) -> Event:
        """The event with a plain body. Raises CallFailed if it cannot be read."""
        raise CallFailed(UNREADABLE)
