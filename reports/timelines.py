"""Figures along the calendar: what was outstanding hour by hour, with the fault windows that explain it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from reports.canvas import INK, LAYER_COLOURS, WARNING, label, sheet
from reports.reading import Results
from reports.result import Calendar, FaultHits, RunDocument
from reports.wording import local

DAY_S = 86_400
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
AGE_TICKS_S = {60: "1 min", 600: "10 min", 3600: "1 h", 21_600: "6 h", 86_400: "1 d", 604_800: "1 wk"}
SECONDS = (1, 2, 5, 10, 20, 30)
"""Steps between ages below a minute."""

Name = Literal["backlog", "oldest_s"]


def backlog(results: Results) -> Figure | None:
    """Changes committed at their source and not yet in every target, hour by hour."""
    return _timeline(results, "backlog", "changes outstanding")


def oldest(results: Results) -> Figure | None:
    """The age of the oldest change not yet in every target, hour by hour."""
    return _timeline(results, "oldest_s", "age of the oldest\noutstanding change")


def zoom_s(calendar: Calendar, faults: Sequence[FaultHits]) -> tuple[float, float]:
    """The stretch worth a closer look: around the short faults if they are close together, else the quarter's end."""
    short = [fault for fault in faults if fault["until_s"] - fault["from_s"] <= 3 * DAY_S]
    end_s = calendar["audited_at_s"]
    if short:
        first = min(fault["from_s"] for fault in short) - 1.5 * DAY_S
        last = max(fault["until_s"] for fault in short) + 2.5 * DAY_S
        if last - first <= 14 * DAY_S:
            return max(0.0, first), min(end_s, last)
    return max(0.0, calendar["quarter_end_s"] - 6 * DAY_S), min(end_s, calendar["quarter_end_s"] + 4 * DAY_S)


def first_series(results: Results) -> dict[str, RunDocument]:
    """For each layer the first of its runs that has a series."""
    return {
        layer: run
        for layer, runs in results.runs.items()
        for run in [next((run for run in runs if "series" in run), None)]
        if run is not None
    }


def _timeline(results: Results, name: Name, quantity: str) -> Figure | None:
    runs = first_series(results)
    calendar = next((run["calendar"] for run in runs.values() if "calendar" in run), None)
    if calendar is None:
        return None
    faults = results.faults
    heights = [*([0.12 + 0.17 * len(faults)] if faults else []), *([1.0] * len(runs))]
    figure, axes = sheet(
        len(heights), 2, 0.7 + 1.1 * sum(heights), sharex="col", height_ratios=heights, width_ratios=[1.2, 1]
    )
    stretches = ((0.0, calendar["audited_at_s"]), zoom_s(calendar, faults))
    for column, (from_s, until_s) in enumerate(stretches):
        column_axes = [row[column] for row in axes]
        for axis, (layer, run) in zip(column_axes[-len(runs) :], runs.items(), strict=True):
            colour = LAYER_COLOURS[results.layers.index(layer) % len(LAYER_COLOURS)]
            _series(axis, run, name, (from_s, until_s), colour)
            above = None if faults else 14  # the names of the quarter's ends stand in between
            axis.set_title(label([layer])[0] if column == 0 else "", pad=above)
            for fault in faults:
                if fault["until_s"] - fault["from_s"] < 0.5 * calendar["audited_at_s"]:
                    axis.axvspan(fault["from_s"], fault["until_s"], color=WARNING, alpha=0.28, linewidth=0.8)
        for axis in column_axes:
            axis.set_xlim(from_s, until_s)
            day_ticks(axis, calendar, from_s, until_s)
        if faults:
            _windows(column_axes[0], faults, calendar["measured_from_s"] if column == 0 else None)
        quarter_lines(column_axes, calendar, (from_s, until_s))
        words = "the whole run, highest value of each day" if column == 0 else "a closer look, hour by hour"
        column_axes[-1].set_xlabel(f"local date: {words}")
    _same_height(axes, len(runs), name)
    figure.supylabel(quantity, fontsize=8, color=INK)
    return figure


