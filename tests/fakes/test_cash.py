"""Cash is entered once, applied to the open item of its document, and else waits for it; who is late is reminded."""

import pytest

from fakes.books.ledger import CASH, CONTRACT_LIABILITY, RECEIVABLES, UNAPPLIED_CASH
from fakes.dunning import Dunning
from fakes.erp import ApplyPayment, Erp, FindPayments, PostDocument, UpsertCustomer
from tests.fakes.samples import CALENDAR, FEBRUARY, JANUARY, ask, at, day, refusal


@pytest.fixture
def core():
    made = Erp(CALENDAR, lambda record: 0)
    for account in ("A-1", "A-2"):
        ask(made, UpsertCustomer(account, "Company", f"x/{account}"))
    return made


def post(core, document="INV-1", total_minor=1_200, account="A-1", on="2026-01-05", external_id=None):
    ordinal = day(on)
    request = PostDocument(document, account, "C-1", "USD", total_minor, ordinal, ordinal, external_id)
    return ask(core, request, at(on))


def pay(core, minor=1_200, document="INV-1", account="A-1", on="2026-01-20", payment="PAY-1", external_id=None):
    ordinal = day(on)
    request = ApplyPayment(payment, document, account, "C-1", "USD", minor, ordinal, ordinal, external_id)
    return ask(core, request, at(on))


def balances(core):
    return {account: minor for account, minor in core.ledger.totals.items() if minor and account != CONTRACT_LIABILITY}


def test_a_payment_settles_its_open_item(core):
    item = post(core)
    receipt = pay(core)

    assert (item.paid_minor, item.open_minor) == (1_200, 0)
    assert balances(core) == {CASH: 1_200}
    entry = core.ledger.entries[-1]
    assert (entry.id, entry.source, entry.reference, entry.period) == (receipt.journal_entry, "cash", "PAY-1", JANUARY)
    assert entry.postings == ((CASH, "A-1", 1_200), (RECEIVABLES, "A-1", -1_200))
    assert core.receivables == {"A-1": 0}


def test_a_refund_settles_a_credit_memo(core):
    post(core, total_minor=-300)
    pay(core, -300)
    assert balances(core) == {CASH: -300} and core.receivables["A-1"] == 0


def test_cash_that_comes_before_its_document_is_applied_by_an_entry_of_its_own_when_that_is_posted(core):
    receipt = pay(core)
    assert balances(core) == {CASH: 1_200, UNAPPLIED_CASH: -1_200}
    item = post(core, on="2026-02-03")

    assert item.open_minor == 0 and balances(core) == {CASH: 1_200}
    (application,) = core.cash.applications
    assert (application.receipt, application.item, application.period) == (receipt.id, item.id, FEBRUARY)
    entry = core.ledger.entries[-1]
    assert (entry.id, entry.reference, entry.period) == (application.journal_entry, "PAY-1", FEBRUARY)
    assert not core.cash.waiting


def test_cash_of_a_later_period_than_its_document_is_applied_in_its_own(core):
    pay(core, on="2026-02-01")
    post(core, on="2026-01-31")

    (application,) = core.cash.applications
    assert application.period == core.ledger.entries[-1].period == FEBRUARY


def test_a_second_payment_of_a_settled_item_stays_unapplied(core):
    post(core)
    pay(core)
    pay(core)
    assert balances(core) == {CASH: 2_400, UNAPPLIED_CASH: -1_200} and len(core.cash.applications) == 1


@pytest.mark.parametrize("wrong", [{"minor": 1_201}, {"minor": -1_200}, {"account": "A-2"}, {"document": "INV-2"}])
def test_cash_that_does_not_fit_stays_unapplied(core, wrong):
    item = post(core)
    pay(core, **wrong)
    assert item.paid_minor == 0 and len(core.cash.waiting) == 1
    assert core.ledger.totals[RECEIVABLES] == 1_200


def test_an_external_id_makes_a_payment_unique(core):
    post(core)
    first = pay(core, external_id="payment->erp:PAY-1:1")
    assert pay(core, 999, external_id="payment->erp:PAY-1:1") is first
    assert balances(core) == {CASH: 1_200}


def test_without_one_a_repeated_payment_is_entered_twice_and_found_twice(core):
    receipts = [pay(core), pay(core)]
    assert ask(core, FindPayments("PAY-1")) == receipts and ask(core, FindPayments("PAY-2")) == []


def test_a_document_that_is_posted_again_takes_no_cash_twice(core):
    pay(core)
    post(core, external_id="d")
    assert post(core, external_id="d").paid_minor == 1_200
    assert post(core).paid_minor == 0


def test_cash_of_a_stranger_and_into_a_closed_period_is_refused(core):
    core.close_period(JANUARY, at("2026-02-10"))
    ordinal = day("2026-01-20")
    stranger = ApplyPayment("PAY-1", "INV-1", "A-9", "C-1", "USD", 5, ordinal, ordinal)
    late = ApplyPayment("PAY-1", "INV-1", "A-1", "C-1", "USD", 5, ordinal, ordinal)
    assert refusal(core, stranger) == (404, "customer_not_found")
    assert refusal(core, late) == (409, "period_closed")
    assert not core.cash.receipts and not core.cash.waiting


# --- dunning -----------------------------------------------------------------------------------------


@pytest.fixture
def dunning(core):
    return Dunning(core, lambda contract, ordinal: ordinal + 10)


def remind(dunning, first, last):
    """Run every day from one to another; the (day, level) of what was sent."""
    before = len(dunning.reminders)
    for ordinal in range(day(first), day(last) + 1):
        dunning.run(ordinal, CALENDAR.instant_us(ordinal, 7 * 60))
    return [(CALENDAR.local(one.sent_us).date().isoformat(), one.level) for one in dunning.reminders[before:]]


def test_an_overdue_item_is_reminded_after_7_21_and_45_days(core, dunning):
    post(core)  # due on 15 January
    found = remind(dunning, "2026-01-06", "2026-04-01")
    assert found == [("2026-01-22", 1), ("2026-02-05", 2), ("2026-03-01", 3)]
    assert {(one.item, one.document, one.account) for one in dunning.reminders} == {("AR-000001", "INV-1", "A-1")}


def test_what_is_paid_is_reminded_no_more(core, dunning):
    post(core)
    assert remind(dunning, "2026-01-06", "2026-01-25") == [("2026-01-22", 1)]
    pay(core, on="2026-01-26")
    assert remind(dunning, "2026-01-26", "2026-04-01") == []


def test_a_credit_memo_is_not_reminded(core, dunning):
    post(core, total_minor=-300)
    assert remind(dunning, "2026-01-06", "2026-04-01") == []


def test_an_item_posted_late_is_reminded_once_at_the_level_it_has_reached(core, dunning):
    assert remind(dunning, "2026-01-06", "2026-02-09") == []
    post(core)
    assert remind(dunning, "2026-02-10", "2026-03-05") == [("2026-02-10", 2), ("2026-03-01", 3)]
