"""Lists page in both directions, searches speak Stripe's language over an index that lags, and ids expand."""

import pytest
import stripe

from fakes.agreements import Account
from sim.durations import SECOND
from tests.fakes.faces.stripe.world import World, in_place
from tests.fakes.samples import contract, day


def customers(client, count):
    return [
        client.v1.customers.create(
            {"name": f"Company {n}", "email": f"ap{n % 2}@example.test", "metadata": {"account": f"A-{n}"}}
        )
        for n in range(count)
    ]


def test_a_list_has_the_newest_first_and_pages_to_its_end(client):
    made = [one.id for one in customers(client, 25)]
    first = client.v1.customers.list({"limit": 10})
    assert (first.has_more, first.url, [one.id for one in first.data]) == (True, "/v1/customers", made[:14:-1])
    assert [one.id for one in first.auto_paging_iter()] == made[::-1]
    back = client.v1.customers.list({"limit": 4, "ending_before": made[9]})
    assert [one.id for one in back.data] == made[13:9:-1]
    assert [
        one.id for one in client.v1.customers.list({"limit": 9, "ending_before": made[0]}).auto_paging_iter()
    ] == made[1:]
    last = client.v1.customers.list({"limit": 10, "starting_after": made[5]})
    assert (last.has_more, [one.id for one in last.data]) == (False, made[4::-1])
    assert len(client.v1.customers.list({"email": "ap1@example.test", "limit": 100}).data) == 12


@pytest.mark.parametrize("what", ["products", "prices", "invoice_items", "events"])
def test_every_list_pages_through_all_there_is(client, what):
    customer = client.v1.customers.create({"name": "Acme"})
    product = client.v1.products.create({"name": "Product"})
    for n in range(5):
        client.v1.products.create({"name": f"Product {n}"})
        client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": n})
        client.v1.invoice_items.create({"customer": customer.id, "amount": n, "currency": "usd"})
    listed = getattr(client.v1, what)
    ids = [one.id for one in listed.list({"limit": 2}).auto_paging_iter()]
    assert ids == [one.id for one in listed.list({"limit": 100}).data]
    assert len(set(ids)) == len(ids) >= 5


@pytest.mark.parametrize(("query", "found"), [
    ('email:"ap1@example.test"', ["Company 3", "Company 1"]),
    ('name~"company" AND -email:"ap1@example.test"', ["Company 4", "Company 2", "Company 0"]),
    ("metadata['account']:'A-3'", ["Company 3"]),
    ('metadata["account"]:"A-1" OR metadata["account"]:"A-2"', ["Company 2", "Company 1"]),
    ("created>0 AND name:\"Company 0\"", ["Company 0"]),
    ('metadata["tier"]:null AND name:"Company 1"', ["Company 1"]),
    ('-metadata["account"]:null AND name:"Company 1"', ["Company 1"]),
])  # fmt: skip
def test_a_search_finds_what_it_says(client, query, found):
    customers(client, 5)
    assert [one.name for one in client.v1.customers.search({"query": query}).data] == found


@pytest.mark.parametrize(("query", "found"), [
    ("metadata['po']:'7'", ["paid", "draft"]), ("metadata['PO']:'7'", []), ("status:'open'", ["open"]),
    ("metadata['po']:'7' AND status:'draft'", ["draft"]), ("customer:'{customer}'", ["open", "paid", "draft"]),
    ("customer:'cus_unknown'", []), ("subscription:'sub_unknown'", []),
])  # fmt: skip
def test_invoices_and_drafts_are_found_by_what_they_say(client, query, found):
    customer = client.v1.customers.create({"name": "Acme"}).id
    drafts = [client.v1.invoices.create({"customer": customer, "metadata": {"po": "7"}}) for _ in range(2)]
    client.v1.invoices.finalize_invoice(drafts[1].id)
    third = client.v1.invoices.create({"customer": customer, "metadata": {"po": "8"}})
    client.v1.invoice_items.create({"customer": customer, "invoice": third.id, "amount": 5, "currency": "usd"})
    client.v1.invoices.finalize_invoice(third.id)
    searched = client.v1.invoices.search({"query": query.format(customer=customer)}).data
    assert sorted(one.status for one in searched) == sorted(found)
    listed = {status: len(client.v1.invoices.list({"status": status}).data) for status in ("draft", "open", "paid")}
    assert listed == {"draft": 1, "open": 1, "paid": 1}


