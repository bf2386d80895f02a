"""Instants of a day, drawn within hours."""

import pytest

from scenarios.moments import between_us, within_hours_us
from sim.chance import BITS
from sim.durations import HOUR, MINUTE
from tests.fakes.samples import CALENDAR, at, day


@pytest.mark.parametrize(("word", "past_us"), [(0, 0), (1 << (BITS - 1), 30 * MINUTE), ((1 << BITS) - 1, HOUR - 1)])
def test_an_instant_lies_between_two_minutes_in_proportion_to_its_word(word, past_us):
    found_us = between_us(CALENDAR, day("2026-02-03"), (9 * 60, 10 * 60), word)

    assert found_us == at("2026-02-03", "09:00") + past_us


def test_business_hours_are_those_of_the_calendar():
    first_us, last_us = (within_hours_us(CALENDAR, day("2026-02-03"), word) for word in (0, (1 << BITS) - 1))

    assert first_us == at("2026-02-03", "08:00")
    assert last_us == at("2026-02-03", "20:00") - 11  # 12 h in 2^32 steps, of 10 us
