"""Where something that never arrived was last seen: told, delivered, acknowledged, called for, let go of."""

from typing import NamedTuple

from harness.explain.evidence import DONE, TAKEN, Event
from harness.explain.trails import Trail
from harness.explain.words import LETTING_GO, NOTES, Clock, called, ended, system_words
from reports.wording import several


class Seen(NamedTuple):
    """A place on the way, when, and in a sentence. `let_go` is how the layer let go of it there, if it did."""

    place: str
    at_us: int
    sentence: str
    let_go: str = ""


def last_seen(trail: Trail, event: Event | None, clock: Clock) -> Seen:
    """The last that is known of an event on its way to the trail's target."""
    if event is None:
        needs = system_words(trail.target)
        return Seen("nowhere", 0, f"No system ever told of anything about {trail.key} that {needs} needs.")
    return (
        _let_go(trail, event, clock)
        or _in_the_target(trail, event, clock)
        or _at_the_door(trail, event, clock)
        or _acknowledged(trail, event, clock)
        or _on_its_way(trail, event, clock)
        or _published(event, clock)
    )


def _let_go(trail: Trail, event: Event, clock: Clock) -> Seen | None:
    notes = [note for note in trail.noted(event) if note.what in LETTING_GO]
    if not notes:
        return None
    note, calls = notes[-1], trail.called(event)
    after = f", after {called(calls[-1])}: {ended(calls[-1])}" if calls else ", before any call"
    words = f"{NOTES[note.what]}{after}"
    return Seen("let go", note.at_us, f"In the layer's hands at {clock.at(note.at_us)}: {words}.", words)


def _in_the_target(trail: Trail, event: Event, clock: Clock) -> Seen | None:
    done = [call for call in trail.called(event) if call.writes and call.committed_us >= 0]
    if not done:
        return None
    last, target = done[-1], system_words(trail.target)
    what = f"did {called(last)} for event {event.id} at {clock.at(last.committed_us)}"
    return Seen("written", last.committed_us, f"In {target} itself, which {what}.")


def _at_the_door(trail: Trail, event: Event, clock: Clock) -> Seen | None:
    calls = trail.called(event)
    if not calls:
        return None
    last = calls[-1]
    tries = f", the last of {several(len(calls), 'call')} for it" if len(calls) > 1 else ""
    asked = not last.writes and last.outcome in DONE
    further = "It was a question, and the layer wrote nothing after it" if asked else "The layer called no more"
    door = f"At the door of {system_words(trail.target)}"
    sentence = f"{door}: {called(last)} at {clock.at(last.sent_us)}{tries}; {ended(last)}. {further}."
    return Seen("called", last.answered_us if last.answered_us >= 0 else last.sent_us, sentence)


def _acknowledged(trail: Trail, event: Event, clock: Clock) -> Seen | None:
    taken = [one for one in trail.told(event) if one.outcome in TAKEN]
    if not taken:
        return None
    first = taken[0]
    what = f"{first.subscriber} acknowledged event {event.id} at {clock.at(first.at_us)}"
    rows = trail.loaded(event)
    if rows:
        row = f"{called(rows[-1])} at {clock.at(rows[-1].sent_us)} ({ended(rows[-1])})"
        return Seen("loaded", rows[-1].sent_us, f"In a load: {what}, and sent it by {row}. It was not sent again.")
    sentence = f"In the layer's hands: {what}, and made no call at {system_words(trail.target)} for it."
    return Seen("acknowledged", first.at_us, sentence)


def _on_its_way(trail: Trail, event: Event, clock: Clock) -> Seen | None:
    told = trail.told(event)
    if not told:
        return None
    last = told[-1]
    tries = f"of {several(len(told), 'attempt')} to tell {last.subscriber} of event {event.id}"
    how = f"the last, at {clock.at(last.at_us)}, was {last.outcome.replace('_', ' ')}"
    return Seen("delivered", last.at_us, f"On its way from {system_words(event.source)}: {tries}, {how}.")


def _published(event: Event, clock: Clock) -> Seen:
    told = f"which told of {event.words} (event {event.id}) at {clock.at(event.at_us)}"
    sentence = f"At {system_words(event.source)}, {told}: no delivery of it was ever acknowledged."
    return Seen("published", event.at_us, sentence)