def _series(axis: Axes, run: RunDocument, name: Name, stretch: tuple[float, float], colour: str) -> None:
    """The series as an area; over more than a month, the highest value of each day."""
    step_s = run["series"]["step_s"]
    first, last = int(stretch[0] // step_s), int(stretch[1] // step_s) + 1
    values = run["series"][name][first:last]
    few = max(1, round(DAY_S / step_s)) if stretch[1] - stretch[0] > 31 * DAY_S else 1
    tops = [max(values[place : place + few]) for place in range(0, len(values), few)]
    times = [(first + place * few) * step_s for place in range(len(tops) + 1)]
    tops = [*tops, *tops[-1:]]
    axis.fill_between(times[: len(tops)], tops, step="post", color=colour, alpha=0.3, linewidth=0)
    axis.step(times[: len(tops)], tops, where="post", color=colour, linewidth=0.9)


def _windows(axis: Axes, faults: Sequence[FaultHits], names_s: float | None) -> None:
    """A lane a fault with a bar for its window, hollow if it hit nothing; a short one still has an edge to see."""
    for place, fault in enumerate(faults):
        axis.broken_barh(
            [(fault["from_s"], fault["until_s"] - fault["from_s"])], (place - 0.36, 0.72),
            facecolor=(WARNING, 0.35 if fault["hits"] else 0.0), edgecolor=WARNING, linewidth=1.0,
        )  # fmt: skip
        if names_s is not None:
            words = f"{fault['name']}{'' if fault['hits'] else ' (hit nothing)'}"
            axis.annotate(
                label([words])[0], (names_s, place), xytext=(4, 0), textcoords="offset points", va="center_baseline"
            )
    axis.set_yticks([])
    axis.set_ylim(len(faults) - 0.4, -0.6)
    axis.grid(visible=False)
    axis.tick_params(length=0, labelbottom=False)
    for spine in axis.spines.values():
        spine.set_visible(False)


def quarter_lines(
    axes: Sequence[Axes], calendar: Calendar, stretch: tuple[float, float], *, named: bool = True
) -> None:
    """The quarter's first and last instant, as lines; their names, if they are to have them, on top."""
    for at_s, words in ((calendar["measured_from_s"], "quarter starts"), (calendar["quarter_end_s"], "quarter ends")):
        if stretch[0] <= at_s <= stretch[1]:
            for axis in axes:
                axis.axvline(at_s, color=INK, linewidth=0.8, linestyle=(0, (2, 2)))
            if not named:
                continue
            axes[0].annotate(
                words, (at_s, 1.0), xycoords=axes[0].get_xaxis_transform(), xytext=(0, 2), textcoords="offset points",
                ha="center", fontsize=7, color=INK, annotation_clip=False,
            )  # fmt: skip


def day_ticks(axis: Axes, calendar: Calendar, from_s: float, until_s: float) -> None:
    """Local midnights as ticks: the firsts of months on a long axis, every day or second day on a short one."""
    first, last = local(calendar, from_s).date(), local(calendar, until_s).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    days = [day for day in days if day.day == 1] if len(days) > 40 else days[:: 1 + len(days) // 8]
    start = local(calendar, 0)
    # Hours lost or won by summer time are not seen on this axis.
    places = [(day - start.date()).days * DAY_S - start.hour * 3600 for day in days]
    axis.xaxis.set_major_locator(FixedLocator(places))
    names = {place: f"{day.day} {MONTHS[day.month - 1]}" for place, day in zip(places, days, strict=True)}
    axis.xaxis.set_major_formatter(FuncFormatter(lambda place, _: names.get(round(place), "")))


def age_ticks(top_s: float) -> dict[int, str]:
    """A few round ages up to the highest, and their names: 0, and others in seconds only below a minute."""
    if top_s >= min(AGE_TICKS_S):
        return {0: "0", **{age_s: name for age_s, name in AGE_TICKS_S.items() if age_s <= top_s}}
    step_s = next(step_s for step_s in SECONDS if top_s < 4 * step_s)
    return {0: "0", **{age_s: f"{age_s} s" for age_s in range(step_s, int(top_s) + 1, step_s)}}


def _same_height(axes: Sequence[Sequence[Axes]], layers: int, name: Name) -> None:
    """One scale for all layers, so that they can be compared."""
    cells = [axis for row in axes[-layers:] for axis in row]
    top = max(1.0, *(axis.get_ylim()[1] for axis in cells))
    ticks = age_ticks(top)
    for axis in cells:
        if name == "oldest_s":
            axis.set_yscale("symlog", linthresh=60, linscale=0.6)
            axis.yaxis.set_major_locator(FixedLocator(list(ticks)))
            axis.yaxis.set_major_formatter(FuncFormatter(lambda age_s, _: ticks.get(round(age_s), "")))
            axis.yaxis.set_minor_locator(FixedLocator([]))
        else:
            axis.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        axis.set_ylim(0, top)
    for row in axes[-layers:]:
        row[1].tick_params(labelleft=False)
