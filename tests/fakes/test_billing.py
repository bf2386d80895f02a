"""Billing issues every charge when it falls due, and makes good for what it learns late."""

import pytest

from fakes.billing import (
    Billing,
    CreateCustomer,
    CreateSubscription,
    FindCustomers,
    FindSubscriptions,
    UpdateSubscription,
    VoidSubscription,
)
from fakes.records import Void
from tests.fakes.samples import CALENDAR, as_of, ask, at, contract, day, refusal


def billing(index_lag_us=0):
    return Billing(CALENDAR, lambda record: index_lag_us)


def subscribed(state, now_us, core=None):
    """Billing with one subscription to a contract in this state, created at an instant; and the subscription."""
    core = core or billing()
    customer = ask(core, CreateCustomer(state.account, "Company"), now_us)
    return core, ask(core, CreateSubscription(customer.id, state), now_us)


def documents(core):
    """(day, lines as (version, period, minor units)) of each document, in the order of issue."""
    return [(one.day, [(line.version, line.period, line.minor) for line in one.lines]) for one in core.invoices]


def run_days(core, first, last, clock="06:00"):
    for number in range(day(first), day(last) + 1):
        core.run(number, CALENDAR.instant_us(number, 60 * int(clock[:2])))


# --- in advance --------------------------------------------------------------------------------------


def test_a_period_is_invoiced_on_its_first_day_at_six():
    core, _ = subscribed(contract(start="2026-01-31", months=3), at("2026-01-05"))
    assert core.invoices == []
    run_days(core, "2026-01-06", "2026-12-31")
    assert documents(core) == [
        (day("2026-01-31"), [(1, 0, 1_000)]),
        (day("2026-02-28"), [(1, 1, 1_000)]),
        (day("2026-03-31"), [(1, 2, 1_000)]),
    ]
    assert [one.issued_us for one in core.invoices] == [
        at(text, "06:00") for text in ("2026-01-31", "2026-02-28", "2026-03-31")
    ]
    assert all(one.due_us == one.issued_us for one in core.invoices)


@pytest.mark.parametrize(("clock", "issued"), [("05:59", 0), ("06:00", 1), ("23:59", 1)])
def test_a_subscription_that_comes_on_its_first_day_is_invoiced_at_once_from_six_on(clock, issued):
    core, _ = subscribed(contract(start="2026-02-02"), at("2026-02-02", clock))
    assert len(core.invoices) == issued
    core.run(day("2026-02-02"), at("2026-02-02", "06:00"))
    assert len(core.invoices) == 1
    assert core.invoices[0].day == day("2026-02-02")
    assert core.invoices[0].due_us == at("2026-02-02", "06:00")


def test_a_subscription_that_comes_late_is_invoiced_for_every_period_that_was_due():
    core, _ = subscribed(contract(("2026-02-10", 12), start="2026-01-10"), at("2026-03-15"))
    assert documents(core) == [
        (day("2026-01-10"), [(1, 0, 1_000)]),
        (day("2026-02-10"), [(1, 1, 1_000), (2, 1, 200)]),
        (day("2026-03-10"), [(1, 2, 1_000), (2, 2, 200)]),
    ]
    assert [one.issued_us for one in core.invoices] == [at("2026-03-15")] * 3
    assert [one.due_us for one in core.invoices] == [at(f"2026-0{month}-10", "06:00") for month in (1, 2, 3)]


def test_a_document_bears_what_it_is_about():
    core, subscription = subscribed(contract(start="2026-02-02", billing_months=3), at("2026-02-02"))
    (invoice,) = core.invoices
    assert (invoice.subscription, invoice.contract, invoice.account, invoice.currency, invoice.kind) == (
        subscription.id, "C-1", "A-1", "USD", "invoice",
    )  # fmt: skip
    (line,) = invoice.lines
    assert (line.from_day, line.to_day, line.minor) == (day("2026-02-02"), day("2026-05-02"), 3_000)
    assert [(news.type, news.key, news.body) for news in core.news] == [("invoice_issued", invoice.id, invoice)]


def test_a_run_bills_a_day_once_and_only_that_day():
    core, _ = subscribed(contract(start="2026-02-02"), at("2026-01-20"))
    core.run(day("2026-02-01"), at("2026-02-01", "06:00"))
    assert core.invoices == []
    for _ in range(2):
        core.run(day("2026-02-02"), at("2026-02-02", "06:00"))
    assert len(core.invoices) == 1


def test_a_run_that_comes_late_bills_as_of_the_day_it_was_due():
    """Billing was down at six: the document has its own day, and the instant at which it was issued."""
    core, _ = subscribed(contract(start="2026-02-02"), at("2026-01-20"))
    core.run(day("2026-02-02"), at("2026-02-03", "11:00"))
    (invoice,) = core.invoices
    assert (invoice.day, invoice.due_us, invoice.issued_us) == (
        day("2026-02-02"), at("2026-02-02", "06:00"), at("2026-02-03", "11:00"),
    )  # fmt: skip


# --- changes -----------------------------------------------------------------------------------------


