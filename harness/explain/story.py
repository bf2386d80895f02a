"""One break's story: what was meant, what happened, where the two part, what did it, what would have prevented it.

Pure functions over what the tables know: nothing is read, run or guessed here that they do not say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fakes.company import kind_of
from harness.audit.causes import LAYER
from harness.explain.amounts import arithmetic
from harness.explain.blame import cause, fault_of
from harness.explain.commits import MAKER, both, commit_of, committing, records_behind
from harness.explain.diagnosis import Diagnosis, diagnosis
from harness.explain.evidence import Event, Evidence, Found, Record
from harness.explain.happened import happened
from harness.explain.losses.answers import turned_away
from harness.explain.meant import event_wanted, meant
from harness.explain.origin import origin_of
from harness.explain.overtaking import Overtaking, overtaking, struck_there
from harness.explain.parting import parting
from harness.explain.repeats import Done, done_of, written_last, written_twice
from harness.explain.safeguards import against, group_of, prevention
from harness.explain.steps import parties_of, steps_of
from harness.explain.trails import Trail, trail_of
from harness.explain.whereabouts import last_seen
from harness.explain.words import Clock, record_words, system_words
from reports.result import FaultHits
from reports.story import BreakTold, Story
from reports.wording import spoken


@dataclass(frozen=True, slots=True)
class Setting:
    """What all stories of a run share: its clock, its planned faults, and the layer with the options it has.

    `built_in` says whether the layer speaks the words of `tieout layers`.
    """

    clock: Clock
    faults: Sequence[FaultHits]
    layer: str
    options: Mapping[str, str]
    built_in: bool


class _Time(NamedTuple):
    """One of the times that something was done which is there twice: its record, the call, and the call's trail."""

    record: Record
    done: Done
    way: Trail


def story_of(broken: Found, evidence: Evidence, setting: Setting, kin: Sequence[Found] = ()) -> Story:
    """The story of one break. `kin` are the other breaks of the same contract."""
    clock, group = setting.clock, group_of(broken.kind)
    trail = trail_of(evidence, broken.system, broken.call)
    event = event_wanted(broken, trail)
    overtaken = overtaking(trail) if group == "behind" else None
    found = _struck(broken, event, overtaken, trail, evidence, setting)
    records = records_behind(found, evidence)
    times = _times(found, records, trail, evidence)
    roots = _roots(found, kin)
    told = _follows(roots, evidence, setting) or diagnosis(
        found, event, trail, evidence, records, [time.done for time in times], overtaken, clock
    )
    found = _crashed(found, told, setting)
    commits = [commit_of(time.record, time.way, clock, time.done.call) for time in times]
    absent = group == "lost" or (group == "behind" and overtaken is None)
    seen = last_seen(trail, event, clock) if absent else None
    parted = parting(found, trail, records, overtaken, seen, clock)
    fault = fault_of(found, setting.faults, clock)
    documents = evidence.records_of(found.system, found.record, found.key) if found.record in MAKER else []
    ways = [trail, *(time.way for time in times), *(trail_of(evidence, one.system, one.call) for one in roots[-1:])]
    steps, left_out = steps_of(ways, [*records, *documents], clock, parts_us=parted.step_us)
    return Story(
        title=_title(found),
        of=_told(broken),
        meant=meant(found, event, evidence, clock),
        happened=happened(found, event, trail, records, commits, overtaken, clock),
        commits=commits,
        last_seen=seen.sentence if seen else "",
        arithmetic=arithmetic(found, evidence, list(dict.fromkeys(time.record for time in times))),
        currency=found.currency,
        parted=parted.sentence,
        parted_at=clock.at(parted.at_us),
        fault=fault,
        cause=cause(found, fault, trail, records, commits, seen, clock),
        mistake=told.mistake,
        did_wrong=told.sentences,
        safeguards=list(against(told.mistake, found.cause)),
        prevention=prevention(told.mistake, found.cause, setting.options, setting.layer, built_in=setting.built_in),
        parties=parties_of(steps),
        steps=steps,
        left_out=left_out,
    )


