"""Calls in line are due as `clock.at` would have it, though only the first of them is in the kernel's queue."""

from hypothesis import given
from hypothesis import strategies as st

from sim.clock import Clock
from sim.line import Line

DUE = st.lists(st.integers(0, 30), max_size=8)


def told(bursts, others, together):
    """What happens, in order, when bursts of calls are asked for at some instants and others are due at others."""
    clock, seen = Clock(), []
    asked = Line(clock, lambda what: seen.append((clock.now, what)))

    def burst(due):
        if together:
            asked.gather()
        for span_us in due:
            asked.at(clock.now + span_us, f"{span_us} after {clock.now}")
        if together:
            asked.release()

    for at_us, due in bursts:
        clock.at(at_us, burst, due)
    for number, at_us in enumerate(others):
        clock.at(at_us, lambda number: seen.append((clock.now, number)), number)
    clock.run_until(25)
    return seen, clock.events


@given(st.lists(st.tuples(st.integers(0, 30), DUE), max_size=5), DUE)
def test_they_are_due_when_and_in_the_order_in_which_the_clock_would_have_had_them(bursts, others):
    assert told(bursts, others, together=True) == told(bursts, others, together=False)


def test_only_the_first_is_in_the_queue():
    clock = Clock()
    asked = Line(clock, lambda _: None)
    asked.gather()
    for number in range(1_000):
        asked.at(1_000 - number, number)
    asked.release()
    assert len(clock._queue) == 1


def test_a_call_in_line_may_have_a_follow_up():
    clock, seen = Clock(), []
    asked = Line(clock, lambda number: (clock.now + 5, 100 + number, seen.append, number))
    asked.gather()
    for number in (3, 1, 2):
        asked.at(number, number)
    asked.release()
    clock.run_until(10)
    assert seen == [1, 2, 3]
