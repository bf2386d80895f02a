"""Spans are written by people and held as integers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.durations import DAY, HOUR, MILLISECOND, MINUTE, SECOND, UNITS_US, WEEK, parse_us


@pytest.mark.parametrize(
    ("text", "span_us"),
    [
        ("90 s", 90 * SECOND),
        ("90s", 90 * SECOND),
        ("15min", 15 * MINUTE),
        ("15 m", 15 * MINUTE),
        ("2.5 h", 150 * MINUTE),
        ("3 d", 3 * DAY),
        ("1 day", DAY),
        ("14 days", 2 * WEEK),
        ("2 w", 14 * DAY),
        ("30 ms", 30 * MILLISECOND),
        ("7 us", 7),
        ("1 h 30 min", 90 * MINUTE),
        (" 1d2h3min ", DAY + 2 * HOUR + 3 * MINUTE),
        ("0 s", 0),
    ],
)
def test_a_span_is_a_number_and_a_unit(text, span_us):
    assert parse_us(text) == span_us


def test_a_tenth_of_a_second_is_exact():
    assert 3 * parse_us("0.1 s") == parse_us("0.3 s") == 300_000


@pytest.mark.parametrize(
    "text", ["15", "min", "15 fortnights", "-5 s", "5 s later", "5, s", "1e3 s", "15 MIN", "5 s 3", "  "]
)
def test_what_is_no_span_is_refused_with_the_remedy(text):
    with pytest.raises(ValueError, match="is no duration: write a number and a unit, such as 90 s") as error:
        parse_us(text)
    assert repr(text) in str(error.value)


def test_an_empty_span_is_refused():
    with pytest.raises(ValueError, match="an empty duration: write a number and a unit"):
        parse_us("")


@given(st.integers(0, 10**6), st.sampled_from(sorted(UNITS_US)))
def test_whole_numbers_of_every_unit_are_exact(number, unit):
    assert parse_us(f"{number} {unit}") == number * UNITS_US[unit]
