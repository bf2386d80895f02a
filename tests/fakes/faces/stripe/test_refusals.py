"""What Stripe refuses it refuses in its own shape, and nothing is changed by it. Keys follow its rules."""

import base64
import json

import httpx
import pytest
import stripe

from fakes.faces.calling import call
from fakes.faces.stripe.ids import identifier, number_of
from sim.durations import DAY, SECOND
from sim.http import request_to
from sim.network import Response
from tests.fakes.faces.stripe.world import CREDENTIALS, served
from tests.fakes.samples import day

BEARER = ("authorization", f"Bearer {CREDENTIALS.api_key}")
FORM = ("content-type", "application/x-www-form-urlencoded")


@pytest.fixture
def face(world):
    return world.face()


def asked(face, method, path, body=b"", headers=(BEARER, FORM)):
    """The status, the body and the headers of an answer in place."""
    answer = call(face.app, request_to(method, f"https://api.stripe.com{path}", tuple(headers), body))
    return answer.status, json.loads(answer.body), dict(answer.headers)


def posted(face, path, body=b"", *headers):
    return asked(face, "POST", path, body, (BEARER, FORM, *headers))


def kept(world):
    """All that a refused request must leave as it was."""
    billing = world.billing
    from fakes.particulars import ViewParticulars

    particulars = world.door().ask(ViewParticulars())
    kinds = (
        "customer",
        "product",
        "price",
        "subscription",
        "draft",
        "invoiceitem",
        "item",
        "meter_event",
        "payment_method",
    )
    return (
        len(billing.customers.all), len(billing.subscriptions), len(billing.invoices), len(billing.payments),
        len(world.system.publisher.published),
        [(kind, [(one.key, dict(one.fields),
            one.dropped) for one in particulars.things(kind)]) for kind in kinds],
    )  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status", "code", "param"), [
    ("POST", "/v1/products", b"", 400, "parameter_missing", "name"),
    ("POST", "/v1/products", b"name=", 400, "parameter_invalid_empty", "name"),
    ("POST", "/v1/products", b"name=a&colour=red", 400, "parameter_unknown", "colour"),
    ("POST", "/v1/products", b"name=a&active=perhaps", 400, None, "active"),
    ("POST", "/v1/products", b"name[a]=b", 400, None, "name"),
    ("POST", "/v1/products", b"name=a&default_price_data[currency]=usd", 400, "parameter_missing",
     "default_price_data[unit_amount]"),
    ("POST", "/v1/prices", b"currency=usd&product=nope&unit_amount=1", 400, "resource_missing", "product"),
    ("POST", "/v1/prices", b"currency=usd&product_data[name]=a", 400, "parameter_missing", "unit_amount"),
    ("POST", "/v1/prices", b"currency=usd&product_data[name]=a&unit_amount=1.5", 400, "parameter_invalid_integer",
     "unit_amount"),
    ("POST", "/v1/prices",
        b"currency=usd&product_data[name]=a&unit_amount=1&recurring[interval]=month&recurring[meter]=x",
     400, "resource_missing", "recurring[meter]"),
    ("POST", "/v1/customers", b"metadata=a", 400, None, "metadata"),
    ("POST", "/v1/customers", b"metadata[a][b]=c", 400, None, "metadata"),
    ("POST", "/v1/customers", b"a[b=c", 400, "parameter_unknown", "a[b"),
    ("POST", "/v1/customers", b"expand=a", 400, None, "expand"),
    ("POST", "/v1/customers", b"expand[]=nonsense&name[", 400, "parameter_unknown", "name["),
    ("POST", "/v1/customers", b"name=a&expand[]=nonsense", 400, None, "expand[]"),
    ("POST", "/v1/products", b"name=a&expand[]=default_price.product.name", 400, None, "expand[]"),
    ("POST", "/v1/customers", b"name=a&expand[]=subscriptions.data.latest_invoice.customer.subscriptions", 400, None,
     "expand[]"),
    ("POST", "/v1/customers", b"name=a&payment_method=pm_unknown", 400, "resource_missing", "payment_method"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={monthly}&currency=eur", 400, None,
     "currency"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={monthly}&discounts[0][coupon]=TEN", 400,
     "resource_missing", "discounts[0][coupon]"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={monthly}&default_tax_rates[0]=txr_1", 400,
     "resource_missing", "default_tax_rates[0]"),
    ("POST", "/v1/subscriptions",
     b"customer={customer}&items[0][price]={monthly}&pause_collection[behavior]=void", 400, None, "pause_collection"),
    ("POST", "/v1/subscriptions", b"", 400, "parameter_missing", "customer"),
    ("POST", "/v1/subscriptions", b"customer=cus_1&items[0][price]=p", 400, "resource_missing", "customer"),
    ("POST", "/v1/subscriptions", b"customer={customer}", 400, "parameter_missing", "items"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]=p", 400, "resource_missing",
     "items[0][price]"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={once}", 400, None, "items"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={weekly}", 400, None, "items"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={monthly}&items[0][quantity]=-1", 400,
     "parameter_invalid_integer", "items[0][quantity]"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={monthly}&items[1][price]={yearly}", 400, None,
        "items"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={monthly}&collection_method=send_invoice", 400,
        None,
     "days_until_due"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={monthly}&cancel_at=1", 400, None, "cancel_at"),
    ("POST", "/v1/subscriptions", b"customer={customer}&items[0][price]={monthly}&billing_cycle_anchor=soon", 400,
     "parameter_invalid_integer", "billing_cycle_anchor"),
    ("POST", "/v1/invoices", b"customer=nobody", 400, "resource_missing", "customer"),
    ("POST", "/v1/invoiceitems", b"customer={customer}", 400, "parameter_missing", "amount"),
    ("POST", "/v1/invoiceitems", b"customer={customer}&amount=1&invoice=in_1", 400, "resource_missing", "invoice"),
    ("POST", "/v1/credit_notes", b"invoice=in_1&amount=1", 400, "resource_missing", "invoice"),
    ("POST", "/v1/billing/meter_events", b"event_name=x&payload[value]=1", 400, "resource_missing", "event_name"),
    ("POST", "/v1/webhook_endpoints", b"url=ftp://x&enabled_events[]=*", 400, "url_invalid", "url"),
    ("GET", "/v1/customers/cus_unknown", b"", 404, "resource_missing", "id"),
    ("GET", "/v1/invoices/in_unknown", b"", 404, "resource_missing", "id"),
    ("GET", "/v1/prices/price_unknown", b"", 404, "resource_missing", "id"),
    ("POST", "/v1/subscriptions/sub_unknown", b"description=a", 404, "resource_missing", "id"),
    ("DELETE", "/v1/subscriptions/sub_unknown", b"", 404, "resource_missing", "id"),
    ("GET", "/v1/customers?limit=0", b"", 400, "parameter_invalid_integer", "limit"),
    ("GET", "/v1/customers?limit=101", b"", 400, "parameter_invalid_integer", "limit"),
    ("GET", "/v1/customers?limit=ten", b"", 400, "parameter_invalid_integer", "limit"),
    ("GET", "/v1/customers?starting_after=cus_unknown", b"", 400, "resource_missing", "starting_after"),
    ("GET", "/v1/customers/search", b"", 400, "parameter_missing", "query"),
    ("GET", "/v1/nonsense", b"", 404, None, None),
    ("PUT", "/v1/customers", b"", 404, None, None),
    ("POST", "/v1/customers", b"\xff\xfe=1", 400, None, None),
    ("POST", "/v1/customers", b"name=%FF%FE", 400, None, None),
    ("POST", "/v1/customers", b"name=" + b"a" * (1 << 20), 413, None, None),
    ("POST", "/v1/customers", b"&".join(b"a%d=1" % n for n in range(5000)), 400, None, None),
])  # fmt: skip
def test_a_refusal_is_in_stripes_shape_and_changes_nothing(world, face, method, path, body, status, code, param):
    product = posted(face, "/v1/products", b"name=Product")[1]["id"].encode()
    named = {b"customer": posted(face, "/v1/customers", b"name=Acme")[1]["id"].encode()}
    for name, terms in (
        (b"once", b""), (b"weekly", b"&recurring[interval]=week"), (b"monthly", b"&recurring[interval]=month"),
        (b"yearly", b"&recurring[interval]=year"),
    ):  # fmt: skip
        made = posted(face, "/v1/prices", b"currency=usd&unit_amount=1200&product=" + product + terms)
        named[name] = made[1]["id"].encode()
    for name, id_ in named.items():
        body = body.replace(b"{" + name + b"}", id_)
    before = kept(world)
    told, answer, headers = asked(face, method, path, body)
    error = answer["error"]
    assert (told, error.get("code"), error.get("param")) == (status, code, param), error["message"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    assert headers["request-id"].startswith("req_")
    assert headers["content-type"] == "application/json"
    assert kept(world) == before


def test_a_body_that_is_no_form_is_refused(world, face):
    before = kept(world)
    for body in (b'{"name": "a"}', b"{"):
        status, answer, _ = asked(face, "POST", "/v1/customers", body, (BEARER, ("content-type", "application/json")))
        assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert kept(world) == before


@pytest.mark.parametrize(("headers", "status"), [
    ((), 401),
    ((("authorization", "Bearer sk_test_wrong"),), 401),
    ((("authorization", "Basic !!!"),), 401),
    ((("authorization", "Digest x"),), 401),
    ((BEARER,), 200),
    ((("authorization", "Basic " + base64.b64encode(f"{CREDENTIALS.api_key}:".encode()).decode()),), 200),
])  # fmt: skip
def test_only_the_secret_key_lets_in(face, headers, status):
    told, answer, _ = asked(face, "GET", "/v1/customers", b"", headers)
    assert told == status
    assert status == 200 or answer["error"]["type"] == "invalid_request_error"


def test_the_client_tells_each_refusal_by_its_class(world, client):
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.customers.retrieve("cus_unknown")
    assert (missing.value.http_status, missing.value.code, missing.value.user_message) == (
        404, "resource_missing", "No such customer: 'cus_unknown'",
    )  # fmt: skip
    with pytest.raises(stripe.AuthenticationError):
        client.v1.customers.list(options={"api_key": "sk_test_wrong"})
    with pytest.raises(stripe.IdempotencyError):
        for name in ("a", "b"):
            client.v1.customers.create({"name": name}, {"idempotency_key": "once"})
    assert len(world.billing.customers.all) == 1


# --- what a thing's state does not allow -------------------------------------------------------------


def test_what_is_done_is_not_done_again(world, client):
    customer = client.v1.customers.create({"name": "Acme"})
    price = client.v1.prices.create({
        "currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}, "product_data": {"name": "Seats"},
    })  # fmt: skip
    subscription = client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    world.until(day("2025-12-19"))
    invoice = client.v1.subscriptions.retrieve(subscription.id).latest_invoice
    with pytest.raises(stripe.InvalidRequestError, match="must not exceed"):
        client.v1.credit_notes.create({"invoice": invoice, "amount": 501})
    client.v1.credit_notes.create({"invoice": invoice, "amount": 100})
    with pytest.raises(stripe.InvalidRequestError, match="must not exceed"):
        client.v1.credit_notes.create({"invoice": invoice, "amount": 401})
    client.v1.invoices.mark_uncollectible(invoice)
    client.v1.invoices.void_invoice(invoice)
    before = kept(world)
    refused = (
        lambda: client.v1.invoices.void_invoice(invoice), lambda: client.v1.invoices.pay(invoice),
        lambda: client.v1.invoices.finalize_invoice(invoice), lambda: client.v1.invoices.delete(invoice),
        lambda: client.v1.invoices.update(invoice, {"footer": "x"}), lambda: client.v1.products.delete(price.product),
        lambda: client.v1.credit_notes.create({"invoice": invoice, "amount": 1}),
    )  # fmt: skip
    for ask in refused:
        with pytest.raises(stripe.InvalidRequestError):
            ask()
    assert kept(world) == before
    client.v1.subscriptions.cancel(subscription.id)
    for ask in (
        lambda: client.v1.subscriptions.cancel(subscription.id),
        lambda: client.v1.subscriptions.update(subscription.id, {"items": [{"price": price.id}]}),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            ask()
    client.v1.customers.delete(customer.id)
    assert client.v1.customers.retrieve(customer.id).deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.update(customer.id, {"name": "x"})


# --- idempotency keys --------------------------------------------------------------------------------


def test_a_repeated_key_gets_the_first_answer_again(world, face):
    key = ("idempotency-key", "k-1")
    first = posted(face, "/v1/customers", b"name=Acme", key)
    again = posted(face, "/v1/customers", b"name=Acme", key)
    assert first[:2] == again[:2]
    assert "idempotent-replayed" not in first[2]
    assert (again[2]["idempotent-replayed"], again[2]["original-request"]) == ("true", first[2]["request-id"])
    for path, body in (("/v1/customers", b"name=Other"), ("/v1/products", b"name=Acme")):
        status, answer, _ = posted(face, path, body, key)
        assert (status, answer["error"]["type"]) == (400, "idempotency_error")
    assert len(world.billing.customers.all) == 1
    world.clock.run_until(DAY)
    assert posted(face, "/v1/customers", b"name=Other", key)[0] == 200


def test_a_key_is_not_used_up_by_a_request_that_says_nothing_sensible(face):
    key = ("idempotency-key", "k-1")
    assert posted(face, "/v1/products", b"colour=red", key)[0] == 400
    assert posted(face, "/v1/products", b"name=Product", key)[0] == 200


def test_a_payment_that_failed_fails_again_under_its_key(world, client):
    customer = client.v1.customers.create({"name": "Acme"})
    draft = client.v1.invoices.create({"customer": customer.id})
    client.v1.invoice_items.create({"customer": customer.id, "invoice": draft.id, "amount": 700, "currency": "usd"})
    client.v1.invoices.finalize_invoice(draft.id)
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            client.v1.invoices.pay(draft.id, {"payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": "pay"})
    assert client.v1.invoices.retrieve(draft.id).attempt_count == 1


# --- the edge ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("response", "status", "kind", "code"), [
    (Response(429, None, "throttled", 2 * SECOND), 429, "invalid_request_error", "rate_limit"),
    (Response(503, None, "unavailable"), 503, "api_error", None),
    (Response(500, None, "error"), 500, "api_error", None),
    (Response(401, None, "token_expired"), 401, "invalid_request_error", None),
    (Response(409, None, "locked"), 409, "invalid_request_error", "lock_timeout"),
])  # fmt: skip
def test_what_the_network_makes_of_a_call_is_in_stripes_words(face, response, status, kind, code):
    answer = face.refusal(response)
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["type"], error.get("code")) == (status, kind, code)
    assert answer.header("retry-after") == ("2" if status == 429 else None)


