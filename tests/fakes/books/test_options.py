"""Options, and what customers leave unused (ASC 606-10-55-42..49). Amounts in whole units unless said otherwise."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.books.allocation import allocate
from fakes.books.options import (
    Option,
    Renewal,
    breakage_minor,
    is_material_right,
    look_through,
    option_ssp,
    redeemed_minor,
)

VOUCHER = Option(
    purchase_minor=50, discount=Fraction(40, 100), anyone_discount=Fraction(10, 100), likelihood=Fraction(80, 100)
)


def test_asc606_ex49_a_voucher_for_more_than_others_get():
    """606-10-55-336..339: 40 % off the next purchase with a product of 100, where all get 10 %; 80 % use it, for 50."""
    assert option_ssp(VOUCHER) == 12
    assert allocate(100, {"product": 100, "voucher": option_ssp(VOUCHER)}) == {"product": 89, "voucher": 11}


def test_an_option_that_others_do_not_have_and_all_will_use_is_worth_its_discount():
    assert option_ssp(Option(purchase_minor=200, discount=Fraction(1, 4))) == 50


def test_asc606_ex50_an_option_at_the_selling_price_is_no_right():
    """606-10-55-340..342."""
    assert is_material_right(VOUCHER)
    market = Option(purchase_minor=50, discount=Fraction(1, 10), anyone_discount=Fraction(1, 10))
    assert not is_material_right(market) and option_ssp(market) == 0


def test_asc606_ex51_renewals_looked_through():
    """606-10-55-343..352: a year of maintenance for 1 000, renewed by 90 % twice; costs of 600, 750 and 1 000."""
    terms = [Renewal(1_000, 600), Renewal(1_000, 750, Fraction(9, 10)), Renewal(1_000, 1_000, Fraction(81, 100))]
    assert look_through(terms) == (780, 877, 1_053)
    assert sum(look_through(terms, contracts=100)) == 271_000


def test_asc606_ex52_points_are_revenue_as_they_are_redeemed_of_those_expected():
    """606-10-55-353..356: 100 000 of products and 10 000 points of 0.95; 4 500 used of 9 500, then 8 500 of 9 700."""
    shares = allocate(100_000, {"products": 100_000, "points": 9_500})
    assert shares == {"products": 91_324, "points": 8_676}
    first = redeemed_minor(shares["points"], 4_500, 9_500)
    assert (first, redeemed_minor(shares["points"], 8_500, 9_700) - first) == (4_110, 3_493)


def test_breakage_is_revenue_when_remote_and_never_if_owed_to_others():
    assert breakage_minor(100, 60, remote=True) == 40
    assert breakage_minor(100, 60, remote=False) == 0
    assert breakage_minor(100, 60, remote=True, owed_to_others=True) == 0


def test_more_redeemed_than_expected_asks_for_a_new_estimate():
    with pytest.raises(ValueError, match="11 redeemed of 10 expected"):
        redeemed_minor(100, 11, 10)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 1_000), min_size=1, max_size=10), st.integers(0, 500))
def test_redemption_grows_to_all_that_is_allocated(allocated, redeemed, unused):
    expected = max(redeemed) + unused + 1
    earned = [redeemed_minor(allocated, count, expected) for count in sorted(redeemed)]
    assert earned == sorted(earned)
    assert redeemed_minor(allocated, expected, expected) == allocated
