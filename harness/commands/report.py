"""`tieout report`: the page of a finished run, once more."""

from pathlib import Path

import click

from harness import console
from harness.commands.options import PATH
from harness.endings import HELD, Invalid, NotWritable
from harness.results import REPORT, write_report
from reports.result import UnreadableResult, load


@click.command("report")
@click.argument("run_dir", type=PATH)
@click.option("--quiet", is_flag=True, help="Do not print the report's path.")
def command(run_dir: Path, quiet: bool) -> int:
    """Rebuild the report and the figures of a finished run or comparison from its document.

    RUN_DIR is a directory that `tieout run` or `tieout compare` wrote.

    \b
    Example:
      tieout report runs/quarter-end-spike/latest
    """
    try:
        document = load(run_dir)
    except UnreadableResult as error:
        raise Invalid(str(error)) from None
    folder = run_dir if run_dir.is_dir() else run_dir.parent
    try:
        write_report(folder, document)
    except OSError as error:
        reason = error.strerror or error
        raise NotWritable(
            f"cannot write {folder / REPORT} ({reason}): copy the directory to where you may write"
        ) from error
    if not quiet:
        console.output(str(folder / REPORT))
    return HELD
