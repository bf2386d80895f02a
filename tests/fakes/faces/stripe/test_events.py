"""Events are listed, and told of by webhooks that Stripe's own verifier accepts, with the same ids."""

import asyncio
import json

import pytest
import stripe

from fakes.agreements import Fulfilment
from fakes.faces.stripe.events import TELLS
from fakes.news import OF_A_PRODUCT
from sim.delivery import Event
from sim.durations import MINUTE
from tests.fakes.faces.stripe.world import CREDENTIALS, World, client_of, in_place, served
from tests.fakes.samples import day

# The client itself hands httpx its forms in a way that httpx deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

FOREVER = 1 << 40
"""A tolerance in seconds: the run's time is not that of the machine which verifies."""


def subscribed(client, **more):
    customer = client.v1.customers.create({"name": "Acme", "metadata": {"account": "A-1"}})
    price = client.v1.prices.create({
        "currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}, "product_data": {"name": "Seats"},
    })  # fmt: skip
    return client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}], **more})


def delivered(world, face, types=TELLS):
    """The events that a webhook endpoint is sent and verifies, as they come."""
    seen = []

    async def handler(event):
        request = face.webhook(event, world.clock.now)
        seen.append(stripe.Webhook.construct_event(
            request.body, request.header("stripe-signature"), CREDENTIALS.signing_secret, FOREVER
        ))  # fmt: skip
        return True

    world.system.publisher.subscribe("stripe->test", handler, frozenset(types))
    return seen


def test_webhooks_tell_of_what_happens_once_and_are_verified():
    world = World()
    face = world.face()
    client, seen = in_place(face.app), delivered(world, face)
    subscription = subscribed(client)
    world.until(day("2025-12-19"))
    invoice = client.v1.subscriptions.retrieve(subscription.id).latest_invoice
    client.v1.credit_notes.create({"invoice": invoice, "amount": 100})
    client.v1.invoices.pay(invoice, {"paid_out_of_band": True})
    client.v1.subscriptions.cancel(subscription.id)
    world.clock.run_until(world.clock.now + MINUTE)
    assert [event.type for event in seen] == [
        "customer.created", "product.created", "price.created", "invoice.finalized", "customer.subscription.created",
        "credit_note.created", "invoice.paid", "credit_note.created", "customer.subscription.deleted",
    ]  # fmt: skip
    assert len({event.id for event in seen}) == len(seen)
    finalized = seen[3]
    assert (finalized.data.object.id, finalized.data.object.status, finalized.data.object.total) == (
        invoice,
        "open",
        500,
    )
    assert seen[6].data.object.status == "paid"
    for event in seen:  # what a careful client does: it asks again for what it was told
        again = client.v1.events.retrieve(event.id)
        assert (again.type, again.created, again.data.object.id) == (event.type, event.created, event.data.object.id)


def test_a_voided_invoice_is_told_as_such():
    world = World()
    face = world.face()
    client, seen = in_place(face.app), delivered(world, face, ["invoice_issued", "credit_memo_issued"])
    subscription = subscribed(client)
    world.until(day("2025-12-19"))
    invoice = client.v1.subscriptions.retrieve(subscription.id).latest_invoice
    client.v1.invoices.void_invoice(invoice)
    world.clock.run_until(world.clock.now + MINUTE)
    assert [(event.type, event.data.object.id, event.data.object.status) for event in seen] == [
        ("invoice.finalized", invoice, "open"), ("invoice.voided", invoice, "void"),
    ]  # fmt: skip
    assert client.v1.credit_notes.list().data == []


