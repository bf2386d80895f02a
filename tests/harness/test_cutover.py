"""One layer takes over from another: what both carry is doubled where neither knows of the other's keys."""

import pytest

from harness.endings import LayerError
from harness.replication import replicate
from scenarios.load import loads
from sim.durations import DAY, HOUR

CUTOVER = """
name: handover
calendar: {{quarter_start: 2026-03-01, months: 1}}
business: {{contracts: 150, profile: flat, amendments: {{per_contract_year: 4, burst_share: 0.3}}}}
cutover: {{to: {to}, at: 2026-03-16 12:00{more}}}
"""


def handed_over(layer, to="event-driven", more=", overlap: 2 d"):
    return replicate(loads(CUTOVER.format(to=to, more=more), "handover"), layer, 0)


def test_an_overlap_doubles_what_the_old_layer_does_without_keys():
    run = handed_over("point-to-point")
    at_us = run.simulation.calendar.instant_us(run.simulation.calendar.quarter_start.toordinal() + 15, 720)
    doubled = [found for found in run.audit.breaks if found.kind.startswith("duplicate")]
    assert len(doubled) > 5
    assert all(found.since_us >= at_us for found in doubled)
    orders = [found for found in doubled if found.record == "order"]
    assert orders and all(found.since_us < at_us + 2 * DAY + HOUR for found in orders)
    assert {found.cause for found in doubled} == {"cutover"}


@pytest.mark.parametrize("layer", ["event-driven", "process-orchestration"])
def test_an_overlap_of_layers_that_use_the_same_keys_doubles_nothing(layer):
    assert handed_over(layer).audit.breaks == ()


def test_a_clean_cut_loses_nothing_of_a_quiet_day():
    run = handed_over("point-to-point", more="")
    assert sum(run.document["missing"].values()) == 0
    old, new = run.simulation.deployment.hosts
    assert old.layer.NAME == "point-to-point" and new.layer.NAME == "event-driven"


def test_each_of_the_two_is_told_while_its_time_lasts():
    run = handed_over("process-orchestration", to="process-orchestration")
    at_us = run.simulation.calendar.instant_us(run.simulation.calendar.quarter_start.toordinal() + 15, 720)
    published = run.simulation.company.systems["crm"].publisher
    old, new = published.subscriptions
    for event in published.published:
        assert (event.id in old.accepted_us) == (event.committed_us <= at_us + 2 * DAY)
        assert (event.id in new.accepted_us) == (event.committed_us > at_us)


@pytest.mark.parametrize(("layer", "remarked"), [
    ("event-driven:inbox=on", True), ("event-driven:inbox=off", False), ("point-to-point", False),
])  # fmt: skip
def test_a_cutover_to_the_same_layer_is_remarked_on(layer, remarked):
    remarks = handed_over(layer).document["remarks"]
    assert (
        any("planned cutover to 'event-driven' replaces the layer by its like" in each for each in remarks) == remarked
    )


def test_a_layer_that_there_is_not_cannot_take_over():
    with pytest.raises(LayerError, match="did you mean event-driven"):
        handed_over("point-to-point", to="event-drivn")


def test_the_document_says_when_which_layer_takes_over_and_for_how_long_both_are_told():
    document = handed_over("event-driven").document
    assert document["cutover"] == {
        "to": "event-driven", "at": "2026-03-16T12:00-04:00", "at_s": document["cutover"]["at_s"], "overlap_s": 172_800,
    }  # fmt: skip


def test_an_overlap_of_nothing_is_none_at_all():
    without, nothing = handed_over("point-to-point", more=""), handed_over("point-to-point", more=", overlap: 0 s")
    assert without.document["cutover"]["overlap_s"] == nothing.document["cutover"]["overlap_s"] == 0
    assert without.document["fingerprint"] == nothing.document["fingerprint"]
