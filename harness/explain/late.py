"""The story of an event that was slow to reach a target: what it waited for, longest where, and what held it up there.

There is no break to tell of, but an expectation of how fast things arrive does not hold: the slowest says why.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fakes.names import kind_of
from harness.explain.blame import cause, fault_of
from harness.explain.evidence import OF_THE_LAYER, TAKEN, Call, Event, Evidence, Found, Note, Slow
from harness.explain.happened import way
from harness.explain.steps import parties_of, steps_of
from harness.explain.story import Setting
from harness.explain.trails import Trail, trail_of
from harness.explain.words import called, lasted, system_words
from reports.story import Story
from reports.wording import several


class Wait(NamedTuple):
    """A part of the way: from when until when, where the event was, and what would have made that shorter."""

    from_us: int
    until_us: int
    where: str
    instead: str

    @property
    def lasted_us(self) -> int:
        return self.until_us - self.from_us


def slow_flow(expectation: Mapping[str, Any]) -> str | None:
    """What the names of those flows have in them whose slowest event broke an expectation; None if none did."""
    if expectation["held"]:
        return None
    name, _, part = expectation["name"].partition(" ")[0].partition(".")
    return {
        "event_lag": part,
        "invoice_delay": "invoice->erp" if part == "posted" else None,
        "amendment_sync_time": "amendment->",
        "freshness": f"->{part}" if part else "",
    }.get(name)


def late_of(slow: Slow, expected: Sequence[str], ends_us: int, evidence: Evidence, setting: Setting) -> Story:
    """The story of a slow event. `expected` is what does not hold, `evidence` also has what was struck meanwhile."""
    clock, (_, event, target, reflected_us) = setting.clock, slow
    trail = trail_of(evidence, target, event.key)
    arrived_us = reflected_us if reflected_us >= 0 else ends_us
    wait = max(_waits(event, trail, arrived_us), key=lambda one: one.lasted_us)
    found = _struck(slow, trail, evidence, wait, setting)
    fault = fault_of(found, setting.faults, clock)
    records = [one for one in evidence.records if one.key == event.key and kind_of(one.system) == kind_of(target)]
    steps, left_out = steps_of([trail], records, clock, parts_us=wait.from_us)
    system, whole = system_words(target), lasted(arrived_us - event.at_us)
    arrived = f"It was in {system} at {clock.at(arrived_us)}, {whole} after it had been told of."
    if reflected_us < 0:
        arrived = f"It was not in {system} by the end, {whole} after it had been told of."
    did = f"No fault struck it: it was {wait.where}."
    if fault is not None:
        did = cause(found, fault, trail, records, [], None, clock)
    return Story(
        title=f"Late: {event.words} took {whole} to {system}",
        of=None,
        meant=[
            f"{system_words(event.source)} told of {event.words} at {clock.at(event.at_us)} (event {event.id}), for "
            f"{system} to have.",
            *(f"It was expected that {each}." for each in expected),
        ],
        happened=[*way(event, trail), arrived],
        commits=[],
        last_seen="",
        arithmetic=[],
        currency=evidence.versions[0].currency if evidence.versions else "USD",
        parted=(
            f"From {clock.at(wait.from_us)} to {clock.at(wait.until_us)} it was {wait.where}: "
            f"{lasted(wait.lasted_us)} of the {whole}."
        ),
        parted_at=clock.at(wait.from_us),
        fault=fault,
        cause=did,
        mistake="",
        did_wrong=[],
        safeguards=[],
        prevention=wait.instead,
        parties=parties_of(steps),
        steps=steps,
        left_out=left_out,
    )  # fmt: skip


def _waits(event: Event, trail: Trail, arrived_us: int) -> list[Wait]:
    """The parts of the way, in their order: told of, in the layer's hands, tried, done."""
    system = system_words(trail.target)
    calls = [call for call in trail.called(event) if call.sent_us <= arrived_us]
    did = next((call for call in calls if call.writes and call.committed_us == arrived_us), None)
    taken = [one.at_us for one in trail.told(event) if one.outcome in TAKEN]
    sent_us = [call.sent_us for call in calls]
    taken_us = min([*taken, *sent_us, arrived_us])
    first_us = min([*sent_us, arrived_us])
    last_us = did.sent_us if did else max([*sent_us, first_us])
    return [
        Wait(
            event.at_us, taken_us, "on its way to the layer, which had not taken it yet",
            "Reading from the source as well, now and then, so that nothing waits for being told of.",
        ),
        Wait(
            taken_us, first_us, f"in the layer's hands, before any call at {system} for it",
            "Carrying more at once, and in order by business key alone: what is held up then holds up nothing else.",
        ),
        Wait(
            first_us, last_us, f"tried at {system}{_times(calls, did)}",
            "Trying again sooner once the target is back: shorter waits between tries, or a look whether it is there.",
        ),
        Wait(
            last_us, arrived_us, f"in {system}'s hands{f', by {called(did)}' if did else ''}",
            "Asking less of the target at a time, or more of whoever runs it: this was its own time.",
        ),
    ]  # fmt: skip


def _times(calls: Sequence[Call], did: Call | None) -> str:
    tries = [call for call in calls if did is None or call.sent_us < did.sent_us]
    return f", {several(len(tries), 'call')} before the one that did it" if tries else ""


def _struck(slow: Slow, trail: Trail, evidence: Evidence, wait: Wait, setting: Setting) -> Found:
    """The event as what a fault has struck, if one did while it waited longest: itself, the layer or the target."""
    event, target = slow.event, slow.target
    found = Found(
        kind="late", system=target, record="", key=event.key, contract=None, account=None, period=None, amount_minor=0,
        delta_minor=0, currency="USD", expected=None, actual=None, since_us=event.at_us, cause="layer", detail="",
        call=event.key, source=event.source,
    )  # fmt: skip
    kinds = {fault["kind"] for fault in setting.faults}
    meanwhile = [note for note in evidence.notes if note.what in kinds and wait.from_us <= note.at_us <= wait.until_us]
    near = [(_nearness(note, event, target), note.at_us, note) for note in meanwhile]
    known = sorted((each for each in near if each[0] < FAR), key=lambda each: each[:2])
    if not known:
        return found
    note = known[0][2]
    planned = [fault for fault in setting.faults if fault["kind"] == note.what]
    there = [fault for fault in planned if fault["target"] == kind_of(note.where.partition(".")[0])]
    name = (there or planned)[0]["name"]
    return found._replace(
        cause=note.what, struck_us=note.at_us, struck_by=name, struck_at=note.where, struck_key=note.key
    )


FAR = 4
"""What was struck has nothing to do with the event."""


def _nearness(note: Note, event: Event, target: str) -> int:
    """How near what was struck is to an event on its way to a target, from 0 on."""
    there = kind_of(note.where.partition(".")[0]) == kind_of(target)
    if note.key == event.key and (note.where == event.type or there):
        return 0
    if note.cause == event.id:
        return 1
    if note.where in OF_THE_LAYER:
        return 2
    return 3 if there else FAR
