"""The laws that every run obeys, checked on its trace: exact accounts of calls, time, events and postings.

They hold for each run on its own, without statistics (Denning & Buzen 1978; PATTERNS-REFERENCE §4.5). A law
that does not hold raises InvariantBroken: then the program is at fault. Beside the verdict the sweep over
a system's arrivals and departures gives its utilisation, queue and waits.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from typing import Any

import numpy as np
import numpy.typing as npt

from fakes.records import JournalEntry
from sim.clock import Clock
from sim.errors import InvariantBroken
from sim.faults import NEVER_US
from sim.network import Call, Server, Wire
from sim.trace import COLUMNS, Trace

Instants = npt.NDArray[np.int64]

INSTANTS = ("sent_us", "arrived_us", "left_us", "committed_us", "answered_us")
"""What a call goes through, in the trace's words."""


@dataclass(frozen=True, slots=True, eq=False)
class Stays:
    """The calls that entered one system, in the order of arrival; who has not left leaves at NEVER_US."""

    system: str
    arrived_us: Instants
    left_us: Instants


@dataclass(frozen=True, slots=True)
class StationStatistics:
    """How one system was used within a window. Means over time, but waits and stays over calls that had them.

    `arrivals` and `departures` fall within the window. A call waits for a slot, is served, and leaves;
    `mean_wait_us` is over those whose service began in the window, `mean_sojourn_us` over those that left.
    `peak` and `peak_queue` count only what lasted. Utilisation is a share of `capacity`.
    """

    system: str
    capacity: int
    window_us: int
    arrivals: int
    departures: int
    busy_us: int
    utilisation: float
    mean_inside: float
    mean_queue: float
    mean_wait_us: float
    mean_sojourn_us: float
    peak: int
    peak_queue: int

    @property
    def headroom(self) -> float:
        """How many times the present work would fill the system: capacity over demand, c / (X S)."""
        return 1 / self.utilisation if self.utilisation else float("inf")


# --- calls and systems -------------------------------------------------------------------------------


def check_calls(wire: Wire, servers: Iterable[Server], until_us: int) -> dict[str, StationStatistics]:
    """Every law of calls and systems, over a whole run that the clock has run until `until_us`.

    What the systems' own counters and the kernel's queue say has to agree with the trace.
    """
    time_order(wire.trace)
    forced_flow(wire.trace, wire.calls, [call.id for call in unfinished(wire.clock)])
    statistics = {}
    for server in servers:
        present, gone = open_stays(wire.clock, server)
        law = Law("flow balance", server.name)
        law.equal("calls inside by the system's counter, and by the kernel's queue", server.present, len(present))
        statistics[server.name] = station_statistics(
            wire.trace, server.name, server.station.capacity, until_us, present=present, gone=gone
        )
    bottleneck(statistics.values())
    return statistics


def station_statistics(
    trace: Trace,
    system: str,
    capacity: int,
    until_us: int,
    *,
    from_us: int = 0,
    present: Sequence[int] = (),
    gone: Sequence[tuple[int, int, int]] = (),
) -> StationStatistics:
    """How `system` was used from `from_us` to `until_us`, both included, once its laws have been checked.

    `present` are the arrivals of calls still inside at the end, `gone` the (number, arrival, departure) of calls
    that the system is done with and whose client is not: neither has a row yet. The laws are first come, first
    served in at most `capacity` slots; flow balance; Little's; and utilisation.
    """
    stays = stays_of(trace, system, present, gone)
    started_us = replay(stays, capacity)
    occupancy = Occupancy(stays, from_us, until_us)
    arrivals, departures = flow_balance(stays, occupancy)
    inside_us = little(stays, occupancy)
    busy_us = utilisation_law(stays, started_us, occupancy, capacity)
    window_us = until_us - from_us
    began = (started_us >= from_us) & (started_us <= until_us)
    left = (stays.left_us >= from_us) & (stays.left_us <= until_us)
    return StationStatistics(
        system=system,
        capacity=capacity,
        window_us=window_us,
        arrivals=arrivals,
        departures=departures,
        busy_us=busy_us,
        utilisation=busy_us / (capacity * window_us),
        mean_inside=inside_us / window_us,
        mean_queue=(inside_us - busy_us) / window_us,
        mean_wait_us=_mean((started_us - stays.arrived_us)[began]),
        mean_sojourn_us=_mean((stays.left_us - stays.arrived_us)[left]),
        peak=occupancy.peak,
        peak_queue=max(0, occupancy.peak - capacity),
    )


