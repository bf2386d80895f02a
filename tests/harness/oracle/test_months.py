import pytest

from harness.oracle.months import anniversary, first_day, month_name, month_of
from tests.harness.oracle.agreed import day


@pytest.mark.parametrize(
    ("months", "expected"),
    [(0, "2024-01-31"), (1, "2024-02-29"), (2, "2024-03-31"), (3, "2024-04-30"), (13, "2025-02-28")],
)
def test_the_anchor_is_kept_over_short_months(months, expected):
    assert anniversary(day("2024-01-31"), months) == day(expected)


def test_a_month_begins_with_its_first_day_and_ends_before_that_of_the_next():
    march = month_of(day("2026-03-31"))

    assert first_day(march) == day("2026-03-01")
    assert month_of(first_day(march + 1) - 1) == march
    assert month_name(march) == "2026-03"


def test_months_count_on_over_the_turn_of_the_year():
    assert month_of(day("2026-01-01")) == month_of(day("2025-12-31")) + 1
