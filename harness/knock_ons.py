"""What a fault did to work that it did not touch itself: by an open circuit breaker, or by a request that was refused.

A breaker refuses good calls because others failed: what they were for has been struck by the last fault that made
a call of that system fail before it opened. And a handler that carries an event to several targets in turn, and answers
its source that it could not, has carried it to none of those after the one that failed.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from fakes.names import kind_of
from harness.audit.breaks import Strike
from harness.audit.causes import REFUSED_BY_THE_LAYER
from harness.simulation import Simulation
from harness.stations import columns, distinct, without
from sim.trace import Trace

FAILING = frozenset({"outage", "partition", "brownout", "lost_request", "lost_response"})
"""Faults that a breaker counts: no answer, or one that says that the system is in trouble."""

NOT_TAKEN = ("refused", "unanswered", "given_up")
"""Outcomes of deliveries that the layer has not acknowledged."""


class Hit(NamedTuple):
    """A strike, and the number of the event that was being worked on."""

    event: int
    strike: Strike


def knock_ons(simulation: Simulation) -> list[Strike]:
    """The strikes of work that was not done because of what a fault had done to other work."""
    if not simulation.wire.struck:
        return []
    held_off = list(_held_off(simulation.trace, simulation.wire.struck))
    refused = _refused(simulation)
    with_their_request = _with_their_request(simulation, refused, held_off) if refused else ()
    return [*(hit.strike for hit in held_off), *with_their_request]


def _held_off(trace: Trace, struck: Sequence[Strike]) -> Iterator[Hit]:
    """Calls that an open breaker refused."""
    if "held_off" not in trace.words:
        return
    failed: dict[str, list[Strike]] = {}
    for strike in struck:
        if strike[2] in FAILING:
            failed.setdefault(strike[3].partition(".")[0], []).append(strike)
    blamed: dict[str, Strike | None] = {}
    for at_us, event, what, system, key in trace.rows("notes"):
        if what == "breaker_opened":
            before = failed.get(system, [])
            place = bisect_right(before, at_us, key=lambda strike: strike[0])
            blamed[system] = before[place - 1] if place else None
        elif what == "held_off":
            fault = blamed.get(system)
            if fault is not None:
                yield Hit(event, (at_us, *fault[1:3], f"{system}.breaker", key))


def _hits(simulation: Simulation) -> Iterator[Hit]:
    """The strikes of a run on calls, with the events that these were for."""
    names = {(at_us, kind, where, key): name for at_us, name, kind, where, key in simulation.wire.struck}
    for at_us, event, kind, where, key in simulation.trace.rows("notes"):
        name = names.get((at_us, kind, where, key))
        if name is not None and event:
            yield Hit(event, (at_us, name, kind, where, key))


def _with_their_request(simulation: Simulation, refused: frozenset[int], held_off: Sequence[Hit]) -> Iterator[Strike]:
    """The refused events, struck by what struck one of the calls that were made for them."""
    published = (event for system in simulation.company.systems.values() for event in system.publisher.published)
    events = {event.id: event for event in published if event.id in refused}
    for number, (at_us, name, kind, where, _) in (*_hits(simulation), *held_off):
        event = events.get(number)
        if event is not None and where != f"{event.source}.{event.type}":
            yield at_us, name, kind, REFUSED_BY_THE_LAYER, event.key


def _refused(simulation: Simulation) -> frozenset[int]:
    """The numbers of the events that a handler for all targets has never acknowledged."""
    trace, targets = simulation.trace, {kind_of(name) for name in simulation.company.systems}
    deliveries = columns(trace, "deliveries", "event", "subscriber", "outcome")
    words = list(trace.words)
    alone = [number for number in distinct(deliveries["subscriber"]).tolist() if _serves_one(words[number], targets)]
    together = ~np.isin(deliveries["subscriber"], alone)
    not_taken = np.isin(deliveries["outcome"], [trace.words[word] for word in NOT_TAKEN if word in trace.words])
    taken = deliveries["outcome"] == trace.words.get("accepted", -1)
    event = deliveries["event"]
    events = without(distinct(event[together & not_taken]), distinct(event[together & taken]))
    return frozenset(events.tolist())


def _serves_one(subscriber: str, targets: set[str]) -> bool:
    """Whether a subscriber carries to one target alone, as its name says: `billing->erp`."""
    return kind_of(subscriber.rpartition("->")[2]) in targets
