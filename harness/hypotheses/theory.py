"""Closed forms of queueing theory, with time in mean service times: what the simulator is held against.

Nothing here has seen a run.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

Reward: TypeAlias = Callable[[int], float]
"""A function of the number inside."""

ArrayReward: TypeAlias = Callable[[Any], Any]
"""The same for an array of numbers inside."""

STATES = 2_000


def erlang_b(servers: int, load: float) -> float:
    """The share of arrivals that finds all servers busy, when those are lost. Erlang 1917."""
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """The share of arrivals that has to wait, when none is lost. Erlang 1917."""
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait(servers: int, load: float) -> float:
    """The mean wait before service in M/M/c."""
    return erlang_c(servers, load) / (servers - load)


def pollaczek_khinchine(load: float, squared_variation: float) -> float:
    """The mean wait before service in M/G/1; `squared_variation` is the service's, 1 for an exponential one."""
    return load * (1 + squared_variation) / (2 * (1 - load))


def batch_wait(load: float, batch: int) -> float:
    """The mean wait before service in M/M/1 where calls come in batches of a fixed size: H23 with E[X²] = X²."""
    return load / (1 - load) + (batch - 1) / (2 * (1 - load))


def full_share(places: int, load: float) -> float:
    """The share of arrivals that M/M/1 with so many places, the one in service included, turns away."""
    return (1 - load) * load**places / (1 - load ** (places + 1))


def retried_refusals(servers: int, load: float) -> float:
    """The share of tries refused when everyone refused tries again much later: the fixed point of H13."""
    offered = load
    for _ in range(10_000):
        offered = load / (1 - erlang_b(servers, offered))
    return erlang_b(servers, offered)


def breakdown_stay(arrivals: float, failures: float, repair: float, repair_squared: float) -> float:
    """The mean stay in M/M/1 whose server breaks down while it is up, busy or not, and then resumes: H29.

    `arrivals` and `failures` are rates, `repair` and `repair_squared` the first moments of a repair's length.
    """
    completion = 1 + failures * repair
    delayed = failures * repair_squared / (2 * (1 + failures * repair))
    return (completion + delayed) / (1 - arrivals * completion)


def age(load: float) -> float:
    """The mean age of what a target shows that an M/M/1 pipeline updates. Kaul, Yates & Gruteser 2012."""
    return 1 + 1 / load + load**2 / (1 - load)


def poisson_tail(mean: float, above: int) -> float:
    """The share of a Poisson number beyond `above`."""
    upto = range(above + 1)
    return 1 - math.fsum(math.exp(number * math.log(mean) - mean - math.lgamma(number + 1)) for number in upto)


def asymptotic_variance(servers: int, load: float, reward: Reward, places: int = STATES) -> float:
    """Time × variance of the time average of `reward(number inside)` in M/M/c with at most so many `places`.

    Whitt 1992, "Asymptotic formulas for Markov processes with applications to simulation", (5): for a birth-death
    process 2 Σ_j (Σ_{i ≤ j} (f(i) - f̄) π_i)² / (λ π_j).
    """
    weights = [1.0]
    for state in range(1, places + 1):
        weights.append(weights[-1] * load / min(state, servers))
    whole = math.fsum(weights)
    shares = [weight / whole for weight in weights]
    mean = math.fsum(reward(state) * share for state, share in enumerate(shares))
    below, total = 0.0, 0.0
    for state, share in enumerate(shares[:-1]):
        below += (reward(state) - mean) * share
        if share > 1e-14:
            total += 2 * below**2 / (load * share)
    return total
