"""--baseline and --tolerance: what run and compare are held against."""

import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import click

from harness.baseline import Baseline, baseline_of
from harness.commands.options import PATH
from harness.endings import Invalid
from harness.regression import TOLERANCE, Tolerances
from reports.directions import DIRECTIONS, NAMED
from scenarios.schema import Scenario
from scenarios.values import nearest

SUFFIX = "-against-baseline"
ANY = "any"


def with_baseline(command: Callable[..., int]) -> Callable[..., int]:
    """A command that also takes --baseline and --tolerance, and is called with both."""
    baseline = click.option(
        "--baseline",
        type=PATH,
        metavar="RESULT",
        help="An earlier run's or comparison's directory, or its JSON: say what got better or worse beyond luck, "
        "and end with status 1 if anything got worse.",
    )
    tolerance = click.option(
        "--tolerance",
        multiple=True,
        metavar="[METRIC=]SHARE",
        help=f"The difference to the baseline that does not matter, of the larger mean: 2%, calls_per_contract=20%, "
        f"or close_cycle.business_days={ANY}. Repeatable. Default: {TOLERANCE:.0%}.",
    )
    return baseline(tolerance(command))


def held_against(
    path: Path | None, tolerance: Sequence[str], scenario: Scenario, layers: Sequence[str], seeds: Sequence[int]
) -> Baseline | None:
    """The baseline that was asked for, if one was. Raises Invalid if these runs cannot be held against it."""
    tolerances = tolerances_of(tolerance)
    if path is None:
        if tolerance:
            raise Invalid("--tolerance is of a comparison with a baseline: name one with --baseline")
        return None
    return baseline_of(path, scenario, layers, seeds, tolerances)


def named(name: str, baseline: Baseline | None) -> str:
    """The name of the results' directory: another than that of the same runs without a baseline, which may be it."""
    return f"{name}{SUFFIX}" if baseline else name


def ensure_kept(baseline: Baseline | None, target: Path) -> None:
    """Raise Invalid if the results would take the baseline's place: the next run would be held against this one."""
    if baseline and os.path.realpath(baseline.folder) == os.path.realpath(target):
        raise Invalid(
            f"--baseline {baseline.path} is where the results go, which would replace it: "
            "name another folder with --out, or copy the baseline to where it stays"
        )


def tolerances_of(asked: Sequence[str]) -> Tolerances:
    """What --tolerance says: the last one wins. Raises Invalid."""
    everywhere, own = TOLERANCE, dict[str, float | None]()
    for text in asked:
        metric, equals, said = text.rpartition("=")
        if not equals:
            everywhere = _share(text, said)
        elif metric in NAMED:
            own[NAMED[metric].measure.name] = None if said == ANY else _share(text, said)
        else:
            near = nearest(metric, tuple(NAMED))
            meant = f"; did you mean {near!r}?" if near else ""
            raise Invalid(
                f"--tolerance {text!r}: no metric {metric!r} is judged{meant}; there are {', '.join(DIRECTIONS)}"
            )
    return Tolerances(everywhere, own)


def _share(text: str, said: str) -> float:
    """5%, 5 % or 0.05 as a share of 1. Raises Invalid."""
    number, percent, rest = said.partition("%")
    try:
        value = float(Fraction(number.strip())) / (100 if percent else 1)
    except (ValueError, ZeroDivisionError):
        value = -1.0
    if rest.strip() or not 0 <= value < 1:
        raise Invalid(
            f"--tolerance {text!r} is no share from 0 to less than 100%: "
            f"write 5% or 0.05, METRIC=20% for one metric, METRIC={ANY} to judge it not at all"
        )
    return value
