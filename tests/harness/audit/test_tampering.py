"""One thing wrong with perfect books: just that break is found, with its key, its amount and its cause."""

import inspect
from dataclasses import fields, replace
from itertools import product
from typing import get_args

import pytest

from fakes.agreements import Contract, PerformanceObligation, Version
from fakes.records import Customer, JournalEntry
from harness.audit import audit
from harness.audit.breaks import Kind
from harness.oracle.ledger import CONTRACT_LIABILITY, RECEIVABLES, revenue_account
from scenarios.truth import Act
from sim.durations import HOUR, MINUTE, SECOND
from tests.harness.audit import test_entities
from tests.harness.audit.ideal import Tampering, amounts_left_raw, books_of
from tests.harness.audit.test_perfect_books import STORY
from tests.harness.oracle.agreed import CALENDAR, FEBRUARY, JANUARY, MARCH, account, at, contract, truth
from tests.harness.oracle.delivered import done, promising, usage

EXPECTED, BOOKS = books_of(STORY)


@pytest.fixture
def books():
    return Tampering(BOOKS)


def told(tampering, expected=EXPECTED, **options):
    """Every break as (kind, system, record, key, amount, cause); the books are explained to the cent."""
    found = audit(expected, tampering.books, **options)
    assert found.unexplained == {}
    assert not any(map(amounts_left_raw, found.breaks))
    return [(one.kind, one.system, one.record, one.key, one.amount_minor, one.cause) for one in found.breaks]


def ledger(tampering, expected=EXPECTED):
    """What all breaks together put off, by account: debits positive."""
    sums = {}
    for one in audit(expected, tampering.books).breaks:
        for (ledger_account, _, _), minor in one.effects:
            sums[ledger_account] = sums.get(ledger_account, 0) + minor
    return {ledger_account: minor for ledger_account, minor in sums.items() if minor}


def hit(kind, where, key, us=SECOND):
    return (us, f"{kind} of {where.partition('.')[0]}", kind, where, key)


def test_every_kind_of_break_is_produced_here(monkeypatch):
    """By the tests here, each run once more."""
    produced, really = set(), audit

    def heard(*given, **options):
        found = really(*given, **options)
        produced.update(one.kind for one in found.breaks)
        return found

    for module in (globals(), vars(test_entities)):
        monkeypatch.setitem(module, "audit", heard)
        for test in [each for name, each in module.items() if name.startswith("test_") and callable(each)]:
            needs = inspect.signature(test).parameters.keys()
            for case in cases_of(test) if "monkeypatch" not in needs else ():
                test(**case, **{name: Tampering(BOOKS) for name in needs & {"books"}})

    assert produced == set(get_args(Kind))


def cases_of(test):
    """The arguments of each case of a test, by name."""
    each = []
    for names, values in (mark.args for mark in getattr(test, "pytestmark", ())):
        one = isinstance(names, str)
        each.append([{names: value} if one else dict(zip(names, value, strict=True)) for value in values])
    return [{name: value for part in parts for name, value in part.items()} for parts in product(*each)]


# --- master data -------------------------------------------------------------------------------------


def test_a_customer_that_still_bears_the_name_before_the_last():
    changed = Act(at("2026-02-02"), account=replace(account("A-1"), version=2, name="Other"))
    expected, perfect = books_of(replace(STORY, acts=tuple(sorted((*STORY.acts, changed), key=lambda act: act.at_us))))
    books = Tampering(perfect)
    books.change("erp_customers", {"name": "Company A-1"}, account="A-1")

    struck = [hit("out_of_order", "crm.account_changed", "A-1")]
    assert told(books, expected, struck=struck) == [("stale_master_data", "erp", "customer", "A-1", 0, "out_of_order")]


# --- missing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("records", "system"), [("billing_customers", "billing"), ("erp_customers", "erp")])
def test_an_account_that_is_no_customer(books, records, system):
    books.drop(records, account="A-2")

    assert told(books, struck=[hit("lost_request", f"{system}.create_customer", "A-2")]) == [
        ("missing_downstream", system, "customer", "A-2", 0, "lost_request")
    ]
    assert audit(EXPECTED, books.books).missing["customers"] == 1


@pytest.mark.parametrize(("records", "system", "record"), [
    ("subscriptions", "billing", "subscription"),
    ("orders", "erp", "order"),
    ("revenue_contracts", "revenue", "revenue_contract"),
])  # fmt: skip
def test_a_contract_without_a_copy(books, records, system, record):
    books.drop(records, contract="C-3")
    struck = [
        hit("outage", f"{system}.create", "C-3", 5),
        hit("lost_request", f"{system}.create", "C-3", 9),
        hit("outage", f"{system}.create", "C-1", 10),
    ]

    assert told(books, struck=struck) == [("missing_downstream", system, record, "C-3", 120_000, "lost_request")]
    assert audit(EXPECTED, books.books).missing[f"{record}s"] == 1


def test_an_invoice_that_was_never_issued(books):
    books.unissue(books.invoice("C-3", 1, 0))

    assert told(books) == [("missing_downstream", "billing", "invoice", "C-3/v1/p0", 30_000, "layer")]
    assert ledger(books) == {RECEIVABLES: -30_000, CONTRACT_LIABILITY: 30_000}


def test_an_invoice_of_several_charges_that_was_never_issued_is_one_break(books):
    # The service period from 1 February of O-1: 10 at 10.00, less 6.
    books.unissue(books.invoice("O-1", 2, 4))

    assert told(books) == [("missing_downstream", "billing", "invoice", "O-1/v1/p4", 4_000, "layer")]


def test_an_invoice_that_is_not_posted(books):
    invoice = books.invoice("C-1", 1, 0)
    books.unpost(invoice.id)

    struck = [hit("throttling", "erp.post_document", invoice.id), hit("outage", "erp.create_order", "C-1", 10)]
    assert told(books, struck=struck) == [("missing_downstream", "erp", "open_item", invoice.id, 120_000, "throttling")]
    assert ledger(books) == {RECEIVABLES: -120_000, CONTRACT_LIABILITY: 120_000}
    assert audit(EXPECTED, books.books).missing["journal_entries"] == 1


def test_an_invoice_that_revenue_was_not_told_of(books):
    invoice = books.invoice("C-1", 3, 0)
    books.drop("billed_documents", document=invoice.id)

    assert told(books, struck=[hit("lost_request", "revenue.record_billing", invoice.id)]) == [
        ("missing_downstream", "revenue", "billed_document", invoice.id, 29_688, "lost_request")
    ]
    assert ledger(books) == {}


def test_revenue_that_was_never_recognised(books):
    books.unrecognise(books.recognition("C-1", MARCH))
    planned = sum(EXPECTED.recognised["C-1", MARCH].values())

    assert told(books, struck=[hit("outage", "revenue.modify_contract", "C-1")]) == [
        ("missing_downstream", "revenue", "recognition", "C-1/2026-03", planned, "outage")
    ]


def test_a_versions_revenue_that_was_never_recognised(books):
    # The revenue contract knows of version 3, its March run left it out.
    one = books.recognition("C-1", MARCH)
    without = _without(3, MARCH)
    books.rerecognise(one, without)

    found = told(books)
    assert [kind[:4] for kind in found] == [("missing_downstream", "revenue", "recognition", "C-1/2026-03")]
    assert found[0][4] == sum(without.values()) - one.total_minor


def test_a_recognition_that_is_not_posted(books):
    one = books.recognition("C-1", JANUARY)
    books.drop("journal", reference=one.id)

    assert told(books, struck=[hit("lost_request", "erp.post_journal", one.id)]) == [
        ("missing_downstream", "erp", "journal_entry", one.id, one.total_minor, "lost_request")
    ]
    assert ledger(books) == {
        CONTRACT_LIABILITY: -one.total_minor,
        **{revenue_account(product): minor for product, minor in one.amounts},
    }