def stays_of(
    trace: Trace, system: str, present: Sequence[int] = (), gone: Sequence[tuple[int, int, int]] = ()
) -> Stays:
    """The calls that entered `system`. Those refused at its door never did; ties arrive in the order of sending."""
    calls = _columns(trace, "calls", "call", "operation", "arrived_us", "left_us")
    operations = [number for word, number in trace.words.items() if word.startswith(f"{system}.")]
    inside = np.isin(calls["operation"], operations) & (calls["left_us"] >= 0)
    # Of calls that arrive together, one still inside may come last: who began first makes no difference to any sum.
    without_row = [*gone, *((NEVER_US, arrived_us, NEVER_US) for arrived_us in present)]
    more = np.array(without_row, dtype=np.int64).reshape(-1, 3)
    call = np.concatenate([calls["call"][inside], more[:, 0]])
    arrived_us = np.concatenate([calls["arrived_us"][inside], more[:, 1]])
    left_us = np.concatenate([calls["left_us"][inside], more[:, 2]])
    order = np.lexsort((call, arrived_us))
    return Stays(system, arrived_us[order], left_us[order])


def replay(stays: Stays, capacity: int) -> Instants:
    """When each call's service began, if calls are served first come, first served in `capacity` slots.

    A call begins at its arrival or when the first slot falls free, whichever is later (Kiefer & Wolfowitz
    1955). One that left before it could begin was served out of turn, or in a slot that does not exist.
    """
    free_us = [0] * capacity
    started = []
    for arrived_us, left_us in zip(stays.arrived_us.tolist(), stays.left_us.tolist(), strict=True):
        start_us = max(arrived_us, free_us[0])
        heapreplace(free_us, max(left_us, start_us))
        started.append(start_us)
    started_us = np.array(started, dtype=np.int64)
    early = np.flatnonzero(stays.left_us < started_us)
    if len(early):
        Law("first come, first served", stays.system).fails(
            f"the call that arrived at {stays.arrived_us[early[0]]} µs left at {stays.left_us[early[0]]} µs, but no "
            f"slot of {capacity} was free for it before {started_us[early[0]]} µs ({len(early)} such calls)"
        )
    return started_us


def flow_balance(stays: Stays, occupancy: "Occupancy") -> tuple[int, int]:
    """Arrivals and departures in the window; their difference is the change in the number inside."""
    arrivals = int(np.count_nonzero((stays.arrived_us >= occupancy.from_us) & (stays.arrived_us <= occupancy.until_us)))
    departures = int(np.count_nonzero((stays.left_us >= occupancy.from_us) & (stays.left_us <= occupancy.until_us)))
    law = Law("flow balance", stays.system)
    if occupancy.least < 0:
        law.fails(f"the number inside falls to {occupancy.least}")
    law.equal(
        "arrivals less departures, and the change inside", arrivals - departures, occupancy.last - occupancy.first
    )
    return arrivals, departures


def little(stays: Stays, occupancy: "Occupancy") -> int:
    """The time calls spent inside within the window: the integral of N, and a sum over calls (Little 1961)."""
    integral_us = int((occupancy.inside * occupancy.widths_us).sum())
    Law("Little's law", stays.system).equal(
        "the integral of the number inside, and the sum of times inside (µs)",
        integral_us,
        occupancy.overlap_us(stays.arrived_us, stays.left_us),
    )
    return integral_us


def utilisation_law(stays: Stays, started_us: Instants, occupancy: "Occupancy", capacity: int) -> int:
    """The slot time used within the window: the integral of the busy slots, and the sum of the services."""
    busy_us = int((np.minimum(occupancy.inside, capacity) * occupancy.widths_us).sum())
    Law("utilisation law", stays.system).equal(
        "the integral of busy slots, and the sum of service times (µs)",
        busy_us,
        occupancy.overlap_us(started_us, stays.left_us),
    )
    return busy_us


def bottleneck(stations: Iterable[StationStatistics]) -> StationStatistics | None:
    """The system that limits the throughput: none can be more than fully used (Denning & Buzen 1978, X ≤ c / D)."""
    busiest = max(stations, key=lambda station: station.utilisation, default=None)
    if busiest and busiest.utilisation > 1 + 1e-9:
        Law("bottleneck", busiest.system).fails(f"it is used at {busiest.utilisation:.3%} of its capacity")
    return busiest


def time_order(trace: Trace) -> None:
    """Each call is sent, arrives and leaves in this order; it commits as it leaves, and is answered once sent."""
    calls = _columns(trace, "calls", "call", *INSTANTS)
    arrived, left, committed = calls["arrived_us"], calls["left_us"], calls["committed_us"]
    wrong = (
        (arrived < calls["sent_us"])
        | ((left >= 0) & (left < arrived))
        | ((committed >= 0) & (committed != left))
        | (calls["answered_us"] < calls["sent_us"])
    )
    first = np.flatnonzero(wrong)
    if len(first):
        row = {name: int(calls[name][first[0]]) for name in INSTANTS}
        Law("time order", f"call {calls['call'][first[0]]}").fails(f"its instants are {row} ({len(first)} such calls)")


