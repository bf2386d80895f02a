"""What run and compare are both told on the command line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from math import isnan
from pathlib import Path
from typing import Any

import click

from harness.commands.outputs import output_options
from harness.endings import Invalid, LayerError
from harness.expectations import metric_and_text, threshold_of
from harness.layers import choose
from scenarios.load import load
from scenarios.schema import Scenario

PATH = click.Path(path_type=Path)
SEED = click.IntRange(0, 2**53)


class Minutes(click.FloatRange):
    """A time, of more than none and of a year at most. No number, which a range lets through, is none."""

    def __init__(self) -> None:
        super().__init__(0, 366 * 24 * 60, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        minutes = float(super().convert(value, param, ctx))
        return self.fail(f"{value!r} is no number.", param, ctx) if isnan(minutes) else minutes


@dataclass(frozen=True, slots=True)
class Options:
    """The options that run and compare share; `command` is the command line itself."""

    command: str
    overrides: tuple[str, ...]
    expected: tuple[tuple[str, str], ...]
    out: Path | None
    as_json: bool
    junit_xml: Path | None
    github_summary: Path | None
    jobs: int | None
    check_determinism: bool
    strict: bool
    quiet: bool


def with_options(command: Callable[..., int], **helps: str) -> Callable[..., int]:
    """A command that takes SCENARIO and the shared options, and is called with them as `scenario` and `options`.

    `helps` are the help texts of options that mean something of their own for the command.
    """

    @click.pass_obj
    @wraps(command)
    def called(command_line: str, *args: Any, **given: Any) -> int:
        shared = {name: given.pop(name) for name in Options.__slots__ if name in given}
        return command(*args, **given, options=Options(command=command_line, **shared))

    for option in reversed(_OPTIONS):
        called = option(called)
    for parameter in called.__click_params__:  # type: ignore[attr-defined]  # where click keeps them until then
        if parameter.name in helps:
            parameter.help = helps[parameter.name]
    return called


_OPTIONS = (
    click.argument("scenario"),
    click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override a scenario field, such as business.contracts=500. Repeatable.",
    ),
    click.option(
        "--expect",
        "expected",
        multiple=True,
        callback=lambda _ctx, _option, expressions: tuple(map(read_expectation, expressions)),
        metavar="THRESHOLD",
        help="Expect this as well, such as 'event_lag.p99 < 15min' or 'eventually missing == 0'. Repeatable.",
    ),
    click.option("--out", type=PATH, metavar="DIR", help="Where to write. Default: runs/<scenario>/<name>."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text."),
    *output_options(PATH),
    click.option("--jobs", type=click.IntRange(1), help="Processes to run on. Default: one a core; a run needs one."),
    click.option("--check-determinism", is_flag=True, help="First run twice under different hash seeds, and compare."),
    click.option(
        "--strict", is_flag=True, help="End with status 5 if nothing was checked, or something planned came to nothing."
    ),
    click.option("--quiet", is_flag=True, help="No progress and no remarks."),
)


def scenario_of(named: str, overrides: Sequence[str], expected: Sequence[tuple[str, str]] = ()) -> Scenario:
    """The scenario of a name or a file, its expectations and layers checked too. Raises ScenarioError.

    It is `expected` to hold these thresholds as well, each a metric and a text.
    """
    if not named:
        raise Invalid("the scenario's name is empty: give a name from `tieout scenarios`, or a YAML file's path")
    scenario = load(named, overrides, threshold_of, _layer)
    if not expected:
        return scenario
    thresholds = dict(scenario.expect)
    for metric, text in expected:
        thresholds[metric] = tuple(dict.fromkeys((*thresholds.get(metric, ()), text)))
    return scenario.model_copy(update={"expect": thresholds})


def read_expectation(expression: str) -> tuple[str, str]:
    """The metric and the text of a threshold on the command line. Raises BadParameter."""
    try:
        return metric_and_text(expression)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _layer(text: str) -> None:
    try:
        choose(text)
    except LayerError as error:
        raise ValueError(str(error)) from error
