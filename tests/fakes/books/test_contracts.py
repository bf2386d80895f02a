"""What is a contract, of what obligations it consists, and at what prices they sell (steps 1 and 2, and 32-32..34)."""

from dataclasses import fields
from fractions import Fraction

import pytest

from fakes.books.identification import (
    Agreement,
    Criteria,
    Termination,
    combined,
    enforceable_end_day,
    exists,
    missing,
    refundable_minor,
    revenue_without_contract_minor,
)
from fakes.books.promises import Promise, gross_or_net_minor, is_distinct, is_over_time, is_series, obligations
from fakes.books.stand_alone import PriceVersion, adjusted_market_minor, cost_plus_minor, in_force_minor, in_range_minor


@pytest.mark.parametrize("criterion", [field.name for field in fields(Criteria)])
def test_an_agreement_is_a_contract_if_all_five_criteria_are_met(criterion):
    assert missing(Criteria()) == ()
    assert missing(Criteria(**{criterion: False})) == (criterion,)


def test_without_a_contract_what_is_received_is_a_liability_until_it_is_kept_for_good():
    """606-10-25-7, 25-8."""
    assert revenue_without_contract_minor(500, nonrefundable=True) == 0
    assert revenue_without_contract_minor(500, nonrefundable=False, terminated=True) == 0
    for event in ("nothing_left", "terminated", "stopped"):
        assert revenue_without_contract_minor(500, nonrefundable=True, **{event: True}) == 500


@pytest.mark.parametrize(
    ("right", "end"),
    [
        (None, 365),
        (Termination(), 100),
        (Termination(notice_days=30), 130),
        (Termination(notice_days=300), 365),
        (Termination(notice_days=30, penalty=True), 365),
    ],
)
def test_a_contract_lasts_as_long_as_both_are_bound(right, end):
    assert enforceable_end_day(0, 365, 100, right) == end


def test_a_right_to_leave_counts_from_the_start_if_it_has_not_begun():
    assert enforceable_end_day(200, 365, 100, Termination(notice_days=30)) == 230


def test_only_a_prepayment_that_can_be_claimed_back_is_a_refund_liability():
    assert refundable_minor(1_200, 100, Termination(pro_rata_refund=True)) == 1_100
    assert refundable_minor(1_200, 100, Termination()) == refundable_minor(1_200, 100, None) == 0


def test_there_is_no_contract_while_both_can_walk_away():
    assert not exists(wholly_unperformed=True, each_may_terminate_without_compensation=True)
    assert exists(wholly_unperformed=False, each_may_terminate_without_compensation=True)


def test_agreements_that_are_linked_are_one_contract_and_links_chain():
    """606-10-25-9(a) to (c)."""
    agreements = [
        Agreement("A", "customer", 1, package="deal"),
        Agreement("X", "another", 1, package="deal"),
        Agreement("B", "customer", 3, depends_on=("C",)),
        Agreement("late", "customer", 99, package="deal"),
        Agreement("C", "customer", 5, package="deal", bundle="plant"),
        Agreement("D", "customer", 8, bundle="plant"),
    ]
    assert combined(agreements, near_days=4) == (("A", "B", "C", "D"), ("X",), ("late",))
    assert combined(agreements) == tuple((one.key,) for one in agreements)


def test_promises_that_are_not_distinct_are_combined_until_they_are():
    """606-10-25-19, 25-22."""
    promises = [
        Promise(name="licence", separable=False, bundle="customised software"),
        Promise(name="support"),
        Promise(name="customising", separable=False, bundle="customised software"),
        Promise(name="newsletter", immaterial=True),
    ]
    assert obligations(promises) == {
        "customised software": ("licence", "customising"), "support": ("support",),
    }  # fmt: skip
    assert not is_distinct(Promise(name="set-up", capable=False))


def test_an_obligation_is_over_time_by_any_of_three_criteria():
    """606-10-25-27."""
    assert not is_over_time() and not is_over_time(no_other_use=True)
    assert is_over_time(consumed_as_performed=True)
    assert is_over_time(customer_controls=True)
    assert is_over_time(no_other_use=True, right_to_payment=True)
    assert is_series(same=True, over_time=True, same_measure=True)
    assert not is_series(same=True, over_time=True, same_measure=False)


def test_an_agents_revenue_is_what_it_keeps():
    assert gross_or_net_minor(100, 85, principal=True) == 100
    assert gross_or_net_minor(100, 85, principal=False) == 15


def test_selling_prices_are_estimated_by_market_or_cost_or_range():
    assert adjusted_market_minor(10_000, Fraction(-5, 100)) == 9_500
    assert cost_plus_minor(6_000, Fraction(25, 100)) == 7_500
    assert [in_range_minor(stated, 80, 121) for stated in (79, 80, 121, 122)] == [101, 80, 121, 101]


def test_the_selling_price_is_that_of_inception_whatever_comes_later():
    versions = [PriceVersion(100, 20), PriceVersion(0, 10)]
    assert [in_force_minor(versions, on) for on in (0, 99, 100, 500)] == [10, 10, 20, 20]
    with pytest.raises(ValueError, match="no stand-alone selling price holds on day -1"):
        in_force_minor(versions, -1)


def test_of_two_selling_prices_from_one_day_the_later_named_holds():
    assert in_force_minor([PriceVersion(0, 5), PriceVersion(100, 20), PriceVersion(100, 30)], 100) == 30


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="0 or more days before, not -1"):
        Termination(notice_days=-1)
    with pytest.raises(ValueError, match="from the lower price to the higher, got 121 to 80"):
        in_range_minor(100, 121, 80)