def forced_flow(trace: Trace, sent: int, in_flight: Collection[int] = ()) -> dict[str, int]:
    """The calls by outcome: every call that was sent has one row, or is one of `in_flight` (call numbers)."""
    calls = _columns(trace, "calls", "call", "outcome")
    law = Law("forced flow", "calls")
    numbers = np.concatenate([calls["call"], np.array(sorted(in_flight), dtype=np.int64)])
    law.equal("calls sent, and calls ended or in flight", sent, len(numbers))
    strangers = np.flatnonzero(np.sort(numbers) != np.arange(1, sent + 1))
    if len(strangers):
        law.fails(f"call {strangers[0] + 1} is missing, or another has two ends")
    words = list(trace.words)
    counted = zip(*np.unique(calls["outcome"], return_counts=True), strict=True)
    return {words[number]: int(count) for number, count in counted}


def unfinished(clock: Clock) -> list[Call]:
    """The calls in flight, by number: those that the kernel has yet to move on. They have no row in the trace."""
    # The kernel's queue is the one witness that does not depend on the network's own counting.
    calls = {entry[4].id: entry[4] for entry in clock._queue if isinstance(entry[4], Call)}
    return [calls[number] for number in sorted(calls)]


def open_stays(clock: Clock, server: Server) -> tuple[list[int], list[tuple[int, int, int]]]:
    """The calls in flight that entered a system: `present` and `gone`, as `station_statistics` wants them."""
    leaving = {entry[4].id for entry in clock._queue if getattr(entry[3], "__func__", None) is Server._settle}
    calls = [call for call in unfinished(clock) if call.operation.name.partition(".")[0] == server.name]
    present = [call.arrived_us for call in calls if call.id in leaving]
    return present, [(call.id, call.arrived_us, call.left_us) for call in calls if call.left_us >= 0]


# --- events and books --------------------------------------------------------------------------------

FATES = ("delivered", "superseded", "pending", "given_up")
"""What can have become of an event, for one subscriber."""


def event_conservation(trace: Trace, totals: Mapping[str, Mapping[str, int]]) -> None:
    """Every event a subscriber is owed is delivered, superseded, pending or given up; the trace bears it out.

    `totals` has for each subscriber the number `emitted` to it, and its FATES (0 if left out). Delivered ones
    have an accepted delivery, those given up a last attempt and none accepted.
    """
    events = _columns(trace, "events", "event")["event"]
    deliveries = _columns(trace, "deliveries", "event", "subscriber", "outcome")
    strangers = np.setdiff1d(deliveries["event"], events)
    if len(strangers):
        Law("event conservation", f"event {strangers[0]}").fails("it was delivered and never emitted")
    for subscriber, counts in totals.items():
        law = Law("event conservation", subscriber)
        unknown = set(counts) - {*FATES, "emitted"}
        if unknown or min(counts.values()) < 0:
            law.fails(f"its counts are {dict(counts)}")
        fates = sum(counts.get(fate, 0) for fate in FATES)
        law.equal(f"events emitted, and {' + '.join(FATES)}", counts["emitted"], fates)
        ours = deliveries["subscriber"] == trace.words.get(subscriber, -1)
        accepted = np.unique(deliveries["event"][ours & (deliveries["outcome"] == trace.words.get("accepted", -1))])
        last = np.unique(deliveries["event"][ours & (deliveries["outcome"] == trace.words.get("given_up", -1))])
        law.equal("events delivered, and accepted in the trace", counts.get("delivered", 0), len(accepted))
        law.equal("events given up, and in the trace", counts.get("given_up", 0), len(np.setdiff1d(last, accepted)))


def posting_conservation(entries: Iterable[JournalEntry], ties: Mapping[str, tuple[int, int]] | None = None) -> None:
    """Debits equal credits in every journal entry, so in the ledger; the pairs in `ties` agree to the minor unit.

    `ties` names what must be one number in two places, such as open items and their control account.
    """
    for entry in entries:
        off_minor = sum(posting.minor for posting in entry.postings)
        if off_minor:
            Law("posting conservation", entry.id).fails(f"its postings sum to {off_minor} {entry.currency} minor units")
    for name, (one_minor, other_minor) in (ties or {}).items():
        Law("posting conservation", name).equal("minor units on its two sides", one_minor, other_minor)


def document_conservation(keys: Sequence[Hashable], duplicates: int, what: str = "documents") -> None:
    """The documents are as many as distinct business keys and duplicates together; `keys` has one a document."""
    expected = len(set(keys)) + duplicates
    Law("posting conservation", what).equal("documents, and distinct keys + duplicates", len(keys), expected)