def _struck(
    found: Found, event: Event | None, overtaken: Overtaking | None, trail: Trail, evidence: Evidence, setting: Setting
) -> Found:  # fmt: skip
    """The break with the strike that its story is about, where that is another than the audit has chosen."""
    if overtaken is not None:
        return struck_there(found, overtaken, trail)
    if event is None or found.cause != LAYER or trail.called(event):
        return found
    refused = turned_away(event, trail, evidence)
    if refused is None or not refused.struck:
        return found
    call, kind = refused
    planned = (fault for fault in setting.faults if (fault["kind"], fault["target"]) == (kind, kind_of(call.system)))
    name = next((fault["name"] for fault in planned), kind)
    return found._replace(
        cause=kind, struck_us=call.sent_us, struck_by=name, struck_at=call.operation, struck_key=call.key
    )


def _crashed(found: Found, told: Diagnosis, setting: Setting) -> Found:
    """The break with the crash for its strike, where that is what brought it out and the audit has chosen another."""
    if told.crashed_us < 0 or found.cause in ("crash", "cutover"):
        return found
    name = next((fault["name"] for fault in setting.faults if fault["kind"] == "crash"), "crash")
    return found._replace(
        cause="crash", struck_us=told.crashed_us, struck_by=name, struck_at="layer.crash", struck_key=""
    )


def _times(found: Found, records: Sequence[Record], trail: Trail, evidence: Evidence) -> list[_Time]:
    """The two times that something was done, of what is there twice, or counted twice; at least the one known."""
    if found.kind == "double_applied_amendment":
        return [_Time(records[0], done, trail) for done in written_twice(trail) or written_last(trail)[-1:] if records]
    noted = evidence.records_of(found.system, "fulfilment", found.call)
    if group_of(found.kind) != "twice" and (group_of(found.kind) != "wrong" or len(noted) < 2):
        return []
    ways = [(record, _way(record, trail, evidence)) for record in both(records, found)]
    return [_Time(record, done_of(record, committing(record, way)), way) for record, way in ways]


def _roots(found: Found, kin: Sequence[Found]) -> list[Found]:
    """The break that this one is no more than an outcome of, if there is one; the one behind that, and so on."""
    roots: list[Found] = []
    origin = origin_of(found, kin)
    while origin is not None and origin not in roots:
        roots.append(origin)
        origin = origin_of(origin, [one for one in kin if one not in roots])
    return roots


def _follows(roots: Sequence[Found], evidence: Evidence, setting: Setting) -> Diagnosis | None:
    """The mistake behind the last of the breaks that one follows from, if it is known."""
    if not roots:
        return None
    story = story_of(roots[-1], evidence, setting)
    facts = (f"It follows from another break: {_title(one)}." for one in roots)
    return Diagnosis(story["mistake"], (*facts, *story["did_wrong"][1:])) if story["mistake"] else None


def _way(record: Record, trail: Trail, evidence: Evidence) -> Trail:
    """The trail on which a record was made: a customer's twin may be of another account."""
    known = record.record != "customer" or record.key == trail.key
    return trail if known else trail_of(evidence, record.system, record.key)


def _told(found: Found) -> BreakTold:
    return BreakTold(
        kind=found.kind, record=found.record, system=found.system, key=found.key, contract=found.contract,
        account=found.account, period=found.period, amount_minor=found.amount_minor, delta_minor=found.delta_minor,
        currency=found.currency, detail=found.detail, cause=found.cause,
    )  # fmt: skip


_TITLES = {
    "twice": "is there more than once in",
    "lost": "is missing in",
    "behind": "is behind what was agreed, in",
    "late": "came too late in",
    "wrong": "is wrong in",
}


def _title(found: Found) -> str:
    """`Duplicate: order C-000088 is there more than once in ERP`."""
    what = f"{record_words(found.record)} {found.key}"
    kind = spoken(found.kind).capitalize()
    return f"{kind}: {what} {_TITLES[group_of(found.kind)]} {system_words(found.system)}"
