"""What a hunt looks for: the ways in which a run breaks what is expected of it.

Unless it is told thresholds, it holds the layer to what every layer can promise: that nothing is done twice or wrong,
whatever goes wrong; and that nothing is missing once everything works again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from harness.audit import Audit
from harness.audit.breaks import Break
from harness.audit.causes import LAYER
from harness.endings import NeverEnds, RunFailed
from harness.expectations import check, threshold_of
from harness.sweeps.trial import ABSENT, LATE, told_of
from reports.thresholds import seen_value

SAFE = "nothing is done twice or wrong"
WHOLE = "nothing is missing once everything works again"
ENDS = "the layer's code comes to the end of the run"

POSTINGS = ("open_item", "journal_entry", "payment")

PROMISES: Mapping[str, str] = {SAFE: "safe", WHOLE: "whole", ENDS: "ends"}
"""What a layer is held to that is told no thresholds, and the name of each."""


class Finding(NamedTuple):
    """One expectation that is broken, the way in which it is, and what was seen, for people.

    `kinds` are the kinds of break that it shows in: what a scenario may not have, that keeps it.
    """

    expectation: str
    way: str
    told: str
    kinds: tuple[str, ...] = ()

    def is_like(self, other: "Finding") -> bool:
        """Whether the same expectation is broken the same way."""
        return (self.expectation, self.way) == (other.expectation, other.way)


def of_audit(
    audit: Audit, *, due_us: int, locked_us: Mapping[int, int] = MappingProxyType({}), whole: bool = True
) -> tuple[Finding, ...]:
    """The promises that these books break, the worse first; each way once.

    What comes late is no broken promise, unless it is a posting that nothing held up, or one that was made while its
    month was still open: `locked_us` says when each was closed. Nothing has to be there where it cannot be `whole`, nor
    what has been due since `due_us` alone.
    """
    found: dict[tuple[str, str], Finding] = {}
    unlike = {one.contract for one in audit.open if one.system == "revenue" and one.record != "recognition"}
    for one in sorted(audit.open, key=lambda one: one.kind in ABSENT):  # a timing difference clears by itself
        if _late(one, locked_us) or (_of_old_news(one) and one.contract not in unlike):
            continue
        if one.kind not in ABSENT or (whole and one.since_us <= due_us):
            promise = WHOLE if one.kind in ABSENT else SAFE
            found.setdefault((promise, _way(one)), Finding(promise, _way(one), told_of(one), (one.kind,)))
    return tuple(found.values())


def _late(found: Break, locked_us: Mapping[int, int]) -> bool:
    """Whether all of it is there, and some came after its month for a reason."""
    if found.kind not in LATE or found.record not in POSTINGS:
        return found.kind in LATE
    in_time = found.period is not None and found.since_us < locked_us.get(found.period, found.since_us + 1)
    return found.cause != LAYER and not in_time


def _of_old_news(found: Break) -> bool:
    """Whether revenue lacks something. If all that it comes of is there by now, that came after the last run."""
    return found.record == "recognition" and (found.kind in ABSENT or found.delta_minor < 0)


def of_document(document: Mapping[str, Any], thresholds: Sequence[tuple[str, str]]) -> tuple[Finding, ...]:
    """The thresholds, each a metric and a text, that a run's document does not hold."""
    kinds = Counter(document["breaks"]["by_kind"])
    most = max(sorted(kinds), key=kinds.__getitem__, default="")
    verdicts = check([threshold_of(*threshold) for threshold in thresholds], document)
    broken: list[Any] = [each.entry() for each in verdicts if not each.held]
    return tuple(Finding(each["name"], most, f"{each['name']}: seen {seen_value(each)}") for each in broken)


def of_failure(failed: RunFailed) -> Finding:
    """That an error ended the run: which, and in which of the layer's functions, wherever that file lies."""
    way = failed.cause if failed.details else "a law of the simulated world"
    if isinstance(failed, NeverEnds):
        way = "it never waits"  # whichever of its lines is met
    return Finding(ENDS, way, f"{failed.layer}: {failed.cause}")


def _way(found: Break) -> str:
    return f"{found.kind.replace('_', ' ')}: {found.record.replace('_', ' ')} in {found.system}"
