"""`tieout run`: one layer, one seed."""

import click

from harness import console
from harness.attempts import attempt
from harness.commands.conclusion import check_determinism, judge, target_of, tell, write_results
from harness.commands.options import SEED, Options, scenario_of, with_options
from harness.layers import choose
from harness.replication import replicate
from harness.results import write_run
from reports.terminal import run_summary

DEFAULT_LAYER = "event-driven"


@click.command("run")
@with_options
@click.option(
    "--layer",
    default=DEFAULT_LAYER,
    show_default=True,
    help="A built-in layer with options, such as event-driven:inbox=off, or module:Class.",
)
@click.option("--seed", type=SEED, envvar="TIEOUT_SEED", show_envvar=True, help="The seed. Default: the scenario's.")
def command(scenario: str, layer: str, seed: int | None, options: Options) -> int:
    """Run one layer through SCENARIO with one seed: simulate, audit, measure.

    SCENARIO is a name from `tieout scenarios` or a YAML file's path.

    \b
    Examples:
      tieout run calm-month
      tieout run lost-responses --layer point-to-point:idempotency=key --seed 7
    """
    loaded = scenario_of(scenario, options.overrides)
    choice = choose(layer)
    number = loaded.seed if seed is None else seed
    target = target_of(options, loaded, f"{layer}-seed{number}", [layer], [number])
    check_determinism(options, loaded, [layer], number)
    title = f"{loaded.name}, {layer}, seed {number}"
    with console.progress(title, 1, quiet=options.quiet) as told, attempt(loaded.name, layer, number):
        done = replicate(loaded, choice, number, lambda share: told(share, "of the quarter"))
    document = {**done.document, "settings": {"command": options.command}, "run_dir": str(target)}
    write_results(target, document, options, lambda folder: write_run(folder, document, done, loaded))
    status = judge([document], options)
    tell(document, run_summary, options)
    return status
