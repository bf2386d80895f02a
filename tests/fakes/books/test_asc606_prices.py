"""Published examples of transaction prices and their allocation, and the laws behind (steps 3 and 4 of ASC 606).

Each test names its example. Amounts are minor units: cents, unless a test says whole units.
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fakes.books.allocation import (
    Bundle,
    Dedicated,
    allocate,
    allocate_residual,
    allocate_variable,
    allocate_with_bundles,
    depicts,
)
from fakes.books.presentation import Standing, present
from fakes.books.returns import ReturnBooks, SaleWithReturn, returned, sale_with_return
from fakes.books.royalties import Royalty, royalty
from fakes.books.splitting import cumulative
from fakes.books.transaction_price import (
    Payable,
    accreted_minor,
    has_significant_financing,
    present_value_minor,
    transaction_price_minor,
)
from fakes.books.usage import late_minor, overage_minor, rated_minor
from fakes.books.variable import Outcome, Variable, constrained, expected_value, included_minor, most_likely_amount
from fakes.books.volume import (
    Tier,
    VolumePeriod,
    VolumeRevenue,
    expected_unit_price,
    rebate_liability_minor,
    unit_price_minor,
    volume_revenue,
)
from tests.fakes.books.samples import cents, day

# --- allocation --------------------------------------------------------------------------------------


def test_asc606_ex33_three_products_in_whole_units():
    """606-10-55-256..258, recomputed, in whole units, and exactly in ten-thousandths."""
    ssp = {"A": 50, "B": 25, "C": 75}
    assert allocate(100, ssp) == {"A": 33, "B": 17, "C": 50}
    assert allocate(1_000_000, ssp) == {"A": 333_333, "B": 166_667, "C": 500_000}


EX34 = {"A": cents(40), "B": cents(55), "C": cents(45)}


def test_asc606_ex34a_the_discount_belongs_to_the_two_sold_together():
    """606-10-55-259..264, recomputed: B and C sell for 60 together, A for 40; in proportion it would be different."""
    bundles = [Bundle(("B", "C"), cents(60))]
    assert allocate_with_bundles(cents(100), EX34, bundles) == {"A": cents(40), "B": cents(33), "C": cents(27)}
    assert allocate_with_bundles(cents(100), EX34, []) == {"A": 2_857, "B": 3_929, "C": 3_214}


def test_asc606_ex34b_and_c_a_residual_after_the_discount():
    """606-10-55-265..270: D sells from 15 to 45. For 130 it is 30; for 105 it would be 5, which depicts nothing."""
    bundles, sells = [Bundle(("B", "C"), cents(60))], (cents(15), cents(45))
    shares = allocate_residual(cents(130), EX34, "D", bundles=bundles, range_minor=sells)
    assert shares == {"A": cents(40), "B": cents(33), "C": cents(27), "D": cents(30)}
    with pytest.raises(ValueError, match="residual for 'D' is 500"):
        allocate_residual(cents(105), EX34, "D", bundles=bundles, range_minor=sells)


def test_truetech_residual_for_a_subscription_without_a_price():
    """A textbook's question: a box of 240 in a bundle of 250; a thousand of them."""
    assert allocate_residual(cents(250), {"box": cents(240)}, "subscription") == {
        "box": cents(240), "subscription": cents(10),
    }  # fmt: skip
    assert allocate_residual(cents(250_000), {"box": cents(240_000)}, "subscription") == {
        "box": cents(240_000), "subscription": cents(10_000),
    }  # fmt: skip


def test_asc606_ex35a_a_royalty_that_is_the_price_of_one_licence_goes_to_it_alone():
    """606-10-55-271..275, in whole units: 800 fixed for X, a royalty of 1 000 for Y."""
    ssp = {"X": 800, "Y": 1_000}
    shares = allocate_variable(800, ssp, [Dedicated(("Y",), 1_000)], fixed_to=("X",))
    assert shares == ssp and depicts(shares, ssp)


