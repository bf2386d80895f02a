"""The revenue engine's plan of an arrangement, through its changes. Each figure is worked by hand in the comments."""

from datetime import date

import pytest

from fakes.arrangements import Added, Cancelled, Extended, Promise, Reduced, Renewed, Repriced, Signed
from fakes.books.arrangement import Arrangement


def day(text):
    return date.fromisoformat(text).toordinal()


YEAR = day("2025-01-01"), day("2026-01-01")
"""365 days."""
MID = day("2025-07-02")
"""182 days are over, 183 are left."""


def seats(key="seats", ssp_minor=1_200_00, start=YEAR[0], end=YEAR[1]):
    return Promise(key, ssp_minor, start, end)


def signed(*promises, price_minor):
    return Arrangement(Signed(YEAR[0], promises, price_minor))


def total(arrangement, at):
    return sum(arrangement.recognised_before(at).values())


def test_a_price_is_earned_by_the_day_and_rounded_on_the_cumulative_amount():
    made = signed(seats(), price_minor=100_00)

    assert made.recognised_before(day("2025-01-01")) == {"seats": 0}
    assert made.recognised_before(day("2025-02-01")) == {"seats": 849}  # 10,000 x 31 / 365 = 849.3
    assert made.recognised_before(day("2025-03-01")) == {"seats": 1616}  # 10,000 x 59 / 365 = 1,616.4
    assert made.recognised_before(YEAR[1]) == {"seats": 100_00}


def test_the_years_of_a_ramp_are_one_price():
    """Fees of 10,000, 12,000 and 14,000 for one constant service: 12,000 a year (of 365, 365 and 366 days)."""
    made = signed(seats(ssp_minor=36_000_00, start=day("2026-01-01"), end=day("2029-01-01")), price_minor=36_000_00)

    assert made.recognised_before(day("2027-01-01")) == {"seats": 11_989_05}  # 36,000 x 365 / 1,096
    assert made.recognised_before(day("2029-01-01")) == {"seats": 36_000_00}


def test_a_bundle_is_split_by_stand_alone_prices_and_each_part_has_its_own_time():
    """100 for A, B and C at 50, 25 and 75: 33.33, 16.67 and 50.00."""
    start = YEAR[0]
    made = signed(
        Promise("A", 50_00, start, start), Promise("B", 25_00, MID, MID), seats("C", 75_00), price_minor=100_00
    )

    assert made.recognised_before(start + 1) == {"A": 3333, "B": 0, "C": 14}
    assert made.recognised_before(MID)["B"] == 0
    assert made.recognised_before(MID + 1)["B"] == 1667
    assert total(made, YEAR[1]) == 100_00


def test_what_is_added_at_its_stand_alone_price_is_a_contract_of_its_own():
    made = signed(seats(), price_minor=900_00)
    alone = signed(seats(), price_minor=900_00)
    made.apply(Added(MID, (seats("more", 600_00, MID),), 600_00))

    assert made.recognised_before(MID + 61)["seats"] == alone.recognised_before(MID + 61)["seats"]
    assert made.recognised_before(MID + 61)["more"] == 200_00  # 600 x 61 / 183


def test_what_is_added_below_it_shares_what_is_left():
    """At mid-year 448.77 of 900.00 are recognised. 451.23 and 400.00 are split over what is left of both.

    Left of the seats: 1,200 x 183 / 365 = 601.64, of what is added: 600. So 426.20 and 425.03.
    """
    made = signed(seats(), price_minor=900_00)
    made.apply(Added(MID, (seats("more", 600_00, MID),), 400_00))

    assert made.recognised_before(MID) == {"seats": 448_77, "more": 0}
    assert made.recognised_before(YEAR[1]) == {"seats": 448_77 + 426_20, "more": 425_03}
    assert made.price_minor == 1_300_00


def test_an_early_renewal_is_blended_with_what_is_left():
    """451.23 left for 183 days and 1,000 for 365 more: 1,451.23 over 548 days."""
    made = signed(seats(), price_minor=900_00)
    made.apply(Extended(MID, "seats", YEAR[1] + 365, 1_200_00, 1_000_00))

    assert made.recognised_before(MID + 100) == {"seats": 448_77 + 264_82}  # 145,123 x 100 / 548 = 26,482.3
    assert made.recognised_before(YEAR[1] + 365) == {"seats": 1_900_00}


def test_fewer_units_cost_less_from_then_on():
    made = signed(seats(), seats("support", 600_00), price_minor=1_800_00)
    made.apply(Reduced(MID, "seats", 300_82, -300_00))

    before, after = made.recognised_before(MID), made.recognised_before(YEAR[1])
    assert before == {"seats": 598_36, "support": 299_18}
    # Left: 902.46 - 300.00 = 602.46, by 300.82 of the seats and 300.82 (600 x 183 / 365) of the support.
    assert after == {"seats": 598_36 + 301_23, "support": 299_18 + 301_23}


