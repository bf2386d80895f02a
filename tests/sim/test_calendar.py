import pickle
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.calendar import FiscalCalendar, add_months
from sim.durations import DAY, HOUR, MINUTE

NEW_YEAR, KING, PRESIDENTS = date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16)
ZONES = ["America/New_York", "Europe/Berlin", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "UTC"]


def make(quarter_start=date(2026, 1, 1), **changes):
    fields = {
        "months": 3,
        "timezone": "America/New_York",
        "holidays": (NEW_YEAR, KING, PRESIDENTS),
        "opens_minute": 8 * 60,
        "closes_minute": 20 * 60,
        "lead_in_days": 14,
        "close_business_days": 6,
        "revenue_runs": (3, 5),
    }
    return FiscalCalendar(quarter_start, **fields | changes)


def day(text):
    return date.fromisoformat(text).toordinal()


def shown(calendar, us):
    return f"{calendar.local(us):%Y-%m-%d %H:%M}"


# --- instants ----------------------------------------------------------------------------------------


def test_instant_0_is_the_local_midnight_that_begins_the_lead_in():
    calendar = make()

    assert calendar.instant_us(day("2025-12-18")) == 0
    assert calendar.local(0) == datetime(2025, 12, 18, 5, tzinfo=UTC)
    assert calendar.quarter_start_us == 14 * DAY


def test_a_day_on_which_the_clocks_change_is_an_hour_shorter_or_longer():
    spring, autumn = make(), make(date(2026, 10, 1))

    assert spring.instant_us(day("2026-03-09")) - spring.instant_us(day("2026-03-08")) == 23 * HOUR
    assert autumn.instant_us(day("2026-11-02")) - autumn.instant_us(day("2026-11-01")) == 25 * HOUR
    assert spring.instant_us(day("2026-03-08"), 8 * 60) - spring.instant_us(day("2026-03-08")) == 7 * HOUR
    assert spring.quarter_end_us - spring.quarter_start_us == 90 * DAY - HOUR


def test_an_hour_shown_twice_is_the_first_and_one_skipped_is_when_it_would_have_come():
    spring, autumn = make(), make(date(2026, 10, 1))
    twice, skipped = autumn.instant_us(day("2026-11-01"), 90), spring.instant_us(day("2026-03-08"), 150)

    assert twice - autumn.instant_us(day("2026-11-01")) == 90 * MINUTE
    assert shown(autumn, twice) == shown(autumn, twice + HOUR) == "2026-11-01 01:30"
    assert shown(spring, skipped) == "2026-03-08 03:30"


@given(
    zone=st.sampled_from(ZONES),
    month=st.integers(1, 12),
    offset_us=st.integers(-400 * DAY, 800 * DAY),
)
def test_the_day_of_an_instant_is_the_day_that_clocks_show(zone, month, offset_us):
    calendar = make(date(2026, month, 1), timezone=zone)

    assert calendar.day_of(offset_us) == calendar.local(offset_us).toordinal()
    assert calendar.local(offset_us) - calendar.local(0).astimezone(UTC) == timedelta(microseconds=offset_us)


@given(
    zone=st.sampled_from(ZONES),
    month=st.integers(1, 12),
    days=st.integers(-400, 800),
    minute=st.integers(0, 24 * 60 - 1),
)
def test_an_instant_shows_the_day_and_minute_it_was_asked_for(zone, month, days, minute):
    calendar = make(date(2026, month, 1), timezone=zone)
    wanted = date(2026, month, 1).toordinal() + days
    us = calendar.instant_us(wanted, minute)
    local = calendar.local(us)

    as_asked = (local.toordinal(), 60 * local.hour + local.minute) == (wanted, minute)
    skipped = local.utcoffset() != calendar.local(us - 2 * HOUR).utcoffset()
    assert as_asked or skipped
    assert calendar.local(calendar.instant_us(wanted) - 1).toordinal() == wanted - 1


def test_an_unknown_zone_is_named_in_the_error():
    with pytest.raises(ZoneInfoNotFoundError, match=r"no time zone named 'Mars/Olympus': use an IANA name"):
        make(timezone="Mars/Olympus").local(0)


def test_a_calendar_in_use_can_be_sent_to_another_process():
    calendar = make()
    end_us = calendar.end_us

    assert pickle.loads(pickle.dumps(calendar)).end_us == end_us


# --- months ------------------------------------------------------------------------------------------


def test_months_are_numbered_through_and_end_where_the_next_begins():
    calendar = make()
    december = calendar.month_of_day(day("2025-12-31"))

    assert december == 12 * 2025 + 11
    assert calendar.month_of_day(day("2026-01-01")) == december + 1
    assert calendar.first_day(december) == day("2025-12-01")
    assert calendar.end_day(december) == calendar.first_day(december + 1) == day("2026-01-01")


def test_the_run_touches_the_months_from_the_lead_in_to_the_close():
    december = 12 * 2025 + 11

    assert make().months_run == (december, december + 1, december + 2, december + 3, december + 4)
    assert make(lead_in_days=0, months=1).months_run == (december + 1, december + 2)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", 0, "2026-03-31"),
        ("2026-03-31", -1, "2026-02-28"),
    ],
)
def test_months_are_added_to_the_same_day_or_the_last_of_a_shorter_month(start, months, end):
    assert add_months(day(start), months) == day(end)


# --- business days -----------------------------------------------------------------------------------


def test_weekends_and_holidays_are_no_business_days():
    calendar = make()

    assert [n for n in range(16, 21) if calendar.is_business_day(day(f"2026-01-{n}"))] == [16, 20]
    assert len(calendar.business_days(day("2026-01-01"), day("2026-02-01"))) == 20
    assert calendar.business_days(day("2026-01-16"), day("2026-01-21")) == (day("2026-01-16"), day("2026-01-20"))


@given(start=st.integers(day("2025-12-01"), day("2026-06-01")), n=st.integers(1, 30))
def test_the_nth_business_day_after_a_day_has_n_business_days_up_to_it(start, n):
    calendar = make()
    after = calendar.business_day_after(start, n)

    assert calendar.is_business_day(after)
    assert len(calendar.business_days(start + 1, after + 1)) == n


# --- the close ---------------------------------------------------------------------------------------


def test_months_are_locked_on_the_sixth_business_day_after_their_end():
    calendar = make()
    locks = [shown(calendar, calendar.lock_us(month)) for month in calendar.months_run[:4]]

    assert locks == ["2026-01-09 18:00", "2026-02-09 18:00", "2026-03-09 18:00", "2026-04-08 18:00"]
    assert shown(calendar, calendar.end_us) == "2026-04-08 18:00"


def test_revenue_runs_in_the_morning_of_the_third_and_fifth_business_day():
    calendar = make()
    december, *_, march, _ = calendar.months_run

    assert [shown(calendar, us) for us in calendar.revenue_run_us(december)] == ["2026-01-06 08:00", "2026-01-08 08:00"]
    assert [shown(calendar, us) for us in calendar.revenue_run_us(march)] == ["2026-04-03 08:00", "2026-04-07 08:00"]


def test_runs_before_instant_0_have_negative_instants():
    calendar = make(lead_in_days=0)

    assert all(us > 0 for us in calendar.revenue_run_us(12 * 2025 + 11))
    assert all(us < 0 for us in calendar.revenue_run_us(12 * 2025 + 10))
