"""A limiter keeps calls below a system's limits, lets the urgent go first, and makes way for a system in trouble."""

import math
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.alone import NAME, Alone, done
from harness.blocks.facade import CAN_WAIT, caller
from harness.blocks.limiter import BACKFILL, INTERACTIVE, POSTING, Limiter
from harness.blocks.retry import CONCURRENCY, RetryPolicy
from harness.facade_runs import burst, capped
from harness.layer import FacadeCounts
from sim.chance import constant, lognormal
from sim.clock import Clock
from sim.durations import HOUR, MILLISECOND, MINUTE, SECOND
from sim.faults import Outage, Throttle
from sim.network import Limits, Response

ONCE = RetryPolicy(attempts_max=1)
OK, TIMEOUT = Response(200), Response(0, None, "timeout")
THROTTLED = Response(429, None, "throttled", 20 * SECOND)


class Desk:
    """A clock and a limiter whose holders hold their place for so long, and leave with so many an answer."""

    def __init__(self, **limits):
        self.clock = Clock()
        self.counts = FacadeCounts()
        self.limiter = Limiter(self.clock, self.counts, **limits)
        self.entered = []  # (instant, name)
        self.shed = []
        self.most = 0

    def come(self, name, at_us=0, urgency=INTERACTIVE, lasts_us=SECOND, answer=OK):
        async def hold():
            await self.clock.sleep(at_us)
            if not await self.limiter.enter(urgency):
                self.shed.append(name)
                return
            since_us = self.clock.now
            self.entered.append((since_us, name))
            self.most = max(self.most, self.limiter.under_way)
            await self.clock.sleep(lasts_us)
            self.limiter.leave(answer, since_us)

        self.clock.spawn(hold())

    def order(self, until_us=HOUR):
        self.clock.run_until(until_us)
        return [name for _, name in self.entered]


# --- rate (H25) --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "per_second", "at_once"), [(100, 5, 10), (500, 100, 100), (30, 2, 1), (7, 4, 7)])
def test_a_burst_of_n_ends_after_n_less_b_over_r(number, per_second, at_once):
    """H25, to the microsecond; and the system, which grants just that, has nothing to reject."""
    seen = burst(number, per_second, at_once, limiter=True)
    every_us = SECOND // per_second
    assert seen.sent_us == [max(0, place + 1 - at_once) * every_us for place in range(number)]
    assert seen.sent_us[-1] / SECOND == pytest.approx((number - at_once) / per_second)
    assert seen.throttled == 0


def test_without_a_limiter_all_but_the_burst_are_rejected():
    assert burst(100, 5, 10, limiter=False).throttled == 90


@pytest.mark.parametrize("limits", [Limits(per_second=20, burst=20), Limits(concurrent=5), Limits()])
def test_a_limiter_below_the_published_limits_is_never_rejected_though_the_way_moves_calls_together(limits):
    def outcomes(limiter):
        world = Alone(
            seed=1, purpose="way", service=constant(100 * MILLISECOND), latency=lognormal(30_000, 300), limits=limits
        )  # fmt: skip
        below = Limiter.below(limits, world.clock, world.counts) if limiter else None
        asked = world.through(ONCE, limiter=below)
        for place in range(300):
            world.clock.spawn(done(asked, str(place)))
        world.run(HOUR)
        return world.outcomes()

    assert outcomes(True) == ["ok"] * 300
    assert ("throttled" in outcomes(False)) == (limits != Limits())


@pytest.mark.parametrize(
    ("concurrent", "width"), [(None, CONCURRENCY), (100, CONCURRENCY), (10, 9), (5, 4), (2, 1), (1, 1)]
)
def test_the_places_are_nine_tenths_of_the_published_ones_and_never_more_than_every_layer_may_have(concurrent, width):
    desk = Desk(width=1)
    desk.limiter = Limiter.below(Limits(concurrent=concurrent), desk.clock, desk.counts)
    for number in range(50):
        desk.come(number)
    desk.order()
    assert desk.most == width


# --- places (H13) ------------------------------------------------------------------------------------


def erlang_b(places, load):
    lost = 1.0
    for place in range(1, places + 1):
        lost = load * lost / (place + load * lost)
    return lost


def erlang_c(places, load):
    lost = erlang_b(places, load)
    return lost / (1 - load / places * (1 - lost))


