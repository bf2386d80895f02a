"""What the commands share that do many runs: the seeds asked for, the runs with their progress, and how they end."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from harness import console
from harness.commands.conclusion import asked_strictly, judge, tell, write_results
from harness.commands.options import SEED, Options
from harness.comparison import Runs, run_all
from harness.endings import INTERRUPTED
from harness.results import REPORT, write_several
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
    runs: Runs,
    wanted: int,
    documented: Callable[[], dict[str, Any]],
    scenario: Scenario,
    target: Path,
    options: Options,
    *,
    name: str,
    page: Callable[..., str],
    judged: Callable[[Any], Any] = lambda document: document,
) -> int:
    """Write and tell the document of the runs; the exit status, INTERRUPTED if they are not as many as were `wanted`.

    It is written under this name into the directory `target`. What `judged` makes of it has the runs that are judged,
    and that the JUnit file is about. Of runs that were interrupted, no further Ctrl-C costs what was finished.
    """
    with nullcontext() if runs.complete else impatience_ignored():
        told = {**documented(), "run_dir": str(target), "report": str(target / REPORT)}
        document = asked_strictly(told, options)
        kept = judged(document)
        write_results(
            target, kept, options, lambda folder: write_several(folder, name, document, runs.documents, scenario)
        )
    status = judge(kept, options)
    if not runs.complete:
        console.remark(f"tieout: interrupted: {len(runs.documents)} of {wanted} runs are in {target}")
        status = INTERRUPTED
    tell(document, page, options)
    return status
