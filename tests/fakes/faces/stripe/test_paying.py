"""What customers pay with, what billing collects by itself, and what is paid back."""

import pytest
import stripe

from tests.fakes.faces.stripe.test_flow import sold
from tests.fakes.faces.stripe.test_refusals import kept
from tests.fakes.samples import day


def paying(client, card="pm_card_visa"):
    return client.v1.customers.create(
        {"name": "Acme", "payment_method": card, "invoice_settings": {"default_payment_method": card}}
    )


def subscribed(client, customer, **more):
    return client.v1.subscriptions.create({
        "customer": customer.id, "items": [{"price": sold(client).id, "quantity": 2}], "expand": ["latest_invoice"],
        **more,
    })  # fmt: skip


def paid(client):
    """An invoice of 2,400 that was paid, and its payment intent."""
    invoice = subscribed(client, paying(client)).latest_invoice
    (payment,) = client.v1.invoice_payments.list({"invoice": invoice.id}).data
    return invoice, payment.payment.payment_intent


@pytest.mark.parametrize("minute", [60, 480])
def test_a_new_subscription_is_invoiced_at_once_and_charged_to_the_default_card(world, client, minute):
    world.until(day("2025-12-18"), minute)
    invoice = subscribed(client, paying(client)).latest_invoice
    assert (invoice.status, invoice.total, invoice.amount_paid) == ("paid", 2_400, 2_400)
    world.until(day("2026-01-19"))
    assert [one.status for one in client.v1.invoices.list().data] == ["paid", "paid"]
    assert len(world.billing.payments) == len(world.billing.invoices) == 2


@pytest.mark.parametrize("terms", [
    {"collection_method": "send_invoice", "days_until_due": 30},
    {"default_payment_method": "declined"},
])  # fmt: skip
def test_nothing_is_collected_from_a_card_that_is_not_charged_or_does_not_pay(client, terms):
    customer = paying(client)
    if "default_payment_method" in terms:
        method = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
        terms = {"default_payment_method": method.id}
    assert subscribed(client, customer, **terms).latest_invoice.status == "open"


def test_a_card_that_is_the_default_later_pays_what_is_invoiced_from_then_on(world, client):
    customer = client.v1.customers.create({"name": "Acme"})
    subscribed(client, customer)
    method = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    settings = {"invoice_settings": {"default_payment_method": method.id}}
    with pytest.raises(stripe.InvalidRequestError, match="must be attached to the customer") as refused:
        client.v1.customers.update(customer.id, settings)
    assert refused.value.param == "invoice_settings[default_payment_method]"
    client.v1.payment_methods.attach(method.id, {"customer": customer.id})
    client.v1.customers.update(customer.id, settings)
    world.until(day("2026-01-19"))
    client.v1.payment_methods.detach(method.id)
    assert client.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method is None
    world.until(day("2026-02-19"))
    assert [one.status for one in client.v1.invoices.list().data] == ["open", "paid", "open"]


def test_two_customers_have_a_card_for_tests_each(client):
    first, second = paying(client), paying(client)
    for customer in (first, second):
        (method,) = client.v1.customers.payment_methods.list(customer.id).data
        assert method.id == customer.invoice_settings.default_payment_method
        assert client.v1.customers.payment_methods.retrieve(customer.id, method.id).customer == customer.id
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        client.v1.payment_methods.attach(method.id, {"customer": first.id})
    with pytest.raises(stripe.InvalidRequestError, match="No such PaymentMethod"):
        client.v1.customers.payment_methods.retrieve(first.id, method.id)


@pytest.mark.parametrize(("method", "error", "code"), [
    ("pm_unknown", stripe.InvalidRequestError, "resource_missing"),
    ("pm_card_visa_chargeDeclined", stripe.CardError, "card_declined"),
])  # fmt: skip
def test_an_invoice_is_not_paid_by_what_does_not_pay(client, method, error, code):
    invoice = subscribed(client, client.v1.customers.create({"name": "Acme"})).latest_invoice
    with pytest.raises(error) as refused:
        client.v1.invoices.pay(invoice.id, {"payment_method": method})
    assert refused.value.code == code
    assert client.v1.invoices.retrieve(invoice.id).status == "open"


def test_a_payment_is_refunded_in_part_and_then_the_rest(world, client):
    invoice, intent = paid(client)
    first = client.v1.refunds.create({
        "payment_intent": intent, "amount": 400, "reason": "requested_by_customer", "metadata": {"case": "7"},
    })  # fmt: skip
    assert (first.amount, first.status, first.reason, first.metadata.case) == (
        400, "succeeded", "requested_by_customer", "7",
    )  # fmt: skip
    charge = client.v1.charges.retrieve(first.charge)
    assert (charge.amount_refunded, charge.refunded) == (400, False)
    rest = client.v1.refunds.create({"charge": first.charge})
    assert (rest.amount, rest.payment_intent) == (2_000, intent)
    assert client.v1.charges.retrieve(first.charge).refunded
    assert [one.amount for one in client.v1.refunds.list({"payment_intent": intent}).data] == [2_000, 400]
    assert client.v1.refunds.update(rest.id, {"metadata": {"case": "8"}}).metadata.case == "8"
    assert sum(one.minor for one in world.billing.payments) == 0
    assert client.v1.invoices.retrieve(invoice.id).post_payment_credit_notes_amount == 2_400


def test_no_more_is_refunded_than_was_paid(world, client):
    _, intent = paid(client)
    before = kept(world)
    for asked, param, code in (
        ({"payment_intent": intent, "amount": 2_401}, "amount", None), ({}, None, None),
        ({"payment_intent": "pi_unknown"}, "payment_intent", "resource_missing"),
        ({"payment_intent": intent, "amount": 0}, "amount", "parameter_invalid_integer"),
    ):  # fmt: skip
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create(asked)
        assert (refused.value.param, refused.value.code) == (param, code)
    assert kept(world) == before
    client.v1.refunds.create({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent})
    assert refused.value.code == "charge_already_refunded"


def test_with_its_customer_a_subscription_ends(world, client):
    customer = paying(client)
    subscription = subscribed(client, customer)
    client.v1.customers.delete(customer.id)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    world.until(day("2026-02-19"))
    assert sum(one.total_minor for one in world.billing.invoices) == 0
