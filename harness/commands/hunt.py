"""`tieout hunt`: search for a scenario that breaks a layer, make it small, and keep it."""

import json
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from harness import console
from harness.commands.conclusion import STRICTLY, check_determinism
from harness.commands.options import PATH, SEED, Minutes, Options, scenario_of, with_options
from harness.commands.outputs import PROMISES, ensure_outputs_writable, write_outputs
from harness.endings import FAILED, HELD, INTERRUPTED, UNCHECKED, Invalid
from harness.expectations import threshold_of
from harness.hunting.candidates import ground
from harness.hunting.document import Find, document_of
from harness.hunting.findings import Finding
from harness.hunting.finds import file_of, write_find
from harness.hunting.kept import keep, resume
from harness.hunting.search import Hunt, search
from harness.hunting.shrink import Shrinking
from harness.hunting.trials import Attempts, so_many_at_once, trials_run
from harness.hunting.trophy import trophy
from harness.hunting.trying import Thresholds, Tried
from harness.layers import choose
from harness.results import folder_name
from harness.run_dir import ensure_folder_writable
from harness.sweeps.swarm import KINDS
from harness.workers import cores
from reports.hunted import hunt_page

HUNTS = Path("hunts")
CORPUS = Path(".tieout") / "hunts"


@click.command("hunt")
@partial(
    with_options,
    expected="What to break, such as 'event_lag.p99 < 2h'. Repeatable. Default: what every layer can promise: nothing "
    "is done twice or wrong, and nothing is missing once everything works again.",
    out=f"Where finds are written. Default: {HUNTS}.",
    jobs="Processes to run on. Default: one a core.",
    check_determinism="First run the scenario twice under different hash seeds, and compare.",
    strict="End with status 5 if nothing was tried, or a candidate had to be left out.",
)
@click.option("--layer", required=True, help="A built-in layer with options, or module:Class.")
@click.option("--minutes", type=Minutes(), default=1.0, show_default=True,
              help="How long to search: the candidate that is run then is the last. What is found is made small "
              "however long that takes.")  # fmt: skip
@click.option("--runs", type=click.IntRange(1), help="Stop after so many candidates, also before the time is up.")
@click.option("--without", multiple=True, metavar="KIND", type=click.Choice(list(KINDS)),
              help="Put no fault of this kind in, such as poison where nothing is set aside. Repeatable.")  # fmt: skip
@click.option("--seed", type=SEED, default=0, show_default=True, help="Another one hunts another way.")
@click.option("--corpus", type=PATH, metavar="DIR", help="Where the search is kept and goes on next time. "
              "Default: one of its own below .tieout/hunts.")  # fmt: skip
def command(
    scenario: str, layer: str, minutes: float, runs: int | None, without: tuple[str, ...], seed: int,
    corpus: Path | None, options: Options,
) -> int:  # fmt: skip
    """Search for faults and a business under which LAYER breaks an expectation, in SCENARIO made small.

    What is found is shrunk to the fewest contracts and faults that still break it the same way, and written as a
    scenario file, a test to paste, and a token for `tieout replay`. The status is 1 if something was found.

    \b
    Examples:
      tieout hunt calm-month --layer my_layer:Direct --minutes 5
      tieout hunt two-contracts --layer event-driven:inbox=off,idempotency=none
    """
    _ensure_one_run_can_break(options.expected)
    loaded = scenario_of(scenario, options.overrides)
    choose(layer)
    out = options.out or HUNTS
    ensure_folder_writable(out, "--out")
    ensure_outputs_writable(options)
    hunted = {"scenario": scenario, "layer": layer, "expect": [list(each) for each in options.expected],
              "set": list(options.overrides), "without": list(without), "seed": seed}  # fmt: skip
    folder = corpus or CORPUS / folder_name(f"{loaded.name}-{layer}", hunted)
    hunt = Hunt(ground(layer, scenario, options.overrides, seed, without))
    if resume(hunt, folder, hunted) and not options.quiet:
        console.remark(f"tieout: goes on after {hunt.runs} runs, kept in {folder}")
    check_determinism(options, loaded, [layer], loaded.seed)
    processes = options.jobs or cores()
    find = None
    with trials_run(options.expected, processes) as attempts:
        stopped = _searched(hunt, attempts, minutes, runs, options.quiet)
        keep(hunt, folder, hunted)
        if hunt.found:
            shrinking = _shrunk(*hunt.found, so_many_at_once(attempts, processes), options.quiet)
            kept = write_find(trophy(shrinking.best.trial, shrinking.finding, options.expected), out)
            find = Find(kept, file_of(kept, out), shrinking.best, shrinking.runs)
    hunted["corpus"] = str(folder)
    document = document_of(hunt, hunted, options.expected, find, complete=not stopped)
    write_outputs(options, document, PROMISES)
    console.output(json.dumps(document, allow_nan=False) if options.as_json else hunt_page(document))
    return FAILED if find else INTERRUPTED if stopped else _unfound(hunt, options)


