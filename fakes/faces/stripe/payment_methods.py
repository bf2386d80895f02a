"""Payment methods: what a customer might pay with. No money comes of one unless an invoice is paid with it."""

from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import missing

_CARD: p.Spec = {
    "token": p.text, "number": p.text, "exp_month": p.whole, "exp_year": p.whole, "cvc": p.text,
    "networks": p.mapping,
}  # fmt: skip
_BILLING: p.Spec = {
    "address": p.ADDRESS, **dict.fromkeys(("email", "name", "phone", "tax_id"), p.text_or_unset),
}  # fmt: skip
_WRITTEN: p.Spec = {
    "metadata": p.metadata, "billing_details": p.fields(_BILLING), "card": p.fields(_CARD),
    "allow_redisplay": p.choice("always", "limited", "unspecified"),
}  # fmt: skip
_TYPES = ("card", "customer_balance", "sepa_debit", "us_bank_account")
_CREATED: p.Spec = {**_WRITTEN, "type": p.choice(*_TYPES), **dict.fromkeys(_TYPES[1:], p.mapping)}

FOR_TESTS = "pm_card_"
_DECLINED_NUMBERS = ("4000000000000002", "4000000000000341", "4000000000009995")
_HIDDEN = "declines"


def payment_method(account: Account, id_: str, param: str | None = None) -> Object:
    """A payment method. Stripe's own for tests, `pm_card_…`, are there without anybody's making them."""
    known = account.read("payment_method", id_)
    if known is None and id_.startswith(FOR_TESTS):
        return shown(_fields(account, id_, "card", {}))
    if known is None:
        raise missing("PaymentMethod", id_, param)
    return shown(known)


def copied(account: Account, id_: str) -> str:
    """The id of a new payment method like one of Stripe's own."""
    made = account.new_id("pm", "payment_method")
    account.write("payment_method", made, {**payment_method(account, id_), "id": made, _HIDDEN: declines(account, id_)})
    return made


def declines(account: Account, id_: str) -> bool:
    """Whether nothing can be paid with a payment method: its card is one of those that tests use for that."""
    known = account.read("payment_method", id_)
    return _is_declined(id_) if known is None else bool(known[_HIDDEN])


def shown(fields: Object) -> Object:
    """A payment method as Stripe shows it."""
    return {name: value for name, value in fields.items() if name != _HIDDEN}


def _is_declined(token: str) -> bool:
    return "eclined" in token or token.endswith("Fail") or token in _DECLINED_NUMBERS


def _fields(account: Account, id_: str, kind: str, given: Object) -> Object:
    number = given.get("card", {}).get("number", "4242")
    card = {
        "brand": "visa", "checks": None, "country": "US", "exp_month": 12, "exp_year": 2034, "fingerprint": None,
        "funding": "credit", "last4": number[-4:], "networks": None, "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }  # fmt: skip
    details = dict.fromkeys(_BILLING)
    return {
        "id": id_, "object": "payment_method", "allow_redisplay": given.get("allow_redisplay", "unspecified"),
        "billing_details": {**details, **given.get("billing_details", {})}, kind: card if kind == "card" else {},
        "created": account.now, "customer": None, "livemode": False,
        "metadata": p.merged({}, given.get("metadata", {})), "type": kind,
    }  # fmt: skip


def _create(account: Account, asked: Asked) -> Object:
    given, card = asked.given, asked.get("card", {})
    id_ = account.new_id("pm", "payment_method")
    refused = any(_is_declined(card.get(name, "")) for name in ("token", "number"))
    fields = {**_fields(account, id_, given["type"], given), _HIDDEN: refused}
    return shown(account.write("payment_method", id_, fields))


def _update(account: Account, asked: Asked) -> Object:
    known = account.need("payment_method", asked.id, named="PaymentMethod")
    given = {name: value for name, value in asked.given.items() if name in {"allow_redisplay", "billing_details"}}
    metadata = p.merged(known["metadata"], asked.get("metadata", {}))
    return shown(account.write("payment_method", asked.id, {**p.over(known, given), "metadata": metadata}))


_PATH = "/v1/payment_methods"
OPERATIONS = (
    Operation("POST", _PATH, "create_payment_method", _create, _CREATED, ("type",)),
    Operation("GET", f"{_PATH}/*", "retrieve_payment_method", lambda account, asked: payment_method(account, asked.id)),
    Operation("POST", f"{_PATH}/*", "update_payment_method", _update, _WRITTEN),
)  # fmt: skip
