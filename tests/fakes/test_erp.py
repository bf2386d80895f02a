"""ERP keeps what it is given: unique where it is given an external id, balanced, and in an open period."""

import pytest

from fakes.books.ledger import CONTRACT_LIABILITY, RECEIVABLES, Unbalanced
from fakes.erp import (
    CLOSE_CLEARING,
    OPENING_BALANCE,
    CreateOrder,
    Erp,
    FindCustomers,
    FindJournals,
    FindOrders,
    PostDocument,
    PostJournal,
    ReverseJournal,
    UpdateOrder,
    UpsertCustomer,
    UpsertOrder,
    VoidOrder,
)
from fakes.records import Void
from tests.fakes.samples import CALENDAR, DECEMBER, FEBRUARY, JANUARY, as_of, ask, at, contract, day, refusal

REVENUE = "4000 revenue platform"


def erp(index_lag_us=0):
    """An ERP with one customer, of account A-1."""
    core = Erp(CALENDAR, lambda record: index_lag_us)
    ask(core, UpsertCustomer("A-1", "Company"), at("2025-12-18"))
    return core


def document(number=1, total_minor=1_000, on="2026-01-10", posting=None, account="A-1", external_id=None):
    return PostDocument(
        f"INV-{number}", account, "C-1", "USD", total_minor, day(on), day(posting or on), external_id=external_id
    )


def journal(*postings, on="2026-01-31", posting=None, external_id=None):
    sides = tuple(postings or [(CONTRACT_LIABILITY, "C-1", 90), (REVENUE, "C-1", -90)])
    return PostJournal("REC-1", "C-1", "USD", day(on), day(posting or on), sides, external_id)


# --- customers and orders ----------------------------------------------------------------------------


def test_without_an_external_id_every_customer_is_new():
    core = erp()
    first, second = (ask(core, UpsertCustomer("A-2", "Company")) for _ in range(2))
    assert first.id != second.id
    assert core.customers.first("A-2") is first


def test_an_external_id_is_one_customer_brought_up_to_date():
    core = erp()
    first = ask(core, UpsertCustomer("A-2", "Company", "account:A-2"), 1)
    again = ask(core, UpsertCustomer("A-2", "Company Ltd", "account:A-2"), 2)
    assert again is first
    assert (first.name, first.created_us, len(core.customers.all)) == ("Company Ltd", 1, 2)


def test_a_search_for_customers_lags_and_a_posting_does_not_search():
    core = erp(index_lag_us=60_000_000)
    made = ask(core, UpsertCustomer("A-2", "Company"), at("2026-01-10"))
    assert ask(core, FindCustomers("A-2"), at("2026-01-10") + 59_999_999) == []
    assert ask(core, FindCustomers("A-2"), at("2026-01-10") + 60_000_000) == [made]
    assert ask(core, document(account="A-2"), at("2026-01-10")).customer == made.id


def test_an_order_holds_the_state_it_was_last_given():
    core, state = erp(), contract(("2026-02-01", 12))
    order = ask(core, CreateOrder("CUST-000001", as_of(state, 1)), 1)
    assert ask(core, UpdateOrder(order.id, state), 2) is order
    assert (order.contract, order.state.version, order.applied) == ("C-1", 2, {1: 1, 2: 2})
    ask(core, UpdateOrder(order.id, as_of(state, 1)), 3)
    assert (order.state.version, order.applied) == (1, {1: 1, 2: 2})  # an older state writes over a newer
    assert ask(core, FindOrders("C-1")) == [order]


def test_an_order_that_has_the_external_id_is_answered_with_and_left_as_it_is():
    core, state = erp(), contract(("2026-02-01", 12))
    order = ask(core, CreateOrder("CUST-000001", as_of(state, 1), "C-1:1"), 1)
    ask(core, UpdateOrder(order.id, state), 2)
    late = CreateOrder("CUST-000001", as_of(state, 1), "C-1:1")  # sent first, given up on, and done all the same
    assert ask(core, late, 3) is order
    assert (order.state, order.revision) == (state, 2)
    other = ask(core, CreateOrder("CUST-000001", state, "C-1:2"), 3)
    assert [found.id for found in ask(core, FindOrders("C-1"))] == [order.id, other.id]
    assert order.id != other.id


