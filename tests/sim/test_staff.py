"""Work is done in office hours alone: it waits for the office to open, and goes on the next business day."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.calendar import FiscalCalendar
from sim.durations import DAY, HOUR, MINUTE
from sim.staff import OfficeHours

CALENDAR = FiscalCalendar(
    date(2026, 1, 1), 3, "America/New_York", (date(2026, 1, 19),), 8 * 60, 20 * 60, 14, 6, (3, 5)
)  # fmt: skip
OFFICE = OfficeHours(CALENDAR, 9 * 60, 17 * 60)


def at(day, clock="00:00"):
    hours, minutes = map(int, clock.split(":"))
    return CALENDAR.instant_us(date.fromisoformat(day).toordinal(), 60 * hours + minutes)


@pytest.mark.parametrize(
    ("begun", "work_us", "done"),
    [
        (("2026-01-05", "10:00"), HOUR, ("2026-01-05", "11:00")),
        (("2026-01-05", "07:00"), HOUR, ("2026-01-05", "10:00")),  # before the office opens
        (("2026-01-05", "16:30"), HOUR, ("2026-01-06", "09:30")),  # overnight
        (("2026-01-05", "17:00"), HOUR, ("2026-01-06", "10:00")),  # closed already
        (("2026-01-05", "16:00"), HOUR, ("2026-01-05", "17:00")),  # to the last minute
        (("2026-01-09", "16:00"), 2 * HOUR, ("2026-01-12", "10:00")),  # over a weekend
        (("2026-01-10", "12:00"), HOUR, ("2026-01-12", "10:00")),  # begun on a Saturday
        (("2026-01-16", "16:00"), 2 * HOUR, ("2026-01-20", "10:00")),  # over a holiday
        (("2026-01-05", "09:00"), 20 * HOUR, ("2026-01-07", "13:00")),  # longer than a day
        (("2026-01-05", "03:00"), 0, ("2026-01-05", "09:00")),  # nothing to do, but in the office
        (("2026-03-06", "16:00"), 2 * HOUR, ("2026-03-09", "10:00")),  # summer time begins that Sunday
    ],
)
def test_work_is_done_by_hand(begun, work_us, done):
    assert OFFICE.done_us(at(*begun), work_us) == at(*done)


@given(st.integers(0, 80 * DAY), st.integers(0, 30 * HOUR))
def test_the_time_in_the_office_until_it_is_done_is_the_work(begun_us, work_us):
    """Counted minute by minute, of instants and work in whole minutes."""
    begun_us, work_us = begun_us - begun_us % MINUTE, work_us - work_us % MINUTE
    done_us, spent_us, now_us = OFFICE.done_us(begun_us, work_us), 0, begun_us
    while now_us < done_us:
        local = CALENDAR.local(now_us)
        if CALENDAR.is_business_day(local.toordinal()) and 9 <= local.hour < 17:
            spent_us += MINUTE
        now_us += MINUTE
    assert spent_us == work_us


def test_who_has_nothing_to_do_at_closing_time_is_there_again_when_the_office_opens():
    closing_us = OFFICE.done_us(0, 40 * HOUR)
    opening_us = OFFICE.done_us(closing_us, 1) - 1

    assert OFFICE.done_us(closing_us, 0) == opening_us > closing_us


@given(st.integers(0, 80 * DAY), st.integers(0, 40 * HOUR), st.integers(1, 40 * HOUR))
def test_work_in_two_parts_is_done_when_the_whole_is(begun_us, first_us, second_us):
    between_us = OFFICE.done_us(begun_us, first_us)
    assert OFFICE.done_us(between_us, second_us) == OFFICE.done_us(begun_us, first_us + second_us)


def test_longer_hours_are_never_later():
    longer = replace(OFFICE, opens_minute=8 * 60, closes_minute=18 * 60)
    for hour in range(24 * 14):
        assert longer.done_us(hour * HOUR, 10 * HOUR) <= OFFICE.done_us(hour * HOUR, 10 * HOUR)
