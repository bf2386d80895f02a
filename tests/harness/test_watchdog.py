"""Code that keeps the processor is ended where it stands; whoever gets anywhere, or is not to, is left alone."""

import signal
from itertools import count
from time import process_time

import pytest

from harness.watchdog import watched
from sim.errors import NeverReturns

CPU_S = 0.02


def busy(rounds):
    for _ in rounds:
        sum(range(1000))


def test_code_without_progress_is_ended_whatever_it_does_about_errors():
    def stubborn():
        while True:
            try:
                busy(range(100))
            except Exception:  # what a layer may do
                continue

    with pytest.raises(NeverReturns, match="wait for an event"), watched(lambda: "here", CPU_S):
        stubborn()


def test_it_has_the_time_that_it_is_given_and_an_eighth_more_at_most():
    began_s = process_time()
    with pytest.raises(NeverReturns), watched(lambda: "here", 0.8):
        busy(count())

    assert 0.75 < process_time() - began_s < 1.2  # the second look at twice the time would be 1.6 s


@pytest.mark.parametrize("progress", [count().__next__, lambda: None])
def test_who_gets_anywhere_or_keeps_nobody_waiting_is_left_alone(progress):
    with watched(progress, CPU_S):
        busy(range(20_000))


def test_nothing_is_left_of_it():
    before = signal.getsignal(signal.SIGVTALRM)
    with watched(lambda: "here", CPU_S):
        pass

    assert signal.getsignal(signal.SIGVTALRM) is before
    busy(range(20_000))
