"""What was set aside is carried again when the plan says so: what has succeeded meanwhile unheard is not doubled."""

import pytest

from harness.blocks.carrying import Carrier
from harness.replication import replicate
from scenarios.load import loads

WEEKEND = """
name: weekend
calendar: {{quarter_start: 2026-03-01, months: 1, lead_in: 0 d}}
business: {{contracts: 300, active_share: 0, profile: flat, amendments: {{per_contract_year: 8, burst_share: 0.3}}}}
faults:
  - {{kind: lost_response, system: billing, from: 2026-03-26 12:00, for: 21 h, share: 1}}
  - {{kind: expired_token, system: billing, from: 2026-03-27 09:00, for: 72 h, renewable: false}}
replays: {replays}
"""
MONDAY = "[{at: 2026-03-30 09:30, target: billing}]"


def weekend(layer, replays=MONDAY):
    return replicate(loads(WEEKEND.format(replays=replays), "weekend"), layer, 0)


def replayed(run):
    return [(where, key) for _, _, what, where, key in run.simulation.trace.rows("notes") if what == "replayed"]


@pytest.mark.parametrize("layer", ["event-driven", "process-orchestration"])
def test_a_weekends_dead_letters_arrive_on_monday_once(layer):
    run = weekend(layer)
    again = replayed(run)
    assert len(again) > (20 if layer == "event-driven" else 0)
    assert {target for target, _ in again} == {"billing"}
    assert run.audit.breaks == ()
    assert run.document["metrics"]["in_hand"] == 0
    assert [each["carried"] for each in run.document["replays"]] == [len(again)]
    assert run.document["replays"][0]["at"] == "2026-03-30T09:30-04:00"


def test_without_a_replay_dead_letters_stay_dead():
    run = weekend("event-driven", "[]")
    assert run.document["metrics"]["in_hand"] > 10
    assert run.document["breaks"]["by_cause"].keys() == {"expired_token"}


def test_only_what_was_chosen_is_replayed():
    chosen = "[{at: 2026-03-30 09:30, events: [contract_amended], reason: token_expired, limit: 2}]"
    assert len(replayed(weekend("event-driven", chosen))) == 2
    assert replayed(weekend("event-driven", "[{at: 2026-03-30 09:30, target: erp}]")) == []
    assert replayed(weekend("event-driven", "[{at: 2026-03-30 09:30, older_than: 30 d}]")) == []


@pytest.mark.parametrize(("layer", "replays"), [
    ("event-driven", "[{at: 2026-03-30 09:30, reason: no_such_word}]"),
    ("point-to-point", MONDAY),
])  # fmt: skip
def test_a_replay_that_finds_nothing_is_remarked_on(layer, replays):
    document = weekend(layer, replays).document
    assert document["replays"][0]["carried"] == 0
    assert any("planned replay of 2026-03-30 09:30 carried nothing again" in each for each in document["remarks"])


def test_a_replay_that_finds_something_is_not():
    assert not any("planned replay" in each for each in weekend("event-driven").document["remarks"])


def test_a_replayed_event_that_had_succeeded_unheard_is_looked_for_first(monkeypatch):
    """Its key has expired by Monday: a layer that does not look would bill it twice."""
    carry = Carrier.carry
    monkeypatch.setattr(Carrier, "carry", lambda carrier, event, again=False: carry(carrier, event))
    monkeypatch.setattr(Carrier, "_may_be_there", lambda carrier, event: False)
    assert sum(weekend("event-driven").document["duplicates"].values()) > 0


def test_replaying_twice_changes_nothing():
    once = weekend("event-driven")
    twice = weekend("event-driven", "[{at: 2026-03-30 09:30}, {at: 2026-03-30 09:31}, {at: 2026-03-31 09:30}]")
    assert twice.audit.breaks == ()
    assert twice.document["truth"] == once.document["truth"]
    assert len(twice.books.invoices) == len(once.books.invoices)
