"""Figures of differences: one line a safeguard, its interval beside the line at 0 that says "no difference"."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.bars import row_names, thousands
from reports.canvas import INK, LAYER_COLOURS, sheet
from reports.contrasts import excludes_zero
from reports.measures import AMOUNT_OFF, BREAKS, CALLS, DUPLICATES, LAG_P95, MISSING, WRITES, Measure
from reports.reading import Results
from reports.result import Interval, Safeguard
from reports.wording import signed

HARM = {
    DUPLICATES: "records in a run",
    MISSING: "records in a run",
    BREAKS: "breaks in a run",
    AMOUNT_OFF: "USD in a run",
}
COST = {CALLS: "calls per contract", LAG_P95: "seconds", WRITES: "writes in a run"}

_SCALES = {"money": 100}
"""By how much a document's number is divided for the axis."""


def harm(results: Results) -> Figure | None:
    """What there is more of without each safeguard."""
    return _forest(_safeguards(results), "harm", HARM, columns=2)


def cost(results: Results) -> Figure | None:
    """What there is more of with each safeguard."""
    return _forest(_safeguards(results), "cost", COST, columns=3)


def _safeguards(results: Results) -> Sequence[Safeguard]:
    document = results.document
    return document["safeguards"] if document["schema"] == "tieout.ablate/1" else ()


def _forest(found: Sequence[Safeguard], side: str, measures: Mapping[Measure, str], columns: int) -> Figure | None:
    if not found:
        return None
    rows = -(-len(measures) // columns)
    figure, axes = sheet(rows, columns, rows * (0.85 + 0.22 * len(found)), sharey=True)
    for axis, (measure, unit) in zip((axis for row in axes for axis in row), measures.items(), strict=True):
        differences: list[Interval] = [each[side][measure.name] for each in found]  # type: ignore[literal-required]
        _differences(axis, [each["name"] for each in found], differences, measure)
        axis.set_title(measure.title)
        axis.set_xlabel(unit)
    return figure


def _differences(axis: Axes, names: Sequence[str], differences: Sequence[Interval], measure: Measure) -> None:
    """One difference a line: its interval as a bar, its mean as a marker; hollow and grey where 0 is within."""
    scale, ends = _SCALES.get(measure.unit, 1), [0.0]
    axis.axvline(0, color=INK, linewidth=0.8)
    for place, each in enumerate(differences):
        mean, low, high = each["mean"], each["low"], each["high"]
        if mean is None:
            continue
        told = excludes_zero(each)
        colour = LAYER_COLOURS[0] if told else INK
        drawn = [value / scale for value in (low, mean, high) if value is not None]
        axis.plot(drawn, [place] * len(drawn), color=colour, linewidth=2, solid_capstyle="butt")
        axis.plot([mean / scale], [place], "o", color=colour, markersize=4.5, fillstyle="full" if told else "none")
        if mean:
            side = 1 if mean > 0 else -1
            axis.annotate(
                signed(mean, measure.unit), (max(drawn) if side > 0 else min(drawn), place), xytext=(6 * side, 0),
                textcoords="offset points", ha="left" if side > 0 else "right", va="center", fontsize=7,
            )  # fmt: skip
        ends += drawn
    row_names(axis, names)
    span = max(ends) - min(ends) or 1.0
    room = [0.38 if any((each["mean"] or 0) * side > 0 for each in differences) else 0.06 for side in (-1, 1)]
    axis.set_xlim(min(ends) - room[0] * span, max(ends) + room[1] * span)
    axis.xaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda number, _: thousands(number)))
