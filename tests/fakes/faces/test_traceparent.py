"""The header traceparent carries an event's number there and back; anything else carries none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.faces.traceparent import event_of, traceparent_of

OURS = traceparent_of(77)


@given(st.integers(1, (1 << 63) - 1))
def test_an_event_is_found_again(event):
    assert event_of(traceparent_of(event)) == event


def test_the_header_is_as_w3c_has_it():
    assert OURS == "00-7469656f75740000000000000000004d-000000000000004d-01"


@pytest.mark.parametrize(
    "below",
    [
        OURS.replace("-000000000000004d-", "-00f067aa0ba902b7-"),
        OURS[:-2] + "00",
        "01" + OURS[2:] + "-of-a-later-version",
        f" {OURS} ",
    ],
    ids=["another span", "not sampled", "a later version", "blanks around"],
)
def test_who_hands_a_trace_on_keeps_its_event(below):
    assert event_of(below) == 77


@pytest.mark.parametrize(
    "header",
    [
        None, "", "77", OURS.upper(), OURS[:-1], OURS + "-more", "ff" + OURS[2:], OURS.replace("-", "_"),
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        OURS.replace("-000000000000004d-", "-0000000000000000-"),
        "00-7469656f757400000000000000000000-00f067aa0ba902b7-01",
        "00-7469656f7574ffffffffffffffffffff-00f067aa0ba902b7-01",
        "00-7469656f75740000000000000000004\u0664-00f067aa0ba902b7-01",
    ],
)  # fmt: skip
def test_what_is_malformed_or_not_ours_has_no_event(header):
    assert event_of(header) is None


@given(st.text())
def test_no_text_is_too_strange(header):
    assert event_of(header) is None
