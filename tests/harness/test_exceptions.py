"""A quarter with every exception of the business: people put them right, and the layers' queues carry them through."""

from functools import lru_cache

import pytest

from fakes.master_data import SYSTEM_OF
from harness.audit.reconciliation import unexplained
from harness.replication import replicate
from scenarios.load import loads

FIVE = """
name: five-exceptions
title: Missing tax codes, unknown legal entities, unmapped products, amendments without a rule, closed periods
calendar: {quarter_start: 2026-01-01, months: 2, lead_in: 7 d}
business:
  contracts: 120
  amendments: {per_contract_year: 3}
  exceptions: {missing_tax_code: 0.1, invalid_legal_entity: 0.1, unmapped_product: 0.1, unsupported_amendment: 0.2}
finance_team: {persons: 2, handling: {median: 40 min, sigma: 0.8}}
"""
LATE = """
  - {kind: late_delivery, system: billing, from: 2026-01-10, for: 15 d, share: 0.2, delay: {low: 20 d, high: 25 d}}
"""
CRASHES = """
  - {kind: crash, every: 3 h, down: 30 min}
  - {kind: lost_response, system: erp, share: 0.05}
"""
KEEPING = ("process-orchestration", "event-driven")


@lru_cache(maxsize=16)
def run(layer, faults=""):
    return replicate(loads(FIVE + (f"faults:{faults}" if faults else ""), "five"), layer, 0)


def refused(done):
    """The words that the run's calls were refused with."""
    return {call["outcome"] for call in done.document["calls"]}


@pytest.mark.parametrize("layer", KEEPING)
def test_all_exceptions_are_put_right_and_the_books_tie_out_to_the_cent(layer):
    done = run(layer)
    assert set(SYSTEM_OF) <= refused(done)
    assert done.audit.open == ()
    assert done.document["metrics"]["in_hand"] == 0
    company = done.simulation.company
    earning = {one.contract for one in company.revenue.recognitions}
    still_lacking = {gap.key.partition(" ")[0] for gap in company.erp.master_data.lacking}
    assert not still_lacking & earning, "what nobody has needed yet may still be lacking, and nothing else"
    assert company.revenue.master_data.lacking == {}
    assert done.document["metrics"]["manual_adjustments"] == {"count": 0, "amount_minor": 0, "share": 0.0}


@pytest.mark.parametrize("layer", KEEPING)
def test_what_came_too_late_is_posted_when_people_have_said_so(layer):
    today, asked = run(layer, LATE), run(f"{layer}:late_posting=ask", LATE)
    late = [row for row in asked.simulation.trace.rows("notes") if row[2] == "posted_late"]
    assert late and len(late) == len([row for row in today.simulation.trace.rows("notes") if row[2] == "posted_late"])
    cases = [case for case in asked.simulation.surroundings.desk.cases if case.reason == "period_closed"]
    assert len(cases) == len({row[4] for row in late})
    assert {case.done_us <= at_us for case, (at_us, *_) in zip(cases, sorted(late), strict=True)} == {True}
    assert asked.audit.by_kind == today.audit.by_kind, "late, and not lost"
    assert not any(case.reason == "period_closed" for case in today.simulation.surroundings.desk.cases)


@pytest.mark.parametrize("layer", KEEPING)
def test_nothing_is_lost_or_worked_on_twice_over_crashes(layer):
    quiet, crashed = run(layer), run(layer, CRASHES)
    assert crashed.audit.open == ()
    assert crashed.simulation.host.effects is None and "crash" in {fault.kind for fault in crashed.simulation.faults}
    quiet_cases, cases = (
        sorted((case.reason, case.subject) for case in done.simulation.surroundings.desk.cases)
        for done in (quiet, crashed)
    )
    assert len(cases) <= len(quiet_cases) * 1.1, "what a crash holds up may need its own case; nothing is doubled"
    assert set(cases) == set(quiet_cases)


def test_nobody_knows_of_what_point_to_point_drops_so_that_it_has_to_be_adjusted():
    done = run("point-to-point")
    assert done.document["metrics"]["manual_touches"] == 0
    assert done.document["metrics"]["dead_letters"]["dropped"] > 0
    assert done.audit.by_cause.keys() == set(SYSTEM_OF), "every break is what a system refused"
    adjusted = done.document["metrics"]["manual_adjustments"]
    assert adjusted["count"] == len(done.closed.entries) > 0
    assert unexplained(done.expected, done.simulation.company.erp.ledger.entries, ()) == {}


def test_a_layer_that_drops_what_is_refused_leaves_people_nothing_to_do():
    done = run("process-orchestration:dead_letters=off")
    assert done.document["metrics"]["manual_touches"] == 0
    assert done.audit.by_cause.keys() >= set(SYSTEM_OF), "beside what the layer takes back for it"


def test_every_layer_meets_the_same_exceptions():
    gaps = {layer: run(layer).simulation.truth.gaps for layer in ("point-to-point", *KEEPING)}
    assert len(set(gaps.values())) == 1
    assert len({run(layer).document["business_digest"] for layer in gaps}) == 1


def test_more_people_are_done_sooner():
    def age_s(persons):
        scenario = loads(FIVE, "five")
        team = scenario.finance_team.model_copy(update={"persons": persons})
        done = replicate(scenario.model_copy(update={"finance_team": team}), "event-driven", 0)
        return done.document["metrics"]["dead_letters"]["age"]["mean_s"]

    assert age_s(4) < age_s(1)


def test_an_item_is_reported_as_it_is_refused_and_lies_in_its_queue_until_it_has_arrived():
    done = run("event-driven")
    desk, log = done.simulation.surroundings.desk, done.simulation.surroundings.work_log
    stays = {(stay.event.id, stay.target): stay for stay in log.of("dead_letters")}
    reported = [(case, ticket) for case in desk.cases for ticket in case.tickets]
    assert {(ticket.event.id, ticket.target) for _, ticket in reported} == stays.keys()
    for case, ticket in reported:
        stay = stays[ticket.event.id, ticket.target]
        assert case.reported_us <= case.taken_up_us < case.done_us < stay.until_us
        assert stay.since_us >= case.reported_us or ticket.tries > 1


def test_the_same_seed_gives_the_same_document():
    scenario = loads(FIVE, "five")
    one, other = (replicate(scenario, "event-driven", 3).document for _ in range(2))
    assert {**one, "wall_s": 0} == {**other, "wall_s": 0}


def test_without_exceptions_people_have_nothing_to_do():
    scenario = loads(FIVE, "five")
    business = scenario.business.model_copy(update={"exceptions": type(scenario.business.exceptions)()})
    done = replicate(scenario.model_copy(update={"business": business}), "event-driven", 0)
    assert done.document["metrics"]["manual_touches"] == 0
    assert done.document["metrics"]["dead_letters"]["in"] == 0


@pytest.mark.parametrize("layer", [*KEEPING, "canonical-hub"])
@pytest.mark.parametrize(
    "fault",
    [
        "{kind: poison, system: billing, share: 0.5}",
        "{kind: schema_change, system: billing, from: 2026-01-05, edit: 1 h}",
        "{kind: schema_change, system: crm, from: 2026-01-05, edit: 1 h}",
    ],
)
def test_people_look_up_in_its_source_what_the_event_itself_does_not_say(layer, fault):
    done = run(layer, f"\n  - {fault}\n")
    assert set(SYSTEM_OF) <= refused(done)
    assert done.document["metrics"]["manual_touches"] > 20
    assert not any(one.kind == "duplicate" for one in done.audit.breaks)
