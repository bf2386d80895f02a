"""How far two samples of runs lie apart, and whether by more than a margin: Student's t, paired by seed or Welch's.

An estimate is a mean with its standard error. Floats, for reports only.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.statistics import Interval, t_quantile, t_tail

LEVEL = 0.95
HALF_A_UNIT = 0.5


@dataclass(frozen=True, slots=True)
class Shift:
    """A difference of means, with its standard error and the degrees of freedom that this has."""

    mean: float
    error: float
    degrees: float

    def interval(self, level: float = LEVEL) -> Interval:
        """The difference with Student's interval."""
        half = t_quantile((1 + level) / 2, self.degrees) * self.error if self.error else 0.0
        return Interval(self.mean, self.mean - half, self.mean + half)

    def chance(self, margin: float) -> float:
        """How often luck alone puts the means so far apart, either way, if in truth they differ by `margin` at most."""
        beyond = abs(self.mean) - margin
        if beyond <= 0:
            return 1.0
        return 2 * t_tail(beyond / self.error, self.degrees) if self.error else 0.0


def paired_shift(before: Sequence[float], after: Sequence[float], unit: float = 0.0) -> Shift:
    """The mean of `after` − `before`, seed by seed; at least two seeds.

    What moves in steps of `unit` spreads by half of one at least: a count that is up by one with each of two seeds
    would otherwise pass for a law of nature.
    """
    differences = [late - early for early, late in zip(before, after, strict=True)]
    spread = max(_variance(differences), (HALF_A_UNIT * unit) ** 2 if any(differences) else 0.0)
    return Shift(_mean(differences), math.sqrt(spread / len(differences)), len(differences) - 1)


def unpaired_shift(before: Sequence[float], after: Sequence[float], unit: float = 0.0) -> Shift:
    """The mean of `after` less that of `before`, of two or more seeds each, that have nothing in common. Welch 1947."""
    floor = (HALF_A_UNIT * unit) ** 2
    parts = [max(_variance(sample), floor) / len(sample) for sample in (before, after)]
    whole = sum(parts)
    squares = sum(part**2 / (len(sample) - 1) for part, sample in zip(parts, (before, after), strict=True))
    # There are as many degrees as the smaller sample has, at least: where the squares are too small for a number, too.
    least = float(min(len(before), len(after)) - 1)
    degrees = max(least, whole**2 / squares) if squares else least
    return Shift(_mean(after) - _mean(before), math.sqrt(whole), degrees)


def holm(chances: Sequence[float]) -> list[float]:
    """Each chance as it is once one has looked at all: it bounds how often any of them misleads. Holm 1979."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    adjusted, worst = [0.0] * len(chances), 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, (len(chances) - rank) * chances[place]))
        adjusted[place] = worst
    return adjusted


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
