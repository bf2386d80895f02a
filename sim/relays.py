"""Other ways in which a source tells a subscriber of its changes than a webhook: outbound messages, and an outbox.

An outbound message is about a record, not about a change: it bears what the record is when it is sent, so that what
lay between is never told (Salesforce). An outbox keeps every change until it was acknowledged,
and tells those of one record one after the other. Who writes twice, to the database and then to the subscriber, tells
nobody of a change between whose two writes he crashed.
"""

from collections import deque
from collections.abc import Sequence

from sim.clock import Clock
from sim.delivery import Attempt, Event, Handler, Publisher
from sim.durations import DAY, HOUR, MINUTE
from sim.faults import down_by
from sim.network import Wire

FIRST_GAP_US = MINUTE
GAP_MAX_US = 2 * HOUR
DROPPED_AFTER_US = DAY
"""An outbound message is sent again after a gap that doubles up to two hours, and dropped when it is a day old.

The first gap is a guess of ours; the rest is Salesforce's.
"""


class OutboundMessages:
    """One subscriber's outbound messages. Each record has at most one that waits; those under way do not know of it."""

    def __init__(self, wire: Wire, publisher: Publisher, name: str, handler: Handler, types: frozenset[str]) -> None:
        self._wire = wire
        self._clock: Clock = wire.clock
        self._publisher = publisher
        self._subscription = publisher.enlist(name, handler, types)
        self._newest: dict[str, Event] = {}
        self._waiting: dict[str, Message] = {}
        publisher.followers.append(self)

    def told(self, events: Sequence[Event]) -> None:
        """Have each changed record told of, unless a message about it is waiting to be sent."""
        for event in events:
            if event.type in self._subscription.types:
                self._subscription.owed += 1
                before = self._newest.get(event.key)
                self._newest[event.key] = event
                if event.key not in self._waiting:
                    self._send(Message(self, event, self._subscription, 1, created_us=self._clock.now))
                elif before is not None:
                    self._supersede(before)

    def accept(self, attempt: Attempt) -> None:
        """Take note that the subscriber has acknowledged a message."""
        self._publisher.accept(attempt)

    def try_again(self, attempt: Attempt, outcome: str) -> None:
        """Send a message that was not acknowledged once more after its gap, or drop it when it is too old."""
        if attempt.settled:
            return
        assert isinstance(attempt, Message)
        attempt.settled = True
        now_us, number = self._clock.now, attempt.number
        gap_us = min(FIRST_GAP_US << min(number - 1, 20), GAP_MAX_US)
        if now_us + gap_us > attempt.created_us + DROPPED_AFTER_US:
            self._publisher.give_up(attempt)
            return
        self._publisher.note(attempt, outcome)
        again = Message(self, attempt.event, self._subscription, number + 1, created_us=attempt.created_us)
        if again.event.key in self._waiting:  # another message about the record will tell what it is then
            if again.event is not self._newest[again.event.key]:
                self._supersede(again.event)
            return
        self._waiting[again.event.key] = again
        self._clock.at(now_us + gap_us, self._send, again)

    def _send(self, message: "Message") -> None:
        """Send the record as it is now; while the system is down, the message waits."""
        key = message.event.key
        outage = down_by(self._publisher.outages, self._clock.now)
        if outage is not None:
            self._waiting[key] = message
            self._wire.strike(outage, f"{message.event.source}.{message.event.type}", key, message.event.id)
            self._clock.at(outage.end_us, self._send, message)
            return
        self._waiting.pop(key, None)
        newest = self._newest[key]
        if newest is not message.event:
            self._supersede(message.event)
            message.event = newest
        self._publisher.send(message)

    def _supersede(self, event: Event) -> None:
        """Take note that what an event told of is to be told no more: its record has changed again."""
        self._subscription.superseded_us.setdefault(event.id, self._clock.now)


class Message(Attempt, kw_only=True, eq=False):
    """A message about a record on its way; `created_us` is when it was first to be sent."""

    created_us: int


class Outbox:
    """A transactional outbox with a relay: changes of one record are told in their order, each until acknowledged."""

    def __init__(self, wire: Wire, publisher: Publisher, name: str, handler: Handler, types: frozenset[str]) -> None:
        self._clock: Clock = wire.clock
        self._publisher = publisher
        self._subscription = publisher.enlist(name, handler, types)
        self._behind: dict[str, deque[Event]] = {}
        self._under_way: dict[str, Attempt] = {}
        self._waits_us = publisher.policy.retries_us or (MINUTE,)
        publisher.followers.append(self)

    def told(self, events: Sequence[Event]) -> None:
        """Tell of each change, behind those of its record that are not yet acknowledged."""
        for event in events:
            if event.type in self._subscription.types:
                self._subscription.owed += 1
                if event.key in self._behind:
                    self._behind[event.key].append(event)
                else:
                    self._behind[event.key] = deque()
                    self._send(event)

    def accept(self, attempt: Attempt) -> None:
        """Go on to the record's next change."""
        first = not attempt.settled
        self._publisher.accept(attempt)
        if not first:
            return
        behind = self._behind[attempt.event.key]
        if behind:
            self._send(behind.popleft())
        else:
            del self._behind[attempt.event.key], self._under_way[attempt.event.key]

    def try_again(self, attempt: Attempt, outcome: str) -> None:
        """Tell of it again after the policy's wait, the last of which repeats."""
        if attempt.settled:
            return
        attempt.settled = True
        self._publisher.note(attempt, outcome)
        wait_us = self._waits_us[min(attempt.number, len(self._waits_us)) - 1]
        again = Attempt(self, attempt.event, self._subscription, attempt.number + 1)
        self._under_way[again.event.key] = again
        self._clock.at(self._clock.now + wait_us, self._send_again, again)

    def crash(self) -> None:
        """Crash and begin anew: what is not known to have been acknowledged is told again."""
        for attempt in list(self._under_way.values()):
            attempt.settled = True
            self._send(attempt.event, attempt.number + 1)

    def _send_again(self, attempt: Attempt) -> None:
        if self._under_way.get(attempt.event.key) is attempt:
            self._publisher.send(attempt)

    def _send(self, event: Event, number: int = 1) -> None:
        attempt = self._under_way[event.key] = Attempt(self, event, self._subscription, number)
        self._publisher.send(attempt)


class DualWrite:
    """The source's application tells of each change by itself, `window_us` after it has written it down."""

    def __init__(
        self, wire: Wire, publisher: Publisher, name: str, handler: Handler, types: frozenset[str], window_us: int
    ) -> None:
        self._clock: Clock = wire.clock
        self._publisher = publisher
        self._subscription = publisher.enlist(name, handler, types)
        self._window_us = window_us
        self._lives = 1
        publisher.followers.append(self)

    def told(self, events: Sequence[Event]) -> None:
        """Have the application tell of each change when it comes to it."""
        for event in events:
            if event.type in self._subscription.types:
                self._subscription.owed += 1
                self._clock.at(self._clock.now + self._window_us, self._tell, (event, self._lives))

    def crash(self) -> None:
        """Crash and begin anew: nobody knows what was to be told."""
        self._lives += 1

    def _tell(self, due: tuple[Event, int]) -> None:
        event, life = due
        attempt = Attempt(self._publisher, event, self._subscription, 1)
        if life == self._lives:
            self._publisher.send(attempt)
        else:
            self._publisher.give_up(attempt)
