"""For which business event a call is made that foreign code makes: by what it carries along, or by what it is about.

A cause travels with the code that is told of an event, in its context, and over HTTP as `traceparent` if the code
passes that on. Where both are lost, as in a worker that polls, the business keys in the request tell: it is the
newest event about the most particular of them.
"""

import re
from collections.abc import Iterable

from fakes.faces.traceparent import event_of
from sim.delivery import Publisher
from sim.http import HttpRequest
from sim.network import CAUSE

_KEYS = re.compile(r"[A-Z]+(?:-[A-Z0-9]+)+")


class Lineage:
    """Finds the cause of a request among the events that `publishers` have told of."""

    def __init__(self, publishers: Iterable[Publisher]) -> None:
        self._publishers = tuple(publishers)
        self._read = [0] * len(self._publishers)
        self._newest: dict[str, int] = {}

    def cause(self, request: HttpRequest) -> int:
        """The number of the event that a request is made for; 0 if nothing says so."""
        told = event_of(request.header("traceparent"))
        return told or CAUSE.get() or self._by_key(request)

    def _by_key(self, request: HttpRequest) -> int:
        self._catch_up()
        text = f"{request.target} {request.body[:100_000].decode('utf-8', 'replace')}"
        known = [key for key in dict.fromkeys(_KEYS.findall(text)) if key in self._newest]
        return self._newest[max(known, key=lambda key: (len(key), self._newest[key]))] if known else 0

    def _catch_up(self) -> None:
        """Take in what was told since the last time."""
        for place, publisher in enumerate(self._publishers):
            for event in publisher.published[self._read[place] :]:
                self._newest[event.key] = event.id
            self._read[place] = len(publisher.published)
