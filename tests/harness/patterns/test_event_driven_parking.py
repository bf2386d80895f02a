"""What a target refuses is parked and comes back in its turn: nothing overtakes it, and nothing is buried twice."""

from collections import Counter

import pytest

from fakes.erp import Erp
from fakes.service import Refused
from harness.layers import choose
from harness.patterns.event_driven import PARKED_US
from harness.replication import replicate
from scenarios.load import loads
from sim.durations import HOUR, SECOND

SCENARIO = """
name: picky-erp
title: The ERP refuses some amendments
calendar: {quarter_start: 2026-03-01, months: 1, lead_in: 7 d}
business:
  contracts: 40
  profile: flat
  amendments: {per_contract_year: 40, burst_share: 1, gap_min: 290 s, burst_gap: 10 s}  # as long as a park
systems: {erp: {capacity: 12, service: {median: 6 s, sigma: 0.4}}}
"""


@pytest.fixture
def refusals(monkeypatch):
    """The ERP refuses each version of an order so many times: `refusals(once)` of (version) says how often."""

    def install(times):
        counted, write = Counter(), Erp._update_order

        def picky(erp, request, now_us):
            version = (request.state.key, request.state.version)
            counted[version] += 1
            if counted[version] <= times(request.state.version):
                raise Refused(422, "not_today")
            return write(erp, request, now_us)

        monkeypatch.setattr(Erp, "_update_order", picky)
        return counted

    return install


@pytest.mark.parametrize("seed", range(3))
def test_a_newer_version_is_never_overwritten_by_a_parked_older_one(refusals, seed):
    counted = refusals(lambda version: version == 2)
    run = replicate(loads(SCENARIO, "picky"), "event-driven", seed)
    assert sum(count > 1 for count in counted.values()) > 5
    assert [one for one in run.audit.breaks if one.kind == "stale_amendment"] == []


def test_what_is_refused_for_good_is_buried_once_and_held_once(refusals):
    refusals(lambda version: 1_000 if version == 2 else 0)
    run = replicate(loads(SCENARIO, "picky"), choose("event-driven:gate=none"), 0)
    layer = run.simulation.layer
    letters = [(letter.event.id, letter.target) for letter in layer.dead_letters.letters]
    assert letters and len(set(letters)) == len(letters)
    assert {letter.event.version for letter in layer.dead_letters.letters} == {2}
    held = [(event.id, target) for event, target in layer.held()]
    assert len(set(held)) == len(held)
    assert all(item.tries <= len(PARKED_US) for item in layer.work_queue.items)


@pytest.mark.parametrize("layer", ["event-driven", "process-orchestration"])
def test_what_is_parked_comes_back_though_the_layer_never_lives_as_long_as_its_wait(refusals, layer):
    refusals(lambda version: 1 if version == 2 else 0)
    crashes = "faults: [{kind: crash, every: 2 min, down: 1 s, from: 2026-03-01, for: 9 d}]\n"
    run = replicate(loads(SCENARIO + crashes, "picky"), layer, 0)
    crashing = run.simulation.faults[0]
    parked = [row for row in run.simulation.trace.rows("notes") if row[2] == "parked" and row[0] < crashing.end_us]
    assert len(parked) > 5
    assert run.document["metrics"]["event_lag"]["max_s"] < 2 * HOUR / SECOND
