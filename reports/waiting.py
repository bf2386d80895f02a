"""The figure of what waits in the business: orders, invoices, schedules, amendments and exceptions, day by day."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reports.canvas import INK, Style, label, sheet, styles
from reports.reading import Results
from reports.result import Calendar, RunDocument
from reports.timelines import DAY_S, day_ticks, first_series, quarter_lines
from reports.wording import spoken

COLUMNS = 2


def waiting(results: Results) -> Figure | None:
    """Each business status over the run, a line a layer; None where no run tells of any."""
    runs = first_series(results)
    names = statuses(runs)
    calendar = next((run["calendar"] for run in runs.values() if "calendar" in run), None)
    if not names or calendar is None:
        return None
    rows = -(-len(names) // COLUMNS)
    figure, axes = sheet(rows, COLUMNS, 0.8 + 1.05 * rows, sharex=True)
    cells = [axis for row in axes for axis in row]
    keys = dict(zip(results.layers, styles(), strict=False))
    for axis, name in zip(cells, names, strict=False):
        for layer, run in runs.items():
            _line(axis, run, name, keys[layer])
        _dress(axis, calendar, name)
    for axis in cells[len(names) :]:
        axis.set_axis_off()
    cells[len(names) - 1].tick_params(labelbottom=True)
    cells[max(0, len(names) - COLUMNS)].tick_params(labelbottom=True)
    handles = [
        Line2D([], [], color=keys[layer][0], linestyle=keys[layer][1], linewidth=1.6, label=label([layer])[0])
        for layer in runs
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=min(3, len(handles)))
    figure.supylabel("the most that wait, by day", fontsize=8, color=INK)
    return figure


def statuses(runs: dict[str, RunDocument]) -> list[str]:
    """The statuses that some run tells of, in the order of the first that does."""
    return list(dict.fromkeys(name for run in runs.values() for name in run["series"].get("business_status", {})))


def _line(axis: Axes, run: RunDocument, name: str, style: Style) -> None:
    series = run["series"]
    values: Sequence[int] = series.get("business_status", {}).get(name, [])
    a_day = max(1, round(DAY_S / series["step_s"]))
    tops = [max(values[place : place + a_day]) for place in range(0, len(values), a_day)]
    if tops:
        times_s = [place * a_day * series["step_s"] for place in range(len(tops) + 1)]
        axis.step(times_s, [*tops, tops[-1]], where="post", color=style[0], linestyle=style[1], linewidth=1.1)


def _dress(axis: Axes, calendar: Calendar, name: str) -> None:
    axis.set_title(label([spoken(name)])[0])
    axis.set_xlim(0, calendar["audited_at_s"])
    axis.set_ylim(0, max(axis.get_ylim()[1], 1.0))
    axis.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    day_ticks(axis, calendar, 0, calendar["audited_at_s"])
    quarter_lines([axis], calendar, (0, calendar["audited_at_s"]), named=False)
