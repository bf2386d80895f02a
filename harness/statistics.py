"""What a handful of seeds can tell: exact percentiles, and intervals for means, differences, rates and counts.

A run's numbers are exact; what varies is the seed. Every interval is two-sided with the given level, and
its ends are infinite where the data cannot say more (one seed, a value that never came). Floats, for
reports only. The quantiles behind the intervals are found by halving, to the last bit that matters.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sim.chance import Stream
from sim.durations import SECOND

Values: TypeAlias = Sequence[float] | npt.NDArray[np.float64]

NEVER = math.inf
"""The lag of what has not arrived. It sorts after every span, and a percentile that meets it is infinite."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate (`mean`) and the interval from `low` to `high` around it."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside: only then is one side called better than the other."""
        return self.low > 0 or self.high < 0


# --- percentiles -------------------------------------------------------------------------------------


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 … 1) of all values do not exceed: the nearest rank, exact.

    Hyndman & Fan 1996, definition 1. Raises ValueError for no values.
    """
    return percentiles(values, [share])[0]


def percentiles(values: Values, shares: Sequence[float]) -> list[float]:
    """The nearest-rank percentile of `values` at each of `shares`."""
    if not len(values):
        raise ValueError("no values: a percentile needs at least one")
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    return [float(ordered[_rank(share, len(ordered)) - 1]) for share in shares]


def distribution(spans_us: Values) -> dict[str, Any]:
    """A run document's entry for a distribution of spans: exact percentiles in seconds, None where it never came.

    `spans_us` holds microseconds, NEVER for what has not arrived. `quantiles_s` has the 0th to the 100th
    percentile; `mean_s` is None as soon as one never came, and so is every percentile of no spans at all.
    """
    spans = np.asarray(spans_us, dtype=np.float64)
    count, never = len(spans), int(np.count_nonzero(spans == NEVER))
    quantiles = percentiles(spans, [step / 100 for step in range(101)]) if count else [NEVER] * 101
    quantiles_s = [None if span == NEVER else span / SECOND for span in quantiles]
    return {
        "count": count,
        "never_share": never / count if count else 0.0,
        "mean_s": _total(spans) / count / SECOND if count and not never else None,
        "p50_s": quantiles_s[50],
        "p95_s": quantiles_s[95],
        "p99_s": quantiles_s[99],
        "max_s": quantiles_s[100],
        "quantiles_s": quantiles_s,
    }


def _total(spans: npt.NDArray[np.float64]) -> float:
    """Their sum, rounded once: whole microseconds, which nearly all are, add up exactly as integers."""
    whole = spans.astype(np.int64)
    return float(whole.sum()) if (whole == spans).all() else math.fsum(spans.tolist())


