"""Managed batch keeps its promise: complete by control totals, late by half an interval, at few calls, crash or not."""

from collections import Counter
from datetime import date

import numpy as np
import pytest

from fakes.erp import Erp
from fakes.service import Refused
from harness.blocks.retry import RETRY_SPAN_US
from harness.blocks.timetable import next_time_us
from harness.lags import NOT_YET_US, business_events
from harness.patterns import managed_batch
from harness.replication import replicate
from scenarios.load import load, loads
from sim.durations import DAY, HOUR, MINUTE, SECOND
from tests.fakes.samples import CALENDAR, at

BUSINESS = """
name: batches
calendar: {quarter_start: 2026-03-01, months: 1, lead_in: 3 d}
business: {contracts: 40, active_share: 1, profile: flat, amendments: {per_contract_year: 6}}
"""

STOPS = [f"{{kind: partial_load, system: {system}, share: 0.4}}" for system in ("billing", "erp", "revenue")]
LOST = [f"{{kind: lost_response, system: {system}, share: 0.2}}" for system in ("billing", "erp", "revenue")]
REFUSED = "{kind: outage, system: erp, from: 2026-03-01 05:00, for: 40 h}"
LATE = "systems: {crm: {change_lag: {mean: 20 min}}, billing: {change_lag: {mean: 20 min}}}"


def run(options="", *faults, more="", seed=0):
    text = f"{BUSINESS}{more}\nfaults: [{', '.join(faults)}]\n"
    return replicate(loads(text, "batches"), f"managed-batch{options and ':'}{options}", seed)


def flaws(replication):
    """How many records are doubled, missing, and broken."""
    document = replication.document
    return (
        sum(document["duplicates"].values()),
        sum(document["missing"].values()),
        document["breaks"]["open_at_close"],
    )


def noted(replication, what):
    return [row for row in replication.simulation.trace.rows("notes") if row[2] == what]


PERFECT = (0, 0, 0)

# --- completeness ------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", ["", "every=15min,chunk=1", "every=4h,chunk=10000", "journal=off"])
def test_a_month_ties_out_whatever_the_interval_and_the_chunk(options):
    calm = run(options)

    assert flaws(calm) == PERFECT
    assert calm.audit.breaks == ()
    assert calm.simulation.layer.held() == []
    assert calm.document["metrics"]["out_of_balance"] == 0


def test_a_nightly_batch_is_complete_and_late_for_some_of_the_close():
    nightly = run("every=24h")

    assert flaws(nightly)[:2] == (0, 0)
    assert nightly.document["breaks"]["by_kind"].keys() == {"wrong_period"}


@pytest.mark.parametrize("seed", range(2))
def test_jobs_that_stop_answers_that_get_lost_and_crashes_leave_nothing_out_and_double_nothing(seed):
    troubled = run("", *STOPS, *LOST, "{kind: crash, every: 3 h, down: 2 min}", seed=seed)

    assert flaws(troubled) == PERFECT
    assert all(fault["hits"] > 0 for fault in troubled.document["faults"])