def test_a_value_is_found_in_whichever_case(client):
    one = client.v1.customers.create({"email": "AP@Acme.test", "metadata": {"tier": "Gold"}})
    for query in (
        "email:'ap@acme.test'",
        "metadata['tier']:'gold'",
        "email:'AP@ACME.TEST' AND metadata['tier']:'GOLD'",
    ):
        assert [found.id for found in client.v1.customers.search({"query": query}).data] == [one.id]
    assert client.v1.customers.list({"email": "ap@acme.test"}).data == []
    client.v1.customers.update(one.id, {"email": "new@acme.test"})
    assert client.v1.customers.search({"query": "email:'ap@acme.test'"}).data == []
    client.v1.customers.delete(one.id)
    assert client.v1.customers.search({"query": "email:'new@acme.test'"}).data == []


def test_a_search_pages(client):
    customers(client, 7)
    page = client.v1.customers.search({"query": 'name~"Company"', "limit": 3})
    assert (page.has_more, page.next_page is not None) == (True, True)
    assert [one.name for one in page.auto_paging_iter()] == [f"Company {n}" for n in range(6, -1, -1)]


@pytest.mark.parametrize(
    "query", ["", "nonsense", 'name:"a" AND', 'name:"a" AND email:"b" OR phone:"c"', 'name:"a', 'colour:"red"']
)
def test_what_is_no_query_is_refused(client, query):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.search({"query": query})
    assert refused.value.param == "query"


def test_a_search_lags_where_a_list_does_not():
    world = World(index_lag_us=60 * SECOND)
    client = in_place(world.face().app)
    (made,) = customers(client, 1)
    query = {"query": 'metadata["account"]:"A-0"'}
    assert client.v1.customers.search(query).data == []
    assert [one.id for one in client.v1.customers.list().data] == [made.id]
    world.clock.run_until(60 * SECOND)
    assert [one.id for one in client.v1.customers.search(query).data] == [made.id]


def test_what_was_there_before_the_run_is_found_from_the_first():
    account, agreed = Account("A-9", "Old Customer"), contract(key="O-1", account="A-9")
    world = World(index_lag_us=60 * SECOND, accounts=[account], opening=[agreed])
    client = in_place(world.face().app)
    assert len(client.v1.customers.search({"query": 'metadata["account"]:"A-9"'}).data) == 1
    assert len(client.v1.subscriptions.search({"query": 'metadata["contract"]:"O-1"'}).data) == 1


def test_metadata_is_merged_and_unset(client):
    one = client.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    assert client.v1.customers.update(one.id, {"metadata": {"b": "", "c": "3"}}).metadata.to_dict() == {
        "a": "1",
        "c": "3",
    }
    assert client.v1.customers.search({"query": 'metadata["b"]:"2"'}).data == []
    assert client.v1.customers.update(one.id, {"metadata": ""}).metadata.to_dict() == {}
    assert client.v1.customers.retrieve(one.id).metadata.to_dict() == {}


def test_ids_expand_at_any_depth(world, client):
    customer = client.v1.customers.create({"name": "Acme"})
    price = client.v1.prices.create({
        "currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}, "product_data": {"name": "Seats"},
    })  # fmt: skip
    client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    world.until(day("2025-12-19"))
    (listed,) = client.v1.subscriptions.list(
        {"expand": ["data.latest_invoice.customer", "data.items.data.price.product"]}
    ).data
    assert listed.latest_invoice.customer.name == "Acme"
    assert listed["items"].data[0].price.product.name == "Seats"
    shown = client.v1.customers.retrieve(customer.id, {"expand": ["subscriptions"]})
    assert [one.id for one in shown.subscriptions.data] == [listed.id]
    assert "subscriptions" not in client.v1.customers.retrieve(customer.id).to_dict()
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.customers.retrieve(customer.id, {"expand": ["nonsense"]})


def test_prices_are_found_by_their_lookup_key(client):
    price = client.v1.prices.create({
        "currency": "usd", "unit_amount": 500, "product_data": {"name": "Seats"}, "lookup_key": "seats",
    })  # fmt: skip
    assert [one.id for one in client.v1.prices.list({"lookup_keys": ["seats", "other"]}).data] == [price.id]
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        client.v1.prices.create({"currency": "usd", "unit_amount": 1, "product": price.product, "lookup_key": "seats"})
    other = client.v1.prices.create({
        "currency": "usd", "unit_amount": 1, "product": price.product, "lookup_key": "seats",
        "transfer_lookup_key": True,
    })  # fmt: skip
    assert [one.id for one in client.v1.prices.list({"lookup_keys": ["seats"]}).data] == [other.id]
