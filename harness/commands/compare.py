"""`tieout compare`: several layers over the same seeds."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import click

from harness import console
from harness.commands.conclusion import check_determinism, judge, target_of, tell, write_results
from harness.commands.options import SEED, Options, scenario_of, with_options
from harness.comparison import Runs, check_layers, comparison, run_all
from harness.endings import INTERRUPTED, LayerError
from harness.layers import BUILT_IN
from harness.results import REPORT, write_comparison
from harness.workers import cores, impatience_ignored
from reports.terminal import comparison_table
from scenarios.schema import Scenario


@click.command("compare")
@with_options
@click.option("--layers", help="Layers to compare, separated by commas, or all. Default: the scenario's.")
@click.option("--seeds", type=click.IntRange(1), help="Compare over seeds 0 to N-1. Default: the scenario's.")
@click.option("--seed", type=SEED, help="Compare with this one seed.")
def command(scenario: str, layers: str | None, seeds: int | None, seed: int | None, options: Options) -> int:
    """Run several layers through SCENARIO with the same seeds, and compare them.

    Every layer meets the same business and the same faults; differences are paired by seed. SCENARIO is a
    name from `tieout scenarios` or a YAML file's path.

    \b
    Examples:
      tieout compare quarter-end-spike
      tieout compare billing-outage --layers point-to-point,event-driven --seeds 10
    """
    if seeds is not None and seed is not None:
        raise click.UsageError("--seed and --seeds are both given: --seed N is one seed, --seeds N are seeds 0 to N-1")
    loaded = scenario_of(scenario, options.overrides)
    names = _names(layers) if layers is not None else list(loaded.compare.layers)
    check_layers(names)
    numbers = [seed] if seed is not None else list(range(seeds or loaded.compare.seeds))
    which = f"seed{seed}" if seed is not None else f"{len(numbers)}-seeds"
    target = target_of(options, loaded, f"compare-{len(names)}-layers-{which}", names, numbers)
    check_determinism(options, loaded, names, numbers[0])
    runs = _run(loaded, names, numbers, options)
    if not runs.documents:
        raise KeyboardInterrupt
    document = {
        **comparison(loaded, names, runs, options.command),
        "run_dir": str(target),
        "report": str(target / REPORT),
    }
    with impatience_ignored() if not runs.complete else nullcontext():
        write_results(
            target, document, options, lambda folder: write_comparison(folder, document, runs.documents, loaded)
        )  # fmt: skip
    status = judge(runs.documents, options)
    if not runs.complete:
        wanted = len(names) * len(numbers)
        console.remark(f"tieout: interrupted: {len(runs.documents)} of {wanted} runs are in {target}")
        status = INTERRUPTED
    tell(document, comparison_table, options)
    return status


def _run(scenario: Scenario, layers: Sequence[str], seeds: Sequence[int], options: Options) -> Runs:
    total = len(layers) * len(seeds)
    finished = 0
    with console.progress(f"{scenario.name}, {total} runs", total, quiet=options.quiet) as told:

        def ran(document: dict[str, Any]) -> None:
            nonlocal finished
            finished += 1
            told(finished, f"{document['layer']} seed {document['seed']} in {document['wall_s']:.1f} s")

        return run_all(scenario, layers, seeds, options.jobs or cores(), ran)


def _names(asked: str) -> list[str]:
    """The layers of `a,b:key=value,key=value,c`. Raises LayerError."""
    if asked == "all":
        return list(BUILT_IN)
    names: list[str] = []
    for part in asked.split(","):
        if names and "=" in part and ":" not in part:  # a further option of the layer before it
            names[-1] += f",{part}"
        else:
            names.append(part)
    if "" in names:
        raise LayerError(f"--layers {asked!r} names no layer somewhere: write a,b or all; see `tieout layers`")
    repeated = [name for place, name in enumerate(names) if name in names[:place]]
    if repeated:
        raise LayerError(f"layer {repeated[0]!r} is asked for twice: name each layer once")
    return names
