"""`tieout conformance`: which promises a layer keeps."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from harness import console
from harness.commands.options import PATH
from harness.commands.outputs import PROMISES, Files, ensure_outputs_writable, output_options, write_outputs
from harness.conformance import BUSINESSES, NAMES, PROFILES, Attempt, document_of, judged, promises
from harness.endings import FAILED, HELD, INTERRUPTED, Invalid
from harness.workers import cores
from reports.promises import promises_page


def _with_outputs(command: Callable[..., int]) -> Callable[..., Any]:
    for option in reversed(output_options(PATH)):
        command = option(command)
    return command


@click.command("conformance")
@click.argument("layer")
@click.option(
    "--only", default="", metavar="PROMISE", help=f"Only the promises whose names begin so, of {', '.join(NAMES)}."
)
@click.option(
    "--seeds",
    type=click.IntRange(1, 100),
    default=BUSINESSES,
    show_default=True,
    help="Businesses that every single fault is tried on.",
)
@click.option(
    "--profiles",
    type=click.IntRange(1, 100_000),
    default=PROFILES,
    show_default=True,
    help="Profiles of random faults that are tried.",
)
@click.option("--jobs", type=click.IntRange(1), help="Processes to run on. Default: one a core.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
@_with_outputs
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    layer: str,
    only: str,
    seeds: int,
    profiles: int,
    jobs: int | None,
    as_json: bool,
    junit_xml: Path | None,
    github_summary: Path | None,
    quiet: bool,
) -> int:
    """Hold LAYER to what a layer can promise: one line a promise, held, broken, or n/a where nothing can be tried.

    LAYER is a built-in layer with options, or module:Class. A broken promise has the command that shows
    the break again. Nothing is written but what --junit-xml and --github-summary name.

    \b
    Examples:
      tieout conformance event-driven
      tieout conformance my_layer:Direct --only crash
      tieout conformance process-orchestration --only swarm --profiles 2000
    """
    if not any(name.startswith(only) for name in NAMES):
        raise Invalid(f"--only {only!r}: no promise's name begins so; there are {', '.join(NAMES)}")
    files = Files(junit_xml, github_summary)
    ensure_outputs_writable(files)
    chosen = promises(layer, businesses=seeds, profiles=profiles, only=only)
    total = len(dict.fromkeys(attempt for promise in chosen for attempt in promise.attempts))
    finished = 0
    with console.progress(f"{layer}, {total} runs", total, quiet=quiet) as told:

        def tried(attempt: Attempt) -> None:
            nonlocal finished
            finished += 1
            told(finished, attempt.what)

        verdicts = judged(chosen, jobs or cores(), tried)
    complete = finished == total
    if not complete and not verdicts:
        raise KeyboardInterrupt
    document = document_of(layer, verdicts, complete=complete)
    write_outputs(files, document, PROMISES)
    if as_json:
        console.output(json.dumps(document, allow_nan=False))
    else:
        page = promises_page(document, width=console.width(), colour=console.wants_colour(sys.stdout))
        console.output(page.rstrip())
    if not complete:
        written = "" if junit_xml or github_summary else ", nothing was written"
        console.remark(f"tieout: interrupted: {len(verdicts)} of {len(chosen)} promises were judged{written}")
        return INTERRUPTED
    return FAILED if document["held"] is False else HELD
