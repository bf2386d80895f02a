"""Any contract that Stripe is told of is billed as the same contract that billing's core is told of."""

from datetime import UTC, date, datetime

from hypothesis import given, settings

from fakes.billing import CreateCustomer, CreateSubscription, UpdateSubscription
from tests.fakes.faces.stripe.world import World, in_place
from tests.fakes.samples import as_of, contracts, day


def seconds(on_day):
    """How a client writes a date: its midnight of UTC."""
    return int(datetime.combine(date.fromordinal(on_day), datetime.min.time(), UTC).timestamp())


def iso(on_day):
    return date.fromordinal(on_day).isoformat()


def told_to_stripe(world, state):
    """A contract and then each of its changes, in the words of Stripe's client."""
    client = in_place(world.face().app)
    customer = client.v1.customers.create({"name": "Company", "metadata": {"account": state.account}})
    product = client.v1.products.create({"name": "All of it"})
    price = client.v1.prices.create({
        "product": product.id, "currency": state.currency.lower(),
        "unit_amount": state.unit_price_minor * state.billing_months,
        "recurring": {"interval": "month", "interval_count": state.billing_months},
    })  # fmt: skip
    signed = state.versions[0]
    obligations = ",".join(f"{one.product}:{one.ssp_minor}" for one in state.obligations)
    subscription = client.v1.subscriptions.create({
        "customer": customer.id, "items": [{"price": price.id, "quantity": signed.quantity}],
        "billing_cycle_anchor": seconds(state.start_day), "cancel_at": seconds(state.end_day),
        "metadata": {"contract": state.key, "signed": iso(signed.signed_day), "obligations": obligations},
    })  # fmt: skip
    item = subscription["items"].data[0].id
    for version in state.versions[1:]:
        client.v1.subscriptions.update(subscription.id, {
            "items": [{"id": item, "quantity": version.quantity}], "proration_date": seconds(version.effective_day),
            "metadata": {"version": str(version.number), "signed": iso(version.signed_day)},
        })  # fmt: skip


def told_to_the_core(world, state):
    ask = world.door().ask
    customer = ask(CreateCustomer(state.account, "Company"))
    made = ask(CreateSubscription(customer.id, as_of(state, 1)))
    for version in state.versions[1:]:
        ask(UpdateSubscription(made.id, as_of(state, version.number)))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(contracts().filter(lambda state: state.end_day > day("2026-01-15")))
def test_a_contract_told_to_stripe_is_the_contract_told_to_the_core(state):
    face, core = World(), World()
    for world, tell in ((face, told_to_stripe), (core, told_to_the_core)):
        world.until(day("2026-01-15"))
        tell(world, state)
        world.until(day("2026-04-02"))
    of_face, of_core = (world.billing.subscriptions["sub-000001"] for world in (face, core))
    assert of_face.state == of_core.state == state
    assert of_face.billed == of_core.billed
    assert face.billing.invoices == core.billing.invoices