def test_what_has_been_missing_within_the_sla_and_is_still_queued_is_a_timing_difference():
    late = CALENDAR.end_us - 30 * MINUTE
    agreed = truth(contract(start="2026-04-01"), contract(key="C-2", signed="2026-04-08", start="2026-05-01"))
    agreed = replace(agreed, acts=(*agreed.acts[:-1], agreed.acts[-1]._replace(at_us=late)))
    expected, perfect = books_of(agreed)
    books = Tampering(perfect)
    books.drop("orders", contract="C-2")

    queued = {("contract->erp", "C-2", 1)}
    assert told(books, expected, queued=queued) == [("timing_difference", "erp", "order", "C-2", 120_000, "layer")]
    found = audit(expected, books.books, queued=queued)
    assert found.open == () and not any(found.missing.values()) and found.amount_minor == 0
    assert found.breaks[0].detail == "C-2 has no order; its event is still queued"
    assert told(books, expected, queued=queued, sla_us=30 * MINUTE)[0][0] == "timing_difference"
    assert told(books, expected, queued=queued, sla_us=30 * MINUTE - 1)[0][0] == "missing_downstream"


@pytest.mark.parametrize("queued", [(), {("contract->billing", "C-2", 1)}, {("contract->erp", "C-3", 1)}])
def test_what_nobody_has_in_hand_any_more_is_missing_at_once(queued):
    late = CALENDAR.end_us - MINUTE
    agreed = truth(contract(start="2026-04-01"), contract(key="C-2", signed="2026-04-08", start="2026-05-01"))
    agreed = replace(agreed, acts=(*agreed.acts[:-1], agreed.acts[-1]._replace(at_us=late)))
    expected, perfect = books_of(agreed)
    books = Tampering(perfect)
    books.drop("orders", contract="C-2")
    assert told(books, expected, queued=queued)[0][0] == "missing_downstream"


@pytest.mark.parametrize(("age_us", "kind"), [(HOUR, "timing_difference"), (HOUR + 1, "missing_downstream")])
def test_a_late_posting_is_a_timing_difference_that_the_ledger_proof_knows_of(books, age_us, kind):
    invoice = books.invoice("C-3", 1, 0)
    books.unpost(invoice.id)

    at_us = invoice.issued_us + age_us
    assert told(books, at_us=at_us, queued={("invoice->erp", invoice.id, 1)}) == [
        (kind, "erp", "open_item", invoice.id, 30_000, "layer")
    ]


def test_a_payment_that_is_not_applied(books):
    invoice = books.invoice("C-3", 1, 0)
    books.pay(invoice, applied=False)  # what else can be wrong with a payment is told in test_payments

    assert told(books) == [("unapplied_cash", "erp", "payment", f"PAY-{invoice.id}", 30_000, "layer")]


# --- too many ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("records", "system", "record"), [
    ("subscriptions", "billing", "subscription"),
    ("orders", "erp", "order"),
    ("revenue_contracts", "revenue", "revenue_contract"),
])  # fmt: skip
def test_a_contract_with_two_copies(books, records, system, record):
    first = books.one(records, contract="C-3")
    books.repeat(records, {"id": "second", "created_us": first.created_us + MINUTE}, contract="C-3")
    struck = [
        hit("duplicate_delivery", "crm.contract_signed", "C-3", first.created_us - 2),
        hit("lost_response", f"{system}.create", "C-3", first.created_us),
        hit("late_delivery", "crm.contract_signed", "C-3", first.created_us + 1),
        hit("lost_response", f"{system}.create", "C-3", first.created_us + HOUR),
    ]

    assert told(books, struck=struck) == [("duplicate", system, record, "C-3", 120_000, "lost_response")]
    assert told(books, struck=struck[:1])[0][-1] == "duplicate_delivery"
    assert told(books, struck=struck[2:3])[0][-1] == "late_delivery"
    assert told(books, struck=struck[3:])[0][-1] == "layer"
    assert audit(EXPECTED, books.books).duplicates[f"{record}s"] == 1


def test_of_two_copies_the_one_with_the_newest_version_counts(books):
    stale = _known(2, books.one("orders", contract="C-1").state)
    books.repeat("orders", {"id": "SO-0", "created_us": 5, "state": stale}, contract="C-1")

    assert [one[:4] for one in told(books)] == [("duplicate", "erp", "order", "C-1")]


@pytest.mark.parametrize(("records", "system"), [("billing_customers", "billing"), ("erp_customers", "erp")])
def test_an_account_that_is_two_customers(books, records, system):
    books.repeat(records, {"id": "second"}, account="A-1")

    assert told(books, struck=[hit("lost_response", f"{system}.create_customer", "A-1", 5)]) == [
        ("duplicate_customer", system, "customer", "A-1", 0, "lost_response")
    ]
    assert audit(EXPECTED, books.books).duplicates["customers"] == 1


def test_an_invoice_issued_twice(books):
    invoice = books.invoice("C-1", 1, 0)
    again = books.issue_again(invoice)

    struck = [hit("lost_response", "billing.create_subscription", "C-1", invoice.issued_us)]
    assert told(books, struck=struck) == [("duplicate", "billing", "invoice", again.id, 120_000, "lost_response")]
    assert ledger(books) == {RECEIVABLES: 120_000, CONTRACT_LIABILITY: -120_000}
    assert audit(EXPECTED, books.books).duplicates["invoices"] == 1


def test_an_invoice_issued_twice_and_credited_in_the_same_month_is_none_too_many(books):
    invoice = books.invoice("C-1", 1, 0)
    again = books.issue_again(invoice)
    lines = tuple(replace(line, minor=-line.minor) for line in again.lines)
    books.issue_again(invoice, "-credit", lines=lines, total_minor=-120_000)

    assert told(books) == []


def test_an_invoice_issued_twice_and_credited_a_month_later_is_in_the_wrong_period(books):
    invoice = books.invoice("C-1", 1, 0)
    again = books.issue_again(invoice)
    lines = tuple(replace(line, minor=-line.minor) for line in again.lines)
    credit = books.issue_again(invoice, "-credit", lines=lines, total_minor=-120_000, day=invoice.day + 31)

    assert told(books) == [("wrong_period", "billing", "invoice", credit.id, 120_000, "layer")]


def test_a_charge_settled_before_the_run_and_billed_again(books):
    invoice = books.invoice("O-1", 1, 3)
    line = replace(invoice.lines[0], period=1)
    again = books.issue_again(invoice, lines=(line,))

    assert told(books) == [("duplicate", "billing", "invoice", again.id, 10_000, "layer")]


def test_a_second_subscription_and_all_it_leads_to(books):
    # C-2 is billed twice over, month by month: a break each, and the postings of those invoices are right.
    books.repeat("subscriptions", {"id": "second"}, contract="C-2")
    again = [
        books.issue_again(one, subscription="second") for one in list(books.books.invoices) if one.contract == "C-2"
    ]

    assert [one[:4] for one in told(books)] == [
        ("duplicate", "billing", "subscription", "C-2"),
        *(("duplicate", "billing", "invoice", one.id) for one in again),
    ]


def test_an_invoice_posted_twice(books):
    invoice = books.invoice("C-1", 1, 0)
    books.post_again(invoice, later_us=2 * SECOND)

    struck = [hit("lost_response", "erp.post_document", invoice.id, invoice.issued_us + SECOND)]
    assert told(books, struck=struck) == [("duplicate", "erp", "open_item", invoice.id, 120_000, "lost_response")]
    assert ledger(books) == {RECEIVABLES: 120_000, CONTRACT_LIABILITY: -120_000}
    assert audit(EXPECTED, books.books).duplicates["journal_entries"] == 1


def test_an_invoice_posted_once_more_under_another_id(books):
    invoice = books.invoice("C-1", 1, 0)
    item, entry = books.one("open_items", document=invoice.id), books.entry(invoice.id)
    books.add("open_items", replace(item, id="AR-x", document="4711", journal_entry="JE-x", day=item.day + 3))
    books.add("journal", replace(entry, id="JE-x", reference="4711"))

    assert told(books) == [("duplicate", "erp", "open_item", "4711", 120_000, "layer")]
    assert ledger(books) == {RECEIVABLES: 120_000, CONTRACT_LIABILITY: -120_000}


