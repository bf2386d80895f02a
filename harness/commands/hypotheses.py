"""`tieout hypotheses`: what theory predicts, what the simulator gives, and whether they agree."""

import json
import math
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from difflib import get_close_matches
from typing import Any

import click

from harness import console
from harness.endings import FAILED, HELD, INTERRUPTED, Invalid
from harness.hypotheses import HYPOTHESES, SEED, Finding, Hypothesis, asked_for, findings
from harness.workers import cores, each_result
from reports.claims import claims_table

SCHEMA = "tieout.hypotheses/1"

Task = tuple[str, int]
"""One case: its hypothesis's id, and its place among the cases."""


@click.command("hypotheses")
@click.argument("ids", nargs=-1, metavar="[IDS]...")
@click.option("--list", "listed", is_flag=True, help="List the hypotheses and measure nothing.")
@click.option("--jobs", type=click.IntRange(1), help="Processes to run on. Default: one a core.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(ids: tuple[str, ...], listed: bool, jobs: int | None, as_json: bool, quiet: bool) -> int:
    """Measure on the running simulator what theory predicts: predicted, measured, held or not.

    IDS are H1 to H30, about integration patterns, Q1 to Q20, about queues, and second names of some, F1 to F8: see
    --list. Default: all of them.
    The exit status is 1 if one does not hold; one that cannot be tested says why.

    \b
    Examples:
      tieout hypotheses
      tieout hypotheses H3 H10 Q7
    """
    chosen = _chosen(ids)
    if listed:
        if as_json:
            console.output(json.dumps({"schema": SCHEMA, "hypotheses": [_listed(each) for each in chosen]}))
            return HELD
        for hypothesis in chosen:
            console.output(f"{' '.join([hypothesis.id, *hypothesis.also]):8} {hypothesis.about}")
        return HELD
    tasks = [(hypothesis.id, place) for hypothesis in chosen for place in range(len(hypothesis.cases))]
    measured = _measured(tasks, jobs or cores(), quiet)
    complete = len(measured) == len(tasks)
    if not measured and not complete:
        raise KeyboardInterrupt
    found = [finding for task in tasks for finding in measured.get(task, ())]
    entries = [_entry(finding) for finding in found]
    if as_json:
        document = {"schema": SCHEMA, "seed": SEED, "complete": complete, "hypotheses": entries}
        console.output(json.dumps(document, allow_nan=False))
    else:
        console.output(claims_table(entries, width=console.width(), colour=console.wants_colour(sys.stdout)).rstrip())
    if not complete:
        console.remark(f"tieout: interrupted: {len(measured)} of {len(tasks)} cases were measured, nothing was written")
        return INTERRUPTED
    return FAILED if any(finding.held is False for finding in found) else HELD


def _chosen(ids: Sequence[str]) -> list[Hypothesis]:
    try:
        return asked_for(ids)
    except KeyError as unknown:
        known = [name for hypothesis in HYPOTHESES for name in (hypothesis.id, *hypothesis.also)]
        near = get_close_matches(unknown.args[0], known, n=1)
        hint = f"did you mean {near[0]}?" if near else "they are H1 to H30, Q1 to Q20 and F1 to F8:"
        raise Invalid(f"no such hypothesis {unknown.args[0]!r}: {hint} see tieout hypotheses --list") from None


def _measured(tasks: Sequence[Task], jobs: int, quiet: bool) -> dict[Task, list[Finding]]:
    """What became of the claims of each case; of those that were finished, if it is interrupted."""
    found: dict[Task, list[Finding]] = {}
    with (
        console.progress(f"{len(tasks)} cases", len(tasks), quiet=quiet) as told,
        suppress(KeyboardInterrupt),
        closing(each_result(measure, tasks, jobs)) as results,
    ):
        for task, ours in results:
            found[task] = ours
            told(len(found), task[0])
    return found


def measure(task: Task) -> tuple[Task, list[Finding]]:
    """One case, measured: what a worker does."""
    (hypothesis,) = asked_for([task[0]])
    return task, findings(hypothesis, hypothesis.cases[task[1]], SEED)


def _entry(finding: Finding) -> dict[str, Any]:
    seen = finding.measured
    return {
        "id": finding.id,
        "also": list(finding.also),
        "about": finding.about,
        "claim": finding.claim,
        "predicted": finding.predicted,
        "measured": seen.value if seen else None,
        "low": _finite(seen.low) if seen else None,
        "high": _finite(seen.high) if seen else None,
        "level": seen.level if seen else "",
        "held": finding.held,
        "telling": finding.telling,
        "remark": finding.remark,
    }


def _listed(hypothesis: Hypothesis) -> dict[str, Any]:
    claims = [claim for case in hypothesis.cases for claim in case.predict()]
    return {"id": hypothesis.id, "also": list(hypothesis.also), "about": hypothesis.about, "claims": claims}


def _finite(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None
