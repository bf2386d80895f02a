"""A breaker opens when most calls fail, spares a system that is down but for a few probes, and closes once these do."""

from statistics import fmean

import pytest

from harness.alone import NAME, Alone, Work, done
from harness.blocks.breaker import Breaker
from harness.blocks.facade import caller
from harness.blocks.retry import CallFailed, RetryPolicy
from harness.facade_runs import outage
from harness.layer import FacadeCounts
from sim.chance import constant
from sim.clock import Clock
from sim.durations import DAY, MINUTE, SECOND
from sim.faults import Outage
from sim.network import Response

OK, REFUSED = Response(200), Response(0, None, "refused")


class Fuse:
    """A clock and a breaker that is told of outcomes by hand."""

    def __init__(self, **policy):
        self.clock = Clock()
        self.counts = FacadeCounts()
        self.told = []
        self.breaker = Breaker(self.clock, self.counts, self.told.append, **policy)

    def hear(self, *answers):
        """Let a call through for each answer, and hear it at once; how many were let through."""
        let = 0
        for answer in answers:
            round_ = self.breaker.lets_through()
            let += round_ > 0
            self.breaker.heard(round_, answer)
        return let

    def opened(self):
        """The same, after a hundred failures."""
        assert self.hear(*[REFUSED] * 100) == 100
        assert self.breaker.state == "open"
        return self


# --- opening -----------------------------------------------------------------------------------------


def test_it_takes_a_hundred_calls_to_open():
    fuse = Fuse()
    fuse.hear(*[REFUSED] * 99)
    assert fuse.breaker.state == "closed"
    fuse.hear(REFUSED)
    assert (fuse.breaker.state, fuse.counts.breaker_opened) == ("open", 1)


@pytest.mark.parametrize(("good", "state"), [(51, "closed"), (50, "open")])
def test_half_of_the_last_hundred_opens_it(good, state):
    fuse = Fuse()
    fuse.hear(*[OK] * good, *[REFUSED] * (100 - good))
    assert fuse.breaker.state == state


def test_only_the_last_hundred_count():
    fuse = Fuse()
    fuse.hear(*[REFUSED] * 49, *[OK] * 100, *[REFUSED] * 49)
    assert fuse.breaker.state == "closed"
    fuse.hear(REFUSED)
    assert fuse.breaker.state == "open"


@pytest.mark.parametrize("answer", [Response(429, None, "throttled"), Response(404, None, "not_found")])
def test_a_system_that_answers_is_not_down(answer):
    fuse = Fuse()
    fuse.hear(*[answer] * 500)
    assert fuse.breaker.state == "closed"


@pytest.mark.parametrize("answer", [Response(503, None, "unavailable"), Response(0, None, "timeout")])
def test_no_answer_and_a_servers_error_are_failures(answer):
    fuse = Fuse()
    fuse.hear(*[answer] * 100)
    assert fuse.breaker.state == "open"


# --- open and half open ------------------------------------------------------------------------------


def test_open_it_lets_nothing_through_for_a_minute_and_says_how_long():
    fuse = Fuse().opened()
    fuse.clock.run_until(20 * SECOND)
    assert fuse.hear(OK, OK) == 0
    answer = fuse.breaker.refusal()
    assert (answer.status, answer.word, answer.retry_after_us, answer.transient) == (
        503, "breaker_open", 40 * SECOND, True,
    )  # fmt: skip
    fuse.clock.run_until(MINUTE - 1)
    assert fuse.breaker.shut
    fuse.clock.run_until(MINUTE)
    assert not fuse.breaker.shut
    assert (fuse.counts.breaker_open_us, fuse.counts.breaker_refused) == (MINUTE, 1)


def test_half_open_it_lets_ten_probes_through_and_no_more_until_they_are_heard():
    fuse = Fuse().opened()
    fuse.clock.run_until(MINUTE)
    rounds = [fuse.breaker.lets_through() for _ in range(15)]
    assert [bool(round_) for round_ in rounds] == [True] * 10 + [False] * 5
    assert fuse.breaker.refusal().retry_after_us is None  # any moment now
    for round_ in rounds[:9]:
        fuse.breaker.heard(round_, OK)
    assert fuse.breaker.state == "half_open"
    fuse.breaker.heard(rounds[9], OK)
    assert fuse.breaker.state == "closed"
    assert fuse.told == ["breaker_opened", "breaker_half_open", "breaker_closed"]


@pytest.mark.parametrize(("good", "state"), [(6, "closed"), (5, "open")])
def test_the_probes_decide(good, state):
    fuse = Fuse().opened()
    fuse.clock.run_until(MINUTE)
    fuse.hear(*[OK] * good, *[REFUSED] * (10 - good))
    assert fuse.breaker.state == state