def test_asc606_ex35b_a_royalty_beside_a_price_too_low_goes_to_both():
    """606-10-55-276..279, partly recomputed, in whole units: 300 fixed, the royalty of the first month is 200."""
    ssp = {"X": 800, "Y": 1_000}
    assert not depicts(allocate_variable(300, ssp, [Dedicated(("Y",), 1_500)], fixed_to=("X",)), ssp)
    fixed = allocate(300, ssp)
    assert fixed == {"X": 133, "Y": 167}  # Y is revenue at inception, X when it is transferred
    first_month = royalty(200, ssp, {"Y": 1})
    assert first_month == {"X": Royalty(0, 89), "Y": Royalty(111, 0)}
    assert royalty(200, ssp, {"Y": 1, "X": 1}) == {"X": Royalty(89, 0), "Y": Royalty(111, 0)}


def test_con_multi_element_a_discount_in_proportion():
    """Constructed: 4 000 of the subscription's 100 000 pay for the implementation."""
    shares = allocate(cents(120_000), {"subscription": cents(120_000), "implementation": cents(30_000)})
    assert shares == {"subscription": cents(96_000), "implementation": cents(24_000)}
    assert cents(100_000) - shares["subscription"] == cents(4_000)


def test_a_discount_of_two_bundles_falls_on_each_by_its_own():
    ssp = {"A": 50, "B": 50, "C": 100, "D": 100, "E": 40}
    bundles = [Bundle(("A", "B"), 90), Bundle(("C", "D"), 160)]
    assert allocate_with_bundles(290, ssp, bundles) == {"A": 45, "B": 45, "C": 80, "D": 80, "E": 40}


@pytest.mark.parametrize(
    ("price", "tolerance", "b"), [(98, Fraction(1, 10), 3_190), (90, Fraction(1, 10), 3_536), (98, 0, 3_850)]
)
def test_a_bundle_must_explain_substantially_the_whole_discount(price, tolerance, b):
    """32-37(c): 40 of a discount of 42 may be, 40 of 50 is not and is spread over all; how near is policy."""
    shares = allocate_with_bundles(cents(price), EX34, [Bundle(("B", "C"), cents(60))], tolerance=tolerance)
    assert sum(shares.values()) == cents(price)
    assert shares["B"] == b


@pytest.mark.parametrize("dearer", [Bundle(("B", "C"), cents(101)), Bundle(("B", "C"), cents(100))])
def test_a_bundle_without_a_discount_of_its_own_explains_none(dearer):
    in_proportion = allocate(cents(100), EX34)
    assert allocate_with_bundles(cents(100), EX34, [dearer], tolerance=2) == in_proportion
    assert allocate_with_bundles(cents(100), EX34, [], tolerance=2) == in_proportion


EX34_BUNDLE = Bundle(("B", "C"), cents(60))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: allocate_with_bundles(1, EX34, [Bundle(("A", "B"), 1), Bundle(("B", "C"), 1)]), "must not overlap"),
        (lambda: allocate_with_bundles(1, EX34, [Bundle(("A", "Z"), 1)]), "must not overlap, and name obligations"),
        (lambda: Bundle(("B", "C"), -1), "cannot sell for -1"),
        (lambda: allocate_with_bundles(1, EX34, [EX34_BUNDLE], tolerance=-1), "must not be negative, got -1"),
        (lambda: allocate_with_bundles(1, EX34 | {"A": -1}, [EX34_BUNDLE]), "must not be negative"),
        (lambda: allocate_residual(cents(130), EX34, "D", bundles=[Bundle(("A", "Z"), 1)]), "name obligations"),
        (lambda: allocate_variable(1, EX34, [Dedicated(("Z",), 1)]), "some have no selling price"),
        (lambda: allocate_variable(1, EX34, [], fixed_to=("A", "Z")), "some have no selling price"),
        (lambda: depicts({"A": 1}, {"A": 0}), "sum to more than 0"),
        (lambda: depicts({"Z": 1}, {"A": 1}), "need selling prices"),
        (lambda: royalty(1, {"X": 1}, {"Y": 1}), "satisfied names"),
    ],
)
def test_what_cannot_be_allocated_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_convention_of_rounding_is_carried_through():
    """5 over ten equal parts: one to each of the first five by largest remainder and if the last takes the rest.

    By the cumulative amount it is one to every other.
    """
    ssp = dict.fromkeys("ABCDEFGHIJ", 1)
    every_other = {name: at % 2 == 0 for at, name in enumerate(ssp)}
    assert allocate(5, ssp, split=cumulative) == every_other
    assert allocate_with_bundles(5, ssp, [], split=cumulative) == every_other
    assert allocate_variable(0, ssp, [Dedicated(tuple(ssp), 5)], split=cumulative) == every_other
    parts = royalty(5, ssp, dict.fromkeys(ssp, 1), split=cumulative)
    assert {name: part.revenue_minor for name, part in parts.items()} == every_other
    bundle = [Bundle(tuple(ssp), 5)]
    assert allocate_residual(6, ssp, "Z", bundles=bundle, split=cumulative) == {**every_other, "Z": 1}


