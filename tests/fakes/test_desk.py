"""At its desk billing's records are read, one invoice is credited or paid, and usage and renewals wait their turn."""

from fakes.agreements import Deliverable
from fakes.billing import Billing, CreateCustomer, CreateSubscription, UpdateSubscription
from fakes.desk import (
    BillingDesk,
    CollectPayment,
    CreditableOf,
    CreditInvoice,
    DocumentsOf,
    ExtendTerm,
    GetCustomer,
    GetSubscription,
    IsIndexed,
    KeepRenewing,
    ListSubscriptions,
    PaymentOf,
    PlaceOf,
    ReportUsage,
    TellOf,
)
from tests.fakes.samples import CALENDAR, ask, at, contract, day, refusal
from tests.fakes.test_billing import run_days


def desk_of(state, now_us, index_lag_us=0):
    """A billing with one subscription, and its desk."""
    core = Billing(CALENDAR, lambda record: index_lag_us)
    desk = BillingDesk(core, CALENDAR)
    customer = ask(core, CreateCustomer(state.account, "Company"), now_us)
    ask(core, CreateSubscription(customer.id, state), now_us)
    return core, desk


def test_records_are_read_by_their_ids():
    core, desk = desk_of(contract(start="2026-01-05"), at("2026-01-05"))
    (invoice,) = core.invoices
    assert ask(desk, GetCustomer("cus-000001")).account == "A-1"
    assert ask(desk, GetSubscription("sub-000001")) is core.subscriptions["sub-000001"]
    assert list(ask(desk, ListSubscriptions("cus-000001"))) == list(core.subscriptions.values())
    assert (ask(desk, PlaceOf(invoice.id)), list(ask(desk, DocumentsOf("sub-000001")))) == (0, [invoice])
    assert refusal(desk, GetCustomer("cus-2")) == (404, "customer_not_found")
    assert refusal(desk, GetSubscription("sub-2")) == (404, "subscription_not_found")
    assert refusal(desk, PlaceOf("INV-2")) == (404, "invoice_not_found")


def test_an_index_shows_a_record_once_its_lag_has_passed():
    _, desk = desk_of(contract(), at("2026-01-05"), index_lag_us=10)
    assert [ask(desk, IsIndexed("r", "w", 100), now_us) for now_us in (109, 110)] == [False, True]


def test_an_invoice_is_credited_up_to_what_it_charged_and_is_not_billed_anew():
    core, desk = desk_of(contract(start="2026-01-05"), at("2026-01-05"))
    (invoice,) = core.invoices
    memo = ask(desk, CreditInvoice(invoice.id, ((0, 400),)), at("2026-01-06"))
    assert (memo.kind, memo.total_minor, memo.day) == ("credit_memo", -400, day("2026-01-06"))
    assert ask(desk, CreditableOf(invoice.id)) == [600]
    for lines in (((0, 601),), ((0, -1),), ()):
        assert refusal(desk, CreditInvoice(invoice.id, lines))[0] == 422
    ask(core, UpdateSubscription("sub-000001", contract(start="2026-01-05")), at("2026-01-07"))
    assert core.invoices == [invoice, memo]


def test_a_document_is_paid_once():
    core, desk = desk_of(contract(start="2026-01-05"), at("2026-01-05"))
    (invoice,) = core.invoices
    assert ask(desk, PaymentOf(invoice.id)) is None
    payment = ask(desk, CollectPayment(invoice.id), at("2026-01-08"))
    assert ask(desk, PaymentOf(invoice.id)) is payment
    assert refusal(desk, CollectPayment(invoice.id)) == (409, "already_paid")


def test_a_months_usage_is_metered_on_the_first_morning_after_it():
    usage = Deliverable("calls", 1, "as_invoiced", "as_delivered", rate_minor=2)
    state = contract(start="2026-01-05")
    core, desk = desk_of(type(state)(**{**as_fields(state), "deliverables": (usage,)}), at("2026-01-05"))
    for units in (3, 4):
        ask(desk, ReportUsage("C-1", "calls", units, day("2026-01-09")), at("2026-01-10"))
    assert refusal(desk, ReportUsage("C-1", "calls", -1, day("2026-01-09"))) == (422, "negative_usage")
    run_days(core, "2026-01-11", "2026-01-31")
    assert core.metered == []
    run_days(core, "2026-02-01", "2026-02-02")
    assert [(one.units, one.from_day, one.day) for one in core.metered] == [(7, day("2026-01-01"), day("2026-01-31"))]
    assert core.invoices[-1].total_minor == 14


def as_fields(state):
    return {name: getattr(state, name) for name in type(state).__dataclass_fields__}


def test_what_is_kept_renewing_goes_on_and_what_is_not_ends():
    for months, issued in ((1, 3), (0, 1)):
        core, desk = desk_of(contract(start="2026-01-05", months=1), at("2026-01-05"))
        ask(desk, KeepRenewing("sub-000001", months))
        run_days(core, "2026-01-06", "2026-03-10")
        assert len(core.invoices) == issued


def test_a_longer_term_is_billed_as_it_falls_due():
    core, desk = desk_of(contract(start="2026-01-05", months=1), at("2026-01-05"))
    ask(desk, ExtendTerm("sub-000001", day("2026-03-05")))
    assert refusal(desk, ExtendTerm("sub-000001", day("2026-03-05"))) == (422, "no_later_end")
    assert refusal(desk, ExtendTerm("sub-000001", day("2026-03-06"))) == (422, "invalid_contract")
    run_days(core, "2026-01-06", "2026-03-10")
    assert [one.day for one in core.invoices] == [day("2026-01-05"), day("2026-02-05")]


def test_what_the_core_does_not_know_is_told_as_it_is():
    core, desk = desk_of(contract(start="2026-01-05"), at("2025-12-20"))
    ask(desk, TellOf("record_changed", "k", 1, {"a": 1}))
    assert [(one.type, one.key, one.body) for one in core.news] == [("record_changed", "k", {"a": 1})]


def test_a_price_for_a_period_need_be_no_whole_number_a_month():
    state = contract(start="2026-01-05", billing_months=12, price=8_333)
    core, _ = desk_of(type(state)(**{**as_fields(state), "period_price_minor": 100_000}), at("2026-01-05"))
    assert [one.total_minor for one in core.invoices] == [1_000_000]
