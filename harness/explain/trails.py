"""The way of something to one target, out of all the evidence: the events, who was told, what was called and noted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fakes.names import kind_of
from harness.explain.evidence import OF_THE_LAYER, TAKEN, Call, Delivery, Event, Evidence, Note
from harness.layer import ROUTES


@dataclass(slots=True)
class Trail:
    """How what happened to `key` came to one `target`: the events, who was told, what was called, what was noted.

    `causes` are the events that calls were made for, also those about other keys.
    """

    target: str
    key: str
    events: list[Event]
    deliveries: list[Delivery]
    calls: list[Call]
    notes: list[Note]
    causes: Mapping[int, Event] = field(default_factory=dict)

    def told(self, event: Event) -> list[Delivery]:
        """The attempts to tell of an event."""
        return [delivery for delivery in self.deliveries if delivery.event == event.id]

    def again(self, delivery: Delivery) -> bool:
        """Whether a delivery tells of its event once more: in a further attempt, or a copy of the first.

        An attempt that went unanswered at first may be answered yet, after the next: it was the first telling still.
        """
        return delivery.attempt > 1 or (delivery.outcome == "repeated" and not self._answered_late(delivery))

    def _answered_late(self, delivery: Delivery) -> bool:
        attempt = (delivery.event, delivery.subscriber, delivery.attempt)
        return any(
            (one.event, one.subscriber, one.attempt) == attempt and one.at_us < delivery.at_us
            for one in self.deliveries
            if one.outcome not in TAKEN
        )

    def called(self, event: Event) -> list[Call]:
        """The calls that were made for an event, in the order of sending."""
        return [call for call in self.calls if call.cause == event.id]

    def written(self, event: Event) -> list[Call]:
        """Those of them that changed something in the target."""
        return [call for call in self.called(event) if call.writes and call.committed_us >= 0]

    def loaded(self, event: Event) -> list[Call]:
        """The loads since an event in which there was a row of its key: a row bears no event."""
        return [call for call in self.calls if call.job and call.sent_us >= event.at_us]

    def noted(self, event: Event) -> list[Note]:
        """What the layer noted of an event."""
        return [note for note in self.notes if note.cause == event.id or (not note.cause and note.key == event.key)]


def trail_of(evidence: Evidence, target: str, key: str) -> Trail:
    """The way of everything about `key` that `target` is to be told of."""
    kind = kind_of(target)
    types = {f"{source}.{type_}" for (source, to), several in ROUTES.items() if to == kind for type_ in several}
    events = sorted(
        (event for event in evidence.events if event.key == key and event.type in types), key=lambda event: event.at_us
    )
    numbers = {event.id for event in events}
    deliveries = _serving(kind, [one for one in evidence.deliveries if one.event in numbers])
    calls = [
        call for call in evidence.calls if kind_of(call.system) == kind and (call.cause in numbers or call.key == key)
    ]
    notes = [
        note
        for note in evidence.notes
        if (note.cause in numbers or note.key == key)
        and (kind_of(note.where.partition(".")[0]) in {kind, "layer", "crm", "billing", "revenue", "projects"})
        and not (kind_of(note.where) != kind and note.where in _TARGETS)
    ]
    crashes = [note for note in evidence.notes if note.where in OF_THE_LAYER]
    return Trail(
        target, key, events, sorted(deliveries, key=lambda one: one.at_us),
        _numbered(sorted(calls, key=lambda one: (one.sent_us, one.id))),
        sorted({*notes, *crashes}, key=lambda one: one.at_us), evidence.causes,
    )  # fmt: skip


def _numbered(calls: Iterable[Call]) -> list[Call]:
    """The calls, each with which try it is of its operation and key for its event, not in the whole run."""
    tries: dict[tuple[str, str, int], int] = {}
    numbered = []
    for call in calls:
        alike = (call.operation, call.key, call.cause)
        tries[alike] = tries.get(alike, 0) + 1
        numbered.append(call._replace(occurrence=tries[alike]))
    return numbered


_TARGETS = {to for _, to in ROUTES}


def _serving(target: str, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Those to a subscriber that serves the target: its own where it has one, as the name says, else the others."""
    ours, shared = [], []
    for delivery in deliveries:
        to = kind_of(delivery.subscriber.rpartition("->")[2])
        if to == target:
            ours.append(delivery)
        elif to not in _TARGETS or "->" not in delivery.subscriber:
            shared.append(delivery)
    return ours or shared