def test_a_forged_or_altered_webhook_is_not_verified():
    world = World()
    face = world.face()
    subscribed(in_place(face.app))
    event = next(one for one in world.system.publisher.published if one.type == OF_A_PRODUCT)
    request = face.webhook(event, 0)
    signature = request.header("stripe-signature")
    for body, secret in ((request.body + b" ", CREDENTIALS.signing_secret), (request.body, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, signature, secret, FOREVER)
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        stripe.Webhook.construct_event(request.body, signature, CREDENTIALS.signing_secret)


def test_a_second_attempt_is_signed_anew_and_says_the_same():
    world = World()
    face = world.face()
    subscribed(in_place(face.app))
    event = next(one for one in world.system.publisher.published if one.type == OF_A_PRODUCT)
    first, second = face.webhook(event, 0), face.webhook(event, 600 * 10**6)
    assert first.body == second.body
    assert first.header("stripe-signature") != second.header("stripe-signature")


def test_metered_usage_is_told_as_a_meter_event():
    world = World()
    face = world.face()
    usage = Fulfilment("U-1", "C-1", "calls", day("2026-01-01"), day("2026-01-31"), 7, metered=True)
    request = face.webhook(Event(1, "billing", "usage_reported", "U-1", 1, 0, usage), 0)
    told = json.loads(request.body)
    assert (told["type"], told["data"]["object"]["payload"]["value"]) == ("billing.meter_event.created", "7")
    assert face.webhook(Event(1, "billing", "other", "k", 1, 0, object()), 0) is None


def test_events_are_filtered_by_type(world, client):
    subscribed(client)
    world.until(day("2025-12-19"))
    assert [one.type for one in client.v1.events.list({"type": "invoice.*"}).data] == [
        "invoice.finalized",
        "invoice.created",
    ]
    assert len(client.v1.events.list({"types": ["customer.created", "price.created"]}).data) == 2
    updated = client.v1.customers.update(client.v1.customers.list().data[0].id, {"email": "new@acme.test"})
    newest = client.v1.events.list({"limit": 1}).data[0]
    assert (newest.type, newest.data.object.email) == ("customer.updated", updated.email)
    assert newest.data.previous_attributes.to_dict() == {"email": None}


def test_an_endpoint_shows_its_secret_once(client):
    made = client.v1.webhook_endpoints.create({"url": "https://integration.test/hook", "enabled_events": ["*"]})
    assert made.secret == CREDENTIALS.signing_secret
    (listed,) = client.v1.webhook_endpoints.list().data
    assert (listed.id, "secret" in listed.to_dict()) == (made.id, False)
    assert client.v1.webhook_endpoints.update(made.id, {"disabled": True}).status == "disabled"
    assert client.v1.webhook_endpoints.delete(made.id).deleted


# --- test clocks -------------------------------------------------------------------------------------


def test_in_a_run_nobody_advances_a_clock(world, client):
    clock = client.v1.test_helpers.test_clocks.create({"frozen_time": 1, "name": "Clock"})
    assert clock.status == "ready"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": clock.frozen_time + 86_400})
    assert refused.value.code == "test_clock_advance_not_allowed"
    assert world.clock.now == 0


def test_where_clients_may_a_test_clock_advances_all():
    world = World()
    client = in_place(world.face(may_advance=True).app)
    subscription = subscribed(client)
    clock = client.v1.test_helpers.test_clocks.create({"frozen_time": 1})
    later = client.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": clock.frozen_time + 40 * 86_400})
    assert (later.status, later.frozen_time) == ("ready", clock.frozen_time + 40 * 86_400)
    assert len(client.v1.invoices.list({"subscription": subscription.id}).data) == 2
    assert client.v1.test_helpers.test_clocks.delete(clock.id).deleted


# --- the asynchronous client -------------------------------------------------------------------------


def test_the_asynchronous_client_does_the_same():
    world = World()

    async def flow(url):
        http = stripe.HTTPXClient()
        client = client_of(url, http_client=http)
        made = [await client.v1.customers.create_async({"name": f"Company {n}"}) for n in range(3)]
        listed = await client.v1.customers.list_async({"limit": 2})
        names = [one.name async for one in listed.auto_paging_iter()]
        with pytest.raises(stripe.InvalidRequestError):
            await client.v1.customers.retrieve_async("cus_unknown")
        await http.close_async()
        return len(made), names

    with served(world.face().app) as url:
        assert asyncio.run(flow(url)) == (3, ["Company 2", "Company 1", "Company 0"])


def test_a_credit_note_that_billing_issues_by_itself_says_which_contract_it_is_about():
    world = World()
    face = world.face()
    client, seen = in_place(face.app), delivered(world, face)
    subscription = subscribed(client, metadata={"contract": "C-1"})
    world.until(day("2025-12-19"))
    client.v1.subscriptions.cancel(subscription.id)
    world.clock.run_until(world.clock.now + MINUTE)
    (note,) = (event.data.object for event in seen if event.type == "credit_note.created")
    assert note.metadata["contract"] == "C-1"
    assert client.v1.credit_notes.update(note.id, {"metadata": {"by": "us"}}).metadata["contract"] == "C-1"
