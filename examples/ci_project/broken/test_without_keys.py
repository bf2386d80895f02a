"""The same layer without idempotency keys: this test fails, and shows how."""

import pytest

SMALL = {"business.contracts": 40, "calendar.lead_in": "0 d"}


@pytest.mark.tieout(scenario="lost-responses", layer="order_sync:OrderSync:idempotency=none", seeds=3, set=SMALL)
def test_a_lost_answer_doubles_nothing():
    """Judged by what the scenario expects."""
