"""What a hunt came to, as one document."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.hunting.kept import SCHEMA
from harness.hunting.search import Hunt
from harness.hunting.trophy import Trophy
from harness.hunting.trying import Tried


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


def document_of(hunt: Hunt, hunted: Mapping[str, Any], find: Find | None, *, complete: bool) -> dict[str, Any]:
    """The document of a hunt for what `hunted` says; it is not `complete` if it was interrupted."""
    return {
        "schema": SCHEMA,
        **hunted,
        "runs": hunt.runs,
        "places": len(hunt.places),
        "complete": complete,
        "found": find and find.document(),
    }
