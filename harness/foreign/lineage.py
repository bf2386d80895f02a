"""For which business event a call is made that foreign code makes: by what it carries along, or by what it is about.

A cause travels with the code that is told of an event, in its context, and over HTTP as `traceparent` if the code
passes that on. A worker that polls has lost both, and one that a request handler began goes on in the name of that: a
request that its event does not concern is made for the newest event about the most particular of its business keys.
"""

import re
from collections.abc import Iterable

from fakes.faces.traceparent import event_of
from sim.delivery import Event, Publisher
from sim.http import HttpRequest
from sim.network import CAUSE

_KEYS = re.compile(r"[A-Z]+(?:-[A-Z0-9]+)+")


OWNERS = ("document", "contract", "account")
"""Where the body of an event names what the thing that it is about belongs to."""


class Lineage:
    """Finds the cause of a request among the events that `publishers` have told of."""

    def __init__(self, publishers: Iterable[Publisher]) -> None:
        self._publishers = tuple(publishers)
        self._read = [0] * len(self._publishers)
        self._events: dict[int, Event] = {}
        self._newest: dict[str, Event] = {}

    def cause(self, request: HttpRequest) -> int:
        """The number of the event that a request is made for; 0 if nothing says so."""
        return event_of(request.header("traceparent")) or self._by_key(request, CAUSE.get())

    def _by_key(self, request: HttpRequest, own: int) -> int:
        """The event that the code works on, unless the request is about what that does not concern."""
        self._catch_up()
        about = self._about(request)
        if about is None or (own in self._events and about.key in _concerned(self._events[own])):
            return own
        return about.id

    def _about(self, request: HttpRequest) -> Event | None:
        """The newest event about the key that a request is about, and not about what that belongs to as well."""
        text = f"{request.target} {request.body[:100_000].decode('utf-8', 'replace')}"
        known = [self._newest[key] for key in dict.fromkeys(_KEYS.findall(text)) if key in self._newest]
        owners = {key for event in known for key in _concerned(event) if key != event.key}
        particular = [event for event in known if event.key not in owners]
        return max(particular or known, key=lambda event: (len(event.key), event.id), default=None)

    def _catch_up(self) -> None:
        """Take in what was told since the last time."""
        for place, publisher in enumerate(self._publishers):
            for event in publisher.published[self._read[place] :]:
                self._events[event.id] = self._newest[event.key] = event
            self._read[place] = len(publisher.published)


def _concerned(event: Event) -> tuple[str, ...]:
    """The keys of what an event is about, and of what that belongs to."""
    return (event.key, *(key for name in OWNERS if isinstance(key := getattr(event.body, name, None), str)))