# --- variable consideration --------------------------------------------------------------------------


def test_pwc_expected_value_a_bonus_that_falls_each_week():
    """A course's question after PwC's guide: 100 000 and a bonus of 50 000, 45 000 or 40 000; recomputed."""
    bonus = tuple(
        Outcome(cents(minor), Fraction(odds)) for minor, odds in [(50_000, "0.6"), (45_000, "0.3"), (40_000, "0.1")]
    )
    assert expected_value(bonus) == cents(47_500)
    assert transaction_price_minor(cents(100_000), [Variable(bonus)], probable=None) == cents(147_500)


def test_the_constraint_leaves_what_will_probably_not_be_reversed():
    outcomes = [Outcome(100, Fraction(6, 10)), Outcome(50, Fraction(3, 10)), Outcome(0, Fraction(1, 10))]
    assert constrained(75, outcomes, probable=Fraction(6, 10)) == 75
    assert constrained(75, outcomes, probable=Fraction(3, 4)) == 50
    assert constrained(75, outcomes, probable=Fraction(95, 100)) == 0
    assert constrained(75, outcomes, probable=1, fixed_minor=900, significant=Fraction(1, 10)) == 75
    assert constrained(75, outcomes, probable=1, significant=Fraction(1, 10)) == 0
    assert constrained(75, outcomes, probable=1, fixed_minor=90, significant=Fraction(1, 10)) == 10


@pytest.mark.parametrize(("odds", "counted"), [(Fraction(3, 4), 100), (Fraction(74, 100), 0)])
def test_three_in_four_is_probable_unless_a_company_says_otherwise(odds, counted):
    bonus = Variable((Outcome(100, odds), Outcome(0, 1 - odds)), most_likely=True)
    assert included_minor(bonus) == counted


@pytest.mark.parametrize("limits", [{"probable": 0}, {"probable": 2}, {"significant": 1}, {"significant": -1}])
def test_the_constraints_limits_are_shares(limits):
    with pytest.raises(ValueError, match="significant must be in"):
        constrained(1, [Outcome(1, 1)], **limits)


def test_the_most_likely_amount_is_the_lower_of_equals():
    outcomes = [
        Outcome(9, Fraction(2, 5)),
        Outcome(4, Fraction(1, 5)),
        Outcome(4, Fraction(1, 5)),
        Outcome(0, Fraction(1, 5)),
    ]
    assert most_likely_amount(outcomes) == 4


@pytest.mark.parametrize("odds", [(Fraction(1, 2), Fraction(1, 3)), (Fraction(3, 2), Fraction(-1, 2)), ()])
def test_probabilities_sum_to_one(odds):
    with pytest.raises(ValueError, match="must sum to exactly 1"):
        expected_value([Outcome(1, one) for one in odds])


def test_what_is_paid_to_a_customer_takes_from_the_price_beyond_what_is_got_for_it():
    """606-10-32-25, 32-26."""
    payables = [Payable(100), Payable(100, 60), Payable(100, 150), Payable(100, None)]
    assert [one.reduction_minor for one in payables] == [100, 40, 0, 100]
    assert [one.purchase_minor for one in payables] == [0, 60, 100, 0]
    assert transaction_price_minor(1_000, payables=payables, noncash_minor=5) == 765
    for nonsense in ((-1, 0), (1, -1)):
        with pytest.raises(ValueError, match="must be 0 or more"):
            Payable(*nonsense)


