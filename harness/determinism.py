"""The same run twice, in fresh processes under different hash seeds: the same fingerprint, or the first difference."""

import json
import os
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.replication import replicate
from scenarios.load import loads
from scenarios.resolved import dump
from scenarios.schema import Scenario
from sim.trace import COLUMNS

HASH_SEEDS = ("0", "1")


class Differs(Exception):
    """Two runs of one seed were not the same."""


def check(scenario: Scenario, layer: str, seed: int) -> str:
    """The fingerprint that both runs have. Raises Differs with the first record in which they part."""
    with TemporaryDirectory(prefix="tieout-") as folder:
        traces = [Path(folder) / f"trace-{number}" for number in HASH_SEEDS]
        order = json.dumps({"scenario": dump(scenario), "layer": layer, "seed": seed})
        prints = [_run(order, trace, hash_seed) for trace, hash_seed in zip(traces, HASH_SEEDS, strict=True)]
        if prints[0] != prints[1]:
            raise Differs(f"layer {layer}, seed {seed}: {_first_difference(*traces)}")
    return prints[0]


def _run(order: str, trace: Path, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-m", "harness.determinism", str(trace)],
        input=order, capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Differs(f"a run ended with {done.stderr.strip().splitlines()[-1:] or done.returncode}")
    return done.stdout.strip()


def _first_difference(one: Path, other: Path) -> str:
    with one.open(encoding="utf-8") as left, other.open(encoding="utf-8") as right:
        for number, (here, there) in enumerate(zip_longest(left, right), start=1):
            if here != there:
                return (
                    f"record {number} differs: {(here or 'nothing').strip()} under PYTHONHASHSEED={HASH_SEEDS[0]}, "
                    f"{(there or 'nothing').strip()} under {HASH_SEEDS[1]}"
                )
    return "the traces are equal and the fingerprints are not"


def _main(trace: Path) -> None:
    order = json.loads(sys.stdin.read())
    done = replicate(loads(order["scenario"], "scenario.yaml"), order["layer"], order["seed"])
    with trace.open("w", encoding="utf-8") as lines:
        for table in COLUMNS:
            for row in done.simulation.trace.rows(table):
                lines.write(f"{table} {row}\n")
    sys.stdout.write(done.document["fingerprint"] + "\n")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
