"""One call to a system: request leg, queue for a slot, service, commit, response leg, and the client's deadline.

A system serves its calls first come, first served in `capacity` slots. As a call's service time is known
when it arrives, the slots are a heap of the instants at which they fall free (Kiefer & Wolfowitz 1955):
no resource, no losing timer. Three kernel events a call: its arrival, the end of its service (there the
system's state changes), and its answer at the client. A deadline is arithmetic, and wins an exact tie.
A client that gives up cancels nothing: the system still does the work, and commits it.
"""

from collections.abc import Callable, Generator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from heapq import heapify, heapreplace
from operator import attrgetter
from types import coroutine
from typing import Any

from sim.chance import CELL_SHIFT, THREE, Distribution, Stream
from sim.clock import Action, Clock, Entry
from sim.durations import MILLISECOND, SECOND
from sim.faults import NEVER_US, OUTAGE, CallFault, Door, Fault, Outage, Verdict, Watch
from sim.record import Record
from sim.trace import Trace

CAUSE: ContextVar[int] = ContextVar("cause", default=0)
"""The business event a task works on: set by whoever takes it up, read by every call made on its behalf."""


class Response(Record):
    """What a client gets: an HTTP-like `status`, 0 when there was no answer, and the `word` for its outcome."""

    status: int
    body: Any = None
    word: str = "ok"
    retry_after_us: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the system did what was asked."""
        return 200 <= self.status < 300

    @property
    def transient(self) -> bool:
        """Whether the same call may succeed later: no answer, 429, or a server's error."""
        return self.status in {0, 429} or self.status >= 500


NO_CALL: Any = object()
"""In the place of the first call's idempotency key, where there has been no call."""

TIMED_OUT = Response(0, None, "timeout")

Serve = Callable[[Any, str | None, int], Response]
"""A system's door: `serve(request, idempotency_key, now_us)` changes its state and answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a system grants its callers, all integrations together; None is unlimited. Over it: 429, at once."""

    concurrent: int | None = None
    per_second: int | None = None
    burst: int = 1
    retry_after_us: int = SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """How a system works: `capacity` slots, its `service` time (by operation where it differs), its network leg.

    Each row of a bulk load takes `row_us` beside that.
    """

    capacity: int
    service: Distribution
    latency: Distribution
    service_of: Mapping[str, Distribution] = field(default_factory=dict)
    limits: Limits = Limits()
    row_us: int = 30 * MILLISECOND


class Call:
    """One call on its way."""

    __slots__ = (
        "answered_us", "arrived_us", "back_us", "cause", "committed_us", "deadline_us", "id", "idempotency_key", "key",
        "left_us", "luck", "occurrence", "operation", "outcome", "over", "request", "response", "resume", "sent_us",
        "service_us", "waits",
    )  # fmt: skip

    id: int
    cause: int
    operation: "_Operation"
    key: str
    occurrence: int
    luck: bytes  # its six draws, packed; those from the fourth on decide what faults do to it
    request: Any
    idempotency_key: str | None
    sent_us: int
    arrived_us: int
    left_us: int
    committed_us: int
    answered_us: int
    deadline_us: int
    service_us: int
    back_us: int  # how long its answer will travel
    response: Response  # the system's answer, on its way
    outcome: str
    resume: Action  # who waits for the answer
    waits: bool  # the client's own timer is running
    over: bool  # one of the two sides, client or system, is done with the call

    def then(self, resume: Action) -> Entry:
        """Put the request on the wire for the task that waits: its arrival is the task's follow-up."""
        self.resume = resume
        operation = self.operation
        return (self.arrived_us, next(operation.eid), operation.on_arrival, self)


@dataclass(slots=True)
class Wire:
    """What all systems of one run share: the clock, the trace, and the numbering of calls and events.

    `serving` is the business event on whose behalf a system is at work; 0 while it works of itself. `rekeyed` are the
    calls that bore another idempotency key than the first of the same operation and business key.
    """

    clock: Clock
    trace: Trace
    calls: int = 0
    events: int = 0
    serving: int = 0
    struck: list[tuple[int, str, str, str, str]] = field(default_factory=list)  # at, fault, kind, where, key
    rekeyed: list[tuple[int, str | None, str | None]] = field(default_factory=list)  # call, first's key, its own

    def strike(self, fault: Fault, where: str, key: str, cause: int) -> None:
        """Count and record that `fault` touched something."""
        fault.hits += 1
        self.touch(fault, where, key, cause)

    def touch(self, fault: Fault, where: str, key: str, cause: int) -> None:
        """Record what else a fault that has struck touched."""
        now_us = self.clock._now
        self.struck.append((now_us, fault.name, fault.kind, where, key))
        notes, words = self.trace.notes, self.trace.words
        notes.data += notes.pack(now_us, cause, words[fault.kind], words[where], words[key])