def test_asc606_ex29_an_advance_payment_bears_interest():
    """606-10-55-240..243: 4 000 now at 6 % for two years instead of 5 000 then."""
    assert accreted_minor(cents(4_000), Fraction(6, 100), 2) == 449_440
    assert present_value_minor(449_440, Fraction(6, 100), 2) == cents(4_000)
    assert has_significant_financing(day("2028-01-01"), day("2026-01-01"))


def test_asc606_ex26_a_sale_with_returns_that_nobody_can_estimate():
    """606-10-55-227..231, as remembered: 121 in two years, 100 in cash, cost 80; it may be returned within 90 days."""
    sold = SaleWithReturn(units=1, price_minor=cents(100), cost_minor=cents(80), expected_returns=1, due_minor=0)
    at_transfer = sale_with_return(sold)
    assert at_transfer == ReturnBooks(0, 0, 0, cents(80))
    assert not any(present(Standing(refundable_minor=cents(100))).debits().values())
    price = present_value_minor(cents(121), Fraction(10, 100), 2)
    lapsed = sale_with_return(SaleWithReturn(units=1, price_minor=price, cost_minor=cents(80)))
    assert lapsed - at_transfer == ReturnBooks(cents(100), 0, cents(80), -cents(80))
    shown = present(Standing(revenue_minor=lapsed.revenue, unconditional_minor=price))
    assert shown.entry_from(present(Standing())) == {"receivable": cents(100), "revenue": -cents(100)}
    assert accreted_minor(price, Fraction(10, 100), 2) == cents(121)


def test_asc606_ex27_a_part_held_back_against_poor_work_finances_nobody():
    """606-10-55-233..235: 5 % of each payment for a building is held back until it is finished, as protection."""
    due, finished = day("2026-03-31"), day("2028-12-31")
    assert has_significant_financing(due, finished)
    assert not has_significant_financing(due, finished, other_reason=True)


def test_asc606_ex30_support_for_three_years_paid_in_advance_to_save_work():
    """606-10-55-244..246: an extended warranty is sold for one payment only, for other reasons than financing."""
    paid, last_year = day("2026-01-01"), day("2028-06-30")
    assert has_significant_financing(last_year, paid)
    assert not has_significant_financing(last_year, paid, other_reason=True)


def test_nothing_is_financed_within_a_year_or_if_the_customer_decides_or_a_price_varies():
    """606-10-32-17(a) and (b), 32-18; a year over 29 February is one, too."""
    transfer, payment = day("2028-01-01"), day("2029-01-01")
    assert not has_significant_financing(transfer, payment) and not has_significant_financing(payment, transfer)
    assert has_significant_financing(transfer, payment + 1)
    assert not has_significant_financing(transfer, payment + 1, varies_beyond_control=True)
    assert not has_significant_financing(payment + 1, transfer, customer_times_transfer=True)
    assert has_significant_financing(transfer, payment + 1, customer_times_transfer=True)  # nothing paid in advance


TIERS = [Tier(0, cents(100)), Tier(1_000, cents(90))]


def test_asc606_ex24_a_volume_rebate_that_becomes_likely():
    """606-10-55-216..220, recomputed: 100 a unit, or 90 for all above 1 000; 75 units, then 500 and a new estimate."""
    quarters = volume_revenue(
        [VolumePeriod(75, unit_price_minor(TIERS, 800)), VolumePeriod(500, unit_price_minor(TIERS, 1_001))]
    )
    assert quarters == (VolumeRevenue(cents(7_500), 0), VolumeRevenue(cents(44_250), -cents(750)))
    assert sum(one.revenue_minor for one in quarters) == cents(51_750)


