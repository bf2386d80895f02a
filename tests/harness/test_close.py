"""The close: steps in office hours, one adjusting entry for each break and period, and then books that tie out."""

from collections import Counter
from datetime import timedelta
from functools import lru_cache

import pytest

from fakes.erp import CLOSE_CLEARING
from harness.audit.reconciliation import unexplained
from harness.close import RECONCILIATIONS, adjustments, close
from harness.replication import replicate
from scenarios.compile import staff_of
from scenarios.load import loads
from sim.durations import HOUR, SECOND
from sim.errors import InvariantBroken

TROUBLED = """
name: troubled
title: Lost answers, duplicates and late webhooks make a mess of a month
calendar: {quarter_start: 2026-01-01, months: 2, lead_in: 7 d}
business: {contracts: 60, amendments: {per_contract_year: 3}}
faults:
  - {kind: lost_response, system: erp, share: 0.05}
  - {kind: lost_response, system: billing, share: 0.05}
  - {kind: lost_request, system: erp, share: 0.2}
  - {kind: late_delivery, system: billing, from: 2026-01-10, for: 15 d, share: 0.2, delay: {low: 20 d, high: 25 d}}
"""


@lru_cache(maxsize=8)
def run(layer="point-to-point", more=""):
    return replicate(loads(TROUBLED + more, "troubled"), layer, 0)


@lru_cache(maxsize=4)
def clean():
    calm = TROUBLED[: TROUBLED.index("faults:")]
    return replicate(loads(calm, "calm"), "event-driven", 0)


def steps(done):
    return {step.name: step for step in done.closed.steps}


def local(done, at_us):
    return done.closed.calendar.local(at_us)


# --- nothing is off ----------------------------------------------------------------------------------


def test_where_nothing_is_off_the_sign_off_follows_the_scheduled_steps():
    """Locked on Monday at 18:00, reconciled until 20:00, tied out until ten the next morning, signed off at eleven.

    That is nine days and eleven hours after the quarter, of which summer time takes one.
    """
    done = clean()
    assert [step.name for step in done.closed.steps] == [
        "cut-off", *RECONCILIATIONS, "tie-out", "adjusting entries", "sign-off",
    ]  # fmt: skip
    assert done.closed.entries == ()
    ends = [f"{local(done, step.until_us):%a %d %H:%M}" for step in done.closed.steps]
    assert ends == ["Mon 09 18:00", *["Mon 09 20:00"] * 3, *["Tue 10 10:00"] * 2, "Tue 10 11:00"]
    assert done.document["metrics"]["close_cycle"] == {"business_days": 7, "hours": 226}
    assert all((step.count, step.minor) == (0, 0) for step in done.closed.steps)


def test_the_document_tells_of_the_steps():
    done = clean()
    told = done.document["close"]
    assert told["signed_off_s"] == done.closed.signed_off_us / SECOND == told["steps"][-1]["until_s"]
    assert [step["step"] for step in told["steps"]] == [step.name for step in done.closed.steps]


# --- something is off --------------------------------------------------------------------------------


def test_the_ledger_then_says_cell_by_cell_what_was_agreed():
    done = run()
    ledger = done.simulation.company.erp.ledger
    still = [one for one in done.audit.breaks if not one.open]
    assert unexplained(done.expected, ledger.entries, done.audit.breaks), "before, it did not"
    assert unexplained(done.expected, ledger.entries, still) == {}
    assert ledger.trial_balance() == 0
    assert ledger.totals[CLOSE_CLEARING] == 0


def test_what_a_break_puts_off_in_a_period_has_one_entry_that_names_it():
    done = run()
    off = done.expected.ledger()
    for entry in done.books.journal:
        if entry.posted_us > 0:
            for account, subject, minor in entry.postings:
                cell = (account, subject, entry.period)
                off[cell] = off.get(cell, 0) - minor
    off = {cell: minor for cell, minor in off.items() if minor}
    breaks = {f"{one.kind} {one.key}": one for one in done.audit.open}
    adjusted = {}
    for entry in done.closed.entries:
        cells = [cell for cell, _ in breaks[entry.reference].effects]
        for account, subject, minor in entry.postings:
            if account != CLOSE_CLEARING:
                cell = (account, subject, entry.period)
                assert cell in cells and cell not in adjusted
                adjusted[cell] = minor
    assert adjusted == off
    assert len({(entry.reference, entry.period) for entry in done.closed.entries}) == len(done.closed.entries) > 10


