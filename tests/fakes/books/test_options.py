"""Options, and what customers leave unused (ASC 606-10-55-42..49). Amounts in whole units unless said otherwise."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.books.allocation import allocate
from fakes.books.modification import prospective
from fakes.books.obligations import Obligation
from fakes.books.options import (
    Option,
    Renewal,
    breakage_minor,
    is_material_right,
    look_through,
    option_ssp,
    redeemed_minor,
)
from fakes.books.splitting import cumulative

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
    assert look_through(terms, split=cumulative) == (780, 877, 1_053)


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


def test_trg32_the_exercise_of_a_material_right():
    """TRG memo 32, as remembered, in whole units: two years of A for 100, and B at 300 instead of 400, if wanted.

    The option would cost 33, and gets 25 of the 100. After half a year it is exercised, and A has earned 19 of its 75.
    The memo lets a company choose: to go on with what the option has, as the price of B, or to change the contract.
    """
    shares = allocate(100, {"A": 100, "option": 33})
    assert shares == {"A": 75, "option": 25}
    first = [Obligation("A", 75, 19), Obligation("option", 25)]
    going_on = prospective(first[1:], 300, {"B": 400})
    assert (going_on["B"].allocated_minor, going_on["option"].allocated_minor) == (325, 0)
    changed = prospective(first, 300, {"A": 75, "B": 400})  # 56 of A, 25 and 300 are 381, by 75 : 400
    assert [(one.name, one.remaining_minor) for one in changed.obligations] == [("A", 60), ("option", 0), ("B", 321)]
    assert going_on.price_minor + 75 == changed.price_minor == 400


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Option(purchase_minor=1, discount=2), "shares from 0 to 1"),
        (lambda: Option(purchase_minor=1, discount=1, likelihood=Fraction(-1, 2)), "shares from 0 to 1"),
        (lambda: Renewal(1, 1, 2), "from 0 to 1, not 2"),
        (lambda: look_through([Renewal(1, 1, Fraction(1, 2)), Renewal(1, 1)]), "cannot rise"),
        (lambda: breakage_minor(100, 101, remote=True), "101 cannot be recognised of 100"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@given(st.integers(0, 10**9), st.lists(st.integers(0, 1_000), min_size=1, max_size=10), st.integers(0, 500))
def test_redemption_grows_to_all_that_is_allocated(allocated, redeemed, unused):
    expected = max(redeemed) + unused + 1
    earned = [redeemed_minor(allocated, count, expected) for count in sorted(redeemed)]
    assert earned == sorted(earned)
    assert redeemed_minor(allocated, expected, expected) == allocated
