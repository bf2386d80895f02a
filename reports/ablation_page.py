"""What the page of an ablation shows beside that of a comparison: its two tables, its sentences and its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.ablation import apart, finding
from reports.measures import AMOUNT_OFF, COSTS, HARMS, Measure
from reports.result import AblateDocument, Appearing, Interval, Safeguard
from reports.tables import Table
from reports.wording import CURRENCY, bounds, signed, spoken

ORIGINS_MAX = 8
"""Origins of breaks that are told of each safeguard, the largest change first."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A difference as the page shows it: its mean with the sign, its interval, and whether that excludes 0."""

    title: str
    mean: str
    bounds: str
    apart: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One safeguard, or a pair of them, with a cell for each measure and a sentence; `gone` is what it is without."""

    name: str
    gone: str
    finding: str
    protects: str
    harm: Sequence[Cell]
    cost: Sequence[Cell]
    sentence: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What the template needs: the rows of the safeguards and of the pairs."""

    rows: Sequence[Row]
    pairs: Sequence[Row]


def contents(document: AblateDocument) -> Contents:
    """The tables of an ablation, in the order of its document."""
    pairs = [
        Row(
            " + ".join(pair["names"]),
            " + ".join(pair["names"]),
            "",
            "",
            _cells(pair["harm"], HARMS),
            (),
            pair.get("sentence", ""),
        )
        for pair in document["pairs"]
    ]
    return Contents([_row(each) for each in document["safeguards"]], pairs)


def figures(document: AblateDocument) -> Mapping[str, tuple[str, str, Sequence[Table]]]:
    """Title, caption and tables of each figure that only an ablation has, by the figure's name."""
    many = document["seeds"] > 1
    bars = " Bars are 95 % intervals of the mean difference, paired by seed; markers the mean." if many else ""
    found = document["safeguards"]
    return {
        "harm": (
            "Harm: what appears without it",
            f"How much more there is when a safeguard is gone. Right of the line: it is missed.{bars}",
            [_appearing(found)],
        ),
        "cost": (
            "Cost: what having it takes",
            f"How much more there is with the safeguard than without. Left of the line: it saves.{bars}",
            [_costs(found)],
        ),
    }


def _row(safeguard: Safeguard) -> Row:
    return Row(
        f"{safeguard['name']}={safeguard['value']}",
        f"{safeguard['name']}={safeguard['without']}",
        finding(safeguard),
        safeguard["protects"],
        _cells(safeguard["harm"], HARMS),
        _cells(safeguard["cost"], COSTS),
        safeguard.get("sentence", ""),
    )


def _cells(differences: Mapping[str, Interval], measures: Sequence[Measure]) -> list[Cell]:
    return [
        Cell(
            f"{CURRENCY} off" if measure is AMOUNT_OFF else measure.title,
            signed(differences[measure.name]["mean"], measure.unit),
            bounds(differences[measure.name], measure.unit),
            apart(differences[measure.name]),
        )
        for measure in measures
    ]


def _appearing(found: Sequence[Safeguard]) -> Table:
    """Where the breaks come from that there are more, or fewer, of without a safeguard."""
    rows = [
        [each["name"], spoken(one["kind"]), spoken(one["record"]), spoken(one["cause"]), *_change(one)]
        for each in found
        for one in sorted(each["appears"], key=lambda one: -abs(one["mean"] or 0))[:ORIGINS_MAX]
    ]
    columns = ["without", "kind of break", "record", "cause", "more breaks a run", "95 % interval"]
    return Table("Breaks that appear, by kind, record and cause", columns, rows, heads=4)


def _change(one: Appearing) -> tuple[str, str]:
    interval = Interval(mean=one["mean"], low=one["low"], high=one["high"])
    return signed(one["mean"], "count"), bounds(interval, "count")


def _costs(found: Sequence[Safeguard]) -> Table:
    rows = [[each["name"], *(f"{c.mean} {c.bounds}".rstrip() for c in _cells(each["cost"], COSTS))] for each in found]
    return Table("What there is more of with a safeguard", ["with", *(m.title for m in COSTS)], rows)
