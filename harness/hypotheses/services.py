"""Service times with a mean of one second, as the queues of the validation set want them."""

import math
from array import array
from collections.abc import Mapping

import numpy as np

from sim.chance import Distribution, constant, exponential, lognormal
from sim.durations import SECOND

CELLS = 1 << 14


def lognormal_service(sigma_milli: int) -> Distribution:
    """Lognormal with this sigma, in thousandths, and a mean of a second."""
    sigma = sigma_milli / 1000
    return lognormal(round(SECOND * math.exp(-(sigma**2) / 2)), sigma_milli)


def erlang_service(stages: int) -> Distribution:
    """The sum of so many exponential stages, with a mean of a second: its quantiles, found by halving."""
    shares = (np.arange(CELLS) + 0.5) / CELLS
    low, high = np.zeros(CELLS), np.full(CELLS, 40.0)
    for _ in range(60):
        middle = (low + high) / 2
        beyond = sum((middle * stages) ** stage / math.factorial(stage) for stage in range(stages))
        below = 1 - np.exp(-middle * stages) * beyond < shares
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return Distribution(array("q", [round(SECOND * value) for value in low.tolist()]))


SERVICES: Mapping[str, Distribution] = {
    "exponential": exponential(SECOND),
    "fixed": constant(SECOND),
    "lognormal .5": lognormal_service(500),
    "lognormal 1": lognormal_service(1000),
    "Erlang of 4 stages": erlang_service(4),
}
"""Services by name."""

SQUARED_VARIATION: Mapping[str, float] = {
    "exponential": 1.0,
    "fixed": 0.0,
    "lognormal .5": math.expm1(0.25),
    "lognormal 1": math.expm1(1.0),
    "Erlang of 4 stages": 0.25,
}
"""The squared coefficient of variation of each, in theory."""
