"""In a run Stripe's client is used as it is: `api.stripe.com` is billing, and time is the run's."""

import asyncio
import datetime
import time

import pytest
import stripe

from sim.durations import DAY, HOUR, SECOND
from sim.faults import Outage
from sim.foreign import blocking
from sim.foreign.guard import Guard
from sim.foreign.internet import Internet
from tests.fakes.faces.stripe.world import CREDENTIALS, World
from tests.fakes.samples import CALENDAR

# The client itself hands httpx its forms in a way that httpx deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def guarded(world):
    internet = Internet(world.clock)
    wearing = world.wearing()
    for host in wearing.face.hosts:
        internet.host(host, wearing.answer)
    return Guard(internet, CALENDAR.local(0).astimezone(datetime.UTC), 7), wearing


def flow():
    """A customer with a subscription, and what it was invoiced a month later: (ids, totals, seconds that it took)."""
    began = time.monotonic()
    client = stripe.StripeClient(CREDENTIALS.api_key, max_network_retries=4)
    customer = client.v1.customers.create({"name": "Acme"})
    price = client.v1.prices.create({
        "currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}, "product_data": {"name": "Seats"},
    })  # fmt: skip
    subscription = client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id, "quantity": 3}]}
    )
    took = time.monotonic() - began
    time.sleep(40 * 86_400)
    invoices = list(client.v1.invoices.list({"subscription": subscription.id, "limit": 1}).auto_paging_iter())
    return (customer.id, subscription.id), [one.total for one in invoices], took


def run(*faults):
    world = World(*faults)
    guard, _ = guarded(world)
    with guard.guarded():
        task = world.clock.spawn(blocking.run(flow))
        world.clock.run_until(60 * DAY)
    assert task.done
    return task.result, world


def test_the_client_needs_no_change_and_no_time_but_the_runs():
    (ids, totals, took), world = run()
    assert totals == [1_500, 1_500]
    assert took == pytest.approx(3 * 0.07)
    assert len(world.billing.invoices) == 2
    assert run()[0][0] == ids


def test_the_clients_own_retries_and_keys_carry_it_through_an_outage():
    outage = Outage(name="outage", target="billing", start_us=0, end_us=2 * SECOND)
    (_, totals, took), world = run(outage)
    assert totals == [1_500, 1_500]
    assert took > 2
    assert outage.hits >= 1
    assert (len(world.billing.customers.all), len(world.billing.subscriptions)) == (1, 1)


def test_the_calls_are_on_the_network_by_their_names():
    _, world = run()
    operations = {row[2] for row in world.company.wire.trace.rows("calls")} | {
        one for row in world.company.wire.trace.rows("calls") for one in row if isinstance(one, str)
    }
    assert {
        "billing.create_customer",
        "billing.create_subscription",
        "billing.stripe.list_invoices",
    } <= operations


def test_asynchronous_clients_too():
    world = World()
    guard, _ = guarded(world)

    async def work():
        client = stripe.StripeClient(CREDENTIALS.api_key, http_client=stripe.HTTPXClient())
        made = await asyncio.gather(*(client.v1.customers.create_async({"name": f"{n}"}) for n in range(5)))
        await asyncio.sleep(3600)
        return len({one.id for one in made}), asyncio.get_running_loop().time() >= 3600

    seen = []

    async def start():
        seen.append(await guard.loop.outcome(work()))

    with guard.guarded():
        world.clock.spawn(start())
        world.clock.run_until(2 * HOUR)
    assert seen == [(5, True)]
    assert len(world.billing.customers.all) == 5
