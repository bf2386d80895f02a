"""Figures that compare layers line by line: how much is wrong, why, and at what cost in API calls."""

from collections.abc import Mapping, Sequence
from itertools import islice

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.canvas import PART_COLOURS, label, sheet, styles
from reports.measures import AMOUNT_OFF, BREAKS, CALLS, DUPLICATES, MISSING, Measure
from reports.reading import Results
from reports.tallies import breaks_by, calls_to, ranked, system_names
from reports.wording import count, shown, spoken

PARTS_MAX = 7


def counts(results: Results) -> Figure | None:
    """Duplicates, missing records, breaks and money off by layer: mean, 95 % interval, and every seed."""
    if not results.first:
        return None
    measures = (DUPLICATES, MISSING, BREAKS, AMOUNT_OFF)
    rows = len(results.layers)
    figure, axes = sheet(2, 2, 1.7 + 0.42 * rows, sharey=True)
    for axis, measure in zip((axis for row in axes for axis in row), measures, strict=True):
        _intervals(axis, results, measure)
        unit = "USD" if measure is AMOUNT_OFF else "records" if measure in (DUPLICATES, MISSING) else "breaks"
        axis.set_title(measure.title)
        axis.set_xlabel(f"{unit} in a run")
    return figure


def causes(results: Results) -> Figure | None:
    """Breaks open at close, by kind and by cause, stacked for each layer: means over the seeds."""
    kinds = {layer: breaks_by("by_kind", results.runs[layer]) for layer in results.layers}
    reasons = {layer: breaks_by("by_cause", results.runs[layer]) for layer in results.layers}
    if not any(kinds.values()):
        return None
    figure, axes = sheet(2, 1, 1.9 + 0.62 * len(results.layers), sharex=True)
    for (axis,), title, parts in zip(axes, ("by kind", "by cause"), (kinds, reasons), strict=True):
        _stacked(axis, parts)
        axis.set_title(title)
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1, handleheight=1)
    axes[-1][0].set_xlabel(f"breaks open at close in a run{', mean over the seeds' if len(results.seeds) > 1 else ''}")
    return figure


def calls(results: Results) -> Figure | None:
    """API calls per contract by system, stacked by how they ended; the total with its 95 % interval."""
    systems = system_names(results)
    if not systems:
        return None
    parts = {system: {layer: calls_to(system, results.runs[layer]) for layer in results.layers} for system in systems}
    names = ranked([tally for of_system in parts.values() for tally in of_system.values()], first="ok")
    columns = len(systems) + 1
    figure, axes = sheet(1, columns, 1.35 + 0.3 * len(results.layers), sharey=True)
    _intervals(axes[0][0], results, CALLS)
    axes[0][0].set_title("all systems")
    for axis, system in zip(axes[0][1:], systems, strict=True):
        _stacked(axis, parts[system], names)
        axis.set_title(label([system])[0])
    for axis in axes[0]:
        axis.xaxis.set_major_locator(MaxNLocator(3, min_n_ticks=2))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda number, _: thousands(number)))
        axis.set_xlabel("calls per contract")
    handles, texts = axes[0][1].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside lower center", ncols=min(6, len(texts)), handlelength=1, handleheight=1)
    return figure


def _intervals(axis: Axes, results: Results, measure: Measure) -> None:
    """One layer a line: the interval as a bar, the mean as a marker with its number, the seeds as ticks below."""
    scale = 100 if measure.unit == "money" else 1
    farthest = 0.0
    for place, ((colour, _, marker), layer) in enumerate(zip(styles(), results.layers, strict=False)):
        interval = results.interval(layer, measure)
        mean, low, high = interval["mean"], interval["low"], interval["high"]
        seen = [value / scale for value in results.by_seed(layer, measure) if value is not None]
        if len(seen) > 1:
            axis.plot(seen, [place + 0.28] * len(seen), "|", color=colour, markersize=4)
        if mean is None:
            continue
        end = max([mean / scale, *seen])
        if low is not None and high is not None:
            axis.plot([low / scale, high / scale], [place, place], color=colour, linewidth=2.2, solid_capstyle="butt")
            end = max(end, high / scale)
        axis.plot([mean / scale], [place], marker, color=colour, markersize=4.5)
        number = f"{mean / scale:,.0f}" if measure.unit == "money" else shown(mean, measure.unit)
        axis.annotate(number, (end, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=7.5)
        farthest = max(farthest, end)
    row_names(axis, results.layers)
    axis.set_xlim(-0.05 * (farthest or 1), 1.35 * (farthest or 1))
    axis.xaxis.set_major_locator(MaxNLocator(4, integer=measure.unit == "count", min_n_ticks=2))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda number, _: thousands(number)))


def _stacked(axis: Axes, parts: Mapping[str, Mapping[str, float]], names: Sequence[str] = ()) -> None:
    """One bar a layer, its parts one after the other; what is left over of many small parts is "other"."""
    names = names or ranked(list(parts.values()))
    kept = list(islice(names, PARTS_MAX - 1)) if len(names) > PARTS_MAX else list(names)
    ends = dict.fromkeys(parts, 0.0)
    groups = [(name, {layer: tally.get(name, 0.0) for layer, tally in parts.items()}) for name in kept]
    if len(kept) < len(names):
        groups.append(("other", {layer: sum(t.get(n, 0) for n in names[len(kept) :]) for layer, t in parts.items()}))
    for colour, (name, widths) in zip(PART_COLOURS, groups, strict=False):
        axis.barh(
            range(len(parts)), list(widths.values()), left=list(ends.values()), height=0.55, color=colour,
            label=label([spoken(name)])[0], linewidth=0,
        )  # fmt: skip
        ends = {layer: ends[layer] + width for layer, width in widths.items()}
    for place, total in enumerate(ends.values()):
        axis.annotate(
            f"{total:.3g}" if total < 10 else count(total), (total, place), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=7.5,
        )  # fmt: skip
    row_names(axis, list(parts))
    axis.set_xlim(0, 1.18 * (max(ends.values(), default=0) or 1))


def row_names(axis: Axes, layers: Sequence[str]) -> None:
    """Name the lines of an axis, from the top down."""
    axis.set_yticks(range(len(layers)), label(layers))
    axis.set_ylim(len(layers) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    axis.tick_params(axis="y", length=0)


def thousands(number: float) -> str:
    """A number for an axis: `1.5 k`."""
    for size, suffix in ((1e6, " M"), (1e3, " k")):
        if abs(number) >= size:
            return f"{number / size:g}{suffix}"
    return f"{number:g}"