def _unfound(hunt: Hunt, options: Options) -> int:
    """The status of a hunt that has come to its end and found nothing."""
    remarks = []
    if hunt.at_fault:
        remarks.append(f"{len(hunt.at_fault)} candidates were left out; the first: {hunt.at_fault[0]}")
    if not hunt.places:
        remarks.append("nothing was checked: no candidate has come to its end")
    unchecked = bool(remarks) and options.strict
    for remark in remarks if unchecked or not options.quiet else ():
        console.remark(f"tieout: warning: {remark}")
    if not unchecked:
        return HELD
    console.remark(STRICTLY)
    return UNCHECKED


def _ensure_one_run_can_break(thresholds: Thresholds) -> None:
    """Raise Invalid if one of them is held or broken by many runs together."""
    for metric, text in thresholds:
        if threshold_of(metric, text).when == "sometimes":
            raise Invalid(
                f"--expect '{metric} {text}': a hunt looks for one run, and none alone breaks what is to hold "
                "sometimes: hunt for the contrary, such as 'retries == 0' for a run that retries, or hold "
                "`tieout compare` to it"
            )


def _searched(hunt: Hunt, attempts: Attempts, minutes: float, runs: int | None, quiet: bool) -> bool:
    """Search as long as told, saying how it goes; whether it was interrupted."""
    began, first = time.monotonic(), hunt.runs
    with console.progress("hunt", int(minutes * 60) + 1, quiet=quiet) as told:

        def goes_on(hunt: Hunt) -> bool:
            lasted = time.monotonic() - began
            rate = (hunt.runs - first) / lasted if lasted > 1 else 0.0
            most, _ = hunt.best
            told(min(lasted, minutes * 60), f"{hunt.runs} runs, {rate:.0f}/s, {len(hunt.places)} places, best {most}")
            return lasted < minutes * 60 and (runs is None or hunt.runs - first < runs)

        try:
            search(hunt, attempts, goes_on)
        except KeyboardInterrupt:
            return True
    return False


def _shrunk(found: Tried, finding: Finding, attempts: Attempts, quiet: bool) -> Shrinking:
    """The find on its way to be small, at its end or, interrupted, as far as it was by then."""

    def told(what: str, shrinking: Shrinking) -> None:
        stir()
        trial, keys = shrinking.best.trial, shrinking.best.contracts
        say(f"{what}: {len(trial.faults)} faults, {len(keys)} contracts after {shrinking.runs} runs")

    def say(what: str) -> None:
        if not quiet:
            console.remark(f"tieout: {what}")

    say(f"found: {finding.told}")
    shrinking = Shrinking(found, finding, attempts, told)
    with (
        suppress(KeyboardInterrupt),
        console.stirring(lambda s: say(f"no smaller for {s:.0f} s, after {shrinking.runs} runs")) as stir,
    ):
        shrinking.run()
    return shrinking
