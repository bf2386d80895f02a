"""What a hunt keeps between two sessions: how many candidates it has tried, where they have been, and the corpus."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.endings import Invalid
from harness.hunting.search import Hunt
from harness.run_dir import write_file
from harness.sweeps.trial import Trial

SCHEMA = "tieout.hunt/1"
FILE = "hunt.json"


def resume(hunt: Hunt, folder: Path, hunted: dict[str, Any]) -> bool:
    """Go on where the hunt in that folder stopped; whether there was one.

    Raises Invalid if it is another hunt's: `hunted` says what for, and where.
    """
    file = folder / FILE
    if not file.is_file():
        return False
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        before, runs, places, settled = (kept[name] for name in ("hunted", "runs", "places", "settled"))
        trials = [Trial(**{**each, "overrides": tuple(each["overrides"]), "faults": tuple(each["faults"])})
                  for each in kept["corpus"]]  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{file} is no hunt's ({error!r}): remove it, or name another folder with --corpus") from None
    if before != hunted:
        differs = ", ".join(name for name in hunted if before.get(name) != hunted[name])
        raise Invalid(f"{file} is another hunt's, whose {differs} differs: name another folder with --corpus")
    hunt.runs, hunt.places, hunt.corpus, hunt.settled = runs, set(places), trials, settled
    return True


def keep(hunt: Hunt, folder: Path, hunted: dict[str, Any]) -> None:
    """Write down how far a hunt is."""
    document = {
        "schema": SCHEMA,
        "hunted": hunted,
        "runs": hunt.runs,
        "settled": hunt.settled,
        "places": sorted(hunt.places),
        "corpus": [asdict(each) for each in hunt.corpus],
    }
    write_file(folder / FILE, json.dumps(document, indent=1), "name another folder with --corpus")