def test_a_price_is_expected_of_volumes_by_what_they_earn():
    volumes = [(1_000, Fraction(1, 2)), (3_000, Fraction(1, 2))]
    assert expected_unit_price(TIERS, volumes) == Fraction(100_000 + 270_000, 4_000) * 100
    assert [unit_price_minor(TIERS, units) for units in (1, 1_000, 1_001)] == [cents(100), cents(100), cents(90)]


def test_asc606_ex40_a_receivable_with_a_refund_liability():
    """606-10-55-291..294, recomputed: 150 invoiced, 125 expected, since a million will be exceeded; 100 shipped."""
    expected = unit_price_minor([Tier(0, cents(150)), Tier(1_000_000, cents(125))], 1_200_000)
    refund = rebate_liability_minor(100, cents(150), expected)
    shipped = present(
        Standing(
            revenue_minor=volume_revenue([VolumePeriod(100, expected)])[0].revenue_minor,
            unconditional_minor=cents(100 * 150),
            refundable_minor=refund,
        )
    )
    assert shipped.entry_from(present(Standing())) == {
        "receivable": cents(15_000), "refund_liability": -cents(2_500), "revenue": -cents(12_500),
    }  # fmt: skip


@pytest.mark.parametrize("tiers", [[], [Tier(0, 2), Tier(0, 1)], [Tier(5, 2), Tier(1, 1)]])
@pytest.mark.parametrize("rate", [lambda tiers: unit_price_minor(tiers, 3), lambda tiers: rated_minor(3, tiers)])
def test_tiers_must_ascend(tiers, rate):
    with pytest.raises(ValueError, match="tiers must ascend by above_units, got"):
        rate(tiers)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: expected_unit_price(TIERS, [(1, Fraction(1, 2))]), "must sum to exactly 1"),
        (lambda: expected_unit_price(TIERS, [(1, 2), (2, -1)]), "must not be negative"),
        (lambda: expected_unit_price(TIERS, [(0, 1)]), "no units are expected"),
        (lambda: unit_price_minor(TIERS, -1), "units be 0 or more"),
        (lambda: unit_price_minor([Tier(1_000, 90)], 5), "must begin above 0 units"),
        (lambda: VolumePeriod(-1, 5), "0 or more units, not -1"),
        (lambda: rebate_liability_minor(10, 100, 101), "leave no refund"),
        (lambda: rebate_liability_minor(-1, 100, 90), "leave no refund"),
        (lambda: rated_minor(-1, TIERS), "can be used in a period, not -1"),
        (lambda: late_minor(10, -11, TIERS), "can be used in a period, not -1"),
    ],
)
def test_volumes_that_cannot_be_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_same_tiers_price_all_units_or_those_within():
    """Retroactive and graduated: 1 001 units at 90, or 1 000 at 100 and one at 90."""
    assert unit_price_minor(TIERS, 1_001) * 1_001 == cents(90_090)
    assert rated_minor(1_001, TIERS) == cents(100_090)


# --- returns -----------------------------------------------------------------------------------------

HUNDRED = SaleWithReturn(units=100, price_minor=cents(100), cost_minor=cents(60), expected_returns=3)


def test_asc606_ex22_three_of_a_hundred_products_will_come_back():
    """606-10-55-202..207, recomputed: 100 products at 100, which cost 60."""
    books = sale_with_return(HUNDRED)
    assert books == ReturnBooks(cents(9_700), cents(300), cents(5_820), cents(180))
    sold = present(
        Standing(paid_minor=cents(10_000), revenue_minor=books.revenue, refundable_minor=books.refund_liability)
    )
    assert sold.entry_from(present(Standing())) == {
        "cash": cents(10_000), "refund_liability": -cents(300), "revenue": -cents(9_700),
    }  # fmt: skip
    assert books.cost_of_sales + books.right_to_recover == cents(6_000)


def test_a_new_estimate_of_returns_moves_revenue_and_cost_by_the_difference():
    more = SaleWithReturn(units=100, price_minor=cents(100), cost_minor=cents(60), expected_returns=Fraction(11, 2))
    assert sale_with_return(more) - sale_with_return(HUNDRED) == ReturnBooks(
        -cents(250), cents(250), -cents(150), cents(150)
    )


