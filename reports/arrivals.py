"""The figure of lateness: for each flow, which share of its changes has arrived after how long."""

from collections.abc import Sequence
from statistics import median

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.canvas import INK, Style, label, sheet, styles
from reports.reading import Results
from reports.result import RunDocument
from reports.wording import flow_words

TICKS_S = {1: "1 s", 60: "1 min", 3600: "1 h", 86_400: "1 d", 604_800: "1 wk"}


def lags(results: Results) -> Figure | None:
    """The share of changes that have arrived, against the time since their commit, flow by flow."""
    flows = list(
        dict.fromkeys(flow["flow"] for runs in results.runs.values() for r in runs for flow in r.get("flows", []))
    )
    if not flows:
        return None
    columns = 3
    rows = -(-len(flows) // columns)
    figure, axes = sheet(rows, columns, 0.7 + 1.35 * rows, sharex=True, sharey=True)
    cells = [axis for row in axes for axis in row]
    low_s, high_s = _lag_range(results)
    for axis, flow in zip(cells, flows, strict=False):
        for style, layer in zip(styles(), results.layers, strict=False):
            _arrivals(axis, [_quantiles(run, flow) for run in results.runs[layer]], style, low_s)
        axis.set_title(label([flow_words(flow)])[0])
        axis.set_xscale("log")
        axis.set_xlim(low_s, high_s)
        axis.set_ylim(0, 1.03)
        axis.yaxis.set_major_locator(FixedLocator([0, 0.5, 1]))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda part, _: f"{part * 100:.0f} %"))
        axis.xaxis.set_major_locator(FixedLocator([tick for tick in TICKS_S if low_s <= tick <= high_s]))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: TICKS_S.get(round(seconds), "")))
        axis.xaxis.set_minor_locator(NullLocator())
    for axis in cells[len(flows) :]:
        axis.set_axis_off()
    for place in range(len(flows) - columns, len(flows)):
        cells[max(0, place)].tick_params(labelbottom=True)
    keys = _keys(results)
    figure.legend(handles=keys, loc="outside upper center", ncols=min(3, len(keys)))
    figure.supxlabel("time from commit at the source to reflected in the target (log scale)", fontsize=8, color=INK)
    figure.supylabel("share of changes arrived", fontsize=8, color=INK)
    return figure


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