def test_the_other_sides_come_to_nothing_in_every_period():
    clearing = Counter()
    for entry in run().closed.entries:
        assert entry.source == "manual" and sum(minor for _, _, minor in entry.postings) == 0
        clearing[entry.period] += sum(minor for account, _, minor in entry.postings if account == CLOSE_CLEARING)
    assert set(clearing.values()) == {0}


def test_the_breaks_of_the_document_are_those_before_the_adjusting_entries():
    done = run()
    assert done.document["breaks"]["open_at_close"] == len(done.audit.open) == steps(done)["tie-out"].count > 0
    assert done.document["metrics"]["unexplained"] == 0
    assert not any(entry.source == "manual" for entry in done.books.journal)


def test_what_reconciliations_find_is_what_the_audit_finds_of_their_records():
    done = run()
    found = Counter(one.record for one in done.audit.open)
    assert steps(done)["receivables to control account"].count == 0
    assert steps(done)["billing to receivables"].count == found["open_item"] > 0
    assert steps(done)["revenue to ledger"].count == found["journal_entry"] > 0


def test_adjusting_entries_are_counted_priced_and_set_against_all_lines():
    done = run()
    ours = done.closed.entries
    our_lines = sum(len(entry.postings) for entry in ours)
    lines = sum(len(entry.postings) for entry in done.books.journal if entry.posted_us > 0)
    assert done.document["metrics"]["manual_adjustments"] == {
        "count": len(ours),
        "amount_minor": sum(max(0, minor) for entry in ours for _, _, minor in entry.postings),
        "share": our_lines / (lines + our_lines),
    }


def test_adjusting_takes_people_time_in_office_hours():
    done = run()
    adjusting, sign_off = steps(done)["adjusting entries"], steps(done)["sign-off"]
    assert adjusting.until_us == max(entry.posted_us for entry in done.closed.entries) <= sign_off.from_us
    for entry in done.closed.entries:
        at = local(done, entry.posted_us)
        assert at.weekday() < 5 and 8 <= (at - timedelta(microseconds=1)).hour < 20
    assert done.document["metrics"]["close_cycle"]["hours"] > clean().document["metrics"]["close_cycle"]["hours"]


def test_more_people_close_sooner_and_post_the_same():
    few, many = (run(more=f"finance_team: {{persons: {persons}}}\n") for persons in (1, 20))
    assert few.closed.signed_off_us > many.closed.signed_off_us
    postings = [sorted(entry.postings for entry in done.closed.entries) for done in (few, many)]
    assert postings[0] == postings[1]


def test_one_person_spends_the_working_time_of_all_entries():
    """Of 15 minutes each: what is a multiple of the day is what the office hours leave of it."""
    done = run(more="finance_team: {persons: 1}\nclose: {adjustment: {fixed: 15 min}}\n")
    adjusting, count = steps(done)["adjusting entries"], len(done.closed.entries)
    hours = staff_of(loads(TROUBLED, "troubled")).hours
    assert adjusting.until_us == hours.done_us(adjusting.from_us, count * HOUR // 4)


# --- the law -----------------------------------------------------------------------------------------


def test_a_break_that_the_audit_did_not_see_is_caught_when_the_books_are_signed_off():
    scenario = loads(TROUBLED, "troubled")
    done = replicate(scenario, "point-to-point", 0)
    erp, period = done.simulation.company.erp, done.closed.entries[0].period
    erp.adjust("nothing", [("1100 accounts receivable", "A-1", 100)], period, "USD", done.closed.signed_off_us)
    with pytest.raises(InvariantBroken, match=r"ledger is off by"):
        close(
            calendar=done.closed.calendar, erps={"": erp}, expected=done.expected, found=done.audit,
            staff=staff_of(scenario), work=scenario.close, seed=0,
        )  # fmt: skip


def test_two_breaks_that_make_up_for_each_other_in_a_cell_need_no_entry_there():
    done = run()
    due = {
        (account, subject, one.period): minor
        for one in adjustments(done.audit)
        for account, subject, minor in one.lines
    }
    sums = Counter()
    for one in done.audit.open:
        sums.update(dict(one.effects))
    assert due == {cell: -minor for cell, minor in sums.items() if minor}
