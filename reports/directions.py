"""Which way of a measure is better: what a run is held against its baseline by, and what is only told beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reports.measures import (
    ADJUSTMENTS,
    AMOUNT_OFF,
    BREAKS,
    CALLS,
    CLOSE_CYCLE,
    DUPLICATES,
    LAG_P50,
    LAG_P95,
    LAG_P99,
    MISSING,
    NEVER,
    STILL_OPEN,
    UNOWNED,
    Measure,
    numbers,
)
from reports.result import RunDocument

Better = Literal["lower", "higher"]

BACKLOG = Measure("backlog.peak", "peak of the backlog", "backlog peak", "count")
GOODPUT = Measure("goodput", "changes an hour that arrived everywhere", "goodput an hour", "ratio")


@dataclass(frozen=True, slots=True)
class Direction:
    """A measure and the way that is better. `faultless`: one that is 0 wherever nothing is wrong."""

    measure: Measure
    better: Better = "lower"
    faultless: bool = False


JUDGED = (
    *(Direction(each, faultless=True) for each in (DUPLICATES, MISSING, BREAKS, AMOUNT_OFF, NEVER)),
    *(Direction(each, faultless=True) for each in (STILL_OPEN, UNOWNED)),
    *(Direction(each) for each in (LAG_P50, LAG_P95, LAG_P99, BACKLOG)),
    Direction(GOODPUT, "higher"),
    *(Direction(each) for each in (CALLS, CLOSE_CYCLE, ADJUSTMENTS)),
)
"""What is judged, the worst to lose first. Of figures that tell the same in two ways, one."""

DIRECTIONS: Mapping[str, Direction] = {each.measure.name: each for each in JUDGED}

NAMED: Mapping[str, Direction] = {name: each for each in JUDGED for name in (each.measure.name, *each.measure.also)}
"""The same by every name of a measure: also by the one that a threshold gives it, such as `event_lag.p99`."""

TOLD = ("retries", "durable_writes", "manual_touches", "replayed")
"""What is neither better nor worse by itself: more of it may be the remedy."""


def compared(run: RunDocument) -> dict[str, float | None]:
    """Every number of a run that is held against a baseline, by name; None where the run has none.

    Of a span, None is what never came to its end.
    """
    metrics, every = run["metrics"], numbers(run)
    every[BACKLOG.name] = metrics.get("backlog", {}).get("peak")
    every[GOODPUT.name] = metrics.get("goodput")
    every["retries"] = metrics.get("retries")
    found = {name: every[name] for name in (*DIRECTIONS, *TOLD)}
    for group in ("duplicates", "missing"):
        parts: Mapping[str, int] = run[group]
        found.update((f"{group}.{kind}", count) for kind, count in parts.items())
    return found


def unit_step(run: RunDocument, direction: Direction) -> float:
    """The steps in which a run's number moves: 1 for a count, one change for the share of them, 0 for what flows."""
    if direction.measure is NEVER:
        changes: int = run["metrics"].get("event_lag", {}).get("count", 1)
        return 1 / max(1, changes)
    return 1.0 if direction.measure.unit == "count" else 0.0
