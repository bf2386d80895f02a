"""Cases worked by hand. Terms are of 100 days where nothing else is said: then a promise of 100 renders 1 a day."""

import pytest

from fakes.arrangements import Added, Cancelled, Extended, Promise, Reduced, Renewed, Repriced, Signed
from harness.oracle.arrangements import price_minor, revenue


def by_day(key="P", ssp=100, start=0, end=100):
    return Promise(key, ssp, start, end)


def at_a_point(key, ssp, day):
    return Promise(key, ssp, day, day)


def signed(*promises, price=100, day=0):
    return Signed(day, promises or (by_day(),), price)


def before(day, arrangement, *changes):
    """What is recognised before one day, by promise."""
    return {key: minor for key, (minor,) in revenue(arrangement, changes, [day]).items()}


def of(key, arrangement, *changes, days):
    return revenue(arrangement, changes, days)[key]


# --- One price, without changes


def test_a_promise_by_day_is_recognised_evenly_rounded_on_what_is_cumulative():
    year = signed(by_day(ssp=1200, start=100, end=220), price=1201, day=90)

    # 1201 / 120 is 10.008 a day; 60 days are 600.5, and halves go away from zero.
    assert of("P", year, days=[90, 100, 101, 160, 219, 220, 500]) == (0, 0, 10, 601, 1191, 1201, 1201)


def test_a_negative_price_is_recognised_as_the_positive_one_negated():
    assert of("P", signed(by_day(end=120), price=-1201), days=[1, 60, 120]) == (-10, -601, -1201)


def test_a_promise_at_a_point_is_recognised_as_a_whole_on_its_day():
    assert of("P", signed(at_a_point("P", 700, day=50), price=500), days=[0, 50, 51, 60]) == (0, 0, 500, 500)


def test_days_may_be_asked_in_any_order():
    assert of("P", signed(), days=[100, 0, 50, 50]) == (100, 0, 50, 50)


def test_the_years_of_a_ramp_are_one_price():
    # 100, 200 and 300 are billed for three years of 100 days: 600 in all, 200 a year.
    ramp = signed(by_day(ssp=900, end=300), price=100 + 200 + 300)

    assert of("P", ramp, days=[100, 200, 300]) == (200, 400, 600)


def test_a_discount_is_shared_by_a_licence_at_a_point_and_its_support():
    bundle = signed(at_a_point("licence", 300, day=10), by_day("support", 100, start=10, end=110), price=200)

    # 200 by 300 : 100 is 150 and 50; one day of support is 50 / 100 = 0.5, up.
    assert before(10, bundle) == {"licence": 0, "support": 0}
    assert before(11, bundle) == {"licence": 150, "support": 1}
    assert before(60, bundle) == {"licence": 150, "support": 25}
    assert before(110, bundle) == {"licence": 150, "support": 50}


@pytest.mark.parametrize(
    ("price", "shares"),
    [(100, (17, 17, 66)), (-100, (-17, -17, -66)), (1, (0, 0, 1)), (3, (1, 0, 2)), (0, (0, 0, 0))],
)
def test_units_left_over_go_by_largest_remainder_and_ties_to_who_joined_first(price, shares):
    # By 1 : 1 : 4, 100 is 16.67, 16.67 and 66.67; 1 is 0.17, 0.17 and 0.67; 3 is 0.5, 0.5 and 2.
    three = signed(by_day("A", 1), by_day("B", 1), by_day("C", 4), price=price)

    assert tuple(before(100, three).values()) == shares


# --- Promises are added


def test_an_add_on_at_its_stand_alone_price_is_a_contract_of_its_own():
    units = Added(40, (by_day("Q", 60, start=40),), 60)

    # P is 80 for 100 days, 56 for 70; Q is 60 for 60 days.
    assert before(70, signed(price=80), units) == {"P": 56, "Q": 30}
    assert before(100, signed(price=80), units) == {"P": 80, "Q": 60}


