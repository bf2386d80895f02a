"""A rule of revenue recognition changes in mid-quarter: every contract keeps the rule of its signing."""

from functools import cache

import pytest

from harness.audit import audit
from harness.layers import BUILT_IN
from harness.oracle import expect
from harness.replication import replicate
from scenarios.load import load
from tests.harness.oracle.agreed import day

CHANGE = day("2026-02-15")


@cache
def run(layer):
    return replicate(load("rule-change-mid-period", ["business.contracts=150"]), layer, 1)


@pytest.mark.parametrize("layer", BUILT_IN)
def test_the_books_tie_out_and_each_contract_keeps_its_rule(layer):
    found = run(layer)

    assert found.audit.breaks == ()
    assert found.audit.unexplained == {}
    with_setup = [one for one in found.books.revenue_contracts if one.state.deliverables]
    distinct = {one.contract: (1, "setup") in one.allocated for one in with_setup}
    assert distinct == {one.contract: one.state.versions[0].signed_day < CHANGE for one in with_setup}
    assert set(distinct.values()) == {True, False}
    amended = [one.contract for one in with_setup if one.state.version > 1]
    assert {distinct[key] for key in amended} == {True, False}


def test_two_contracts_signed_before_and_after_the_day_earn_their_set_up_otherwise():
    found = run("event-driven")
    by_product = {}
    for one in found.books.recognitions:
        for product, minor in one.amounts:
            by_product.setdefault(one.contract, {}).setdefault(product, 0)
            by_product[one.contract][product] += minor
    sold = {one.contract: one.state for one in found.books.revenue_contracts if one.state.deliverables}
    earning = [key for key in by_product if key in sold and key.startswith("C-")]
    earned_apart = {key for key in earning if "setup" in by_product[key]}

    assert earned_apart == {key for key in earning if sold[key].versions[0].signed_day < CHANGE}
    assert 0 < len(earned_apart) < len(earning)
    invoiced = {one.contract for one in found.books.invoices for line in one.lines if line.period == "setup"}
    assert invoiced - earned_apart  # the price is invoiced by itself under either rule


def test_books_kept_by_the_old_rule_alone_do_not_tie_out():
    found = run("event-driven")
    simulation = found.simulation
    by_new_rule = {
        one.contract for one in found.books.revenue_contracts
        if one.state.deliverables and one.state.versions[0].signed_day >= CHANGE
    }  # fmt: skip
    old = expect(simulation.truth, simulation.calendar, [])
    told = audit(old, found.books)

    assert {one.contract for one in told.breaks} <= by_new_rule
    assert {one.kind for one in told.breaks} >= {"wrong_allocation"}
    assert told.unexplained == {}
