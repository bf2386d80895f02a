"""What was voided, credited or reversed counts no more, but in what there ever was; and the books still tie."""

from dataclasses import replace

import pytest

from fakes.records import Void
from harness.audit import audit
from harness.audit.postings import cells_of
from sim.durations import DAY, SECOND
from tests.harness.audit.ideal import Tampering, books_of
from tests.harness.audit.test_perfect_books import STORY
from tests.harness.oracle.agreed import FEBRUARY, JANUARY

EXPECTED, BOOKS = books_of(STORY)
VOID = Void(5 * SECOND, "integration", "saga failed")
COPIES = pytest.mark.parametrize("records", ["subscriptions", "orders", "revenue_contracts"])


@pytest.fixture
def books():
    return Tampering(BOOKS)


def found(tampering):
    """The audit, which explains the books to the cent."""
    audited = audit(EXPECTED, tampering.books)
    assert audited.unexplained == {}
    return audited


def kinds(audited):
    return [(one.kind, one.record, one.amount_minor) for one in audited.breaks]


@COPIES
def test_a_voided_second_copy_is_no_duplicate_though_there_was_one(books, records):
    first = books.one(records, contract="C-3")
    books.add(records, replace(first, id="second", void=VOID))
    audited = found(books)
    assert audited.breaks == ()
    assert (audited.duplicates[records], audited.duplicates_ever[records]) == (0, 1)


@COPIES
def test_a_voided_copy_fills_no_gap(books, records):
    books.change(records, {"void": VOID}, contract="C-3")
    audited = found(books)
    assert next(one.kind for one in audited.breaks if one.contract == "C-3") == "missing_downstream"
    assert audited.missing[records] == 1
    assert audited.duplicates_ever[records] == 0


@COPIES
def test_of_a_contract_entered_three_times_each_beyond_the_first_counts_once_ever(books, records):
    first = books.one(records, contract="C-3")
    books.add(records, replace(first, id="second"), replace(first, id="third", void=VOID))
    audited = found(books)
    assert (audited.duplicates[records], audited.duplicates_ever[records]) == (1, 2)


def credited(books, later_us):
    """A second subscription of C-3 that billed, was credited for all of it some time later, and voided."""
    invoice = books.invoice("C-3", 1, 0)
    books.add("subscriptions", replace(books.one("subscriptions", contract="C-3"), id="sub-b", void=VOID))
    again = books.issue_again(invoice, subscription="sub-b")
    day = again.day + later_us // DAY
    lines = tuple(replace(line, minor=-line.minor) for line in again.lines)
    credit = replace(
        again, id=f"{again.id}-credit", day=day, due_us=again.due_us + later_us, issued_us=again.issued_us + later_us,
        lines=lines, total_minor=-again.total_minor,
    )  # fmt: skip
    books.issue(credit)
    return again


def test_an_invoice_and_its_credit_of_a_voided_subscription_net_out(books):
    credited(books, later_us=SECOND)
    audited = found(books)
    assert audited.breaks == ()
    assert (audited.duplicates["invoices"], audited.duplicates_ever["invoices"]) == (0, 1)
    assert audited.duplicates_ever["subscriptions"] == 1


def test_a_credit_in_a_later_month_is_too_much_in_one_and_too_little_in_the_other(books):
    again = credited(books, later_us=40 * DAY)
    audited = found(books)
    assert kinds(audited) == [("wrong_period", "invoice", again.total_minor)]
    assert audited.amount_minor == again.total_minor


def twice_posted(books, period):
    """A recognition of January that was posted twice, the second time taken back in a period."""
    entry = books.entry(books.recognition("C-1", JANUARY).id)
    second = replace(entry, id="JE-b", posted_us=entry.posted_us + SECOND)
    taker = replace(
        second, id="JE-c", period=period, posted_us=entry.posted_us + 2 * SECOND, reverses="JE-b",
        postings=tuple((account, subject, -minor) for account, subject, minor in second.postings),
    )  # fmt: skip
    books.add("journal", second, taker)
    return second


def test_an_entry_and_its_reversal_net_out(books):
    twice_posted(books, JANUARY)
    audited = found(books)
    assert audited.breaks == ()
    assert (audited.duplicates["journal_entries"], audited.duplicates_ever["journal_entries"]) == (0, 1)


def test_a_reversal_in_another_month_is_in_the_wrong_one(books):
    entry = twice_posted(books, FEBRUARY)
    audited = found(books)
    moved = sum(minor for _, minor in cells_of(entry) if minor > 0)
    assert kinds(audited) == [("wrong_period", "journal_entry", moved)]
    assert audited.cut_off_errors.count == 1


def test_a_recognition_whose_entry_was_reversed_is_not_posted(books):
    entry = books.entry(books.recognition("C-1", JANUARY).id)
    opposite = tuple((account, subject, -minor) for account, subject, minor in entry.postings)
    books.add("journal", replace(entry, id="JE-c", reverses=entry.id, postings=opposite))
    assert [kind for kind, _, _ in kinds(found(books))] == ["missing_downstream"]


def test_an_entry_that_only_claims_to_reverse_another_is_one_too_many(books):
    entry = books.entry(books.recognition("C-1", JANUARY).id)
    books.add("journal", replace(entry, id="JE-c", reverses=entry.id, posted_us=entry.posted_us + SECOND))
    assert [kind for kind, _, _ in kinds(found(books))] == ["duplicate"]
