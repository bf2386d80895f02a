"""The same run twice, in fresh processes under different hash seeds: the same in all it says, or the first difference.

A run says its trace, record by record, and its document. `check` starts this module as a program twice.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness.attempts import attempt
from harness.endings import Differs, RunFailed, Surroundings
from harness.replication import replicate
from harness.workers import interrupts_held_back
from scenarios.compile import calendar_of
from scenarios.load import loads
from scenarios.resolved import dump
from scenarios.schema import Scenario
from sim.trace import COLUMNS

HASH_SEEDS = ("0", "1")
INSTANT = {"calls": "sent_us", "events": "committed_us", "deliveries": "arrived_us", "notes": "at_us"}
"""When a record of each table happened: what tells which of several differences came first."""

SHOWN_MAX = 200
ORDER, DOCUMENT, ERROR = "order.json", "document.json", "error.json"


def check(scenario: Scenario, layer: str, seed: int) -> str:
    """The fingerprint that both runs have.

    Raises Differs with the first record in which they part, or RunFailed if a run does not come to its end.
    """
    with TemporaryDirectory(prefix="tieout-") as scratch:
        folders = [Path(scratch) / f"hash-seed-{number}" for number in HASH_SEEDS]
        for folder in folders:
            folder.mkdir()
            order = {"scenario": dump(scenario), "layer": layer, "seed": seed}
            (folder / ORDER).write_text(json.dumps(order), encoding="utf-8")
        _run_side_by_side(folders)
        documents = [json.loads((folder / DOCUMENT).read_text(encoding="utf-8")) for folder in folders]
        where = f"{scenario.name}, {layer}, seed {seed}"
        if documents[0]["fingerprint"] != documents[1]["fingerprint"]:
            raise Differs(_explained(where, first_record(folders, scenario)))
        difference = next(_differing(*documents), None)
        if difference:
            raise Differs(_explained(where, f"the traces are equal, but {difference}"))
    fingerprint: str = documents[0]["fingerprint"]
    return fingerprint


def _run_side_by_side(folders: list[Path]) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    running: list[subprocess.Popen[bytes]] = []
    try:
        with interrupts_held_back():
            for folder, hash_seed in zip(folders, HASH_SEEDS, strict=True):
                running.append(_begin(folder, {**environment, "PYTHONHASHSEED": hash_seed}))
        for process, folder in zip(running, folders, strict=True):
            status = process.wait()
            if (folder / ERROR).is_file():
                raise RunFailed(*json.loads((folder / ERROR).read_text(encoding="utf-8")))
            if status:
                raise Surroundings(f"a process of the determinism check was ended from outside, with status {status}")
    finally:
        for process in running:
            process.kill()
            process.wait()


def _begin(folder: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    # -P: the folder we are in must not come before our own packages.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "harness.determinism", str(folder)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _explained(where: str, difference: str) -> str:
    return (
        f"{where}: determinism violated between PYTHONHASHSEED={HASH_SEEDS[0]} and {HASH_SEEDS[1]}: {difference}; "
        "look for iteration over sets, id(), hash(), the wall clock, random or threads in the layer"
    )


def first_record(folders: list[Path], scenario: Scenario) -> str:
    """The earliest record in which two traces differ, in virtual time."""
    calendar = calendar_of(scenario)
    found: list[tuple[int, str]] = []
    for table in COLUMNS:
        for number, (here, there) in enumerate(zip_longest(*(_records(folder, table) for folder in folders)), start=1):
            if here != there:
                at_us = min(record[INSTANT[table]] for record in (here, there) if record)
                when = calendar.local(at_us).strftime("%Y-%m-%d %H:%M:%S")
                found.append((at_us, f"{table} record {number}, {when}, is {_shown(here)} and {_shown(there)}"))
                break
    return f"the first difference is that {min(found)[1]}" if found else "the fingerprints differ, but no record does"


def _records(folder: Path, table: str) -> Iterator[dict[str, Any]]:
    names = [column.partition(":")[0] for column in COLUMNS[table]]
    with (folder / table).open(encoding="utf-8") as lines:
        for line in lines:
            yield dict(zip(names, json.loads(line), strict=True))


def _shown(record: dict[str, Any] | None) -> str:
    return f"({', '.join(f'{name}={value}' for name, value in record.items())})" if record else "missing"


def _differing(one: Any, other: Any, place: str = "document") -> Iterator[str]:
    """Where two documents differ, in order, and in what."""
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        for name in one:
            yield from _differing(one[name], other[name], f"{place}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for position, (here, there) in enumerate(zip(one, other, strict=True)):
            yield from _differing(here, there, f"{place}.{position}")
    elif (here := json.dumps(one)) != (there := json.dumps(other)):
        yield f"{place} is {here[:SHOWN_MAX]} and {there[:SHOWN_MAX]}"


def _main(folder: Path) -> None:
    order = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    scenario = loads(order["scenario"], "scenario.yaml")
    try:
        with attempt(scenario.name, order["layer"], order["seed"]):
            done = replicate(scenario, order["layer"], order["seed"])
    except RunFailed as failed:
        (folder / ERROR).write_text(json.dumps(failed.args), encoding="utf-8")
        return
    for table in COLUMNS:
        with (folder / table).open("w", encoding="utf-8") as lines:
            lines.writelines(f"{json.dumps(row)}\n" for row in done.simulation.trace.rows(table))
    (folder / DOCUMENT).write_text(json.dumps({**done.document, "wall_s": 0}), encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