@pytest.mark.parametrize(("places", "load"), [(5, 3.0), (3, 1.5)])
def test_in_front_of_a_capped_system_calls_wait_as_erlang_c_says_and_none_is_rejected(places, load):
    """H13, within four standard errors as independent runs scatter."""
    runs = [capped(places, load, 2_000, limiter=True, seed=seed) for seed in range(16)]
    assert {(run.calls, run.tries, run.rejected) for run in runs} == {(2_000, 2_000, 0)}
    within_4_errors([run.waited / run.calls for run in runs], erlang_c(places, load))
    within_4_errors([run.waited_us / SECOND / run.calls for run in runs], erlang_c(places, load) / (places - load))


def within_4_errors(values, expected):
    error = stdev(values) / math.sqrt(len(values))
    assert error < 0.1 * expected
    assert abs(fmean(values) - expected) < 4 * error


def test_without_a_limiter_a_capped_system_rejects_and_retries_make_it_worse():
    """First tries meet Erlang B of the load that retries have added: a fixed point, to the 5 % of Q19."""
    seen = capped(5, 3.0, 20_000, limiter=False)
    load = 3.0
    for _ in range(100):
        load = 3.0 / (1 - erlang_b(5, load))
    assert seen.calls == 20_000
    assert seen.rejected / seen.tries == pytest.approx(erlang_b(5, load), rel=0.05)
    assert seen.tries - seen.calls == seen.rejected > 3_000


@settings(max_examples=60)
@given(st.data())
def test_whatever_comes_no_more_are_under_way_or_sent_than_agreed_and_everyone_is_served(data):
    width, at_once = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    every_us = data.draw(st.sampled_from([0, 3, 10]))
    answers = st.sampled_from([OK, OK, OK, TIMEOUT, THROTTLED, Response(503, None, "unavailable")])
    urgencies = st.sampled_from([POSTING, INTERACTIVE, BACKFILL])
    comers = data.draw(st.lists(st.tuples(st.integers(0, 60), urgencies, st.integers(0, 30), answers), max_size=25))
    desk, number = Desk(width=width, every_us=every_us, burst=at_once), len(comers)
    for name, comer in enumerate(comers):
        desk.come(name, *comer)
    assert sorted(desk.order()) == list(range(number))
    assert desk.most <= width and desk.limiter.under_way == 0
    instants = [at_us for at_us, _ in desk.entered]
    for first, at_us in enumerate(instants):
        for last in range(first + at_once, number):  # so many after the first have had to wait for their tokens
            assert instants[last] - at_us >= (last - first + 1 - at_once) * every_us
    assert desk.counts.waited_us >= 0 and desk.counts.waits <= number


# --- urgency -----------------------------------------------------------------------------------------


def test_the_urgent_go_first_and_within_an_urgency_who_came_first():
    desk = Desk(width=1)
    desk.come("holds the place")
    for name, urgency in (("b1", BACKFILL), ("i1", INTERACTIVE), ("p1", POSTING), ("i2", INTERACTIVE), ("p2", POSTING)):
        desk.come(name, 1, urgency)
    assert desk.order() == ["holds the place", "p1", "p2", "i1", "i2", "b1"]
    assert (desk.counts.waits, desk.counts.waited_us) == (5, 15 * SECOND - 5)


def test_a_task_may_say_that_it_can_wait():
    world = Alone(seed=1, purpose="urgency", capacity=1, service=constant(SECOND))
    asked = world.through(ONCE, limiter=Limiter(world.clock, world.counts, width=1))

    async def backfill(key):
        CAN_WAIT.set(True)
        await done(asked, key)

    for key in ("holds the place", "b1", "b2"):
        world.clock.spawn(backfill(key))
    world.clock.spawn(done(asked, "i1"))
    world.run(MINUTE)
    assert [key for key, _ in world.done] == ["holds the place", "i1", "b1", "b2"]


# --- a bounded queue ---------------------------------------------------------------------------------


def test_who_would_wait_behind_too_many_is_turned_away():
    desk = Desk(width=1, queue_max=3)
    for number in range(6):
        desk.come(number)
    assert desk.order() == [0, 1, 2, 3]
    assert (desk.shed, desk.counts.sheds) == ([4, 5], 2)


def test_who_is_turned_away_may_try_again_and_that_is_no_retry_of_a_call():
    world = Alone(seed=1, purpose="shed", capacity=1, service=constant(SECOND))
    asked = world.through(RetryPolicy(), limiter=Limiter(world.clock, world.counts, width=1, queue_max=1))
    for key in "abcd":
        world.clock.spawn(done(asked, key))
    world.run(MINUTE)
    assert sorted(key for key, _ in world.done) == list("abcd")
    assert world.counts.sheds >= 2 and world.surroundings.counts.retries == 0


