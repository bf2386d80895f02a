"""How run and compare end: the results are written, then told, then judged."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness import console, determinism
from harness.commands.options import Options
from harness.commands.outputs import ensure_outputs_writable, write_outputs
from harness.endings import FAILED, HELD, UNCHECKED, Interrupted
from harness.explain.again import explain_command
from harness.results import REPORT, file_name, folder_name
from harness.run_dir import ensure_writable, link_latest, whole_directory
from reports.answer import verdict
from reports.reading import Results
from scenarios.resolved import digest
from scenarios.schema import Scenario

RUNS = Path("runs")

STRICTLY = f"tieout: status {UNCHECKED}: with --strict a warning is a failure"
"""Said in spite of --quiet where warnings alone decide."""

_STATUSES = {"PASS": HELD, "FAIL": FAILED, "UNCHECKED": UNCHECKED}


def target_of(options: Options, scenario: Scenario, name: str, layers: Sequence[str], seeds: Sequence[int]) -> Path:
    """Where the results go. Raises NotWritable, before any work is done, if they or what CI reads cannot."""
    identity = [digest(scenario), list(layers), list(seeds)]
    target = options.out or RUNS / file_name(scenario.name) / folder_name(name, identity)
    ensure_writable(target)
    ensure_outputs_writable(options)
    return target


def check_determinism(options: Options, scenario: Scenario, layers: Sequence[str], seed: int) -> None:
    """Where it was asked for: raise Differs if one of the layers does not do the same twice."""
    for layer in layers if options.check_determinism else ():
        fingerprint = determinism.check(scenario, layer, seed)
        if not options.quiet:
            console.remark(f"{layer}, seed {seed}: the same twice, fingerprint {fingerprint}")


def write_results(target: Path, document: Mapping[str, Any], options: Options, fill: Callable[[Path], None]) -> None:
    """Have `fill` write the results' directory, whole or not at all, and write what CI reads."""
    with whole_directory(target) as folder:
        fill(folder)
    if options.out is None:
        link_latest(target)
    write_outputs(options, document)


def tell(document: Mapping[str, Any], page: Callable[..., str], options: Options) -> None:
    """Print the result: as one JSON document, or as a page that ends with the report's path.

    Where there are breaks, the line before that is the command that tells how they came to be.
    """
    try:
        if options.as_json:
            console.output(json.dumps(document, allow_nan=False))
        else:
            text = page(document, width=console.width(), colour=console.wants_colour(sys.stdout))
            folder = Path(document["run_dir"])
            explaining = explain_command(folder, document)
            more = f"Explain: {explaining}\n" if explaining else ""
            console.output(f"{text.rstrip()}\n\n{more}Report: {folder / REPORT}")
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted: the results are in {document['run_dir']}") from None


def judge(document: Any, options: Options) -> int:
    """The exit status of a document's verdict. What its runs remark is told as warnings.

    With --strict warnings decide: a status that comes of them is told with them, in spite of --quiet.
    """
    results = Results(document)
    status = _STATUSES[verdict(results).word]
    if status == UNCHECKED and not results.strict:
        status = HELD
    for warning in results.remarks if status == UNCHECKED or not options.quiet else ():
        console.remark(f"tieout: warning: {warning.sentence()}")
    baseline = document.get("baseline")
    for remark in baseline["remarks"] if baseline and options.as_json and not options.quiet else ():
        console.remark(f"tieout: warning: --baseline: {remark}")
    if status == UNCHECKED:
        console.remark(STRICTLY)
    return status


def asked_strictly(document: dict[str, Any], options: Options) -> dict[str, Any]:
    """The document, which says so if --strict was given: reports judge by it."""
    return {**document, "settings": {**document["settings"], "strict": True}} if options.strict else document