def test_each_effect_of_it_can_be_its_last():
    few = "every=4h", "{kind: crash, after_effect: NUMBER, down: 5 min}"
    counted = run(few[0], few[1].replace("NUMBER", "1000000")).simulation.host.effects
    assert {what.partition(" ")[0] for what in counted.log} == {"call", "commit", "write"}
    busy = next(place for place, what in enumerate(counted.log) if what.startswith("commit of erp"))
    for number in [busy, busy + 1, *range(busy + 2, counted.count, counted.count // 9)]:
        killed = run(few[0], few[1].replace("NUMBER", str(number)))
        assert flaws(killed) == PERFECT, counted.log[number - 1]


def test_what_a_job_leaves_over_is_loaded_by_its_row_results_before_the_watermark_moves():
    stopped = run("", *STOPS)
    left_over = {row[4] for row in noted(stopped, "unprocessed")}

    assert left_over
    assert flaws(stopped) == PERFECT
    assert stopped.document["metrics"]["event_lag"]["max_s"] < 2 * HOUR / SECOND


def test_though_every_job_of_several_rows_stops_part_way_a_batch_gets_to_its_end():
    stopped = run("", *[stop.replace("0.4", "1") for stop in STOPS])

    assert flaws(stopped) == PERFECT
    assert stopped.simulation.layer.held() == []


def test_without_control_totals_a_job_is_taken_at_its_word_and_rows_are_lost():
    careless = run("control_totals=off", *STOPS)

    assert flaws(careless)[1] > 0
    assert careless.document["breaks"]["by_cause"].keys() == {"partial_load"}
    assert {row[4] for row in noted(careless, "taken_for_done")} <= {
        key for *_, what, _, key in careless.simulation.trace.rows("notes") if what in {"unprocessed", "taken_for_done"}
    }
    assert flaws(run("control_totals=off")) == PERFECT


def test_without_row_keys_a_lost_answer_doubles_rows_and_the_control_totals_say_so():
    doubled = run("idempotency=none", *LOST)

    assert flaws(doubled)[0] > 0 and flaws(doubled)[1] == 0
    assert doubled.document["metrics"]["out_of_balance"] == len(noted(doubled, "out_of_balance")) > 0
    unknown = run("idempotency=none,control_totals=off", *LOST)
    assert flaws(unknown)[0] > 0
    assert unknown.document["metrics"]["out_of_balance"] == 0


def test_a_target_that_is_down_for_longer_than_a_call_is_tried_holds_up_its_batch_and_loses_nothing():
    held_up = run("", REFUSED)

    assert flaws(held_up) == PERFECT
    assert RETRY_SPAN_US / SECOND < held_up.document["metrics"]["event_lag"]["max_s"] < 43 * HOUR / SECOND


def test_a_bad_row_waits_in_the_work_queue_and_holds_up_no_other(monkeypatch):
    """ERP refuses one document for two days: it is loaded in the end, and the others of its batch when they came."""
    post, refused_us = Erp._post_document, []

    def refusing(self, request, now_us):
        if request.document == first and now_us < refused_us[0] + 2 * DAY if refused_us else request.document == first:
            refused_us.append(now_us)
            raise Refused(422, "locked")
        return post(self, request, now_us)

    calm = run()
    first, *others = (item.document for item in calm.books.open_items if item.posted_us > 5 * DAY)
    monkeypatch.setattr(Erp, "_post_document", refusing)
    found = run()
    posted_us = {item.document: item.posted_us for item in found.books.open_items}

    assert flaws(found) == PERFECT
    assert len(refused_us) > 40  # taken along by each batch
    queue = found.document["metrics"]["work_queue"]
    assert (queue["in"], queue["open"]) == (1, 0)
    assert 2 * DAY < posted_us[first] - refused_us[0] < 2 * DAY + 2 * HOUR
    on_time_us = {item.document: item.posted_us for item in calm.books.open_items}
    assert all(abs(on_time_us[document] - posted_us[document]) < MINUTE for document in others)
    assert others and found.document["metrics"]["out_of_balance"] == 0


def test_a_rejected_row_can_be_told_to_be_in_the_next_batch(monkeypatch):
    """Parked for ever, it is loaded all the same by the first job after somebody has said so."""
    post = Erp._post_document

    def refusing(self, request, now_us):
        if request.document == first and now_us < 10 * DAY:
            raise Refused(422, "locked")
        return post(self, request, now_us)

    calm = run()
    (first, *_) = (item.document for item in calm.books.open_items if item.posted_us > 5 * DAY)
    monkeypatch.setattr(Erp, "_post_document", refusing)
    monkeypatch.setattr(managed_batch, "PARKED_US", (100 * DAY,))
    kept, replayed = run(), run(more="replays: [{at: 2026-03-20 12:00}]")
    twelve_us = replayed.simulation.calendar.instant_us(date(2026, 3, 20).toordinal(), 12 * 60)
    (posted_us,) = (item.posted_us for item in replayed.books.open_items if item.document == first)

    assert kept.document["missing"]["invoices"] + kept.document["missing"]["journal_entries"] > 0
    assert twelve_us < posted_us < twelve_us + HOUR
    assert flaws(replayed)[1] == 0


def test_a_bad_row_that_nobody_keeps_is_dropped_and_said_to_be(monkeypatch):
    post = Erp._post_document

    def refusing(self, request, now_us):
        if request.document == first:
            raise Refused(422, "locked")
        return post(self, request, now_us)

    first = run().books.open_items[0].document
    monkeypatch.setattr(Erp, "_post_document", refusing)
    dropped = run("dead_letters=off")

    assert [row[4] for row in noted(dropped, "dropped")] == [first]
    assert dropped.document["missing"]["invoices"] + dropped.document["missing"]["journal_entries"] > 0


# --- late commits ------------------------------------------------------------------------------------


def test_what_commits_behind_the_watermark_is_lost_without_a_lookback_and_its_cause_is_known():
    lost, found = run("lookback=none", more=LATE), run("lookback=2h", more=LATE)

    assert flaws(lost)[1] > 0
    assert lost.document["breaks"]["by_cause"].keys() == {"late_commit"}
    assert flaws(found) == PERFECT


def test_a_clock_that_is_behind_hides_changes_from_a_reader_without_lookback():
    behind = "{kind: clock_skew, system: crm, by: -20 min, from: 2026-03-10, for: 5 d}"

    assert flaws(run("lookback=none", behind))[1] > 0
    assert flaws(run("lookback=30min", behind)) == PERFECT


def test_a_watermark_in_memory_is_lost_in_a_crash_with_what_lies_before_it():
    forgetful = run("journal=off", "{kind: crash, every: 6 h, down: 10 min}")

    assert flaws(forgetful)[1] > 0
    assert "crash" in forgetful.document["breaks"]["by_cause"]


# --- lateness and cost -------------------------------------------------------------------------------


@pytest.mark.parametrize(("every", "interval_us"), [("1h", HOUR), ("4h", 4 * HOUR)])
def test_what_happens_at_any_time_is_late_by_half_an_interval_and_never_by_much_more_than_one(every, interval_us):
    found = replicate(load("calm-month"), f"managed-batch:every={every}", 0)
    from_us = found.simulation.calendar.quarter_start_us
    lags = [
        instants - events.committed_us
        for events in (each.since(from_us) for each in business_events(found.simulation.company))
        if events.subject in {"account", "contract", "amendment"}
        for instants in events.reflected_us.values()
        if (instants < NOT_YET_US).all()
    ]
    lags_us = np.concatenate(lags)

    assert abs(lags_us.mean() - interval_us / 2) < 0.05 * interval_us
    assert 0.9 * interval_us < np.percentile(lags_us, 95) < interval_us + MINUTE
    assert lags_us.max() < interval_us + MINUTE


def test_the_larger_the_chunk_the_fewer_the_calls():
    calls = {chunk: Counter() for chunk in ("1", "50", "10000")}
    for chunk, counts in calls.items():
        for call in run(f"every=4h,chunk={chunk}").document["calls"]:
            counts[call["operation"]] += call["count"]

    loads = [counts["bulk_load"] for counts in calls.values()]
    assert loads[0] > 2 * loads[1] >= 2 * loads[2]
    assert len({counts["list_changes"] for counts in calls.values()}) == 1


def test_jobs_run_at_fixed_local_times_also_where_the_clocks_change():
    assert next_time_us(CALENDAR, at("2026-01-05", "09:29"), 60) == at("2026-01-05", "09:30")
    assert next_time_us(CALENDAR, at("2026-01-05", "09:30"), 60) == at("2026-01-05", "10:30")
    assert next_time_us(CALENDAR, at("2026-01-05", "23:45"), 60) == at("2026-01-06", "00:30")
    assert next_time_us(CALENDAR, at("2026-01-05", "13:00"), 1440) == at("2026-01-06", "12:00")
    assert next_time_us(CALENDAR, at("2026-03-08", "01:30"), 60) == at("2026-03-08", "01:30") + HOUR
    assert next_time_us(CALENDAR, at("2026-03-07", "13:00"), 1440) == at("2026-03-07", "12:00") + DAY - HOUR
