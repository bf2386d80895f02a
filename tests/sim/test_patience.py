"""A clock whose patience is at its end gives out no more numbers, and says why; without an end it has none."""

import pytest

from sim.chance import Stream
from sim.clock import Clock
from sim.errors import NeverWaits
from sim.patience import STRETCH, Patience

AT_ONCE = 4 * STRETCH


async def poll(clock, span_us):
    while True:
        await clock.sleep(span_us)


@pytest.mark.parametrize("ties", [None, Stream(1, "ties")])
def test_a_loop_at_one_instant_is_ended(ties):
    clock = Clock(ties, Patience(at_once=AT_ONCE))
    clock.run_until(7)
    clock.spawn(poll(clock, 0))

    with pytest.raises(NeverWaits, match="have it sleep between two rounds") as raised:
        clock.run_until(10)
    count, now_us, _ = raised.value.args
    assert now_us == 7 and AT_ONCE < count <= AT_ONCE + STRETCH


def test_what_waits_is_never_ended_for_what_there_is_at_one_instant():
    clock = Clock(patience=Patience(at_once=AT_ONCE))
    clock.spawn(poll(clock, 1))

    clock.run_until(2 * AT_ONCE)
    assert clock.events > 2 * AT_ONCE


def test_a_run_of_too_many_calls_is_ended_though_time_passes():
    clock = Clock(patience=Patience(in_all=AT_ONCE))
    clock.spawn(poll(clock, 1))

    with pytest.raises(NeverWaits, match="so far"):
        clock.run_until(2 * AT_ONCE)


def test_who_thinks_nothing_of_the_error_meets_it_again():
    clock = Clock(patience=Patience(at_once=AT_ONCE))
    met = []

    async def stubborn():
        for _ in range(2 * AT_ONCE):
            try:
                clock.at(clock.now, met.append, None)
            except NeverWaits as error:
                met.append(error)

    clock.spawn(stubborn())
    with pytest.raises(NeverWaits):
        clock.run_until(1)
    assert len(met) > 1


def test_progress_is_that_of_a_run():
    clock, seen = Clock(), []
    for at_us in (1, 2):
        clock.at(at_us, lambda _: seen.append(clock.progress))

    assert clock.progress is None
    clock.run_until(3)
    assert clock.progress is None
    assert None not in seen and seen[0] != seen[1]
