"""Why something was done twice: what came between two calls, and by which keys the second could have been known."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from fakes.names import KEY_LIFETIME_US, kind_of
from harness.explain.evidence import DONE, OF_THE_LAYER, TAKEN, Call, Delivery, Evidence, Record
from harness.explain.trails import Trail
from harness.explain.words import Clock, lasted

Keys: TypeAlias = Literal["another", "the same", "none", "unknown"]
"""How the key of a second call is to that of the first; `none`: neither bore one that the target looks at."""


class Done(NamedTuple):
    """One time that something was done: when, by which call, and under which external id, if ERP was told one."""

    at_us: int
    call: Call | None
    external_id: str = ""


def done_of(record: Record, call: Call | None) -> Done:
    """That a record was made."""
    return Done(record.at_us, call, record.external_id)


class Repeat(NamedTuple):
    """What is known of a first and a second time that one thing was done."""

    mistake: str
    facts: tuple[str, ...]


def repeat(first: Done, second: Done, trail: Trail, evidence: Evidence, clock: Clock) -> Repeat:
    """Why the second time came about, and by what the target could not know it."""
    one, two = first.call, second.call
    if one is None or two is None:
        return Repeat("made_beside_what_was_there" if first.at_us <= 0 else "done_twice", ())
    if two.sent_us < one.sent_us:  # what was sent first may be done last
        first, second, one, two = second, first, two, one
    keys, told = _keys(first, second, evidence)
    if one.cause and two.cause and one.cause != two.cause:
        return Repeat("made_by_two_events", _of_two(one, two, trail, clock))
    again = _told_again(one, two, trail)
    untaken = _not_taken(one, two, trail)
    crash = _crashed(one, two, trail)
    facts: list[str] = list(told)
    if again is not None:
        after_us = again.at_us - first.at_us
        when = f"{lasted(after_us)} after it had been carried" if after_us > 0 else "while it was still being carried"
        facts.append(
            f"Event {again.event} was told once more at {clock.at(again.at_us)} (attempt {again.attempt} to "
            f"{again.subscriber}), {when}."
        )
    elif untaken is not None:
        facts.append(
            f"Attempt {untaken.attempt} to tell {untaken.subscriber} of event {untaken.event} was {untaken.outcome} at "
            f"{clock.at(untaken.at_us)}, so that its source told of it once more."
        )
    if crash is not None:
        facts.append(f"Between the two, at {clock.at(crash)}, the layer was killed or replaced.")
    facts += _outlived(first, second, trail)
    impatient = two.sent_us < one.answered_us
    heard = "answered" if one.outcome in DONE else "given up"
    waited, apart = lasted(one.answered_us - one.sent_us), lasted(two.sent_us - one.sent_us)
    facts.append(f"Call {one.id} was {heard} after {waited}; call {two.id} was sent {apart} after call {one.id} was.")
    tried_again = {"another": "key_of_the_attempt", "none": "no_key"}.get(keys, "key_outlived")
    if one.outcome not in DONE or _still_carried(two, trail):
        mistake = tried_again
    elif again is not None or untaken is not None:
        mistake = "repeat_carried"
    elif impatient:  # the client had stopped waiting
        mistake = tried_again
    elif crash is not None:
        mistake = "key_of_the_attempt" if keys == "another" else "redone_after_a_crash"
    else:
        tried = bool(two.job) or _tried_between(one, two, trail)  # who loads rows again tries their load again
        mistake = "key_of_the_attempt" if keys == "another" and tried else "done_twice"
    return Repeat(mistake, tuple(facts))


def _keys(first: Done, second: Done, evidence: Evidence) -> tuple[Keys, tuple[str, ...]]:
    one, two = first.call, second.call
    assert one is not None, "called"
    assert two is not None, "called"
    if first.external_id or second.external_id:
        told = (_differing(one, first.external_id, two, second.external_id, "external id"),)
        return ("another", told) if first.external_id != second.external_id else ("the same", ())
    lifetime_us = KEY_LIFETIME_US[kind_of(one.system)]
    if lifetime_us is None:  # the target looks at no idempotency keys, and was told no external id
        return "none", ("Neither bore an external id.",)
    before, after = (evidence.rekeyed.get((call.id, call.key)) for call in (one, two))
    if before is None and after is None:
        return ("none", ("Neither bore a key.",)) if second.at_us - first.at_us < lifetime_us else ("unknown", ())
    key = before[1] if before else after[0] if after else None
    other = after[1] if after else before[0] if before else None
    if key == other:
        return ("none", ("Neither bore a key.",)) if key is None else ("the same", ())
    return "another", (_differing(one, key, two, other, "key"),)


def _differing(one: Call, key: str | None, two: Call, other: str | None, what: str) -> str:
    named = [f"{what} {each!r}" if each else f"no {what}" for each in (key, other)]
    return f"Call {one.id} bore {named[0]}, call {two.id} {named[1]}."


def _of_two(one: Call, two: Call, trail: Trail, clock: Clock) -> tuple[str, ...]:
    named = [trail.causes[call.cause].words for call in (one, two)]
    overlap = two.sent_us < one.answered_us
    how = "while that was still under way" if overlap else f"{lasted(two.sent_us - one.sent_us)} later"
    return (
        f"Event {one.cause} ({named[0]}) had it made by call {one.id} at {clock.at(one.sent_us)}, event {two.cause} "
        f"({named[1]}) by call {two.id}, {how}.",
    )


def _told_again(one: Call, two: Call, trail: Trail) -> Delivery | None:
    """The delivery of the event behind both calls that came after the first was sent, and had the second called."""
    taken = [each for each in trail.deliveries if each.event == two.cause and each.outcome in TAKEN]
    later = [each for each in taken if trail.again(each) or (each.outcome == "accepted" and each is not taken[0])]
    # one under way is noted when it is settled, which may be after the call
    return next((each for each in reversed(later) if each.at_us > one.sent_us and _about(each, one, two)), None)


def _still_carried(two: Call, trail: Trail) -> bool:
    """Whether an earlier telling of the event was still being worked on when the second call was sent.

    Then no record of what was dealt with could know of it.
    """
    of_it = [each for each in trail.deliveries if each.event == two.cause]
    slow = {
        (each.subscriber, each.attempt) for each in of_it if each.outcome not in TAKEN and each.at_us <= two.sent_us
    }
    settled = [each for each in of_it if each.outcome in TAKEN]
    under_way = any((each.subscriber, each.attempt) in slow and each.at_us >= two.sent_us for each in settled)
    return bool(slow) and (under_way or not any(each.at_us <= two.sent_us for each in settled))


def _not_taken(one: Call, two: Call, trail: Trail) -> Delivery | None:
    """An attempt to tell of the event that was not acknowledged, between the two calls."""
    failed = (each for each in trail.deliveries if each.event == two.cause and each.outcome not in TAKEN)
    return next((each for each in failed if one.sent_us <= each.at_us <= two.sent_us), None)


def _about(delivery: Delivery, one: Call, two: Call) -> bool:
    settled_us = two.answered_us if two.answered_us >= 0 else two.sent_us
    return delivery.at_us <= max(settled_us, two.sent_us) + (settled_us - two.sent_us) or delivery.at_us <= two.sent_us


def _crashed(one: Call, two: Call, trail: Trail) -> int | None:
    at = [note.at_us for note in trail.notes if note.where in OF_THE_LAYER]
    return next((each for each in reversed(at) if one.sent_us <= each <= two.sent_us), None)


def _outlived(first: Done, second: Done, trail: Trail) -> Sequence[str]:
    lifetime_us = KEY_LIFETIME_US[kind_of(trail.target)]
    gap_us = second.at_us - first.at_us
    if lifetime_us is None or gap_us < lifetime_us:
        return ()
    return (
        f"{trail.target} knows a key for {lasted(lifetime_us)}, and the second came {lasted(gap_us)} after the first.",
    )


def _tried_between(one: Call, two: Call, trail: Trail) -> bool:
    """Whether a call like these came to nothing between them, so that the second is a further try."""
    return any(
        (call.operation, call.key, call.cause) == (two.operation, two.key, two.cause) and call.outcome not in DONE
        for call in trail.calls
        if one.sent_us <= call.sent_us < two.sent_us
    )


def written_twice(trail: Trail) -> list[Done]:
    """The first two times that one event's change was written to the target."""
    for event in trail.events:
        fresh = [call for call in trail.written(event) if call.outcome != "replayed"]
        if len(fresh) > 1:
            return [Done(call.committed_us, call) for call in fresh[:2]]
    return []


def written_last(trail: Trail) -> list[Done]:
    """Each time that an event's change to a copy was written at last, after other tries."""
    done = []
    for event in trail.events:
        written = trail.written(event)
        if event.version > 1 and written:
            done += [Done(written[-1].committed_us, written[-1])]
    return done
