"""A server on the wire is the queue, the retry and the outage that theory describes.

Waits follow from mechanism alone: nothing in the network knows these formulas (PATTERNS-REFERENCE §2, §4.4). Seeds
are fixed, so each test gives one answer for ever; the tolerance of each is four standard errors, or a 99 %
interval, computed and not chosen.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import pytest

from harness.laws import check_calls
from harness.statistics import binomial_interval, poisson_interval
from sim.chance import Stream, constant, exponential, lognormal
from sim.clock import Clock
from sim.faults import Brownout, LostRequest, LostResponse, Outage, Throttle, Watch
from sim.network import Limits, Response, Server, Station, Wire
from sim.trace import Trace

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
PATIENT = 1 << 50
AT_ONCE = constant(0)


@dataclass(frozen=True)
class Post:
    """A request to record one operation."""

    operation: str = "op"


class World:
    """A clock, a trace, and one server `erp` whose commits are listed in the order in which they happen."""

    def __init__(self, *faults, seed=1, honours_keys=False, status=200, **station):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        self.commits = []  # (operation, at)
        self._kept = {} if honours_keys else None
        self._status = status
        station = {"capacity": 1, "service": constant(SECOND), "latency": AT_ONCE} | station
        self.server = Server(
            self.wire,
            "erp",
            serve=self._serve,
            operations={Post: "post"},
            station=Station(**station),
            watch=Watch(faults),
            stream=Stream(seed, "erp"),
        )

    def _serve(self, request, idempotency_key, now_us):
        if self._kept is not None and idempotency_key in self._kept:
            return Response(200, self._kept[idempotency_key], "replayed")
        self.commits.append((request.operation, now_us))
        if self._kept is not None:
            self._kept[idempotency_key] = len(self.commits)
        return Response(self._status, len(self.commits))

    def send(self, key="op", timeout_us=PATIENT, idempotency_key=None):
        return self.server.send(Post(key), key, idempotency_key, timeout_us)

    def ask(self, at_us=0, key="op", timeout_us=PATIENT):
        """A client that sends one call at an instant; its result is (status, word, instant of the answer)."""

        async def client():
            await self.clock.sleep(at_us - self.clock.now)
            response = await self.send(key, timeout_us)
            return response.status, response.word, self.clock.now

        return self.clock.spawn(client())

    def run(self, until_us):
        """Let time pass, and hold that the run obeys every law of calls."""
        self.clock.run_until(until_us)
        return check_calls(self.wire, [self.server], until_us)["erp"]

    def rows(self):
        """The trace's calls as dictionaries."""
        names = ("call", "cause", "operation", "key", "occurrence", "sent", "arrived", "left", "committed", "answered")
        return [dict(zip((*names, "outcome"), row, strict=True)) for row in self.wire.trace.rows("calls")]


# --- queues ------------------------------------------------------------------------------------------


def serve_poisson(*, load, customers, seed=1, capacity=1, service=None, limits=None):
    """Poisson arrivals at `load` a second at `capacity` slots with a mean service of a second; the statistics."""
    service = service or exponential(SECOND)
    world = World(capacity=capacity, service=service, seed=seed, limits=limits or Limits())
    gaps, draws = exponential(round(SECOND / load)), Stream(seed, "arrivals")

    async def arrivals():
        for number in range(customers):
            await world.clock.sleep(gaps.draw(draws.word(number) >> 32))
            world.send(str(number)).then(lambda _: None)

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
            response = await world.send(key, SECOND, key if keys else None)
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
        while not (await world.send(key, theta_us)).ok:
            tries += 1
        return tries

    tasks = [world.clock.spawn(client(str(number))) for number in range(operations)]
    world.run(1_000 * theta_us)
    attempts = sum(task.result for task in tasks)
    given_up = binomial_interval(attempts - operations, attempts, 0.99)
    assert given_up.low < late < given_up.high
    assert len(world.commits) == attempts


# --- deadlines ---------------------------------------------------------------------------------------


def test_a_call_takes_its_way_out_its_service_and_its_way_back():
    world = World(latency=constant(30 * MILLISECOND))
    client = world.ask(at_us=5 * SECOND)
    world.run(10 * SECOND)
    assert client.result == (200, "ok", 6 * SECOND + 60 * MILLISECOND)
    (row,) = world.rows()
    assert [row[name] - 5 * SECOND for name in ("sent", "arrived", "left", "committed", "answered")] == [
        0, 30_000, 1_030_000, 1_030_000, 1_060_000,
    ]  # fmt: skip
    assert row["outcome"] == "ok"


