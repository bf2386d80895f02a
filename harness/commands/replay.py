"""`tieout replay`: run again what a token says."""

import shlex
from pathlib import Path
from typing import Any

import click

from harness.commands.options import PATH
from harness.commands.run import command as run
from harness.hunting.finds import write_scenario
from harness.hunting.trophy import read_token
from scenarios.load import loads

FOUND = Path("hunts")


@click.command("replay")
@click.argument("token")
@click.option("--layer", help="Another layer than the one that the token names: the mended one, for example.")
@click.option("--scenario-dir", type=PATH, metavar="DIR", default=FOUND, show_default=True,
              help="Where the token's scenario is written, as a file to keep.")  # fmt: skip
def command(token: str, layer: str | None, scenario_dir: Path) -> int:
    """Run again what a hunt has found, from its TOKEN alone: the scenario in it is written as a file, and run.

    \b
    Example:
      tieout replay tieout1-eNpVU8uO… --layer my_layer:Mended
    """
    said = read_token(token)
    name = loads(said.scenario, "the token").name
    file = write_scenario(name, said.scenario, scenario_dir, "name another folder with --scenario-dir")
    words = [str(file), "--layer", layer or said.layer, "--seed", str(said.seed)]
    status: Any = run.main(words, "tieout run", standalone_mode=False, obj=shlex.join(["tieout", "run", *words]))
    return int(status)