def test_returns_use_up_what_was_set_aside_and_then_take_from_revenue():
    books = sale_with_return(HUNDRED)
    assert returned(books, HUNDRED, 2) == ReturnBooks(cents(9_700), cents(100), cents(5_820), cents(60))
    assert returned(books, HUNDRED, 4) == ReturnBooks(cents(9_600), 0, cents(5_760), 0)


def test_a_restocking_fee_and_the_cost_of_taking_back_stay_with_who_bears_them():
    sale = SaleWithReturn(
        units=10, price_minor=100, cost_minor=60, expected_returns=2, recovery_cost_minor=10,
        refund_share=Fraction(9, 10),
    )  # fmt: skip
    assert sale_with_return(sale) == ReturnBooks(820, 180, 500, 100)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: SaleWithReturn(units=3, price_minor=1, expected_returns=4), "from 0 to 3"),
        (lambda: SaleWithReturn(units=3, price_minor=1, refund_share=2), "refund_share is from 0 to 1"),
        (lambda: SaleWithReturn(units=3, price_minor=1, due_minor=-1), "due_minor 0 or more"),
        (lambda: returned(sale_with_return(HUNDRED), HUNDRED, 101), "from 0 to 100 units, those sold"),
        (lambda: returned(sale_with_return(HUNDRED), HUNDRED, -1), "can come back, not -1"),
        (lambda: returned(sale_with_return(HUNDRED), replace(HUNDRED, due_minor=5), 1), "only 5 of the price is due"),
    ],
)
def test_no_more_can_come_back_than_was_sold(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_no_more_is_to_be_given_back_than_is_received_or_due():
    """606-10-32-10."""
    books = sale_with_return(replace(HUNDRED, due_minor=cents(200)))
    assert (books.revenue, books.refund_liability) == (cents(9_700), cents(200))
    paid = Standing(revenue_minor=books.revenue, paid_minor=cents(200), refundable_minor=cents(300))
    assert present(paid).refund_liability == cents(200)


# --- usage -------------------------------------------------------------------------------------------


def test_con_usage_overage_is_owed_before_it_is_invoiced_and_late_units_belong_to_their_month():
    """Constructed: 10 000 units included, 0.02 beyond; 12 345 used in January, 55 more reported in February."""
    january = overage_minor(12_345, 10_000, 2)
    assert january == 4_690
    used = present(Standing(revenue_minor=january, unconditional_minor=january, uninvoiced_minor=january))
    billed = present(Standing(revenue_minor=january, unconditional_minor=january))
    assert used.entry_from(present(Standing())) == {"unbilled_receivable": 4_690, "revenue": -4_690}
    assert billed.entry_from(used) == {"receivable": 4_690, "unbilled_receivable": -4_690}
    late = late_minor(12_345, 55, [Tier(10_000, 2)])
    assert (late, january + late) == (110, 4_800)
    assert overage_minor(12_345 + 55, 10_000, 2) - january == late  # the cut-off error, January short of it
    assert overage_minor(9_999, 10_000, 2) == 0


def test_usage_is_rated_tier_by_tier_and_rounded_once():
    tiers = [Tier(0, Fraction(1, 3)), Tier(10, Fraction(1, 5)), Tier(20, 0)]
    assert [rated_minor(units, tiers) for units in (0, 1, 10, 15, 20, 1_000)] == [0, 0, 3, 4, 5, 5]


# --- laws --------------------------------------------------------------------------------------------

prices = st.integers(0, 10**9)
ssps = st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any)
fractions = st.fractions(0, 10**4, max_denominator=1_000)


def named(values):
    return {str(n): value for n, value in enumerate(values)}


@given(st.integers(-(10**9), 10**9), st.lists(fractions, min_size=1, max_size=8).filter(any))
def test_an_allocation_sums_to_the_price_and_is_within_a_unit_of_the_exact_share(price, ssp):
    shares = allocate(price, named(ssp))
    assert sum(shares.values()) == price
    for name, weight in named(ssp).items():
        assert abs(shares[name] - price * weight / sum(ssp)) < 1
    assert depicts(shares, named(ssp))