@pytest.mark.parametrize(
    ("timeout_us", "result"),
    [
        (SECOND + 60_001, (200, "ok", SECOND + 60_000)),
        (SECOND + 60_000, (0, "timeout", SECOND + 60_000)),
        (SECOND + 59_999, (0, "timeout", SECOND + 59_999)),
    ],
)
def test_at_an_exact_tie_the_timer_wins(timeout_us, result):
    world = World(latency=constant(30 * MILLISECOND))
    client = world.ask(timeout_us=timeout_us)
    world.run(10 * SECOND)
    assert client.result == result
    assert world.commits == [("op", SECOND + 30_000)]
    assert world.rows()[0]["outcome"] == ("ok" if result[0] else "too_late")


@pytest.mark.parametrize("timeout_us", [1, 29_999, 30_000, 30_001, SECOND, SECOND + 30_000])
def test_a_client_gives_up_at_its_deadline_wherever_the_call_is(timeout_us):
    """Still travelling, at the door, in service, leaving: the client hears at its deadline, the server works on."""
    world = World(latency=constant(30 * MILLISECOND))
    client = world.ask(timeout_us=timeout_us)
    world.run(10 * SECOND)
    assert client.result == (0, "timeout", timeout_us)
    (row,) = world.rows()
    assert (row["arrived"], row["committed"], row["answered"]) == (30_000, SECOND + 30_000, timeout_us)
    assert row["outcome"] == "too_late"


def test_a_client_that_gives_up_goes_on_before_the_server_does_the_work():
    """At the instant of both, the timer was started first: the client retries not knowing that it is done."""
    seen = []
    world = World(capacity=2)

    async def client():
        await world.send("op", SECOND)
        seen.append(("gave up", list(world.commits)))

    world.clock.spawn(client())
    world.run(5 * SECOND)
    assert seen == [("gave up", [])]
    assert world.commits == [("op", SECOND)]


def test_a_client_whose_request_arrives_at_its_deadline_has_given_up_before():
    seen = []
    world = World(latency=constant(30 * MILLISECOND))

    async def client():
        response = await world.send("op", 30 * MILLISECOND)
        seen.append((response.word, world.clock.now, world.server.present))

    world.clock.spawn(client())
    world.run(5 * SECOND)
    assert seen == [("timeout", 30 * MILLISECOND, 0)]
    assert world.commits == [("op", SECOND + 30 * MILLISECOND)]


def test_the_server_works_off_requests_whose_client_has_given_up():
    """Ten impatient clients at one slot: the first is served in time, the others wait in vain, all are committed."""
    world = World()
    impatient = [world.ask(key=str(number), timeout_us=1_500 * MILLISECOND) for number in range(10)]
    late = world.ask(at_us=2 * SECOND, key="late")
    seen = world.run(60 * SECOND)
    assert [client.result[1] for client in impatient] == ["ok"] + ["timeout"] * 9
    assert late.result == (200, "ok", 11 * SECOND)
    assert world.commits == [(str(number), (number + 1) * SECOND) for number in range(10)] + [("late", 11 * SECOND)]
    assert (seen.arrivals, seen.departures, seen.peak, seen.busy_us) == (11, 11, 10, 11 * SECOND)


def test_calls_are_served_in_the_order_of_arrival_by_the_first_free_slot():
    world = World(capacity=2)
    for number in range(5):
        world.ask(at_us=number, key=str(number))
    world.run(60 * SECOND)
    assert world.commits == [
        ("0", SECOND), ("1", SECOND + 1), ("2", 2 * SECOND), ("3", 2 * SECOND + 1), ("4", 3 * SECOND),
    ]  # fmt: skip


def test_a_refusal_by_the_system_itself_is_an_answer():
    world = World(status=409)
    client = world.ask()
    world.run(10 * SECOND)
    assert client.result[0] == 409


def test_each_operation_may_have_its_own_service_time():
    world = World(service_of={"post": constant(3 * SECOND)})
    client = world.ask()
    world.run(10 * SECOND)
    assert client.result[2] == 3 * SECOND


# --- outages -----------------------------------------------------------------------------------------


def outage(from_s, until_s, **fields):
    return Outage(name="outage", target="erp", start_us=from_s * SECOND, end_us=until_s * SECOND, **fields)


