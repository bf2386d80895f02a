"""`tieout hunt`: search for a scenario that breaks a layer, make it small, and keep it."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from harness import console
from harness.commands.options import PATH, SEED, read_expectation, scenario_of
from harness.endings import FAILED, HELD, INTERRUPTED
from harness.hunting.candidates import ground
from harness.hunting.findings import PROMISES, Finding
from harness.hunting.kept import keep, resume
from harness.hunting.search import Hunt, search
from harness.hunting.shrink import Shrinking
from harness.hunting.trophy import Trophy, trophy
from harness.hunting.trying import Thresholds, Tried, tried
from harness.layers import choose
from harness.run_dir import write_file
from harness.sweeps.trial import Trial
from harness.workers import cores, each_round

HUNTS = Path("hunts")
CORPUS = Path(".tieout") / "hunts"


@click.command("hunt")
@click.argument("scenario")
@click.option("--layer", required=True, help="A built-in layer with options, or module:Class.")
@click.option(
    "--expect", "expected", multiple=True, callback=lambda _ctx, _option, said: tuple(map(read_expectation, said)),
    metavar="THRESHOLD", help="What to break, such as 'event_lag.p99 < 2h'. Repeatable. Default: what every layer can "
    "promise: nothing is done twice or wrong, and nothing is missing once everything works again.",
)  # fmt: skip
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a scenario field. Repeatable.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), default=1.0, show_default=True,
              help="How long to search. What is found is made small however long it takes.")  # fmt: skip
@click.option("--runs", type=click.IntRange(1), help="Stop after so many candidates, also before the time is up.")
@click.option("--jobs", type=click.IntRange(1), help="Processes to run on. Default: one a core.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Another one hunts another way.")
@click.option("--corpus", type=PATH, metavar="DIR", help="Where the search is kept and goes on next time. "
              "Default: .tieout/hunts/<scenario>-<layer>.")  # fmt: skip
@click.option("--out", type=PATH, metavar="DIR", default=HUNTS, show_default=True, help="Where finds are written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    scenario: str, layer: str, expected: Thresholds, overrides: tuple[str, ...], minutes: float, runs: int | None,
    jobs: int | None, seed: int, corpus: Path | None, out: Path, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Search for faults and a business under which LAYER breaks an expectation, in SCENARIO made small.

    What is found is shrunk to the fewest contracts and faults that still break it the same way, and written as a
    scenario file, a test to paste, and a token for `tieout replay`. The status is 1 if something was found.

    \b
    Examples:
      tieout hunt calm-month --layer my_layer:Direct --minutes 5
      tieout hunt two-contracts --layer event-driven:inbox=off,idempotency=none
    """
    loaded = scenario_of(scenario, overrides)
    choose(layer)
    hunted = {"scenario": scenario, "layer": layer, "expect": [list(each) for each in expected],
              "set": list(overrides), "seed": seed}  # fmt: skip
    folder = corpus or CORPUS / re.sub(r"[^\w.=-]+", "-", f"{loaded.name}-{layer}")
    hunt = Hunt(ground(layer, scenario, overrides, seed), expected)
    if resume(hunt, folder, hunted) and not quiet:
        console.remark(f"tieout: goes on after {hunt.runs} runs, kept in {folder}")
    processes = jobs or cores()
    stopped = _searched(hunt, processes, minutes, runs, quiet)
    keep(hunt, folder, hunted)
    if hunt.at_fault:
        console.remark(f"tieout: {len(hunt.at_fault)} candidates were left out; the first: {hunt.at_fault[0]}")
    if hunt.found is None:
        _tell_nothing(hunt, hunted, folder, stopped, as_json)
        return INTERRUPTED if stopped else HELD
    found, finding = hunt.found
    small, finding, taken = _shrunk(found, finding, expected, processes, quiet)
    kept = trophy(small.trial, finding, expected)
    _write(kept, out)
    _tell(kept, hunt, hunted, small, taken, out, as_json)
    return FAILED


