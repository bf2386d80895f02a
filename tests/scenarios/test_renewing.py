"""Contracts that end in the run are renewed: without a gap, on time, early, late, or up to another's end."""

from collections import Counter

import pytest

from fakes.books.charges import periods
from scenarios.compile import calendar_of
from scenarios.renewing import renewals
from scenarios.schema import Scenario
from scenarios.workload import generate
from tests.fakes.samples import CALENDAR, contract, day

CO_TERMED = Scenario(
    name="s", business={"renewals": {"on_time": 0, "early": 0, "late": 0, "co_termed": 1, "not_renewed": 0}}
).business.renewals


def truth_of(seed=0, **terms):
    business = {"contracts": 200, "active_share": 3, "renewals": terms, "usage": {"share": 1}}
    scenario = Scenario(name="s", business=business)
    calendar = calendar_of(scenario)
    return generate(scenario, calendar, seed), calendar


def renewed_in(truth):
    """Each renewal, at version 1, with the contract that it renews as that came to be."""
    final = truth.contracts()
    signed = [act.contract for act in truth.acts if act.contract and act.contract.renews and act.contract.version == 1]
    return [(one, final[one.renews]) for one in signed]


def test_a_renewal_follows_without_a_gap_for_the_same_customer():
    pairs = renewed_in(truth_of()[0])

    assert len(pairs) > 50
    assert all((new.start_day, new.account) == (old.end_day, old.account) for new, old in pairs)
    assert len({old.key for _, old in pairs}) == len(pairs), "each is renewed once"


def test_what_was_cancelled_is_not_renewed():
    assert all(old.quantity for _, old in renewed_in(truth_of()[0]))


@pytest.mark.parametrize(
    ("when", "away"), [("on_time", range(-14, 1)), ("early", range(-60, -9)), ("late", range(1, 26))]
)
def test_it_is_signed_when_its_kind_says(when, away):
    terms = {**dict.fromkeys(("on_time", "early", "late", "co_termed", "not_renewed"), 0), when: 1}
    truth, calendar = truth_of(**terms)
    days = [new.versions[0].signed_day - new.start_day for new, old in renewed_in(truth)]
    in_time = [days_away for days_away in days if days_away > calendar.day_of(0) - calendar.day_of(calendar.end_us)]

    # A weekend or a holiday can put it off for some days; what was early in December was signed at the run's start.
    assert in_time and sum(one in away for one in in_time) > 0.8 * len(in_time), Counter(days)


@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_is_renewed_before_it_is_signed(seed):
    business = {"contracts": 200, "terms": {1: 1}, "billing": {"monthly": 1}, "renewals": {"early": 1, "on_time": 1}}
    scenario = Scenario(name="s", business=business)
    truth = generate(scenario, calendar_of(scenario), seed)
    signed = {act.key: act for act in truth.acts if act.contract and act.contract.version == 1}
    pairs = [(new, signed[new.contract.renews]) for new in signed.values() if new.contract.renews in signed]

    assert len(pairs) > 50
    assert all(new.contract.versions[0].signed_day > old.contract.versions[0].signed_day for new, old in pairs)
    assert all(new.at_us > old.at_us for new, old in pairs)


def test_who_does_not_renew_signs_nothing():
    terms = {**dict.fromkeys(("on_time", "early", "late", "co_termed"), 0), "not_renewed": 1}

    assert renewed_in(truth_of(**terms)[0]) == []


def test_a_co_termed_renewal_ends_with_another_contract_of_the_customer():
    old = contract(key="O-1", start="2025-02-01", months=12)
    other = contract(key="O-2", start="2025-10-01", months=12)

    (renewal,) = renewals(CO_TERMED, [old, other], CALENDAR, 0)

    assert (renewal.old, renewal.end_day) == (old, day("2026-10-01"))


def test_no_renewal_is_co_termed_with_a_contract_that_is_signed_later():
    old = contract(key="O-1", start="2025-02-01", months=12)
    later = contract(key="C-1", start="2026-03-01", months=12)

    (renewal,) = renewals(CO_TERMED, [old, later], CALENDAR, 0)

    assert (renewal.old, renewal.end_day) == (old, None)


def test_a_renewal_is_billed_in_whole_periods_and_has_no_set_up():
    truth, _ = truth_of()

    for new, _ in renewed_in(truth):
        assert periods(new)[-1][1] == new.end_day
        assert all(one.product != "setup" for one in new.deliverables)


def test_usage_is_metered_from_the_signing_of_a_late_renewal_on():
    truth, _ = truth_of(on_time=0, early=0, late=1, co_termed=0, not_renewed=0)
    signed = {new.key: new.versions[0].signed_day for new, _ in renewed_in(truth)}
    used = [act.fulfilment for act in truth.acts if act.fulfilment and act.fulfilment.contract in signed]

    assert used and all(one.from_day >= signed[one.contract] for one in used)
