"""The first point where what happened is no longer what was meant, and whether a fault's hit was there."""

from collections.abc import Sequence
from typing import NamedTuple

from harness.explain.commits import about, both, writing
from harness.explain.evidence import DONE, Call, Found, Record
from harness.explain.overtaking import Overtaking
from harness.explain.safeguards import group_of
from harness.explain.trails import Trail
from harness.explain.whereabouts import Seen
from harness.explain.words import Clock, called, ended, lasted, record_words, system_words


class Parting(NamedTuple):
    """The instant, in a sentence what happened then, and the instant of the step that shows it."""

    at_us: int
    sentence: str
    step_us: int


class Hit(NamedTuple):
    """A fault's strike on a record's own way: what it struck, and what that was like."""

    at_us: int
    subject: str
    clause: str


def hit(found: Found, trail: Trail) -> Hit | None:
    """The fault's strike, if it struck a call, a delivery or the layer on this very way."""
    if found.struck_us is None:
        return None
    return _hit_call(found, trail, found.struck_us) or _hit_event(found, trail, found.struck_us) or _hit_layer(found)


def _hit_call(found: Found, trail: Trail, at_us: int) -> Hit | None:
    for call in trail.calls:
        ours = call.operation == found.struck_at and found.struck_key in (call.key, call.job)
        if ours and call.sent_us <= at_us <= max(call.answered_us, call.left_us):
            how = _struck(found, call)
            return Hit(at_us, f"this very call: {called(call)}", f"{called(call)} was struck: {how}")
    return None


def _struck(found: Found, call: Call) -> str:
    if found.cause == "partial_load":
        return "the load stopped before this row was done"
    if call.outcome in DONE and call.answered_us > call.sent_us:
        return f"it was answered after {lasted(call.answered_us - call.sent_us)}"
    return ended(call)


def _hit_event(found: Found, trail: Trail, at_us: int) -> Hit | None:
    struck = [event for event in trail.events if (event.type, event.key) == (found.struck_at, found.struck_key)]
    for event in [event for event in reversed(struck) if event.at_us <= at_us][:1]:
        subject = f"the telling of event {event.id}"
        again = [one for one in trail.told(event) if one.outcome == "repeated" and one.at_us >= at_us]
        if found.cause == "duplicate_delivery" and again:
            return Hit(again[0].at_us, subject, f"{again[0].subscriber} was told of event {event.id} once more")
        return Hit(at_us, subject, f"the telling of {event.words} (event {event.id}) was struck")
    return None


def _hit_layer(found: Found) -> Hit | None:
    where, at_us = found.struck_at or "", found.struck_us or 0
    if where.endswith(".crash"):
        return Hit(at_us, "the layer, with what it had in hand", "the layer was killed")
    if where.endswith(".cutover"):
        return Hit(at_us, "the layer, with what it had in hand", "another layer took over")
    return None


def parting(
    found: Found, trail: Trail, records: Sequence[Record], overtaken: Overtaking | None, seen: Seen | None, clock: Clock
) -> Parting:
    """Where what happened parts from what was meant."""
    at_us, clause = _parted(found, trail, records, overtaken, seen, clock)
    step_us = overtaken.older.sent_us if overtaken else at_us
    return Parting(at_us, f"At {clock.at(at_us)}, when {clause}.", step_us)


def _parted(
    found: Found, trail: Trail, records: Sequence[Record], overtaken: Overtaking | None, seen: Seen | None, clock: Clock
) -> tuple[int, str]:
    struck = hit(found, trail)
    group = group_of(found.kind)
    if overtaken:
        return overtaken.older.committed_us, f"{called(overtaken.older)} wrote an older version over the newer one"
    if group == "twice":
        return _doubled(found, records, struck, clock)
    if seen is not None and seen.let_go:
        return seen.at_us, seen.let_go
    if struck is not None:
        return struck.at_us, struck.clause
    if seen is not None and seen.at_us:
        return seen.at_us, "it was last seen: nothing more was done for it"
    return _otherwise(found, trail, records)


def _doubled(found: Found, records: Sequence[Record], struck: Hit | None, clock: Clock) -> tuple[int, str]:
    second = both(records, found)[1:]
    if not second:
        return found.since_us, "it was made once more"
    made = f"{record_words(second[0].record)} {second[0].id} was made beside {records[0].id}"
    if struck is not None and struck.at_us <= second[0].at_us:
        return struck.at_us, f"{struck.clause}; so at {clock.at(second[0].at_us)} {made}"
    return second[0].at_us, made


def _otherwise(found: Found, trail: Trail, records: Sequence[Record]) -> tuple[int, str]:
    """What was made otherwise than agreed, or else when the difference came to be."""
    for record in about(found, records):
        if record.at_us > 0:
            call = writing(record, trail)
            if call is not None and call.committed_us > record.at_us:
                return call.committed_us, f"{called(call)} wrote {record.id} otherwise than was agreed"
            by = called(call) if call else system_words(record.system)
            return record.at_us, f"{by} made {record.id} otherwise than was agreed"
    return found.since_us, "it was due, and nothing had come of it"
