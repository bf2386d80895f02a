"""A call is served in turn, hears at its deadline at the latest, and is struck by what it meets on its way."""

import math

import pytest

from harness.statistics import binomial_interval
from sim.chance import constant, exponential, lognormal
from sim.faults import Brownout, LostRequest, LostResponse, Outage, Throttle
from sim.network import Limits
from tests.sim.world import MILLISECOND, MINUTE, SECOND, World

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
        await world.call("op", SECOND)
        seen.append(("gave up", list(world.commits)))

    world.clock.spawn(client())
    world.run(5 * SECOND)
    assert seen == [("gave up", [])]
    assert world.commits == [("op", SECOND)]


def test_a_client_whose_request_arrives_at_its_deadline_has_given_up_before():
    seen = []
    world = World(latency=constant(30 * MILLISECOND))

    async def client():
        response = await world.call("op", 30 * MILLISECOND)
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


def test_a_refusal_by_the_system_itself_is_an_answer_and_commits_nothing():
    world = World(status=409)
    client = world.ask(timeout_us=5 * SECOND)
    world.run(10 * SECOND)
    assert client.result == (409, "declined", SECOND)
    assert [(row["left"], row["committed"], row["outcome"]) for row in world.rows()] == [(SECOND, -1, "declined")]


def test_only_the_answer_to_a_commit_is_lost_in_a_way_that_counts():
    """Who was refused and never hears of it has lost nothing: it has nothing to find twice."""
    lost = LostResponse(name="lost", target="erp", start_us=0, end_us=MINUTE, share_ppm=1_000_000)
    world = World(lost, status=404)
    client = world.ask(timeout_us=5 * SECOND)
    world.run(MINUTE)
    assert client.result == (404, "declined", SECOND)
    assert lost.hits == 0


def test_each_operation_may_have_its_own_service_time():
    world = World(service_of={"post": constant(3 * SECOND)})
    client = world.ask()
    world.run(10 * SECOND)
    assert client.result[2] == 3 * SECOND


# --- calls sent as tasks, awaited later or never -----------------------------------------------------


@pytest.mark.parametrize("span_us", [0, SECOND - 1, SECOND, 5 * SECOND])
def test_an_answer_waits_for_who_awaits_it_later(span_us):
    world, heard = World(capacity=2), []

    async def client():
        one, other = world.send("one"), world.send("other")
        await world.clock.sleep(span_us)
        for call in (other, one):
            heard.append(((await call).word, world.clock.now))

    world.clock.spawn(client())
    world.run(MINUTE)
    assert heard == [("ok", max(SECOND, span_us))] * 2


