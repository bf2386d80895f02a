"""Stripe Billing over the billing core.

`account` is what the resources stand on, `asked` a request, `routes` and `app` the way from one to its answer. Each
resource is a module of its own: `customers`, which may be `leaving`, `catalogue` (products, prices, and the `amounts`
that come of them), `subscriptions` (which `subscribing` makes and `amending` changes, of `items` by their `terms`),
`subscription_items`, `invoices` (billing's `documents` with their `lines`, and `drafts` of `invoice_items`),
`previews`, `credit_notes`, `payments`, `refunds`, `payment_methods` (`customer_methods` once they are a customer's;
what follows from that is in `wallets`), `meters`, `events`, `endpoints`, `clocks`, `company`. What a client says beyond
Stripe's own words it says in metadata: of a customer `account`, `party`, `parent`, `version`; of a subscription
`contract`, `account`, `entity`, `signed`, `version`, `ends`, `renews`, `ramp`, `obligations`, `acquired`, `void`; of a
product or price `product`, `ssp_minor`.
"""

from urllib.parse import unquote

from fakes.faces.door import Door
from fakes.faces.face import Credentials, Face
from fakes.faces.stripe.account import Account
from fakes.faces.stripe.app import app_of
from fakes.faces.stripe.errors import StripeError, refusal
from fakes.faces.stripe.events import Log, webhook
from fakes.faces.stripe.forms import decoded
from fakes.faces.stripe.routes import route
from fakes.news import OF_A_PRODUCT
from sim.http import HttpRequest

_ABOUT = ("customer", "subscription", "invoice", "email", "name", "event_name", "product", "lookup_key", "url")
"""What a request is about, where its metadata do not say."""


def make(door: Door, credentials: Credentials) -> Face:
    """Stripe in front of a company's billing."""
    account = Account(door, credentials)
    account.log = Log(account)
    return Face(
        name="stripe", system="billing", hosts=("api.stripe.com", "files.stripe.com"), app=app_of(account), named=named,
        refusal=refusal, webhook=lambda event, now_us: webhook(account, event, now_us),
        tells=frozenset({OF_A_PRODUCT}),
    )  # fmt: skip


def named(request: HttpRequest) -> tuple[str, str]:
    """The operation that a request asks for, and what it is about: a contract, an account, or an id."""
    path, _, query = request.target.partition("?")
    operation, ids = route(request.method, path)
    if operation is None:
        return "unrecognized", unquote(path)
    if ids:
        return operation.word, "/".join(ids)
    try:
        given = decoded(request.body.decode("utf-8", "replace") if request.method == "POST" else query)
    except StripeError:
        return operation.word, ""
    metadata = given.get("metadata")
    if isinstance(metadata, dict):
        for name in ("contract", "account"):
            if isinstance(metadata.get(name), str):
                return operation.word, metadata[name]
    about = next((given[name] for name in _ABOUT if isinstance(given.get(name), str)), given.get("query", ""))
    return operation.word, about if isinstance(about, str) else ""
