"""`tieout compare`: several layers over the same seeds."""

from pathlib import Path
from typing import Any

import click

from harness.against import against
from harness.commands.baselines import ensure_kept, held_against, named, with_baseline
from harness.commands.conclusion import check_determinism, target_of
from harness.commands.options import Options, scenario_of, with_options
from harness.commands.several import conclude, run_several, seeds_of, with_seeds
from harness.comparison import check_layers, comparison
from harness.endings import LayerError
from harness.layers import BUILT_IN
from harness.results import COMPARE
from reports.terminal import comparison_table


@click.command("compare")
@with_options
@click.option("--layers", help="Layers to compare, separated by commas, or all. Default: the scenario's.")
@with_seeds
@with_baseline
def command(
    scenario: str,
    layers: str | None,
    seeds: int | None,
    seed: int | None,
    baseline: Path | None,
    tolerance: tuple[str, ...],
    options: Options,
) -> int:
    """Run several layers through SCENARIO with the same seeds, and compare them.

    Every layer meets the same business and the same faults; differences are paired by seed. SCENARIO is a
    name from `tieout scenarios` or a YAML file's path.

    \b
    Examples:
      tieout compare quarter-end-spike
      tieout compare billing-outage --layers point-to-point,event-driven --seeds 10
      tieout compare billing-outage --layers event-driven --seeds 10 --baseline runs/main
    """
    loaded = scenario_of(scenario, options.overrides, options.expected)
    asked = seeds_of(seeds, seed, loaded)
    names = _names(layers) if layers is not None else list(loaded.compare.layers)
    check_layers(names)
    numbers = list(asked.numbers)
    held = held_against(baseline, tolerance, loaded, names, numbers)
    title = named(f"compare-{len(names)}-layers-{asked.name}", held)
    target = target_of(options, loaded, title, names, numbers)
    ensure_kept(held, target)
    check_determinism(options, loaded, names, numbers[0])
    runs = run_several(loaded, names, asked, options)

    def documented() -> dict[str, Any]:
        document = comparison(loaded, names, runs, options.command)
        return {**document, "baseline": against(held, runs.documents)} if held else document

    return conclude(
        runs,
        len(names) * len(numbers),
        documented,
        loaded,
        target,
        options,
        name=COMPARE,
        page=comparison_table,
    )


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
