"""How news travels: a system tells its subscribers of an event, at least once, and with no promise of order.

Each attempt travels for a drawn delay. A subscriber that does not acknowledge in time, or refuses, is told
again on the source's schedule, until the schedule is spent and the source gives up. While a system is down
its events wait for it to come back; while it is cut off they get lost on the way, and nobody answers. Who is told in
another way, or reads by itself, follows the publisher: `sim.relays`, `sim.readings`.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from sim.chance import CELL_SHIFT, EIGHT, FIRST, Distribution, Stream
from sim.clock import Clock, Entry, Task
from sim.faults import NEVER_US, DeliveryFault, EventFault, Fault, Watch, down_by, outages_of
from sim.line import MANY, Line
from sim.network import CAUSE, Wire
from sim.record import Record
from sim.timers import Timers


class Event(Record):
    """A change that a system tells of. `key` and `version` say of what; `body` is the record as it was then.

    It is in schema 1, unless a fault has changed that: `sim.event_faults` says how, and what the body is then.
    `skew_us` is by how much the source's clock was off; its subscribers know `stamp_us` alone, and measures
    `committed_us` alone.
    """

    id: int
    source: str
    type: str
    key: str
    version: int
    committed_us: int
    body: Any
    schema: int = 1
    skew_us: int = 0

    @property
    def stamp_us(self) -> int:
        """The instant of the commit by the source's own clock."""
        return self.committed_us + self.skew_us


Handler = Callable[[Event], Coroutine[Any, Any, bool]]
"""A subscriber's endpoint: True acknowledges the event; False refuses it, and it will come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """A vendor's way of telling: travel `delay`, waits before each further attempt, and patience for an answer."""

    delay: Distribution
    retries_us: tuple[int, ...]
    ack_timeout_us: int


class Subscription:
    """One subscriber's standing order for some types of event, and what has become of those it was owed."""

    __slots__ = (
        "_draws", "_first", "_last", "_meant", "accepted_us", "given_up", "handler", "name", "owed", "superseded_us",
        "types",
    )  # fmt: skip

    def __init__(
        self, name: str, handler: Handler, types: frozenset[str], stream: Stream, rank: int, first: int = 1
    ) -> None:  # fmt: skip
        self.name = name
        self.handler = handler
        self.types = types  # those that it is told of from now on
        self._meant = types
        self._first = first
        self._last: int | None = None
        self.owed = 0
        self.accepted_us: dict[int, int] = {}  # event id -> first acknowledged
        self.superseded_us: dict[int, int] = {}  # event id -> a newer one of the same record took its place
        self.given_up: dict[int, int] = {}  # event id -> last tried in vain
        # By rank and not by name: a source's first subscriber meets the same luck under every layer.
        self._draws = stream.hasher(f"subscriber {rank}", 8)

    def fates(self) -> dict[str, int]:
        """How many events were `emitted` to it, and what has become of how many of them: its FATES."""
        accepted_us, delivered = self.accepted_us, len(self.accepted_us)
        given_up = sum(event not in accepted_us for event in self.given_up)
        superseded = sum(event not in accepted_us and event not in self.given_up for event in self.superseded_us)
        pending = self.owed - delivered - given_up - superseded
        fates = {"emitted": self.owed, "delivered": delivered, "given_up": given_up, "pending": pending}
        return {**fates, "superseded": superseded} if superseded else fates

    def pending(self, published: Sequence[Event]) -> list[Event]:
        """Those of a source's events that it is owed and that are still on their way to it."""
        if not self.fates()["pending"]:
            return []
        settled = {**self.accepted_us, **self.superseded_us, **self.given_up}
        return [event for event in published if self.owes(event) and event.id not in settled]

    def owes(self, event: Event) -> bool:
        """Whether the source owes, or owed, this event to it: of its types, and told while the order stood."""
        return event.type in self._meant and self._first <= event.id and (self._last is None or event.id <= self._last)

    def owed_of(self, events: Sequence[Event]) -> list[Event]:
        """Those of a source's events that it owes, or owed, to this subscriber."""
        meant, first, last = self._meant, self._first, self._last
        if last is None:
            return [event for event in events if event.type in meant and first <= event.id]
        return [event for event in events if event.type in meant and first <= event.id <= last]

    def end(self, last: int) -> None:
        """Have the order stand no longer: event number `last` was the last of it."""
        self._last, self.types = last, frozenset()

    def luck(self, event: Event, attempt: int) -> bytes:
        """The eight draws, packed, of one attempt to tell this subscriber of `event`."""
        draws = self._draws.copy()
        draws.update(f"{event.type}|{event.key}|{event.version}|{attempt}".encode())
        return draws.digest()


