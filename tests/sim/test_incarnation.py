"""Lives: what a program has begun ends with it, without a word."""

import gc
import warnings

from sim.clock import Clock
from sim.incarnation import Incarnation


def test_what_is_under_way_when_a_life_ends_goes_no_further():
    clock = Clock()
    life = Incarnation(clock)
    seen = []

    async def count():
        for number in range(10):
            await life.clock.sleep(1)
            seen.append(number)

    life.clock.spawn(count())
    clock.at(3, lambda _: life.kill())
    clock.run_until(20)

    assert seen == [0, 1]


def test_what_has_not_begun_when_a_life_ends_never_begins_and_is_not_taken_for_forgotten():
    clock = Clock()
    life = Incarnation(clock)
    begun = []

    async def work():
        begun.append(True)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        life.clock.spawn(work())
        life.kill()
        clock.run_until(1)
        del life
        gc.collect()

    assert begun == []
