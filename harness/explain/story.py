"""One break's story: what was meant, what happened, where the two part, what did it, what would have prevented it.

Pure functions over what the tables know: nothing is read, run or guessed here that they do not say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.explain.amounts import arithmetic
from harness.explain.blame import cause, fault_of
from harness.explain.commits import MAKER, both, commit_of, records_behind
from harness.explain.evidence import Evidence, Found, Record, Trail, trail_of
from harness.explain.happened import happened
from harness.explain.meant import event_wanted, meant
from harness.explain.overtaking import overtaking, struck_there
from harness.explain.parting import parting
from harness.explain.safeguards import against, group_of, prevention
from harness.explain.steps import parties_of, steps_of
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


def story_of(found: Found, evidence: Evidence, setting: Setting) -> Story:
    """The story of one break."""
    clock, group = setting.clock, group_of(found.kind)
    trail = trail_of(evidence, found.system, found.call)
    event = event_wanted(found, trail)
    records = records_behind(found, evidence)
    twins = both(records, found) if group == "twice" else []
    ways = {record.id: _way(record, trail, evidence) for record in twins}
    commits = [commit_of(record, ways[record.id], clock) for record in twins]
    overtaken = overtaking(trail) if group == "behind" else None
    if overtaken is not None:
        found = struck_there(found, overtaken, trail)
    absent = group == "lost" or (group == "behind" and overtaken is None)
    seen = last_seen(trail, event, clock) if absent else None
    parted = parting(found, trail, records, overtaken, seen, clock)
    fault = fault_of(found, setting.faults, clock)
    safeguards = against(found.kind, found.cause, overtaken=overtaken is not None, place=seen.place if seen else "")
    documents = evidence.records_of(found.system, found.record, found.key) if found.record in MAKER else []
    steps, left_out = steps_of([trail, *ways.values()], [*records, *documents], clock, parts_us=parted.step_us)
    return Story(
        title=_title(found),
        of=_told(found),
        meant=meant(found, event, evidence, clock),
        happened=happened(found, event, trail, records, commits, overtaken, clock),
        commits=commits,
        last_seen=seen.sentence if seen else "",
        arithmetic=arithmetic(found, evidence, twins),
        currency=found.currency,
        parted=parted.sentence,
        parted_at=clock.at(parted.at_us),
        fault=fault,
        cause=cause(found, fault, trail, records, commits, seen, clock),
        safeguards=list(safeguards),
        prevention=prevention(
            found.kind, found.cause, safeguards, setting.options, setting.layer, built_in=setting.built_in
        ),
        parties=parties_of(steps),
        steps=steps,
        left_out=left_out,
    )


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
