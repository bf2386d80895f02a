"""Every operation, asked for by Stripe's own client: what it gets in place and under uvicorn is the same to the byte.

What then is in billing's books is the same, too, as when billing's core is asked without any face.
"""

from contextlib import contextmanager

import pytest
import stripe

from fakes.billing import CreateCustomer, CreateSubscription
from fakes.books.charges import due_lines
from fakes.faces.stripe.routes import OPERATIONS, route
from sim.http import request_to
from tests.fakes.faces.stripe.test_flow import midnight
from tests.fakes.faces.stripe.world import CREDENTIALS, InPlace, World, served
from tests.fakes.samples import contract, day


class Recorded(stripe.RequestsClient):
    """Stripe's client as it comes; what it is answered is written down."""

    def __init__(self, transcript, inside=None):
        super().__init__()
        self._transcript = transcript
        self._inside = inside

    def request(self, method, url, headers=None, post_data=None, *, _usage=None):
        headers = dict(headers or {})
        if "Idempotency-Key" in headers:  # a client's are random
            headers["Idempotency-Key"] = f"key-{len(self._transcript)}"
        answered = (self._inside or super()).request(method, url, headers, post_data)
        operation, _ = route(method.upper(), request_to("GET", url).target.partition("?")[0])
        body = answered[0] if isinstance(answered[0], str) else answered[0].decode()
        self._transcript.append((operation and operation.word, answered[1], body, answered[2]["request-id"]))
        return answered


def tour(client, world):
    """Ask for everything once, and for something that there is not."""
    v1 = client.v1
    customer = v1.customers.create({"name": "Acme", "metadata": {"account": "A-1"}})
    v1.customers.update(customer.id, {"phone": "1"})
    v1.customers.retrieve(customer.id)
    v1.customers.list({"limit": 1})
    v1.customers.search({"query": 'name:"Acme"'})
    for ask in (lambda: v1.customers.retrieve("cus_unknown"), lambda: v1.customers.delete_discount(customer.id)):
        with pytest.raises(stripe.InvalidRequestError):
            ask()
    prices = price_list(v1)
    subscription = subscribed(v1, world, customer.id, *prices)
    invoiced(v1, customer.id, subscription.id)
    paying_with(v1, customer.id)
    by_hand(v1, customer.id)
    metered(v1, customer.id)
    surroundings(v1)
    v1.events.retrieve(v1.events.list().data[0].id)
    v1.subscriptions.cancel(subscription.id)
    v1.customers.delete(customer.id)


def price_list(v1):
    product = v1.products.create({"name": "Platform", "metadata": {"product": "platform"}})
    v1.products.update(product.id, {"description": "All of it"})
    v1.products.retrieve(product.id)
    v1.products.list()
    v1.products.search({"query": 'active:"true"'})
    v1.products.delete(v1.products.create({"name": "Nothing", "id": "nothing"}).id)
    price = v1.prices.create({
        "product": product.id, "currency": "usd", "unit_amount": 300, "recurring": {"interval": "month",
            "interval_count": 3},
    })  # fmt: skip
    other = v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 60,
                              "recurring": {"interval": "month", "interval_count": 3}})  # fmt: skip
    v1.prices.update(price.id, {"nickname": "List"})
    v1.prices.retrieve(price.id)
    v1.prices.list({"product": product.id})
    v1.prices.search({"query": 'currency:"usd"'})
    return price, other


def subscribed(v1, world, customer, price, other):
    subscription = v1.subscriptions.create({
        "customer": customer, "items": [{"price": price.id, "quantity": 10}],
        "billing_cycle_anchor": midnight("2026-01-01"),
        "cancel_at": midnight("2027-01-01"),
        "metadata": {"contract": "C-1", "signed": "2026-01-01", "obligations": "platform:100"},
    })  # fmt: skip
    v1.subscriptions.retrieve(subscription.id)
    v1.subscriptions.list({"customer": customer})
    v1.subscriptions.search({"query": 'metadata["contract"]:"C-1"'})
    world.until(day("2026-01-02"))
    for ask in (v1.subscriptions.pause, v1.subscriptions.resume):
        with pytest.raises(stripe.InvalidRequestError):
            ask(subscription.id, {"type": "subscription"} if ask == v1.subscriptions.pause else {})
    item = subscription["items"].data[0].id
    v1.invoices.create_preview({"subscription": subscription.id})
    v1.subscriptions.update(
        subscription.id, {"items": [{"id": item, "quantity": 12}], "proration_date": midnight("2026-02-01")}
    )
    v1.subscription_items.list({"subscription": subscription.id})
    v1.subscription_items.retrieve(item)
    v1.subscription_items.update(item, {"metadata": {"a": "b"}})
    second = v1.subscription_items.create({"subscription": subscription.id, "price": other.id, "quantity": 12})
    v1.subscription_items.delete(second.id)
    return subscription


