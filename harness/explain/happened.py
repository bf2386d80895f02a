"""What happened instead: both commits of what is doubled, what overtook what, the way of what came late or wrong."""

from collections.abc import Iterator, Sequence

from harness.explain.commits import MAKER, about, committing, writing
from harness.explain.evidence import DONE, TAKEN, Event, Found, Record
from harness.explain.overtaking import Overtaking
from harness.explain.safeguards import group_of
from harness.explain.trails import Trail
from harness.explain.words import Clock, a, called, ended, lasted, record_words, system_words
from reports.story import Commit
from reports.wording import listing, several


def happened(
    found: Found, event: Event | None, trail: Trail, records: Sequence[Record], commits: Sequence[Commit],
    overtaken: Overtaking | None, clock: Clock,
) -> list[str]:  # fmt: skip
    """A sentence for each thing that happened."""
    if commits:
        return [*_twins(found, commits), f"So {found.detail}."]
    audited = f"The audit found: {found.detail}."
    if overtaken:
        return [audited, *_overtook(overtaken, trail, clock)]
    came = list(way(event, trail)) if event is not None else []
    made = _made(found, trail, records, clock) if group_of(found.kind) in ("late", "wrong") else ()
    return [audited, *came, *made]


def _twins(found: Found, commits: Sequence[Commit]) -> Iterator[str]:
    for which, commit in zip(("The first", "The second"), commits, strict=False):
        made = f"{which}: {commit['record']} was made at {commit['at']}"
        if commit["call"] is None:
            yield f"{made}; {commit['why']}."
        else:
            again = f", try {commit['attempt']}" if commit["attempt"] > 1 else ""
            yield f"{made}, by {commit['operation']} (call {commit['call']}{again}); {commit['answer']}."
            yield f"It was called because {commit['why']}."
    if found.record in MAKER:
        yield f"Of each, {system_words(found.instance)} made {a(record_words(found.record))} by itself."


def _overtook(overtaken: Overtaking, trail: Trail, clock: Clock) -> Iterator[str]:
    newer, older = overtaken
    target = system_words(trail.target)
    events = {event.id: event for event in trail.events}
    yield (
        f"{target} had version {events[newer.cause].version} at {clock.at(newer.committed_us)}, by {called(newer)} "
        f"for event {newer.cause}."
    )
    yield (
        f"At {clock.at(older.committed_us)} version {events[older.cause].version} was written over it, by "
        f"{called(older)} for the older event {older.cause}."
    )
    for call in (older, newer):
        event = events[call.cause]
        taken = [one for one in trail.told(event) if one.outcome in TAKEN and one.at_us <= call.sent_us]
        if taken:
            waited = lasted(taken[-1].at_us - event.at_us)
            yield f"Event {event.id} reached the layer at {clock.at(taken[-1].at_us)}, {waited} after it was told of."


def way(event: Event, trail: Trail) -> Iterator[str]:
    """How the event got to the layer, and what the layer called for it."""
    told, calls = trail.told(event), trail.called(event)
    taken = next((one for one in told if one.outcome in TAKEN), None)
    if taken is not None:
        tries = f", at attempt {taken.attempt}" if taken.attempt > 1 else ""
        waited = lasted(taken.at_us - event.at_us)
        source = system_words(event.source)
        yield f"The layer ({taken.subscriber}) took event {event.id} {waited} after {source} had told of it{tries}."
    elif told:
        yield f"Of {several(len(told), 'attempt')} to tell the layer of event {event.id}, none was acknowledged."
    if calls:
        failed = [call for call in calls if call.outcome not in DONE]
        share = "each" if len(failed) == len(calls) else f"{len(failed)}"
        ways = listing(list(dict.fromkeys(ended(call) for call in failed))[:3])
        how = f"; {share} of them came to nothing: {ways}" if failed else ""
        yield (
            f"For it the layer made {several(len(calls), 'call')} at {system_words(trail.target)}, the last "
            f"{lasted(calls[-1].sent_us - event.at_us)} after the event{how}."
        )


def _made(found: Found, trail: Trail, records: Sequence[Record], clock: Clock) -> Iterator[str]:
    for record in about(found, records):
        call = committing(record, trail)
        by = "the system itself" if call is None else called(call)
        event = f", for event {call.cause}" if call is not None and call.cause else ""
        period = f" in {record.period}" if record.period else ""
        what = f"{record_words(record.record).capitalize()} {record.id}"
        yield f"{what} was made{period} at {clock.at(record.at_us)}, by {by}{event}."
        last = writing(record, trail)
        if last is not None and last != call:
            yield f"It was last written at {clock.at(last.committed_us)}, by {called(last)}, for event {last.cause}."