# --- a system in trouble -----------------------------------------------------------------------------


def test_a_429_halts_everyone_for_as_long_as_it_asks():
    desk = Desk(width=3)
    desk.come("throttled", 0, lasts_us=SECOND, answer=THROTTLED)
    desk.come("under way", 0, lasts_us=5 * SECOND)
    for number in range(3):
        desk.come(number, 2 * SECOND)
    desk.order()
    assert [at_us for at_us, _ in desk.entered] == [0, 0, 21 * SECOND, 21 * SECOND, 22 * SECOND]
    assert (desk.counts.halts, desk.counts.halted_us) == (1, 20 * SECOND)


def test_a_later_429_lengthens_the_halt_and_an_earlier_wait_does_not_shorten_it():
    desk = Desk(width=3)
    desk.come("first", 0, lasts_us=SECOND, answer=THROTTLED)
    desk.come("second", 0, lasts_us=11 * SECOND, answer=THROTTLED)
    desk.come("third", 0, lasts_us=12 * SECOND, answer=Response(429, None, "throttled", SECOND))
    desk.come("waits", 2 * SECOND)
    desk.order()
    assert desk.entered[-1] == (31 * SECOND, "waits")
    assert (desk.counts.halts, desk.counts.halted_us) == (1, 30 * SECOND)


@pytest.mark.parametrize("answer", [TIMEOUT, THROTTLED])
def test_signs_of_overload_halve_what_goes_at_a_time_once_for_all_that_were_under_way(answer):
    desk = Desk(width=12)
    for number in range(12):
        desk.come(number, lasts_us=SECOND + number, answer=answer)
    desk.order(10 * SECOND)
    assert (desk.limiter.window, desk.counts.narrowed) == (6, 1)


@pytest.mark.parametrize("answer", [Response(503, None, "unavailable"), Response(0, None, "refused"), Response(404)])
def test_what_says_nothing_of_load_halves_nothing(answer):
    desk = Desk(width=12)
    desk.come("one", answer=answer)
    desk.order()
    assert (desk.limiter.window, desk.counts.narrowed) == (12, 0)


def test_each_round_of_good_answers_lets_one_more_go_at_a_time():
    desk = Desk(width=4)
    desk.come("bad", answer=TIMEOUT)
    for number in range(2 + 3 + 10):
        desk.come(number, 2 * SECOND)
    desk.order()
    inside = [sum(at_us == instant * SECOND for at_us, _ in desk.entered) for instant in range(2, 8)]
    assert inside == [2, 3, 4, 4, 2, 0]
    assert desk.limiter.window == 4


def test_a_throttled_system_is_asked_no_more_than_a_few_times_too_often():
    """Twenty calls a minute: each halt of five seconds is met by a call or two too many, not by all that wait."""
    throttle = Throttle(
        name="t", target=NAME, start_us=0, end_us=1 << 50, per_minute=20, burst=5, retry_after_us=5 * SECOND
    )  # fmt: skip

    def rejected(limiter):
        world = Alone(throttle, seed=1, purpose="throttled", service=constant(SECOND))
        asked = caller(world.surroundings, {"limiter": "on" if limiter else "off"}, RetryPolicy(attempts_max=None))
        for place in range(300):
            world.clock.spawn(done(asked, str(place)))
        world.run(HOUR)
        return len(world.done), world.outcomes().count("throttled")

    (served, halting), (_, hammering) = rejected(True), rejected(False)
    assert served == 300
    assert halting < 300
    assert hammering > 1_000


def test_a_place_is_free_while_a_call_waits_to_be_tried_again():
    down = Outage(name="down", target=NAME, start_us=0, end_us=SECOND)
    world = Alone(down, seed=1, purpose="place", service=constant(0))
    patient = RetryPolicy(base_us=HOUR, cap_us=HOUR)
    asked = world.through(patient, limiter=Limiter(world.clock, world.counts, width=1))

    async def late():
        await world.clock.sleep(2 * SECOND)
        await done(asked, "late")

    world.clock.spawn(done(asked, "early"))
    world.clock.spawn(late())
    world.run(3 * HOUR)
    assert [key for key, _ in world.done] == ["late", "early"]
    assert world.done[0][1] == 2 * SECOND


def test_a_place_that_was_not_used_gives_its_token_back():
    desk = Desk(width=1, every_us=SECOND)

    async def hold():
        assert await desk.limiter.enter()
        desk.limiter.withdraw()

    desk.clock.spawn(hold())
    desk.come("next", 1)
    assert desk.order(SECOND // 2) == ["next"]
