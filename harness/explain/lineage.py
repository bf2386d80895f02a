"""For which event a call was made, or a note written: the one that the trace names, unless that cannot be.

The trace has the event that a task works on. A worker that does not say which one it has taken up (`work_on`) works,
as far as the trace knows, on the event whose handler began it, or on none: then the business keys tell.
"""

from collections.abc import Collection, Iterable, Mapping

from fakes.names import kind_of
from harness.explain.evidence import DONE, Call, Delivery, Event, Note
from harness.layer import ROUTES, TARGETS

Place = tuple[int, str]
"""An event, and the kind of a target."""


class Lineage:
    """Puts calls and notes down to events. `above` has what a key belongs to, a document to its contract and account.

    `events` are all about the keys of the calls and notes in question, and those that the trace names for them.
    """

    def __init__(
        self, events: Iterable[Event], deliveries: Iterable[Delivery], calls: Iterable[Call],
        above: Mapping[str, Collection[str]],
    ) -> None:  # fmt: skip
        self._events = {event.id: event for event in events}
        self._above = above
        self._about: dict[str, list[Event]] = {}
        for event in sorted(self._events.values(), key=lambda one: (one.at_us, one.id)):
            self._about.setdefault(event.key, []).append(event)
        self._told: dict[int, list[int]] = {}
        for one in deliveries:
            self._told.setdefault(one.event, []).append(one.at_us)
        self._called: dict[Place, None] = {}
        self._done: dict[Place, int] = {}
        for call in sorted(calls, key=lambda one: one.sent_us):
            place = (call.cause, kind_of(call.system))
            self._called[place] = None
            if call.writes and call.outcome in DONE and self._is_about(call.cause, call.key):
                self._done.setdefault(place, call.answered_us)

    def of_call(self, call: Call) -> Call:
        """The call, with the event that it was made for."""
        if call.job:
            return call
        kind = kind_of(call.system)
        cause = self._cause(call.cause, call.key, kind, call.sent_us)
        after = self._after(cause, call, kind) if cause == call.cause and self._is_about(cause, call.key) else None
        return call._replace(cause=after.id if after else cause)

    def of_note(self, note: Note) -> Note:
        """The note, with the event that it was written of."""
        return note._replace(cause=self._cause(note.cause, note.key, kind_of(note.where.partition(".")[0]), note.at_us))

    def _is_about(self, number: int, key: str) -> bool:
        return number in self._events and self._events[number].key == key

    def _cause(self, named: int, key: str, kind: str, at_us: int) -> int:
        """The event that the trace names, if it concerns the key; else the newest about the key that had come."""
        if named in self._events:
            own = self._events[named].key
            if key == own or key in self._above.get(own, ()):
                return named
        came = self._came(key, kind, at_us)
        return came[-1].id if came else named

    def _came(self, key: str, kind: str, at_us: int) -> list[Event]:
        """The events about a key that a target is to hear of, and that had come to the layer; else those told of."""
        told = [event for event in self._about.get(key, ()) if event.at_us <= at_us and _concerns(event, kind)]
        return [event for event in told if min(self._told.get(event.id, [at_us + 1])) <= at_us] or told

    def _after(self, cause: int, call: Call, kind: str) -> Event | None:
        """A later event about the same key that a call is for, where the one that the trace names was done before it.

        The later one has come, and the trace names it for no call; and the other was not told once more.
        """
        done_us = self._done.get((cause, kind))
        if done_us is None or done_us > call.sent_us:
            return None
        if any(done_us < at_us <= call.sent_us for at_us in self._told.get(cause, ())):
            return None
        came = [event for event in self._came(call.key, kind, call.sent_us) if event.id in self._told]
        later = [event for event in came if event.at_us > self._events[cause].at_us]
        return later[-1] if later and (later[-1].id, kind) not in self._called else None


def _concerns(event: Event, kind: str) -> bool:
    """Whether a target of a kind is to hear of an event."""
    return kind in TARGETS and event.type.partition(".")[2] in ROUTES.get((kind_of(event.source), kind), ())
