"""Quote to cash with Stripe's own client: what it asks for is in billing's books, by the day and to the cent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import stripe

from fakes.agreements import Account, Deliverable
from fakes.billing import payment_id
from tests.fakes.samples import CALENDAR, contract, day


def midnight(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def sold(client, *, amount=1_200, interval="month", count=1, key="platform"):
    """A price of a product that the company calls `key`."""
    product = client.v1.products.create({"name": "Platform", "metadata": {"product": key}})
    recurring = {"interval": interval, "interval_count": count}
    return client.v1.prices.create(
        {"product": product.id, "currency": "usd", "unit_amount": amount, "recurring": recurring}
    )


def subscribed(client, price, *, quantity=10, start="2025-12-20", end="2026-12-20", **more):
    customer = client.v1.customers.create({"name": "Acme", "email": "ap@acme.test", "metadata": {"account": "A-1"}})
    return customer, client.v1.subscriptions.create({
        "customer": customer.id, "items": [{"price": price.id, "quantity": quantity}],
        "billing_cycle_anchor": midnight(start), "cancel_at": midnight(end), "collection_method": "send_invoice",
        "days_until_due": 30, "metadata": {"contract": "C-1"}, **more,
    })  # fmt: skip


def documents(world):
    return [
        (one.day, [(line.version, line.period, line.minor) for line in one.lines]) for one in world.billing.invoices
    ]


def test_a_whole_flow_is_in_the_books(world, client):
    price = sold(client)
    customer, subscription = subscribed(client, price)
    assert (subscription.status, subscription.metadata.contract) == ("active", "C-1")
    assert subscription["items"].data[0].quantity == 10

    world.until(day("2025-12-21"))
    (invoice,) = client.v1.invoices.list({"customer": customer.id}).data
    assert (invoice.total, invoice.status, invoice.currency) == (12_000, "open", "usd")
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.due_date == invoice.created + 30 * 86_400
    (line,) = invoice.lines.data
    assert (line.amount, line.quantity, line.pricing.price_details.price) == (12_000, 10, price.id)

    world.until(day("2026-01-04"))  # half way through a period of 31 days
    item = subscription["items"].data[0].id
    amended = client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item, "quantity": 12}], "proration_date": midnight("2026-01-05")}
    )
    assert amended["items"].data[0].quantity == 12
    state = world.billing.subscriptions["sub-000001"].state
    assert [(one.number, one.kind, one.effective_day, one.quantity) for one in state.versions] == [
        (1, "signed", day("2025-12-20"), 10), (2, "amended", day("2026-01-05"), 12),
    ]  # fmt: skip
    assert documents(world)[-1] == (day("2026-01-04"), [(2, 0, round(2 * 1_200 * 15 / 31))])

    world.until(day("2026-01-20"))
    assert documents(world)[-1] == (day("2026-01-20"), [(1, 1, 12_000), (2, 1, 2_400)])
    newest = client.v1.invoices.list({"subscription": subscription.id, "limit": 1}).data[0]
    assert (newest.total, newest.billing_reason, [one.amount for one in newest.lines.data]) == (
        14_400, "subscription_cycle", [12_000, 2_400],
    )  # fmt: skip
    assert client.v1.subscriptions.retrieve(subscription.id).latest_invoice == newest.id

    note = client.v1.credit_notes.create({"invoice": newest.id, "amount": 4_400, "reason": "order_change"})
    assert (note.total, note.status, note.invoice) == (4_400, "issued", newest.id)
    assert client.v1.invoices.retrieve(newest.id).amount_remaining == 10_000
    assert world.billing.invoices[-1].total_minor == -4_400

    paid = client.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 12_000, 0)
    assert world.billing.payments[0].id == payment_id(world.billing.invoices[0].id)
    void = client.v1.invoices.void_invoice(newest.id)
    assert void.status == "void"
    assert sum(one.total_minor for one in world.billing.invoices[-3:]) == 0

    gone = client.v1.subscriptions.cancel(subscription.id)
    assert gone.status == "canceled"
    assert world.billing.subscriptions["sub-000001"].state.quantity == 0
    types = [event.type for event in client.v1.events.list({"limit": 100}).auto_paging_iter()]
    assert types[0] == "customer.subscription.deleted"
    assert {"customer.created", "invoice.finalized", "invoice.paid", "invoice.voided", "credit_note.created"} <= set(
        types
    )


def test_a_subscription_is_the_contract_that_it_says(world, client):
    """To the last field: this is what an audit compares."""
    price = sold(client, amount=300, count=3)
    _, subscription = subscribed(
        client, price, start="2026-01-01", end="2027-01-01",
        metadata={"contract": "C-1", "signed": "2026-01-01", "obligations": "platform:100"},
    )  # fmt: skip
    expected = contract(("2026-02-01", 12), start="2026-01-01", billing_months=3)
    made = world.billing.subscriptions["sub-000001"]
    assert made.state == contract(start="2026-01-01", billing_months=3)
    item = subscription["items"].data[0].id
    client.v1.subscription_items.update(item, {"quantity": 12, "proration_date": midnight("2026-02-01")})
    newest = made.state.versions[-1]
    assert (newest.effective_day, newest.quantity, newest.price_change_minor) == (
        day("2026-02-01"), 12, expected.versions[-1].price_change_minor,
    )  # fmt: skip


def test_a_yearly_price_that_is_no_whole_number_a_month_is_invoiced_to_the_cent(world, client):
    price = sold(client, amount=100_000, interval="year")
    subscribed(client, price, quantity=3)
    world.until(day("2025-12-21"))
    assert documents(world) == [(day("2025-12-20"), [(1, 0, 300_000)])]


def test_items_of_several_quantities_are_one_contract(world, client):
    seats, support = sold(client, amount=1_000), sold(client, amount=7_500, key="support")
    customer = client.v1.customers.create({"name": "Acme"})
    subscription = client.v1.subscriptions.create({
        "customer": customer.id, "items": [{"price": seats.id, "quantity": 4}, {"price": support.id}],
    })  # fmt: skip
    world.until(day("2025-12-19"))
    invoice = client.v1.invoices.retrieve(client.v1.subscriptions.retrieve(subscription.id).latest_invoice)
    assert [line.amount for line in invoice.lines.data] == [4_000, 7_500]
    other = sold(client, amount=900, key="seat-2026")
    item = subscription["items"].data[0].id
    changed = client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item, "price": other.id}], "proration_behavior": "none"}
    )
    assert [one.price.unit_amount for one in changed["items"].data] == [900, 7_500]
    world.until(day("2026-01-19"))
    assert [one.total_minor for one in world.billing.invoices] == [11_500, 11_100]


def test_without_an_end_a_subscription_goes_on_after_a_year(world, client):
    price = sold(client, amount=12_000, interval="year")
    customer = client.v1.customers.create({"name": "Acme"})
    client.v1.subscriptions.create({
        "customer": customer.id, "items": [{"price": price.id}], "backdate_start_date": midnight("2025-01-10"),
    })  # fmt: skip
    assert [one.total_minor for one in world.billing.invoices] == [12_000]
    world.until(day("2026-01-11"))
    assert [(one.day, one.total_minor) for one in world.billing.invoices][1:] == [(day("2026-01-10"), 12_000)]


def test_at_the_end_of_its_period_a_subscription_is_over(world, client):
    customer, subscription = subscribed(client, sold(client), start="2025-12-18", cancel_at=midnight("2026-12-18"))
    world.until(day("2025-12-20"))
    ending = client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert (ending.status, ending.cancel_at_period_end) == ("active", True)
    assert ending.cancel_at == ending["items"].data[0].current_period_end
    back = client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    assert back.cancel_at is None
    client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    world.until(day("2026-02-20"))
    assert [one.total_minor for one in world.billing.invoices] == [12_000, 0, 0]  # billing's documents of no effect
    assert client.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert client.v1.subscriptions.list({"customer": customer.id}).data == []
    assert len(client.v1.subscriptions.list({"customer": customer.id, "status": "all"}).data) == 1


def test_an_invoice_by_hand_is_drafted_finalised_and_paid(world, client):
    customer = client.v1.customers.create({"name": "Acme"})
    waits = client.v1.invoice_items.create(
        {"customer": customer.id, "amount": 5_000, "currency": "usd", "description": "Set-up"}
    )
    draft = client.v1.invoices.create({"customer": customer.id, "pending_invoice_items_behavior": "include"})
    client.v1.invoice_items.create({"customer": customer.id, "invoice": draft.id, "amount": 700, "currency": "usd"})
    assert world.billing.invoices == []
    world.until(day("2025-12-18"))
    final = client.v1.invoices.finalize_invoice(draft.id)
    assert (final.id, final.status, final.total, [one.amount for one in final.lines.data]) == (
        draft.id, "open", 5_700, [5_000, 700],
    )  # fmt: skip
    assert client.v1.invoice_items.retrieve(waits.id).invoice == draft.id
    (invoice,) = world.billing.invoices
    assert (invoice.total_minor, invoice.account) == (5_700, customer.id)
    with pytest.raises(stripe.InvalidRequestError, match="default_payment_method"):
        client.v1.invoices.pay(draft.id)
    with pytest.raises(stripe.CardError) as declined:
        client.v1.invoices.pay(draft.id, {"payment_method": "pm_card_chargeDeclined"})
    assert (declined.value.http_status, declined.value.code) == (402, "card_declined")
    assert client.v1.invoices.pay(draft.id, {"payment_method": "pm_card_visa"}).status == "paid"
    note = client.v1.credit_notes.create({
        "invoice": draft.id, "lines": [{"type": "invoice_line_item", "invoice_line_item": final.lines.data[1].id,
            "quantity": 1}],
        "refund_amount": 700,
    })  # fmt: skip
    assert (note.total, note.post_payment_amount, len(note.refunds)) == (700, 700, 1)
    assert [one.amount for one in client.v1.refunds.list().data] == [700]
    shown = client.v1.invoices.retrieve(draft.id, {"expand": ["payments.data.payment.payment_intent"]})
    assert shown.payments.data[0].payment.payment_intent.status == "succeeded"


def test_usage_is_charged_once_its_month_is_over(world, client):
    meter = client.v1.billing.meters.create({
        "display_name": "Calls", "event_name": "api_calls", "default_aggregation": {"formula": "sum"},
    })  # fmt: skip
    product = client.v1.products.create({"name": "Calls", "metadata": {"product": "calls"}})
    price = client.v1.prices.create({
        "product": product.id, "currency": "usd", "billing_scheme": "tiered", "tiers_mode": "graduated",
        "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
        "tiers": [{"up_to": 100, "unit_amount": 0}, {"up_to": "inf", "unit_amount": 3}],
    })  # fmt: skip
    customer = client.v1.customers.create({"name": "Acme"})
    client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    world.until(day("2025-12-20"))
    for number in range(3):
        client.v1.billing.meter_events.create({
            "event_name": "api_calls", "payload": {"stripe_customer_id": customer.id, "value": "50"},
            "identifier": f"use-{number}",
        })  # fmt: skip
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        client.v1.billing.meter_events.create({
            "event_name": "api_calls", "payload": {"stripe_customer_id": customer.id, "value": "50"},
            "identifier": "use-0",
        })  # fmt: skip
    world.until(day("2026-01-02"))
    (usage,) = world.billing.metered
    assert (usage.product, usage.units) == ("calls", 150)
    assert [one.total_minor for one in world.billing.invoices] == [150]


def test_what_was_billed_before_stripe_can_be_read_and_amended(client, world):
    world.company.preload([Account("A-9", "Old Customer")], [contract(key="O-1", account="A-9", start="2025-11-30")])
    (customer,) = client.v1.customers.search({"query": 'metadata["account"]:"A-9"'}).data
    (subscription,) = client.v1.subscriptions.search({"query": 'metadata["contract"]:"O-1"'}).data
    assert (customer.name, subscription.customer, subscription["items"].data[0].quantity) == (
        "Old Customer",
        customer.id,
        10,
    )
    client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": subscription["items"].data[0].id, "quantity": 11}],
                          "proration_date": midnight("2025-12-18"), "metadata": {"signed": "2025-12-18"}},
    )  # fmt: skip
    assert world.billing.subscriptions["sub-000001"].state.versions[-1].quantity == 11
    assert len(client.v1.invoices.list({"subscription": subscription.id}).data) == 1


def test_previewing_changes_nothing(world, client):
    _, subscription = subscribed(client, sold(client), start="2025-12-18")
    world.until(day("2025-12-20"))
    item = subscription["items"].data[0].id
    preview = client.v1.invoices.create_preview({
        "subscription": subscription.id, "subscription_details": {"items": [{"id": item, "quantity": 20}]},
    })  # fmt: skip
    assert preview.total == round(10 * 1_200 * 29 / 31) + 24_000
    assert len(world.billing.invoices) == 1
    assert world.billing.subscriptions["sub-000001"].revision == 1


def test_a_subscription_that_could_be_made_is_previewed_and_not_made(world, client):
    customer, price = client.v1.customers.create({"name": "Acme"}), sold(client)
    items = [{"price": price.id, "quantity": 3}, {"quantity": 2, "price_data": {
        "currency": "usd", "product": price.product, "unit_amount": 50, "recurring": {"interval": "month"},
    }}]  # fmt: skip
    preview = client.v1.invoices.create_preview(
        {"customer": customer.id, "subscription_details": {"items": items, "cancel_at": ""}}
    )
    assert [(one.amount, one.quantity) for one in preview.lines.data] == [(3_600, 3), (100, 2)]
    assert (preview.total, len(world.billing.subscriptions)) == (3_700, 0)
    with pytest.raises(stripe.InvalidRequestError) as none:
        client.v1.invoices.create_preview({"customer": customer.id})
    assert none.value.code == "invoice_upcoming_none"


def test_of_a_customer_the_next_invoice_is_previewed(world, client):
    customer, subscription = subscribed(client, sold(client), start="2025-12-18", end="2026-12-18")
    preview = client.v1.invoices.create_preview({"customer": customer.id})
    assert (preview.total, preview.parent.subscription_details.subscription) == (12_000, subscription.id)
    other, item = sold(client, amount=3_000), subscription["items"].data[0].id
    changed = client.v1.invoices.create_preview({
        "subscription": subscription.id, "subscription_details": {"items": [{"id": item, "price": other.id}]},
    })  # fmt: skip
    assert {one.pricing.price_details.price for one in changed.lines.data} == {other.id}
    assert changed.total == 18_000 + 30_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.invoices.create_preview(
            {"subscription": subscription.id, "subscription_details": {"cancel_now": True}}
        )
    assert refused.value.param == "subscription_details[cancel_now]"


def test_during_a_trial_the_period_is_the_trials(world, client):
    customer = client.v1.customers.create({"name": "Acme"})
    subscription = client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": sold(client).id}], "trial_period_days": 14}
    )
    (item,) = subscription["items"].data
    assert (subscription.status, item.current_period_start, item.current_period_end) == (
        "trialing", subscription.trial_start, subscription.trial_end,
    )  # fmt: skip
    world.until(day("2026-01-02"))
    after = client.v1.subscriptions.retrieve(subscription.id)
    assert (after.status, after["items"].data[0].current_period_start) == ("active", subscription.trial_end)
    assert [one.total_minor for one in world.billing.invoices] == [1_200]


def test_set_up_is_invoiced_with_the_first_period(world, client):
    fee = client.v1.prices.create({
        "currency": "usd", "unit_amount": 9_900, "product_data": {"name": "Set-up", "metadata": {"product": "setup"}},
        "metadata": {"days": "30"},
    })  # fmt: skip
    subscribed(client, sold(client), start="2026-01-05", end="2027-01-05", add_invoice_items=[{"price": fee.id}])
    world.until(day("2026-01-06"))
    assert documents(world) == [(day("2026-01-05"), [(1, 0, 12_000), (1, "setup", 9_900)])]
    (one,) = world.billing.subscriptions["sub-000001"].state.deliverables
    assert (one.from_day, one.to_day) == (day("2026-01-05"), day("2026-02-04"))


def test_an_account_of_a_version_is_brought_up_to_date(world, client):
    customer = client.v1.customers.create({"name": "Acme", "metadata": {"account": "A-1"}})
    client.v1.customers.update(customer.id, {"name": "Acme Ltd", "metadata": {"version": "2"}})
    known = world.billing.customers.all["cus-000001"]
    assert (known.name, list(known.applied)) == ("Acme Ltd", [("A-1", 2)])
    assert CALENDAR.day_of(world.clock.now) == day("2025-12-18")


def test_a_later_end_goes_on_billing(world, client):
    price = sold(client)
    _, subscription = subscribed(client, price, start="2025-12-18", end="2026-01-18")
    world.until(day("2025-12-20"))
    longer = client.v1.subscriptions.update(subscription.id, {"cancel_at": midnight("2026-03-18")})
    assert longer.cancel_at == midnight("2026-03-18")
    client.v1.subscriptions.update(subscription.id, {"metadata": {"note": "nothing else"}})
    assert len(world.billing.subscriptions["sub-000001"].state.versions) == 1
    world.until(day("2026-03-20"))
    assert [one.day for one in world.billing.invoices] == [
        day(f"{month}-18") for month in ("2025-12", "2026-01", "2026-02")
    ]
    assert client.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert client.v1.subscriptions.update(subscription.id, {"metadata": {"late": "1"}}).metadata.late == "1"


def test_a_pending_cancellation_stays_behind_an_amendment(world, client):
    _, subscription = subscribed(client, sold(client), start="2025-12-18", end="2026-12-18")
    client.v1.subscriptions.update(subscription.id, {"cancel_at": midnight("2026-06-01")})
    item = subscription["items"].data[0].id
    client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item, "quantity": 5}], "proration_date": midnight("2026-03-01")}
    )
    versions = world.billing.subscriptions["sub-000001"].state.versions
    assert [(one.number, one.kind, one.effective_day, one.quantity) for one in versions] == [
        (1, "signed", day("2025-12-18"), 10), (2, "amended", day("2026-03-01"), 5), (3, "cancelled", day("2026-06-01"),
        0),
    ]  # fmt: skip
    client.v1.subscriptions.update(subscription.id, {"cancel_at": ""})
    assert [one.quantity for one in world.billing.subscriptions["sub-000001"].state.versions] == [10, 5]


def test_a_duplicate_is_voided_with_credit_for_all_of_it(world, client):
    _, subscription = subscribed(client, sold(client), start="2025-12-18")
    world.until(day("2025-12-20"))
    client.v1.subscriptions.update(subscription.id, {"metadata": {"void": "true"}})
    client.v1.subscriptions.cancel(subscription.id)
    assert world.billing.subscriptions["sub-000001"].void is not None
    assert sum(one.total_minor for one in world.billing.invoices) == 0


def test_what_was_delivered_is_invoiced_as_the_contract_says(world, client):
    promise = Deliverable("rollout", 1, "on_acceptance", "on_acceptance", 5_000, 5_000)
    agreed = replace(contract(key="S-1", account="A-7"), deliverables=(promise,))
    world.company.preload([Account("A-7", "Old Customer")], [agreed])
    (customer,) = client.v1.customers.list().data
    (subscription,) = client.v1.subscriptions.list().data
    item = client.v1.invoice_items.create({
        "customer": customer.id, "subscription": subscription.id, "amount": 0, "currency": "usd",
        "metadata": {"fulfilment": "F-1", "product": "rollout", "accepted": "true"},
    })  # fmt: skip
    assert item.amount == 5_000
    assert client.v1.invoices.retrieve(item.invoice).total == 5_000
    assert [one.key for one in world.billing.rendered] == ["F-1"]


def test_what_is_written_within_an_object_is_shown_as_what_it_is(client):
    settings = {"save_default_payment_method": "on_subscription"}
    _, subscription = subscribed(client, sold(client), automatic_tax={"enabled": True}, payment_settings=settings)
    assert (subscription.automatic_tax.enabled, subscription.automatic_tax.liability) == (True, None)
    assert subscription.payment_settings.payment_method_types is None
    customer = client.v1.customers.create({"name": "Acme", "address": {"city": "Bern", "line2": ""}})
    assert customer.address.to_dict() == {"city": "Bern", "line2": None}
    draft = client.v1.invoices.create({"customer": customer.id, "automatic_tax": {"enabled": False}})
    assert (draft.automatic_tax.enabled, draft.automatic_tax.status) == (False, None)
