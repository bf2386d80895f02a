"""`tieout run`: one layer, one seed."""

from pathlib import Path

import click

from harness import console
from harness.against import against
from harness.attempts import attempt
from harness.commands.baselines import ensure_kept, held_against, named, with_baseline
from harness.commands.conclusion import asked_strictly, check_determinism, judge, target_of, tell, write_results
from harness.commands.options import SEED, Options, scenario_of, with_options
from harness.layers import choose
from harness.replication import replicate
from harness.results import write_run
from reports.terminal import run_summary
from scenarios.schema import Scenario

DEFAULT_LAYER = "event-driven"


@click.command("run")
@with_options
@click.option(
    "--layer",
    help="A built-in layer with options, such as event-driven:inbox=off, or module:Class. "
    f"Default: the one that the scenario's cutover is from, or {DEFAULT_LAYER}.",
)
@click.option("--seed", type=SEED, envvar="TIEOUT_SEED", show_envvar=True, help="The seed. Default: the scenario's.")
@with_baseline
def command(
    scenario: str,
    layer: str | None,
    seed: int | None,
    baseline: Path | None,
    tolerance: tuple[str, ...],
    options: Options,
) -> int:
    """Run one layer through SCENARIO with one seed: simulate, audit, measure.

    SCENARIO is a name from `tieout scenarios` or a YAML file's path.

    \b
    Examples:
      tieout run calm-month
      tieout run lost-responses --layer point-to-point:idempotency=key --seed 7
      tieout run lost-responses --baseline runs/main
    """
    loaded = scenario_of(scenario, options.overrides, options.expected)
    layer = layer if layer is not None else _begun_with(loaded)
    choice = choose(layer)
    number = loaded.seed if seed is None else seed
    held = held_against(baseline, tolerance, loaded, [layer], [number])
    target = target_of(options, loaded, named(f"{layer}-seed{number}", held), [layer], [number])
    ensure_kept(held, target)
    check_determinism(options, loaded, [layer], number)
    title = f"{loaded.name}, {layer}, seed {number}"
    with console.progress(title, 1, quiet=options.quiet) as progress, attempt(loaded.name, layer, number):
        done = replicate(loaded, choice, number, lambda share: progress(share, "of the quarter"))
    told = {**done.document, "settings": {"command": options.command}, "run_dir": str(target)}
    document = asked_strictly(told, options)
    if held:
        document["baseline"] = against(held, [document])
    write_results(target, document, options, lambda folder: write_run(folder, document, done, loaded))
    status = judge(document, options)
    tell(document, run_summary, options)
    return status


def _begun_with(scenario: Scenario) -> str:
    """The layer to run where none is asked for."""
    return (scenario.cutover and scenario.cutover.begins_with) or DEFAULT_LAYER
