from bisect import bisect_right
from datetime import date
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.intensity import Intensity, Slot
from scenarios.mix import Mix
from scenarios.profiles import LAST_DAY, ORDINARY_DAY, PROFILES, day_weights, even, quarter
from sim.calendar import FiscalCalendar
from sim.durations import HOUR


def make(quarter_start=date(2021, 10, 1), **changes):
    """A quarter of 65 business days, 21, 22 and 22 a month, unless told otherwise."""
    fields = {
        "months": 3,
        "timezone": "America/New_York",
        "holidays": (date(2021, 12, 24),),
        "opens_minute": 8 * 60,
        "closes_minute": 20 * 60,
        "lead_in_days": 14,
        "close_business_days": 6,
        "revenue_runs": (3, 5),
    }
    return FiscalCalendar(quarter_start, **fields | changes)


# Shares of the quarter's signings: by month, in the last ten and five business days, on the last; the last day's
# weight and the greatest day's, over the mean day's.
SHAPES = {
    "flat": ((0.33, 0.35, 0.32), 0.14, 0.07, 0.014, 0.9, 1.9),
    "moderate": ((0.25, 0.26, 0.49), 0.35, 0.26, 0.08, 5.2, 5.2),
    "steep": ((0.13, 0.13, 0.74), 0.68, 0.60, 0.25, 16.3, 16.3),
    "extreme": ((0.05, 0.06, 0.89), 0.86, 0.85, 0.75, 48.8, 48.8),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_profile_has_the_published_shape_of_a_quarter_of_65_days(name):
    by_month, last_ten, last_five, last_day, last_over_mean, peak_over_mean = SHAPES[name]
    calendar = make()
    weights = list(day_weights(PROFILES[name], calendar))
    total = sum(weight for _, weight in weights)
    shares = [weight / total for _, weight in weights]
    first = calendar.month_of_day(weights[0][0])
    months = [
        sum(share for (day, _), share in zip(weights, shares, strict=True) if calendar.month_of_day(day) == first + n)
        for n in range(3)
    ]

    assert len(shares) == 65
    assert months == pytest.approx(by_month, abs=0.0051)
    assert sum(shares[-10:]) == pytest.approx(last_ten, abs=0.0051)
    assert sum(shares[-5:]) == pytest.approx(last_five, abs=0.0051)
    assert shares[-1] == pytest.approx(last_day, abs=0.0051 if last_day > 0.05 else 0.00051)
    assert shares[-1] * 65 == pytest.approx(last_over_mean, abs=0.051)
    assert max(shares) * 65 == pytest.approx(peak_over_mean, abs=0.051)


def test_months_but_the_last_rise_towards_their_ends():
    weights = dict(day_weights(PROFILES["flat"], make()))
    ends = [date(2021, 10, 29), date(2021, 11, 30), date(2021, 12, 31)]
    middle = date(2021, 10, 13)

    assert [round(weights[end.toordinal()] / weights[middle.toordinal()], 2) for end in ends] == [2, 2, 1]


def test_a_quarter_of_one_month_still_rises_to_its_end():
    weights = [weight for _, weight in day_weights(PROFILES["moderate"], make(months=1))]

    assert len(weights) == 21
    assert weights == sorted(weights)
    assert weights[-1] == 7_390_000_000


def test_a_day_has_two_peaks_and_the_last_is_flatter_and_later():
    def mean(hours):
        return sum(part * weight for part, weight in enumerate(hours)) / sum(hours)

    peaks = [b for a, b, c in zip(ORDINARY_DAY, ORDINARY_DAY[1:], ORDINARY_DAY[2:], strict=False) if a < b > c]

    assert peaks == [110, 110]
    assert sum(ORDINARY_DAY) == sum(LAST_DAY) == 1000
    assert (max(ORDINARY_DAY), max(LAST_DAY)) == (110, 88)
    assert mean(LAST_DAY) > mean(ORDINARY_DAY)


@pytest.mark.parametrize(("day", "busiest"), [(date(2021, 12, 30), 0.110), (date(2021, 12, 31), 0.088)])
def test_the_busiest_hour_has_its_share_of_the_day(day, busiest):
    calendar = make()
    intensity = quarter(PROFILES["steep"], calendar)
    marks = [intensity.position(calendar.instant_us(day.toordinal(), 60 * hour)) for hour in range(8, 21)]

    assert max(b - a for a, b in pairwise(marks)) / (marks[-1] - marks[0]) == pytest.approx(busiest)


def test_only_business_hours_have_weight():
    calendar = make()
    intensity = quarter(PROFILES["moderate"], calendar)
    days = [day for day, _ in day_weights(PROFILES["moderate"], calendar)]

    for one, other in pairwise(days):
        closed, opened = calendar.instant_us(one, 20 * 60), calendar.instant_us(other, 8 * 60)
        assert intensity.position(closed) == intensity.position(opened)
        assert intensity.position(closed - HOUR) < intensity.position(closed) < intensity.position(opened + HOUR)
    assert intensity.position(0) == 0
    assert intensity.position(calendar.end_us) == intensity.total


def test_even_business_days_weigh_the_same():
    calendar = make()
    intensity = even(calendar, calendar.day_of(0), calendar.quarter_start.toordinal())
    marks = [intensity.position(calendar.instant_us(calendar.day_of(0) + n)) for n in range(15)]

    assert sorted(after - before for before, after in pairwise(marks)) == [0] * 4 + [intensity.total // 10] * 10


# --- intensities -------------------------------------------------------------------------------------


@st.composite
def intensities(draw):
    gaps = draw(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50), st.integers(0, 9)), min_size=1, max_size=8))
    slots, at = [], 0
    for gap, span, weight in gaps:
        slots.append(Slot(at + gap, span, weight * 1000))
        at += gap + span
    return Intensity([*slots, Slot(at, 1, 1000)]), slots


@given(intensities(), st.data())
def test_the_instant_of_a_position_is_in_a_slot_with_weight_and_leads_back(intensity_and_slots, data):
    intensity, slots = intensity_and_slots
    position = data.draw(st.integers(0, intensity.total - 1))
    us = intensity.instant_us(position)
    starts = [slot.start_us for slot in slots]

    assert intensity.position(us) <= position <= intensity.position(us + 1)  # whole units: rounded down
    number = bisect_right(starts, us) - 1
    if us < slots[-1].start_us + slots[-1].span_us:
        assert slots[number].weight
        assert us < slots[number].start_us + slots[number].span_us


@given(intensities())
def test_the_total_is_the_sum_of_the_weights(intensity_and_slots):
    intensity, slots = intensity_and_slots
    sums = list(accumulate(slot.weight for slot in slots))

    assert intensity.total == sums[-1] + 1000
    assert [intensity.position(slot.start_us + slot.span_us) for slot in slots] == sums


def test_uniform_words_reach_the_first_and_the_last_instant():
    intensity = Intensity([Slot(100, 50, 1000), Slot(200, 50, 3000)])

    assert [intensity.draw_us(word) for word in (0, 1 << 62, 1 << 63, (1 << 64) - 1)] == [100, 200, 216, 249]


# --- mixes -------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any))
def test_a_mix_draws_each_choice_by_its_weight(weights):
    mix = Mix(enumerate(weights))
    total = sum(weights)
    drawn = [mix.draw(((2 * ticket + 1) << 31) // total) for ticket in range(total)]

    assert [drawn.count(choice) for choice in range(len(weights))] == weights
