"""`tieout explain`: the story of every break of a run, or of one contract, document or account."""

import json
import sys
from pathlib import Path

import click

from harness import console
from harness.commands.options import PATH
from harness.endings import HELD, Invalid
from harness.explain import explained
from harness.explain.again import again, with_tables
from reports.result import UnreadableResult, load
from reports.stories import stories_text

TOLD = 10
"""Stories told at most, unless --all asks for every one."""


@click.command("explain")
@click.argument("run_dir", type=PATH)
@click.argument("key", required=False)
@click.option("--all", "everything", is_flag=True, help=f"Tell every story, however many: by default the first {TOLD}.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text, with every story.")
@click.option("--quiet", is_flag=True, help="No remarks.")
def command(run_dir: Path, key: str | None, everything: bool, as_json: bool, quiet: bool) -> int:
    """Tell how the breaks of a run came to be, each with the fault that did it and the safeguard against it.

    RUN_DIR is a directory that `tieout run` wrote, or one below a comparison's runs/, which is run again for its
    tables. With KEY, a contract, a document or an account: its breaks, or its whole life if it has none.

    \b
    Examples:
      tieout explain runs/lost-responses/latest
      tieout explain runs/lost-responses/latest C-000088
    """
    try:
        document = load(run_dir)
    except UnreadableResult as error:
        raise Invalid(str(error)) from None
    folder = run_dir if run_dir.is_dir() else run_dir.parent
    if document["schema"] != "tieout.run/1":
        raise Invalid(again(folder, document["runs"]))
    with with_tables(folder, document, lambda text: None if quiet else console.remark(text)) as tables:
        most = None if everything or as_json else TOLD
        told = explained(tables, document, key, most)
    told["run_dir"] = str(folder)
    if as_json:
        console.output(json.dumps(told, allow_nan=False))
    else:
        console.output(stories_text(told, width=console.width(), colour=console.wants_colour(sys.stdout)).rstrip())
    return HELD
