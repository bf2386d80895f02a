"""The layer system-api: point-to-point behind a façade, which it has to show for by itself, and what it cannot do."""

from collections import Counter
from functools import cache

import pytest

from harness.patterns.system_api import SystemApi
from harness.replication import replicate
from scenarios.load import load, loads

BARE = "point-to-point"


def outcomes(document, system):
    """The calls of a system by how they ended."""
    told = Counter()
    for call in document["calls"]:
        if call["system"] == system:
            told[call["outcome"]] += call["count"]
    return told


@cache
def throttled(layer):
    return replicate(load("erp-throttled-at-close", ["business.contracts=150"]), layer, 0).document


# --- what it has -------------------------------------------------------------------------------------


def test_it_has_limiter_breaker_and_cache_and_is_point_to_point_without_them():
    assert [name for name, option in SystemApi.OPTIONS.items() if option.guards] == [
        "attempts", "limiter", "breaker", "cache",
    ]  # fmt: skip
    bare = throttled(BARE)
    stripped = throttled("system-api:limiter=off,breaker=off,cache=off")
    assert stripped["fingerprint"] == bare["fingerprint"]
    assert "facade" not in stripped["metrics"] and "facade" not in bare["metrics"]


def test_what_the_facade_did_is_told_in_all_and_by_system():
    facade = throttled("system-api")["metrics"]["facade"]
    assert facade["waits"] == sum(facade[system]["waits"] for system in ("crm", "billing", "erp", "revenue")) > 0
    assert facade["halts"] == facade["erp"]["halts"] > 0
    assert facade["waited_s"] > facade["halts"] * 5


# --- what it does ------------------------------------------------------------------------------------


def test_a_throttled_system_is_not_hammered_and_less_is_given_up():
    bare, faced = throttled(BARE), throttled("system-api")
    assert outcomes(faced, "erp")["throttled"] < outcomes(bare, "erp")["throttled"] / 3
    assert sum(faced["missing"].values()) < sum(bare["missing"].values()) / 3
    assert faced["metrics"]["dead_letters"]["dropped"] == sum(faced["missing"].values())


SLOW = """
name: slow-erp
title: Two thousand entries meet an ERP that takes four seconds for each
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business:
  contracts: 25
  active_share: 20
  profile: flat
  billing: {monthly: 1}
  amendments: {per_contract_year: 0}
systems: {erp: {capacity: 1, service: {fixed: 4 s}, limits: {}, latency: {fixed: 10 ms}}}
"""


def test_a_spike_on_a_slow_system_that_publishes_no_limits_does_not_feed_on_itself():
    """What is asked at a time takes longer than anyone waits: each call is done, unheard, and asked for again."""
    bare, faced = (replicate(loads(SLOW, "slow"), layer, 0).document for layer in (BARE, "system-api"))
    assert outcomes(bare, "erp")["too_late"] > 3 * outcomes(bare, "erp")["ok"]
    assert outcomes(faced, "erp")["too_late"] < outcomes(faced, "erp")["ok"] / 2
    assert sum(faced["duplicates"].values()) < sum(bare["duplicates"].values()) / 5
    assert faced["metrics"]["dead_letters"]["dropped"] < bare["metrics"]["dead_letters"]["dropped"] / 20


DOWN = """
name: billing-down
title: Billing is down for a day
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business: {contracts: 600, profile: flat}
faults:
  - {kind: outage, system: billing, from: 2026-05-14 00:00, for: 24 h}
"""


def test_a_system_that_is_down_is_called_by_probes_and_a_durable_layer_loses_nothing_by_it():
    bare, faced = (
        replicate(loads(DOWN, "down"), layer, 0).document for layer in ("event-driven", "event-driven:breaker=on")
    )
    assert outcomes(faced, "billing")["refused"] < outcomes(bare, "billing")["refused"] / 1.5
    assert faced["metrics"]["facade"]["billing"]["breaker_opened"] > 60
    assert sum(faced["missing"].values()) == sum(bare["missing"].values()) == 0


# --- what it cannot do -------------------------------------------------------------------------------

KILLED = """
name: killed-in-a-burst
title: The layer is killed while entries wait for their turn
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business:
  contracts: 5
  active_share: 20
  profile: flat
  billing: {monthly: 1}
  amendments: {per_contract_year: 0}
systems: {erp: {limits: {concurrent: 2}, service: {fixed: 5 s}}}
faults:
  - {kind: crash, from: 2026-05-01 06:02, down: 1 min}
"""


def test_a_crash_loses_whoever_waits_in_the_facade():
    """A hundred documents of one bill run, one by one, five seconds each: killed after two minutes."""
    run = replicate(loads(KILLED, "killed"), "system-api", 0)
    lost = [
        key for _, _, what, where, key in run.simulation.trace.rows("notes") if (what, where) == ("forgotten", "erp")
    ]
    assert run.simulation.facade["erp"].waits > 0
    assert sum(run.document["missing"].values()) in range(len(lost) - 1, len(lost) + 1)  # one was under way
    assert len(lost) > 12


@pytest.mark.parametrize("layer", ["process-orchestration", "event-driven"])
def test_it_loses_nothing_where_the_layer_itself_is_durable(layer):
    run = replicate(loads(KILLED, "killed"), f"{layer}:limiter=on", 0)
    assert run.simulation.facade["erp"].waits > 0
    assert (sum(run.document["missing"].values()), sum(run.document["duplicates"].values())) == (0, 0)


def test_the_same_seed_gives_the_same_run():
    again = replicate(load("erp-throttled-at-close", ["business.contracts=150"]), "system-api", 0).document
    assert {**again, "wall_s": 0} == {**throttled("system-api"), "wall_s": 0}


CUTOVER = """
name: facade-from-the-middle-on
title: A layer without a façade is replaced by one that has it
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 7 d}
business: {contracts: 20, profile: flat}
cutover: {to: system-api, at: 2026-05-15 10:00}
"""


def test_a_facade_that_comes_with_a_cutover_counts_from_then_on():
    document = replicate(loads(CUTOVER, "cutover"), BARE, 0).document
    assert document["metrics"]["facade"]["cache_misses"] > 0