class Server:
    """A system's end of the network: await `send` and get a Response.

    `operations` names the request types it knows, `rare` those that few runs use, and `bulk` those of the latter
    that have `rows`. `stream` gives each call its draws, by operation, business key and occurrence: the n-th try of
    one thing meets the same luck under every layer.
    """

    def __init__(
        self,
        wire: Wire,
        name: str,
        *,
        serve: Serve,
        operations: Mapping[type, str],
        station: Station,
        watch: Watch,
        stream: Stream,
        rare: Mapping[type, str] | None = None,
        bulk: Mapping[type, str] | None = None,
    ) -> None:
        self.name = name
        self.station = station
        self.present = 0
        self._wire = wire
        self._clock = wire.clock
        self._queue = wire.clock._queue
        self._eid = wire.clock._eid
        self._rows, self._pack = wire.trace.calls.data, wire.trace.calls.pack
        self._words = wire.trace.words
        self._serve = serve
        # Bound once: each leg of each call is one of them.
        self._on_arrival, self._on_end, self._on_answer = self._arrive, self._settle, self._answer
        self._watch = watch
        self._latencies = station.latency.values
        self._free = [0] * station.capacity
        limits = station.limits
        self._throttled = Verdict("throttled", 429, limits.retry_after_us)
        self._limited = limits.concurrent is not None or limits.per_second is not None
        self._token_us = SECOND // limits.per_second if limits.per_second is not None else 0
        self._burst_us = (limits.burst - 1) * self._token_us
        self._tokens_us = 0
        watch.follow(wire.clock)
        for outage in watch.outages:
            if outage.start_us > self._clock._now:
                self._clock.at(outage.start_us, self._fall, outage)
        self._operations = _Operations(self, stream, {**(rare or {}), **(bulk or {})}, frozenset(bulk or ()))
        for request, word in operations.items():
            self._operations.add(request, word)

    @property
    def limits(self) -> Limits:
        """What the system publishes that it grants: a caller may know it. What a fault takes away is not in it."""
        return self.station.limits

    @coroutine
    def send(
        self, request: Any, key: str, idempotency_key: str | None, timeout_us: int
    ) -> Generator[Call, Response, Response]:
        """The answer to `request`, which is sent when this is awaited: to do more meanwhile, spawn it.

        `key` is its business key: with the operation it names the call's draws.
        """
        wire = self._wire
        now_us = self._clock._now
        operation = self._operations[request.__class__]
        wire.calls = number = wire.calls + 1
        call = Call()
        call.id = number
        occurrence = 1
        first_key = operation.first.get(key, NO_CALL)
        if first_key is NO_CALL:
            operation.first[key] = idempotency_key
        else:
            operation.again[key] = occurrence = operation.again.get(key, 1) + 1
            if first_key != idempotency_key:
                wire.rekeyed.append((number, first_key, idempotency_key))
        call.cause = CAUSE.get()
        call.operation = operation
        call.key = key
        call.occurrence = occurrence
        call.request = request
        call.idempotency_key = idempotency_key
        draws = operation.draws.copy()
        draws.update((key if occurrence == 1 else f"{key}|{occurrence}").encode())
        call.luck = luck = draws.digest()
        there, work, back = THREE(luck)
        call.service_us = operation.service[work >> CELL_SHIFT]
        call.back_us = self._latencies[back >> CELL_SHIFT]
        call.sent_us = now_us
        call.deadline_us = deadline_us = now_us + timeout_us
        call.waits = False
        call.arrived_us = arrival_us = now_us + self._latencies[there >> CELL_SHIFT]
        if arrival_us >= deadline_us:
            self._start_timer(call)
        return (yield call)

    def beside(self, kind: type, serve: Serve) -> None:
        """Have requests of this kind, by classes below it, served by `serve`, and all others as before."""
        before = self._serve

        def either(request: Any, idempotency_key: str | None, now_us: int) -> Response:
            return (serve if isinstance(request, kind) else before)(request, idempotency_key, now_us)

        self._serve = either

    def offer(self, request: type, word: str) -> None:
        """Take requests of a further type, known by this word from its first use on."""
        self._operations.offer(request, word)

    def trouble(self, fault: Fault, *, known: bool) -> None:
        """Have a fault strike from now on as its window has come to say; one that is not `known` yet is new."""
        now_us = self._clock._now
        if not known and isinstance(fault, CallFault):
            self._watch.add(fault)
        self._watch.turn(now_us)
        if isinstance(fault, Outage):
            self._fall(fault)
        if now_us < fault.end_us < NEVER_US:
            self._clock.at_first(fault.end_us, self._watch.turn, fault.end_us)

    def operation(self, request: Any) -> str:
        """What a request asks for, as the trace has it: `erp.post_document`."""
        return self._operations[request.__class__].name

    def _arrive(self, call: Call) -> Entry | None:
        now_us = self._clock._now
        if self._watch.at_the_door or self._limited:
            refusal = self._refusal(call, now_us)
            if refusal:
                call.left_us = call.committed_us = -1
                return self._end(call, refusal)
        self.present += 1
        free_us = self._free[0]
        end_us = (free_us if free_us > now_us else now_us) + call.service_us
        heapreplace(self._free, end_us)
        if end_us >= call.deadline_us and not call.waits:
            self._start_timer(call)
        return (end_us, next(self._eid), self._on_end, call)

    def _arrive_in_bulk(self, call: Call) -> Entry | None:
        call.service_us += len(call.request.rows) * self.station.row_us
        return self._arrive(call)

    def _settle(self, call: Call) -> Entry | None:
        now_us = call.left_us = self._clock._now
        self.present -= 1
        watch = self._watch
        if watch.settling:
            verdict = self._ask(watch.settling, call)
            if verdict:
                call.committed_us = -1
                return self._end(call, self._ask(watch.cutting, call) or verdict)
        self._wire.serving = call.cause
        serve = self._serve
        call.response = response = serve(call.request, call.idempotency_key, now_us)
        call.outcome = response.word
        if response.status == 200:
            call.committed_us, answering = now_us, watch.answering
        else:
            call.committed_us, answering = -1, watch.cutting
        if answering:
            verdict = self._ask(answering, call)
            if verdict:
                return self._end(call, verdict)
        answer_us = now_us + call.back_us
        if answer_us < call.deadline_us:
            return (answer_us, next(self._eid), self._on_answer, call)
        return self._answer_too_late(call)

    def _fall(self, outage: Fault) -> None:
        """The system goes down: what it was working on, or had in its queue, is gone, and the slots are free."""
        now_us, queue = self._clock._now, self._queue
        if not outage.start_us <= now_us < outage.end_us:
            return  # its window was moved meanwhile
        dying = [entry for entry in queue if entry[2] == self._on_end]
        if not dying:
            return
        queue[:] = [entry for entry in queue if entry[2] != self._on_end]
        heapify(queue)
        self._free = [now_us] * self.station.capacity
        self.present = 0
        for call in sorted((entry[3] for entry in dying), key=attrgetter("id")):
            call.left_us, call.committed_us = now_us, -1
            self._wire.strike(outage, call.operation.name, call.key, call.cause)
            self._end(call, OUTAGE)

    def _refusal(self, call: Call, now_us: int) -> Verdict | None:
        """What a fault or a limit makes of a call at the door. Who gets in may be slowed."""
        watch = self._watch
        if watch.arriving:
            verdict = self._ask(watch.arriving, call)
            if verdict:
                return verdict
        limits = self.station.limits
        if limits.concurrent is not None and self.present >= limits.concurrent:
            return self._throttled
        if limits.per_second is not None:  # a token bucket, by the generic cell rate algorithm
            free_us = self._tokens_us if self._tokens_us > now_us else now_us
            if free_us - now_us > self._burst_us:
                return self._throttled
            self._tokens_us = free_us + self._token_us
        for fault in watch.slowing:
            if fault.concerns(call.operation.word):
                call.service_us = fault.slow(call.service_us)
                self._wire.strike(fault, call.operation.name, call.key, call.cause)
        return None

    def _ask(self, door: Door, call: Call) -> Verdict | None:
        """What the first fault that decides makes of a call; it strikes, unless it has when the call came in."""
        for fault, decide in door:
            if fault.only and call.operation.word not in fault.only:
                continue
            verdict = decide(call)
            if verdict:
                if len(door) > 1:
                    _pass_over(door, fault, call)
                if fault not in self._watch.slowing or call.arrived_us < fault.start_us:
                    self._wire.strike(fault, call.operation.name, call.key, call.cause)
                return verdict
        return None

    def _end(self, call: Call, verdict: Verdict) -> Entry | None:
        call.outcome = verdict.word
        if verdict.status is None:
            if not call.waits:
                self._start_timer(call)
            self._close(call)
            return None
        call.response = Response(verdict.status, None, verdict.word, verdict.retry_after_us)
        answer_us = self._clock._now + call.back_us
        if answer_us < call.deadline_us:
            return (answer_us, next(self._eid), self._on_answer, call)
        return self._answer_too_late(call)

    def _answer_too_late(self, call: Call) -> Entry | None:
        call.outcome = "too_late"
        if not call.waits:
            self._start_timer(call)
        self._close(call)
        return None

    def _answer(self, call: Call) -> Entry | None:
        call.answered_us = self._clock._now
        self._record(call)
        resume = call.resume
        return resume(call.response)

    def _start_timer(self, call: Call) -> None:
        call.waits = True
        call.over = False
        self._clock.at(call.deadline_us, self._give_up, call)

    def _give_up(self, call: Call) -> Entry | None:
        call.answered_us = self._clock._now
        self._close(call)
        return call.resume(TIMED_OUT)

    def _close(self, call: Call) -> None:
        """One side is done with a call that the client gives up on; the second side writes its row."""
        if call.over:
            self._record(call)
        call.over = True

    def _record(self, call: Call) -> None:
        rows, words, pack = self._rows, self._words, self._pack
        key = words.setdefault(call.key, len(words))  # as `words[key]`, but quicker for a key's first call
        rows += pack(
            call.id, call.cause, call.operation.number, key, call.occurrence, call.sent_us, call.arrived_us,
            call.left_us, call.committed_us, call.answered_us, words[call.outcome],
        )  # fmt: skip


