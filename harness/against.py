"""The `baseline` part of a document: what has got better or worse than in an earlier result.

Runs of the same seed are pairs, as they met the same business and the same faults; where no seed is common, or the
same seed drew up another business, each side is a sample of its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.baseline import SEEDS_MIN, Baseline, Run
from harness.endings import Invalid
from harness.regression import Judgement, Sides, judged
from harness.shifts import LEVEL
from harness.statistics import Interval
from reports.directions import DIRECTIONS, compared, unit_step
from reports.measures import unit_of
from reports.reading import seeds_shown

CORRECTION = "Holm"
ONE_SEED = (
    "one seed does not tell a change from luck, so only counts of what is wrong are judged; "
    "for the rest, make the baseline with `tieout compare --seeds 5` or more, and hold the same against it"
)


def against(baseline: Baseline, documents: Sequence[Run]) -> dict[str, Any]:
    """The `baseline` part of the document of these runs. Raises Invalid if nothing of them can be compared."""
    remarks = list(baseline.remarks)
    pairs: dict[str, _Matched] = {}
    for layer, earlier in baseline.of.items():
        after = {run["seed"]: run for run in documents if run["layer"] == layer}
        if after:
            pairs[layer] = _matched(baseline.path, layer, baseline.runs[earlier], after, remarks)
    judgements = dict(zip(pairs, judged([each.sides() for each in pairs.values()], baseline.tolerances), strict=True))
    for layer, found in judgements.items():
        alone = [name for name, each in found.items() if each.verdict == "unclear" and each.basis == "none"]
        if alone and len(pairs[layer].after) == 1:
            remarks.append(f"{layer}: {ONE_SEED}")
    return {
        "path": str(baseline.path),
        "tieout": baseline.program,
        "tolerance": baseline.tolerances.all,
        "tolerances": dict(baseline.tolerances.own),
        "level": LEVEL,
        "correction": CORRECTION,
        "estimates": sum(each.chance is not None for found in judgements.values() for each in found.values()),
        "layers": {layer: _layer(baseline.of[layer], pairs[layer], found) for layer, found in judgements.items()},
        "regressions": _changed(judgements, "worse"),
        "improvements": _changed(judgements, "better"),
        "remarks": list(dict.fromkeys(remarks)),
    }


@dataclass(frozen=True, slots=True)
class _Matched:
    """The runs of one layer before and after; of the same seeds in the same order where they are `paired`."""

    before: Sequence[Run]
    after: Sequence[Run]
    paired: bool

    @property
    def identical(self) -> bool:
        """Whether every pair is the same run, byte for byte."""
        return self.paired and all(
            one.get("fingerprint") and one.get("fingerprint") == other.get("fingerprint")
            for one, other in zip(self.before, self.after, strict=True)
        )

    def sides(self) -> Sides:
        """Their numbers, as they are judged. A number that some run does not tell is left out."""
        before, after = _columns(self.before), _columns(self.after)
        steps = {
            name: max(unit_step(run, direction) for run in (*self.before, *self.after))  # type: ignore[arg-type]
            for name, direction in DIRECTIONS.items()
        }
        return Sides(before, after, self.paired, self.identical, steps)


def _matched(
    path: Path, layer: str, before: Mapping[int, Run], after: Mapping[int, Run], remarks: list[str]
) -> _Matched:
    """The runs to compare: pairs of the seeds that are common, if they met the same business; else all of them."""
    common = sorted(before.keys() & after.keys())
    if not common:
        remarks.append(
            f"{layer}: the baseline has {seeds_shown(sorted(before))}, this has {seeds_shown(sorted(after))}: "
            "differences are not paired, and their intervals much wider; use the same seeds"
        )
        return _Matched(_by_seed(before), _by_seed(after), paired=False)
    drawn_anew = [seed for seed in common if _business(before[seed]) != _business(after[seed])]
    if drawn_anew:
        if min(len(before), len(after)) < SEEDS_MIN:
            raise Invalid(
                f"--baseline {path} met another business with seed {drawn_anew[0]}, as another version drew it up: "
                "make the baseline anew with this version"
            )
        remarks.append(
            f"{layer}: the same seeds drew up another business, so differences are not paired: "
            "make the baseline anew with this version"
        )
        return _Matched(_by_seed(before), _by_seed(after), paired=False)
    left_out = sorted(before.keys() ^ after.keys())
    if left_out and len(after) > 1:
        remarks.append(
            f"{layer}: {seeds_shown(left_out)} {'is' if len(left_out) == 1 else 'are'} on one side only and left out: "
            "use the same seeds as the baseline"
        )
    return _Matched([before[seed] for seed in common], [after[seed] for seed in common], paired=True)


def _business(run: Run) -> Any:
    return run.get("business_digest")


def _by_seed(runs: Mapping[int, Run]) -> list[Run]:
    return [runs[seed] for seed in sorted(runs)]


def _columns(runs: Sequence[Run]) -> dict[str, list[float]]:
    """Every number by name, a run each; a span that never ended is infinite."""
    rows = [compared(run) for run in runs]  # type: ignore[arg-type]
    columns: dict[str, list[float]] = {}
    for name in rows[0]:
        values = [row.get(name) for row in rows]
        if unit_of(name) == "span":
            columns[name] = [math.inf if value is None else float(value) for value in values]
        elif None not in values:
            columns[name] = [float(value) for value in values if value is not None]
    return columns


def _layer(earlier: str, matched: _Matched, found: Mapping[str, Judgement]) -> dict[str, Any]:
    return {
        "layer": earlier,
        "paired": matched.paired,
        "identical": matched.identical,
        "seeds": [run["seed"] for run in matched.after],
        "baseline_seeds": [run["seed"] for run in matched.before],
        "metrics": {name: _metric(name, each) for name, each in found.items()},
    }


def _metric(name: str, each: Judgement) -> dict[str, Any]:
    return {
        "unit": DIRECTIONS[name].measure.unit if name in DIRECTIONS else unit_of(name),
        "better": DIRECTIONS[name].better if each.verdict != "told" else None,
        "before": _finite(each.before),
        "after": _finite(each.after),
        "difference": _interval(each.difference),
        "verdict": each.verdict,
        "basis": each.basis,
        "margin": each.margin,
        "chance": each.chance,
    }


def _interval(found: Interval) -> dict[str, float | None]:
    return {"mean": _finite(found.mean), "low": _finite(found.low), "high": _finite(found.high)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _changed(judgements: Mapping[str, Mapping[str, Judgement]], verdict: str) -> list[dict[str, str]]:
    return [
        {"layer": layer, "metric": name}
        for layer, found in judgements.items()
        for name, each in found.items()
        if each.verdict == verdict
    ]
