"""What no system takes in as a contract's deliverables: what could not be billed, earned or told apart."""

from dataclasses import replace

import pytest
from hypothesis import given

from fakes.agreements import Deliverable, Fulfilment
from fakes.service import Refused
from fakes.validation import promised, valid_contract
from tests.harness.oracle.agreed import contract
from tests.harness.oracle.delivered import agreements, hours, milestone, promising, services, setup, usage

SUBSCRIBED = contract(("2026-04-01", 12), start="2026-01-01")


def refused(terms):
    """Whether a contract is refused as none."""
    with pytest.raises(Refused) as found:
        valid_contract(terms)
    return (found.value.status, found.value.code) == (422, "invalid_contract")


@given(agreements())
def test_whatever_can_be_agreed_is_taken_in(terms):
    assert valid_contract(terms) is terms


def test_a_version_that_was_signed_before_the_one_before_it_is_no_contracts():
    first, second = SUBSCRIBED.versions
    assert refused(replace(SUBSCRIBED, versions=(first, replace(second, signed_day=first.signed_day - 1))))
    valid_contract(replace(SUBSCRIBED, versions=(first, replace(second, signed_day=first.signed_day))))


@pytest.mark.parametrize("wrong", [
    replace(milestone(100), price_minor=0),
    replace(milestone(100), rate_minor=5),
    replace(milestone(100), ssp_minor=0),
    replace(milestone(100), version=3),
    replace(milestone(100), version=0),
    replace(milestone(100), invoicing="as_delivered"),
    replace(milestone(100), product="platform"),
    replace(hours(100, 10), units=0),
    replace(setup(100, 100, "2026-01-01", "2026-02-01"), to_day=0),
    replace(usage(5), invoicing="at_start"),
    replace(usage(5), price_minor=100),
    replace(usage(5), measure="on_acceptance"),
    Deliverable("nothing", 1, "as_invoiced", "as_delivered"),
], ids=repr)  # fmt: skip
def test_a_deliverable_that_contradicts_itself_is_refused(wrong):
    assert refused(replace(SUBSCRIBED, deliverables=(wrong,)))


@pytest.mark.parametrize("several", [
    (milestone(100), milestone(200)),
    (usage(5), replace(usage(7), version=2)),
    (hours(100, 10), replace(milestone(50, version=2), product="delivery")),
])  # fmt: skip
def test_what_cannot_be_told_from_another_promise_is_refused(several):
    assert refused(replace(SUBSCRIBED, deliverables=several))


def test_more_of_the_same_needs_no_selling_price_of_its_own():
    terms = services(hours(100, 10), hours(50, 5, version=2, ssp_minor=0), changes=["2026-02-01"])

    assert valid_contract(terms) is terms


def test_a_contract_that_promises_nothing_is_refused():
    assert refused(replace(SUBSCRIBED, obligations=()))


def test_a_ramp_never_falls_to_nothing():
    assert refused(replace(SUBSCRIBED, ramp=(100, 0)))


def test_nothing_is_noted_that_was_not_promised():
    terms = promising(SUBSCRIBED, usage(5))
    promised(terms, Fulfilment("F-1", "C-1", "usage", 1, 1))
    with pytest.raises(Refused) as found:
        promised(terms, Fulfilment("F-1", "C-1", "delivery", 1, 1))
    assert (found.value.status, found.value.code) == (422, "unknown_deliverable")
