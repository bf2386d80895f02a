"""What a run's tables know of some business keys: events, deliveries, calls, notes, records, in order of time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from fakes.company import kind_of
from harness.layer import ROUTES

UNHEARD = frozenset({"lost_response", "lost_request", "too_late", "outage"})
"""Outcomes of calls whose client has heard nothing."""

TAKEN = frozenset({"accepted", "repeated"})
"""Outcomes of deliveries that the layer has acknowledged."""

OF_THE_LAYER = frozenset({"layer.crash", "layer.cutover"})
"""Where the layer itself is struck."""

DONE = frozenset({"ok", "replayed"})
"""Outcomes of calls that have told their client of success."""


class Event(NamedTuple):
    """A change that a system told of; `cause` is the event that it was itself the outcome of."""

    id: int
    cause: int
    type: str
    key: str
    version: int
    at_us: int

    @property
    def source(self) -> str:
        return self.type.partition(".")[0]

    @property
    def words(self) -> str:
        """The event for people: `contract_amended C-000001 version 2`."""
        version = f" version {self.version}" if self.version > 1 else ""
        return f"{self.type.partition('.')[2]} {self.key}{version}"


class Delivery(NamedTuple):
    """What became of one attempt to tell of an event."""

    event: int
    subscriber: str
    attempt: int
    at_us: int
    outcome: str


class Call(NamedTuple):
    """An API call. Instants are -1 where it never got there; `rows` is the bulk load whose row it was."""

    id: int
    cause: int
    operation: str
    key: str
    occurrence: int
    sent_us: int
    arrived_us: int
    left_us: int
    committed_us: int
    answered_us: int
    outcome: str
    job: str = ""

    @property
    def system(self) -> str:
        return self.operation.partition(".")[0]

    @property
    def writes(self) -> bool:
        """Whether it is to change something, as far as its name says."""
        verb = self.operation.partition(".")[2].partition("_")[0]
        return verb not in {"find", "get", "list", "read", "search", "query", "batch", "refresh"}

    @property
    def heard(self) -> bool:
        """Whether its client had an answer."""
        return self.outcome not in UNHEARD


class Note(NamedTuple):
    """A fault's hit or a layer's decision."""

    at_us: int
    cause: int
    what: str
    where: str
    key: str


class Version(NamedTuple):
    """A version of a contract that was agreed."""

    at_us: int
    contract: str
    account: str
    number: int
    kind: str
    quantity: int
    minor: int
    currency: str


class Record(NamedTuple):
    """A record that a system holds: `minor` is its amount, `version` that of a copy of a contract."""

    system: str
    record: str
    id: str
    key: str
    at_us: int
    minor: int | None = None
    period: str | None = None
    version: int | None = None
    ended: str = ""


class Line(NamedTuple):
    """What a contract is to be charged, or is: of a document, where it was."""

    document: str
    contract: str
    version: int
    what_for: str
    minor: int
    due_us: int = -1


class Found(NamedTuple):
    """A break, as the run has it."""

    kind: str
    system: str
    record: str
    key: str
    contract: str | None
    account: str | None
    period: str | None
    amount_minor: int
    delta_minor: int
    currency: str
    expected: str | None
    actual: str | None
    since_us: int
    cause: str
    detail: str
    call: str
    source: str
    struck_us: int | None = None
    struck_by: str | None = None
    struck_at: str | None = None
    struck_key: str | None = None


@dataclass(kw_only=True)
class Evidence:
    """All that is known of some keys. `locks` are ERP's by month, `applied` (system, id, version) -> instant."""

    events: Sequence[Event] = ()
    deliveries: Sequence[Delivery] = ()
    calls: Sequence[Call] = ()
    notes: Sequence[Note] = ()
    versions: Sequence[Version] = ()
    records: Sequence[Record] = ()
    due: Sequence[Line] = ()
    charged: Sequence[Line] = ()
    locks: Mapping[str, int] = field(default_factory=dict)
    applied: Mapping[tuple[str, str, int], int] = field(default_factory=dict)

    def event(self, number: int) -> Event | None:
        """The event of that number."""
        return next((event for event in self.events if event.id == number), None)

    def about(self, keys: Iterable[str]) -> "Evidence":
        """What of it concerns these keys alone."""
        wanted = list(dict.fromkeys(keys))
        events = _taken(self._by_key["events"], wanted)
        numbers = [event.id for event in events]
        calls = {
            **dict.fromkeys(_taken(self._by_key["calls"], wanted)),
            **dict.fromkeys(_taken(self._by_cause["calls"], numbers)),
        }
        notes = {
            **dict.fromkeys(_taken(self._by_key["notes"], wanted)),
            **dict.fromkeys(_taken(self._by_cause["notes"], numbers)),
        }
        return Evidence(
            events=events,
            deliveries=_taken(self._by_cause["deliveries"], numbers),
            calls=list(calls),
            notes=[*notes, *(note for note in self._of_the_layer if note not in notes)],
            versions=_taken(self._by_key["versions"], wanted),
            records=_taken(self._by_key["records"], wanted),
            due=_taken(self._by_key["due"], wanted),
            charged=_taken(self._by_key["charged"], wanted),
            locks=self.locks,
            applied=self.applied,
        )

    @cached_property
    def _by_key(self) -> Mapping[str, Mapping[Any, list[Any]]]:
        return {
            "events": _grouped(self.events, lambda one: one.key),
            "calls": _grouped(self.calls, lambda one: one.key),
            "notes": _grouped(self.notes, lambda one: one.key),
            "versions": _grouped(self.versions, lambda one: one.contract),
            "records": _grouped(self.records, lambda one: one.key),
            "due": _grouped(self.due, lambda one: one.contract),
            "charged": _grouped(self.charged, lambda one: one.contract),
        }

    @cached_property
    def _by_cause(self) -> Mapping[str, Mapping[Any, list[Any]]]:
        return {
            "deliveries": _grouped(self.deliveries, lambda one: one.event),
            "calls": _grouped(self.calls, lambda one: one.cause),
            "notes": _grouped(self.notes, lambda one: one.cause),
        }

    @cached_property
    def _of_the_layer(self) -> list[Note]:
        return [note for note in self.notes if note.where in OF_THE_LAYER]

    def records_of(self, system: str, record: str, key: str) -> list[Record]:
        """The records of a kind that a system has of a key, the oldest first."""
        ours = (one for one in self.records if (one.record, one.key) == (record, key))
        return sorted((one for one in ours if kind_of(one.system) == kind_of(system)), key=lambda one: one.at_us)


def _grouped(rows: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _taken(groups: Mapping[Any, list[Any]], keys: Iterable[Any]) -> list[Any]:
    return [row for key in keys for row in groups.get(key, ())]


@dataclass(slots=True)
class Trail:
    """How what happened to `key` came to one `target`: the events, who was told, what was called, what was noted."""

    target: str
    key: str
    events: list[Event]
    deliveries: list[Delivery]
    calls: list[Call]
    notes: list[Note]

    def told(self, event: Event) -> list[Delivery]:
        """The attempts to tell of an event."""
        return [delivery for delivery in self.deliveries if delivery.event == event.id]

    def called(self, event: Event) -> list[Call]:
        """The calls that were made for an event, in the order of sending."""
        return [call for call in self.calls if call.cause == event.id]

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
        call
        for call in evidence.calls
        if kind_of(call.system) == kind and (call.cause in numbers or (call.key == key and not call.cause))
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
        sorted({*notes, *crashes}, key=lambda one: one.at_us),
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
