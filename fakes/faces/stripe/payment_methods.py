"""Payment methods: what a customer might pay with. No money comes of one unless an invoice is paid with it."""

from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import invalid, missing
from fakes.faces.stripe.paging import kept, page_of_things

_WRITTEN: p.Spec = {
    "type": p.text, "customer": p.text, "metadata": p.metadata, "payment_method": p.text,
    **p.taken("card", "billing_details", "us_bank_account", "sepa_debit", "allow_redisplay"),
}  # fmt: skip


def payment_method(account: Account, id_: str) -> Object:
    """A payment method; those of Stripe's own for tests, `pm_card_…`, are there from the first mention on."""
    known = account.read("payment_method", id_)
    if known is not None:
        return dict(known)
    if not id_.startswith("pm_card_"):
        raise missing("PaymentMethod", id_, "id")
    return _new(account, id_, "card")


def _new(account: Account, id_: str, kind: str, metadata: dict[str, str] | None = None) -> Object:
    card = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034, "country": "US", "funding": "credit"}
    return dict(account.write("payment_method", id_, {
        "id": id_, "object": "payment_method", "allow_redisplay": "unspecified", "billing_details": {
            "address": None, "email": None, "name": None, "phone": None, "tax_id": None,
        }, kind: card if kind == "card" else {}, "created": account.now, "customer": None, "livemode": False,
        "metadata": metadata or {}, "type": kind,
    }))  # fmt: skip


def _create(account: Account, asked: Asked) -> Object:
    kind = asked.get("type", "card")
    return _new(account, account.new_id("pm", "payment_method"), kind, p.merged({}, asked.get("metadata", {})))


def _attach(account: Account, asked: Asked) -> Object:
    customers.core_id(account, asked.given["customer"], "customer")
    known = payment_method(account, asked.id)
    if known["customer"] not in {None, asked.given["customer"]} and not asked.id.startswith("pm_card_"):
        raise invalid("The payment method you provided has already been attached to a customer.", "payment_method")
    told = dict(account.write("payment_method", asked.id, {"customer": asked.given["customer"]}))
    account.tell("payment_method.attached", told)
    return told


def _detach(account: Account, asked: Asked) -> Object:
    known = payment_method(account, asked.id)
    if known["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer.", "payment_method")
    told = dict(account.write("payment_method", asked.id, {"customer": None}))
    account.tell("payment_method.detached", told)
    return told


def _update(account: Account, asked: Asked) -> Object:
    known = payment_method(account, asked.id)
    metadata = p.merged(known["metadata"], asked.get("metadata", {}))
    return dict(account.write("payment_method", asked.id, {"metadata": metadata}))


def _list(account: Account, asked: Asked) -> Object:
    def shape(method: Object) -> Object | None:
        return dict(method) if kept(asked, method, ("customer", "type")) else None

    return page_of_things(account, asked, "payment_method", shape, "PaymentMethod")


def _own(account: Account, asked: Asked) -> Object:
    """The account that the key is of."""
    return {
        "id": "acct_tieout", "object": "account", "business_type": "company", "charges_enabled": True, "country": "US",
        "default_currency": "usd", "details_submitted": True, "email": None, "metadata": {}, "payouts_enabled": True,
        "settings": {"dashboard": {"timezone": account.calendar.timezone}}, "type": "standard",
    }  # fmt: skip


_PATH = "/v1/payment_methods"
OPERATIONS = (
    Operation("POST", _PATH, "create_payment_method", _create, _WRITTEN),
    Operation("GET", _PATH, "list_payment_methods", _list, {**p.PAGING, "customer": p.text, "type": p.text}),
    Operation(
        "GET",
        f"{_PATH}/*",
        "retrieve_payment_method",
        lambda account, asked: payment_method(account, asked.id),
    ),
    Operation("POST", f"{_PATH}/*", "update_payment_method", _update, _WRITTEN),
    Operation("POST", f"{_PATH}/*/attach", "attach_payment_method", _attach, {"customer": p.text}, ("customer",)),
    Operation("POST", f"{_PATH}/*/detach", "detach_payment_method", _detach),
    Operation("GET", "/v1/account", "retrieve_account", _own),
)
