"""What a finished run or comparison leaves behind: its documents, its tables, its report and its figures."""

import json
import platform
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness.explain import stories_of_breaks
from harness.replication import RUN_SCHEMA, Replication
from harness.run_dir import MANIFEST, MANIFEST_SCHEMA, replace_file, write_json
from harness.run_tables import write_tables
from reports.breaklist import breaks_to_tell
from reports.page import render
from scenarios.compile import calendar_of
from scenarios.resolved import dump
from scenarios.schema import Scenario

REPORT = "report.html"
FIGURES = "figures"
NAME_MAX = 80
COMPARE = "compare.json"
ABLATE = "ablate.json"
DECIDING = ("simpy", "pydantic", "PyYAML", "Faker", "holidays", "tzdata", "numpy")
"""The packages whose version may decide what a run does."""


def write_run(folder: Path, document: dict[str, Any], replication: Replication, scenario: Scenario) -> None:
    """Fill a run's directory."""
    write_json(folder / "run.json", document)
    write_tables(folder, replication)
    _write_surroundings(folder, document, scenario, [document])
    write_report(folder, document)


def write_several(
    folder: Path, name: str, document: dict[str, Any], runs: Sequence[dict[str, Any]], scenario: Scenario
) -> None:
    """Fill the directory of several runs, their document under this name; each run's own goes below `runs/`."""
    write_json(folder / name, document)
    for run in runs:
        place = folder / "runs" / file_name(f"{run['layer']}-seed{run['seed']}")
        place.mkdir(parents=True)
        write_json(place / "run.json", run)
    _write_surroundings(folder, document, scenario, runs)
    write_report(folder, document)


def write_report(folder: Path, document: Any) -> None:
    """Write the page, and its figures as files of their own."""
    from reports.figures import files  # noqa: PLC0415  # half a second that help and bad input need not wait for

    drawn = files(document)
    told = document["schema"] == RUN_SCHEMA
    stories = stories_of_breaks(folder, document, breaks_to_tell(document)) if told else []
    replace_file(folder / REPORT, render(document, drawn, stories).encode())
    figures = folder / FIGURES
    figures.mkdir(exist_ok=True)
    for name, figure in drawn.items():
        replace_file(figures / name, figure)


def file_name(text: str) -> str:
    """The text as the name of a file or folder."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in text)


def folder_name(text: str, identity: Any) -> str:
    """The text as the name of a folder that no other `identity`, a JSON value, has."""
    unique = blake2b(json.dumps(identity).encode(), digest_size=4).hexdigest()
    return f"{file_name(text)[:NAME_MAX]}-{unique}"


def _write_surroundings(
    folder: Path, document: Mapping[str, Any], scenario: Scenario, runs: Sequence[Mapping[str, Any]]
) -> None:
    """Write what reproduces the result: the scenario as it was resolved, and the manifest."""
    (folder / "scenario.yaml").write_text(dump(scenario), encoding="utf-8")
    write_json(folder / MANIFEST, manifest(document, scenario, runs))


def manifest(document: Mapping[str, Any], scenario: Scenario, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What ran, on what, and what came out: enough to run it again and to see whether it is the same.

    `layer`, `layer_options`, `seed` and `fingerprint` are those of the one run, or of each of a comparison's.
    """
    identity = ("layer", "layer_options", "seed", "fingerprint")
    told = [{name: run[name] for name in identity} for run in runs]
    calendar = calendar_of(scenario)
    first, last = calendar.day_of(0), calendar.day_of(calendar.end_us)
    return {
        "schema": MANIFEST_SCHEMA,
        "holds": document["schema"],
        "tieout": document["tieout"],
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in DECIDING},
        "command": document["settings"]["command"],
        "scenario": scenario.name,
        "scenario_digest": runs[0]["scenario_digest"],
        "holidays": [str(day) for day in calendar.holidays if first <= day.toordinal() <= last],
        **(told[0] if document["schema"] == "tieout.run/1" else {"runs": told}),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
