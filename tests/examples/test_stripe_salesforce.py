"""The example with the vendors' own clients, unchanged, in virtual time: Salesforce is polled, and Stripe bills."""

from harness.replication import replicate
from scenarios.load import load

LAYER = "examples.stripe_salesforce.integration:worker"


def test_billing_is_right_and_what_nobody_carries_on_is_missing(monkeypatch):
    monkeypatch.setenv("POLL_S", str(6 * 3600))
    done = replicate(load("calm-month", ["business.contracts=5"]), LAYER, 0)

    assert {one.kind for one in done.audit.breaks} == {"missing_downstream"}
    assert {one.system for one in done.audit.breaks} == {"erp", "revenue"}
    subscriptions = {one.contract: one.state for one in done.books.subscriptions}
    assert subscriptions.keys() == done.expected.contracts.keys()
    assert all(subscriptions[key].version == contract.version for key, contract in done.expected.contracts.items())
    assert not done.document["remarks"]
