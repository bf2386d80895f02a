"""How records came to be: the call that committed each, the event behind it, and why that call was made."""

from collections.abc import Sequence

from fakes.names import kind_of
from harness.explain.evidence import COPIES, DONE, TAKEN, Call, Delivery, Event, Evidence, Found, Record
from harness.explain.trails import Trail
from harness.explain.words import Clock, ended, lasted, system_words
from reports.story import Commit

MAKER = {"invoice": "subscription", "recognition": "revenue_contract"}
"""The copy of a contract out of which a system makes such records by itself."""


def records_behind(found: Found, evidence: Evidence) -> list[Record]:
    """The records that a break is about, or out of which a system made it by itself, the oldest first."""
    if found.kind == "duplicate_customer":
        both_ids = (found.expected, found.actual)
        return sorted((one for one in evidence.records if one.id in both_ids), key=lambda one: one.at_us)
    noted = evidence.records_of(found.system, "fulfilment", found.call)
    if found.record in MAKER and noted:
        return noted
    if found.record in MAKER:
        return evidence.records_of(found.system, MAKER[found.record], found.contract or found.call)
    return evidence.records_of(found.system, found.record, found.call)


def committing(record: Record, trail: Trail) -> Call | None:
    """The call that made a record, if one did."""
    made = [
        call
        for call in trail.calls
        if call.committed_us == record.at_us and call.writes and kind_of(call.system) == kind_of(record.system)
    ]
    named = [call for call in made if call.key == record.key]
    return next(iter(named or made), None)


def writing(record: Record, trail: Trail) -> Call | None:
    """The call that made a record what it is: of a copy of a contract the last that wrote to it."""
    if record.record not in COPIES:
        return committing(record, trail)
    wrote = [
        call for call in trail.calls
        if call.writes and call.committed_us >= record.at_us and call.outcome in DONE and call.key == record.key
    ]  # fmt: skip
    return wrote[-1] if wrote else committing(record, trail)


def commit_of(record: Record, trail: Trail, clock: Clock, call: Call | None = None) -> Commit:
    """How one record came to be; with `call`, how it came to be what that wrote."""
    call = call or committing(record, trail)
    event = trail.causes.get(call.cause) if call else None
    at_us = call.committed_us if call else record.at_us
    return Commit(
        record=record.id,
        at_s=at_us / 1_000_000,
        at=clock.at(at_us),
        call=call.id if call else None,
        operation=call.operation if call else "",
        attempt=call.occurrence if call else 0,
        event=event.id if event else None,
        event_words=event.words if event else "",
        why=why(call, event, trail, clock),
        answer=ended(call) if call else "",
    )


def why(call: Call | None, event: Event | None, trail: Trail, clock: Clock) -> str:
    """Why a call was made, in a clause."""
    if call is None:
        return "no call of the layer made it"
    before, failed = _tried_before(call, trail), _failed_before(call, trail)
    if before is not None and failed is not None and (failed == before or failed.answered_us > before.sent_us):
        waited = lasted(call.sent_us - failed.answered_us)
        end = "was answered" if failed.heard else "was given up"
        return (
            f"the layer tried again {waited} after call {failed.id} {end}, of which it had no good answer: "
            f"{ended(failed)}"
        )
    if event is None:
        return "the layer called of itself, for no event that is known"
    if before is not None:
        again = _told_again(call, before, event, trail, clock)
        return again or _noted_since(call, before, event, trail, clock) or _told_since(call, before, event)
    return _told(event)


def _told(event: Event) -> str:
    return f"{system_words(event.source)} told of {event.words} (event {event.id})"


def _told_again(call: Call, before: Call, event: Event, trail: Trail, clock: Clock) -> str:
    """That a call was made because its event was told once more after the call before it."""
    delivery = _delivery_before(call, event, trail)
    if delivery is None or not trail.again(delivery):
        return ""
    if before.cause == call.cause and delivery.at_us < before.sent_us:
        return ""
    how = f"with attempt {delivery.attempt} to {delivery.subscriber} at {clock.at(delivery.at_us)}"
    return f"{_told(event)} once more, {how}"


def _told_since(call: Call, before: Call, event: Event) -> str:
    """Why a call was made although an earlier one had been answered well."""
    if before.cause == call.cause:
        return f"the layer called once more for event {event.id}, although call {before.id} had been answered"
    return f"{_told(event)}: another event than that of call {before.id}"


def _tried_before(call: Call, trail: Trail) -> Call | None:
    alike = (one for one in trail.calls if (one.operation, one.key) == (call.operation, call.key))
    return max((one for one in alike if one.id < call.id), key=lambda one: one.id, default=None)


def _failed_before(call: Call, trail: Trail) -> Call | None:
    """The call for the same that was the last to come to nothing before this one was sent."""
    alike = (
        one for one in trail.calls if (one.operation, one.key, one.cause) == (call.operation, call.key, call.cause)
    )
    failed = (one for one in alike if one.outcome not in DONE and one.answered_us <= call.sent_us and one.id < call.id)
    return max(failed, key=lambda one: one.answered_us, default=None)


def _delivery_before(call: Call, event: Event, trail: Trail) -> Delivery | None:
    """The delivery that the layer had last been told by when it called. One under way is noted when it is settled."""
    told = trail.told(event)
    before = [one for one in told if one.at_us <= call.sent_us]
    after = [one for one in told if one.at_us > call.sent_us]
    earlier = sum(one.operation == call.operation and one.key == call.key and one.id < call.id for one in trail.calls)
    taken = sorted((one for one in told if one.outcome in TAKEN), key=lambda one: one.attempt)
    if 0 < earlier < len(taken):  # each of the deliveries has had it called
        return taken[earlier]
    return before[-1] if before else after[0] if after else None


def _noted_since(call: Call, before: Call, event: Event, trail: Trail, clock: Clock) -> str:
    """What the trace says between two calls of one thing: a crash, or a replay."""
    between = [note for note in trail.notes if before.sent_us <= note.at_us <= call.sent_us]
    for note in reversed(between):
        if note.where == "layer.crash":
            return (
                f"the layer was killed at {clock.at(note.at_us)}, and did again what it had in hand (event {event.id})"
            )
        if note.what == "replayed":
            return f"event {event.id} was carried again from where it had been set aside"
    return ""


def both(records: Sequence[Record], found: Found) -> list[Record]:
    """Of several records for one, the first, and the one that a break is about."""
    named = [one for one in records[1:] if one.id == found.actual or one.id in _named(found)]
    return [*records[:1], *(named[:1] or records[1:2])]


def about(found: Found, records: Sequence[Record]) -> list[Record]:
    """The records that the break names, else the first."""
    return [one for one in records if one.id in _named(found)] or list(records[:1])


def _named(found: Found) -> list[str]:
    """The words of a break's detail, among them the ids of the records that it is about."""
    return found.detail.replace(",", " ").replace(":", " ").split()
