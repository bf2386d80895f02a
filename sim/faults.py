"""What can go wrong: each fault is a value with a window, a target and a strength, and counts its hits.

A fault on calls is asked when a request arrives (`arrive`), when its work is done, just before the commit
(`settle`), and after the commit when the answer leaves (`answer`). It may let the call pass (None), or decide.
The first fault that decides, decides: at the door in the order of the way, lost before down before locked out before
throttled; only who gets in is slowed. Where faults of one kind overlap, the larger share counts; slowdowns multiply,
extra delays add up and copies are copied. A fault on deliveries is asked when an event is sent: whether it strikes,
and which extra delay each copy then gets. A fault in events themselves is asked when one is committed. More faults
are in `sim.access`, `sim.event_faults`, `sim.singled_out` and `sim.staleness`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from sim.chance import FIFTH, FOURTH, SIXTH, Distribution, happens, within
from sim.durations import SECOND
from sim.record import Value

if TYPE_CHECKING:
    from sim.clock import Clock
    from sim.delivery import Event
    from sim.network import Call

NEVER_US = 1 << 62


class Verdict(Value):
    """How a fault ends a call: answered with `status` after the way back, or not at all (`status` None)."""

    word: str
    status: int | None
    retry_after_us: int | None = None


OUTAGE = Verdict("outage", None)
"""What becomes of a call whose system goes down under it."""


@dataclass(slots=True, eq=False, kw_only=True)
class Fault:
    """Something goes wrong at `target` from `start_us` up to, not including, `end_us`.

    `only` restricts it to these operations or event types; empty means all. `hits` counts the calls
    or deliveries it touched.
    """

    name: str
    target: str
    start_us: int
    end_us: int
    only: frozenset[str] = frozenset()
    hits: int = 0
    kind: str = field(init=False, default="")

    def concerns(self, what: str) -> bool:
        """Whether this operation or event type is within the fault's reach."""
        return not self.only or what in self.only


@dataclass(slots=True, eq=False, kw_only=True)
class CallFault(Fault):
    """A fault on the calls of one system. `door` is its place among those that decide at one point of a call's way.

    `answers_of_all` has it asked about every answer, and not only about those of calls that have committed.
    """

    door: ClassVar[int] = 0
    answers_of_all: ClassVar[bool] = False

    def slow(self, service_us: int) -> int:
        """How long a call's service takes that would take `service_us` by itself."""
        return service_us

    def arrive(self, call: Call) -> Verdict | None:
        """Decide on a request that has just arrived, or let it pass."""

    def settle(self, call: Call) -> Verdict | None:
        """Decide on a call whose work is done, before it commits."""

    def answer(self, call: Call) -> Verdict | None:
        """Decide on the answer of a call that has committed; with `answers_of_all`, on every answer."""

    def pass_over(self, call: Call) -> None:
        """Take note of a call that another fault has decided on, where this one would have been asked."""


@dataclass(slots=True, eq=False, kw_only=True)
class Outage(CallFault):
    """The system is down: it refuses connections, or (`silent`) never answers. Work in service dies uncommitted.

    It strikes every operation: `only` is for other faults.
    """

    silent: bool = False
    door: ClassVar[int] = 1

    def __post_init__(self) -> None:
        assert not self.only, "an outage takes a whole system: it has no `only`"
        self.kind = "outage"

    def arrive(self, call: Call) -> Verdict | None:
        return OUTAGE if self.silent else Verdict("refused", 0)


@dataclass(slots=True, eq=False, kw_only=True)
class Brownout(CallFault):
    """The system works at a crawl: service takes `slow_percent` / 100 times as long; some calls fail with 503."""

    slow_percent: int = 800
    fail_ppm: int = 200_000
    _below: int = field(init=False)

    def __post_init__(self) -> None:
        self.kind = "brownout"
        self._below = within(self.fail_ppm)

    def slow(self, service_us: int) -> int:
        return service_us * self.slow_percent // 100

    def settle(self, call: Call) -> Verdict | None:
        return Verdict("unavailable", 503) if FIFTH(call.luck)[0] < self._below else None