def test_an_add_on_at_another_price_is_blended_with_what_is_left():
    units = Added(40, (by_day("Q", 60, start=40),), 40)

    # 32 of 80 were recognised. The other 48 and 40 are 88, by 60 : 60; at half of the 60 days 22 each.
    assert before(40, signed(price=80), units) == {"P": 32, "Q": 0}
    assert before(70, signed(price=80), units) == {"P": 32 + 22, "Q": 22}
    assert before(100, signed(price=80), units) == {"P": 76, "Q": 44}
    assert price_minor(signed(price=80), (units,)) == 120


def test_a_product_is_added_up_to_the_same_end():
    product = Added(25, (by_day("Q", 75, start=25),), 60)

    # 25 were recognised. 75 + 60 = 135 by 75 : 75 is 67.5 each: 68 and 67. A third of them: 22.67 and 22.33.
    assert before(50, signed(), product) == {"P": 25 + 23, "Q": 22}
    assert before(100, signed(), product) == {"P": 93, "Q": 67}


def test_what_was_added_at_another_price_is_in_the_contract_that_was_signed():
    late = Added(120, (by_day("Q", 50, start=120, end=220),), 40)

    # P was satisfied: all 40 are for Q. The price change is for Q alone, too: 20 - 10 are left for 50 days.
    assert before(220, signed(), late) == {"P": 100, "Q": 40}
    assert before(195, signed(), late, Repriced(170, -10, distinct=True)) == {"P": 100, "Q": 20 + 5}


def test_an_add_on_that_begins_later_carries_its_part_from_the_day_it_begins():
    later = Added(50, (by_day("Q", 50, start=80, end=180),), 30)

    # 50 + 30 = 80 by 50 : 50 is 40 each: P over [50, 100), Q over [80, 180).
    assert before(80, signed(), later) == {"P": 50 + 24, "Q": 0}
    assert before(130, signed(), later) == {"P": 90, "Q": 20}


# --- A promise is extended or reduced


def test_an_early_renewal_is_blended_over_the_longer_rest():
    longer = Extended(60, "P", 200, 80, 60)

    # 60 were recognised. 40 + 60 = 100 are left, over the 140 days from 60 to 200.
    assert of("P", signed(), longer, days=[60, 130, 200]) == (60, 110, 160)


def test_what_was_extended_is_left_evenly_over_the_longer_rest():
    changes = Extended(60, "P", 200, 80, 60), Added(130, (by_day("Q", 30, start=130, end=200),), 10)

    # At 130, half of 40 + 80 is left: 60. 50 waiting and 10 more are 60, by 60 : 30.
    assert before(200, signed(), *changes) == {"P": 110 + 40, "Q": 20}


def test_fewer_units_are_a_lower_price_for_what_is_left():
    fewer = Reduced(50, "P", 25, -20)

    # 45 of 90 were recognised. 45 - 20 = 25 are left for 50 days, 12.5 for 25: up.
    assert of("P", signed(price=90), fewer, days=[50, 75, 100]) == (45, 45 + 13, 70)


def test_what_is_left_of_a_reduced_promise_weighs_less():
    two = signed(by_day("P"), by_day("Q"), price=180)

    # 45 each were recognised. 90 - 21 = 69 by 25 : 50 is 23 and 46.
    assert before(100, two, Reduced(50, "P", 25, -21)) == {"P": 68, "Q": 91}


def test_a_promise_reduced_to_nothing_leaves_what_waits_to_the_others():
    two = signed(by_day("P"), by_day("Q"), price=180)

    assert before(100, two, Reduced(50, "P", 0, -30)) == {"P": 45, "Q": 45 + 60}


def test_days_that_are_worth_nothing_spread_what_is_left_over_the_longer_rest():
    assert of("P", signed(), Extended(60, "P", 200, 0, 0), days=[60, 130, 200]) == (60, 80, 100)


