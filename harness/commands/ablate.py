"""`tieout ablate`: one layer with each of its safeguards taken away in turn."""

import click

from harness.ablation import ablation, variants_of
from harness.commands.conclusion import check_determinism, target_of
from harness.commands.options import Options, scenario_of, with_options
from harness.commands.several import conclude, run_several, seeds_of, with_seeds
from harness.layers import choose
from harness.results import ABLATE
from reports.ablation import as_given
from reports.ablation_text import ablation_table


@click.command("ablate")
@with_options
@click.option(
    "--layer", required=True, help="A built-in layer with options, such as event-driven:gate=sequence, or module:Class."
)
@click.option("--pairs", is_flag=True, help="Also take away each two safeguards together.")
@with_seeds
def command(scenario: str, layer: str, pairs: bool, seeds: int | None, seed: int | None, options: Options) -> int:
    """Run one layer through SCENARIO without each of its safeguards in turn.

    It shows which failures appear when a safeguard is gone, and what having it costs, under the same business
    and faults. The exit status judges the layer as it is given. SCENARIO is a name from `tieout scenarios` or a
    YAML file's path.

    \b
    Examples:
      tieout ablate quarter-end-spike --layer event-driven
      tieout ablate lost-responses --layer process-orchestration --seeds 10 --pairs
    """
    loaded = scenario_of(scenario, options.overrides, options.expected)
    asked, given = seeds_of(seeds, seed, loaded), choose(layer)
    variants = variants_of(given, pairs=pairs)
    layers, numbers = [given.text, *(variant.layer for variant in variants)], list(asked.numbers)
    target = target_of(options, loaded, f"ablate-{layer}{'-pairs' if pairs else ''}-{asked.name}", layers, numbers)
    check_determinism(options, loaded, [layer], numbers[0])
    runs = run_several(loaded, layers, asked, options)
    return conclude(
        runs,
        len(layers) * len(numbers),
        lambda: ablation(loaded, given, variants, runs, options.command),
        loaded,
        target,
        options,
        name=ABLATE,
        page=ablation_table,
        judged=as_given,
    )