def test_once_closed_it_takes_a_hundred_calls_again():
    fuse = Fuse().opened()
    fuse.clock.run_until(MINUTE)
    fuse.hear(*[OK] * 10, *[REFUSED] * 99)
    assert fuse.breaker.state == "closed"
    fuse.hear(REFUSED)
    assert fuse.breaker.state == "open"


def test_what_was_sent_before_it_opened_says_nothing_of_the_probes():
    fuse = Fuse()
    early = [fuse.breaker.lets_through() for _ in range(20)]
    fuse.opened()
    fuse.clock.run_until(MINUTE)
    for round_ in early:
        fuse.breaker.heard(round_, REFUSED)
    assert fuse.breaker.state == "half_open"
    fuse.hear(*[OK] * 10)
    assert fuse.breaker.state == "closed"


# --- under callers -----------------------------------------------------------------------------------


def asked_in_an_outage(attempts_max, lasts_us=10 * MINUTE):
    """Two hundred calls at the beginning of an outage, and one a minute later; what became of that one, and when."""
    down = Outage(name="down", target=NAME, start_us=0, end_us=lasts_us)
    world = Alone(down, seed=1, purpose="callers", service=constant(0))
    asked = caller(world.surroundings, {"breaker": "on", "limiter": "on"}, RetryPolicy(attempts_max=attempts_max))
    for place in range(200):
        world.clock.spawn(done(asked, f"before-{place}"))

    async def late():
        await world.clock.sleep(MINUTE // 2)
        try:
            await asked.write(NAME, Work("late"), "late")
        except CallFailed as failed:
            return failed.response.word, world.clock.now
        return "done", world.clock.now

    task = world.clock.spawn(late())
    world.run(DAY)
    return world, task.result


def test_a_caller_whose_attempts_are_spent_fails_fast_and_hears_why():
    world, (word, at_us) = asked_in_an_outage(1)
    assert (word, at_us) == ("breaker_open", MINUTE // 2)
    assert "late" not in {row[3] for row in world.wire.trace.rows("calls")}


def test_a_caller_that_goes_on_waits_for_the_breaker_and_is_done_after_the_outage():
    world, (word, at_us) = asked_in_an_outage(None)
    assert word == "done" and 10 * MINUTE <= at_us < 15 * MINUTE
    assert len(world.done) == 201
    assert {"breaker_opened", "breaker_half_open", "breaker_closed"} == {
        what for _, _, what, _, _ in world.wire.trace.rows("notes") if what.startswith("breaker")
    }  # fmt: skip


def test_waiting_for_a_breaker_is_no_retry():
    world, _ = asked_in_an_outage(None)
    sent_again = sum(row[4] > 1 for row in world.wire.trace.rows("calls"))
    assert world.surroundings.counts.retries <= sent_again + 201  # each may have failed once more than it was sent
    assert world.counts.breaker_refused > 201


# --- closed forms (H19) ------------------------------------------------------------------------------


def test_an_outage_wastes_what_opens_the_breaker_and_the_probes_of_each_minute():
    """H19: half of a window of 20, and 3 probes every 60 s: 226 calls in 72 minutes, where it had been thousands."""
    guarded = outage(72 * MINUTE, 10 * SECOND, breaker=True, window=20, probes=3)
    expected = 10 + 3 * 72
    assert guarded.wasted == pytest.approx(expected, abs=3 * 3)  # a probe's minute begins when the last has failed
    assert guarded.never == 0


def test_without_a_breaker_the_backlog_wastes_calls_with_the_square_of_the_outage():
    """H19: lambda D^2 / 2 over the mean wait of an item, of which half the cap is waited on average."""
    bare = [outage(72 * MINUTE, 20 * SECOND, breaker=False, seed=seed).wasted for seed in range(3)]
    assert fmean(bare) == pytest.approx((72 * 60) ** 2 / 20 / 2 / 50, rel=0.15)  # the first waits are shorter
    assert min(bare) > 10 * outage(72 * MINUTE, 20 * SECOND, breaker=True).wasted // 2


def test_a_recovery_at_any_moment_of_the_breakers_minute_is_met_half_a_minute_late_on_average():
    """H19: an extra delay uniform between 0 and 60 s, and the moment until somebody probes."""
    spans_us = [5 * MINUTE + place * MINUTE // 30 for place in range(30)]
    delays = [
        outage(span_us, SECOND, breaker=True, window=20, probes=3, cap_us=20 * SECOND).served_again_us
        for span_us in spans_us
    ]
    assert min(delays) >= 0 and max(delays) < 65 * SECOND
    assert fmean(delays) == pytest.approx(MINUTE / 2, abs=3 * SECOND)
    assert sum(delay < MINUTE / 4 for delay in delays) in range(5, 11)
