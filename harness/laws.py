"""The laws that every run obeys, checked on its trace: exact accounts of calls, time, events and postings.

They hold for each run on its own, without statistics (Denning & Buzen 1978). A law
that does not hold raises InvariantBroken: then the program is at fault. Those of one system are in
`harness.stations`.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from fakes.master_data import SYSTEM_OF
from fakes.names import kind_of
from fakes.records import JournalEntry
from harness.stations import Law, StationStatistics, bottleneck, columns, distinct, station_statistics, without
from sim.clock import Clock
from sim.delivery import Event
from sim.network import Call, Server, Wire
from sim.trace import Trace

INSTANTS = ("sent_us", "arrived_us", "left_us", "committed_us", "answered_us")
"""What a call goes through, in the trace's words."""


# --- calls and systems -------------------------------------------------------------------------------


def check_calls(wire: Wire, servers: Iterable[Server], until_us: int, from_us: int = 0) -> dict[str, StationStatistics]:
    """Every law of calls and systems, over a whole run that the clock has run until `until_us`.

    The statistics are those from `from_us` on. What the systems' own counters and the kernel's queue say has to
    agree with the trace.
    """
    time_order(wire.trace)
    forced_flow(wire.trace, wire.calls, [call.id for call in unfinished(wire.clock)])
    statistics = {}
    for server in servers:
        present, gone = open_stays(wire.clock, server)
        law = Law("flow balance", server.name)
        law.equal("calls inside by the system's counter, and by the kernel's queue", server.present, len(present))
        statistics[server.name] = station_statistics(
            wire.trace,
            server.name,
            server.station.capacity,
            until_us,
            from_us=from_us,
            present=present,
            gone=gone,
            shuffled=wire.clock.shuffled,
        )
    bottleneck(statistics.values())
    return statistics


def time_order(trace: Trace) -> None:
    """Each call is sent, arrives and leaves in this order; it commits as it leaves, and is answered once sent."""
    calls = columns(trace, "calls", "call", *INSTANTS)
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
    calls = columns(trace, "calls", "call", "outcome")
    law = Law("forced flow", "calls")
    numbers = np.concatenate([calls["call"], np.array(sorted(in_flight), dtype=np.int64)])
    law.equal("calls sent, and calls ended or in flight", sent, len(numbers))
    lacking = np.flatnonzero(np.bincount(numbers, minlength=sent + 1)[1 : sent + 1] == 0)
    if len(lacking):
        law.fails(f"call {lacking[0] + 1} is missing, or another has two ends")
    words = list(trace.words)
    counts = np.bincount(calls["outcome"])
    return {words[number]: int(counts[number]) for number in np.flatnonzero(counts)}


def unfinished(clock: Clock) -> list[Call]:
    """The calls in flight, by number: those that the kernel has yet to move on. They have no row in the trace."""
    # The kernel's queue is the one witness that does not depend on the network's own counting.
    calls = {entry[3].id: entry[3] for entry in clock._queue if isinstance(entry[3], Call)}
    return [calls[number] for number in sorted(calls)]


def open_stays(clock: Clock, server: Server) -> tuple[list[int], list[tuple[int, int, int]]]:
    """The calls in flight that entered a system: `present` and `gone`, as `station_statistics` wants them."""
    leaving = {entry[3].id for entry in clock._queue if getattr(entry[2], "__func__", None) is Server._settle}
    calls = [call for call in unfinished(clock) if call.operation.name.partition(".")[0] == server.name]
    present = [call.arrived_us for call in calls if call.id in leaving]
    done = [call for call in calls if getattr(call, "left_us", -1) >= 0]  # there is no such instant before it comes
    return present, [(call.id, call.arrived_us, call.left_us) for call in done]


# --- events and books --------------------------------------------------------------------------------

FATES = ("delivered", "superseded", "pending", "given_up", "passed_over")
"""What can have become of an event, for one subscriber; one that reads by itself may have passed it over."""


def event_conservation(trace: Trace, totals: Mapping[str, Mapping[str, int]]) -> None:
    """Every event a subscriber is owed is delivered, superseded, pending, given up or passed over.

    `totals` has for each subscriber the number `emitted` to it, and its FATES (0 if left out). The trace bears it
    out: delivered ones have an accepted delivery, those given up a last attempt and none accepted.
    """
    events = columns(trace, "events", "event")["event"]
    deliveries = columns(trace, "deliveries", "event", "subscriber", "outcome")
    strangers = without(distinct(deliveries["event"]), events)
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
        accepted = distinct(deliveries["event"][ours & (deliveries["outcome"] == trace.words.get("accepted", -1))])
        last = distinct(deliveries["event"][ours & (deliveries["outcome"] == trace.words.get("given_up", -1))])
        law.equal("events delivered, and accepted in the trace", counts.get("delivered", 0), len(accepted))
        law.equal("events given up, and in the trace", counts.get("given_up", 0), len(without(last, accepted)))


LET_GO = ("dropped", "forgotten", "taken_for_done")
"""Decisions of a layer about an event that it does not carry through and has no more, as the trace has them."""