def test_an_invoice_told_to_revenue_twice(books):
    invoice = books.invoice("C-3", 1, 0)
    books.repeat("billed_documents", {"id": "BD-x"}, document=invoice.id)

    struck = [hit("duplicate_delivery", "billing.invoice_issued", invoice.id, invoice.issued_us)]
    assert told(books, struck=struck) == [
        ("duplicate", "revenue", "billed_document", invoice.id, 30_000, "duplicate_delivery")
    ]


def test_a_month_recognised_by_two_runs(books):
    one = books.recognition("C-1", JANUARY)
    books.recognise(replace(one, id="REC-x", run=2, run_us=one.run_us + HOUR))

    assert told(books, struck=[hit("duplicate_delivery", "crm.contract_signed", "C-1", one.run_us)]) == [
        ("double_revenue_run", "revenue", "recognition", "REC-x", one.total_minor, "duplicate_delivery")
    ]
    assert ledger(books) == {
        CONTRACT_LIABILITY: one.total_minor,
        **{revenue_account(product): -minor for product, minor in one.amounts},
    }


def test_a_month_recognised_in_two_parts_is_right(books):
    one = books.recognition("C-1", JANUARY)
    part = {product: minor // 3 for product, minor in one.amounts}
    rest = {product: minor - part[product] for product, minor in one.amounts}
    books.rerecognise(one, part)
    books.recognise(replace(one, id="REC-x", run=2, amounts=tuple(rest.items()), total_minor=sum(rest.values())))

    assert told(books) == []


def test_a_month_recognised_twice_by_one_run(books):
    one = books.recognition("C-1", JANUARY)
    books.recognise(replace(one, id="REC-x", run_us=one.run_us + 1))

    assert [found[:4] for found in told(books)] == [("duplicate", "revenue", "recognition", "REC-x")]


def test_a_month_recognised_by_a_second_revenue_contract(books):
    one = books.recognition("O-1", JANUARY)
    books.repeat("revenue_contracts", {"id": "second", "created_us": 99}, contract="O-1")
    amounts = tuple((product, 3 * minor) for product, minor in one.amounts)
    books.recognise(
        replace(one, id="REC-x", revenue_contract="second", amounts=amounts, total_minor=3 * one.total_minor)
    )

    assert [found[:5] for found in told(books)] == [
        ("duplicate", "revenue", "revenue_contract", "O-1", abs(_price("O-1"))),
        ("duplicate", "revenue", "recognition", "REC-x", 3 * one.total_minor),
    ]


def test_a_recognition_posted_twice(books):
    one = books.recognition("C-1", FEBRUARY)
    books.repeat("journal", {"id": "JE-x", "posted_us": one.run_us + HOUR}, reference=one.id)

    assert told(books, struck=[hit("lost_response", "erp.post_journal", one.id, one.run_us + SECOND)]) == [
        ("duplicate", "erp", "journal_entry", one.id, one.total_minor, "lost_response")
    ]


# --- out of nothing ----------------------------------------------------------------------------------


def test_a_customer_of_no_account(books):
    books.add("erp_customers", Customer("CUST-x", "A-9", "Nobody", 5))

    assert told(books) == [("missing_upstream", "erp", "customer", "A-9", 0, "layer")]


def test_a_copy_of_no_contract(books):
    books.repeat("orders", {"id": "SO-x", "state": contract(key="C-9", account="A-1")}, contract="C-3")

    assert told(books) == [("missing_upstream", "erp", "order", "C-9", 120_000, "layer")]


def test_an_invoice_for_no_contract(books):
    invoice = books.issue_again(books.invoice("C-3", 1, 0), contract="C-9")

    assert told(books) == [("missing_upstream", "billing", "invoice", invoice.id, 30_000, "layer")]
    assert ledger(books) == {RECEIVABLES: 30_000, CONTRACT_LIABILITY: -30_000}


def test_an_invoice_for_a_version_that_nobody_agreed(books):
    invoice = books.invoice("C-3", 1, 0)
    again = books.issue_again(invoice, lines=(replace(invoice.lines[0], version=2),))

    assert told(books) == [("missing_upstream", "billing", "invoice", again.id, 30_000, "layer")]


def test_a_credit_memo_in_the_ledger_that_billing_never_issued(books):
    invoice = books.invoice("C-1", 1, 0)
    item, entry = books.one("open_items", document=invoice.id), books.entry(invoice.id)
    credit = tuple((account, subject, -minor) for account, subject, minor in entry.postings)
    books.add("open_items", replace(item, id="AR-x", document="CM-1", total_minor=-120_000, journal_entry="JE-x"))
    books.add("journal", replace(entry, id="JE-x", reference="CM-1", postings=credit))

    assert told(books) == [("missing_upstream", "erp", "open_item", "CM-1", 120_000, "layer")]
    assert ledger(books) == {RECEIVABLES: -120_000, CONTRACT_LIABILITY: 120_000}


def test_a_posting_under_a_wrong_id_is_found_by_its_contract_amount_and_day(books):
    invoice = books.invoice("C-1", 1, 0)
    books.change("open_items", {"document": "4711"}, document=invoice.id)
    books.change("journal", {"reference": "4711"}, reference=invoice.id)

    assert told(books) == [("missing_upstream", "erp", "open_item", "4711", 120_000, "layer")]
    assert ledger(books) == {}


def test_an_invoice_told_to_revenue_that_billing_never_issued(books):
    books.repeat("billed_documents", {"document": "4711"}, document=books.invoice("C-3", 1, 0).id)

    assert told(books) == [("missing_upstream", "revenue", "billed_document", "4711", 30_000, "layer")]


def test_revenue_of_no_contract(books):
    one = books.recognition("C-1", JANUARY)
    books.recognise(replace(one, id="REC-x", contract="C-9"))

    assert told(books) == [("missing_upstream", "revenue", "recognition", "REC-x", one.total_minor, "layer")]


def test_an_entry_for_a_recognition_that_never_was(books):
    one = books.recognition("C-1", JANUARY)
    entry = books.entry(one.id)
    half = _scaled(entry.postings, lambda minor: minor // 2 * 2)
    books.add("journal", replace(entry, id="JE-x", reference="4711", postings=half, period=FEBRUARY))

    assert [found[:4] for found in told(books)] == [("missing_upstream", "erp", "journal_entry", "4711")]


def test_a_recognition_posted_again_under_another_id(books):
    one = books.recognition("C-1", JANUARY)
    books.repeat("journal", {"id": "JE-x", "reference": "4711"}, reference=one.id)

    assert told(books) == [("duplicate", "erp", "journal_entry", "4711", one.total_minor, "layer")]


def test_a_recognition_posted_under_a_wrong_id(books):
    one = books.recognition("C-1", JANUARY)
    books.change("journal", {"reference": "4711"}, reference=one.id)

    assert told(books) == [("missing_upstream", "erp", "journal_entry", "4711", one.total_minor, "layer")]
    assert ledger(books) == {}


@pytest.mark.parametrize(("source", "reference"), [("manual", "fix"), ("receivables", ""), ("opening", "C-1")])
def test_an_entry_with_no_document_behind_it(books, source, reference):
    postings = ((CONTRACT_LIABILITY, "C-1", 500), ("6000 expense", "C-1", -500))
    books.add(
        "journal",
        JournalEntry("JE-x", source, reference, "C-1", "USD", MARCH, 0, at("2026-03-31"), postings),
    )

    assert told(books, struck=[hit("lost_response", "erp.post_journal", "fix", 5)]) == [
        ("gl_only_entry", "erp", "journal_entry", "JE-x", 500, "layer")
    ]
    assert ledger(books) == {CONTRACT_LIABILITY: 500, "6000 expense": -500}


# --- behind ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("records", "system", "record"), [
    ("subscriptions", "billing", "subscription"), ("orders", "erp", "order"),
])  # fmt: skip
def test_a_copy_that_missed_an_amendment(books, records, system, record):
    copy = books.one(records, contract="C-1")
    books.change(records, {"state": _known(2, copy.state)}, contract="C-1")

    struck = [hit("late_delivery", "crm.contract_amended", "C-1", at("2026-03-10"))]
    assert told(books, struck=struck) == [("stale_amendment", system, record, "C-1", 29_688, "late_delivery")]
    detail = audit(EXPECTED, books.books).breaks[0].detail
    assert detail == f"{record} {copy.id} of C-1 is at version 2, the contract at 3, though it had version 3 once"