def test_an_outage_kills_work_in_service_uncommitted():
    down = outage(5, 10)
    world = World(down)
    before = world.ask(at_us=3 * SECOND, timeout_us=MINUTE, key="before")
    caught = world.ask(at_us=4_500 * MILLISECOND, timeout_us=MINUTE, key="caught")
    world.run(5 * MINUTE)
    assert before.result == (200, "ok", 4 * SECOND)
    assert caught.result == (0, "timeout", 4_500 * MILLISECOND + MINUTE)
    assert world.commits == [("before", 4 * SECOND)]
    assert (down.hits, world.wire.struck) == (1, [(5_500 * MILLISECOND, "outage", "outage", "erp.post", "caught")])
    assert [(row["key"], row["outcome"], row["committed"]) for row in world.rows()] == [
        ("before", "ok", 4 * SECOND),
        ("caught", "outage", -1),
    ]


@pytest.mark.parametrize(
    ("silent", "result", "outcome"),
    [(False, (0, "refused", 6 * SECOND + 60_000), "refused"), (True, (0, "timeout", 8 * SECOND), "outage")],
)
def test_a_refused_connection_is_known_at_once_and_a_silent_one_at_the_deadline(silent, result, outcome):
    down = outage(5, 10, silent=silent)
    world = World(down, latency=constant(30 * MILLISECOND))
    client = world.ask(at_us=6 * SECOND, timeout_us=2 * SECOND)
    world.run(MINUTE)
    assert client.result == result
    assert (world.commits, down.hits, world.rows()[0]["outcome"]) == ([], 1, outcome)


@pytest.mark.parametrize(
    ("at_us", "status"),
    [
        (4 * SECOND - 1, 200),
        (4 * SECOND, 0),
        (5 * SECOND - 1, 0),
        (5 * SECOND, 0),
        (10 * SECOND - 1, 0),
        (10 * SECOND, 200),
    ],
)
def test_an_outage_begins_and_ends_at_its_exact_instants(at_us, status):
    """From 5 s up to, not including, 10 s; who is still in service at 5 s is lost."""
    world = World(outage(5, 10))
    client = world.ask(at_us=at_us, timeout_us=MINUTE)
    world.run(5 * MINUTE)
    assert client.result[0] == status


def test_an_outage_of_one_operation_leaves_the_others_alone():
    world = World(outage(0, 10, only=frozenset({"find"})))
    client = world.ask()
    world.run(MINUTE)
    assert client.result[0] == 200


def test_a_lost_answer_leaves_the_work_committed():
    lost = LostResponse(name="lost", target="erp", start_us=0, end_us=MINUTE, share_ppm=1_000_000)
    world = World(lost)
    client = world.ask(timeout_us=5 * SECOND)
    world.run(MINUTE)
    assert client.result == (0, "timeout", 5 * SECOND)
    assert (world.commits, lost.hits) == ([("op", SECOND)], 1)
    assert [(row["committed"], row["outcome"]) for row in world.rows()] == [(SECOND, "lost_response")]


def test_a_lost_request_leaves_nothing_done():
    lost = LostRequest(name="lost", target="erp", start_us=0, end_us=MINUTE, share_ppm=1_000_000)
    world = World(lost)
    client = world.ask(timeout_us=5 * SECOND)
    seen = world.run(MINUTE)
    assert client.result == (0, "timeout", 5 * SECOND)
    assert (world.commits, lost.hits, seen.arrivals) == ([], 1, 0)
    assert [(row["left"], row["committed"], row["outcome"]) for row in world.rows()] == [(-1, -1, "lost_request")]


def test_a_brownout_slows_service_and_fails_a_share_uncommitted():
    brown = Brownout(name="brown", target="erp", start_us=0, end_us=1 << 60, slow_percent=500, fail_ppm=200_000)
    world = World(brown, capacity=1_000)
    clients = [world.ask(key=str(number)) for number in range(1_000)]
    world.run(MINUTE)
    failed = [client for client in clients if client.result[:2] == (503, "unavailable")]
    rate = binomial_interval(len(failed), len(clients), 0.99)
    assert rate.low < 0.2 < rate.high
    assert {client.result[2] for client in clients} == {5 * SECOND}
    assert len(world.commits) == len(clients) - len(failed)


# --- limits ------------------------------------------------------------------------------------------


