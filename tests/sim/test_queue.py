"""Queues and gates between tasks: first come, first served, on both sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.clock import Clock
from sim.queue import Gate, Queue


@pytest.fixture
def clock():
    return Clock()


def test_what_was_put_first_is_taken_first(clock):
    queue = Queue(clock)
    for item in "abc":
        queue.put(item)

    async def take_all():
        return [await queue.take() for _ in range(3)]

    task = clock.spawn(take_all())
    clock.run_until(0)
    assert task.result == ["a", "b", "c"]
    assert len(queue) == 0


def test_who_has_waited_longest_gets_the_next_item(clock):
    queue, seen = Queue(clock), []

    async def take(name):
        seen.append((name, await queue.take(), clock.now))

    async def bring():
        for item in (1, 2, 3):
            await clock.sleep(10)
            queue.put(item)

    for name in ("first", "second", "third"):
        clock.spawn(take(name))
    clock.spawn(bring())
    clock.run_until(100)
    assert seen == [("first", 1, 10), ("second", 2, 20), ("third", 3, 30)]


def test_an_item_handed_to_a_waiting_taker_is_not_there_for_another(clock):
    """Two tasks ask at the instant of the only item: the one that waited has it."""
    queue, seen = Queue(clock), []

    async def take(name):
        seen.append((name, await queue.take()))

    async def put_and_take():
        await clock.sleep(5)
        queue.put("only")
        await take("late")

    clock.spawn(take("early"))
    clock.spawn(put_and_take())
    clock.run_until(10)
    assert seen == [("early", "only")]


def test_the_length_counts_what_no_one_has_taken(clock):
    queue = Queue(clock)
    queue.put(None)
    queue.put(0)
    assert len(queue) == 2


def test_items_of_no_truth_value_are_items(clock):
    queue = Queue(clock)

    async def take_two():
        return [await queue.take(), await queue.take()]

    task = clock.spawn(take_two())
    clock.run_until(0)
    queue.put(None)
    queue.put(0)
    clock.run_until(1)
    assert task.result == [None, 0]


@given(st.lists(st.tuples(st.sampled_from(["put", "take"]), st.integers(0, 5)), max_size=40))
def test_whatever_the_times_items_and_takers_meet_in_order(steps):
    """The n-th taker has the n-th item, as soon as both are there."""
    clock = Clock()
    queue = Queue(clock)
    taken, puts, takes = [], [], []

    async def take(number):
        taken.append((number, await queue.take(), clock.now))

    async def play():
        for kind, gap in steps:
            await clock.sleep(gap)
            if kind == "put":
                queue.put(len(puts))
                puts.append(clock.now)
            else:
                clock.spawn(take(len(takes)))
                takes.append(clock.now)
                await clock.sleep(0)

    clock.spawn(play())
    clock.run_until(1_000)
    met = min(len(puts), len(takes))
    assert sorted(taken) == [(number, number, max(puts[number], takes[number])) for number in range(met)]
    assert len(queue) == max(0, len(puts) - len(takes))


@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_gate_lets_its_width_through_and_the_others_in_order(clock, width):
    gate, inside, most, served = Gate(clock, width), [], [], []

    async def pass_through(number):
        await gate.enter()
        inside.append(number)
        most.append(len(inside))
        await clock.sleep(10)
        inside.remove(number)
        served.append(number)
        gate.leave()

    for number in range(12):
        clock.spawn(pass_through(number))
    clock.run_until(1_000)
    assert max(most) == width
    assert served == list(range(12))


def test_a_gate_is_handed_on_at_once_and_can_be_used_again(clock):
    gate, entered = Gate(clock, 1), []

    async def hold(name, span):
        await gate.enter()
        entered.append((name, clock.now))
        await clock.sleep(span)
        gate.leave()

    clock.spawn(hold("a", 10))
    clock.spawn(hold("b", 5))
    clock.run_until(100)
    clock.spawn(hold("c", 1))
    clock.run_until(200)
    assert entered == [("a", 0), ("b", 10), ("c", 100)]


def test_no_one_slips_in_between_who_leaves_and_who_waits(clock):
    """A place given back belongs to the one waiting, even if another asks at that very instant."""
    gate, entered = Gate(clock, 1), []

    async def hold(name):
        await gate.enter()
        entered.append(name)
        await clock.sleep(10)
        gate.leave()
        await hold_again(name)

    async def hold_again(name):
        await gate.enter()
        entered.append(name)

    clock.spawn(hold("a"))
    clock.spawn(hold("b"))
    clock.run_until(100)
    assert entered == ["a", "b", "a"]


def test_a_gate_can_be_tried_first_and_awaited_if_it_is_full(clock):
    gate, entered = Gate(clock, 1), []

    async def hold(name):
        if not gate.entered():
            await gate
        entered.append((name, clock.now))
        await clock.sleep(10)
        gate.leave()

    for name in "abc":
        clock.spawn(hold(name))
    clock.run_until(100)
    assert entered == [("a", 0), ("b", 10), ("c", 20)]
    assert gate.entered()
    assert not gate.entered()