def test_a_revenue_contract_that_missed_an_amendment(books):
    copy = books.one("revenue_contracts", contract="C-1")
    allocated = {charge: minor for charge, minor in copy.allocated.items() if charge[0] < 3}
    books.change("revenue_contracts", {"state": _known(2, copy.state), "allocated": allocated}, contract="C-1")
    without = _without(3, MARCH)
    off = sum(without.values()) - books.recognition("C-1", MARCH).total_minor
    books.rerecognise(books.recognition("C-1", MARCH), without)

    assert told(books) == [
        ("stale_amendment", "revenue", "revenue_contract", "C-1", 29_688, "layer"),
        ("stale_amendment", "revenue", "recognition", "C-1/2026-03", off, "layer"),
    ]


def test_an_amendment_that_billing_and_revenue_ignored(books):
    # Too little receivable, too little liability, too little revenue (a credit: positive here).
    for records in ("subscriptions", "orders", "revenue_contracts"):
        copy = books.one(records, contract="C-1")
        changes = {"state": _known(2, copy.state)}
        if records == "revenue_contracts":
            changes["allocated"] = {charge: minor for charge, minor in copy.allocated.items() if charge[0] < 3}
        books.change(records, changes, contract="C-1")
    books.unissue(books.invoice("C-1", 3, 0))
    one = books.recognition("C-1", MARCH)
    without = _without(3, MARCH)
    books.rerecognise(one, without)
    off = {product: minor - without[product] for product, minor in one.amounts}

    assert [found[:4] for found in told(books)] == [
        ("stale_amendment", "billing", "subscription", "C-1"),
        ("stale_amendment", "erp", "order", "C-1"),
        ("stale_amendment", "revenue", "revenue_contract", "C-1"),
        ("stale_amendment", "billing", "invoice", "C-1/v3/p0"),
        ("stale_amendment", "revenue", "recognition", "C-1/2026-03"),
    ]
    assert ledger(books) == {
        RECEIVABLES: 29_688,
        CONTRACT_LIABILITY: -29_688 - sum(off.values()),
        **{revenue_account(product): minor for product, minor in off.items()},
    }


def test_an_amendment_credited_away_by_a_late_write_of_the_version_before(books):
    # Billing is written version 3, then again version 2: it takes back what version 3 had billed.
    copy = books.one("subscriptions", contract="C-1")
    books.change("subscriptions", {"state": _known(2, copy.state)}, contract="C-1")
    invoice = books.invoice("C-1", 3, 0)
    lines = (replace(invoice.lines[0], minor=29_688),)
    books.issue_again(invoice, lines=lines, total_minor=29_688)

    assert [found[:5] for found in told(books)] == [
        ("stale_amendment", "billing", "subscription", "C-1", 29_688),
        ("stale_amendment", "billing", "invoice", "C-1/v3/p0", 29_688),
    ]
    assert ledger(books) == {RECEIVABLES: 29_688, CONTRACT_LIABILITY: -29_688}


def test_a_cancelled_contract_that_is_still_running(books):
    copy = books.one("subscriptions", contract="C-2")
    books.change("subscriptions", {"state": _known(1, copy.state)}, contract="C-2")

    assert told(books, struck=[hit("out_of_order", "crm.contract_cancelled", "C-2", at("2026-02-20"))]) == [
        ("cancelled_still_running", "billing", "subscription", "C-2", abs(_change("C-2", 2)), "out_of_order")
    ]


def test_a_cancelled_contract_that_is_still_billed(books):
    # March should have been billed and taken back on one document, or not at all.
    copy = books.one("subscriptions", contract="C-2")
    books.change("subscriptions", {"state": _known(1, copy.state)}, contract="C-2")
    invoice = books.invoice("C-2", 1, 1)
    books.reissue(invoice, lines=invoice.lines[:1])

    assert [found[:5] for found in told(books)] == [
        ("cancelled_still_running", "billing", "subscription", "C-2", abs(_change("C-2", 2))),
        ("cancelled_still_running", "billing", "invoice", "C-2/v2/p1", 10_000),
    ]


@pytest.mark.parametrize(("records", "system", "record"), [
    ("subscriptions", "billing", "subscription"), ("orders", "erp", "order"),
])  # fmt: skip
def test_a_copy_that_took_an_amendment_twice(books, records, system, record):
    # 10, then 15, then 12: version 3 takes 3 away, and was taken as "3 fewer" twice.
    _set_quantity(books, records, "C-1", 9)

    assert told(books, struck=[hit("duplicate_delivery", "crm.contract_amended", "C-1", at("2026-03-10"))]) == [
        ("double_applied_amendment", system, record, "C-1", 3_000, "duplicate_delivery")
    ]


def test_an_amendment_billed_double(books):
    invoice = books.invoice("C-1", 2, 0)
    books.reissue(invoice, lines=(replace(invoice.lines[0], minor=2 * 53_096),))

    assert told(books) == [("double_applied_amendment", "billing", "invoice", "C-1/v2/p0", 53_096, "layer")]


def test_an_amendment_recognised_double(books):
    amounts = dict(books.recognition("C-1", MARCH).amounts)
    without = _without(3, MARCH)
    twice = {product: 2 * minor - without[product] for product, minor in amounts.items()}
    books.rerecognise(books.recognition("C-1", MARCH), twice)

    assert [found[:4] for found in told(books)] == [
        ("double_applied_amendment", "revenue", "recognition", "C-1/2026-03")
    ]


# --- wrong amounts -----------------------------------------------------------------------------------


def test_a_copy_at_a_wrong_price(books):
    state = books.one("orders", contract="C-3").state
    books.change("orders", {"state": replace(state, unit_price_minor=1_500)}, contract="C-3")

    assert told(books) == [("amount_mismatch", "erp", "order", "C-3", 5_000, "layer")]


def test_a_copy_whose_quantity_and_price_are_wrong_and_their_product_right(books):
    state = books.one("orders", contract="C-3").state
    books.change("orders", {"state": replace(state, unit_price_minor=500)}, contract="C-3")
    _set_quantity(books, "orders", "C-3", 20)

    assert told(books) == [("quantity_price_mismatch", "erp", "order", "C-3", 10_000, "layer")]


def test_an_invoice_of_a_wrong_amount(books):
    invoice = books.invoice("C-1", 1, 0)
    books.reissue(invoice, lines=(replace(invoice.lines[0], minor=12_000),))

    assert told(books) == [("amount_mismatch", "billing", "invoice", "C-1/v1/p0", 108_000, "layer")]
    assert ledger(books) == {RECEIVABLES: -108_000, CONTRACT_LIABILITY: 108_000}


def test_an_invoice_that_lacks_a_charge(books):
    invoice = books.invoice("O-1", 2, 4)
    books.reissue(invoice, lines=invoice.lines[:1])

    assert told(books) == [("amount_mismatch", "billing", "invoice", "O-1/v2/p4", 6_000, "layer")]


def test_an_invoice_that_is_not_the_sum_of_its_lines(books):
    invoice = books.invoice("C-3", 1, 0)
    books.unissue(invoice)
    books.issue(replace(invoice, total_minor=31_000))

    assert told(books) == [("amount_mismatch", "billing", "invoice", invoice.id, 1_000, "layer")]
    assert ledger(books) == {RECEIVABLES: 1_000, CONTRACT_LIABILITY: -1_000}


