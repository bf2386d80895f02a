"""What was made and not heard of, and cannot be asked for until its key has expired: nobody makes it again.

The first attempt is given up on and set aside, and another event about the same comes before it does: an amendment,
whose key is its own, or another contract of the account.
"""

import pytest

from harness.sweeps.trial import Trial
from tests.harness.sweeps.correct import CORRECT

CREATIONS = {"billing": "create_subscription", "erp": "create_order", "revenue": "create_contract"}


def unheard(system, operation, day, outage_from):
    """The first two answers to a creation lost, then the system down for longer than keys live and calls are tried."""
    return (
        f"{{kind: lost_response, system: {system}, operations: [{operation}], nth: 1}}",
        f"{{kind: lost_response, system: {system}, operations: [{operation}], nth: 2}}",
        f"{{kind: outage, system: {system}, from: {day} {outage_from}, for: 24 h 30 min}}",
    )


@pytest.mark.parametrize("system", CREATIONS)
@pytest.mark.parametrize("layer", CORRECT)
def test_an_amendment_does_not_make_a_contract_that_its_signing_may_have_made(layer, system):
    """Contract 1 is signed at 09:01 and amended at 09:10."""
    outcome = Trial(layer, seed=15, faults=unheard(system, CREATIONS[system], "2026-01-30", "09:02")).run()

    assert outcome.unsafe == ()
    assert outcome.lost == ()
    assert outcome.hits > 2


@pytest.mark.parametrize("layer", CORRECT)
def test_a_contract_does_not_make_a_customer_that_its_account_may_have_made(layer):
    """An account is opened on the 29th at 09:08, its first contract is signed a day later."""
    outcome = Trial(layer, seed=20, faults=unheard("billing", "create_customer", "2026-01-29", "09:09")).run()

    assert outcome.unsafe == ()
    assert outcome.lost == ()
    assert outcome.hits > 2


@pytest.mark.parametrize("layer", ["process-orchestration", "event-driven", "canonical-hub"])
def test_an_account_told_of_late_does_not_make_the_customer_that_its_contract_has_made(layer):
    """The account's event is a month late; its contracts come first, and a crash as they make its customer."""
    late = "{kind: late_delivery, system: crm, events: [account_opened], share: 1, delay: {fixed: 30 d}}"
    crash = "{kind: crash, from: 2026-01-30 09:02, down: 10 s}"
    outcome = Trial(layer, seed=15, faults=(late, crash)).run()

    assert outcome.broken == ()


def test_without_keys_it_is_made_again():
    faults = unheard("billing", "create_subscription", "2026-01-30", "09:02")

    assert any(
        "duplicate" in line for line in Trial("event-driven:idempotency=none", seed=15, faults=faults).run().wrong
    )