def test_where_nothing_is_left_a_price_may_change_by_nothing():
    changes = Reduced(50, "P", 0, -50), Repriced(60, 0, distinct=False), Repriced(100, 0, distinct=True)

    assert of("P", signed(), *changes, days=[50, 100, 101]) == (50, 50, 50)


def test_all_can_be_reduced_to_nothing_when_nothing_waits():
    assert of("P", signed(), Reduced(50, "P", 0, -50), days=[50, 51, 100]) == (50, 50, 50)


def test_an_extension_concerns_only_the_contract_that_its_promise_is_in():
    history = signed(), Renewed(80, (by_day("Q", 120, start=100, end=200),), 90), Extended(150, "Q", 250, 40, 30)

    # 45 of 90 were recognised. 45 + 30 = 75 are left for 100 days.
    assert before(200, *history) == {"P": 100, "Q": 45 + 38}
    assert before(250, *history) == {"P": 100, "Q": 120}


def test_a_reduction_concerns_only_the_contract_that_its_promise_is_in():
    history = signed(), Added(0, (by_day("Q"), by_day("R")), 200), Reduced(50, "Q", 25, -24)

    # 50 each were recognised. 100 - 24 = 76 by 25 : 50 is 25.33 and 50.67.
    assert before(100, *history) == {"P": 100, "Q": 50 + 25, "R": 50 + 51}


def test_a_promise_not_yet_begun_is_extended_from_its_start():
    later = signed(by_day(start=50, end=150))

    assert of("P", later, Extended(20, "P", 250, 100, 100), days=[50, 100, 250]) == (0, 50, 200)


# --- The price changes


def test_a_lower_price_for_what_is_distinct_is_recognised_from_that_day_on():
    # 40 were recognised. 60 - 30 are left for 60 days.
    assert of("P", signed(), Repriced(40, -30, distinct=True), days=[40, 41, 70, 100]) == (40, 41, 55, 70)


def test_a_lower_price_for_what_is_not_distinct_is_caught_up_on_that_day():
    # 40% of 70 are 28, on day 40; of the other 42 a day is 0.7.
    assert of("P", signed(), Repriced(40, -30, distinct=False), days=[40, 41, 70, 100]) == (40, 29, 49, 70)


def test_a_higher_price_for_what_is_not_distinct_is_caught_up_on_that_day():
    # 40% of 131 are 52.4; of the other 79 a day is 1.3, half is 39.5.
    assert of("P", signed(), Repriced(40, 31, distinct=False), days=[40, 41, 70, 100]) == (40, 53, 92, 131)


def test_what_was_rendered_of_the_whole_counts_what_was_reduced():
    changes = Reduced(50, "P", 25, -20), Repriced(75, 10, distinct=False)

    # Rendered are 50 and 12.5, left 12.5: 5 of 6 parts of 100 - 20 + 10. 50 + 15 were recognised before.
    # Of the other 15 a day is 0.6.
    assert of("P", signed(), *changes, days=[75, 76, 100]) == (65, 75 + 1, 90)


def test_a_change_for_all_is_shared_by_the_whole_and_waits_for_what_is_not_rendered():
    bundle = signed(by_day(), at_a_point("licence", 100, day=80), price=200)
    cheaper = Repriced(50, -20, distinct=False)

    # 10 less for each. Half of 90 are 45, and of the other 45 a day is 0.9, 31 days are 27.9.
    assert before(50, bundle, cheaper) == {"P": 50, "licence": 0}
    assert before(51, bundle, cheaper) == {"P": 46, "licence": 0}
    assert before(81, bundle, cheaper) == {"P": 45 + 28, "licence": 90}


@pytest.mark.parametrize("distinct", [True, False])
def test_what_is_satisfied_has_no_part_in_a_change(distinct):
    bundle = signed(by_day(), at_a_point("licence", 100, day=10), price=200)

    assert before(100, bundle, Repriced(50, -20, distinct)) == {"P": 80, "licence": 100}


