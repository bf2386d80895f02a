"""One break's story: what was meant, what happened, where the two part, what did it, what would have prevented it.

Pure functions over what the tables know: nothing is read, run or guessed here that they do not say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fakes.names import kind_of
from harness.audit.causes import LAYER
from harness.explain.amounts import arithmetic
from harness.explain.blame import also_on, cause, fault_of
from harness.explain.commits import MAKER, both, commit_of, committing, records_behind
from harness.explain.diagnosis import Diagnosis, diagnosis
from harness.explain.evidence import Event, Evidence, Found, Record
from harness.explain.happened import happened
from harness.explain.losses.answers import turned_away
from harness.explain.meant import event_wanted, meant
from harness.explain.origin import roots_of
from harness.explain.overtaking import Overtaking, overtaking, struck_there
from harness.explain.parting import Parting, parting
from harness.explain.repeats import Done, done_of, written_last, written_twice
from harness.explain.safeguards import against, group_of, prevention
from harness.explain.steps import parties_of, steps_of
from harness.explain.trails import Trail, trail_of
from harness.explain.whereabouts import Seen, last_seen
from harness.explain.words import Clock, record_words, system_words
from reports.result import FaultHits
from reports.story import BreakTold, Commit, FaultTold, Story
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


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was found out of one break: its way, what was to come of it, the mistake, and where and why it parts."""

    found: Found
    trail: Trail
    event: Event | None
    overtaken: Overtaking | None
    records: list[Record]
    times: list[_Time]
    commits: list[Commit]
    seen: Seen | None
    told: Diagnosis
    parted: Parting
    fault: FaultTold | None
    cause: str


def _read(broken: Found, evidence: Evidence, setting: Setting) -> _Reading:
    """Find out about a break, by itself."""
    clock, group = setting.clock, group_of(broken.kind)
    trail = trail_of(evidence, broken.system, broken.call)
    event = event_wanted(broken, trail)
    overtaken = overtaking(trail) if group == "behind" else None
    found = _struck(broken, event, overtaken, trail, evidence, setting)
    records = records_behind(found, evidence)
    times = _times(found, records, trail, evidence)
    told = diagnosis(found, event, trail, evidence, records, [time.done for time in times], overtaken, clock)
    found = _crashed(found, told, setting)
    commits = [commit_of(time.record, time.way, clock, time.done.call) for time in times]
    absent = group == "lost" or (group == "behind" and overtaken is None)
    seen = last_seen(trail, event, clock) if absent else None
    parted = parting(found, trail, records, overtaken, seen, clock)
    fault = fault_of(found, setting.faults, clock)
    why = cause(found, fault, trail, records, commits, seen, clock)
    if fault is None and found.cause == LAYER:
        why += also_on(setting.faults, parted.at_us)
    return _Reading(found, trail, event, overtaken, records, times, commits, seen, told, parted, fault, why)


def story_of(broken: Found, evidence: Evidence, setting: Setting, kin: Sequence[Found] = ()) -> Story:
    """The story of one break. `kin` are the other breaks of the same contract: of what is no more than an outcome of
    another one, that says where it parts, and why.
    """
    clock = setting.clock
    own = _read(broken, evidence, setting)
    found, roots = own.found, roots_of(own.found, kin)
    root = _read(roots[-1], evidence, setting) if roots else own
    if not root.told.mistake:
        root, roots = own, []
    told, parted = root.told, root.parted
    documents = evidence.records_of(found.system, found.record, found.key) if found.record in MAKER else []
    ways = list({id(way): way for way in (own.trail, *(time.way for time in own.times), root.trail)}.values())
    made = dict.fromkeys([*own.records, *documents, *root.records])
    steps, left_out = steps_of(ways, made, clock, parts_us=parted.step_us)
    return Story(
        title=_title(found),
        of=_told(broken),
        meant=meant(found, own.event, evidence, clock),
        happened=happened(found, own.event, own.trail, own.records, own.commits, own.overtaken, clock),
        commits=own.commits,
        last_seen=own.seen.sentence if own.seen else "",
        arithmetic=arithmetic(found, evidence, list(dict.fromkeys(time.record for time in own.times))),
        currency=found.currency,
        parted=parted.sentence,
        parted_at=clock.at(parted.at_us),
        fault=root.fault,
        cause=root.cause,
        mistake=told.mistake,
        did_wrong=_did_wrong(told, roots),
        safeguards=list(against(told.mistake, root.found.cause)),
        prevention=prevention(
            told.mistake, root.found.cause, setting.options, setting.layer, built_in=setting.built_in
        ),
        parties=parties_of(steps),
        steps=steps,
        left_out=left_out,
    )


def _did_wrong(told: Diagnosis, roots: Sequence[Found]) -> list[str]:
    """What the layer did wrong, and the facts: of the last of those breaks that this one follows from, if there are."""
    first, facts = told.sentences[:1], told.sentences[1:]
    further = [f"It follows from another break: {_title(one)}." for one in roots[:-1]]
    last = [f"It follows from another break, of which the rest is told: {_title(one)}." for one in roots[-1:]]
    return [*first, *further, *last, *facts]


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
    is_ = "is not applied as it names, in" if found.kind == "unapplied_cash" else _TITLES[group_of(found.kind)]
    return f"{kind}: {what} {is_} {system_words(found.instance)}"
