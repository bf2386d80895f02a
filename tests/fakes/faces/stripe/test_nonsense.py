"""Whatever is sent, to whatever operation: the answer is an object, or a refusal in Stripe's shape."""

import json
from random import Random

from fakes.faces.calling import call
from fakes.faces.stripe.routes import OPERATIONS
from sim.http import request_to
from tests.fakes.faces.stripe.world import CREDENTIALS, World
from tests.fakes.samples import day

HEADERS = (
    ("authorization", f"Bearer {CREDENTIALS.api_key}"), ("content-type", "application/x-www-form-urlencoded"),
)  # fmt: skip
WORDS = (
    "",
    "a",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "12",
    "9999999999",
    "99999999999999999999",
    "usd",
    "null",
    "é",
    "%00",
    "now",
)
BRACKETS = (
    "",
    "",
    "",
    "",
    "[]",
    "[0]",
    "[a]",
    "[price]",
    "[quantity]",
    "[0][price]",
    "[1][id]",
    "[a][b]",
    "[0][0]",
    "[start]",
)


def known_ids(face):
    """One of each, and more of what is changed."""

    def post(path, body):
        return json.loads(
            call(face.app, request_to("POST", f"https://api.stripe.com{path}", HEADERS, body.encode())).body
        )["id"]

    customer = post("/v1/customers", "name=a")
    product = post("/v1/products", "name=b")
    price = post("/v1/prices", f"product={product}&currency=usd&unit_amount=5&recurring[interval]=month")
    once = post("/v1/prices", f"product={product}&currency=usd&unit_amount=5")
    subscriptions = [post("/v1/subscriptions", f"customer={customer}&items[0][price]={price}") for _ in range(4)]
    draft = post("/v1/invoices", f"customer={customer}")
    item = post("/v1/invoiceitems", f"customer={customer}&amount=5&currency=usd&invoice={draft}")
    meter = post("/v1/billing/meters", "display_name=a&event_name=a&default_aggregation[formula]=sum")
    return [customer, product, price, once, *subscriptions, draft, item, meter, "nothing"]


def test_nonsense_is_refused_in_shape():
    world = World()
    face, chance = world.face(), Random("nonsense")
    ids = known_ids(face)
    world.until(day("2025-12-20"))

    def ask(method, path):
        return json.loads(call(face.app, request_to(method, f"https://api.stripe.com{path}", HEADERS)).body)

    for path in ("invoices", "events", f"subscription_items?subscription={ids[4]}"):
        ids += [one["id"] for one in ask("GET", f"/v1/{path}")["data"]]
    statuses = set()
    for operation in OPERATIONS:
        names = [*operation.spec, "expand", "nonsense"]
        for _ in range(60):
            path = "/".join(chance.choice(ids) if part == "*" else part for part in operation.path.split("/"))
            chosen = [*operation.required, *chance.sample(names, chance.randint(0, min(4, len(names))))]
            form = "&".join(f"{name}{chance.choice(BRACKETS)}={chance.choice((*WORDS, *ids))}" for name in chosen)
            get = operation.method == "GET"
            url = f"https://api.stripe.com{path}{'?' + form if get else ''}"
            answer = call(
                face.app,
                request_to(operation.method, url.encode().decode("latin-1"), HEADERS, b"" if get else form.encode()),
            )
            told = json.loads(answer.body)
            statuses.add(answer.status)
            assert (answer.status == 200) == ("object" in told), (url, form, told)
            assert answer.status == 200 or told["error"]["type"] in {"invalid_request_error", "card_error"}, (url, form)
    assert statuses == {200, 400, 404}