def test_an_upsert_creates_an_order_or_writes_over_the_one_that_has_its_external_id():
    core, state = erp(), contract(("2026-02-01", 12))
    order = ask(core, UpsertOrder("CUST-000001", as_of(state, 1), "C-1"), 1)
    assert ask(core, UpsertOrder("CUST-000001", state, "C-1"), 2) is order
    assert (order.state, order.revision, order.applied) == (state, 2, {1: 1, 2: 2})
    assert ask(core, CreateOrder("CUST-000001", as_of(state, 1), "C-1"), 3) is order
    assert ask(core, FindOrders("C-1")) == [order]
    assert order.state == state


def test_an_upsert_over_a_revision_that_is_gone_changes_nothing():
    core, state = erp(), contract(("2026-02-01", 12))
    first = UpsertOrder("CUST-000001", as_of(state, 1), "C-1", if_revision=0)
    order = ask(core, first, 1)
    ask(core, UpsertOrder("CUST-000001", state, "C-1", if_revision=1), 2)
    for late in (first, UpsertOrder("CUST-000001", as_of(state, 1), "C-1", if_revision=1)):
        assert refusal(core, late, 3) == (412, "revision_changed")
    assert (order.state, order.revision) == (state, 2)


def test_an_upsert_that_expects_a_revision_of_what_is_not_there_is_refused():
    core = erp()
    assert refusal(core, UpsertOrder("CUST-000001", contract(), "C-1", if_revision=1)) == (412, "revision_changed")
    assert core.orders == {}


def test_without_an_external_id_every_order_is_new():
    core = erp()
    for _ in range(3):
        ask(core, CreateOrder("CUST-000001", contract()))
    assert len({order.id for order in ask(core, FindOrders("C-1"))}) == 3


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (CreateOrder("CUST-000009", contract()), "customer_not_found"),
        (UpsertOrder("CUST-000009", contract(), "C-1"), "customer_not_found"),
        (UpdateOrder("SO-000009", contract()), "order_not_found"),
        (document(account="A-9"), "customer_not_found"),
    ],
)
def test_what_hangs_on_nothing_is_refused_and_changes_nothing(request_, word):
    core = erp()
    assert refusal(core, request_, at("2026-01-10")) == (404, word)
    assert (core.orders, core.open_items, core.receivables, core.ledger.entries) == ({}, [], {}, [])


# --- receivables -------------------------------------------------------------------------------------


def test_a_document_is_an_open_item_and_a_balanced_entry():
    core = erp()
    item = ask(core, document(), at("2026-01-10"))
    (entry,) = core.ledger.entries
    assert (item.document, item.customer, item.contract, item.total_minor) == ("INV-1", "CUST-000001", "C-1", 1_000)
    assert (item.day, item.period, item.journal_entry, item.posted_us) == (
        day("2026-01-10"), JANUARY, entry.id, at("2026-01-10"),
    )  # fmt: skip
    assert (entry.source, entry.reference, entry.contract, entry.period, entry.effective_day) == (
        "receivables", "INV-1", "C-1", JANUARY, day("2026-01-10"),
    )  # fmt: skip
    assert entry.postings == ((RECEIVABLES, "A-1", 1_000), (CONTRACT_LIABILITY, "C-1", -1_000))


def test_a_credit_memo_lowers_what_its_customer_owes():
    core = erp()
    ask(core, document(1, 1_000))
    ask(core, document(2, -400))
    assert core.receivables == {"A-1": 600}
    assert core.ledger.totals == {RECEIVABLES: 600, CONTRACT_LIABILITY: -600}


def test_without_an_external_id_a_document_is_posted_as_often_as_it_is_sent():
    core = erp()
    items = [ask(core, document()) for _ in range(3)]
    assert len({item.id for item in items}) == len({item.journal_entry for item in items}) == 3
    assert core.receivables == {"A-1": 3_000}


def test_an_external_id_is_posted_once():
    core = erp()
    first = ask(core, document(external_id="doc:INV-1"), 1)
    assert ask(core, document(external_id="doc:INV-1"), 2) is first
    assert (len(core.open_items), len(core.ledger.entries), core.receivables) == (1, 1, {"A-1": 1_000})