def amended(changes, start="2026-01-10", known=1, now="2026-02-20", **terms):
    """A contract billed up to now, then told of the rest of its changes."""
    state = contract(*changes, start=start, **terms)
    core, subscription = subscribed(as_of(state, known), at(start))
    run_days(core, start, now)
    before = len(core.invoices)
    ask(core, UpdateSubscription(subscription.id, state), at(now))
    return core, core.invoices[before:]


def test_a_change_within_an_invoiced_period_is_prorated_by_days_and_billed_at_once():
    """From 20 February, 18 of the 28 days of the period from 10 February: 200 x 18 / 28 = 128.57."""
    _, (proration,) = amended([("2026-02-20", 12)])
    assert (proration.day, proration.due_us, proration.kind) == (day("2026-02-20"), at("2026-02-20"), "invoice")
    assert [(line.version, line.period, line.minor) for line in proration.lines] == [(2, 1, 129)]


def test_a_change_that_touches_several_invoiced_periods_makes_one_document():
    _, (proration,) = amended([("2026-01-25", 12)], now="2026-03-12")
    assert [(line.version, line.period, line.minor) for line in proration.lines] == [
        (2, 0, 103),
        (2, 1, 200),
        (2, 2, 200),
    ]
    assert (proration.day, proration.total_minor) == (day("2026-03-12"), 503)


def test_a_decrease_is_credited():
    core, (credit,) = amended([("2026-02-20", 8)])
    assert (credit.kind, credit.total_minor) == ("credit_memo", -129)
    assert core.news[-1].type == "credit_memo_issued"


def test_a_cancellation_credits_the_rest_and_ends_the_billing():
    """Later periods have the charge and its cancellation: documents of nothing."""
    core, (credit,) = amended([("2026-02-20", 0)])
    assert credit.total_minor == -round(1_000 * 18 / 28)
    run_days(core, "2026-02-21", "2026-12-31")
    later = core.invoices[core.invoices.index(credit) + 1 :]
    assert {tuple((line.version, line.minor) for line in one.lines) for one in later} == {((1, 1_000), (2, -1_000))}
    assert core.billed_minor("C-1") == 1_000 + 1_000 - 643


def test_a_change_of_periods_not_invoiced_yet_waits_for_them():
    core, issued = amended([("2026-03-10", 12)])
    assert issued == []
    run_days(core, "2026-02-21", "2026-03-10")
    assert documents(core)[-1] == (day("2026-03-10"), [(1, 2, 1_000), (2, 2, 200)])


def test_changes_that_cancel_each_other_out_make_a_document_of_nothing():
    _, (invoice,) = amended([("2026-02-20", 12), ("2026-02-20", 10)])
    assert [(line.version, line.minor) for line in invoice.lines] == [(2, 129), (3, -129)]
    assert (invoice.total_minor, invoice.kind) == (0, "invoice")


def test_the_same_state_again_changes_nothing():
    core, (_,) = amended([("2026-02-20", 12)])
    (subscription,) = core.subscriptions.values()
    ask(core, UpdateSubscription(subscription.id, subscription.state), at("2026-02-21"))
    assert len(core.invoices) == 3


def test_an_older_state_takes_back_what_a_newer_one_billed_and_the_newer_bills_it_again():
    """Billing believes what it is told last: that is how a lost update gets into the books."""
    core, (first,) = amended([("2026-02-20", 12)])
    (subscription,) = core.subscriptions.values()
    state = subscription.state
    ask(core, UpdateSubscription(subscription.id, as_of(state, 1)), at("2026-02-21"))
    assert [(line.version, line.period, line.minor) for line in core.invoices[-1].lines] == [(2, 1, -129)]
    assert core.invoices[-1].kind == "credit_memo"
    assert subscription.state.version == 1
    ask(core, UpdateSubscription(subscription.id, state), at("2026-02-22"))
    assert core.invoices[-1].lines == first.lines
    assert core.billed_minor("C-1") == 2_000 + 129
    assert subscription.applied == {1: at("2026-01-10"), 2: at("2026-02-20")}  # the first time each


# --- from before the run -----------------------------------------------------------------------------


def test_what_was_due_before_the_run_was_billed_before_it():
    """Instant 0 is 18 December: the period from there is the first of the run."""
    core = billing()
    core.preload("Company", contract(start="2025-10-18", billing_months=1))
    assert (core.invoices, core.news) == ([], [])
    (subscription,) = core.subscriptions.values()
    assert (subscription.next_period, core.billed_minor("C-1")) == (2, 2_000)
    run_days(core, "2025-12-18", "2026-01-18")
    assert documents(core) == [
        (day("2025-12-18"), [(1, 2, 1_000)]),
        (day("2026-01-18"), [(1, 3, 1_000)]),
    ]


def test_a_change_of_an_opening_contract_bills_the_periods_of_before_as_well():
    core = billing()
    state = contract(("2025-12-20", 12), start="2025-11-01", billing_months=3)
    core.preload("Company", as_of(state, 1))
    (subscription,) = core.subscriptions.values()
    ask(core, UpdateSubscription(subscription.id, state), at("2025-12-20"))
    assert documents(core) == [(day("2025-12-20"), [(2, 0, round(600 * 43 / 92))])]