def _searched(hunt: Hunt, jobs: int, minutes: float, runs: int | None, quiet: bool) -> bool:
    """Search as long as told, saying how it goes; whether it was interrupted."""
    began, first = time.monotonic(), hunt.runs
    with console.progress("hunt", int(minutes * 60) + 1, quiet=quiet) as told:

        def goes_on(hunt: Hunt) -> bool:
            lasted = time.monotonic() - began
            rate = (hunt.runs - first) / lasted if lasted > 1 else 0.0
            most, best = hunt.best
            seen = (
                f"{hunt.runs} runs, {rate:.0f} a second, {len(hunt.places)} places, {len(hunt.corpus)} worth changing, "
                f"best so far: {best} with {most} places"
            )
            told(min(lasted, minutes * 60), seen)
            return lasted < minutes * 60 and (runs is None or hunt.runs - first < runs)

        try:
            search(hunt, jobs, goes_on)
        except KeyboardInterrupt:
            return True
    return False


def _shrunk(
    found: Tried, finding: Finding, thresholds: Thresholds, jobs: int, quiet: bool
) -> tuple[Tried, Finding, int]:
    """The find made small; how many runs that took. Interrupted, it is as small as it was by then."""
    if not quiet:
        console.remark(f"tieout: found: {finding.told}")

    def attempts(trials: Sequence[Trial]) -> Iterator[Tried]:
        rounds = (trials[at : at + jobs] for at in range(0, len(trials), jobs))
        for part in rounds:
            yield from pool.send([(trial, thresholds) for trial in part])

    pool = _Pool(jobs)
    shrinking = Shrinking(found, finding, attempts, lambda what: None if quiet else _step(what, shrinking))
    try:
        shrinking.run()
    except KeyboardInterrupt:
        pass
    finally:
        pool.close()
    return shrinking.best, shrinking.finding, shrinking.runs


def _step(what: str, shrinking: Shrinking) -> None:
    best = shrinking.best
    console.remark(
        f"tieout: {what}: {len(best.trial.faults)} faults, {len(best.contracts)} contracts after {shrinking.runs} runs"
    )


class _Pool:
    """Processes that are given one round after the other."""

    def __init__(self, jobs: int) -> None:
        self._next: Sequence[tuple[Trial, Thresholds]] = ()
        self._results = each_round(tried, iter(lambda: self._next, None), jobs)

    def send(self, tasks: Sequence[tuple[Trial, Thresholds]]) -> list[Tried]:
        """What came of a round."""
        self._next = tasks
        return list(next(self._results))

    def close(self) -> None:
        """End them."""
        self._results.close()


def _write(kept: Trophy, out: Path) -> None:
    remedy = "name another folder with --out"
    write_file(out / f"{kept.name}.yaml", kept.file(), remedy)
    write_file(out / f"test_{re.sub(r'[^0-9A-Za-z]+', '_', kept.name)}.py", kept.test(), remedy)


def _tell_nothing(hunt: Hunt, hunted: dict[str, Any], folder: Path, stopped: bool, as_json: bool) -> None:
    if as_json:
        console.output(json.dumps({"schema": "tieout.hunt/1", **hunted, "runs": hunt.runs, "found": None}))
        return
    held = ", ".join(f"{metric} {text}" for metric, text in hunt.thresholds) or "; ".join(PROMISES)
    how = "interrupted: " if stopped else ""
    console.output(
        f"{how}nothing found in {hunt.runs} runs, which came to {len(hunt.places)} places. Held throughout: {held}.\n"
        f"The search is kept in {folder}, and goes on from there."
    )


def _tell(kept: Trophy, hunt: Hunt, hunted: dict[str, Any], small: Tried, taken: int, out: Path, as_json: bool) -> None:
    file = out / f"{kept.name}.yaml"
    replay = f"tieout run {file} --layer {kept.layer} --seed {kept.seed}"
    if as_json:
        found = {
            "expectation": kept.finding.expectation, "way": kept.finding.way, "told": kept.finding.told,
            "contracts": len(small.contracts), "faults": list(small.trial.faults), "scenario_file": str(file),
            "token": kept.token(), "replay": replay, "shrinking_runs": taken,
        }  # fmt: skip
        console.output(json.dumps({"schema": "tieout.hunt/1", **hunted, "runs": hunt.runs, "found": found}))
        return
    faults = "".join(f"\n  {fault}" for fault in small.trial.faults) or " none"
    console.output(
        f"FOUND after {hunt.runs} runs, made small in {taken} more\n"
        f"broken: {kept.finding.expectation}\n"
        f"        {kept.finding.told}\n"
        f"contracts: {len(small.contracts)} ({', '.join(small.contracts)})\n"
        f"faults:{faults}\n\n"
        f"scenario: {file}\n"
        f"replay: {replay}\n"
        f"token: {kept.token()}\n\n"
        f"{kept.test()}"
    )