@pytest.mark.parametrize("distinct", [True, False])
def test_a_change_takes_effect_before_anything_is_satisfied_on_its_day(distinct):
    bundle = signed(at_a_point("now", 100, day=10), at_a_point("later", 100, day=20), price=200)

    assert before(11, bundle, Repriced(10, -20, distinct)) == {"now": 90, "later": 0}


@pytest.mark.parametrize("distinct", [True, False])
def test_a_price_change_concerns_the_contract_that_was_signed(distinct):
    units = Added(0, (by_day("Q"),), 100)

    assert before(100, signed(), units, Repriced(50, -30, distinct)) == {"P": 70, "Q": 100}


def test_a_change_on_the_same_day_finds_what_was_caught_up():
    changes = Repriced(40, -30, distinct=False), Repriced(40, 18, distinct=True)

    # 28 recognised as of day 40, then 42 + 18 = 60 for 60 days.
    assert of("P", signed(), *changes, days=[40, 41, 100]) == (40, 29, 88)


def test_rounding_begins_anew_with_each_amount():
    # 1 for 100 days: 0.49 at 49, rounded to 0. All of 1 is left then for 51 days: 0.49 of it at 74.
    changes = (Repriced(49, 0, distinct=True),)

    assert of("P", signed(price=1), *changes, days=[49, 50, 74, 75, 100]) == (0, 0, 0, 1, 1)


# --- Renewal and cancellation


def test_a_renewal_is_a_contract_of_its_own_at_any_price():
    again = Renewed(80, (by_day("Q", 120, start=100, end=200),), 90)

    assert before(90, signed(), again) == {"P": 90, "Q": 0}
    assert before(150, signed(), again) == {"P": 100, "Q": 45}


def test_what_is_not_rendered_ends_with_a_cancellation():
    bundle = signed(by_day(), at_a_point("licence", 50, day=80), price=150)
    end = Cancelled(40, 0)

    assert before(40, bundle, end) == before(200, bundle, end) == {"P": 40, "licence": 0}
    assert price_minor(bundle, (end,)) == 40


def test_what_is_kept_is_revenue_of_the_day_by_what_was_not_recognised():
    bundle = signed(by_day(), at_a_point("licence", 50, day=80), price=150)
    end = Cancelled(40, 55)

    # 60 and 50 were not recognised: 55 by 60 : 50 is 30 and 25.
    assert before(40, bundle, end) == {"P": 40, "licence": 0}
    assert before(41, bundle, end) == before(200, bundle, end) == {"P": 70, "licence": 25}
    assert price_minor(bundle, (end,)) == 95


def test_a_cancellation_ends_all_contracts_but_not_what_is_satisfied():
    changes = Added(0, (by_day("Q", 50, end=20),), 50), Renewed(30, (by_day("R", start=100, end=200),), 100)

    # Q was satisfied. 60 of P and 100 of R were not recognised: 16 are split 6 and 10.
    assert before(300, signed(), *changes, Cancelled(40, 16)) == {"P": 46, "Q": 50, "R": 10}


def test_a_promise_with_more_recognised_than_agreed_has_no_part_in_what_is_kept():
    changes = Renewed(0, (by_day("Q"),), 100), Repriced(50, -150, distinct=True), Cancelled(50, 20)

    # 50 - 150 of P, 50 of Q were not recognised.
    assert before(100, signed(), *changes) == {"P": 50, "Q": 70}
    assert price_minor(signed(), changes) == 120


def test_a_cancellation_after_all_is_satisfied_changes_nothing():
    assert before(300, signed(), Cancelled(100, 0)) == {"P": 100}


# --- Histories that contradict themselves