# --- runs --------------------------------------------------------------------------------------------


def same_run(fingerprint: str, again: str) -> None:
    """The same seed gives the same run."""
    Law("replay", "two runs").equal("the fingerprint of the run, and of its repeat", fingerprint, again)


DISTURBED = frozenset({"lost_request", "lost_response", "outage", "refused", "throttled", "too_late", "unavailable"})
"""Outcomes of calls that the client could not take at their word."""


def undisturbed(document: Mapping[str, Any], trace: Trace | None = None) -> None:
    """Nothing is doubled, missing, broken or off in a run that no fault touched and whose calls were all answered.

    With the `trace` this is asked of the lead-in too, and only of runs whose events came once and in order: long
    delays reorder events with no fault's help.
    """
    hit = any(fault["hits"] for fault in document["faults"])
    unanswered = any(call["outcome"] in DISTURBED for call in document["calls"] if call["count"])
    if hit or unanswered or (trace and (_unanswered(trace) or _out_of_order(trace))):
        return
    law = Law("no faults, no breaks", f"{document['layer']} with seed {document['seed']}")
    for name in ("duplicates", "missing"):
        law.equal(f"records counted as {name}, and none", sum(document[name].values()), 0)
    law.equal("breaks open at close, and none", document["breaks"]["open_at_close"], 0)
    law.equal("minor units off, and none", document["breaks"]["amount_minor"], 0)


def _unanswered(trace: Trace) -> bool:
    outcomes = _columns(trace, "calls", "outcome")["outcome"]
    return bool(np.isin(outcomes, [trace.words[word] for word in sorted(DISTURBED) if word in trace.words]).any())


def _out_of_order(trace: Trace) -> bool:
    """Whether a delivery was anything but accepted, or a version accepted after a newer one of the same thing."""
    deliveries = _columns(trace, "deliveries", "event", "subscriber", "outcome")
    if (deliveries["outcome"] != trace.words.get("accepted", -1)).any():
        return True
    events = _columns(trace, "events", "event", "key", "version")
    place = np.searchsorted(events["event"], deliveries["event"])  # events are numbered as they come
    key, version = events["key"][place], events["version"][place]
    order = np.lexsort((key, deliveries["subscriber"]))
    same = (np.diff(key[order]) == 0) & (np.diff(deliveries["subscriber"][order]) == 0)
    return bool((same & (np.diff(version[order]) < 0)).any())


# --- how they are checked ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Law:
    """One law as it applies to one thing."""

    name: str
    subject: str

    def equal(self, what: str, one: object, other: object) -> None:
        """Hold that the two counts which `what` names are the same."""
        if one != other:
            self.fails(f"{what}: {one} and {other}")

    def fails(self, detail: str) -> None:
        """Raise InvariantBroken."""
        raise InvariantBroken(self.name, f"{self.subject}: {detail}")


class Occupancy:
    """The number of calls inside one system over time: `inside` holds for `widths_us` from each instant on.

    Widths are clipped to the window, so what lies outside it weighs nothing.
    """

    def __init__(self, stays: Stays, from_us: int, until_us: int) -> None:
        instants = np.concatenate([stays.arrived_us, stays.left_us])
        steps = np.repeat(np.array([1, -1], dtype=np.int64), len(stays.arrived_us))
        order = np.argsort(instants, kind="stable")
        ordered = instants[order]
        self.from_us = from_us
        self.until_us = until_us
        self.inside = np.cumsum(steps[order])
        self.widths_us = np.diff(np.append(ordered, until_us).clip(from_us, until_us))
        lasting = self.inside[self.widths_us > 0]
        self.peak = int(lasting.max(initial=0))
        self.least = int(lasting.min(initial=0))
        self.first = self._before(int(np.searchsorted(ordered, from_us, side="left")))
        self.last = self._before(int(np.searchsorted(ordered, until_us, side="right")))

    def overlap_us(self, from_us: Instants, until_us: Instants) -> int:
        """The length of all spans together within the window."""
        window = (self.from_us, self.until_us)
        return int((until_us.clip(*window) - from_us.clip(*window)).sum())

    def _before(self, place: int) -> int:
        return int(self.inside[place - 1]) if place else 0


def _columns(trace: Trace, table: str, *names: str) -> dict[str, Instants]:
    """The named columns of a table as arrays. Words stay numbers."""
    trace.spill()
    packed = zip(COLUMNS[table], trace.packed[table], strict=True)
    columns = {column.partition(":")[0]: values for column, values in packed}
    return {name: np.array(columns[name], dtype=np.int64) for name in names}


def _mean(spans_us: Instants) -> float:
    return float(spans_us.sum() / len(spans_us)) if len(spans_us) else 0.0
