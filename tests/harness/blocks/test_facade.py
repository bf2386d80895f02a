"""A façade is what its switches say: each part by itself, and none of it where none is asked for."""

import pytest

from fakes import billing, crm, erp, revenue
from harness.alone import NAME, Alone, Work, done
from harness.blocks.facade import QUEUE_MAX, REFERENCE, URGENT, Gateway, caller
from harness.blocks.retry import CONCURRENCY, CallFailed, RetryPolicy
from harness.facade_runs import overloaded
from harness.layers import BUILT_IN
from harness.switches import FACADE, switches
from sim.chance import constant
from sim.durations import HOUR, MINUTE, SECOND
from sim.faults import Outage

ONCE = RetryPolicy(attempts_max=1)


def under_load(options, number=300, **station):
    """That many calls at one instant, of which a hundred places take a second each."""
    world = Alone(seed=1, purpose="switches", **{"capacity": 100, "service": constant(SECOND)} | station)
    asked = caller(world.surroundings, options, ONCE)
    for place in range(number):
        world.clock.spawn(done(asked, str(place)))
    world.run(HOUR)
    return world


# --- switches ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_layer_has_the_switches_of_the_facade(name):
    assert BUILT_IN[name].OPTIONS.keys() >= FACADE.keys()


def test_the_parts_of_a_facade_are_off_unless_a_layer_says_otherwise():
    options = switches(attempts="5", cache="on")
    assert {name: option.default for name, option in options.items()} == {
        "attempts": "5", "limiter": "off", "breaker": "off", "cache": "on", "budget": "off",
    }  # fmt: skip
    assert [name for name, option in options.items() if option.guards] == ["attempts", "cache"]


@pytest.mark.parametrize("options", [{}, dict.fromkeys(FACADE, "off")])
def test_with_all_of_them_off_systems_are_called_themselves(options):
    world = under_load(options)
    assert world.surroundings.facade == {NAME: world.counts}
    world.surroundings.facade.clear()
    asked = caller(world.surroundings, options, ONCE)
    send, _ = asked._lines[NAME]
    assert send == world.server.send
    assert world.surroundings.facade == {}


@pytest.mark.parametrize("part", FACADE)
def test_a_facade_of_one_part_calls_what_a_layer_may_and_counts(part):
    world = under_load({part: "on"})
    assert len(world.done) == 300
    ends = [at_us for _, at_us in world.done]
    assert [ends.count(place * SECOND) for place in range(1, 26)] == [CONCURRENCY] * 25
    assert (world.counts.waits > 0) == (part == "limiter")


def test_a_bounded_limiter_turns_away_who_would_wait_behind_too_many():
    world = under_load({"limiter": "bounded"})
    assert (len(world.done), world.counts.sheds) == (QUEUE_MAX + CONCURRENCY, 300 - QUEUE_MAX - CONCURRENCY)


def test_postings_are_urgent_and_customers_and_accounts_are_reference_data():
    assert {erp.PostDocument, erp.PostJournal, revenue.RecordBilling} == URGENT
    assert {crm.GetAccount, billing.FindCustomers, erp.FindCustomers} == REFERENCE


def test_a_breaker_that_opens_while_calls_wait_for_their_turn_spares_those_too():
    down = Outage(name="down", target=NAME, start_us=0, end_us=HOUR)
    world = Alone(down, seed=1, purpose="turn", latency=constant(SECOND))
    asked = caller(world.surroundings, {"limiter": "on", "breaker": "on"}, ONCE)
    words = []

    async def ask(key):
        try:
            await asked.write(NAME, Work(key), key)
        except CallFailed as failed:
            words.append(failed.response.word)

    for place in range(300):
        world.clock.spawn(ask(str(place)))
    world.run(MINUTE - 1)
    assert words.count("refused") in range(100, 100 + CONCURRENCY)
    assert words.count("breaker_open") == 300 - words.count("refused")


def test_a_gateway_without_parts_passes_calls_on():
    world = Alone(seed=1, purpose="bare", service=constant(SECOND))
    task = world.clock.spawn(Gateway(world.server, world.clock).send(Work("a"), "a", None, MINUTE))
    world.run(MINUTE)
    assert (task.result.status, world.done) == (200, [("a", SECOND)])


# --- overload (E9) -----------------------------------------------------------------------------------

HALF_LOADED = {"every_us": 8 * SECOND}
"""A system that takes four seconds for a call, and gets one every eight."""


def test_retries_keep_a_slow_system_overloaded_for_good_after_what_began_it_is_over():
    """Ten minutes of silence, and two hours later nothing is answered in time, though the system never rests."""
    seen = overloaded({}, **HALF_LOADED)
    arrived = 60 * 60 // 8
    assert sum(seen.answered[:30]) > 200
    assert sum(seen.answered[-60:]) == 0
    assert sum(seen.done[-60:]) == 900 == 2 * arrived
    assert seen.twice > 1_000


def test_a_timeout_that_the_queue_cannot_reach_is_the_end_of_that():
    """Fewer at a time than are served before the deadline: with 36 workers, but a system twice as fast, it recovers."""
    seen = overloaded({}, **HALF_LOADED, service_us=2 * SECOND)
    assert sum(seen.answered[-60:]) == sum(seen.done[-60:]) > 400


@pytest.mark.parametrize("part", ["limiter", "budget", "breaker"])
def test_each_part_of_the_facade_that_spares_the_system_lets_it_recover(part):
    seen = overloaded({part: "on"}, **HALF_LOADED)
    assert sum(seen.answered[-60:]) == sum(seen.done[-60:]) > 400
    assert seen.twice < 60


def test_the_limiter_saves_what_the_others_give_up():
    limiter, budget, breaker = (overloaded({part: "on"}, **HALF_LOADED) for part in ("limiter", "budget", "breaker"))
    assert limiter.failed == 0
    assert min(budget.failed, breaker.failed) > 20
