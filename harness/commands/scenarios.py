"""`tieout scenarios`: the library, checking your own, and the JSON Schema for editors."""

from collections.abc import Sequence
from pathlib import Path

import click

from harness import console
from harness.commands.options import scenario_of
from harness.endings import HELD, INVALID
from scenarios import library
from scenarios.errors import ScenarioError
from scenarios.load import load
from scenarios.schema_json import text


@click.group("scenarios", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> int:
    """The library of scenarios; checking your own; the JSON Schema for editors."""
    if context.invoked_subcommand is None:
        context.invoke(listed)
    return HELD


@command.command("list")
def listed() -> int:
    """List the library."""
    longest = max(map(len, library.names()))
    for name in library.names():
        console.output(f"{name:{longest}}  {load(name).title}")
    return HELD


@command.command("show")
@click.argument("name")
def show(name: str) -> int:
    """Print a scenario's file, to read it or to begin your own with it."""
    load(name)
    written = library.text(name) if name in library.names() else Path(name).read_text(encoding="utf-8-sig")
    console.output(written.rstrip("\n"))
    return HELD


@command.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a field first. Repeatable.")
def check(files: Sequence[str], overrides: Sequence[str]) -> int:
    """Check scenario files, and say all that is wrong with them."""
    status = HELD
    for name in files:
        try:
            scenario_of(name, overrides)
            console.output(f"{name}: ok")
        except ScenarioError as error:
            for line in str(error).splitlines():
                console.remark(f"tieout: {line}")
            status = INVALID
    return status


@command.command("schema")
def schema() -> int:
    """Print the JSON Schema of scenario files."""
    console.output(text().rstrip("\n"))
    return HELD
