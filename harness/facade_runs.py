"""What the parts of a façade do to one system alone: each function runs that small world, and gives counts back.

None knows a formula: these counts are to be held against closed forms (hypotheses H12, H13, H18, H19, H25, E9).
The laws of calls are checked on each run. Spans are microseconds, loads are in Erlang.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from fakes import crm
from fakes.agreements import Account
from harness.alone import MANY, NAME, Alone, done
from harness.blocks.breaker import Breaker
from harness.blocks.budget import RetryBudget
from harness.blocks.cache import Cache
from harness.blocks.facade import caller
from harness.blocks.limiter import Limiter
from harness.blocks.retry import RetryPolicy
from sim.chance import Distribution, Stream, constant, exponential
from sim.durations import MINUTE, SECOND
from sim.faults import Brownout, Outage
from sim.network import Limits
from sim.queue import Queue

# --- limits ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Burst:
    """Many calls at one instant: when each was sent, and how many were throttled."""

    sent_us: list[int]
    throttled: int


def burst(number: int, per_second: int, at_once: int, *, limiter: bool, seed: int = 0) -> Burst:
    """`number` calls at instant 0 of a system that grants `per_second` after a burst `at_once` (H25).

    With the limiter they wait for the same rate; without they are all sent, and who is throttled is not sent again.
    """
    world = Alone(
        seed=seed, purpose="burst", service=constant(0), limits=Limits(per_second=per_second, burst=at_once)
    )  # fmt: skip
    bound = Limiter(world.clock, world.counts, width=MANY, every_us=SECOND // per_second, burst=at_once)
    asked = world.through(RetryPolicy(attempts_max=1), limiter=bound if limiter else None)
    for place in range(number):
        world.clock.spawn(done(asked, str(place)))
    world.run(number * SECOND)
    return Burst(world.sent_us(), world.outcomes().count("throttled"))


@dataclass(frozen=True, slots=True)
class Capped:
    """Calls of a system with few places: how many, how many tries they took and were rejected, and who waited."""

    calls: int
    tries: int
    rejected: int
    waited: int
    waited_us: int


def capped(
    places: int,
    load: float,
    calls: int,
    *,
    limiter: bool,
    service: Distribution | None = None,
    back_off_us: int = 100 * SECOND,
    seed: int = 0,
) -> Capped:
    """Poisson arrivals at a system that rejects who finds all `places` taken; services of a second on average (H13).

    With the limiter calls queue in front of it; without, the rejected try again after a random wait up to
    `back_off_us` until they are served.
    """
    world = Alone(
        seed=seed, purpose="capped", capacity=places, service=service,
        limits=Limits(concurrent=places, retry_after_us=0),
    )  # fmt: skip
    bound = Limiter(world.clock, world.counts, width=places) if limiter else None
    asked = world.through(RetryPolicy(base_us=back_off_us, cap_us=back_off_us, attempts_max=None), limiter=bound)
    world.poisson(round(SECOND / load), calls, lambda place: done(asked, str(place)))
    world.run(round(calls / load * SECOND) * 2 + 100 * back_off_us)
    rows = sorted(world.wire.trace.rows("calls"))
    rejected = [row for row in rows if row[-1] == "throttled"]
    return Capped(
        len(world.done), len(rows), len(rejected),
        world.counts.waits, world.counts.waited_us,
    )  # fmt: skip


# --- cache -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cached:
    """Reads of a cached account: hits, and answers of which the account had changed since, though told as its state."""

    reads: int
    hits: int
    stale: int
    changes: int


def cached(read_every_us: int, ttl_us: int, change_every_us: int, reads: int, *, seed: int = 0) -> Cached:
    """Poisson reads of one account, which changes at the instants of another Poisson process (H18)."""
    core = crm.Crm()
    world = Alone(seed=seed, purpose="cached/reads", service=constant(0), operations=core.operations)
    asked = world.through(RetryPolicy(), cache=Cache(world.clock, world.counts, ttl_us=ttl_us))
    gaps, draws = exponential(change_every_us), Stream(seed, "cached/changes")
    changes, stale = 0, 0
    core.open_account(Account("A-1", "name 0"))

    async def change() -> None:
        nonlocal changes
        for place in count(1):
            await world.clock.sleep(gaps.draw(draws.word(place) >> 32))
            core.accounts["A-1"] = Account("A-1", f"name {place}")
            changes += 1

    async def read(_: int) -> None:
        nonlocal stale
        answer = await asked.read(NAME, crm.GetAccount("A-1"), "A-1")
        stale += answer != core.accounts["A-1"]

    world.clock.spawn(change())
    world.poisson(read_every_us, reads, read)
    world.run(reads * read_every_us * 2)
    return Cached(world.counts.cache_hits + world.counts.cache_misses, world.counts.cache_hits, stale, changes)


# --- breaker and budget ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutageRun:
    """An outage: the calls wasted on it, how long after its end one was served, and how many never were."""

    wasted: int
    served_again_us: int
    never: int


def outage(
    lasts_us: int,
    every_us: int,
    *,
    breaker: bool,
    window: int = 100,
    open_us: int = MINUTE,
    probes: int = 10,
    cap_us: int = 100 * SECOND,
    seed: int = 0,
) -> OutageRun:
    """Poisson arrivals, one every `every_us`, each tried until served, at a system that is down for a while (H19).

    The outage begins when the breaker's window has been filled. Services take no time.
    """
    start_us = 3 * window * every_us
    end_us = start_us + lasts_us
    down = Outage(name="outage", target=NAME, start_us=start_us, end_us=end_us)
    world = Alone(down, seed=seed, purpose="outage", service=constant(0))
    fuse = Breaker(world.clock, world.counts, window=window, calls_min=window, open_us=open_us, probes=probes)
    asked = world.through(
        RetryPolicy(attempts_max=None, cap_us=cap_us), breaker=fuse if breaker else None
    )  # fmt: skip
    until_us = end_us + 20 * cap_us
    number = until_us // every_us
    world.poisson(every_us, number, lambda place: done(asked, str(place)))
    world.run(until_us)
    again_us = next((at_us for _, at_us in world.done if at_us >= end_us), until_us)
    return OutageRun(world.outcomes().count("refused"), again_us - end_us, world.begun - len(world.done))


@dataclass(frozen=True, slots=True)
class Amplified:
    """Calls of which many fail: what was asked, how many calls that took, and how many were left undone."""

    asked: int
    sent: int
    failed: int


def amplified(fail_ppm: int, attempts_max: int, calls: int, *, budget: bool, seed: int = 0) -> Amplified:
    """Calls one after the other that each fail by chance and are tried up to `attempts_max` times (H12)."""
    failing = Brownout(name="failing", target=NAME, start_us=0, end_us=1 << 50, slow_percent=100, fail_ppm=fail_ppm)
    world = Alone(failing, seed=seed, purpose="amplified", service=constant(0))
    purse = RetryBudget(world.counts) if budget else None
    asked = world.through(RetryPolicy(attempts_max=attempts_max), budget=purse)
    failed = 0

    async def ask() -> None:
        nonlocal failed
        for place in range(calls):
            failed += not await done(asked, str(place))

    world.clock.spawn(ask())
    world.run(calls * MINUTE)
    return Amplified(calls, len(world.outcomes()), failed)


# --- overload ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overload:
    """A trigger and its aftermath, minute by minute: calls that were answered, and calls that the system did."""

    answered: list[int]
    done: list[int]
    failed: int
    twice: int


def overloaded(
    options: Mapping[str, str],
    *,
    workers: int = 36,
    capacity: int = 1,
    service_us: int = 4 * SECOND,
    every_us: int = 5 * SECOND,
    attempts_max: int | None = 5,
    trigger_us: int = 10 * MINUTE,
    minutes: int = 180,
    seed: int = 0,
) -> Overload:
    """Poisson arrivals taken on by `workers` at a slow system with no limits, silent once for `trigger_us` (E9)."""
    start_us = 30 * MINUTE
    down = Outage(name="trigger", target=NAME, start_us=start_us, end_us=start_us + trigger_us, silent=True)
    world = Alone(down, seed=seed, purpose="overload", capacity=capacity, service=constant(service_us))
    asked = caller(world.surroundings, options, RetryPolicy(attempts_max=attempts_max))
    answered, failed = [0] * minutes, 0

    line = Queue(world.clock)

    async def work() -> None:
        nonlocal failed
        while True:
            key = await line.take()
            if await done(asked, key):
                answered[world.clock.now // MINUTE] += 1
            else:
                failed += 1

    async def arrive(place: int) -> None:
        line.put(str(place))

    for _ in range(workers):
        world.clock.spawn(work())
    world.poisson(every_us, minutes * MINUTE // every_us, arrive)
    world.run(minutes * MINUTE - 1)
    committed = [0] * minutes
    for _, at_us in world.done:
        committed[at_us // MINUTE] += 1
    return Overload(answered, committed, failed, len(world.done) - len({key for key, _ in world.done}))