class Subscriber(Protocol):
    """Somebody who is owed a source's events of some types, as accounts are kept of it."""

    @property
    def name(self) -> str: ...

    @property
    def accepted_us(self) -> Mapping[int, int]:
        """When each event that was accepted first was, by id."""

    @property
    def superseded_us(self) -> Mapping[int, int]:
        """When a newer one took an event's place, by id."""

    @property
    def given_up(self) -> Mapping[int, int]:
        """When an event was given up, by id."""

    def fates(self) -> dict[str, int]:
        """How many events were `emitted` to it, and what has become of how many of them."""

    def pending(self, published: Sequence[Event]) -> list[Event]:
        """Those of a source's events that it is owed and will still get."""

    def owes(self, event: Event) -> bool:
        """Whether the source owes, or owed, this event to it."""

    def owed_of(self, events: Sequence[Event]) -> list[Event]:
        """Those of a source's events that it owes, or owed, to it."""

    def end(self, last: int) -> None:
        """Have it be owed nothing more: event number `last` was the last."""


class Change(Protocol):
    """What a system has to tell: the type of its event, the business key and version it is about, and the record."""

    @property
    def type(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def body(self) -> Any: ...


class Follower(Protocol):
    """Somebody who takes what is published in a way of its own."""

    def told(self, events: Sequence[Event]) -> None:
        """Take note of what has just been published."""


class Publisher:
    """One system's events on their way to its subscribers.

    `subscriptions` are all who are owed some; of those who are not told at once, `followers` take care.
    """

    def __init__(
        self,
        wire: Wire,
        name: str,
        *,
        policy: DeliveryPolicy,
        faults: Sequence[Fault],
        stream: Stream,
    ) -> None:
        self.name = name
        self.subscriptions: list[Subscriber] = []
        self.followers: list[Follower] = []
        self.published: list[Event] = []
        self.records: dict[int, Any] = {}  # what events that a fault has altered are about, by their number
        self._told_at_once: list[Subscription] = []
        self._handed_over = 0
        self._wire = wire
        self._clock: Clock = wire.clock
        self._told, self._pack_told = wire.trace.events.data, wire.trace.events.pack
        self._heard, self._pack_heard = wire.trace.deliveries.data, wire.trace.deliveries.pack
        self._words = wire.trace.words
        self._names = _Names(name)
        self.policy = policy
        self._delays = policy.delay.values
        self._patience = Timers(wire.clock, policy.ack_timeout_us, Attempt.expire)
        self._under_way = Line(wire.clock, self._arrive)
        self.outages = outages_of(faults, name)
        ours = [fault for fault in faults if fault.target == name]
        self._watch = Watch(fault for fault in ours if isinstance(fault, DeliveryFault | EventFault))
        # What makes an event: no call asks for faults in events where none is planned.
        self._event = self._altered if any(isinstance(fault, EventFault) for fault in ours) else Event
        self._watch.follow(wire.clock)
        self._stream = stream

    def subscribe(self, name: str, handler: Handler, types: frozenset[str]) -> None:
        """Have `handler` told of every event of these types from now on."""
        self._told_at_once.append(self.enlist(name, handler, types))

    def enlist(self, name: str, handler: Handler, types: frozenset[str]) -> Subscription:
        """Keep account of what `handler` is owed; to tell it is up to a follower."""
        rank = len(self.subscriptions) + 1
        subscription = Subscription(name, handler, types, self._stream, rank, self._wire.events + 1)
        self.subscriptions.append(subscription)
        return subscription

    def retire(self, name: str) -> None:
        """Tell the subscriber of this name of nothing more, but for what is on its way to it."""
        for subscription in self.subscriptions:
            if subscription.name == name:
                subscription.end(self._wire.events)

    def trouble(self, fault: Fault, *, known: bool) -> None:
        """Have a fault strike from now on as its window has come to say; one that is not `known` yet is new.

        An outage holds up what is sent from now on.
        """
        clock = self._clock
        if not known and isinstance(fault, DeliveryFault | EventFault):
            self._watch.add(fault)
        self._watch.turn(clock.now)
        if isinstance(fault, EventFault):
            self._event = self._altered
        if not known:
            self.outages = outages_of((*self.outages, fault), self.name)
        if clock.now < fault.end_us < NEVER_US:
            clock.at_first(fault.end_us, self._watch.turn, fault.end_us)

    def hand_over(self) -> None:
        """Hand the followers what was published since the last time."""
        fresh = self.published[self._handed_over :]
        self._handed_over = len(self.published)
        for follower in self.followers:
            follower.told(fresh)

    def publish_all(self, changes: Sequence[Change]) -> None:
        """Tell of changes committed at this instant, all together."""
        many = len(changes) >= MANY
        if many:
            self._under_way.gather()
        for change in changes:
            self.publish(change.type, change.key, change.version, change.body)
        if many:
            self._under_way.release()

    def publish(self, type_: str, key: str, version: int, body: Any) -> Event:
        """Tell of a change committed at this instant."""
        wire, now_us, made, pack = self._wire, self._clock._now, self._event, self._pack_told
        wire.events += 1
        event = made(wire.events, self.name, type_, key, version, now_us, body)
        self.published.append(event)
        words = self._words
        number = words.setdefault(key, len(words))  # as `words[key]`, but quicker for a new one
        rows = self._told
        rows += pack(event.id, wire.serving, words[self._names[type_]], number, version, now_us)
        for subscription in self._told_at_once:
            if type_ in subscription.types:
                subscription.owed += 1
                self.send(Attempt(self, event, subscription, 1))
        return event

    def _altered(
        self, id_: int, source: str, type_: str, key: str, version: int, committed_us: int, body: Any
    ) -> Event:  # fmt: skip
        """The event as the faults in this system's events will have it, decided by type, key and version."""
        event = Event(id_, source, type_, key, version, committed_us, body)
        for fault in self._watch.telling:
            if fault.concerns(type_) and fault.alter(event, self._stream.word("event", type_, key, version) >> 32):
                self._wire.strike(fault, self._names[type_], key, id_)
        if event.body is not body:
            self.records[id_] = body
        return event

    def send(self, attempt: "Attempt") -> None:
        """Put an attempt on its way, once the system is up."""
        event, now_us = attempt.event, self._clock._now
        outage = down_by(self.outages, now_us) if self.outages else None
        if outage is not None:
            self._wire.strike(outage, self._names[event.type], event.key, event.id)
            self._clock.at(outage.end_us, self.send, attempt)
            return
        luck = attempt.subscription.luck(event, attempt.number)
        sending = self._watch.sending
        if not sending:
            self._under_way.at(now_us + self._delays[FIRST(luck)[0] >> CELL_SHIFT], attempt)
            return
        words = EIGHT(luck)
        delays_us: tuple[int, ...] = (self._delays[words[0] >> CELL_SHIFT],)
        for fault in sending:
            if fault.concerns(event.type) and fault.strikes(words, attempt.number):
                self._wire.strike(fault, self._names[event.type], event.key, event.id)
                if fault.loses:
                    self._patience.set(attempt)
                    return
                delays_us = tuple(delay + extra for extra in fault.delays_us(words) for delay in delays_us)
        for delay in delays_us:
            self._under_way.at(now_us + delay, attempt)

    def _arrive(self, attempt: "Attempt") -> Entry | None:
        handler = attempt.subscription.handler
        task = Task(self._clock, handler(attempt.event), attempt.heard)
        task.within(CAUSE.set, attempt.event.id)
        follow_up = task.step(None)
        if not task.done:
            self._patience.set(attempt)
        return follow_up

    def accept(self, attempt: "Attempt") -> None:
        """Take note that the subscriber has acknowledged an attempt."""
        attempt.settled = True
        event_id, accepted_us = attempt.event.id, attempt.subscription.accepted_us
        if event_id in accepted_us:
            self.note(attempt, "repeated")
        else:
            accepted_us[event_id] = self._clock._now
            self.note(attempt, "accepted")

    def try_again(self, attempt: "Attempt", outcome: str) -> None:
        """Send an attempt that failed once more, after the policy's wait, or give its event up."""
        if attempt.settled:
            return
        attempt.settled = True
        waits_us = self.policy.retries_us
        if attempt.number > len(waits_us):
            self.give_up(attempt)
            return
        self.note(attempt, outcome)
        again = Attempt(self, attempt.event, attempt.subscription, attempt.number + 1)
        self._clock.at(self._clock._now + waits_us[attempt.number - 1], self.send, again)

    def give_up(self, attempt: "Attempt") -> None:
        """Take note that an attempt was the last."""
        attempt.subscription.given_up[attempt.event.id] = self._clock._now
        self.note(attempt, "given_up")

    def note(self, attempt: "Attempt", outcome: str) -> None:
        """Write what became of an attempt into the trace."""
        words, rows, pack, subscriber = self._words, self._heard, self._pack_heard, attempt.subscription.name
        rows += pack(
            attempt.event.id, words[subscriber], attempt.number, self._clock._now, words[outcome]
        )  # fmt: skip


class _Names(dict[str, str]):
    """Event types by their full names, `billing.invoice_issued`, each built once."""

    def __init__(self, system: str) -> None:
        super().__init__()
        self._system = system

    def __missing__(self, type_: str) -> str:
        name = self[type_] = f"{self._system}.{type_}"
        return name


class Telling(Protocol):
    """Who takes care of what becomes of attempts."""

    def accept(self, attempt: "Attempt") -> None:
        """Take note that the subscriber has acknowledged an attempt."""

    def try_again(self, attempt: "Attempt", outcome: str) -> None:
        """See to it that an attempt that failed is made again, or given up."""


class Attempt(msgspec.Struct, eq=False):
    """One try to deliver an event; its copies, if a fault makes any, are the same attempt."""

    publisher: Telling
    event: Event
    subscription: Subscription
    number: int
    settled: bool = False

    def heard(self, accepted: bool) -> None:
        if accepted is True:
            self.publisher.accept(self)
        elif accepted is False:
            self.publisher.try_again(self, "refused")
        else:
            answered = f"{self.subscription.name} answered {accepted!r} to {self.event.type}"
            raise TypeError(f"{answered}: return True to acknowledge an event, False to refuse it")

    def expire(self) -> None:
        if not self.settled:
            self.publisher.try_again(self, "unanswered")
