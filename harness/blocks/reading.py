"""Reading what a source tells: an event becomes one with a plain body, or cannot be read by this mapping yet."""

from collections.abc import Iterable
from dataclasses import replace

from harness.blocks.retry import CallFailed
from harness.layer import Surroundings
from sim.delivery import Event
from sim.network import Response
from sim.payloads import Extended, Renamed, plain_body, views

UNREADABLE = Response(400, None, "unreadable")
"""What becomes of an event that a mapping cannot make sense of: nobody has been asked, and to ask would not help."""


class Reader:
    """One mapping of what some `sources` tell, by its `name`; carriers may share it.

    A field that it does not know leaves it cold, unless it is `strict`. One that is missing it can do without only
    once the team has adapted it: see `harness.mappings`. So to read an event again later may help.
    """

    def __init__(
        self, surroundings: Surroundings, name: str, sources: Iterable[str], *, strict: bool = False
    ) -> None:  # fmt: skip
        self._clock = surroundings.clock
        self._mappings = surroundings.mappings
        self._name = name
        self._strict = strict
        for source in sources:
            self._mappings.register(source, name)

    def read(self, event: Event) -> Event:
        """The event with a plain body, in schema 1. Raises CallFailed if this mapping cannot read it now."""
        body = plain_body(event.body)
        if body is None or not all(self._knows(view, event) for view in views(event.body)):
            raise CallFailed(UNREADABLE)
        return replace(event, schema=1, body=body)

    def _knows(self, body: Renamed | Extended, event: Event) -> bool:
        if isinstance(body, Extended) and not self._strict:
            return True
        return self._clock.now >= self._mappings.adapted_us(event, self._name, body)
