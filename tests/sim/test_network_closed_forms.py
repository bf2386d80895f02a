"""A server on the wire is the queue, the retry and the outage that theory describes.

Waits follow from mechanism alone: nothing in the network knows these formulas (PATTERNS-REFERENCE §2, §4.4). Seeds
are fixed, so each test gives one answer for ever; the tolerance of each is four standard errors, or a 99 %
interval, computed and not chosen.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import pytest

from harness.statistics import binomial_interval, poisson_interval
from sim.chance import Stream, constant, exponential, lognormal
from sim.faults import LostRequest, LostResponse
from sim.network import Limits
from tests.sim.world import MILLISECOND, SECOND, World

# --- queues ------------------------------------------------------------------------------------------


def serve_poisson(*, load, customers, seed=1, capacity=1, service=None, limits=None):
    """Poisson arrivals at `load` a second at `capacity` slots with a mean service of a second; the statistics."""
    service = service or exponential(SECOND)
    world = World(capacity=capacity, service=service, seed=seed, limits=limits or Limits())
    gaps, draws = exponential(round(SECOND / load)), Stream(seed, "arrivals")

    async def arrivals():
        for number in range(customers):
            await world.clock.sleep(gaps.draw(draws.word(number) >> 32))
            world.send(str(number))

    world.clock.spawn(arrivals())
    return world, world.run(round(customers / load) * SECOND)


def erlang_b(servers, load):
    """The share of arrivals that finds all servers busy, when those are lost."""
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def erlang_c(servers, load):
    """The share of arrivals that has to wait, when none is lost."""
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def asymptotic_variance(servers, load, reward):
    """Time × variance of the time average of `reward(number inside)` in M/M/c with services of mean 1.

    Whitt 1992, "Asymptotic formulas for Markov processes with applications to simulation", (5): for a birth-death
    process 2 Σ_j (Σ_{i ≤ j} (f(i) - f̄) π_i)² / (λ π_j).
    """
    states = range(400)
    weights = [1.0]
    for state in states[1:]:
        weights.append(weights[-1] * load / min(state, servers))
    shares = [weight / math.fsum(weights) for weight in weights]
    mean = math.fsum(reward(state) * share for state, share in zip(states, shares, strict=True))
    below, total = 0.0, 0.0
    for state, share in zip(states, shares, strict=True):
        below += (reward(state) - mean) * share
        if share > 1e-14:
            total += 2 * below**2 / (load * share)
    return total


@pytest.mark.parametrize(("load", "variance"), [(0.5, 24), (0.8, 1_800), (0.9, 34_200)])
def test_the_standard_errors_are_those_of_the_reference(load, variance):
    """§4.4: 2ρ(1+ρ)/(1−ρ)⁴ for the number inside M/M/1."""
    assert asymptotic_variance(1, load, lambda inside: inside) == pytest.approx(variance, rel=1e-6)


@pytest.mark.parametrize(
    ("servers", "load", "wait", "inside"),
    [(1, 0.5, 1, 1), (1, 0.7, 7 / 3, 7 / 3), (2, 1.6, 1.777778, 4.444444), (5, 4, 0.554113, 6.216450)],
    ids=["M/M/1 .5", "M/M/1 .7", "M/M/2 1.6", "M/M/5 4"],
)
def test_markov_queues_wait_as_erlang_says(servers, load, wait, inside):
    """Q1, Q4 and Q5 of the validation set: within 4 standard errors over 100 000 customers."""
    assert erlang_c(servers, load) / (servers - load) == pytest.approx(wait, rel=1e-6)
    customers = 100_000
    _, seen = serve_poisson(load=load, customers=customers, capacity=servers)

    seconds = customers / load
    off_inside = 4 * math.sqrt(asymptotic_variance(servers, load, lambda number: number) / seconds)
    off_queue = 4 * math.sqrt(asymptotic_variance(servers, load, lambda number: max(0, number - servers)) / seconds)
    assert seen.mean_inside == pytest.approx(inside, abs=off_inside)
    assert seen.mean_queue == pytest.approx(load * wait, abs=off_queue)
    assert seen.mean_wait_us / SECOND == pytest.approx(wait, abs=off_queue / load)
    assert seen.mean_sojourn_us / SECOND == pytest.approx(wait + 1, abs=off_inside / load)
    off_busy = 4 * math.sqrt(asymptotic_variance(servers, load, lambda number: min(number, servers)) / seconds)
    assert seen.utilisation == pytest.approx(load / servers, abs=off_busy / servers)


def batch_error(world, batches=25):
    """The mean wait before service, and its standard error from the means of batches (§4.3: 20 or more)."""
    rows = sorted(world.wire.trace.rows("calls"))
    waits = [(left - arrived) / SECOND for _, _, _, _, _, _, arrived, left, *_ in rows]
    size = len(waits) // batches
    means = [math.fsum(waits[start : start + size]) / size for start in range(0, size * batches, size)]
    mean = math.fsum(means) / batches
    variance = math.fsum((each - mean) ** 2 for each in means) / (batches - 1)
    return mean, math.sqrt(variance / batches)


@pytest.mark.parametrize(
    ("service", "wait"),
    [(constant(SECOND), 2.0), (lognormal(round(SECOND * math.exp(-0.125)), 500), 2.5681)],
    ids=["M/D/1", "M/LN/1"],
)
def test_other_services_wait_as_pollaczek_and_khinchine_say(service, wait):
    """Q11 and Q13 at ρ = .8: a steady service halves the wait, a scattered one lengthens it."""
    world, _ = serve_poisson(load=0.8, customers=60_000, service=service, seed=2)
    sojourn, error = batch_error(world)
    assert sojourn - 1 == pytest.approx(wait, abs=4 * error)
    assert 4 * error < 0.3 * wait


@pytest.mark.parametrize(
    "service", [exponential(SECOND), constant(SECOND), lognormal(round(SECOND * math.exp(-0.125)), 500)],
    ids=["exponential", "constant", "lognormal"],
)  # fmt: skip
def test_a_capped_api_refuses_erlangs_share_whatever_the_service(service):
    """Q9 and H13: with as many slots as it admits, first tries meet Erlang B, .1101 for 5 slots under a load of 3."""
    world, _ = serve_poisson(load=3, customers=40_000, capacity=5, service=service, limits=Limits(concurrent=5))
    refused = [row["outcome"] == "throttled" for row in world.rows()]
    size = len(refused) // 25
    shares = [sum(refused[start : start + size]) / size for start in range(0, 25 * size, size)]
    mean = math.fsum(shares) / 25
    error = math.sqrt(math.fsum((share - mean) ** 2 for share in shares) / 24 / 25)
    assert erlang_b(5, 3) == pytest.approx(0.1101, abs=5e-5)
    assert mean == pytest.approx(erlang_b(5, 3), abs=4 * error)
    assert 4 * error < 0.01


# --- lost requests and lost responses (H3) -----------------------------------------------------------


@dataclass(frozen=True)
class Fate:
    """What became of one operation: how often it was tried and committed, and whether its client heard of it."""

    tries: int
    commits: int
    heard: bool


def retry_blindly(operations, tries_max, *, lost_request=0, lost_response=0, keys=False, **world):
    """Send each operation until it is answered, at most `tries_max` times, with one key an operation or none."""
    everywhere = {"target": "erp", "start_us": 0, "end_us": 1 << 60}
    world = World(
        LostRequest(name="request", share_ppm=lost_request, **everywhere),
        LostResponse(name="response", share_ppm=lost_response, **everywhere),
        capacity=64,
        service=constant(10 * MILLISECOND),
        honours_keys=keys,
        **world,
    )

    async def client(key):
        await world.clock.sleep(int(key[3:]) * MILLISECOND)
        for tries in range(1, tries_max + 1):
            response = await world.call(key, SECOND, key if keys else None)
            if response.ok:
                return tries, True
        return tries_max, False

    tasks = {f"op-{number}": world.clock.spawn(client(f"op-{number}")) for number in range(operations)}
    world.run(operations * MILLISECOND + 10 * tries_max * SECOND)
    commits = dict.fromkeys(tasks, 0)
    for key, _ in world.commits:
        commits[key] += 1
    return [Fate(task.result[0], commits[key], task.result[1]) for key, task in tasks.items()]


def extra_commits(fates):
    return sum(max(0, fate.commits - 1) for fate in fates)


@pytest.mark.parametrize("lost_ppm", [1_000, 5_000, 20_000, 100_000])
def test_blind_retries_double_in_proportion_to_lost_responses(lost_ppm):
    """H3 with five tries: extra commits an operation are b (1 − b⁴) / (1 − b)."""
    operations, b = 20_000, lost_ppm / 1e6
    fates = retry_blindly(operations, 5, lost_response=lost_ppm)

    doubled = binomial_interval(sum(fate.commits > 1 for fate in fates), operations, 0.99)
    assert doubled.low < b < doubled.high
    extra = poisson_interval(extra_commits(fates), 0.99)
    assert extra.low < operations * b * (1 - b**4) / (1 - b) < extra.high


def test_extra_commits_losses_and_false_failures_are_as_computed():
    """H3 with a = .3, b = .05, n = 5: .0737 extra commits, .00243 lost, .00282 reported failed although committed."""
    operations, a, b, n = 30_000, 0.3, 0.05, 5
    fates = retry_blindly(operations, n, lost_request=300_000, lost_response=round(b / (1 - a) * 1_000_000))

    f = a + b
    attempts = (1 - f**n) / (1 - f)
    extra = (1 - a) * attempts - (1 - a**n)
    assert extra == pytest.approx(0.073697, abs=1e-6)
    within = poisson_interval(extra_commits(fates), 0.99)
    assert within.low < operations * extra < within.high
    lost = binomial_interval(sum(not fate.commits for fate in fates), operations, 0.99)
    assert lost.low < a**n < lost.high
    false_failures = binomial_interval(sum(not fate.heard and fate.commits > 0 for fate in fates), operations, 0.99)
    assert false_failures.low < f**n - a**n < false_failures.high
    tries = sum(fate.tries for fate in fates) / operations
    assert tries == pytest.approx(attempts, abs=4 * math.sqrt(f) / (1 - f) / math.sqrt(operations))


@pytest.mark.parametrize("lost_ppm", [20_000, 300_000])
def test_with_keys_that_are_honoured_nothing_is_committed_twice(lost_ppm):
    fates = retry_blindly(5_000, 8, lost_response=lost_ppm, keys=True)
    assert extra_commits(fates) == 0
    assert all(fate.commits == 1 for fate in fates)
    assert sum(fate.tries for fate in fates) > 5_000


def test_without_losses_nothing_is_tried_twice():
    assert set(retry_blindly(2_000, 5)) == {Fate(tries=1, commits=1, heard=True)}


def test_another_run_of_the_same_operations_loses_the_same_calls():
    """The n-th try of one operation meets the same luck, however many others there are."""
    few, many = (retry_blindly(operations, 5, lost_response=50_000) for operations in (500, 3_000))
    assert few == many[:500]


# --- timeouts (H4) -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("median_us", "theta_us", "operations", "duplicates"),
    [
        (800 * MILLISECOND, 3 * SECOND, 20_000, 0.0140),
        (8 * SECOND, 10 * SECOND, 8_000, 0.55),
        (8 * SECOND, 5 * SECOND, 2_000, 3.6),
    ],
)
def test_timeouts_make_duplicates(median_us, theta_us, operations, duplicates):
    """H4: the server commits what its client has given up on, so an operation has (1 − F) / F commits too many."""
    late = 1 - NormalDist().cdf(math.log(theta_us / median_us) / 0.6)
    assert late / (1 - late) == pytest.approx(duplicates, rel=0.01)
    world = World(capacity=20_000, service=lognormal(median_us, 600))

    async def client(key):
        tries = 1
        while not (await world.call(key, theta_us)).ok:
            tries += 1
        return tries

    tasks = [world.clock.spawn(client(str(number))) for number in range(operations)]
    world.run(1_000 * theta_us)
    attempts = sum(task.result for task in tasks)
    given_up = binomial_interval(attempts - operations, attempts, 0.99)
    assert given_up.low < late < given_up.high
    assert len(world.commits) == attempts
