"""One thing wrong with what was delivered, in otherwise perfect books: just what follows from it is found."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from fakes.agreements import Fulfilment
from fakes.records import Project, Rendered
from harness.audit import audit
from harness.oracle.ledger import CONTRACT_LIABILITY, RECEIVABLES, revenue_account
from sim.durations import HOUR, MINUTE, SECOND
from tests.harness.audit.ideal import Tampering, books_of
from tests.harness.oracle.agreed import FEBRUARY, JANUARY, MARCH, at, contract, day, truth
from tests.harness.oracle.delivered import (
    delivered_truths,
    done,
    hours,
    milestone,
    policies_of_setup,
    promising,
    services,
    setup,
    usage,
)

SEATS = promising(
    contract(start="2026-01-05"), setup(24_000, 30_000, "2026-01-05", "2026-03-06"), usage(2, included=100)
)
"""10 seats at 10.00 a month for a year, billed at its start, with set-up for 240.00 and usage at 0.02 a unit."""

WORK = services(
    milestone(50_000), milestone(70_000, number=2), key="S-1", account="A-2", start="2026-01-12",
)  # fmt: skip
FIXED = services(
    hours(100_000, 200), hours(20_000, 50, version=2, ssp_minor=0), key="S-2", account="A-3", start="2026-01-12",
    changes=["2026-03-10"],
)  # fmt: skip
OPENING = services(usage(18_000, product="consulting"), key="O-1", account="A-4", start="2025-11-03")

JANUARYS, FEBRUARYS = (
    done("usage", last, units, key=f"U-{number}", since=first, metered=True)
    for number, first, last, units in ((1, "2026-01-05", "2026-01-31", 2_600), (2, "2026-02-01", "2026-02-28", 90))
)
ACCEPTED = done("milestone 1", "2026-02-17", 1, key="F-1", contract="S-1", accepted=True)
WORKED = done("delivery", "2026-02-27", 50, key="F-2", contract="S-2")
WEEK = done("consulting", "2026-01-16", 40, key="F-3", contract="O-1", since="2026-01-12")
LONG_AGO = done("consulting", "2025-11-07", 10, key="F-0", contract="O-1", since="2025-11-03")

STORY = truth(
    SEATS, WORK, FIXED, opening=[OPENING],
    rendered=[
        (at("2026-02-01", 3), JANUARYS), (at("2026-03-01", 3), FEBRUARYS), (at("2026-02-17", 15), ACCEPTED),
        (at("2026-02-27", 16), WORKED), (at("2026-01-16", 16), WEEK), (-1, LONG_AGO),
    ],
)  # fmt: skip
EXPECTED, BOOKS = books_of(STORY)


@pytest.fixture
def books():
    return Tampering(BOOKS)


def told(tampering, **options):
    """Every break as (kind, system, record, key, amount, cause); the books are explained to the cent."""
    found = audit(EXPECTED, tampering.books, **options)
    assert found.unexplained == {}
    return [(one.kind, one.system, one.record, one.key, one.amount_minor, one.cause) for one in found.breaks]


def ledger(tampering):
    """What all breaks together put off, by account: debits positive."""
    sums = {}
    for one in audit(EXPECTED, tampering.books).breaks:
        for (account, _, _), minor in one.effects:
            sums[account] = sums.get(account, 0) + minor
    return {account: minor for account, minor in sums.items() if minor}


def hit(kind, where, key, us=SECOND):
    return (us, f"{kind} of {where.partition('.')[0]}", kind, where, key)


def test_perfect_books_have_no_breaks():
    found = audit(EXPECTED, BOOKS)

    assert found.breaks == ()
    assert found.unexplained == {}
    assert {one.key for one in BOOKS.revenue_rendered} == {"U-1", "U-2", "F-1", "F-2", "F-3"}
    assert {one.key for one in BOOKS.billing_rendered} == {"F-1", "F-2", "F-3"}


@settings(max_examples=100)
@given(delivered_truths(), policies_of_setup())
def test_perfect_books_of_any_such_business_have_no_breaks(agreed, policies):
    expected, books = books_of(agreed, policies=policies)
    found = audit(expected, books)

    assert found.breaks == ()
    assert found.unexplained == {}


# --- notes -------------------------------------------------------------------------------------------


def test_work_that_billing_does_not_know_of(books):
    books.drop("billing_rendered", key="F-1")

    assert told(books) == [("missing_downstream", "billing", "fulfilment", "F-1", 0, "layer")]
    struck = [hit("outage", "projects.milestone_accepted", "F-1")]
    assert told(books, struck=struck) == [("missing_downstream", "billing", "fulfilment", "F-1", 0, "outage")]
    assert audit(EXPECTED, books.books).missing["fulfilments"] == 1


def test_work_that_revenue_does_not_know_of(books):
    books.drop("revenue_rendered", key="F-1")

    struck = [hit("lost_request", "revenue.record_fulfilment", "F-1")]
    assert told(books, struck=struck) == [("missing_downstream", "revenue", "fulfilment", "F-1", 0, "lost_request")]


def test_work_that_nobody_could_note_as_its_contract_was_not_there(books):
    books.drop("billing_rendered", key="F-1")

    for where in ("billing.create_subscription", "crm.sow_signed", "projects.create_project"):
        assert told(books, struck=[hit("outage", where, "S-1")])[0][-1] == "outage"
    assert told(books, struck=[hit("outage", "billing.create_subscription", "S-2")])[0][-1] == "layer"


def test_usage_that_revenue_does_not_know_of(books):
    books.drop("revenue_rendered", key="U-1")

    assert told(books) == [("usage_gap", "revenue", "fulfilment", "U-1", 0, "layer")]
    for where in ("billing.usage_reported", "revenue.record_fulfilment"):
        struck = [hit("poison", where, "U-1")]
        assert told(books, struck=struck) == [("usage_gap", "revenue", "fulfilment", "U-1", 0, "poison")]
    assert told(books, struck=[hit("poison", "projects.time_approved", "U-1")])[0][-1] == "layer"


def test_usage_that_revenue_did_not_earn_either(books):
    """500.00 is what 2,500 units beyond the 100 included cost: all of it is lacking in January."""
    books.drop("revenue_rendered", key="U-1")
    one = books.recognition("C-1", JANUARY)
    amounts = dict(one.amounts)
    assert amounts.pop("usage") == 5_000
    books.rerecognise(one, amounts)

    struck = [hit("outage", "billing.usage_reported", "U-1")]
    assert told(books, struck=struck) == [
        ("usage_gap", "revenue", "fulfilment", "U-1", 0, "outage"),
        ("usage_gap", "revenue", "recognition", "C-1/2026-01", 5_000, "outage"),
    ]
    assert ledger(books) == {revenue_account("usage"): 5_000, CONTRACT_LIABILITY: -5_000}


def test_what_is_on_its_way_is_a_timing_difference(books):
    books.drop("revenue_rendered", key="U-2")
    now_us = EXPECTED.rendered_us["U-2"] + 10 * MINUTE

    assert told(books, at_us=now_us, queued=[("usage->revenue", "U-2", 1)], sla_us=HOUR) == [
        ("timing_difference", "revenue", "fulfilment", "U-2", 0, "layer")
    ]
    assert told(books, at_us=now_us + HOUR, queued=[("usage->revenue", "U-2", 1)])[0][0] == "usage_gap"


@pytest.mark.parametrize(("records", "system", "key", "source"), [
    ("billing_rendered", "billing", "F-1", "projects.milestone_accepted"),
    ("revenue_rendered", "revenue", "F-2", "projects.time_approved"),
    ("revenue_rendered", "revenue", "U-1", "billing.usage_reported"),
])  # fmt: skip
def test_a_note_that_was_taken_twice(books, records, system, key, source):
    books.repeat(records, {"id": "FUL-again"}, key=key)

    struck = [hit("duplicate_delivery", source, key)]
    assert told(books, struck=struck) == [("duplicate", system, "fulfilment", key, 0, "duplicate_delivery")]
    assert told(books) == [("duplicate", system, "fulfilment", key, 0, "layer")]
    assert audit(EXPECTED, books.books).duplicates["fulfilments"] == 1


def test_a_note_of_what_was_there_before_the_run(books):
    books.add("billing_rendered", Rendered("FUL-again", LONG_AGO, at("2026-01-10")))

    assert told(books) == [("duplicate", "billing", "fulfilment", "F-0", 0, "layer")]


def test_usage_is_billings_own_and_not_noted_there_by_anybody(books):
    books.add("billing_rendered", Rendered("FUL-again", JANUARYS, at("2026-02-10")))

    assert told(books) == [("duplicate", "billing", "fulfilment", "U-1", 0, "layer")]


def test_a_note_of_what_nobody_delivered(books):
    invented = Fulfilment("F-9", "S-1", "milestone 2", day("2026-02-20"), day("2026-02-20"), 1, accepted=True)
    books.add("revenue_rendered", Rendered("FUL-9", invented, at("2026-02-20")))

    assert told(books) == [("missing_upstream", "revenue", "fulfilment", "F-9", 0, "layer")]


def test_a_note_of_other_units(books):
    wrong = replace(WORKED, units=60)
    books.change("billing_rendered", {"fulfilment": wrong}, key="F-2")

    [found] = audit(EXPECTED, books.books).breaks
    assert (found.kind, found.key, found.expected, found.actual) == ("amount_mismatch", "F-2", 50, 60)


# --- projects ----------------------------------------------------------------------------------------


def test_a_contract_for_services_without_a_project(books):
    books.drop("projects", contract="S-1")

    struck = [hit("outage", "projects.create_project", "S-1")]
    assert told(books, struck=struck) == [("missing_downstream", "projects", "project", "S-1", 120_000, "outage")]
    assert audit(EXPECTED, books.books).missing["projects"] == 1


def test_a_contract_with_two_projects(books):
    books.repeat("projects", {"id": "PRJ-again", "created_us": at("2026-02-01")}, contract="S-1")

    struck = [hit("lost_response", "projects.create_project", "S-1")]
    assert told(books, struck=struck) == [("duplicate", "projects", "project", "S-1", 120_000, "lost_response")]


def test_a_project_at_the_state_before_its_change_order(books):
    before = replace(FIXED, versions=FIXED.versions[:1], deliverables=FIXED.deliverables[:1])
    books.change("projects", {"state": before}, contract="S-2")

    assert told(books) == [("stale_amendment", "projects", "project", "S-2", 20_000, "layer")]


def test_a_subscription_needs_no_project_and_may_not_have_two(books):
    books.add("projects", Project("PRJ-9", SEATS, at("2026-01-05"), {1: at("2026-01-05")}))
    assert told(books) == []
    books.add("projects", Project("PRJ-8", replace(SEATS, key="C-9"), at("2026-01-05"), {1: at("2026-01-05")}))
    assert [found[:4] for found in told(books)] == [("missing_upstream", "projects", "project", "C-9")]


# --- charges -----------------------------------------------------------------------------------------


def test_a_milestone_that_was_not_invoiced(books):
    books.unissue(books.invoice("S-1", 1, "F-1"))

    struck = [hit("lost_request", "billing.record_fulfilment", "F-1")]
    assert told(books, struck=struck) == [
        ("missing_downstream", "billing", "invoice", "S-1/v1/F-1", 50_000, "lost_request")
    ]
    assert ledger(books) == {RECEIVABLES: -50_000, CONTRACT_LIABILITY: 50_000}


def test_a_milestone_that_was_invoiced_twice_as_it_was_noted_twice(books):
    books.repeat("billing_rendered", {"id": "FUL-again"}, key="F-1")
    again = books.issue_again(books.invoice("S-1", 1, "F-1"))

    struck = [hit("duplicate_delivery", "projects.milestone_accepted", "F-1")]
    assert told(books, struck=struck) == [
        ("duplicate", "billing", "fulfilment", "F-1", 0, "duplicate_delivery"),
        ("duplicate", "billing", "invoice", again.id, 50_000, "duplicate_delivery"),
    ]


def test_usage_that_was_not_invoiced_is_for_want_of_its_contract(books):
    books.unissue(books.invoice("C-1", 1, "U-1"))

    struck = [hit("outage", "billing.create_subscription", "C-1")]
    assert told(books, struck=struck) == [("missing_downstream", "billing", "invoice", "C-1/v1/U-1", 5_000, "outage")]


def test_set_up_that_was_invoiced_in_another_month(books):
    invoice = books.invoice("C-1", 1, "setup")
    [charge] = [line for line in invoice.lines if line.period == "setup"]
    books.reissue(invoice, lines=tuple(line for line in invoice.lines if line is not charge))
    late = replace(invoice, id="INV-late", day=invoice.day + 31, lines=(charge,), total_minor=charge.minor)
    books.issue(late)

    assert told(books) == [("wrong_period", "billing", "invoice", "INV-late", 24_000, "layer")]
    assert ledger(books) == {}


def test_set_up_that_was_not_invoiced(books):
    invoice = books.invoice("C-1", 1, "setup")
    books.reissue(invoice, lines=tuple(line for line in invoice.lines if line.period != "setup"))

    assert told(books) == [("amount_mismatch", "billing", "invoice", "C-1/v1/setup", 24_000, "layer")]


def test_a_charge_for_what_was_invoiced_before_the_run(books):
    week = books.invoice("O-1", 1, "F-3")
    line = replace(week.lines[0], period="F-0", from_day=LONG_AGO.from_day, to_day=LONG_AGO.day + 1, minor=180_000)
    books.issue(replace(week, id="INV-again", lines=(line,), total_minor=180_000))

    assert told(books) == [("duplicate", "billing", "invoice", "INV-again", 180_000, "layer")]


def test_a_charge_for_what_nobody_delivered(books):
    invoice = books.invoice("S-1", 1, "F-1")
    invented = replace(invoice.lines[0], period="F-9")
    books.issue(replace(invoice, id="INV-9", lines=(invented,)))

    assert told(books) == [("missing_upstream", "billing", "invoice", "INV-9", 50_000, "layer")]


# --- revenue -----------------------------------------------------------------------------------------


def recognised(books, month, minor):
    """Have S-2 recognised so much in a month."""
    one = books.recognition("S-2", month)
    books.rerecognise(one, {"delivery": minor})
    return one


def test_hours_noted_twice_earn_too_much(books):
    # 100 of 200 hours, not 50: 500.00 instead of 250.00.
    books.repeat("revenue_rendered", {"id": "FUL-again"}, key="F-2")
    recognised(books, FEBRUARY, 50_000)

    struck = [hit("duplicate_delivery", "projects.time_approved", "F-2")]
    assert told(books, struck=struck) == [
        ("duplicate", "revenue", "fulfilment", "F-2", 0, "duplicate_delivery"),
        ("amount_mismatch", "revenue", "recognition", "S-2/2026-02", 25_000, "duplicate_delivery"),
    ]


def test_hours_noted_late_are_earned_in_a_later_month(books):
    # 250.00 in February, and in March 10.00 less as more hours are planned: all of it comes in March.
    books.change("revenue_rendered", {"recorded_us": at("2026-03-20")}, key="F-2")
    february = books.recognition("S-2", FEBRUARY)
    assert (february.amounts, books.recognition("S-2", MARCH).amounts) == (
        (("delivery", 25_000),),
        (("delivery", -1_000),),
    )
    books.unrecognise(february)
    recognised(books, MARCH, 24_000)

    struck = [hit("late_delivery", "projects.time_approved", "F-2")]
    assert told(books, struck=struck) == [
        ("wrong_period", "revenue", "recognition", "S-2/2026-02", 25_000, "late_delivery")
    ]


def test_a_change_order_that_revenue_never_heard_of(books):
    # Without it 50 of 200 hours stay earned in March: 10.00 too much of what 50 of 250 are.
    before = replace(FIXED, versions=FIXED.versions[:1], deliverables=FIXED.deliverables[:1])
    allocated = {(1, "delivery"): 100_000}
    books.change("revenue_contracts", {"state": before, "allocated": allocated}, contract="S-2")
    books.unrecognise(books.recognition("S-2", MARCH))

    struck = [hit("outage", "projects.change_order_approved", "S-2")]
    assert told(books, struck=struck) == [
        ("stale_amendment", "revenue", "revenue_contract", "S-2", 20_000, "outage"),
        ("stale_amendment", "revenue", "recognition", "S-2/2026-03", 1_000, "outage"),
    ]


def test_set_up_recognised_by_the_old_rule(books):
    one = books.recognition("C-1", JANUARY)
    amounts = dict(one.amounts)
    amounts["platform"] += amounts.pop("setup")
    books.rerecognise(one, amounts)

    assert [found[:4] for found in told(books)] == [("wrong_allocation", "revenue", "recognition", "C-1/2026-01")]


def test_revenue_of_a_month_before_the_run_is_of_another_month(books):
    one = books.recognition("C-1", JANUARY)
    books.change("recognitions", {"month": JANUARY - 2}, id=one.id)

    recognised = [found for found in told(books) if found[2] == "recognition"]
    assert [(kind, key) for kind, _, _, key, *_ in recognised] == [("wrong_schedule_shape", "C-1/2025-11")]