def test_a_deadline_that_passed_unawaited_is_heard_of_later():
    world = World()

    async def client():
        call = world.send("op", SECOND // 2)
        await world.clock.sleep(5 * SECOND)
        return (await call).word, world.clock.now

    task = world.clock.spawn(client())
    world.run(MINUTE)
    assert task.result == ("timeout", 5 * SECOND)


def test_an_answer_may_be_asked_for_again():
    world = World()

    async def client():
        call = world.send("op")
        return [await call, await call]

    task = world.clock.spawn(client())
    world.run(MINUTE)
    first, again = task.result
    assert first is again
    assert world.commits == [("op", SECOND)]


def test_any_number_of_answers_may_have_come_before_the_first_is_awaited():
    world = World(capacity=5_000)

    async def client():
        calls = [world.send(str(number)) for number in range(5_000)]
        await world.clock.sleep(MINUTE)
        return [(await call).body for call in calls]

    task = world.clock.spawn(client())
    world.run(MINUTE)
    assert task.result == list(range(1, 5_001))


def test_a_call_that_nobody_awaits_is_made_all_the_same():
    world = World()
    world.send("op")
    world.run(MINUTE)
    assert world.commits == [("op", SECOND)]
    assert [row["answered"] for row in world.rows()] == [SECOND]


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
    assert (down.hits, world.wire.struck) == (1, [(5 * SECOND, "outage", "outage", "erp.post", "caught")])
    assert [(row["key"], row["outcome"], row["committed"]) for row in world.rows()] == [
        ("before", "ok", 4 * SECOND),
        ("caught", "outage", -1),
    ]


@pytest.mark.parametrize("capacity", [1, 2, 4])
def test_an_outage_kills_what_was_in_service_though_it_is_over_before_the_service_ends(capacity):
    """Ten seconds of work, begun at 1 s or waiting for a slot; down from 5 s to 7 s: nothing of it is committed."""
    down = outage(5, 7)
    world = World(down, capacity=capacity, service=constant(10 * SECOND))
    caught = [world.ask(at_us=number * SECOND, timeout_us=MINUTE, key=str(number)) for number in range(1, 5)]
    after = world.ask(at_us=8 * SECOND, key="after")
    world.run(5 * MINUTE)
    assert [client.result for client in caught] == [
        (0, "timeout", number * SECOND + MINUTE) for number in range(1, 5)
    ]  # fmt: skip
    assert after.result[:2] == (200, "ok")
    assert [key for key, _ in world.commits] == ["after"]
    assert (down.hits, sorted(struck[4] for struck in world.wire.struck)) == (4, ["1", "2", "3", "4"])
    assert {(row["outcome"], row["committed"]) for row in world.rows() if row["key"] != "after"} == {("outage", -1)}


@pytest.mark.parametrize(("windows", "struck"), [([(5, 7), (20, 25)], 1), ([(30, 40)], 0)])
def test_an_outage_spares_what_came_after_it_began_or_left_before(windows, struck):
    """Sent at 8 s, done at 18 s; of the outages only the first is over by then, and it caught another call."""
    faults = [outage(from_s, until_s) for from_s, until_s in windows]
    world = World(*faults, capacity=2, service=constant(10 * SECOND))
    world.ask(at_us=SECOND, timeout_us=MINUTE, key="early")
    world.ask(at_us=8 * SECOND, key="late")
    world.run(5 * MINUTE)
    assert ("late", 18 * SECOND) in world.commits
    assert sum(fault.hits for fault in faults) == struck


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


@pytest.mark.parametrize("concurrent", [None, 2])
def test_a_system_that_comes_back_comes_back_idle(concurrent):
    """Thirty seconds of work were waiting when it went down at 5 s: at 8 s nothing of it is in the way."""
    world = World(outage(5, 7), service=constant(10 * SECOND), limits=Limits(concurrent=concurrent))
    for number in range(3):
        world.ask(key=str(number), timeout_us=MINUTE)
    late = world.ask(at_us=8 * SECOND, key="late")
    seen = world.run(5 * MINUTE)
    assert late.result == (200, "ok", 18 * SECOND)
    assert seen.busy_us == 5 * SECOND + 10 * SECOND


def test_each_outage_kills_what_it_meets():
    first, second = outage(5, 7), outage(12, 14)
    world = World(first, second, service=constant(10 * SECOND))
    world.ask(at_us=SECOND, timeout_us=MINUTE, key="one")
    world.ask(at_us=8 * SECOND, timeout_us=MINUTE, key="other")
    world.run(5 * MINUTE)
    assert world.wire.struck == [
        (5 * SECOND, "outage", "outage", "erp.post", "one"),
        (12 * SECOND, "outage", "outage", "erp.post", "other"),
    ]
    assert (first.hits, second.hits) == (1, 1)


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


@pytest.mark.parametrize("limits", [{}, {"limits": Limits(per_second=1)}])
def test_a_brownout_strikes_only_calls_that_get_in(limits):
    """The first call gets in before the outage; the second meets the outage, or the limit if there is one."""
    brown = Brownout(name="brown", target="erp", start_us=0, end_us=MINUTE, slow_percent=100, fail_ppm=0)
    down = outage(5, 6) if not limits else outage(50, 51)
    world = World(brown, down, **limits)
    world.ask(at_us=1)
    world.ask(at_us=5 * SECOND if not limits else 2, key="refused")
    world.run(MINUTE)
    assert brown.hits == 1


def test_what_an_outage_refuses_takes_nothing_from_a_throttle():
    throttle = Throttle(name="throttle", target="erp", start_us=0, end_us=MINUTE, per_minute=1)
    world = World(throttle, outage(0, 5))
    refused, served = world.ask(at_us=SECOND, key="one"), world.ask(at_us=6 * SECOND, key="other")
    world.run(MINUTE)
    assert (refused.result[1], served.result[1]) == ("refused", "ok")


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


def test_a_brownout_strikes_a_call_once():
    """On arrival, when it slows it: that the call fails in the end is no second hit."""
    brown = Brownout(name="brown", target="erp", start_us=0, end_us=MINUTE, slow_percent=500, fail_ppm=1_000_000)
    world = World(brown, capacity=10)
    clients = [world.ask(at_us=number, key=str(number)) for number in range(10)]
    world.run(MINUTE)
    assert {client.result[1] for client in clients} == {"unavailable"}
    assert brown.hits == 10
    assert world.wire.struck == [(number, "brown", "brownout", "erp.post", str(number)) for number in range(10)]


def test_a_brownout_that_begins_during_the_service_strikes_what_it_fails():
    brown = Brownout(name="brown", target="erp", start_us=SECOND // 2, end_us=MINUTE, fail_ppm=1_000_000)
    world = World(brown)
    client = world.ask()
    world.run(MINUTE)
    assert client.result == (503, "unavailable", SECOND)
    assert (brown.hits, world.wire.struck) == (1, [(SECOND, "brown", "brownout", "erp.post", "op")])


# --- limits ------------------------------------------------------------------------------------------


def test_over_the_concurrency_limit_a_call_is_told_when_to_come_again():
    world = World(capacity=2, limits=Limits(concurrent=3, retry_after_us=7 * SECOND))
    answers = []

    async def client(number):
        response = await world.call(str(number))
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
        response = await world.call(str(number))
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
