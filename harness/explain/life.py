"""The whole life of a contract, an account or a document that has no break: what was agreed, and what became of it."""

from collections.abc import Sequence

from fakes.names import kind_of
from harness.explain.evidence import DONE, Evidence
from harness.explain.steps import parties_of, steps_of
from harness.explain.story import Setting
from harness.explain.trails import Trail, trail_of
from harness.explain.words import Clock, ended, record_words, system_words
from harness.layer import TARGETS
from reports.story import Story
from reports.wording import listing, money, several


def life_of(key: str, belonging: Sequence[str], evidence: Evidence, setting: Setting) -> Story:
    """The story of `key` and all that belongs to it."""
    clock = setting.clock
    trails = [trail_of(evidence, target, each) for each in belonging for target in TARGETS]
    trails = [trail for trail in trails if trail.events]
    records = sorted((record for record in evidence.records if record.key in belonging), key=lambda one: one.at_us)
    steps, left_out = steps_of(trails, records, clock, parts_us=None)
    return Story(
        title=f"{key}: nothing is broken",
        of=None,
        meant=_agreed(evidence, clock),
        happened=[*_became(evidence, belonging), *_troubles(trails)],
        commits=[],
        last_seen="",
        arithmetic=[],
        currency=evidence.versions[0].currency if evidence.versions else "USD",
        parted="Nowhere: the books say what was agreed.",
        fault=None,
        cause="",
        mistake="",
        did_wrong=[],
        safeguards=[],
        prevention="",
        parties=parties_of(steps),
        steps=steps,
        left_out=left_out,
    )


def _agreed(evidence: Evidence, clock: Clock) -> list[str]:
    """Each version of each contract."""
    told = []
    for version in evidence.versions:
        when = f"at {clock.at(version.at_us)}" if version.at_us >= 0 else "before the run began"
        change = f", {money(version.minor, version.currency)}" if version.minor else ""
        told.append(
            f"{version.contract} version {version.number}: {version.kind} by {version.account} {when}, "
            f"{several(version.quantity, 'unit')}{change}."
        )
    return told


def _became(evidence: Evidence, belonging: Sequence[str]) -> list[str]:
    """How many records each system has of it, and what they come to."""
    counts: dict[tuple[str, str], list[int]] = {}
    for record in evidence.records:
        if record.key in belonging:
            counts.setdefault((kind_of(record.system), record.record), []).append(record.minor or 0)
    currency = evidence.versions[0].currency if evidence.versions else "USD"
    told = [
        f"{len(minors):,} × {record_words(record)} in {system_words(system)}"
        + (f" ({money(sum(minors), currency)})" if any(minors) else "")
        for (system, record), minors in sorted(counts.items())
    ]
    return [f"The systems have of it: {listing(told)}."] if told else ["No system has a record of it."]


def _troubles(trails: Sequence[Trail]) -> list[str]:
    """What went wrong on the way and did no harm."""
    failed = {call.id: call for trail in trails for call in trail.calls if call.outcome not in DONE}
    repeated = {one for trail in trails for one in trail.deliveries if one.outcome == "repeated"}
    told = []
    if failed:
        ways = list(dict.fromkeys(ended(call) for call in failed.values()))
        told.append(f"{several(len(failed), 'call')} came to nothing at first ({listing(ways[:3])}), and did no harm.")
    if repeated:
        told.append(f"{several(len(repeated), 'event')} came once more, and did no harm.")
    return told
