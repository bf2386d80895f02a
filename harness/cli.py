"""The command line: what CONTRACT promises to scripts, and help that a newcomer can follow."""

import json
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import click

from harness import console
from harness.layers import BUILT_IN, LayerError
from harness.run_dir import MANIFEST, NotWritable, ensure_writable, link_latest, whole_directory, write_json
from scenarios.errors import ScenarioError
from sim.errors import SimulationError

HELD, FAILED, INVALID, AT_FAULT, SURROUNDINGS, UNCHECKED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
"""The exit statuses."""

DEFAULT_LAYER = "event-driven"


class Sorry(click.ClickException):
    """A command that cannot go on, with its exit status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.exit_code = status

    def show(self, file: Any = None) -> None:
        console.remark(f"tieout: {self.message}")


def main() -> None:
    """Run the command line. Every end has its exit status; none has a traceback but a fault of our own."""
    with suppress(BrokenPipeError):
        commands(prog_name="tieout")


def reported(command: Callable[..., int]) -> Callable[..., None]:
    """A command that returns its exit status, with every known trouble turned into one message and a status."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            status = command(*args, **kwargs)
        except ScenarioError as error:
            raise Sorry("\ntieout: ".join(str(error).splitlines()), INVALID) from None
        except LayerError as error:
            raise Sorry(str(error), INVALID) from None
        except NotWritable as error:
            raise Sorry(str(error), SURROUNDINGS) from None
        except SimulationError as error:
            raise Sorry(
                f"{error}. This is a fault of the program: please report it with the command", AT_FAULT
            ) from None
        except KeyboardInterrupt:
            raise Sorry("interrupted: nothing was written", INTERRUPTED) from None
        sys.exit(status)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tieout", prog_name="tieout")