@given(prices, ssps, st.integers(0, 7), st.integers(0, 10**6))
def test_a_higher_selling_price_never_gets_less(price, ssp, which, more):
    which %= len(ssp)
    raised = [weight + more * (n == which) for n, weight in enumerate(ssp)]
    assert allocate(price, named(raised))[str(which)] >= allocate(price, named(ssp))[str(which)]


@given(prices, ssps)
def test_of_two_obligations_the_dearer_gets_no_less(price, ssp):
    shares = list(allocate(price, named(ssp)).values())
    assert all(shares[a] >= shares[b] for a in range(len(ssp)) for b in range(len(ssp)) if ssp[a] > ssp[b])


@given(ssps, st.lists(st.integers(0, 5 * 10**5), min_size=8, max_size=8), st.integers(1, 4))
def test_a_bundles_discount_touches_nothing_outside_of_it(ssp, off, size):
    """Disjoint bundles of neighbours, each at some discount, and a price that has just these discounts."""
    groups = [tuple(str(n) for n in range(len(ssp)) if n // size == group) for group in range(2)]
    bundles = []
    for group, discount in zip(groups, off, strict=False):
        worth = sum(ssp[int(name)] for name in group)
        if group and worth:
            bundles.append(Bundle(group, worth - min(discount, worth - 1)))
    price = sum(ssp) - sum(sum(ssp[int(n)] for n in one.names) - one.price_minor for one in bundles)
    assume(0 < price < sum(ssp))
    shares = allocate_with_bundles(price, named(ssp), bundles)
    inside = {name for one in bundles for name in one.names}
    assert all(shares[name] == worth for name, worth in named(ssp).items() if name not in inside)
    assert all(sum(shares[name] for name in one.names) == one.price_minor for one in bundles)
    assert sum(shares.values()) == price


@st.composite
def gambles(draw):
    weights = draw(st.lists(st.integers(1, 50), min_size=1, max_size=6))
    return [Outcome(draw(st.integers(-(10**6), 10**6)), Fraction(weight, sum(weights))) for weight in weights]


@given(gambles(), st.fractions(Fraction(1, 100), 1, max_denominator=100))
def test_what_is_counted_is_probably_kept_and_never_more_than_the_estimate(outcomes, probable):
    estimate = expected_value(outcomes)
    counted = constrained(estimate, outcomes, probable=probable)
    assert counted <= estimate
    assert sum(one.probability for one in outcomes if one.minor >= counted) >= probable
    assert min(one.minor for one in outcomes) <= counted <= max(one.minor for one in outcomes)


@given(gambles())
def test_a_surer_company_counts_less(outcomes):
    counted = [included_minor(Variable(tuple(outcomes)), probable=Fraction(odds, 20)) for odds in range(1, 21)]
    assert counted == sorted(counted, reverse=True)
    assert included_minor(Variable(tuple(outcomes)), probable=None) >= counted[0]


@given(st.lists(st.tuples(st.integers(0, 10**4), fractions), min_size=1, max_size=6))
def test_volume_revenue_ends_at_all_units_at_the_last_estimate(periods):
    revenue = volume_revenue([VolumePeriod(units, price) for units, price in periods])
    exact = sum(units for units, _ in periods) * periods[-1][1]
    assert abs(sum(one.revenue_minor for one in revenue) - exact) <= Fraction(1, 2)


@given(st.integers(1, 1_000), prices, prices, st.fractions(0, 1, max_denominator=50))
def test_a_sale_with_returns_splits_price_and_cost_and_loses_nothing(units, price, cost, share):
    books = sale_with_return(
        SaleWithReturn(units=units, price_minor=price, cost_minor=cost, expected_returns=units * share)
    )
    assert books.revenue + books.refund_liability == units * price
    assert books.cost_of_sales + books.right_to_recover == units * cost
    assert min(books.revenue, books.refund_liability, books.cost_of_sales, books.right_to_recover) >= 0