@pytest.mark.parametrize(("method", "path", "body", "named"), [
    ("POST", "/v1/customers", b"name=a&metadata[account]=A-1", ("create_customer", "A-1")),
    ("POST", "/v1/subscriptions", b"customer=cus_1&metadata[contract]=C-1", ("create_subscription", "C-1")),
    ("POST", "/v1/subscriptions/sub_1", b"description=a", ("update_subscription", "sub_1")),
    ("GET", "/v1/customers/search?query=email%3A%22a%22", b"", ("search_customers", 'email:"a"')),
    ("GET", "/v1/invoices?customer=cus_1", b"", ("list_invoices", "cus_1")),
    ("POST", "/v1/invoices/in_1/pay", b"", ("pay_invoice", "in_1")),
    ("POST", "/v1/customers", b"name[=\xff", ("create_customer", "")),
    ("GET", "/nowhere", b"", ("unrecognized", "/nowhere")),
])  # fmt: skip
def test_a_request_is_named_by_its_operation_and_what_it_is_about(face, method, path, body, named):
    assert face.named(request_to(method, f"https://api.stripe.com{path}", (), body)) == named


def test_over_http_a_refusal_is_the_same(world, face):
    with served(face.app) as url:
        answer = httpx.post(f"{url}/v1/products", headers={"authorization": BEARER[1]}, data={"colour": "red"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "parameter_unknown")
        assert answer.headers["stripe-version"]
        huge = httpx.post(f"{url}/v1/products", headers={"authorization": BEARER[1]}, data={"name": "a" * (2 << 20)})
        assert (huge.status_code, huge.json()["error"]["type"]) == (413, "invalid_request_error")


@pytest.mark.parametrize("number", [1, 2, 61, 62, 10**6, (1 << 48) - 1])
def test_an_id_stands_for_its_number(number):
    assert number_of("cus", identifier("cus", number)) == number
    assert number_of("sub", identifier("cus", number)) is None


@pytest.mark.parametrize("terms", [
    {"price_data": {"currency": "usd", "unit_amount": 5, "recurring": {"interval": "year", "interval_count": 4}}},
    {"quantity": 2,
     "price_data": {"currency": "usd", "unit_amount": 999_999_999_999, "recurring": {"interval": "month"}}},
    {"price_data": {"currency": "usd", "unit_amount": 5, "recurring": {"interval": "month", "interval_count": 0}}},
])  # fmt: skip
def test_terms_beyond_all_measure_are_refused(world, client, terms):
    product = client.v1.products.create({"name": "Seats"}).id
    customer = client.v1.customers.create({"name": "Acme"}).id
    before = kept(world)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.subscriptions.create({
            "customer": customer, "items": [{**terms, "price_data": {**terms["price_data"], "product": product}}],
        })  # fmt: skip
    assert kept(world) == before


def test_a_version_far_ahead_is_refused(world, client):
    price = client.v1.prices.create({
        "currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}, "product_data": {"name": "Seats"},
    })  # fmt: skip
    customer = client.v1.customers.create({"name": "Acme"}).id
    subscription = client.v1.subscriptions.create({"customer": customer, "items": [{"price": price.id}]})
    item = subscription["items"].data[0].id
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.subscriptions.update(
            subscription.id, {"items": [{"id": item, "quantity": 2}], "metadata": {"version": "999999999"}}
        )
    assert refused.value.param == "metadata[version]"
    ahead = {"items": [{"id": item, "quantity": 2}], "metadata": {"version": "3"}}
    client.v1.subscriptions.update(subscription.id, ahead)
    assert [one.quantity for one in world.billing.subscriptions["sub-000001"].state.versions] == [1, 1, 2]
