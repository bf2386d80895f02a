"""What we promise of our integration: no fault of a network costs or doubles anything."""

import pytest
from order_sync import OrderSync

SMALL = {"business.contracts": 40, "calendar.lead_in": "0 d"}


@pytest.mark.tieout(scenario="lost-responses", layer=OrderSync, seeds=5, set=SMALL)
def test_a_lost_answer_doubles_nothing():
    """Judged by what the scenario expects."""


@pytest.mark.tieout(
    scenario="duplicate-webhooks",
    layer=OrderSync,
    seeds=5,
    set=SMALL,
    expect=["always duplicates == 0", "sometimes skipped.repeats > 0"],
)
class TestRepeatedWebhooks:
    """Two tests of the same five runs."""

    def test_nothing_is_doubled(self):
        """Judged by what the scenario and the mark expect."""

    def test_everything_arrives_in_time(self, tieout_result):
        assert tieout_result.missing == 0
        assert tieout_result.value("event_lag.p99") < 15 * 60


def test_billing_may_be_down_for_an_evening(tieout):
    down = [{"kind": "outage", "system": "billing", "from": "2026-05-29 17:00", "for": "5 h"}]
    result = tieout.run("calm-month", layer=OrderSync, seed=3, set=SMALL, faults=down, expect="event_lag.max < 12 h")

    assert result.duplicates == 0
    assert not result.breaks