def test_a_refused_document_leaves_its_external_id_free():
    core = erp()
    core.close_period(JANUARY, at("2026-02-09"))
    assert refusal(core, document(external_id="doc:INV-1"), at("2026-02-10")) == (409, "period_closed")
    item = ask(core, document(posting="2026-02-10", external_id="doc:INV-1"), at("2026-02-10"))
    assert (item.day, item.period) == (day("2026-01-10"), FEBRUARY)


# --- periods -----------------------------------------------------------------------------------------


def test_a_closed_period_refuses_and_its_neighbours_do_not():
    core = erp()
    core.close_period(JANUARY, at("2026-02-09"))
    for request in (document(), journal()):
        assert refusal(core, request, at("2026-02-10")) == (409, "period_closed")
    assert core.ledger.entries == [] and core.open_items == [] and core.receivables == {}
    ask(core, document(posting="2026-02-01"), at("2026-02-10"))
    ask(core, document(posting="2025-12-31"), at("2026-02-10"))
    assert [entry.period for entry in core.ledger.entries] == [FEBRUARY, DECEMBER]


def test_the_period_is_that_of_the_day_of_posting_and_not_of_the_effective_day():
    core = erp()
    ask(core, journal(on="2026-01-31", posting="2026-02-10"), at("2026-02-10"))
    (entry,) = core.ledger.entries
    assert (entry.effective_day, entry.period) == (day("2026-01-31"), FEBRUARY)


def test_a_period_closes_for_good_at_its_first_close():
    core = erp()
    core.close_period(JANUARY, 5)
    core.close_period(JANUARY, 9)
    assert core.ledger.locked_us == {JANUARY: 5}


# --- the ledger --------------------------------------------------------------------------------------


@pytest.mark.parametrize("off_minor", [1, -1, 10**12])
def test_an_unbalanced_entry_is_refused_and_changes_nothing(off_minor):
    core = erp()
    unbalanced = journal((CONTRACT_LIABILITY, "C-1", 90 + off_minor), (REVENUE, "C-1", -90))
    assert refusal(core, unbalanced, at("2026-02-04")) == (422, "unbalanced")
    assert (core.ledger.entries, core.ledger.totals) == ([], {})


def test_an_unbalanced_entry_leaves_its_external_id_free():
    core = erp()
    assert refusal(core, journal((REVENUE, "C-1", 1), external_id="rec:1")) == (422, "unbalanced")
    assert ask(core, journal(external_id="rec:1")).reference == "REC-1"


def test_a_journal_with_an_external_id_is_posted_once_and_without_one_each_time():
    core = erp()
    first = ask(core, journal(external_id="rec:REC-1"))
    assert ask(core, journal(external_id="rec:REC-1")) is first
    others = [ask(core, journal()) for _ in range(2)]
    assert len({entry.id for entry in (first, *others)}) == len(core.ledger.entries) == 3
    assert core.ledger.totals == {CONTRACT_LIABILITY: 270, REVENUE: -270}
    assert core.ledger.trial_balance() == 0


def test_an_opening_contract_has_its_order_and_what_of_it_is_billed_and_not_earned():
    core = Erp(CALENDAR, lambda record: 0)
    core.preload("Company", contract(), 700)
    core.preload("Company", contract(key="C-2"), 0)
    (entry,) = core.ledger.entries
    assert (entry.source, entry.period, entry.posted_us) == ("opening", DECEMBER, 0)
    assert entry.postings == ((OPENING_BALANCE, "C-1", 700), (CONTRACT_LIABILITY, "C-1", -700))
    assert len(core.orders) == 2 and len(core.customers.all) == 1
    assert (core.receivables, core.ledger.trial_balance()) == ({}, 0)


# --- taking back -------------------------------------------------------------------------------------


def test_a_voided_order_stays_with_who_and_why_and_is_listed_no_more():
    core, state = erp(), contract()
    order = ask(core, CreateOrder("CUST-000001", state, "C-1:1"), 1)
    assert ask(core, VoidOrder(order.id, "saga failed"), 2) is order
    assert order.void == Void(2, "integration", "saga failed")
    assert core.orders[order.id] is order
    assert core.operations[FindOrders].served(FindOrders("C-1"), 3) == []


