"""A measured number with the interval that a prediction must lie in, and the rule by which the interval was made.

Intervals come from theory or from the data, never from taste: four standard errors, an exact binomial or Poisson
interval of 99 %, or none at all where the claim is exact.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.statistics import binomial_interval, percentile, poisson_interval

LEVEL = 0.99
BATCHES = 25
"""Of 20 or more batches the means are taken for independent."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: `value`, and what is compatible with it, from `low` to `high`, by a `rule`."""

    value: float
    low: float
    high: float
    rule: str

    @property
    def level(self) -> str:
        """The level of the interval in short: `99 %`, `4 s.e.`; nothing where the rule has none."""
        if "standard errors" in self.rule:
            return "4 s.e."
        return "99 %" if "99 %" in self.rule else ""

    def agrees_with(self, predicted: float) -> bool:
        """Whether the prediction lies within the interval. An exact number is compared but for its last digits."""
        if self.low == self.high:
            return math.isclose(predicted, self.value, rel_tol=1e-9, abs_tol=1e-12)
        return self.low <= predicted <= self.high


def exactly(value: float) -> Measured:
    """A number without chance in it."""
    return Measured(value, value, value, "exact")


def at_most(value: float) -> Measured:
    """A largest value seen, of which a bound is claimed: any bound that it keeps agrees with it."""
    return Measured(value, value, math.inf, "bound")


def within(value: float, tolerance: float, rule: str) -> Measured:
    """A number with an absolute tolerance that somebody has stated."""
    return Measured(value, value - tolerance, value + tolerance, rule)


def by_theory(value: float, variance: float) -> Measured:
    """A number whose variance theory gives: four standard errors on either side."""
    return within(value, 4 * math.sqrt(variance), "4 standard errors, from theory")


def by_batches(means: Sequence[float]) -> Measured:
    """The mean of the means of batches, and four of its standard errors as the batches scatter."""
    mean = math.fsum(means) / len(means)
    return within(mean, 4 * standard_error(means), f"4 standard errors, from {len(means)} batches")


def quantile_by_batches(values: Sequence[float], share: float, batches: int = BATCHES) -> Measured:
    """A quantile of all values, and four standard errors as the quantiles of their batches scatter."""
    each = [percentile(batch, share) for batch in in_batches(values, batches)]
    rule = f"4 standard errors, from the quantiles of {batches} batches"
    return within(percentile(values, share), 4 * standard_error(each), rule)


def share_of(hits: int, trials: int) -> Measured:
    """A share of independent trials, with its exact binomial interval."""
    rate = binomial_interval(hits, trials, LEVEL)
    return Measured(rate.mean, rate.low, rate.high, "binomial 99 %")


def rate_of(count: int, exposure: float) -> Measured:
    """Rare events by exposure, with the exact Poisson interval of their count."""
    found = poisson_interval(count, LEVEL)
    return Measured(count / exposure, found.low / exposure, found.high / exposure, "Poisson 99 %")


def mean_of(total: float, number: int, variance: float) -> Measured:
    """The mean of so many independent values with a known `variance` each: the normal interval of 99 %."""
    off = SIGMAS * math.sqrt(variance / number)
    return Measured(total / number, total / number - off, total / number + off, "normal 99 %, variance from theory")


def standard_error(values: Sequence[float]) -> float:
    """The standard error of the mean of independent values."""
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))


def in_batches(values: Sequence[float], batches: int = BATCHES) -> list[Sequence[float]]:
    """The values in so many batches of the same size, in order; the few that are over belong to none."""
    size = len(values) // batches
    return [values[start : start + size] for start in range(0, size * batches, size)]


def batch_means(values: Sequence[float], of: Callable[[Sequence[float]], float] = math.fsum) -> list[float]:
    """The mean of each batch."""
    return [of(batch) / len(batch) for batch in in_batches(values)]


SIGMAS = 2.5758293035489004
"""The normal distribution's 99.5 % quantile."""