def test_a_posting_of_a_wrong_amount(books):
    invoice = books.invoice("C-1", 1, 0)
    _scale(books, invoice.id, lambda minor: minor // 100)
    books.change("open_items", {"total_minor": 1_200}, document=invoice.id)

    assert told(books) == [("amount_mismatch", "erp", "open_item", invoice.id, 118_800, "layer")]
    assert ledger(books) == {RECEIVABLES: -118_800, CONTRACT_LIABILITY: 118_800}


def test_an_open_item_of_a_wrong_amount(books):
    invoice = books.invoice("C-1", 1, 0)
    books.change("open_items", {"total_minor": 1_200}, document=invoice.id)

    assert told(books) == [("amount_mismatch", "erp", "open_item", invoice.id, 118_800, "layer")]
    assert ledger(books) == {}


def test_revenue_told_of_a_wrong_amount(books):
    invoice = books.invoice("C-1", 1, 0)
    books.change("billed_documents", {"total_minor": 1_200}, document=invoice.id)

    assert told(books) == [("amount_mismatch", "revenue", "billed_document", invoice.id, 118_800, "layer")]


def test_a_recognition_of_a_wrong_amount(books):
    one = books.recognition("C-1", MARCH)
    books.rerecognise(one, {product: minor + 500 for product, minor in one.amounts})

    assert told(books) == [("amount_mismatch", "revenue", "recognition", "C-1/2026-03", 1_000, "layer")]


def test_a_recognition_that_is_not_the_sum_of_its_products(books):
    one = books.recognition("C-1", MARCH)
    books.change("recognitions", {"total_minor": one.total_minor + 7}, id=one.id)

    assert told(books) == [("amount_mismatch", "revenue", "recognition", one.id, 7, "layer")]


def test_a_recognition_posted_with_a_wrong_amount(books):
    one = books.recognition("C-1", MARCH)
    _scale(books, one.id, lambda minor: 2 * minor)

    assert told(books) == [("amount_mismatch", "erp", "journal_entry", one.id, one.total_minor, "layer")]


def test_a_revenue_contract_of_a_wrong_price(books):
    books.change("revenue_contracts", {"allocated": {(1, "platform"): 119_000}}, contract="C-3")

    assert told(books) == [("amount_mismatch", "revenue", "revenue_contract", "C-3", 1_000, "layer")]


@pytest.mark.parametrize("off", [-1, 1])
def test_a_minor_unit_is_rounding(books, off):
    invoice = books.invoice("C-1", 2, 0)
    books.reissue(invoice, lines=(replace(invoice.lines[0], minor=53_096 + off),))

    assert told(books, struck=[hit("lost_response", "billing.update_subscription", "C-1", 5)]) == [
        ("rounding", "billing", "invoice", "C-1/v2/p0", 1, "rounding")
    ]


def test_another_convention_of_rounding_months_is_rounding(books):
    one, other = books.recognition("C-1", JANUARY), books.recognition("C-1", FEBRUARY)
    books.rerecognise(one, {**dict(one.amounts), "platform": dict(one.amounts)["platform"] + 1})
    books.rerecognise(other, {**dict(other.amounts), "platform": dict(other.amounts)["platform"] - 1})

    assert told(books) == [("rounding", "revenue", "recognition", "C-1/2026-01", 1, "rounding")]


def test_a_posting_off_by_a_minor_unit_is_rounding(books):
    invoice = books.invoice("C-1", 1, 0)
    _scale(books, invoice.id, lambda minor: minor + (1 if minor > 0 else -1))
    books.change("open_items", {"total_minor": 120_001}, document=invoice.id)

    assert told(books) == [("rounding", "erp", "open_item", invoice.id, 1, "rounding")]


def test_a_split_off_by_a_minor_unit_is_rounding(books):
    one = books.recognition("C-1", JANUARY)
    books.rerecognise(one, {"platform": dict(one.amounts)["platform"] + 1, "support": dict(one.amounts)["support"] - 1})

    assert told(books) == [("rounding", "revenue", "recognition", "C-1/2026-01", 1, "rounding")]


def test_a_credit_memo_issued_as_an_invoice(books):
    invoice = books.invoice("C-1", 3, 0)
    books.reissue(invoice, lines=(replace(invoice.lines[0], minor=29_688),))

    assert told(books, struck=[hit("lost_response", "billing.update_subscription", "C-1", 5)]) == [
        ("sign", "billing", "invoice", "C-1/v3/p0", 2 * 29_688, "layer")
    ]
    assert ledger(books) == {RECEIVABLES: 2 * 29_688, CONTRACT_LIABILITY: -2 * 29_688}


def test_a_credit_memo_posted_as_an_invoice(books):
    invoice = books.invoice("C-1", 3, 0)
    _scale(books, invoice.id, lambda minor: -minor)
    books.change("open_items", {"total_minor": 29_688}, document=invoice.id)

    assert told(books) == [("sign", "erp", "open_item", invoice.id, 2 * 29_688, "layer")]
    assert ledger(books) == {RECEIVABLES: 2 * 29_688, CONTRACT_LIABILITY: -2 * 29_688}
    assert audit(EXPECTED, books.books).breaks[0].delta_minor == 2 * 29_688


def test_revenue_recognised_with_the_wrong_sign(books):
    one = books.recognition("C-1", JANUARY)
    books.rerecognise(one, {product: -minor for product, minor in one.amounts})

    assert [found[:5] for found in told(books)] == [
        ("sign", "revenue", "recognition", "C-1/2026-01", 2 * one.total_minor)
    ]


# --- wrong times -------------------------------------------------------------------------------------


def test_an_invoice_dated_into_the_next_month(books):
    invoice = books.invoice("C-3", 1, 0)
    books.reissue(invoice, day=invoice.day + 1)

    assert told(books, struck=[hit("outage", "billing.create_subscription", "C-3", invoice.issued_us)]) == [
        ("wrong_period", "billing", "invoice", invoice.id, 30_000, "outage")
    ]
    found = audit(EXPECTED, books.books)
    assert (found.cut_off_errors.count, found.cut_off_errors.amount_minor) == (1, 30_000)
    assert found.breaks[0].effects == (
        ((RECEIVABLES, "A-2", MARCH + 1), 30_000),
        ((CONTRACT_LIABILITY, "C-3", MARCH + 1), -30_000),
        ((RECEIVABLES, "A-2", MARCH), -30_000),
        ((CONTRACT_LIABILITY, "C-3", MARCH), 30_000),
    )


def test_an_invoice_billed_before_it_is_due(books):
    invoice = books.invoice("C-3", 1, 0)
    line = replace(invoice.lines[0], period=1)
    early = books.issue_again(invoice, lines=(line,))

    assert told(books) == [("wrong_period", "billing", "invoice", early.id, 30_000, "layer")]


def test_an_invoice_posted_in_the_next_month_as_its_own_had_closed(books):
    invoice = books.invoice("C-1", 1, 0)
    _post_in(books, invoice.id, FEBRUARY, posted_us=CALENDAR.lock_us(JANUARY) + 1)

    assert told(books) == [("wrong_period", "erp", "open_item", invoice.id, 120_000, "period_closed")]
    assert told(books, struck=[hit("outage", "erp.post_document", invoice.id, at("2026-01-05"))])[0][-1] == "outage"
    assert ledger(books) == {}
    assert audit(EXPECTED, books.books).cut_off_errors.count == 1


def test_a_recognition_posted_in_the_next_month(books):
    one = books.recognition("C-1", JANUARY)
    books.change("journal", {"period": FEBRUARY}, reference=one.id)

    assert told(books) == [("wrong_period", "erp", "journal_entry", one.id, one.total_minor, "layer")]
    books.change("journal", {"posted_us": CALENDAR.lock_us(JANUARY)}, reference=one.id)
    assert told(books)[0][-1] == "period_closed"


def test_an_open_item_in_another_period_than_its_entry(books):
    invoice = books.invoice("C-1", 1, 0)
    books.change("open_items", {"period": FEBRUARY}, document=invoice.id)

    assert [found[:5] for found in told(books)] == [("wrong_period", "erp", "open_item", invoice.id, 120_000)]
    assert audit(EXPECTED, books.books).cut_off_errors.count == 0


def test_revenue_of_a_late_amendment_is_in_the_next_month(books):
    # Version 2 of 16 February reaches the engine after February's runs, and is caught up in March.
    february, march = books.recognition("C-1", FEBRUARY), books.recognition("C-1", MARCH)
    without = _without(2, FEBRUARY)
    late = {product: minor - without[product] for product, minor in february.amounts}
    books.rerecognise(february, without)
    books.rerecognise(march, {product: minor + late[product] for product, minor in march.amounts})

    struck = [hit("late_delivery", "crm.contract_amended", "C-1", at("2026-02-16"))]
    assert told(books, struck=struck) == [
        ("wrong_period", "revenue", "recognition", "C-1/2026-02", sum(late.values()), "late_delivery")
    ]
    assert audit(EXPECTED, books.books).cut_off_errors.amount_minor == sum(late.values())


def test_revenue_spread_by_the_month_and_not_by_the_day(books):
    january, february = books.recognition("C-1", JANUARY), books.recognition("C-1", FEBRUARY)
    march = books.recognition("C-1", MARCH)
    books.rerecognise(january, {product: minor + 100 for product, minor in january.amounts})
    books.rerecognise(february, {product: minor - 50 for product, minor in february.amounts})
    books.rerecognise(march, {product: minor - 50 for product, minor in march.amounts})

    assert told(books) == [("wrong_schedule_shape", "revenue", "recognition", "C-1/2026-01", 200, "layer")]
    assert ledger(books) == {}


def test_an_invoice_for_other_days_than_its_service_period(books):
    invoice = books.invoice("C-3", 1, 0)
    books.reissue(invoice, lines=(replace(invoice.lines[0], to_day=invoice.lines[0].to_day - 1),))

    assert told(books) == [("wrong_schedule_shape", "billing", "invoice", "C-3/v1/p0", 30_000, "layer")]


def test_a_copy_of_another_term(books):
    state = books.one("orders", contract="C-3").state
    books.change("orders", {"state": replace(state, billing_months=12)}, contract="C-3")

    assert told(books) == [("wrong_schedule_shape", "erp", "order", "C-3", 120_000, "layer")]


def test_an_open_item_of_another_day_falls_due_otherwise(books):
    invoice = books.invoice("C-1", 1, 0)
    books.change("open_items", {"day": invoice.day + 30}, document=invoice.id)

    assert told(books) == [("wrong_schedule_shape", "erp", "open_item", invoice.id, 120_000, "layer")]
    assert audit(EXPECTED, books.books).breaks[0].detail == (
        f"{invoice.id}: open item AR-{invoice.id} is of 2026-02-04, not of 2026-01-05, from which it falls due"
    )


def test_an_invoice_posted_to_a_closed_period(books):
    invoice = books.invoice("C-1", 1, 0)
    _post_in(books, invoice.id, JANUARY, posted_us=CALENDAR.lock_us(JANUARY) + 1)

    assert told(books) == [("posted_to_closed_period", "erp", "open_item", invoice.id, 120_000, "layer")]
    assert ledger(books) == {}
    assert audit(EXPECTED, books.books).cut_off_errors.count == 0


def test_an_invoice_posted_at_the_instant_of_the_lock_is_in_time(books):
    invoice = books.invoice("C-1", 1, 0)
    _post_in(books, invoice.id, JANUARY, posted_us=CALENDAR.lock_us(JANUARY))

    assert told(books) == []


def test_a_recognition_posted_to_a_closed_period(books):
    one = books.recognition("C-1", JANUARY)
    books.change("journal", {"posted_us": CALENDAR.lock_us(JANUARY) + 1}, reference=one.id)

    assert [found[:5] for found in told(books)] == [
        ("posted_to_closed_period", "erp", "journal_entry", one.id, one.total_minor)
    ]


# --- what was delivered; more of it in test_deliveries -----------------------------------------------


def test_usage_that_revenue_never_heard_of():
    terms = promising(contract(start="2026-01-05"), usage(2, included=100))
    used = done("usage", "2026-01-31", 2_600, since="2026-01-05", metered=True)
    expected, perfect = books_of(truth(terms, rendered=[(at("2026-02-01", 3), used)]))
    books = Tampering(perfect)
    books.drop("revenue_rendered", key=used.key)
    one = books.recognition("C-1", JANUARY)
    books.rerecognise(one, {product: minor for product, minor in one.amounts if product != "usage"})

    assert told(books, expected) == [
        ("usage_gap", "revenue", "fulfilment", used.key, 0, "layer"),
        ("usage_gap", "revenue", "recognition", "C-1/2026-01", 5_000, "layer"),
    ]


# --- wrong places ------------------------------------------------------------------------------------


def test_a_copy_on_another_accounts_customer(books):
    books.change("orders", {"customer": "CUST-A-2"}, contract="C-1")

    assert [found[:4] for found in told(books)] == [("wrong_customer", "erp", "order", "C-1")]


def test_a_copy_for_another_account(books):
    state = books.one("orders", contract="C-3").state
    books.change("orders", {"state": replace(state, account="A-1")}, contract="C-3")

    assert told(books) == [("wrong_customer", "erp", "order", "C-3", 120_000, "layer")]


def test_a_customer_of_another_name(books):
    books.change("erp_customers", {"name": "Company A-2"}, account="A-1")

    assert told(books) == [("wrong_customer", "erp", "customer", "A-1", 0, "layer")]


def test_an_invoice_to_another_customer(books):
    invoice = books.invoice("C-1", 1, 0)
    books.reissue(invoice, account="A-2")

    assert told(books) == [("wrong_customer", "billing", "invoice", invoice.id, 120_000, "layer")]
    assert ledger(books) == {}
    assert dict(audit(EXPECTED, books.books).breaks[0].effects) == {
        (RECEIVABLES, "A-2", JANUARY): 120_000,
        (RECEIVABLES, "A-1", JANUARY): -120_000,
    }


@pytest.mark.parametrize(("posting", "subject"), [(0, "A-2"), (1, "C-3")])
def test_an_invoice_posted_to_another_party(books, posting, subject):
    invoice = books.invoice("C-1", 1, 0)
    _repost(books, invoice.id, posting, subject=subject)
    if posting == 0:
        books.change("open_items", {"customer": f"CUST-{subject}"}, document=invoice.id)

    assert told(books) == [("wrong_customer", "erp", "open_item", invoice.id, 120_000, "layer")]
    assert ledger(books) == {}


def test_an_open_item_of_another_customer(books):
    invoice = books.invoice("C-1", 1, 0)
    books.change("open_items", {"customer": "CUST-A-2"}, document=invoice.id)

    assert told(books) == [("wrong_customer", "erp", "open_item", invoice.id, 120_000, "layer")]


def test_an_invoice_told_to_revenue_for_another_contract(books):
    invoice = books.invoice("C-1", 1, 0)
    books.change("billed_documents", {"contract": "C-3"}, document=invoice.id)

    assert told(books) == [("wrong_customer", "revenue", "billed_document", invoice.id, 120_000, "layer")]


@pytest.mark.parametrize(("posting", "account"), [(0, "1200 other receivables"), (1, "2500 deferred")])
def test_an_invoice_posted_to_another_account(books, posting, account):
    invoice = books.invoice("C-1", 1, 0)
    right = books.entry(invoice.id).postings[posting][0]
    _repost(books, invoice.id, posting, account=account)

    assert told(books, struck=[hit("lost_response", "erp.post_document", invoice.id, 5)]) == [
        ("wrong_account", "erp", "open_item", invoice.id, 120_000, "layer")
    ]
    sign = 1 - 2 * posting
    assert ledger(books) == {account: sign * 120_000, right: -sign * 120_000}


def test_revenue_posted_to_another_account(books):
    one = books.recognition("C-1", JANUARY)
    minor = dict(one.amounts)["support"]
    _repost(books, one.id, 2, account="4900 other income")

    assert told(books) == [("wrong_account", "erp", "journal_entry", one.id, minor, "layer")]


def test_revenue_split_wrongly_over_the_products(books):
    one = books.recognition("C-1", JANUARY)
    amounts = dict(one.amounts)
    books.rerecognise(one, {"platform": amounts["platform"] - 300, "support": amounts["support"] + 300})

    assert told(books) == [("wrong_allocation", "revenue", "recognition", "C-1/2026-01", 300, "layer")]
    assert ledger(books) == {revenue_account("platform"): 300, revenue_account("support"): -300}


def test_a_price_split_wrongly_over_the_products(books):
    allocated = dict(books.one("revenue_contracts", contract="C-1").allocated)
    allocated[1, "platform"] -= 300
    allocated[1, "support"] += 300
    books.change("revenue_contracts", {"allocated": allocated}, contract="C-1")

    assert told(books) == [("wrong_allocation", "revenue", "revenue_contract", "C-1", 300, "layer")]


def test_a_copy_that_promises_other_products(books):
    state = books.one("orders", contract="C-1").state
    books.change("orders", {"state": replace(state, obligations=state.obligations[:1])}, contract="C-1")

    assert [found[:4] for found in told(books)] == [("wrong_allocation", "erp", "order", "C-1")]


def test_revenue_posted_with_a_wrong_split(books):
    one = books.recognition("C-1", JANUARY)
    debit, (platform, key, platform_minor), (support, _, support_minor) = books.entry(one.id).postings
    moved = (debit, (platform, key, platform_minor + 300), (support, key, support_minor - 300))
    books.change("journal", {"postings": moved}, reference=one.id)

    assert told(books) == [("wrong_allocation", "erp", "journal_entry", one.id, 300, "layer")]


# --- halves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", ["open_item", "journal_entry"])
def test_an_entry_in_another_currency(books, record):
    document = books.invoice("C-1", 1, 0) if record == "open_item" else books.recognition("C-1", JANUARY)
    books.change("journal", {"currency": "EUR"}, reference=document.id)

    assert told(books) == [("wrong_currency", "erp", record, document.id, abs(document.total_minor), "layer")]
    assert "in EUR, not in USD" in audit(EXPECTED, books.books).open[0].detail


def test_a_payment_entered_in_another_currency(books):
    payment = books.pay(books.invoice("C-1", 1, 0))
    books.change("journal", {"currency": "EUR"}, reference=payment.id)

    assert told(books) == [("wrong_currency", "erp", "payment", payment.id, 120_000, "layer")]


@pytest.mark.parametrize(("mark", "value", "kind"), [
    ("currency", "EUR", "wrong_currency"), ("entity", "emea", "wrong_entity"),
])  # fmt: skip
def test_an_invoice_in_another_currency_or_for_another_entity_and_what_it_leads_to(books, mark, value, kind):
    # What is posted of it is right: it is what the invoice says.
    invoice = books.invoice("C-1", 1, 0)
    books.reissue(invoice, **{mark: value})

    assert told(books) == [(kind, "billing", "invoice", invoice.id, 120_000, "layer")]
    assert ledger(books) == {}


def test_an_invoice_in_another_currency_posted_in_the_contracts(books):
    invoice = books.invoice("C-1", 1, 0)
    books.reissue(invoice, currency="EUR")
    books.change("journal", {"currency": "USD"}, reference=invoice.id)

    assert [found[:4] for found in told(books)] == [
        ("wrong_currency", "billing", "invoice", invoice.id), ("wrong_currency", "erp", "open_item", invoice.id),
    ]  # fmt: skip


@pytest.mark.parametrize(("mark", "value", "kind"), [
    ("currency", "EUR", "wrong_currency"), ("entity", "emea", "wrong_entity"),
])  # fmt: skip
def test_revenue_in_another_currency_or_for_another_entity(books, mark, value, kind):
    one = books.recognition("C-1", JANUARY)
    books.unrecognise(one)
    books.recognise(replace(one, **{mark: value}))

    assert told(books) == [(kind, "revenue", "recognition", one.id, one.total_minor, "layer")]


@pytest.mark.parametrize(("records", "system", "record"), [
    ("subscriptions", "billing", "subscription"),
    ("orders", "erp", "order"),
    ("revenue_contracts", "revenue", "revenue_contract"),
])  # fmt: skip
@pytest.mark.parametrize(("changes", "kind", "amount_minor"), [
    ({"currency": "EUR"}, "wrong_currency", 120_000),
    ({"entity": "emea"}, "wrong_entity", 120_000),
    ({"period_price_minor": 2_900}, "amount_mismatch", 1_000),
    ({"renews": "C-1"}, "wrong_terms", 120_000),
    ({"acquired_day": 739_000}, "wrong_terms", 120_000),
])  # fmt: skip
def test_a_copy_with_another_term(books, records, system, record, changes, kind, amount_minor):
    books.change(records, {"state": replace(EXPECTED.contracts["C-3"], **changes)}, contract="C-3")

    assert told(books) == [(kind, system, record, "C-3", amount_minor, "layer")]


def test_a_copy_that_renews_another_contract(books):
    books.change("orders", {"state": replace(EXPECTED.contracts["C-3"], renews="C-1")}, contract="C-3")

    assert told(books) == [("wrong_terms", "erp", "order", "C-3", 120_000, "layer")]
    assert audit(EXPECTED, books.books).breaks[0].detail == "order SO-C-3 of C-3 says C-1 for renews, not none"


def test_a_copy_that_does_not_say_what_its_contract_renews_is_right():
    """Nothing goes by it, and a vendor's subscription has no such field."""
    expected, perfect = books_of(truth(replace(contract(), renews="C-0")))
    books = Tampering(perfect)
    books.change("subscriptions", {"state": contract()}, contract="C-1")

    assert told(books, expected) == []


OTHER = {
    str: lambda value: f"{value}x",
    int: lambda value: value + 1,
    tuple: lambda value: value[:-1],
}
"""Another value of each sort."""

FILLED = replace(
    EXPECTED.contracts["C-1"],
    ramp=(1_000, 1_100), deliverables=(usage(2, included=100),), renews="C-0", entity="emea", acquired_day=738_900,
    period_price_minor=30_001,
)  # fmt: skip
"""A contract with something in each of its fields."""


@pytest.mark.parametrize("records", ["subscriptions", "orders", "revenue_contracts"])
@pytest.mark.parametrize("name", [field.name for field in fields(Contract)])
def test_a_copy_that_is_not_as_its_contract_in_whatever_field_is_told(name, records):
    """A field that a contract may get some day is among them."""
    expected, perfect = books_of(truth(FILLED))
    books, value = Tampering(perfect), getattr(FILLED, name)
    assert value, f"fill {name}"
    books.change(records, {"state": replace(FILLED, **{name: OTHER[type(value)](value)})}, contract="C-1")

    found = audit(expected, books.books)
    assert [one for one in found.breaks if one.record == records.removesuffix("s")]


@pytest.mark.parametrize("versions", [2, 3])
@pytest.mark.parametrize("name", [field.name for field in fields(Version)])
def test_a_copy_of_which_a_version_is_not_as_agreed_is_told(books, name, versions):
    state = _known(versions, EXPECTED.contracts["C-1"])
    last = state.versions[-1]
    other = replace(last, **{name: OTHER[type(getattr(last, name))](getattr(last, name))})
    books.change("orders", {"state": replace(state, versions=(*state.versions[:-1], other))}, contract="C-1")

    assert [one for one in audit(EXPECTED, books.books).breaks if one.kind != "stale_amendment"]


def test_a_copy_with_a_version_twice_is_told(books):
    state = EXPECTED.contracts["C-1"]
    books.change("orders", {"state": replace(state, versions=(*state.versions, state.versions[-1]))}, contract="C-1")

    assert [found[:4] for found in told(books)] == [("amount_mismatch", "erp", "order", "C-1")]


@pytest.mark.parametrize("name", [field.name for field in fields(PerformanceObligation)])
def test_a_copy_that_promises_otherwise_is_told(books, name):
    state = EXPECTED.contracts["C-1"]
    first = state.obligations[0]
    other = replace(first, **{name: OTHER[type(getattr(first, name))](getattr(first, name))})
    books.change("orders", {"state": replace(state, obligations=(other, *state.obligations[1:]))}, contract="C-1")

    assert [found[:4] for found in told(books)] == [("wrong_allocation", "erp", "order", "C-1")]


def test_an_open_item_without_an_entry(books):
    invoice = books.invoice("C-1", 1, 0)
    books.drop("journal", reference=invoice.id)

    assert told(books, struck=[hit("brownout", "erp.post_document", invoice.id, 5)]) == [
        ("half_posted", "erp", "open_item", invoice.id, 120_000, "brownout")
    ]
    assert ledger(books) == {RECEIVABLES: -120_000, CONTRACT_LIABILITY: 120_000}


def test_an_entry_without_an_open_item(books):
    invoice = books.invoice("C-1", 1, 0)
    books.drop("open_items", document=invoice.id)

    assert told(books) == [("half_posted", "erp", "open_item", invoice.id, 120_000, "layer")]
    assert ledger(books) == {}


def test_an_entry_that_lost_a_side(books):
    invoice = books.invoice("C-1", 1, 0)
    books.change("journal", {"postings": books.entry(invoice.id).postings[:1]}, reference=invoice.id)

    assert told(books) == [("half_posted", "erp", "open_item", invoice.id, 120_000, "layer")]
    assert ledger(books) == {CONTRACT_LIABILITY: 120_000}


# --- several at once ---------------------------------------------------------------------------------


def test_a_missing_and_a_repeated_posting_of_one_amount_are_two_breaks():
    agreed = truth(contract(start="2026-01-05"), contract(key="C-2", start="2026-01-05"))
    expected, perfect = books_of(agreed)
    books = Tampering(perfect)
    first, second = books.invoice("C-1", 1, 0), books.invoice("C-2", 1, 0)
    books.unpost(first.id)
    books.post_again(second)

    assert ledger(books, expected) == {}
    assert told(books, expected) == [
        ("duplicate", "erp", "open_item", second.id, 120_000, "layer"),
        ("missing_downstream", "erp", "open_item", first.id, 120_000, "layer"),
    ]
    assert audit(expected, books.books).amount_minor == 240_000


def test_opposite_amounts_are_two_breaks(books):
    one, other = books.invoice("C-1", 1, 0), books.invoice("C-3", 1, 0)
    books.reissue(one, lines=(replace(one.lines[0], minor=120_500),))
    books.reissue(other, lines=(replace(other.lines[0], minor=29_500),))

    assert ledger(books) == {}
    assert [found[:5] for found in told(books)] == [
        ("amount_mismatch", "billing", "invoice", "C-1/v1/p0", 500),
        ("amount_mismatch", "billing", "invoice", "C-3/v1/p0", 500),
    ]


def test_opposite_amounts_on_one_document_are_two_breaks(books):
    invoice = books.invoice("O-1", 2, 4)
    one, other = invoice.lines
    books.reissue(invoice, lines=(replace(one, minor=one.minor + 50), replace(other, minor=other.minor - 50)))

    assert [found[3:5] for found in told(books)] == [("O-1/v1/p4", 50), ("O-1/v2/p4", 50)]


def test_a_wrong_invoice_posted_wrongly_is_two_breaks_and_each_explains_its_part(books):
    invoice = books.invoice("C-1", 1, 0)
    books.reissue(invoice, lines=(replace(invoice.lines[0], minor=110_000),))
    _scale(books, invoice.id, lambda minor: minor // 10)
    books.change("open_items", {"total_minor": 11_000}, document=invoice.id)

    assert [found[:5] for found in told(books)] == [
        ("amount_mismatch", "billing", "invoice", "C-1/v1/p0", 10_000),
        ("amount_mismatch", "erp", "open_item", invoice.id, 99_000),
    ]


def test_the_upstream_fault_is_named_where_none_struck_the_record_itself(books):
    # The document is missing in ERP, and all that was hit is its contract on the way to billing.
    invoice = books.invoice("C-1", 1, 0)
    books.unpost(invoice.id)

    assert told(books, struck=[hit("outage", "billing.create_subscription", "C-1", 5)])[0][-1] == "outage"
    assert told(books, struck=[hit("outage", "erp.create_customer", "A-1", 5)])[0][-1] == "outage"
    assert told(books, struck=[hit("outage", "revenue.create_contract", "C-1", 5)])[0][-1] == "layer"
    assert told(books, struck=[hit("outage", "erp.post_document", "another", 5)])[0][-1] == "layer"


def test_the_most_telling_breaks_come_from_every_kind(books):
    for invoice in list(books.books.invoices):
        books.unpost(invoice.id)
    books.repeat("orders", {"id": "second"}, contract="C-3")
    found = audit(EXPECTED, books.books)

    assert {one.kind for one in found.telling(2)} == {"duplicate", "missing_downstream"}
    assert max(one.amount_minor for one in found.breaks) in [one.amount_minor for one in found.telling(2)]
    assert len(found.telling(1000)) == len(found.open) == found.summary()["open_at_close"]
    assert found.by_kind == {"duplicate": 1, "missing_downstream": len(books.books.invoices)}
    assert found.summary()["open_at_close"] == len(found.breaks)


def test_a_break_says_what_was_found_where_and_how_much(books):
    invoice = books.invoice("C-1", 1, 0)
    books.unpost(invoice.id)
    found = audit(EXPECTED, books.books)

    assert found.breaks[0].document() == {
        "kind": "missing_downstream",
        "key": invoice.id,
        "contract": "C-1",
        "system": "erp",
        "entity": "",
        "amount_minor": 120_000,
        "currency": "USD",
        "cause": "layer",
        "period": "2026-01",
        "detail": f"{invoice.id} of USD 1,200.00 is not posted",
    }
    row = dict(zip(found.COLUMNS, found.breaks[0].row(), strict=True))
    assert (row["contract"], row["account"], row["entity"], row["delta_minor"]) == ("C-1", "A-1", "", -120_000)
    assert (row["expected"], row["actual"], row["since_us"]) == ("120000", None, invoice.issued_us)


# --- ways to tamper ----------------------------------------------------------------------------------


def _known(versions, state):
    """A contract as it was when only its first versions were known."""
    return replace(state, versions=state.versions[:versions])


def _without(version, month):
    """What the books of C-1 say for a month if nobody knows of `version` and later ones."""
    terms = EXPECTED.contracts["C-1"]
    known, _ = books_of(truth(_known(version - 1, terms)))
    return known.recognised["C-1", month]


def _price(key):
    return sum(version.price_change_minor for version in EXPECTED.contracts[key].versions)


def _change(key, version):
    return EXPECTED.contracts[key].versions[version - 1].price_change_minor


def _set_quantity(books, records, key, quantity):
    state = books.one(records, contract=key).state
    newest = replace(state.versions[-1], quantity=quantity)
    books.change(records, {"state": replace(state, versions=(*state.versions[:-1], newest))}, contract=key)


def _scale(books, reference, change):
    books.change("journal", {"postings": _scaled(books.entry(reference).postings, change)}, reference=reference)


def _scaled(postings, change):
    """The same postings of other amounts, the first of what balances the others."""
    (account, subject, _), *others = postings
    others = [(account, subject, change(minor)) for account, subject, minor in others]
    return ((account, subject, -sum(minor for _, _, minor in others)), *others)


def _repost(books, reference, at_place, account=None, subject=None, minor=None):
    postings = list(books.entry(reference).postings)
    now = (account, subject, minor)
    postings[at_place] = tuple(old if new is None else new for new, old in zip(now, postings[at_place], strict=True))
    books.change("journal", {"postings": tuple(postings)}, reference=reference)


def _post_in(books, document, period, *, posted_us):
    books.change("open_items", {"period": period, "posted_us": posted_us}, document=document)
    books.change("journal", {"period": period, "posted_us": posted_us}, reference=document)


def test_what_is_late_may_have_been_held_up_by_whatever_struck_its_contract(books):
    """A process per contract waits for the ERP before it goes on to the next change, whatever its target."""
    invoice = books.invoice("C-1", 1, 0)
    books.reissue(invoice, day=invoice.day + 31)
    earned = books.recognition("C-1", JANUARY).id
    held_up = [hit("outage", "erp.post_journal", earned, invoice.issued_us - 1)]

    assert {(kind, cause) for kind, system, *_, cause in told(books, struck=held_up) if system == "billing"} == {
        ("wrong_period", "outage")
    }
    assert {cause for _, system, *_, cause in told(books) if system == "billing"} == {"layer"}