def commands() -> None:
    """Run a company's quarter before the company does, and tie out the books.

    \b
    Examples:
      tieout compare quarter-end-spike
      tieout run billing-outage --layer point-to-point --seed 3
      tieout scenarios show lost-responses
    """


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that run and compare share."""
    for option in reversed(
        (
            click.argument("scenario"),
            click.option(
                "--set",
                "overrides",
                multiple=True,
                metavar="KEY=VALUE",
                help="Override a scenario field, such as business.contracts=500. Repeatable.",
            ),
            click.option(
                "--out",
                type=click.Path(path_type=Path),
                help="Where to write the results. Default: runs/<scenario>/<name>.",
            ),
            click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text."),
            click.option("--junit-xml", type=click.Path(path_type=Path), help="Also write the verdicts as JUnit XML."),
            click.option(
                "--check-determinism", is_flag=True, help="First run twice under different hash seeds, and compare."
            ),
            click.option(
                "--strict", is_flag=True, help="Fail with status 5 if nothing was checked or a fault hit nothing."
            ),
            click.option("--quiet", is_flag=True, help="No progress and no remarks."),
        )
    ):
        command = option(command)
    return command


@commands.command("run")
@common
@click.option(
    "--layer",
    default=DEFAULT_LAYER,
    show_default=True,
    help="A built-in layer with options, such as event-driven:inbox=off, or module:Class.",
)
@click.option("--seed", type=click.IntRange(0), envvar="TIEOUT_SEED", help="The seed. Default: the scenario's.")
@reported
def run_command(scenario: str, layer: str, seed: int | None, **options: Any) -> int:
    """Run one layer through SCENARIO with one seed: simulate, audit, measure.

    SCENARIO is a name from `tieout scenarios` or a YAML file's path.

    \b
    Example:
      tieout run lost-responses --layer point-to-point:keys=on --seed 7
    """
    from harness import determinism  # noqa: PLC0415  # the simulation is not needed for --help
    from harness.layers import choose  # noqa: PLC0415
    from harness.replication import replicate  # noqa: PLC0415
    from harness.run_dir import write_run  # noqa: PLC0415
    from reports.terminal import run_summary  # noqa: PLC0415
    from scenarios.resolved import digest  # noqa: PLC0415

    loaded = _loaded(scenario, options["overrides"])
    choice = choose(layer)
    seed = loaded.seed if seed is None else seed
    target = options["out"] or Path("runs") / loaded.name / _file_name(f"{layer}-seed{seed}-{digest(loaded)[:8]}")
    ensure_writable(target)
    if options["check_determinism"]:
        _check_determinism(determinism, loaded, [layer], seed, quiet=options["quiet"])
    with console.progress(f"{loaded.name}, {layer}, seed {seed}", 1, quiet=options["quiet"]) as told:
        done = replicate(loaded, choice, seed, lambda share: told(share, "of the quarter"))
    document = {**done.document, "settings": {"command": _command()}, "run_dir": str(target)}
    with whole_directory(target) as folder:
        write_run(folder, done, loaded)
        _write_documents(folder, "run.json", document)
    link_latest(target)
    _write_junit(options["junit_xml"], document)
    return _conclude(document, [document], run_summary, options)


@commands.command("compare")
@common
@click.option("--layers", help="Layers to compare, separated by commas, or all. Default: the scenario's.")
@click.option("--seeds", type=click.IntRange(1), help="Compare over seeds 0 to N-1. Default: the scenario's.")
@click.option("--seed", type=click.IntRange(0), help="Compare with this one seed.")
@click.option("--jobs", type=click.IntRange(1), help="Processes to run on. Default: one for each core.")
@reported
def compare_command(
    scenario: str, layers: str | None, seeds: int | None, seed: int | None, jobs: int | None, **options: Any
) -> int:
    """Run several layers through SCENARIO with the same seeds, and compare them.

    Every layer meets the same business and the same faults; differences are paired by seed.

    \b
    Example:
      tieout compare billing-outage --layers point-to-point,event-driven --seeds 10
    """
    from harness import determinism  # noqa: PLC0415  # the simulation is not needed for --help
    from harness.comparison import check_layers, comparison, run_all  # noqa: PLC0415
    from harness.replication import thresholds_of  # noqa: PLC0415
    from reports.terminal import comparison_table  # noqa: PLC0415
    from scenarios.resolved import digest  # noqa: PLC0415

    if seeds is not None and seed is not None:
        raise click.UsageError("give --seed or --seeds, not both")
    loaded = _loaded(scenario, options["overrides"])
    names = _layer_names(layers, loaded.compare.layers)
    check_layers(names)
    thresholds_of(loaded)
    numbers = [seed] if seed is not None else list(range(seeds or loaded.compare.seeds))
    label = f"compare-{len(names)}-layers-{len(numbers)}-seeds-{digest(loaded)[:8]}"
    target = options["out"] or Path("runs") / loaded.name / label
    ensure_writable(target)
    if options["check_determinism"]:
        _check_determinism(determinism, loaded, names, numbers[0], quiet=options["quiet"])
    total = len(names) * len(numbers)
    with console.progress(f"{loaded.name}, {total} runs", total, quiet=options["quiet"]) as told:
        finished = 0

        def ran(document: dict[str, Any]) -> None:
            nonlocal finished
            finished += 1
            told(finished, f"{document['layer']} seed {document['seed']} in {document['wall_s']:.1f} s")

        runs = run_all(loaded, names, numbers, jobs or _cores(), ran)
    if not runs.documents:
        raise KeyboardInterrupt
    document = {
        **comparison(loaded, names, runs, _command()),
        "run_dir": str(target),
        "report": str(target / "report.html"),
    }
    with whole_directory(target) as folder:
        _write_comparison(folder, document, loaded, runs.documents)
    link_latest(target)
    _write_junit(options["junit_xml"], document)
    status = _conclude(document, runs.documents, comparison_table, options)
    if not runs.complete:
        console.remark(f"tieout: interrupted: {len(runs.documents)} of {total} runs are in {target}")
        return INTERRUPTED
    return status


@commands.command("report")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Do not print the report's path.")
@reported
def report_command(run_dir: Path, quiet: bool) -> int:
    """Rebuild the report of a finished run or comparison from its documents.

    \b
    Example:
      tieout report runs/quarter-end-spike/latest
    """
    from reports.page import render  # noqa: PLC0415  # slow to import
    from reports.result import UnreadableResult, load  # noqa: PLC0415

    try:
        document = load(run_dir)
    except UnreadableResult as error:
        raise Sorry(str(error), INVALID) from None
    page = run_dir / "report.html" if run_dir.is_dir() else run_dir.with_name("report.html")
    try:
        page.write_text(render(document), encoding="utf-8")
    except OSError as error:
        raise NotWritable(f"cannot write {page} ({error.strerror})") from error
    if not quiet:
        console.output(str(page))
    return HELD


@commands.group("scenarios", invoke_without_command=True)
@click.pass_context
def scenarios_group(context: click.Context) -> None:
    """The library of scenarios; checking your own; the JSON Schema for editors."""
    if context.invoked_subcommand is None:
        context.invoke(list_command)


@scenarios_group.command("list")
def list_command() -> None:
    """List the library."""
    from scenarios.library import names  # noqa: PLC0415
    from scenarios.load import load  # noqa: PLC0415

    longest = max(map(len, names()))
    for name in names():
        console.output(f"{name:{longest}}  {load(name).title}")


@scenarios_group.command("show")
@click.argument("name")
@reported
def show_command(name: str) -> int:
    """Print a scenario's file, to read it or to begin your own with it."""
    from scenarios import library  # noqa: PLC0415
    from scenarios.load import load  # noqa: PLC0415

    load(name)
    text = library.text(name) if name in library.names() else Path(name).read_text(encoding="utf-8")
    console.output(text.rstrip("\n"))
    return HELD


@scenarios_group.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a field first. Repeatable.")
@reported
def check_command(files: Sequence[str], overrides: Sequence[str]) -> int:
    """Check scenario files, and say all that is wrong with them."""
    status = HELD
    for name in files:
        try:
            _loaded(name, overrides)
            console.output(f"{name}: ok")
        except ScenarioError as error:
            console.remark("\n".join(f"tieout: {line}" for line in str(error).splitlines()))
            status = INVALID
    return status


