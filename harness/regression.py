"""What has got better or worse between two sets of runs, beyond what luck and a tolerance explain.

A number is judged as a fact or as an estimate:

- what is 0 wherever nothing is wrong (duplicates, losses, breaks) is a fact where the runs are paired by seed and
  one side never had any: the same business under the same faults now has some, or has none any more. With one seed
  such numbers are facts, too;
- all else is an estimate over two seeds or more: it has changed if Student's interval of the difference (paired by
  seed, or Welch's) lies beyond the tolerance, once Holm's correction has allowed for all the estimates looked at.

Where nothing but luck differs, at most one comparison in twenty calls any estimate better or worse.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harness.shifts import LEVEL, Shift, holm, paired_shift, unpaired_shift
from harness.statistics import Interval
from reports.directions import DIRECTIONS, Direction

Verdict = Literal["worse", "better", "same", "unclear", "told"]
Basis = Literal["identical", "fact", "estimate", "none"]

CHANCE = 1 - LEVEL
TOLERANCE = 0.05

Column = Sequence[float]
"""A metric's values, a seed each; infinite for what never came."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """The relative difference that does not matter: of each metric that has one of its own, and of all others.

    It is a share of the larger of the two means, so that neither side is favoured. None: any difference will do.
    """

    all: float = TOLERANCE
    own: Mapping[str, float | None] = field(default_factory=dict)

    def of(self, metric: str) -> float | None:
        """The tolerance for a metric."""
        return self.own.get(metric, self.all)


@dataclass(frozen=True, slots=True)
class Sides:
    """The runs of one layer before and after, by metric. `paired`: value for value of the same seeds.

    `identical`: byte for byte the same runs. `steps` are those in which a metric moves, for those that count.
    """

    before: Mapping[str, Column]
    after: Mapping[str, Column]
    paired: bool
    identical: bool = False
    steps: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of one metric. `difference` is after less before, its bounds infinite where nothing bounds it.

    `margin` is what the tolerance comes to. `chance` is how likely luck alone is to have done it, Holm's correction
    made; None for what is no estimate.
    """

    before: float
    after: float
    difference: Interval
    verdict: Verdict
    basis: Basis
    margin: float
    chance: float | None = None


def judged(sides: Sequence[Sides], tolerances: Tolerances) -> list[dict[str, Judgement]]:
    """The judgement of every metric that both sides have, layer by layer. All the layers' estimates are one family."""
    measured = [
        {name: _measured(each, name, tolerances.of(name)) for name in each.before if name in each.after}
        for each in sides
    ]
    family = [found for each in measured for found in each.values() if found.shift]
    chances = iter(holm([found.chance for found in family]))
    return [{name: found.judged(next(chances) if found.shift else None) for name, found in each.items()}
            for each in measured]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Measured:
    """One metric, measured and not judged yet. `shift` is there where an estimate decides."""

    before: float
    after: float
    margin: float
    basis: Basis
    direction: Direction | None
    shift: Shift | None = None

    @property
    def chance(self) -> float:
        return self.shift.chance(self.margin) if self.shift else 0.0

    def judged(self, chance: float | None) -> Judgement:
        """The judgement, once it is known how likely luck is to have done it."""
        size = _less(self.after, self.before)
        difference = self.shift.interval() if self.shift else Interval(size, -math.inf, math.inf)
        if self.basis in ("identical", "fact"):
            difference = Interval(size, size, size)
        verdict = self._verdict(difference, chance)
        return Judgement(self.before, self.after, difference, verdict, self.basis, self.margin, chance)

    def _verdict(self, difference: Interval, chance: float | None) -> Verdict:
        if self.direction is None:
            return "told"
        if chance is not None:
            changed = chance < CHANCE
            level = max(abs(difference.low), abs(difference.high)) <= self.margin
        else:
            changed = self.basis == "fact" and abs(difference.mean) > self.margin
            level = self.basis != "none" and not changed
        if changed:
            return "worse" if (difference.mean > 0) == (self.direction.better == "lower") else "better"
        return "same" if level else "unclear"


def _measured(sides: Sides, name: str, tolerance: float | None) -> _Measured:
    before, after = sides.before[name], sides.after[name]
    direction = DIRECTIONS.get(name) if tolerance is not None else None
    means = _mean(before), _mean(after)
    margin = (tolerance or 0.0) * max(map(abs, means))
    margin = margin if math.isfinite(margin) else 0.0  # against what never came, any span is another
    if sides.identical:
        return _Measured(*means, margin, "identical", direction)
    if direction is None:
        return _Measured(*means, margin, "none", None)
    if _is_fact(before, after, direction, sides.paired):
        return _Measured(*means, margin, "fact", direction)
    if min(len(before), len(after)) < 2 or not all(map(math.isfinite, (*before, *after))):
        return _Measured(*means, margin, "none", direction)
    between = paired_shift if sides.paired else unpaired_shift
    return _Measured(*means, margin, "estimate", direction, between(before, after, sides.steps.get(name, 0.0)))


def _is_fact(before: Column, after: Column, direction: Direction, paired: bool) -> bool:
    """Whether what is seen needs no estimate: one side faultless, or on time, throughout; or one seed's own numbers."""
    if not paired:
        return False
    if direction.faultless:
        return len(before) == 1 or not any(before) or not any(after)
    late, later = (any(map(math.isinf, column)) for column in (before, after))
    return late != later or (late and list(before) == list(after))


def _mean(values: Column) -> float:
    return math.inf if any(map(math.isinf, values)) else math.fsum(values) / len(values)


def _less(one: float, other: float) -> float:
    return 0.0 if one == other else one - other
