"""The steps of a story's diagram: who told, called and answered whom, in order of time, few enough to be read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fakes.names import SYSTEMS, kind_of
from harness.explain.evidence import DONE, OF_THE_LAYER, Call, Delivery, Event, Note, Record
from harness.explain.trails import Trail
from harness.explain.words import LETTING_GO, Clock, record_words
from reports.story import LAYER, Step

STEPS_MAX = 30
"""Steps of one diagram: more are left out in its middle, first what is a question that was answered."""


class _At(NamedTuple):
    """A step with its instant, its place among those of one instant, and whether it may well be left out."""

    at_us: int
    rank: int
    step: Step
    dull: bool


_AFTERWARDS_US = 60_000_000
"""A crash up to a minute after the last that is known is shown: what was in hand ended with it."""


def _of_trail(trail: Trail) -> Iterator[_At]:
    """Everything on one way to a target."""
    events = {event.id: event for event in trail.events}
    yield from map(_event, trail.events)
    yield from (_delivery(one, events[one.event]) for one in trail.deliveries)
    for call in trail.calls:
        yield from _call(call)
    instants = [*(event.at_us for event in trail.events), *(call.answered_us for call in trail.calls)]
    lately = [one.at_us for one in trail.deliveries]
    ends = max([*instants, *lately], default=0)
    for note in trail.notes:
        crash = note.where in OF_THE_LAYER
        if not crash or min(instants, default=0) <= note.at_us <= ends + _AFTERWARDS_US:
            yield from _note(note)


def _made(record: Record) -> _At:
    """A record coming to be."""
    version = f", version {record.version}" if record.version else ""
    ended = f", {record.ended} since" if record.ended else ""
    words = f"{record_words(record.record)} {record.id}{version}{ended}"
    return _at(record.at_us, 3, record.system, record.system, words)


def _event(event: Event) -> _At:
    return _at(event.at_us, 0, event.source, event.source, f"{event.words} (event {event.id})")


def _delivery(one: Delivery, event: Event) -> _At:
    words = f"event {one.event}, attempt {one.attempt}: {one.outcome.replace('_', ' ')}"
    return _at(one.at_us, 1, event.source, LAYER, words, fault=one.outcome != "accepted")


def _call(call: Call) -> Iterator[_At]:
    _, _, operation = call.operation.partition(".")
    again = f", try {call.occurrence}" if call.occurrence > 1 and not call.job else ""
    words = f"{operation} {call.key}{again} (call {call.id})"
    dull = not call.writes and call.outcome in DONE
    if call.outcome == "lost_request" or (call.outcome == "outage" and call.left_us < 0):
        yield _at(call.sent_us, 2, LAYER, call.system, f"{words}: lost on the way", fault=True)
        return
    yield _at(call.sent_us, 2, LAYER, call.system, words, dull=dull)
    if call.heard or call.committed_us < 0:
        word, failed = call.outcome.replace("_", " "), call.outcome not in DONE
        yield _at(call.answered_us, 4, call.system, LAYER, word, back=True, fault=failed, dull=dull)
    else:
        word = "lost" if call.outcome == "lost_response" else "too late"
        yield _at(call.left_us, 4, call.system, LAYER, f"done, the answer is {word}", back=True, fault=True)


def _note(note: Note) -> Iterator[_At]:
    """A layer's decision: a fault's hit, noted with an operation or event, shows at what it hit."""
    if note.where in OF_THE_LAYER:
        yield _at(note.at_us, 3, LAYER, LAYER, f"the layer ends here ({note.what})", fault=True)
    elif "." not in note.where:
        words = f"{note.what.replace('_', ' ')}: {note.key}"
        yield _at(note.at_us, 5, LAYER, LAYER, words, fault=note.what in LETTING_GO)


def _at(
    at_us: int, rank: int, frm: str, to: str, words: str, *,
    back: bool = False, fault: bool = False, dull: bool = False,
) -> _At:  # fmt: skip
    step = Step(at_s=at_us / 1_000_000, at="", frm=frm, to=to, words=words, back=back, fault=fault, parts=False)
    return _At(at_us, rank, step, dull)


def steps_of(
    trails: Iterable[Trail], records: Iterable[Record], clock: Clock, *, parts_us: int | None
) -> tuple[list[Step], int]:
    """The steps, and how many were left out. `parts_us` is where what happened parts, if it does."""
    found = [one for trail in trails for one in _of_trail(trail)]
    found += [_made(record) for record in records if record.at_us > 0]
    alike = {(one.at_us, one.step["frm"], one.step["words"]): one for one in reversed(found)}
    ordered = sorted(alike.values(), key=lambda one: (one.at_us, one.rank, one.step["words"]))
    if parts_us is not None:
        _mark(ordered, parts_us)
    kept = _bounded(ordered)
    for one in kept:  # and of no others: a system that is down for a week is asked ten thousand times
        one.step["at"] = clock.at(one.at_us)
    return [one.step for one in kept], len(ordered) - len(kept)


def parties_of(steps: Iterable[Step]) -> list[str]:
    """Who takes part, from the left: those who tell, the layer, those who are called alone."""
    seen = dict.fromkeys(party for step in steps for party in (step["frm"], step["to"]))
    tells = {step["frm"] for step in steps if step["to"] == LAYER and not step["back"]}
    order = (*(system for system in SYSTEMS if system != "erp"), "erp")
    systems = sorted(
        (party for party in seen if party != LAYER), key=lambda party: (order.index(kind_of(party)), party)
    )
    sources = [party for party in systems if party in tells]
    return [*sources, *([LAYER] if LAYER in seen else []), *(party for party in systems if party not in tells)]


def _mark(ordered: Sequence[_At], parts_us: int) -> None:
    """Mark the step where what happened parts: of those at that instant a fault's first, else the last one before."""
    then = [one for one in ordered if one.at_us == parts_us]
    before = [one for one in ordered if one.at_us < parts_us]
    for one in [*(one for one in then if one.step["fault"]), *then, *before[-1:]][:1]:
        one.step["parts"] = True


def _bounded(ordered: Sequence[_At]) -> Sequence[_At]:
    if len(ordered) > STEPS_MAX:
        ordered = [one for one in ordered if not one.dull or one.step["parts"]]
    if len(ordered) <= STEPS_MAX:
        return ordered
    third = STEPS_MAX // 3
    parts = next((place for place, one in enumerate(ordered) if one.step["parts"]), len(ordered) // 2)
    last = len(ordered) - third
    kept = [
        place for place in range(len(ordered)) if place < third or place >= last or abs(place - parts) <= third // 2
    ]
    return [ordered[place] for place in kept]
