"""Customers' data through the layers: second accounts are matched, the newest name wins, or the audit says so."""

import pytest

from harness.layers import BUILT_IN
from harness.replication import replicate
from scenarios.load import load

SMALL = ("business.contracts=80", "business.exceptions={}", "business.payments={}")
REFERENCES = ("process-orchestration", "event-driven", "canonical-hub", "managed-batch", "hybrid")
"""The layers that keep references from parties to customers."""


def run(layer, *overrides, seed=0):
    return replicate(load("customer-master-data", [*SMALL, *overrides]), layer, seed)


def kinds(done):
    assert done.audit.unexplained == {}
    return set(done.document["breaks"]["by_kind"])


@pytest.mark.parametrize("layer", REFERENCES)
def test_who_keeps_references_has_each_customer_once_under_its_newest_name(layer):
    assert kinds(run(layer, "faults=[]")) == set()


@pytest.mark.parametrize("layer", sorted(set(BUILT_IN) - set(REFERENCES)))
def test_who_keeps_none_makes_a_second_customer_of_a_second_account(layer):
    assert kinds(run(layer, "faults=[]")) == {"duplicate_customer"}


@pytest.mark.parametrize("layer", REFERENCES)
def test_changes_out_of_order_leave_the_newest_name(layer):
    late = "faults=[{kind: out_of_order, system: crm, share: 0.5, delay: {mean: 3 d}, events: [account_changed]}]"

    assert kinds(run(layer, late)) <= {"missing_downstream"}, "what comes after the run's end is missing, not stale"


def test_a_change_that_is_lost_leaves_an_old_name():
    lost = "faults=[{kind: outage, system: billing, from: 2026-02-01, for: 20 d}]"
    done = run("point-to-point:attempts=1", lost)

    assert "stale_master_data" in kinds(done)
    (stale, *_) = [one for one in done.audit.open if one.kind == "stale_master_data"]
    assert (stale.system, stale.record, stale.cause, stale.amount_minor) == ("billing", "customer", "outage", 0)


@pytest.mark.parametrize("layer", ["point-to-point", "sync-orchestration", "system-api", "managed-batch"])
@pytest.mark.parametrize("seed", [0, 2])
def test_a_customer_that_a_later_version_of_its_account_made_reflects_that_one(layer, seed):
    """Where the opening of an account cannot be read, its change makes the customer, or its contract does."""
    said = (
        "business.contracts=60",
        "business.customer_data={duplicate_share: 0, parent_share: 0, changes_per_account: 1}",
        "faults=[{kind: poison, system: crm, share: 0.2}]",
    )
    done = replicate(load("calm-month", ["calendar.quarter_start=2026-02-01", *said]), layer, seed)
    company = done.simulation.company
    customers = [*company.billing.customers.all.values(), *company.erp.customers.all.values()]
    made_by_a_change = {one.account for one in customers if list(one.applied) == [(one.account, 2)]}

    assert made_by_a_change
    assert not made_by_a_change & {one.key for one in done.audit.breaks if one.kind == "stale_master_data"}
    assert done.audit.unexplained == {}