def invoiced(v1, customer, subscription):
    invoice = v1.invoices.list({"subscription": subscription, "status": "open"}).data[-1]
    v1.invoices.retrieve(invoice.id, {"expand": ["customer", "payments"]})
    v1.invoices.update(invoice.id, {"metadata": {"po": "7"}})
    v1.invoices.search({"query": 'metadata["po"]:"7"'})
    v1.invoices.line_items.list(invoice.id)
    v1.invoices.send_invoice(invoice.id)
    v1.credit_notes.preview({"invoice": invoice.id, "amount": 10})
    note = v1.credit_notes.create({"invoice": invoice.id, "amount": 10})
    v1.credit_notes.update(note.id, {"memo": "Sorry"})
    v1.credit_notes.retrieve(note.id)
    v1.credit_notes.list({"customer": customer})
    v1.credit_notes.line_items.list(note.id)
    with pytest.raises(stripe.InvalidRequestError):
        v1.credit_notes.void_credit_note(note.id)
    v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
    refunded = v1.credit_notes.create({"invoice": invoice.id, "amount": 20, "refund_amount": 20})
    (refund,) = v1.refunds.list().data
    v1.refunds.retrieve(refund.id)
    assert refunded.refunds[0].refund == refund.id
    v1.refunds.update(refund.id, {"metadata": {"a": "b"}})
    v1.payment_intents.retrieve(v1.payment_intents.list().data[0].id)
    charge = v1.charges.retrieve(v1.charges.list().data[0].id)
    v1.refunds.create({"charge": charge.id, "amount": 5})
    v1.invoice_payments.retrieve(v1.invoice_payments.list({"invoice": invoice.id}).data[0].id)


def surroundings(v1):
    clock = v1.test_helpers.test_clocks.create({"frozen_time": 1})
    v1.test_helpers.test_clocks.list()
    v1.test_helpers.test_clocks.retrieve(clock.id)
    with pytest.raises(stripe.InvalidRequestError):
        v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": 2})
    v1.test_helpers.test_clocks.delete(clock.id)
    endpoint = v1.webhook_endpoints.create({"url": "https://a.test", "enabled_events": ["*"]})
    v1.webhook_endpoints.update(endpoint.id, {"description": "Hook"})
    v1.webhook_endpoints.retrieve(endpoint.id)
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(endpoint.id)


def paying_with(v1, customer):
    method = v1.payment_methods.create({"type": "card"})
    v1.payment_methods.attach(method.id, {"customer": customer})
    v1.payment_methods.update(method.id, {"metadata": {"a": "b"}})
    v1.payment_methods.list({"customer": customer})
    v1.customers.payment_methods.list(customer)
    v1.customers.payment_methods.retrieve(customer, method.id)
    v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
    v1.customers.retrieve(customer, {"expand": ["invoice_settings.default_payment_method"]})
    v1.payment_methods.detach(method.id)
    v1.payment_methods.retrieve("pm_card_visa")
    v1.accounts.retrieve_current()


def by_hand(v1, customer):
    draft = v1.invoices.create({"customer": customer})
    item = v1.invoice_items.create({"customer": customer, "amount": 500, "currency": "usd", "invoice": draft.id})
    v1.invoice_items.update(item.id, {"amount": 600})
    v1.invoice_items.retrieve(item.id)
    v1.invoice_items.list({"customer": customer})
    v1.invoice_items.delete(v1.invoice_items.create({"customer": customer, "amount": 1, "currency": "usd"}).id)
    v1.invoices.add_lines(draft.id, {"lines": [{"amount": 50, "description": "More"}]})
    v1.invoices.finalize_invoice(draft.id)
    v1.invoices.mark_uncollectible(draft.id)
    assert v1.invoices.void_invoice(draft.id).total == 650
    v1.invoices.delete(v1.invoices.create({"customer": customer}).id)


def metered(v1, customer):
    meter = v1.billing.meters.create(
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )
    v1.billing.meters.update(meter.id, {"display_name": "API calls"})
    v1.billing.meters.retrieve(meter.id)
    v1.billing.meter_events.create({
        "event_name": "calls", "payload": {"stripe_customer_id": customer, "value": "5"}, "identifier": "1",
    })  # fmt: skip
    (summary,) = v1.billing.meters.event_summaries.list(
        meter.id, {"customer": customer, "start_time": 1, "end_time": midnight("2027-01-01")}
    ).data
    assert summary.aggregated_value == 5
    v1.billing.meters.deactivate(meter.id)
    v1.billing.meters.reactivate(meter.id)
    v1.billing.meters.list()


@contextmanager
def asking(how, face, transcript):
    if how == "in place":
        recorded = Recorded(transcript, InPlace(face.app))
        yield stripe.StripeClient(CREDENTIALS.api_key, http_client=recorded)
    else:
        with served(face.app) as url:
            yield stripe.StripeClient(
                CREDENTIALS.api_key, base_addresses={"api": url}, http_client=Recorded(transcript)
            )


def transcript_of(how):
    world, transcript = World(), []
    with asking(how, world.face(), transcript) as client:
        tour(client, world)
    return transcript, world


def test_in_place_and_under_uvicorn_every_operation_answers_the_same():
    here, there = transcript_of("in place")[0], transcript_of("uvicorn")[0]
    assert here == there
    assert {word for word, *_ in here} == {operation.word for operation in OPERATIONS}


def test_what_is_in_the_books_is_what_the_core_would_have_made_of_it():
    _, world = transcript_of("in place")
    plain = World()
    ask = plain.door().ask
    state = contract(start="2026-01-01", billing_months=3)
    ask(CreateSubscription(ask(CreateCustomer("A-1", "Acme")).id, state))
    plain.until(day("2026-01-02"))
    assert world.billing.invoices[0] == plain.billing.invoices[0]
    for of_face in (plain.billing, world.billing):  # in whatever units: a second item has come and gone
        state = of_face.subscriptions["sub-000001"].state
        assert state.versions[0].quantity * state.unit_price_minor == 10 * 100
    assert [line.minor for line in due_lines(state, 1)[:2]] == [3_000, 600]
