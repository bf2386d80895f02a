"""Numbers are written as people read them, exactly where that is money."""

import pytest

from reports import wording
from tests.reports.samples import CALENDAR


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (0, "USD 0.00"), (1_234_567, "USD 12,345.67"), (-5, "USD -0.05"), (100_000_000_00, "USD 100,000,000.00"),
        (-123_456_789, "USD -1,234,567.89"),
    ],
)  # fmt: skip
def test_money_is_exact_with_its_currency_in_front(minor, text):
    assert wording.money(minor) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.0301, "30.1 ms"), (1.5, "1.5 s"), (792, "13.2 min"), (86_400, "1 d"), (999.96 * 86_400, "1,000 d")],
)
def test_spans_take_the_unit_that_suits_them(seconds, text):
    assert wording.span(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (0.04, "0.04"), (1.25, "1.2"), (41.2, "41.2"), (1234.4, "1,234"), (-0.0, "0"), (0.000012, "0.000012")],
)
def test_counts_keep_a_decimal_only_where_it_tells(number, text):
    assert wording.count(number) == text


@pytest.mark.parametrize(
    ("part", "text"), [(0, "0 %"), (1, "100 %"), (0.0031, "0.31 %"), (0.9994, "99.9 %"), (0.0000012, "0.00012 %")]
)
def test_shares_never_go_to_powers_of_ten(part, text):
    assert wording.share(part) == text


def test_an_interval_is_shown_in_the_unit_of_its_mean():
    assert wording.with_bounds({"mean": 600.0, "low": 30.0, "high": 7200.0}, "span") == "10 min [0.5, 120]"
    assert wording.with_bounds({"mean": 50, "low": -1_00, "high": 99_99}, "money") == "USD 0.50 [-1.00, 99.99]"
    assert wording.with_bounds({"mean": 0.004, "low": 0.002, "high": 0.006}, "share") == "0.4 % [0.2, 0.6]"


def test_without_an_interval_only_the_mean_is_shown():
    assert wording.with_bounds({"mean": 3, "low": None, "high": None}, "count") == "3"


def test_what_never_came_is_never_and_what_is_not_known_is_not():
    assert wording.shown(None, "span") == "never"
    assert wording.shown(None, "count") == "n/a"


def test_local_time_follows_the_change_to_summer_time():
    summer = {**CALENDAR, "start": "2026-03-08T00:00:00-05:00"}

    assert wording.date_time(summer, 2 * 3600) == "2026-03-08 03:00"
    assert wording.date_time({**summer, "start": "2026-03-08T00:00:00"}, 2 * 3600) == "2026-03-08 03:00"


def test_months_are_spelled_and_other_periods_are_left_alone():
    assert wording.month(2026 * 12 + 2) == "2026-03"
    assert wording.month(4) == "4"
    assert wording.month(None) == ""


def test_control_characters_do_not_get_through():
    assert wording.plain("a\x1b[31mb\x00c\ud800") == "a�[31mb�c�"
