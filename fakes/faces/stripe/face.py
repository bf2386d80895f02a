"""Stripe as a face."""

from urllib.parse import unquote

from fakes.faces.door import Door
from fakes.faces.face import Credentials, Face
from fakes.faces.stripe import HOSTS, SYSTEM
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
        name="stripe", system=SYSTEM, hosts=HOSTS, app=app_of(account), named=named,
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