def test_opening_contracts_of_one_account_share_its_customer():
    core = billing()
    for key in ("O-1", "O-2"):
        core.preload("Company", contract(key=key, start="2025-10-18"))
    assert [customer.account for customer in core.customers.all.values()] == ["A-1"]


# --- what is unique, and what is not -----------------------------------------------------------------


def test_without_a_key_every_create_creates_and_bills():
    core, one = subscribed(contract(start="2026-02-02"), at("2026-02-02"))
    _, other = subscribed(contract(start="2026-02-02"), at("2026-02-03"), core)
    assert one.id != other.id
    assert len({invoice.id for invoice in core.invoices}) == len(core.invoices) == 2
    assert [invoice.subscription for invoice in core.invoices] == [one.id, other.id]
    assert core.billed_minor("C-1") == 2_000
    assert [found.id for found in ask(core, FindSubscriptions("C-1"))] == [one.id, other.id]
    assert len(core.customers.all) == 2


def test_two_subscriptions_are_billed_each_for_itself():
    core, one = subscribed(contract(start="2026-02-02"), at("2026-02-02"))
    _, other = subscribed(contract(start="2026-02-02"), at("2026-02-02"), core)
    ask(core, UpdateSubscription(other.id, contract(("2026-02-10", 0), start="2026-02-02")), at("2026-02-10"))
    run_days(core, "2026-02-11", "2026-03-31")
    totals = [(invoice.subscription, invoice.total_minor) for invoice in core.invoices]
    assert totals == [(one.id, 1_000), (other.id, 1_000), (other.id, -714), (one.id, 1_000), (other.id, 0)]


def test_a_search_for_customers_lags_and_a_list_of_subscriptions_does_not():
    core = billing(index_lag_us=5_000_000)
    customer = ask(core, CreateCustomer("A-1", "Company"), 1_000)
    assert ask(core, FindCustomers("A-1"), 1_000 + 4_999_999) == []
    assert ask(core, FindCustomers("A-1"), 1_000 + 5_000_000) == [customer]
    assert ask(core, FindCustomers("A-2"), 1 << 50) == []
    subscription = ask(core, CreateSubscription(customer.id, contract()), 2_000)
    assert ask(core, FindSubscriptions("C-1"), 2_000) == [subscription]
    assert ask(core, FindSubscriptions("C-2"), 2_000) == []


def test_a_list_is_a_copy():
    core, _ = subscribed(contract(start="2026-02-02"), at("2026-02-02"))
    ask(core, FindSubscriptions("C-1")).clear()
    ask(core, FindCustomers("A-1"), at("2026-02-03")).clear()
    assert len(ask(core, FindSubscriptions("C-1"))) == len(ask(core, FindCustomers("A-1"), at("2026-02-03"))) == 1


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (CreateSubscription("cus-000009", contract()), "customer_not_found"),
        (UpdateSubscription("sub-000009", contract()), "subscription_not_found"),
    ],
)
def test_what_hangs_on_nothing_is_refused_and_changes_nothing(request_, word):
    core = billing()
    assert refusal(core, request_, at("2026-02-02")) == (404, word)
    assert (core.subscriptions, core.invoices, core.news) == ({}, [], [])


# --- taking back -------------------------------------------------------------------------------------


def test_a_subscription_that_has_billed_nothing_is_voided_and_bills_nothing():
    core, subscription = subscribed(contract(start="2026-02-10"), at("2026-02-01"))
    assert ask(core, VoidSubscription(subscription.id, "saga failed"), at("2026-02-02")) is subscription
    assert subscription.void == Void(at("2026-02-02"), "integration", "saga failed")
    run_days(core, "2026-02-02", "2026-12-31")
    assert core.invoices == []
    assert core.operations[FindSubscriptions].served(FindSubscriptions("C-1"), 1) == []
    assert refusal(core, UpdateSubscription(subscription.id, contract())) == (409, "subscription_voided")
    assert refusal(core, VoidSubscription("sub-0", "nothing")) == (404, "subscription_not_found")


def test_an_issued_invoice_is_the_pivot_it_can_only_be_credited():
    core, subscription = subscribed(contract(start="2026-01-10"), at("2026-02-11"))
    assert refusal(core, VoidSubscription(subscription.id, "saga failed"), at("2026-02-12")) == (409, "invoice_issued")
    assert subscription.void is None
    for _ in range(2):  # the second credits nothing more
        ask(core, VoidSubscription(subscription.id, "saga failed", credit=True), at("2026-02-12"))
    assert documents(core) == [
        (day("2026-01-10"), [(1, 0, 1_000)]),
        (day("2026-02-10"), [(1, 1, 1_000)]),
        (day("2026-02-12"), [(1, 0, -1_000), (1, 1, -1_000)]),
    ]
    assert core.invoices[-1].kind == "credit_memo"
    assert [news.type for news in core.news] == ["invoice_issued", "invoice_issued", "credit_memo_issued"]
    assert core.billed_minor("C-1") == 0
