"""What was meant to happen: who agreed to what, which event was to bring it about, by when, and for how much."""

from collections.abc import Iterator

from harness.explain.amounts import IN_MONEY, minor_of
from harness.explain.commits import MAKER
from harness.explain.evidence import COPIES, Event, Evidence, Found
from harness.explain.safeguards import group_of
from harness.explain.trails import Trail
from harness.explain.words import Clock, a, record_words, system_words
from reports.wording import money


def event_wanted(found: Found, trail: Trail) -> Event | None:
    """The event whose effect is missing, late or wrong: of the version that is lacking, else the first of all.

    Who reads states hears of the newest alone: then it is that event.
    """
    if found.kind == "stale_master_data":
        return max(trail.events, key=lambda event: event.version, default=None)
    number = _version_wanted(found)
    if number is None and group_of(found.kind) == "behind":
        unwritten = [event for event in trail.events if event.version > 1 and not trail.written(event)]
        return next(iter([*unwritten, *reversed(trail.events)]), None)
    of_it = [event for event in trail.events if event.version == number]
    unheeded = [event for event in of_it if not trail.called(event)]
    wanted = next(iter([*unheeded, *of_it, *trail.events]), None)
    if wanted is None or trail.told(wanted) or trail.called(wanted):
        return wanted
    later = [event for event in trail.events if event.version > wanted.version]
    return next((event for event in reversed(later) if trail.told(event) or trail.called(event)), wanted)


def _version_wanted(found: Found) -> int | None:
    """The version that a break is about: of a copy the one it lacks, of a charge `C-000001/v2/p0` its own."""
    expected = found.expected or ""
    if found.record in COPIES and found.kind != "missing_downstream" and expected.isdigit():
        return int(expected)
    number = found.key.rpartition("/v")[2].partition("/")[0]
    return int(number) if found.record == "invoice" and number.isdigit() else None


def meant(found: Found, event: Event | None, evidence: Evidence, clock: Clock) -> list[str]:
    """What was agreed, told and due, a sentence each."""
    return [*_agreed(found, evidence, clock), _asked_for(found, event, clock), *_how_much(found, evidence, clock)]


def _agreed(found: Found, evidence: Evidence, clock: Clock) -> Iterator[str]:
    agreed = [version for version in evidence.versions if version.contract == found.contract]
    if not agreed:
        return
    first, newest = agreed[0], agreed[-1]
    when = "before the run began" if first.at_us < 0 else f"at {clock.at(first.at_us)}"
    amended = ""
    if newest.number > first.number and newest.at_us >= 0:
        amended = f", and last {newest.kind} at {clock.at(newest.at_us)} (version {newest.number})"
    yield f"{found.contract} was signed by {first.account} {when}{amended}."


def _asked_for(found: Found, event: Event | None, clock: Clock) -> str:
    system, what = system_words(found.instance), record_words(found.record)
    if event is None:
        by = "by itself, from its copy of the contract" if found.record in MAKER else f"of {found.key}"
        return f"{system} was to have {a(what)} {by}."
    told = f"{system_words(event.source)} told of {event.words} at {clock.at(event.at_us)} (event {event.id})"
    if found.record in MAKER:
        return f"{told}: from its copy, {system} was to make each {what} once, by itself."
    if event.version > 1:
        return f"{told}: with it, the {what} in {system} was to be at version {event.version}."
    return f"{told}: with it, {system} was to have one {what}{'' if found.call == event.key else f' of {found.call}'}."


def _how_much(found: Found, evidence: Evidence, clock: Clock) -> Iterator[str]:
    """By when, how much, and in which month."""
    due = [line for line in evidence.due if f"{line.contract}/v{line.version}/{line.what_for}" == found.key]
    if due:
        yield f"It was due at {clock.at(due[0].due_us)}: {money(due[0].minor, found.currency)}."
    elif group_of(found.kind) == "wrong" and found.record in IN_MONEY and minor_of(found.expected) is not None:
        yield f"It was to be {money(minor_of(found.expected) or 0, found.currency)}."
    elif found.amount_minor:
        yield f"It is about {money(found.amount_minor, found.currency)}."
    if found.period:
        locked = evidence.locks.get(found.period)
        until = "" if locked is None else f", which ERP locked at {clock.at(locked)}"
        yield f"It belongs to {found.period}{until}."
