"""Where an expectation of how fast does not hold, the story is of the slowest event, and of what held that up."""

import pytest
import yaml

from harness.explain.at_once import stories_at_once
from harness.replication import replicate
from harness.testing.chosen import chosen
from reports.stories import stories_text
from scenarios.schema import Scenario
from tests.harness.explain.runs import CALM, told

LATE = {"kind": "late_delivery", "system": "billing", "share": 0.02, "delay": {"fixed": "5 h"}}
DOWN = {"kind": "outage", "system": "erp", "from": "2026-03-31 09:00", "for": "8 h"}
SLOW = {"kind": "brownout", "system": "erp", "from": "2026-03-31 09:00", "for": "8 h", "slow": 400, "fail_share": 0}
FAST = {"event_lag": ["max < 1 h"]}


@pytest.mark.parametrize(
    ("layer", "fault", "where", "struck"),
    [
        ("event-driven", LATE, "on its way to the layer", "the telling of event"),
        ("event-driven", DOWN, "tried at ERP", "this very call: erp."),
        ("sync-orchestration", DOWN, "", "struck erp."),
    ],
)
def test_the_slowest_event_is_told_with_what_held_it_up(layer, fault, where, struck):
    document = told(layer, faults=[fault], expect=FAST)
    story = document["stories"][-1]

    assert document["slow"] == 1
    assert story["of"] is None
    assert story["title"].startswith("Late: ")
    assert "It was expected that event_lag max < 1 h (seen: " in " ".join(story["meant"])
    assert where in story["parted"]
    assert story["fault"]["kind"] == fault["kind"]
    assert struck in story["cause"]
    assert story["prevention"]
    assert sum(step["parts"] for step in story["steps"]) == 1


def test_what_no_fault_touched_is_told_by_where_it_waited():
    document = told("managed-batch", expect={"event_lag.invoice->erp": ["max < 1 min"]})
    story = document["stories"][-1]

    assert document["slow"] == 1
    assert "to ERP" in story["title"]
    assert "invoice_issued" in story["title"] or "credit_memo_issued" in story["title"]
    assert story["cause"].startswith("No fault struck it: it was ")


@pytest.mark.parametrize("expect", [FAST, {"breaks": ["== 0"]}, {"backlog.peak": ["< 0"]}])
def test_nothing_is_slow_where_nothing_was_expected_to_be_faster(expect):
    document = told("event-driven", expect=expect)

    assert document["slow"] == 0
    assert document["stories"] == []


def test_the_page_says_why_there_is_a_story_without_a_break():
    document = told("event-driven", faults=[LATE], expect=FAST)

    page = stories_text(document, width=100, colour=False)
    assert "No break, but things came later than was expected" in page
    assert "Late: " in page


def test_a_failing_test_tells_of_the_slowest_event_rather_than_of_a_break_that_it_is_not_about():
    slow = {"name": "event_lag p(99) < 15 min", "held": False, "value": 3600.0}
    doubled = {"name": "duplicates.invoices == 0", "held": False}
    breaks = [{"kind": "missing_downstream"}, {"kind": "duplicate"}]

    assert chosen(breaks, [slow]) == []
    assert chosen(breaks, [slow | {"value": None}]) == [breaks[0]]
    assert chosen(breaks, [slow, doubled]) == [breaks[1]]
    assert chosen(breaks, [doubled]) == [breaks[1]]
    assert chosen(breaks, [{"name": "breaks.duplicate == 0", "held": False}]) == [breaks[1]]
    assert chosen(breaks, [{"name": "retries == 0", "held": False}]) == [breaks[0]]


def test_a_run_that_was_written_nowhere_tells_of_its_slowest_event():
    text = yaml.safe_dump({**CALM, "faults": [LATE], "expect": FAST})
    done = replicate(Scenario.model_validate(yaml.safe_load(text)), "event-driven", 0)

    assert [story["title"][:5] for story in stories_at_once(done, [])] == ["Late:"]
