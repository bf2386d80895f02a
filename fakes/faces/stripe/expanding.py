"""`expand`: ids in an answer give way to the objects that they name, wherever these are in it.

What can be expanded is known before anything is done: a request that asks for more is refused, and changes nothing.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from fakes.faces.stripe import (
    catalogue,
    credit_notes,
    customers,
    documents,
    invoices,
    payment_methods,
    payments,
    showing,
)
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Operation
from fakes.faces.stripe.errors import invalid
from fakes.faces.stripe.paging import whole_list
from fakes.faces.stripe.showing import ended, subscription_object

_DEPTH_MAX = 4

Step: TypeAlias = tuple[list[str], str]
"""The names that lead to a field of an object, and which kind of object is there."""

_OF_A_PRICE = {"pricing.price_details.price": "price", "discounts": ""}
_HOLDS: dict[str, dict[str, str]] = {
    "customer": {
        "default_source": "", "invoice_settings.default_payment_method": "payment_method", "sources": "", "tax_ids": "",
        "subscriptions.data": "subscription", "test_clock": "", "discount": "",
    },
    "product": {"default_price": "price", "tax_code": ""},
    "price": {"product": "product", "tiers": "", "currency_options": ""},
    "subscription": {
        "customer": "customer", "latest_invoice": "invoice", "default_payment_method": "payment_method",
        "default_source": "", "items.data": "subscription_item", "schedule": "", "pending_setup_intent": "",
        "test_clock": "", "discounts": "",
    },
    "subscription_item": {"price": "price", "plan.product": "product", "discounts": ""},
    "invoice": {
        "customer": "customer", "default_payment_method": "payment_method", "default_source": "", "lines.data": "line",
        "parent.subscription_details.subscription": "subscription", "payments.data": "invoice_payment", "discounts": "",
        "account_tax_ids": "", "confirmation_secret": "", "latest_revision": "", "test_clock": "",
    },
    "line": {"subscription": "subscription", **_OF_A_PRICE},
    "invoice_item": {"customer": "customer", "invoice": "invoice", "test_clock": "", **_OF_A_PRICE},
    "credit_note": {
        "customer": "customer", "invoice": "invoice", "refunds.refund": "refund", "lines": "",
        "customer_balance_transaction": "",
    },
    "invoice_payment": {"invoice": "invoice", "payment.payment_intent": "payment_intent", "payment.charge": "charge"},
    "payment_intent": {
        "customer": "customer", "latest_charge": "charge", "payment_method": "payment_method", "review": "",
    },
    "charge": {"customer": "customer", "payment_intent": "payment_intent", "balance_transaction": "", "review": ""},
    "refund": {"charge": "charge", "payment_intent": "payment_intent", "customer": "customer",
               "balance_transaction": ""},
    "payment_method": {"customer": "customer"},
}  # fmt: skip
"""What can be expanded of each kind of object, and the kind of what is there; none where that is shown as it is."""

_ANSWERS = {
    "customers": "customer", "products": "product", "prices": "price", "subscriptions": "subscription",
    "subscription_items": "subscription_item", "invoices": "invoice", "create_preview": "invoice", "lines": "line",
    "invoiceitems": "invoice_item", "credit_notes": "credit_note", "invoice_payments": "invoice_payment",
    "payment_intents": "payment_intent", "charges": "charge", "refunds": "refund", "payment_methods": "payment_method",
}  # fmt: skip
"""The kind of object that is answered, by the last segment of a path that says it."""

_LOAD: dict[str, Callable[[Account, str], Object]] = {
    "customer": customers.retrieved, "product": lambda account, id_: dict(catalogue.product(account, id_)),
    "price": catalogue.price, "subscription": showing.shown, "invoice": invoices.shown,
    "credit_note": lambda account, id_: credit_notes.note_object(account, documents.memo_of(account, id_)),
    "payment_method": payment_methods.payment_method, **payments.BY_ID,
}  # fmt: skip


def _payments(account: Account, invoice: Object) -> Object:
    document = documents.document_of(account, invoice["id"])
    paid = document is not None and documents.payment_of(account, document) is not None
    found = [payments.invoice_payment_object(account, document)] if document and paid else []
    return whole_list(found, f"/v1/invoice_payments?invoice={invoice['id']}")


def _subscriptions(account: Account, customer: Object) -> Object:
    found = []
    for one in customers.subscriptions_of(account, customers.core_id(account, customer["id"])):
        told = subscription_object(account, one)
        if not ended(account, told["id"], one):
            found.append(told)
    return whole_list(found[::-1], f"/v1/customers/{customer['id']}/subscriptions")


_LEFT_OUT: dict[tuple[str, str], Callable[[Account, Object], Any]] = {
    ("invoice", "payments"): _payments,
    ("customer", "subscriptions"): _subscriptions,
    ("customer", "sources"): lambda account, one: whole_list([], f"/v1/customers/{one['id']}/sources"),
    ("customer", "tax_ids"): lambda account, one: whole_list([], f"/v1/customers/{one['id']}/tax_ids"),
    **{("price", name): lambda account, one, name=name: account.need("price", one["id"]).get(name)  # type: ignore[misc]
       for name in catalogue.LEFT_OUT},
}  # fmt: skip
"""What an object does not show unless it is asked for."""


def steps_of(operation: Operation, paths: tuple[str, ...]) -> list[list[Step]]:
    """The way to what is to be shown in full. Raises StripeError for what the answer does not have."""
    if not paths:
        return []
    words = (word for word in reversed(operation.path.split("/")) if word in _ANSWERS)
    kind = _ANSWERS.get(next(words, ""), "")
    many = operation.word.startswith(("list_", "search_"))
    return [_steps(kind, path, many=many) for path in paths]


def expanded(account: Account, answer: Object, ways: list[list[Step]]) -> Object:
    """The answer with what is to be shown in full."""
    for steps in ways:
        _expand(account, answer, steps)
    return answer


def _steps(kind: str, path: str, *, many: bool) -> list[Step]:
    rest, steps = path, list[Step]()
    if many:
        if path in {"data", "total_count"}:
            return []
        rest = path.removeprefix("data.")
        kind = kind if rest != path else ""  # a list has nothing else
        steps.append((["data"], kind))
    if rest.count(".") >= _DEPTH_MAX:
        raise invalid(f"You cannot expand more than {_DEPTH_MAX} levels of a property ({path}).", "expand[]")
    while rest:
        field = _field(kind, rest)
        if field is None:
            raise invalid(f"This property cannot be expanded ({path}).", "expand[]")
        kind = _HOLDS[kind][field]
        steps.append((field.split("."), kind))
        rest = rest[len(field) + 1 :]
    return steps


def _field(kind: str, rest: str) -> str | None:
    """The field of a kind of object that a path begins with, or ends on the way to; None if there is none."""
    for field in _HOLDS.get(kind, ()):
        if rest == field or rest.startswith(f"{field}.") or field.startswith(f"{rest}."):
            return field
    return None


def _expand(account: Account, at: Any, steps: list[Step]) -> None:
    if isinstance(at, list):
        for one in at:
            _expand(account, one, steps)
    elif isinstance(at, dict) and steps:
        (names, kind), further = steps[0], steps[1:]
        name, *inner = names
        value = at.get(name)
        if value is None and (at.get("object"), name) in _LEFT_OUT:
            value = _LEFT_OUT[at["object"], name](account, at)
        elif isinstance(value, str) and kind in _LOAD:
            value = _LOAD[kind](account, value)
        elif isinstance(value, dict):
            value = dict(value)
        if value is not None:
            at[name] = value
        _expand(account, value, [(inner, kind), *further] if inner else further)