def test_over_the_concurrency_limit_a_call_is_told_when_to_come_again():
    world = World(capacity=2, limits=Limits(concurrent=3, retry_after_us=7 * SECOND))
    answers = []

    async def client(number):
        response = await world.send(str(number))
        answers.append((number, response.status, response.retry_after_us, world.clock.now))

    for number in range(5):
        world.clock.spawn(client(number))
    seen = world.run(MINUTE)
    assert sorted(answers) == [
        (0, 200, None, SECOND), (1, 200, None, SECOND), (2, 200, None, 2 * SECOND),
        (3, 429, 7 * SECOND, 0), (4, 429, 7 * SECOND, 0),
    ]  # fmt: skip
    assert (seen.arrivals, seen.peak) == (3, 3)


def test_a_place_is_free_again_once_the_system_is_done_with_the_call():
    """Not when the client has given up: its work still takes the place."""
    world = World(limits=Limits(concurrent=1))
    world.ask(timeout_us=MILLISECOND, key="impatient")
    early, late = world.ask(at_us=SECOND - 1, key="early"), world.ask(at_us=SECOND, key="late")
    world.run(MINUTE)
    assert (early.result[0], late.result[0]) == (429, 200)


def test_a_token_bucket_lets_a_burst_through_and_then_its_rate():
    """H25: of a burst beyond b, r a second get through; an idle bucket saves no more than b."""
    world = World(capacity=100, limits=Limits(per_second=10, burst=4))
    at_us = [0] * 6 + [step * 25 * MILLISECOND for step in range(1, 40)] + [MINUTE] * 6
    clients = [world.ask(at_us=at, key=str(number)) for number, at in enumerate(at_us)]
    world.run(2 * MINUTE)
    through = [at for at, client in zip(at_us, clients, strict=True) if client.result[0] == 200]
    assert through == [0] * 4 + [step * 100 * MILLISECOND for step in range(1, 10)] + [MINUTE] * 4


def test_calls_over_the_concurrency_limit_use_no_tokens():
    world = World(limits=Limits(concurrent=1, per_second=1, burst=2))
    clients = [world.ask(key=str(number)) for number in range(4)]
    late = world.ask(at_us=SECOND, key="late")
    world.run(MINUTE)
    assert [client.result[0] for client in clients] == [200, 429, 429, 429]
    assert late.result[0] == 200


def test_a_throttled_system_answers_429_with_a_time_to_wait():
    throttle = Throttle(name="t", target="erp", start_us=0, end_us=MINUTE, per_minute=60, retry_after_us=9 * SECOND)
    world = World(throttle, capacity=10)
    waits = []

    async def client(number):
        response = await world.send(str(number))
        waits.append((response.status, response.retry_after_us))

    for number in range(3):
        world.clock.spawn(client(number))
    world.run(MINUTE)
    assert sorted(waits, key=str) == [(200, None), (429, 9 * SECOND), (429, 9 * SECOND)]
    assert throttle.hits == 2


# --- luck --------------------------------------------------------------------------------------------


def test_other_calls_change_nothing_of_a_calls_luck():
    """Common random numbers: the second try of C-7 takes as long with ten calls about it as with a thousand."""
    left = []
    for others in (10, 1_000):
        world = World(capacity=5_000, service=lognormal(SECOND, 600), latency=exponential(30 * MILLISECOND))
        for number in range(others):
            world.ask(key=f"C-{number}")
        world.ask(at_us=MINUTE, key="C-7")
        world.run(5 * MINUTE)
        (row,) = (row for row in world.rows() if row["key"] == "C-7" and row["occurrence"] == 2)
        left.append((row["arrived"], row["left"], row["answered"]))
    assert left[0] == left[1]


def test_the_way_out_the_service_and_the_way_back_are_drawn_apart():
    same = exponential(SECOND)
    world = World(capacity=1_000, service=same, latency=same)
    for number in range(1_000):
        world.ask(key=str(number))
    world.run(10 * MINUTE)
    legs = [[row["arrived"], row["left"] - row["arrived"], row["answered"] - row["left"]] for row in world.rows()]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        covariance = math.fsum((leg[one] / SECOND - 1) * (leg[other] / SECOND - 1) for leg in legs) / len(legs)
        assert abs(covariance) < 4 / math.sqrt(len(legs))


def test_another_seed_is_other_luck():
    spans = []
    for seed in (1, 2):
        world = World(seed=seed, service=lognormal(SECOND, 600))
        client = world.ask()
        world.run(MINUTE)
        spans.append(client.result[2])
    assert spans[0] != spans[1]
