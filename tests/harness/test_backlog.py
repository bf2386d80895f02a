"""The backlog at any instant is what was committed by then and is not yet reflected in every target."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.backlog import Backlog
from harness.lags import NOT_YET_US, BusinessEvents

HORIZON = 60


def backlog_of(*spans):
    """The backlog of events given as (committed, reflected everywhere or None), dealt out to two subjects in turn."""
    return Backlog([events("account", spans[::2]), events("contract", spans[1::2])])


def events(subject, spans):
    """Events whose last target reflects them at the end of their span; another had them at once."""
    begun = np.array([begin for begin, _ in spans], dtype=np.int64)
    ended = np.array([NOT_YET_US if end is None else end for _, end in spans], dtype=np.int64)
    return BusinessEvents(subject, begun, {"billing": begun, "erp": ended})


SPANS = st.lists(
    st.integers(0, 40).flatmap(lambda begin: st.tuples(st.just(begin), st.none() | st.integers(begin + 1, 55))),
    max_size=12,
)


def out(spans, instant):
    """The beginnings of the spans that are outstanding at an instant, by definition."""
    return [begin for begin, end in spans if begin <= instant and (end is None or instant < end)]


# --- by hand -----------------------------------------------------------------------------------------


def test_a_backlog_is_counted_by_hand():
    """One event out from 2 up to 6, one from 4 up to 8, one from 5 on for ever."""
    seen = backlog_of((2, 6), (4, 8), (5, None))
    assert seen.at(np.arange(11)).tolist() == [0, 0, 1, 1, 2, 3, 2, 2, 1, 1, 1]
    assert seen.peak(0) == 3
    assert seen.mean(0, 10) == (4 + 4 + 5) / 10
    assert seen.oldest_us(10, 1).tolist() == [0, 0, 0, 1, 2, 3, 2, 3, 3, 4, 5]


def test_an_event_is_out_from_its_commit_until_the_last_target_has_it():
    waiting = BusinessEvents("account", np.array([10]), {"billing": np.array([12]), "erp": np.array([20])})
    assert Backlog([waiting]).at(np.array([9, 10, 12, 19, 20])).tolist() == [0, 1, 1, 1, 0]


def test_nothing_told_is_no_backlog():
    seen = backlog_of()
    assert seen.at(np.array([0, 5])).tolist() == [0, 0]
    assert (seen.peak(0), seen.mean(0, 10), seen.back_at(0, 3)) == (0, 0.0, 3)
    assert seen.oldest_us(10, 5).tolist() == [0, 0, 0]


def test_the_lead_in_counts_only_with_what_it_left_behind():
    """At its highest before 10; one event of then is still out."""
    seen = backlog_of((1, 5), (2, 5), (3, 20), (12, 14))
    assert seen.peak(0) == 3
    assert seen.peak(10) == 2
    assert seen.mean(10, 20) == (10 + 2) / 10


def test_the_peak_counts_what_was_out_when_the_measuring_began():
    assert backlog_of((1, 30), (2, 30)).peak(10) == 2


@pytest.mark.parametrize(
    ("level", "from_us", "back_us"),
    [(3, 10, 10), (2, 10, 14), (1, 10, 17), (0, 10, None), (1, 17, 17), (1, 18, 31), (2, 15, 15)],
)
def test_a_backlog_is_back_when_it_is_first_as_low_as_it_was(level, from_us, back_us):
    """Three out at 10: one for ever, two until 14 and 17; another from 18 up to 31."""
    assert backlog_of((5, None), (6, 14), (7, 17), (18, 31)).back_at(level, from_us) == back_us


def test_a_backlog_that_was_always_low_is_back_at_once():
    assert backlog_of((5, 8)).back_at(0, 20) == 20


def test_the_oldest_is_the_one_that_has_waited_longest_and_not_the_first_to_come():
    """The event of 0 is through at 35; then the oldest is that of 20, though one of 10 came before it."""
    assert backlog_of((0, 35), (10, 15), (20, 45)).oldest_us(50, 10).tolist() == [0, 10, 20, 30, 20, 0]


def test_what_comes_and_goes_between_two_steps_is_never_the_oldest():
    assert backlog_of((11, 19), (21, 29)).oldest_us(40, 10).tolist() == [0] * 5


def test_steps_reach_up_to_the_end_and_not_beyond():
    seen = backlog_of((0, None))
    assert seen.oldest_us(29, 10).tolist() == [0, 10, 20]
    assert seen.oldest_us(30, 10).tolist() == [0, 10, 20, 30]


# --- by definition -----------------------------------------------------------------------------------


@given(SPANS)
def test_at_any_instant_it_is_what_has_begun_less_what_has_ended(spans):
    instants = range(HORIZON)
    seen = backlog_of(*spans).at(np.array(instants)).tolist()
    begun = [sum(begin <= instant for begin, _ in spans) for instant in instants]
    ended = [sum(end is not None and end <= instant for _, end in spans) for instant in instants]
    assert seen == [one - other for one, other in zip(begun, ended, strict=True)]
    assert seen == [len(out(spans, instant)) for instant in instants]


@given(SPANS, st.integers(0, 50))
def test_the_peak_is_the_highest_from_an_instant_on(spans, from_us):
    assert backlog_of(*spans).peak(from_us) == max(len(out(spans, instant)) for instant in range(from_us, HORIZON))


@given(SPANS, st.integers(0, 50), st.integers(1, 30))
def test_the_mean_is_that_over_all_instants_of_a_window(spans, from_us, width_us):
    window = range(from_us, from_us + width_us)
    total = sum(len(out(spans, instant)) for instant in window)
    assert backlog_of(*spans).mean(from_us, from_us + width_us) == total / width_us


@given(SPANS, st.integers(0, 4), st.integers(0, 58))
def test_it_is_back_at_the_first_instant_that_is_low_enough(spans, level, from_us):
    low = (instant for instant in range(from_us, HORIZON) if len(out(spans, instant)) <= level)
    assert backlog_of(*spans).back_at(level, from_us) == next(low, None)


@given(SPANS, st.integers(1, 25), st.integers(0, HORIZON))
def test_the_oldest_is_the_first_committed_of_those_outstanding(spans, step_us, until_us):
    ages = [
        instant - min(out(spans, instant), default=instant)
        for instant in range(0, until_us + 1, step_us)
    ]  # fmt: skip
    assert backlog_of(*spans).oldest_us(until_us, step_us).tolist() == ages