def test_a_voided_order_is_not_written_any_more_and_its_external_id_stays_taken():
    core, state = erp(), contract()
    order = ask(core, CreateOrder("CUST-000001", state, "C-1:1"), 1)
    ask(core, VoidOrder(order.id, "first"), 2)
    assert ask(core, VoidOrder(order.id, "second"), 3).void.reason == "first"
    for request in (
        UpdateOrder(order.id, state),
        CreateOrder("CUST-000001", state, "C-1:1"),
        UpsertOrder("CUST-000001", state, "C-1:1"),
    ):
        assert refusal(core, request, 4) == (409, "order_voided")
    assert ask(core, CreateOrder("CUST-000001", state, "C-1:1/2"), 5) is not order
    assert refusal(core, VoidOrder("SO-0", "nothing")) == (404, "order_not_found")


def test_a_reversed_entry_is_taken_back_by_one_of_the_opposite_postings_once():
    core = erp()
    entry = ask(core, journal(), at("2026-02-03"))
    reversal = ask(core, ReverseJournal(entry.id, day("2026-02-04")), at("2026-02-04"))
    assert (reversal.reverses, reversal.period, reversal.effective_day) == (entry.id, FEBRUARY, entry.effective_day)
    assert reversal.postings == ((CONTRACT_LIABILITY, "C-1", -90), (REVENUE, "C-1", 90))
    assert ask(core, ReverseJournal(entry.id, day("2026-02-05")), at("2026-02-05")) is reversal
    assert [core.ledger.totals[account] for account in (CONTRACT_LIABILITY, REVENUE)] == [0, 0]
    assert ask(core, FindJournals("REC-1")) == []
    again = ask(core, journal(), at("2026-02-06"))
    assert ask(core, FindJournals("REC-1")) == [again]


def test_only_what_no_document_is_behind_is_reversed_and_only_into_an_open_period():
    core = erp()
    item = ask(core, document(), at("2026-01-10"))
    entry = ask(core, journal(), at("2026-01-31"))
    assert refusal(core, ReverseJournal(item.journal_entry, day("2026-01-11"))) == (409, "not_reversible")
    assert refusal(core, ReverseJournal("JE-0", day("2026-01-11"))) == (404, "entry_not_found")
    core.close_period(JANUARY, at("2026-02-08"))
    assert refusal(core, ReverseJournal(entry.id, day("2026-01-31"))) == (409, "period_closed")
    reversal = ask(core, ReverseJournal(entry.id, day("2026-02-09")), at("2026-02-09"))
    assert refusal(core, ReverseJournal(reversal.id, day("2026-02-09"))) == (409, "not_reversible")


# --- adjusting entries -------------------------------------------------------------------------------


def test_a_person_adjusts_a_period_that_is_closed_to_all_others():
    core = erp()
    core.close_period(JANUARY, at("2026-02-09"))
    assert refusal(core, journal()) == (409, "period_closed")
    entry = core.adjust("missing_downstream INV-1", [(RECEIVABLES, "A-1", 500)], JANUARY, "USD", at("2026-02-10"))
    assert (entry.source, entry.reference, entry.period) == ("manual", "missing_downstream INV-1", JANUARY)
    assert entry.effective_day == day("2026-01-31")
    assert entry.postings == ((RECEIVABLES, "A-1", 500), (CLOSE_CLEARING, "close", -500))
    assert core.ledger.entries == [entry]
    assert core.ledger.totals == {RECEIVABLES: 500, CLOSE_CLEARING: -500}
    assert core.ledger.trial_balance() == 0


def test_what_balances_by_itself_needs_no_clearing():
    lines = [(RECEIVABLES, "A-1", 500), (CONTRACT_LIABILITY, "C-1", -500)]
    entry = erp().adjust("missing_downstream INV-1", lines, JANUARY, "USD", at("2026-02-10"))
    assert entry.postings == tuple(lines)


def test_an_adjusting_entry_has_to_balance():
    core = erp()
    entry = core.adjust("any", [(RECEIVABLES, "A-1", 500)], JANUARY, "USD", at("2026-02-10"))
    entry.postings = entry.postings[:1]
    with pytest.raises(Unbalanced, match="500 minor units"):
        core.ledger.adjust(entry)
    assert core.ledger.trial_balance() == 0
