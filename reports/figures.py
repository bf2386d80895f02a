"""The figures of a report, each one question: how much is wrong, how late, what piled up, why, and at what cost.

Every layer keeps its colour, dash and marker through all of them; every figure has a table beside it in the page.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from statistics import median
from typing import Any, TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from reports.canvas import DASHES, INK, LAYER_COLOURS, MARKERS, PART_COLOURS, label, look, png, sheet, svg
from reports.measures import AMOUNT_OFF, BREAKS, CALLS, DUPLICATES, MISSING, Measure
from reports.reading import Results
from reports.result import Document, RunDocument
from reports.timelines import backlog, oldest
from reports.wording import count, shown, spoken

LAG_TICKS_S = {1: "1 s", 60: "1 min", 3600: "1 h", 86_400: "1 d", 604_800: "1 wk"}
PARTS_MAX = 7

Style: TypeAlias = tuple[str, Any, str]


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


def lags(results: Results) -> Figure | None:
    """The share of changes that have arrived, against the time since their commit, flow by flow."""
    flows = list(
        dict.fromkeys(flow["flow"] for runs in results.runs.values() for r in runs for flow in r.get("flows", []))
    )
    if not flows:
        return None
    columns = 3
    rows = -(-(len(flows) + 1) // columns)
    figure, axes = sheet(rows, columns, 0.5 + 1.35 * rows, sharex=True, sharey=True)
    cells = [axis for row in axes for axis in row]
    low_s, high_s = _lag_range(results)
    for axis, flow in zip(cells, flows, strict=False):
        for style, layer in zip(styles(), results.layers, strict=False):
            _arrivals(axis, [_quantiles(run, flow) for run in results.runs[layer]], style, low_s)
        axis.set_title(label([flow.replace("->", " → ")])[0])
        axis.set_xscale("log")
        axis.set_xlim(low_s, high_s)
        axis.set_ylim(0, 1.03)
        axis.yaxis.set_major_locator(FixedLocator([0, 0.5, 1]))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda part, _: f"{part * 100:.0f} %"))
        axis.xaxis.set_major_locator(FixedLocator([tick for tick in LAG_TICKS_S if low_s <= tick <= high_s]))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: LAG_TICKS_S.get(round(seconds), "")))
        axis.xaxis.set_minor_locator(NullLocator())
    for axis in cells[len(flows) :]:
        axis.set_axis_off()
    for place in range(len(flows) - columns, len(flows)):
        cells[max(0, place)].tick_params(labelbottom=True)
    cells[-1].legend(handles=_keys(results), loc="center left", bbox_to_anchor=(0, 0.5))
    figure.supxlabel("time from commit at the source to reflected in the target (log scale)", fontsize=8, color=INK)
    figure.supylabel("share of changes arrived", fontsize=8, color=INK)
    return figure


def causes(results: Results) -> Figure | None:
    """Breaks open at close, by kind and by cause, stacked for each layer: means over the seeds."""
    kinds = {layer: tallies(results.runs[layer], "by_kind") for layer in results.layers}
    reasons = {layer: tallies(results.runs[layer], "by_cause") for layer in results.layers}
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
    parts = {system: {layer: outcomes(results.runs[layer], system) for layer in results.layers} for system in systems}
    names = _ranked([tally for of_system in parts.values() for tally in of_system.values()], first="ok")
    columns = len(systems) + 1
    figure, axes = sheet(1, columns, 1.35 + 0.3 * len(results.layers), sharey=True)
    _intervals(axes[0][0], results, CALLS)
    axes[0][0].set_title("all systems")
    for axis, system in zip(axes[0][1:], systems, strict=True):
        _stacked(axis, parts[system], names)
        axis.set_title(label([system])[0])
    for axis in axes[0]:
        axis.xaxis.set_major_locator(MaxNLocator(3, min_n_ticks=2))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda number, _: _thousands(number)))
        axis.set_xlabel("calls per contract")
    handles, texts = axes[0][1].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside lower center", ncols=min(6, len(texts)), handlelength=1, handleheight=1)
    return figure


FIGURES: dict[str, Callable[[Results], Figure | None]] = {
    "counts": counts,
    "lags": lags,
    "backlog": backlog,
    "oldest": oldest,
    "causes": causes,
    "calls": calls,
}


def files(document: Document, *, formats: Sequence[str] = ("svg",)) -> dict[str, bytes]:
    """Every figure that the document has data for, by file name: `counts.svg`, with "png" also `counts.png`."""
    results = Results(document)
    saved: dict[str, bytes] = {}
    with look():
        for name, draw in FIGURES.items():
            figure = draw(results)
            if figure is not None:
                saved |= {f"{name}.{form}": {"svg": svg, "png": png}[form](figure) for form in formats}
    return saved


def flow_names(results: Results) -> list[str]:
    """The flows that the runs tell of, in their order."""
    flows = (flow["flow"] for runs in results.runs.values() for run in runs for flow in run.get("flows", []))
    return list(dict.fromkeys(flows))


def system_names(results: Results) -> list[str]:
    """The systems that the runs called, in their order."""
    calls = (call["system"] for runs in results.runs.values() for run in runs for call in run.get("calls", []))
    return list(dict.fromkeys(calls))


def styles() -> Iterator[Style]:
    """Colour, dash and marker for the first layer, the second, and so on."""
    return cycle(
        (colour, DASHES[place % len(DASHES)], MARKERS[place % len(MARKERS)])
        for place, colour in enumerate(LAYER_COLOURS)
    )


def tallies(runs: Sequence[RunDocument], field: str) -> dict[str, float]:
    """Mean number of breaks in a run, by kind or by cause."""
    total: dict[str, int] = {}
    for run in runs:
        tally: dict[str, int] = run["breaks"][field]  # type: ignore[literal-required]
        for name, number in tally.items():
            total[name] = total.get(name, 0) + number
    return {name: number / len(runs) for name, number in total.items()}


def outcomes(runs: Sequence[RunDocument], system: str) -> dict[str, float]:
    """Mean calls per contract to one system, by outcome."""
    total: dict[str, float] = {}
    for run in runs:
        contracts = run.get("truth", {}).get("contracts", 0) or 1
        for call in run.get("calls", []):
            if call["system"] == system:
                total[call["outcome"]] = total.get(call["outcome"], 0) + call["count"] / contracts / len(runs)
    return total


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
    _layer_rows(axis, results.layers)
    axis.set_xlim(-0.05 * (farthest or 1), 1.35 * (farthest or 1))
    axis.xaxis.set_major_locator(MaxNLocator(4, integer=measure.unit == "count", min_n_ticks=2))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda number, _: _thousands(number)))


def _stacked(axis: Axes, parts: dict[str, dict[str, float]], names: Sequence[str] = ()) -> None:
    """One bar a layer, its parts one after the other; what is left over of many small parts is "other"."""
    names = names or _ranked(list(parts.values()))
    kept = list(islice(names, PARTS_MAX - 1)) if len(names) > PARTS_MAX else list(names)
    ends = dict.fromkeys(parts, 0.0)
    groups = [(name, {layer: tally.get(name, 0.0) for layer, tally in parts.items()}) for name in kept]
    if len(kept) < len(names):
        groups.append(("other", {layer: sum(t.get(n, 0) for n in names[len(kept) :]) for layer, t in parts.items()}))
    for colour, (name, widths) in zip(PART_COLOURS, groups, strict=False):
        axis.barh(
            range(len(parts)), list(widths.values()), left=list(ends.values()), height=0.55, color=colour,
            label=spoken(name), linewidth=0,
        )  # fmt: skip
        ends = {layer: ends[layer] + width for layer, width in widths.items()}
    for place, total in enumerate(ends.values()):
        axis.annotate(
            f"{total:.3g}" if total < 10 else count(total), (total, place), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=7.5,
        )  # fmt: skip
    _layer_rows(axis, list(parts))
    axis.set_xlim(0, 1.18 * (max(ends.values(), default=0) or 1))


def _layer_rows(axis: Axes, layers: Sequence[str]) -> None:
    axis.set_yticks(range(len(layers)), label(layers))
    axis.set_ylim(len(layers) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    axis.tick_params(axis="y", length=0)


def _arrivals(axis: Axes, runs: Sequence[Sequence[float | None]], style: Style, low_s: float) -> None:
    """The median over the seeds as a line, the lowest to the highest seed as a band; both end where nothing arrives."""
    colour, dash, _ = style
    shares, middle, first, last = [], [], [], []
    for percent, values in enumerate(zip(*(each for each in runs if each), strict=False)):
        finite = [max(value, low_s) for value in values if value is not None]
        if len(finite) < len(values):
            break
        shares.append(percent / 100)
        middle.append(median(finite))
        first.append(min(finite))
        last.append(max(finite))
    axis.fill_betweenx(shares, first, last, color=colour, alpha=0.22, linewidth=0)
    axis.plot(middle, shares, color=colour, linestyle=dash, linewidth=1.3)


def _quantiles(run: RunDocument, flow: str) -> Sequence[float | None]:
    return next((each["quantiles_s"] for each in run.get("flows", []) if each["flow"] == flow), [])


def _lag_range(results: Results) -> tuple[float, float]:
    seen = [
        lag_s
        for runs in results.runs.values()
        for run in runs
        for flow in run.get("flows", [])
        for lag_s in flow["quantiles_s"]
        if lag_s
    ]
    return max(0.1, min(seen, default=1.0) * 0.8), max(60.0, max(seen, default=60.0) * 1.3)


def _keys(results: Results) -> list[Line2D]:
    return [
        Line2D([], [], color=colour, linestyle=dash, linewidth=1.6, label=name)
        for (colour, dash, _), name in zip(styles(), label(results.layers), strict=False)
    ]


def _ranked(parts: Sequence[dict[str, float]], first: str = "") -> list[str]:
    """All names of the parts, the largest in total first, after the one that always comes first."""
    total: dict[str, float] = {}
    for tally in parts:
        for name, number in tally.items():
            total[name] = total.get(name, 0.0) + number
    return sorted(total, key=lambda name: (name != first, -total[name], name))


def _thousands(number: float) -> str:
    for size, suffix in ((1e6, " M"), (1e3, " k")):
        if abs(number) >= size:
            return f"{number / size:g}{suffix}"
    return f"{number:g}"
