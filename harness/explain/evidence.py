"""What a run's tables know of some business keys: events, deliveries, calls, notes, records, in order of time."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from fakes.names import instance_for, kind_of

UNHEARD = frozenset({"lost_response", "lost_request", "too_late", "outage"})
"""Outcomes of calls whose client has heard nothing."""

TAKEN = frozenset({"accepted", "repeated"})
"""Outcomes of deliveries that the layer has acknowledged."""

OF_THE_LAYER = frozenset({"layer.crash", "layer.cutover"})
"""Where the layer itself is struck."""

COPY_IN: Mapping[str, str] = {
    "billing": "subscription",
    "erp": "order",
    "revenue": "revenue_contract",
    "projects": "project",
}
"""The record that a contract becomes in each kind of system."""

COPIES = tuple(COPY_IN.values())
"""The records that are copies of contracts."""

LOADING = ".bulk_load"
"""How the operation ends that loads many rows."""

DONE = frozenset({"ok", "replayed"})
"""Outcomes of calls that have told their client of success."""


PASSING = frozenset({
    "lost_request", "lost_response", "too_late", "outage", "refused", "throttled", "unavailable", "token_expired",
})  # fmt: skip
"""Outcomes of calls that may be others a while later."""


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


class Refused(NamedTuple):
    """A call that was refused, and the kind of fault that struck it, empty for none."""

    call: Call
    struck: str


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


class Named(NamedTuple):
    """What an account was called, and to which it belonged, from an instant on."""

    at_us: int
    account: str
    name: str
    parent: str


class Record(NamedTuple):
    """A record that a system holds: `minor` is its amount, `version` that of a copy of a contract.

    `external_id` is what ERP was to know it by, empty for none.
    """

    system: str
    record: str
    id: str
    key: str
    at_us: int
    minor: int | None = None
    period: str | None = None
    version: int | None = None
    ended: str = ""
    external_id: str = ""


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
    entity: str | None = None
    struck_us: int | None = None
    struck_by: str | None = None
    struck_at: str | None = None
    struck_key: str | None = None

    @property
    def instance(self) -> str:
        """The system that it was found in: of several ERPs, that of the legal entity in whose books it is."""
        return instance_for(self.system, self.entity or "")


class Slow(NamedTuple):
    """An event that was slow to reach a target. `reflected_us` is -1 where it was not there by the end of the run."""

    flow: str
    event: Event
    target: str
    reflected_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """How the layer learns of things: whom it `asked` to tell it of a type of event, for a target; how far it has read.

    `heard_us` is the commit of the newest event of a source that anybody has taken, `ties` how many other events of its
    source were committed at an event's very instant. `taken` counts the events of a type that were acknowledged, and
    `carried` says which types led to some call at a target.
    """

    asked: Collection[tuple[str, str]] = ()
    heard_us: Mapping[str, int] = field(default_factory=dict)
    ties: Mapping[int, int] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)
    carried: Collection[tuple[str, str]] = ()


@dataclass(kw_only=True)
class Evidence:
    """All that is known of some keys. `locks` are ERP's by month, `applied` (system, id, version) -> instant.

    `names` are what accounts were called, the newest last. `rekeyed` has, by a call's number and key, the idempotency
    keys of its first try and of itself, where they differ. `renewals` are the calls for a new token, `turned_down` the
    last call for want of one at each system, `refused_loads` the bulk loads that were refused as a whole. `failing`
    has, by event and kind of system, the last call there that came to nothing about when the event was taken. `in_hand`
    are the events that the layer still has for a target, `oldest` the oldest of all for each; `causes` those that calls
    were made for, by their numbers. `sources` says how the layer learns of things.
    """

    events: Sequence[Event] = ()
    deliveries: Sequence[Delivery] = ()
    calls: Sequence[Call] = ()
    notes: Sequence[Note] = ()
    versions: Sequence[Version] = ()
    names: Mapping[str, Sequence[Named]] = field(default_factory=dict)
    records: Sequence[Record] = ()
    due: Sequence[Line] = ()
    charged: Sequence[Line] = ()
    locks: Mapping[str, int] = field(default_factory=dict)
    applied: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    rekeyed: Mapping[tuple[int, str], tuple[str | None, str | None]] = field(default_factory=dict)
    renewals: Sequence[Call] = ()
    turned_down: Sequence[Call] = ()
    refused_loads: Sequence[Refused] = ()
    failing: Mapping[tuple[int, str], Call] = field(default_factory=dict)
    in_hand: Collection[tuple[int, str]] = ()
    oldest: Mapping[str, Event] = field(default_factory=dict)
    causes: Mapping[int, Event] = field(default_factory=dict)
    sources: Sources = field(default_factory=Sources)

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
        return replace(
            self,
            events=events,
            deliveries=_taken(self._by_cause["deliveries"], numbers),
            calls=list(calls),
            notes=[*notes, *(note for note in self._of_the_layer if note not in notes)],
            versions=_taken(self._by_key["versions"], wanted),
            records=_taken(self._by_key["records"], wanted),
            due=_taken(self._by_key["due"], wanted),
            charged=_taken(self._by_key["charged"], wanted),
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
