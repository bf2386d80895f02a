"""What a hunt came to, as one document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.hunting.findings import PROMISES
from harness.hunting.kept import SCHEMA
from harness.hunting.search import Hunt
from harness.hunting.trophy import Trophy
from harness.hunting.trying import Thresholds, Tried
from harness.replication import program_version
from reports.wording import several


@dataclass(frozen=True, slots=True)
class Find:
    """What was found: what is kept of it, and in which file; its smallest trial, which took so many runs."""

    kept: Trophy
    file: Path
    small: Tried
    runs: int

    def document(self) -> dict[str, Any]:
        """Its part of the document."""
        kept, small = self.kept, self.small
        return {
            "expectation": kept.finding.expectation,
            "way": kept.finding.way,
            "told": kept.finding.told,
            "contracts": len(small.contracts),
            "keys": list(small.contracts),
            "faults": list(small.trial.faults),
            "scenario_file": str(self.file),
            "token": kept.token(),
            "replay": kept.command(self.file),
            "test": kept.test(),
            "shrinking_runs": self.runs,
        }

    def shown(self) -> dict[str, Any]:
        """What breaks a promise, in the words of a conformance run."""
        what = (
            f"{several(len(self.small.contracts), 'contract')}, {' and '.join(self.small.trial.faults) or 'no fault'}"
        )
        return {"what": what, "found": [self.kept.finding.told], "replay": self.kept.command(self.file)}


def document_of(
    hunt: Hunt, hunted: Mapping[str, Any], thresholds: Thresholds, find: Find | None, *, complete: bool
) -> dict[str, Any]:
    """The document of a hunt for what `hunted` says; it is not `complete` if it was interrupted.

    Its `promises` are as those of a conformance run: what the layer was held to, and whether that held throughout.
    """
    promises = list(_promises(hunt, thresholds, find))
    return {
        "schema": SCHEMA,
        "tieout": program_version(),
        **hunted,
        "runs": hunt.runs,
        "places": len(hunt.places),
        "complete": complete,
        "held": all(each["held"] for each in promises) if promises else None,
        "promises": promises,
        "found": find and find.document(),
    }


def _promises(hunt: Hunt, thresholds: Thresholds, find: Find | None) -> Iterator[dict[str, Any]]:
    """A promise each; none, if nothing was tried."""
    if not hunt.places and not find:
        return
    said = {f"{metric} {text}": "expected" for metric, text in thresholds} or PROMISES
    broken = find.kept.finding.expectation if find else ""
    for says, name in {**said, **({broken: PROMISES.get(broken, "expected")} if find else {})}.items():
        breaks = [find.shown()] if find and says == broken else []
        yield {
            "name": name,
            "says": says,
            "held": not breaks,
            "runs": hunt.runs,
            "broken": len(breaks),
            "breaks": breaks,
        }
