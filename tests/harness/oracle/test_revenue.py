from itertools import pairwise

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from fakes.agreements import PerformanceObligation
from harness.oracle.revenue import allocation, earned_by_version, earned_minor, earned_minors
from scenarios.magnitudes import LARGEST_MINOR
from tests.harness.oracle.agreed import contract, day


def obligations(*ssp_minor):
    return tuple(PerformanceObligation(f"product {number}", ssp) for number, ssp in enumerate(ssp_minor))


def test_months_round_the_cumulative_amount():
    # 100.00 over 22, 28 and 15 days: 33.846…, 76.923… and 100.00 in all.
    marks = [earned_minor(10_000, 0, 65, day) for day in (0, 22, 50, 65, 90)]

    assert [later - earlier for earlier, later in pairwise(marks)] == [3_385, 4_307, 2_308, 0]


def test_nothing_is_earned_before_the_first_day():
    assert earned_minor(10_000, 100, 165, 99) == earned_minor(10_000, 100, 165, 100) == 0


def test_units_left_over_go_to_the_largest_remainders():
    # 100 over 1 : 1 : 4 is 16.67, 16.67 and 66.67: ties go to whom is listed first.
    assert allocation(100, obligations(1, 1, 4)) == (17, 17, 66)


def test_a_decrease_is_split_as_the_increase_of_its_size():
    assert allocation(-100, obligations(1, 1, 4)) == (-17, -17, -66)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_an_allocation_is_complete_and_within_a_unit_of_the_exact_share(price, ssp_minor):
    shares = allocation(price, obligations(*ssp_minor))

    assert sum(shares) == price
    assert all(
        abs(share * sum(ssp_minor) - price * ssp) < sum(ssp_minor) for share, ssp in zip(shares, ssp_minor, strict=True)
    )


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(1, 400), min_size=1, max_size=12))
def test_months_add_up_to_the_amount(amount, spans):
    marks = [0]
    for span in spans:
        marks.append(marks[-1] + span)
    earned = [earned_minor(amount, 0, marks[-1], mark) for mark in marks]

    assert earned[0] == 0 and earned[-1] == amount
    assert all(abs(part * marks[-1] - amount * mark) * 2 <= marks[-1] for part, mark in zip(earned, marks, strict=True))


@given(
    st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.integers(730_000, 750_000), st.integers(-1, 36_500),
    st.integers(-10, 36_510),
)  # fmt: skip
@example(LARGEST_MINOR, 740_000, 3_652, 3_651)
@example(-5, 740_000, 10, 3)  # 1.5 away from zero
def test_columns_earn_what_each_amount_earns_however_large_it_is(amount, from_day, days, passed):
    to_day, before_day = from_day + days, from_day + passed
    several = earned_minors(np.array([amount, 7]), np.array([from_day] * 2), np.array([to_day] * 2), before_day)

    assert several.tolist() == [earned_minor(each, from_day, to_day, before_day) for each in (amount, 7)]


def test_a_version_earns_from_its_effective_day_on_for_each_product():
    terms = contract(("2026-02-15", 16), products={"platform": 750, "support": 250})

    # 6 more: 6 x 10.00 x 12 x 320 / 365 = 631.23, three quarters of it for the platform; 14 of 320 days.
    assert terms.versions[1].price_change_minor == 63_123
    shares = {(2, "platform"): 47_342, (2, "support"): 15_781}
    february = earned_by_version(terms, 1, shares, day("2026-02-01"), day("2026-03-01"))
    assert february == {"platform": 2_071, "support": 690}
    assert earned_by_version(terms, 1, shares, day("2026-01-01"), day("2026-02-01")) == {}
