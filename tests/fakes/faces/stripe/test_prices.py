"""Prices by the unit, by tiers, by packages, and in fractions of a cent: what billing makes of them, to the cent."""

import pytest
import stripe

from tests.fakes.faces.stripe.test_refusals import kept
from tests.fakes.samples import day

TIERS = [{"up_to": 10, "unit_amount": 1_000}, {"up_to": "inf", "unit_amount": 800, "flat_amount": 50}]


def priced(client, **terms):
    return client.v1.prices.create({
        "currency": "usd", "recurring": {"interval": "month"}, "product_data": {"name": "Seats"}, **terms,
    })  # fmt: skip


@pytest.mark.parametrize(("terms", "of_12", "of_5"), [
    ({"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": TIERS}, 11_650, 5_000),
    ({"billing_scheme": "tiered", "tiers_mode": "volume", "tiers": TIERS}, 9_650, 5_000),
    ({"unit_amount": 700, "transform_quantity": {"divide_by": 5, "round": "up"}}, 2_100, 700),
    ({"unit_amount": 700, "transform_quantity": {"divide_by": 5, "round": "down"}}, 1_400, 700),
    ({"unit_amount_decimal": "12.5"}, 150, 63),
])  # fmt: skip
def test_a_quantity_is_invoiced_at_what_its_price_says_of_it(world, client, terms, of_12, of_5):
    price = priced(client, **terms)
    customer = client.v1.customers.create({"name": "Acme"})
    subscription = client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id, "quantity": 12}], "expand": ["latest_invoice"]}
    )
    (line,) = subscription.latest_invoice.lines.data
    assert (line.amount, line.quantity) == (of_12, 12)
    item = subscription["items"].data[0].id
    client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item, "quantity": 5}], "proration_behavior": "none"}
    )
    world.until(day("2026-01-19"))
    assert [one.total_minor for one in world.billing.invoices] == [of_12, of_5]


def test_tiers_are_shown_where_they_are_asked_for(client):
    terms = {"billing_scheme": "tiered", "tiers_mode": "volume", "tiers": TIERS}
    made = priced(client, **terms, expand=["tiers"])
    assert [(one.up_to, one.unit_amount, one.flat_amount) for one in made.tiers] == [(10, 1_000, None), (None, 800, 50)]
    assert "tiers" not in client.v1.prices.retrieve(made.id).to_dict()
    (listed,) = client.v1.prices.list({"expand": ["data.tiers", "data.product"]}).data
    assert (len(listed.tiers), listed.product.name) == (2, "Seats")


@pytest.mark.parametrize(("terms", "param"), [
    ({"currency": "xxx", "unit_amount": 1}, "currency"),
    ({"unit_amount": -1}, "unit_amount"),
    ({"unit_amount": 1, "unit_amount_decimal": "1"}, "unit_amount"),
    ({"billing_scheme": "tiered", "tiers_mode": "volume"}, "tiers"),
    ({"billing_scheme": "tiered", "tiers": TIERS}, "tiers_mode"),
    ({"tiers_mode": "volume", "tiers": TIERS, "unit_amount": 1}, "unit_amount"),
    ({"tiers_mode": "volume", "tiers": TIERS[::-1]}, "tiers[0][up_to]"),
    ({"unit_amount": 1, "transform_quantity": {"divide_by": 0, "round": "up"}}, "transform_quantity[divide_by]"),
    ({"unit_amount": 1, "currency_options": {"eur": {"unit_amount": 1}}}, "currency_options"),
    ({"unit_amount": 1, "recurring": {"interval": "year", "interval_count": 4}}, "recurring[interval_count]"),
])  # fmt: skip
def test_what_makes_no_price_is_refused_and_makes_no_product(world, client, terms, param):
    before = kept(world)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        priced(client, **terms)
    assert refused.value.param == param
    assert kept(world) == before


def test_a_product_whose_default_price_is_none_is_not_made(world, client):
    before = kept(world)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.products.create({"name": "Seats", "default_price_data": {
            "currency": "usd", "unit_amount": 1, "recurring": {"interval": "year", "interval_count": 4},
        }})  # fmt: skip
    assert kept(world) == before


def test_no_two_items_of_a_price_and_none_of_an_inactive_one(world, client):
    price = priced(client, unit_amount=5)
    customer = client.v1.customers.create({"name": "Acme"})
    client.v1.prices.update(price.id, {"active": False})
    for items, said in (([{"price": price.id}], "inactive"), ([{"price": price.id}] * 2, "multiple")):
        before = kept(world)
        with pytest.raises(stripe.InvalidRequestError, match=said):
            client.v1.subscriptions.create({"customer": customer.id, "items": items})
        assert kept(world) == before
        client.v1.prices.update(price.id, {"active": True})
