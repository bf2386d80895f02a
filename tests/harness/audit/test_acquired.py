"""What is missing of a contract that was acquired in the middle of a month is told as of any other."""

import pytest

from harness.replication import replicate
from scenarios.load import loads

ACQUIRED_WHILE_REVENUE_IS_DOWN = """
name: acquired
calendar: {quarter_start: 2026-02-01, months: 1, lead_in: 0 d, holidays: none}
business:
  contracts: 1
  active_share: 0
  terms: {12: 1}
  amendments: {per_contract_year: 0}
  entities: [{name: acme, currency: USD, share: 0}]
  acquisition: {entity: acme, at: 2026-02-17 09:00, within: 1 h, contracts: 3}
faults:
  - {kind: outage, system: revenue, from: 2026-02-17 08:00, for: 12 h}
"""


@pytest.mark.parametrize("more", ["", "business.setup={share: 1}"])
def test_revenue_of_the_month_of_acquisition_is_missing_and_not_another_amount(more):
    done = replicate(loads(ACQUIRED_WHILE_REVENUE_IS_DOWN, "s.yaml", [more] if more else []), "point-to-point", 0)
    recognitions = [one for one in done.audit.breaks if one.record == "recognition"]

    assert len(recognitions) == 3
    assert {one.kind for one in done.audit.breaks} == {"missing_downstream"}
    assert {one.cause for one in done.audit.breaks} == {"outage"}
