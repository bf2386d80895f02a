"""Timers of one span run out as `clock.at` would have it, though only the first of them is in the kernel's queue."""

from hypothesis import given
from hypothesis import strategies as st

from sim.clock import Clock
from sim.timers import Timers

SPAN_US = 7


def by_timers(clock, call):
    return Timers(clock, SPAN_US, call).set


def by_clock(clock, call):
    return lambda argument: clock.at(clock.now + SPAN_US, call, argument)


def told(way, sets, others, until_us=100):
    """What happens, in order, when timers are set at some instants and other calls are due at others."""
    clock, seen = Clock(), []

    def note(what):
        seen.append((clock.now, what))

    set_timer = way(clock, note)
    for number, at_us in enumerate(sets):
        clock.at(at_us, set_timer, f"timer {number}")
    for number, at_us in enumerate(others):
        clock.at(at_us, note, f"other {number}")
    clock.run_until(until_us)
    return seen, clock.events


@given(st.lists(st.integers(0, 40), max_size=12), st.lists(st.integers(0, 60), max_size=12))
def test_they_are_due_when_and_in_the_order_in_which_the_clock_would_have_had_them(sets, others):
    assert told(by_timers, sets, others) == told(by_clock, sets, others)


def test_only_the_first_is_in_the_queue():
    clock = Clock()
    timers = Timers(clock, SPAN_US, lambda _: None)
    for number in range(1_000):
        timers.set(number)
    assert len(clock._queue) == 1


def test_what_is_not_due_yet_is_no_event_yet():
    assert told(by_timers, [0, 1, 2], [], until_us=8) == ([(7, "timer 0"), (8, "timer 1")], 5)


def test_a_timer_may_set_another():
    clock, seen = Clock(), []

    def again(left):
        seen.append(clock.now)
        if left:
            timers.set(left - 1)

    timers = Timers(clock, SPAN_US, again)
    timers.set(2)
    clock.run_until(100)
    assert seen == [7, 14, 21]
