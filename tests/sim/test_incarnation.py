"""A program that is killed does nothing more, whatever it was doing; and what it had asked for is done all the same."""

import pytest

from sim.clock import Clock
from sim.incarnation import Incarnation, Killed
from sim.queue import Queue


def test_a_killed_program_goes_no_further():
    clock, seen = Clock(), []
    life = Incarnation(clock)

    async def work():
        try:
            for step in range(5):
                seen.append(step)
                await life.clock.sleep(10)
        finally:
            seen.append("a crash runs no finally clause")

    life.clock.spawn(work())
    clock.at(25, lambda _: life.kill())
    clock.run_until(100)
    assert seen == [0, 1, 2]


def test_the_dead_do_not_wake_when_what_they_waited_for_comes():
    clock, taken = Clock(), []
    life = Incarnation(clock)
    queue = Queue(clock)

    async def work():
        taken.append(await queue.take())

    life.clock.spawn(work())
    clock.at(1, lambda _: life.kill())
    clock.at(2, lambda _: queue.put("late"))
    clock.run_until(10)
    assert taken == []


def test_what_the_dead_had_arranged_does_not_come():
    clock, called = Clock(), []
    life = Incarnation(clock)
    life.clock.at(5, called.append, "of the life")
    clock.at(5, called.append, "of the world")
    clock.at(1, lambda _: life.kill())
    clock.run_until(10)
    assert called == ["of the world"]


def test_a_task_that_has_not_begun_never_does():
    clock, begun = Clock(), []
    life = Incarnation(clock)

    async def work():
        begun.append(1)

    life.clock.spawn(work())
    life.kill()
    clock.run_until(10)
    assert begun == []


def test_who_waits_for_the_dead_waits_for_ever():
    clock, done = Clock(), []
    life = Incarnation(clock)

    async def work():
        await life.clock.sleep(5)

    async def waiting():
        await life.bound(work())
        done.append(clock.now)

    clock.spawn(waiting())
    clock.at(1, lambda _: life.kill())
    clock.run_until(10)
    assert done == []


def test_a_program_may_die_at_a_point_of_its_own_code():
    clock, seen = Clock(), []
    life = Incarnation(clock)

    async def work():
        seen.append("before")
        life.kill()
        raise Killed

    life.clock.spawn(work())
    clock.run_until(10)
    assert seen == ["before"]


def test_the_living_return_and_raise_as_ever():
    clock = Clock()
    life = Incarnation(clock)

    async def fine():
        await life.clock.sleep(3)
        return life.clock.now

    async def wrong():
        raise ValueError("wrong")

    task = life.clock.spawn(fine())
    clock.run_until(10)
    assert task.result == 3
    assert life.bodies == {}
    life.clock.spawn(wrong())
    with pytest.raises(ValueError, match="wrong"):
        clock.run_until(20)
