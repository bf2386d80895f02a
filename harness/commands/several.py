"""What the commands share that do many runs: the seeds asked for, the runs with their progress, and how they end."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from harness import console
from harness.commands.conclusion import judge, tell, write_results
from harness.commands.options import SEED, Options
from harness.comparison import Runs, run_all
from harness.endings import INTERRUPTED
from harness.workers import cores, impatience_ignored
from scenarios.schema import Scenario


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seeds to run, and what a directory's name says of them: `5-seeds`, `seed3`."""

    numbers: Sequence[int]
    name: str


def with_seeds(command: Callable[..., int]) -> Callable[..., int]:
    """A command that also takes --seeds and --seed, and is called with both."""
    several = click.option("--seeds", type=click.IntRange(1), help="Seeds 0 to N-1. Default: as the scenario says.")
    one = click.option("--seed", type=SEED, help="This one seed.")
    return several(one(command))


def seeds_of(seeds: int | None, seed: int | None, scenario: Scenario) -> Seeds:
    """The seeds that --seeds or --seed ask for, or else the scenario. Raises UsageError if both are given."""
    if seeds is not None and seed is not None:
        raise click.UsageError("--seed and --seeds are both given: --seed N is one seed, --seeds N are seeds 0 to N-1")
    if seed is not None:
        return Seeds([seed], f"seed{seed}")
    number = seeds or scenario.compare.seeds
    return Seeds(range(number), f"{number}-seeds")


def run_several(scenario: Scenario, layers: Sequence[str], seeds: Seeds, options: Options) -> Runs:
    """All layers over all seeds, telling how far they are. Raises KeyboardInterrupt if that came before any ended."""
    total = len(layers) * len(seeds.numbers)
    finished = 0
    with console.progress(f"{scenario.name}, {total} runs", total, quiet=options.quiet) as told:

        def ran(document: dict[str, Any]) -> None:
            nonlocal finished
            finished += 1
            told(finished, f"{document['layer']} seed {document['seed']} in {document['wall_s']:.1f} s")

        runs = run_all(scenario, layers, seeds.numbers, options.jobs or cores(), ran)
    if not runs.documents:
        raise KeyboardInterrupt
    return runs


def conclude(
    document: Mapping[str, Any],
    judged: Mapping[str, Any],
    wanted: int,
    options: Options,
    fill: Callable[[Path], None],
    page: Callable[..., str],
) -> int:
    """Write and tell the document of so many runs as were `wanted`; the exit status, INTERRUPTED if it lacks some.

    `fill` writes its directory. What `judged` has runs of is judged, and is what the JUnit file is about.
    """
    target, complete = Path(document["run_dir"]), document["complete"]
    with nullcontext() if complete else impatience_ignored():
        write_results(target, judged, options, fill)
    status = judge(judged["runs"], options)
    if not complete:
        console.remark(f"tieout: interrupted: {len(document['runs'])} of {wanted} runs are in {target}")
        status = INTERRUPTED
    tell(document, page, options)
    return status