TAKING_BACK = "undoing"
"""A copy of a contract is to be voided. If it was, heard or not, so was whatever had been written to it meanwhile."""


NEWEST = 1 << 62
"""Behind the number of every event."""


def effect_conservation(
    unreflected: Iterable[tuple[str, Event]],
    queued: Collection[tuple[str, str, int]],
    trace: Trace,
    given_up: Collection[int] = (),
) -> None:
    """Every business event is reflected in every target, or it is known where it is or who let it go.

    `queued` are (flow, key, version) of events in somebody's hands, `given_up` the numbers of those that a source
    gave up telling. What a layer set out to void excuses nothing unless the target did void it. It is a law of the
    built-in layers: one that forgets an event without a word is wrong.
    """
    in_hand: dict[tuple[str, str], int] = {}  # the newest version; an older one that it took the place of is in it
    for flow, key, version in queued:
        place = flow.rpartition("->")[2], key
        in_hand[place] = max(version, in_hand.get(place, 0))
    let_go: dict[tuple[str, str], int] = {}
    voided = _voided(trace) if TAKING_BACK in trace.words else ()
    for _, number, what, where, key in trace.noted(*LET_GO, TAKING_BACK):
        if what in LET_GO:
            let_go[where, key] = max(number, let_go.get((where, key), 0))
        elif (where, key) in voided:
            let_go[where, key] = NEWEST
    for target, event in unreflected:
        place = target, event.key
        known = in_hand.get(place, 0) >= event.version or let_go.get(place, 0) >= event.id or event.id in given_up
        if not known:
            detail = f"{event.type} {event.key} version {event.version} is not in {target}, and nobody knows why"
            Law("event conservation", f"event {event.id}").fails(detail)


def _voided(trace: Trace) -> frozenset[tuple[str, str]]:
    """The (system, contract) of every copy that was voided over a call, whatever became of its answer."""
    calls = columns(trace, "calls", "operation", "key", "committed_us")
    words = list(trace.words)
    voids = [number for number, word in enumerate(words) if word.partition(".")[2].startswith("void_")]
    done = np.isin(calls["operation"], voids) & (calls["committed_us"] >= 0)
    pairs = zip(calls["operation"][done].tolist(), calls["key"][done].tolist(), strict=True)
    return frozenset((kind_of(words[operation].partition(".")[0]), words[key]) for operation, key in pairs)


def posting_conservation(entries: Iterable[JournalEntry], ties: Mapping[str, tuple[int, int]] | None = None) -> None:
    """Debits equal credits in every journal entry, so in the ledger; the pairs in `ties` agree to the minor unit.

    `ties` names what must be one number in two places, such as open items and their control account.
    """
    for entry in entries:
        off_minor = 0
        for _, _, minor in entry.postings:
            off_minor += minor
        if off_minor:
            Law("posting conservation", entry.id).fails(f"its postings sum to {off_minor} {entry.currency} minor units")
    for name, (one_minor, other_minor) in (ties or {}).items():
        Law("posting conservation", name).equal("minor units on its two sides", one_minor, other_minor)


def same_business(digests: Mapping[str, str], seed: int) -> None:
    """One seed gives every layer the same business: `digests` has that of each layer's commercial truth."""
    first = next(iter(digests))
    for layer, digest in digests.items():
        law = Law("replay", f"{layer} with seed {seed}")
        law.equal(f"the business of {first}, and its own", digests[first], digest)


DISTURBED = frozenset({
    "lost_request", "lost_response", "outage", "refused", "throttled", "too_late", "unavailable", *SYSTEM_OF,
})  # fmt: skip
"""Outcomes of calls that the client could not take at their word, or that only people could help."""


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
    late = document["breaks"]["by_kind"].get("wrong_period", 0)  # a world that is slow by itself is no fault
    law.equal("breaks open at close, and none", document["breaks"]["open_at_close"] - late, 0)
    if not late:
        law.equal("minor units off, and none", document["breaks"]["amount_minor"], 0)


def _unanswered(trace: Trace) -> bool:
    outcomes = columns(trace, "calls", "outcome")["outcome"]
    return bool(np.isin(outcomes, [trace.words[word] for word in sorted(DISTURBED) if word in trace.words]).any())


def _out_of_order(trace: Trace) -> bool:
    """Whether a delivery was anything but accepted, or a version accepted after a newer one of the same thing."""
    deliveries = columns(trace, "deliveries", "event", "subscriber", "outcome")
    if (deliveries["outcome"] != trace.words.get("accepted", -1)).any():
        return True
    events = columns(trace, "events", "event", "key", "version")
    place = np.searchsorted(events["event"], deliveries["event"])  # events are numbered as they come
    key, version = events["key"][place], events["version"][place]
    order = np.lexsort((key, deliveries["subscriber"]))
    same = (np.diff(key[order]) == 0) & (np.diff(deliveries["subscriber"][order]) == 0)
    return bool((same & (np.diff(version[order]) < 0)).any())