def test_what_takes_longer_and_is_no_more_is_spread_over_the_longer_rest():
    """451.23 left for 183 days, and a year more of waiting for the same: 451.23 over 548 days."""
    made = signed(seats(), price_minor=900_00)
    made.apply(Extended(MID, "seats", YEAR[1] + 365, 0, 0))

    assert made.recognised_before(MID + 100) == {"seats": 448_77 + 82_34}  # 45,123 x 100 / 548 = 8,234.1
    assert made.recognised_before(YEAR[1] + 365) == {"seats": 900_00}


def test_the_last_promise_is_reduced_to_nothing_for_all_that_was_not_recognised():
    made = signed(seats(), price_minor=900_00)
    made.apply(Reduced(MID, "seats", 0, -451_23))
    made.apply(Repriced(MID + 1, 0, distinct=False))
    made.apply(Repriced(YEAR[1] + 1, 0, distinct=True))

    assert made.price_minor == 448_77
    assert made.recognised_before(YEAR[1] + 2) == {"seats": 448_77}


def test_a_price_change_of_what_is_distinct_is_spread_and_of_what_is_not_caught_up():
    ahead, back = signed(seats(), price_minor=900_00), signed(seats(), price_minor=900_00)
    ahead.apply(Repriced(MID, -90_00, distinct=True))
    back.apply(Repriced(MID, -90_00, distinct=False))

    assert ahead.recognised_before(MID) == {"seats": 448_77}
    assert back.recognised_before(MID) == {"seats": 403_89}  # 810 x 182 / 365 = 403.89
    assert total(ahead, YEAR[1]) == total(back, YEAR[1]) == 810_00


def test_a_renewal_is_a_contract_of_its_own_at_any_price():
    made = signed(seats(), price_minor=900_00)
    made.apply(Renewed(day("2025-12-01"), (seats("next", 1_200_00, YEAR[1], YEAR[1] + 365),), 1_000_00))

    assert made.recognised_before(YEAR[1]) == {"seats": 900_00, "next": 0}
    assert made.recognised_before(YEAR[1] + 365) == {"seats": 900_00, "next": 1_000_00}


def test_a_cancellation_keeps_what_was_recognised_and_what_is_retained():
    """Of 12,000, 5,000 are earned when the parties end it and leave 1,000 of the other 7,000 with the seller."""
    start = day("2025-01-01")
    made = Arrangement(Signed(start, (Promise("service", 12_000_00, start, start + 360),), 12_000_00))
    made.apply(Cancelled(start + 150, 1_000_00))

    assert made.recognised_before(start + 151) == {"service": 6_000_00}
    assert made.recognised_before(start + 360) == {"service": 6_000_00}
    assert made.price_minor == 6_000_00
    with pytest.raises(ValueError, match="nothing comes after"):
        made.apply(Repriced(start + 200, 1, distinct=True))


def test_more_can_be_kept_than_all_promises_together_have_left():
    """Of the seats 448.77 of now 0.00 are recognised; of the others 451.23 are not, and all of that is kept."""
    made = signed(seats(), price_minor=900_00)
    made.apply(Renewed(YEAR[0], (seats("more"),), 900_00))
    made.apply(Repriced(MID, -900_00, distinct=True))
    made.apply(Cancelled(MID, 451_23))

    assert made.recognised_before(YEAR[1]) == {"seats": 448_77, "more": 900_00}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (Added(YEAR[0] - 1, (seats("more"),), 1), "comes after one of day"),
        (Added(MID, (seats(start=MID),), 1), "is there already"),
        (Added(MID, (seats("more"),), 1), "begins before it is agreed"),
        (Extended(MID, "other", YEAR[1] + 1, 1, 1), "there is no promise other"),
        (Extended(MID, "seats", YEAR[1], 1, 1), "is to end later"),
        (Extended(MID, "seats", YEAR[1] + 1, -1, 1), "be worth no less"),
        (Extended(YEAR[1], "seats", YEAR[1] + 1, 1, 1), "is satisfied"),
        (Reduced(MID, "seats", -1, 0), "is to be worth less"),
        (Reduced(MID, "seats", 601_65, 0), "is to be worth less"),
        (Reduced(MID, "seats", 300_00, 1), "not to cost more"),
        (Reduced(MID, "seats", 0, 0), "nothing is left to carry a price"),
        (Repriced(YEAR[1], 1, distinct=True), "nothing is left to carry a price"),
        (Repriced(YEAR[1], 1, distinct=False), "nothing is left to carry a price"),
        (Cancelled(MID, 451_24), "cannot be kept"),
        (Cancelled(MID, -1), "cannot be kept"),
    ],
)
def test_what_contradicts_the_history_is_refused_and_changes_nothing(change, told):
    made, untouched = signed(seats(), price_minor=900_00), signed(seats(), price_minor=900_00)
    with pytest.raises(ValueError, match=told):
        made.apply(change)

    assert made.recognised_before(MID + 1) == untouched.recognised_before(MID + 1)
    assert made.price_minor == 900_00