@dataclass(slots=True, eq=False, kw_only=True)
class Throttle(CallFault):
    """The system lets through at most `per_minute` calls, with bursts up to `burst`, and answers 429 to the rest."""

    per_minute: int
    burst: int = 1
    retry_after_us: int = 5 * SECOND
    door: ClassVar[int] = 3
    _free_us: int = 0

    def __post_init__(self) -> None:
        self.kind = "throttling"

    def arrive(self, call: Call) -> Verdict | None:
        every_us = 60 * SECOND // self.per_minute
        free_us = max(self._free_us, call.arrived_us)
        if free_us - call.arrived_us > (self.burst - 1) * every_us:
            return Verdict("throttled", 429, self.retry_after_us)
        self._free_us = free_us + every_us
        return None


@dataclass(slots=True, eq=False, kw_only=True)
class LostRequest(CallFault):
    """A share of the requests vanishes on the way: nothing is done, and the client waits in vain."""

    share_ppm: int
    _below: int = field(init=False)

    def __post_init__(self) -> None:
        self.kind = "lost_request"
        self._below = within(self.share_ppm)

    def arrive(self, call: Call) -> Verdict | None:
        return Verdict("lost_request", None) if FOURTH(call.luck)[0] < self._below else None


@dataclass(slots=True, eq=False, kw_only=True)
class LostResponse(CallFault):
    """A share of the answers vanishes on the way back: the work is committed, and the client never hears."""

    share_ppm: int
    _below: int = field(init=False)

    def __post_init__(self) -> None:
        self.kind = "lost_response"
        self._below = within(self.share_ppm)

    def answer(self, call: Call) -> Verdict | None:
        return Verdict("lost_response", None) if SIXTH(call.luck)[0] < self._below else None


@dataclass(slots=True, eq=False, kw_only=True)
class PartialLoad(Fault):
    """A share of the bulk loads stops part-way; what the job says of it is in its row results alone."""

    share_ppm: int

    def __post_init__(self) -> None:
        self.kind = "partial_load"

    def strikes(self, word: int) -> bool:
        """Whether a bulk load, with its draw, is one of the share."""
        return happens(word, self.share_ppm)


@dataclass(slots=True, eq=False, kw_only=True)
class Crash(Fault):
    """The integration layer is killed, at each of `instants_us` or right after its `after_effect`-th effect (from 1).

    It is back `down_us` later, with what it had made durable.
    """

    down_us: int
    instants_us: tuple[int, ...] = ()
    after_effect: int | None = None

    def __post_init__(self) -> None:
        self.kind = "crash"


@dataclass(slots=True, eq=False, kw_only=True)
class DeliveryFault(Fault):
    """A fault on the events that one system sends. What one that `loses` has struck is lost on the way."""

    loses: ClassVar[bool] = False

    def strikes(self, words: tuple[int, ...], attempt: int = 1) -> bool:
        """Whether it strikes this delivery, with its draws: the `attempt`-th to tell one subscriber of one event."""
        return True

    def delays_us(self, words: tuple[int, ...]) -> tuple[int, ...]:
        """The extra delay of each copy of a delivery it has struck; one entry a copy."""
        return (0,)


@dataclass(slots=True, eq=False, kw_only=True)
class ShareOfDeliveries(DeliveryFault):
    """A fault on a share of the events that one system sends.

    `coin` says which of a delivery's draws decides whether it strikes: each kind its own, so that they strike apart.
    """

    coin: ClassVar[int]
    share_ppm: int
    _below: int = field(init=False)

    def __post_init__(self) -> None:
        self._below = within(self.share_ppm)

    def strikes(self, words: tuple[int, ...], attempt: int = 1) -> bool:
        return words[self.coin] < self._below


@dataclass(slots=True, eq=False, kw_only=True)
class DuplicateDelivery(ShareOfDeliveries):
    """A share of the deliveries goes out twice, the copy some time after the first."""

    coin: ClassVar[int] = 1
    gap: Distribution
    kind: str = field(init=False, default="duplicate_delivery")

    def delays_us(self, words: tuple[int, ...]) -> tuple[int, ...]:
        return (0, self.gap.draw(words[3]))