def _rank(share: float, count: int) -> int:
    """The 1-based nearest rank. The share is taken as written: 0.07 of 100 is 7, which in floats is more than 7."""
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is no share: write 0.99 for the 99th percentile")
    exact = _as_written(float(share))
    return max(1, -(-exact.numerator * count // exact.denominator))


@lru_cache(maxsize=1 << 10)
def _as_written(share: float) -> Fraction:
    return Fraction(str(share))


# --- means and differences over seeds ----------------------------------------------------------------


def mean_interval(values: Sequence[float], level: float = 0.95) -> Interval:
    """The mean over seeds with Student's interval; without bounds for one value, or if a value is not finite."""
    if not len(values):
        raise ValueError("no values: a mean needs at least one")
    if not all(map(math.isfinite, values)):
        met = set(values)
        return Interval(math.nan if {math.inf, -math.inf} <= met else sum(values), -math.inf, math.inf)
    count = len(values)
    mean = math.fsum(values) / count
    if count == 1:
        return Interval(mean, -math.inf, math.inf)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    half = t_quantile((1 + level) / 2, count - 1) * math.sqrt(variance / count)
    return Interval(mean, mean - half, mean + half)


def paired_difference(left: Sequence[float], right: Sequence[float], level: float = 0.95) -> Interval:
    """The mean of `left` − `right`, seed by seed, with Student's interval. Two that never came differ by 0."""
    return mean_interval([_difference(one, other) for one, other in zip(left, right, strict=True)], level)


@dataclass(frozen=True, slots=True)
class Resampled:
    """A percentile over all of so many `runs` together, and over each of many bootstrap resamples of the runs."""

    runs: int
    whole: float
    resamples: tuple[float, ...]


def resampled(runs: Sequence[Values], share: float, resamples: int = 2000) -> Resampled:
    """The percentile at `share` of all `runs` (one inner sequence a seed), and of resamples of whole runs.

    Any runs of the same number are resampled alike, on every machine: so two layers' results are paired by seed.
    """
    if not runs:
        raise ValueError("no runs: a percentile needs at least one")
    once = np.ones((1, len(runs)), dtype=np.int64)
    (whole,) = _resampled_percentiles(runs, once, share)
    many = _resampled_percentiles(runs, _resampled_counts(len(runs), resamples), share)
    return Resampled(len(runs), whole, tuple(many))


def quantile_difference(left: Resampled, right: Resampled, level: float = 0.95) -> Interval:
    """`left`'s percentile minus `right`'s with a paired bootstrap interval over seeds (Efron & Tibshirani 1993, §16).

    Few seeds make it too narrow (5 seeds have only 126 resamples): prefer `paired_difference` of the runs'
    percentiles below 10.
    """
    if left.runs != right.runs:
        raise ValueError(f"runs come in pairs, one of each side a seed: got {left.runs} and {right.runs}")
    mean = _difference(left.whole, right.whole)
    if left.runs == 1:
        return Interval(mean, -math.inf, math.inf)
    differences = [_difference(one, other) for one, other in zip(left.resamples, right.resamples, strict=True)]
    tail = Fraction(str(level)) / 2
    low, high = percentiles(differences, [float(Fraction(1, 2) - tail), float(Fraction(1, 2) + tail)])
    return Interval(mean, low, high)


def _difference(left: float, right: float) -> float:
    return 0.0 if left == right else left - right


def _resampled_counts(runs: int, resamples: int) -> npt.NDArray[np.int64]:
    """How often each run occurs in each resample: a row a resample, a column a run."""
    draws = Stream(0, "bootstrap")
    picks = [[draws.below(runs, resample, place) for place in range(runs)] for resample in range(resamples)]
    return np.array([np.bincount(row, minlength=runs) for row in picks], dtype=np.int64)


def _resampled_percentiles(runs: Sequence[Values], counts: npt.NDArray[np.int64], share: float) -> list[float]:
    """The nearest-rank percentile of each resample's values, all its runs together, without building them."""
    pooled = np.concatenate([np.asarray(run, dtype=np.float64) for run in runs])
    owner = np.repeat(np.arange(len(runs)), [len(run) for run in runs])
    order = np.argsort(pooled, kind="stable")
    upto = np.cumsum(owner[order, None] == np.arange(len(runs)), axis=0)  # values of each run up to a place
    sizes = (counts * upto[-1]).sum(axis=1) if len(pooled) else np.zeros(1)
    if not sizes.all():
        raise ValueError("a run without values: its percentile is unknown, so leave its seed out on both sides")
    ranks = np.array([_rank(share, int(size)) for size in sizes])
    low, high = np.zeros(len(counts), dtype=np.int64), np.full(len(counts), len(pooled) - 1)
    while (low < high).any():
        middle = (low + high) // 2
        enough = (counts * upto[middle]).sum(axis=1) >= ranks
        low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
    values: list[float] = pooled[order][low].tolist()
    return values


# --- rates and counts --------------------------------------------------------------------------------


def binomial_interval(hits: int, trials: int, level: float = 0.95) -> Interval:
    """The rate of `hits` in `trials` with its exact interval. Clopper & Pearson 1934."""
    if not 0 <= hits <= trials or not trials:
        raise ValueError(f"{hits} hits in {trials} trials: hits are between 0 and the trials, and there is a trial")
    tail = (1 - level) / 2
    low = _solve(lambda rate: beta_share(rate, hits, trials - hits + 1), tail, 0.0, 1.0) if hits else 0.0
    high = _solve(lambda rate: beta_share(rate, hits + 1, trials - hits), 1 - tail, 0.0, 1.0) if hits < trials else 1.0
    return Interval(hits / trials, low, high)


def poisson_interval(count: int, level: float = 0.95) -> Interval:
    """A count of rare events with the exact interval for its expectation. Garwood 1936."""
    if count < 0:
        raise ValueError(f"{count} is no count")
    tail = (1 - level) / 2
    far = count + 20 * math.sqrt(count + 1) + 40
    low = _solve(lambda mean: gamma_share(mean, count), tail, 0.0, far) if count else 0.0
    return Interval(count, low, _solve(lambda mean: gamma_share(mean, count + 1), 1 - tail, 0.0, far))


def rule_of_three(trials: int) -> float:
    """The upper 95 % bound of a rate that showed no hit in `trials`: 3 / n. Hanley & Lippman-Hand 1983."""
    if trials < 0:
        raise ValueError(f"{trials} is no number of trials")
    return min(1.0, 3 / trials) if trials else 1.0


# --- the quantiles behind the intervals --------------------------------------------------------------


def t_quantile(probability: float, degrees: int) -> float:
    """The value that Student's t with `degrees` of freedom stays below with this probability. DLMF 8.17.20."""
    if degrees < 1 or not 0 < probability < 1:
        raise ValueError(f"t needs a degree of freedom and a probability within (0, 1): got {degrees}, {probability}")
    if probability < 0.5:
        return -t_quantile(1 - probability, degrees)
    inner = _solve(lambda share: beta_share(share, 0.5, degrees / 2), 2 * probability - 1, 0.0, 1.0)
    return math.sqrt(degrees * inner / (1 - inner))


def beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b): the share of Beta(a, b) below `x`. DLMF 8.17.22."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))

    def factor(step: int) -> float:
        half = step // 2
        if step % 2:
            return -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        return half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))

    return front / a / _continued_fraction(factor)


def gamma_share(x: float, a: float) -> float:
    """The regularised incomplete gamma function P(a, x): the share of Gamma(a) below `x`. DLMF 8.11.4, 8.9.2."""
    if x <= 0:
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        step = 0
        while term > total * 1e-17:
            step += 1
            term *= x / (a + step)
            total += term
        return front * total

    def factor(step: int) -> float:
        half = step // 2
        return (half + 1 - a) / x if step % 2 else half / x

    return 1 - front / x / _continued_fraction(factor)


def _continued_fraction(factor: Callable[[int], float]) -> float:
    """1 + factor(1) / (1 + factor(2) / (1 + …)), by Lentz's method (Thompson & Barnett 1986)."""
    tiny = 1e-300
    value = upper = 1.0
    lower, step = 0.0, 0
    while True:
        step += 1
        lower = 1 / (1 + factor(step) * lower or tiny)
        upper = 1 + factor(step) / upper or tiny
        value *= upper * lower
        if abs(upper * lower - 1) < 1e-15:
            return value


def _solve(rising: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where the rising function reaches `target`, by halving until no number lies between."""
    while low < (middle := (low + high) / 2) < high:
        if rising(middle) < target:
            low = middle
        else:
            high = middle
    return high
