"""What hunts have found in layers that are to be correct, and what has been mended since: they break there no more."""

import pytest

from harness.hunting.trying import tried
from harness.sweeps.trial import Trial

FLAT = "business.profile=flat"
OFTEN = "business.amendments={per_contract_year: 20}"
ALL_DAY = "calendar.business_hours=08:00-20:00"
CLOSES_LATER = "calendar.close_business_days=7"


def replayed(*instants):
    return f"replays=[{', '.join(f'{{at: {at}}}' for at in instants)}]"


IN_FEBRUARY = replayed("2026-02-03 00:00", "2026-02-03 01:00", "2026-02-04 00:00")
IN_APRIL = replayed("2026-04-03 00:00", "2026-04-03 01:00", "2026-04-04 00:00")

TRIALS = {
    "what is told again after its key has expired, while it is a dead letter": Trial(
        "event-driven", seed=161,
        overrides=(
            "calendar.quarter_start=2026-03-01", CLOSES_LATER, IN_APRIL, "business.only=[C-000006]",
            "business.contracts=8", FLAT, ALL_DAY, OFTEN, "business.contracts_per_account=3", "business.renewals={}",
            "tie_seed=161",
        ),
        faults=(
            "{kind: lost_response, system: revenue, from: 2026-03-09 09:09, for: 6042 min, share: 1, "
            "operations: [record_billing]}",
            "{kind: duplicate_delivery, system: billing, from: 2026-03-11 09:02, for: 1 min, gap: {fixed: 1 s}, "
            "events: [invoice_issued], nth: 1}",
        ),
    ),
    "usage that a daily batch brings after the last revenue run": Trial(
        "managed-batch:every=24h", seed=150,
        overrides=(
            "calendar.quarter_start=2026-03-01", "business.only=[C-000010]", "business.contracts=15", ALL_DAY,
            "business.usage={late_share: 0}",
        ),
    ),
    "a dead letter whose contract is one as well": Trial(
        "event-driven", seed=38,
        overrides=(
            CLOSES_LATER, IN_FEBRUARY, "business.contracts=24", FLAT, ALL_DAY, OFTEN,
            "business.usage={late_share: 0}", "business.only=[C-000006, C-000011, C-000022]",
        ),
        faults=(
            "{kind: lost_request, system: revenue, from: 2026-01-02 09:01, for: 45000 min, share: 1, "
            "operations: [create_contract]}",
        ),
    ),
    "a step of a saga that is set aside once more": Trial(
        "tests.mutants.sagas:Impatient", seed=17,
        overrides=(
            IN_FEBRUARY, "business.only=[C-000004]", "business.contracts=17", FLAT, OFTEN,
            "calendar.business_hours=00:05-23:55",
        ),
        faults=(
            "{kind: brownout, system: erp, from: 2026-01-27 17:34, for: 124 min, slow: 14, fail_share: 0.43}",
            "{kind: expired_token, system: erp, from: 2026-01-27 20:35, for: 1 min, renewable: false}",
        ),
    ),
    "a crash right after a step was parked once more": Trial(
        "tests.mutants.sagas:Impatient", seed=221,
        overrides=(
            "calendar.quarter_start=2026-03-01", IN_APRIL, "business.only=[C-000008, C-000001, C-000005]",
            CLOSES_LATER, "business.contracts=10", FLAT,
        ),
        faults=(
            "{kind: brownout, system: revenue, from: 2026-03-03 09:07, for: 40560 min, slow: 24, fail_share: 0.50}",
            "{kind: crash, down: 1 s, after_effect: 525}",
        ),
    ),
    "a customer that was made unheard for another account of the same party, a week before": Trial(
        "event-driven", seed=841,
        overrides=(
            "calendar.business_hours=09:00-09:02", "business.contracts=18", "business.active_share=0.5",
            "business.services={}", "business.customer_data={}", "business.only=[S-000026, S-000021]", IN_FEBRUARY,
            CLOSES_LATER,
        ),
        faults=(
            "{kind: lost_response, system: billing, from: 2026-01-07 09:00, for: 1381 min, share: 1, "
            "operations: [create_customer]}",
        ),
    ),
    "a customer whose making was not heard of before a crash, and another account of its party": Trial(
        "managed-batch:every=24h", seed=2777,
        overrides=(
            "calendar.business_hours=00:05-23:55", "business.contracts=16", FLAT, "business.services={}",
            "business.customer_data={}", "business.only=[S-000089, C-000004]",
            "business.amendments={per_contract_year: 50, cancel_share: 0.05, burst_share: 0.5, burst_gap: 20 s, "
            "gap_min: 5 s}",
        ),
        faults=(
            "{kind: crash, down: 1 s, after_effect: 115}",
            "{kind: brownout, system: billing, from: 2026-01-01 12:00, for: 2881 min, slow: 23, fail_share: 0}",
        ),
    ),
    "an account that is renamed while it is looked up, and its opening on the way": Trial(
        "hybrid:every=4h", seed=1093,
        overrides=(
            "calendar.quarter_start=2026-02-01", "calendar.business_hours=09:00-09:02", "business.contracts=18",
            "business.customer_data={}", "business.only=[C-000018, C-000014]", "business.profile=extreme",
            "business.amendments={per_contract_year: 50, cancel_share: 0.05, burst_share: 0.5, burst_gap: 20 s, "
            "gap_min: 5 s}",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("trial", TRIALS.values(), ids=list(TRIALS))
def test_it_is_no_find(trial):
    result = tried((trial, ()))

    assert result.findings == () and result.places