@dataclass(slots=True, eq=False, kw_only=True)
class LateDelivery(ShareOfDeliveries):
    """A share of the deliveries comes late by a drawn delay."""

    coin: ClassVar[int] = 2
    delay: Distribution
    kind: str = field(init=False, default="late_delivery")

    def delays_us(self, words: tuple[int, ...]) -> tuple[int, ...]:
        return (self.delay.draw(words[4]),)


@dataclass(slots=True, eq=False, kw_only=True)
class OutOfOrderDelivery(ShareOfDeliveries):
    """A share of the deliveries is delayed each on its own, so that later events overtake earlier ones."""

    coin: ClassVar[int] = 6
    delay: Distribution
    kind: str = field(init=False, default="out_of_order")

    def delays_us(self, words: tuple[int, ...]) -> tuple[int, ...]:
        return (self.delay.draw(words[5]),)


@dataclass(slots=True, eq=False, kw_only=True)
class EventFault(Fault):
    """A fault in the events that one system tells of, the same for every subscriber and every attempt."""

    def alter(self, event: Event, luck: int) -> bool:
        """Whether it strikes `event`, by its uniform 32-bit draw; if so, the event is altered."""
        return False


Door: TypeAlias = tuple[tuple[CallFault, Callable[["Call"], Verdict | None]], ...]
"""The active faults that decide at one point of a call's way, each with its question."""


class Watch:
    """The faults of one target that are `active` now, once it follows a clock. Its `outages` kill work.

    `arriving`, `settling` and `answering` are those of the `active` that decide there, `cutting` those of the latter
    that decide on every answer; `slowing` are those that slow, and `sending` those on deliveries, first what loses.
    `at_the_door` says whether there is any that arrivals have to ask, and `telling` are those in events themselves.
    """

    __slots__ = (
        "_faults", "active", "answering", "arriving", "at_the_door", "cutting", "outages", "sending", "settling",
        "slowing", "telling",
    )  # fmt: skip

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)
        self.outages = tuple(fault for fault in self._faults if isinstance(fault, Outage))
        self.turn(-1)

    def follow(self, clock: Clock) -> None:
        """Turn now, and whenever a fault begins or ends: before all else that happens then."""
        self.turn(clock.now)
        for edge_us in sorted({edge for fault in self._faults for edge in (fault.start_us, fault.end_us)}):
            if edge_us > clock.now:
                clock.at_first(edge_us, self.turn, edge_us)

    def add(self, fault: Fault) -> None:
        """Have a further fault watched from the next turn on."""
        self._faults += (fault,)
        self.outages = tuple(each for each in self._faults if isinstance(each, Outage))

    def turn(self, now_us: int) -> None:
        """Bring what is active up to date."""
        self.active = tuple(fault for fault in self._faults if fault.start_us <= now_us < fault.end_us)
        self.arriving, self.settling = self._those_with("arrive"), self._those_with("settle")
        self.answering = self._those_with("answer")
        self.cutting = tuple(asked for asked in self.answering if asked[0].answers_of_all)
        sending = (fault for fault in self.active if isinstance(fault, DeliveryFault))
        self.sending = tuple(sorted(sending, key=lambda fault: not fault.loses))
        self.telling = tuple(fault for fault in self.active if isinstance(fault, EventFault))
        self.slowing = tuple(fault for fault, _ in self._those_with("slow"))
        self.at_the_door = bool(self.arriving or self.slowing)

    def _those_with(self, question: str) -> Door:
        """The active faults that have an answer of their own to a question of CallFault's, by their doors."""
        those = (
            (fault, getattr(fault, question))
            for fault in self.active
            if isinstance(fault, CallFault) and getattr(type(fault), question) is not getattr(CallFault, question)
        )
        return tuple(sorted(those, key=lambda asked: asked[0].door))


def outages_of(faults: Iterable[Fault], target: str) -> tuple[Outage, ...]:
    """The outages that hold `target` down, in the order of their beginning."""
    ours = (fault for fault in faults if isinstance(fault, Outage) and fault.target == target)
    return tuple(sorted(ours, key=lambda outage: (outage.start_us, outage.end_us)))


def down_by(outages: Iterable[Outage], at_us: int) -> Outage | None:
    """The first of one system's outages that holds it down at this instant, if one does."""
    for outage in outages:
        if outage.start_us <= at_us < outage.end_us:
            return outage
    return None