commands.add_command(check_command, "validate")


@scenarios_group.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of scenario files."""
    from scenarios.json_schema import schema  # noqa: PLC0415

    console.output(json.dumps(schema(), indent=2, ensure_ascii=False))


@commands.command("layers")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def layers_command(as_json: bool) -> None:
    """List the built-in layers and their options."""
    if as_json:
        described = {
            name: {
                "summary": layer.SUMMARY,
                "options": {
                    key: {"default": option.default, "choices": list(option.choices), "help": option.help}
                    for key, option in layer.OPTIONS.items()
                },
            }
            for name, layer in BUILT_IN.items()
        }
        console.output(json.dumps(described, indent=2))
        return
    for name, layer in BUILT_IN.items():
        console.output(f"{name}\n  {layer.SUMMARY}")
        for key, option in layer.OPTIONS.items():
            console.output(f"    {key}={option.default:<10} {option.help} ({' | '.join(option.choices)})")


# --- what the commands have in common ----------------------------------------------------------------


def _loaded(scenario: str, overrides: Sequence[str]) -> Any:
    """The scenario, with its expectations checked too."""
    from harness.replication import thresholds_of  # noqa: PLC0415  # the simulation is not needed for --help
    from scenarios.load import load  # noqa: PLC0415

    loaded = load(scenario, overrides)
    try:
        thresholds_of(loaded)
    except ValueError as error:
        raise Sorry(f"{scenario}: expect: {error}", INVALID) from None
    return loaded


def _layer_names(asked: str | None, default: Sequence[str]) -> list[str]:
    if asked is None:
        return list(default)
    if asked == "all":
        return list(BUILT_IN)
    names: list[str] = []
    for part in asked.split(","):
        if names and "=" in part and ":" not in part:  # a further option of the layer before it
            names[-1] += f",{part}"
        else:
            names.append(part)
    repeated = [name for place, name in enumerate(names) if name in names[:place]]
    if repeated:
        raise LayerError(f"layer {repeated[0]!r} is asked for twice")
    return names


def _cores() -> int:
    import os  # noqa: PLC0415

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check_determinism(determinism: Any, scenario: Any, layers: Sequence[str], seed: int, *, quiet: bool) -> None:
    for layer in layers:
        try:
            fingerprint = determinism.check(scenario, layer, seed)
        except determinism.Differs as error:
            raise Sorry(f"determinism violated: {error}", AT_FAULT) from None
        if not quiet:
            console.remark(f"{layer}, seed {seed}: same fingerprint twice, {fingerprint}")


def _write_documents(folder: Path, name: str, document: dict[str, Any]) -> None:
    from reports.page import render  # noqa: PLC0415  # slow to import

    write_json(folder / name, document)
    names = ("scenario", "layer", "layer_options", "seed", "fingerprint", "scenario_digest", "tieout", "settings")
    write_json(folder / MANIFEST, {key: document[key] for key in names if key in document} | _platform())
    (folder / "report.html").write_text(render(document), encoding="utf-8")


def _write_comparison(folder: Path, document: dict[str, Any], scenario: Any, runs: Sequence[dict[str, Any]]) -> None:
    from scenarios.resolved import dump  # noqa: PLC0415

    (folder / "scenario.yaml").write_text(dump(scenario), encoding="utf-8")
    for run in runs:
        place = folder / "runs" / _file_name(f"{run['layer']}-seed{run['seed']}")
        place.mkdir(parents=True)
        write_json(place / "run.json", run)
    _write_documents(folder, "compare.json", document)


def _platform() -> dict[str, str]:
    import platform  # noqa: PLC0415

    return {"python": platform.python_version(), "platform": platform.platform()}


def _write_junit(path: Path | None, document: dict[str, Any]) -> None:
    if path is None:
        return
    from reports.junit import junit_xml  # noqa: PLC0415

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(junit_xml(document), encoding="utf-8")
    except OSError as error:
        raise NotWritable(f"cannot write {path} ({error.strerror}): name another file with --junit-xml") from error


def _conclude(
    document: dict[str, Any], runs: Sequence[dict[str, Any]], page: Callable[..., str], options: dict[str, Any]
) -> int:
    """Print the result, and say what the verdict comes to."""
    if options["as_json"]:
        console.output(json.dumps(document, ensure_ascii=False, allow_nan=False))
    else:
        text = page(document, width=console.width(), colour=console.wants_colour(sys.stdout))
        console.output(f"{text.rstrip()}\n\nReport: {Path(document['run_dir']) / 'report.html'}")
    remarks = list(dict.fromkeys(remark for run in runs for remark in run["remarks"]))
    if not options["quiet"]:
        for text in remarks:
            console.remark(f"tieout: warning: {text}")
    if any(not verdict["held"] for run in runs for verdict in run["expectations"]):
        return FAILED
    return UNCHECKED if remarks and options["strict"] else HELD


def _file_name(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in text)


def _command() -> str:
    return shlex.join(["tieout", *sys.argv[1:]])