def _pass_over(door: Door, decider: CallFault, call: Call) -> None:
    """Let the faults behind the one that has decided on a call know of it."""
    faults = [fault for fault, _ in door]
    for fault in faults[faults.index(decider) + 1 :]:
        if fault.concerns(call.operation.word):
            fault.pass_over(call)


class _Operation:
    """One operation of a server: its name, its service times, its draws, and how often each key was tried.

    `first` has the idempotency key of each business key's first call, `again` how often those that were tried again
    have been tried.
    """

    __slots__ = ("again", "draws", "eid", "first", "name", "number", "on_arrival", "service", "word")

    def __init__(self, system: str, word: str, service: Distribution, stream: Stream, server: Server) -> None:
        self.name = name = f"{system}.{word}"
        self.word = word
        self.number = server._words[name]
        self.eid, self.on_arrival = server._eid, server._on_arrival
        self.service = service.values
        self.draws = stream.hasher(name)
        self.first: dict[str, str | None] = {}
        self.again: dict[str, int] = {}


class _Operations(dict[type, _Operation]):
    """A server's operations by the type of their request. The `rare` ones are there, and in the trace, once used."""

    def __init__(self, server: Server, stream: Stream, rare: dict[type, str], bulk: frozenset[type]) -> None:
        super().__init__()
        self._server = server
        self._stream = stream
        self._rare = rare
        self._bulk = bulk

    def __missing__(self, request: type) -> _Operation:
        return self.add(request, self._rare[request])

    def offer(self, request: type, word: str) -> None:
        """Have requests of this type be known as `word`, once there is one."""
        self._rare.setdefault(request, word)

    def add(self, request: type, word: str) -> _Operation:
        """Have requests of this type be known as `word`."""
        server, station = self._server, self._server.station
        service = station.service_of.get(word, station.service)
        operation = self[request] = _Operation(server.name, word, service, self._stream, server)
        if request in self._bulk:
            operation.on_arrival = server._arrive_in_bulk
        return operation
