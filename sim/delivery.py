"""How news travels: a system tells its subscribers of an event, at least once, and with no promise of order.

Each attempt travels for a drawn delay. A subscriber that does not acknowledge in time, or refuses, is told
again on the source's schedule, until the schedule is spent and the source gives up. While a system is down
its events wait for it to come back.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from sim.chance import SIX, Distribution, Stream
from sim.clock import Clock, Task
from sim.faults import DeliveryFault, Fault, Watch, back_up_us
from sim.network import CAUSE, Wire


@dataclass(slots=True)
class Event:
    """A change that a system tells of. `key` and `version` say of what; `body` is the record as it was then."""

    id: int
    source: str
    type: str
    key: str
    version: int
    committed_us: int
    body: Any


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

    __slots__ = ("_draws", "accepted_us", "given_up", "handler", "name", "owed", "types")

    def __init__(self, name: str, handler: Handler, types: frozenset[str], stream: Stream) -> None:
        self.name = name
        self.handler = handler
        self.types = types
        self.owed = 0
        self.accepted_us: dict[int, int] = {}  # event id -> first acknowledged
        self.given_up: dict[int, int] = {}  # event id -> last tried in vain
        self._draws = stream.hasher(name)

    def fates(self) -> dict[str, int]:
        """How many events were `emitted` to it, and `delivered`, `given_up` or still `pending` of them."""
        given_up = len(self.given_up.keys() - self.accepted_us.keys())
        delivered = len(self.accepted_us)
        pending = self.owed - delivered - given_up
        return {"emitted": self.owed, "delivered": delivered, "given_up": given_up, "pending": pending}

    def words(self, event: Event, attempt: int) -> tuple[int, ...]:
        """The six draws of one attempt: the same for this event under every layer."""
        draws = self._draws.copy()
        draws.update(f"{event.type}|{event.key}|{event.version}|{attempt}".encode())
        return SIX(draws.digest())


class _Attempt:
    __slots__ = ("event", "number", "settled", "subscription")

    def __init__(self, event: Event, subscription: Subscription, number: int) -> None:
        self.event = event
        self.subscription = subscription
        self.number = number
        self.settled = False


class Publisher:
    """One system's events on their way to its subscribers."""

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
        self.subscriptions: list[Subscription] = []
        self.published: list[Event] = []
        self._wire = wire
        self._clock: Clock = wire.clock
        self._policy = policy
        self._faults = faults
        self._watch = Watch(f for f in faults if f.target == name and isinstance(f, DeliveryFault))
        self._stream = stream

    def subscribe(self, name: str, handler: Handler, types: frozenset[str]) -> None:
        """Have `handler` told of every event of these types from now on."""
        self.subscriptions.append(Subscription(name, handler, types, self._stream))

    def publish(self, type_: str, key: str, version: int, body: Any) -> Event:
        """Tell of a change committed at this instant."""
        wire, now_us = self._wire, self._clock._now
        wire.events += 1
        event = Event(wire.events, self.name, type_, key, version, now_us, body)
        self.published.append(event)
        wire.trace.events.append((event.id, CAUSE.get(), f"{self.name}.{type_}", key, version, now_us))
        for subscription in self.subscriptions:
            if type_ in subscription.types:
                subscription.owed += 1
                self._send(_Attempt(event, subscription, 1))
        return event

    def _send(self, attempt: _Attempt) -> None:
        event, now_us = attempt.event, self._clock._now
        words = attempt.subscription.words(event, attempt.number)
        delays = [self._policy.delay.draw(words[0])]
        for fault in self._watch.at(now_us):
            if isinstance(fault, DeliveryFault) and fault.concerns(event.type) and fault.strikes(words):
                self._wire.strike(fault, f"{self.name}.{event.type}", event.key, event.id)
                delays = [delay + extra for extra in fault.delays_us(words) for delay in delays]
        leaves_us = back_up_us(self._faults, self.name, now_us)
        for delay in delays:
            self._clock.at(leaves_us + delay, self._arrive, attempt)

    def _arrive(self, attempt: _Attempt) -> None:
        CAUSE.set(attempt.event.id)
        task = Task(self._clock, attempt.subscription.handler(attempt.event))
        task.step(None)
        if task.done:
            self._hear(attempt, task.result)
        else:
            task.then(_Hearing(self, attempt).hear)
            self._clock.at(self._clock._now + self._policy.ack_timeout_us, self._expire, attempt)

    def _hear(self, attempt: _Attempt, accepted: bool) -> None:
        if accepted:
            attempt.settled = True
            event, subscription = attempt.event, attempt.subscription
            if event.id in subscription.accepted_us:
                self._note(attempt, "repeated")
            else:
                subscription.accepted_us[event.id] = self._clock._now
                self._note(attempt, "accepted")
        else:
            self._retry(attempt, "refused")

    def _expire(self, attempt: _Attempt) -> None:
        if not attempt.settled:
            self._retry(attempt, "unanswered")

    def _retry(self, attempt: _Attempt, outcome: str) -> None:
        if attempt.settled:
            return
        attempt.settled = True
        waits_us = self._policy.retries_us
        if attempt.number > len(waits_us):
            attempt.subscription.given_up[attempt.event.id] = self._clock._now
            self._note(attempt, "given_up")
            return
        self._note(attempt, outcome)
        again = _Attempt(attempt.event, attempt.subscription, attempt.number + 1)
        self._clock.at(self._clock._now + waits_us[attempt.number - 1], self._send, again)

    def _note(self, attempt: _Attempt, outcome: str) -> None:
        self._wire.trace.deliveries.append(
            (attempt.event.id, attempt.subscription.name, attempt.number, self._clock._now, outcome)
        )


class _Hearing:
    """A publisher waiting to hear how one attempt went."""

    __slots__ = ("_attempt", "_publisher")

    def __init__(self, publisher: Publisher, attempt: _Attempt) -> None:
        self._publisher = publisher
        self._attempt = attempt

    def hear(self, accepted: bool) -> None:
        self._publisher._hear(self._attempt, accepted)