CONTRADICTIONS = {
    "a change before the one before it": ([Repriced(50, 1, True), Repriced(49, 1, True)], "put them in order"),
    "a change before the signing": ([Repriced(-1, 1, True)], "put them in order"),
    "a change after the end": ([Cancelled(50, 0), Repriced(50, 1, True)], "cancelled on day 50"),
    "an unknown key extended": ([Extended(50, "Q", 200, 1, 1)], "no promise 'Q'"),
    "an unknown key reduced": ([Reduced(50, "Q", 1, -1)], "no promise 'Q'"),
    "a key known only later": ([Reduced(50, "Q", 1, -1), Renewed(60, (by_day("Q", start=60),), 1)], "no promise 'Q'"),
    "a key that is there, added": ([Added(50, (by_day(start=50),), 1)], "already a promise 'P'"),
    "a key that is there, renewed": ([Renewed(50, (by_day(start=100, end=200),), 1)], "already a promise 'P'"),
    "a key twice in one change": ([Added(5, (by_day("Q", start=5),) * 2, 1)], "already a promise 'Q'"),
    "a satisfied promise extended": ([Extended(100, "P", 200, 1, 1)], "was satisfied before day 100"),
    "a satisfied promise reduced": ([Reduced(100, "P", 1, -1)], "was satisfied before day 100"),
    "an end as it was": ([Extended(50, "P", 100, 1, 1)], "day 100 is not later"),
    "an end before": ([Extended(50, "P", 99, 1, 1)], "day 99 is not later"),
    "all satisfied, what is left repriced": ([Repriced(100, 1, True)], "nothing is left to carry 1"),
    "all satisfied, all repriced": ([Repriced(100, -1, False)], "nothing is left to carry -1"),
    "all reduced to nothing": ([Reduced(50, "P", 0, -49)], "nothing is left to carry 1"),
    "a price for no promise": ([Renewed(50, (), 1)], "nothing is left to carry 1"),
    "more kept than was not recognised": ([Cancelled(40, 61)], "kept are 61 of 60"),
    "less than nothing kept": ([Cancelled(40, -1)], "kept are -1 of 60"),
    "a promise that starts before it joins": ([Added(50, (by_day("Q", start=49),), 1)], "must not start earlier"),
    "a promise that ends before it starts": ([Added(5, (by_day("Q", start=9, end=8),), 1)], "nor end before that"),
    "a promise that is worth nothing": ([Added(5, (by_day("Q", 0, start=5),), 1)], "it must be more than 0"),
    "added days worth less than nothing": ([Extended(50, "P", 200, -1, 1)], "it must be 0 or more"),
    "less than nothing left": ([Reduced(50, "P", -1, 0)], "must be 0 or more"),
    "more left than before": ([Reduced(50, "P", 51, 0)], "no more than before"),
    "fewer units for a higher price": ([Reduced(50, "P", 1, 1)], "the change of price 0 or less"),
}


@pytest.mark.parametrize(("changes", "found"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_history_that_contradicts_itself_is_refused(changes, found):
    with pytest.raises(ValueError, match=found):
        revenue(signed(), tuple(changes), [0])  # though nothing is asked of the days after
    with pytest.raises(ValueError, match=found):
        price_minor(signed(), tuple(changes))


@pytest.mark.parametrize("change", [Extended(5, "licence", 20, 1, 1), Reduced(5, "licence", 1, 0)])
def test_a_promise_at_a_point_has_no_days_to_change(change):
    with pytest.raises(ValueError, match="satisfied at a point"):
        revenue(signed(at_a_point("licence", 100, day=10)), (change,), [0])


def test_a_signing_is_held_to_the_same():
    with pytest.raises(ValueError, match="already a promise 'P'"):
        price_minor(signed(by_day(), by_day()), ())
    with pytest.raises(ValueError, match="must not start earlier"):
        price_minor(signed(day=1), ())


def test_a_promise_changes_until_its_last_day():
    assert of("P", signed(), Extended(99, "P", 199, 99, 99), days=[99, 199]) == (99, 199)
    assert of("P", signed(), Reduced(99, "P", 1, -1), days=[99, 100]) == (99, 99)
