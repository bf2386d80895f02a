"""`expand`: ids in an answer give way to the objects that they name, wherever these are in it."""

from collections.abc import Callable
from typing import Any

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
from fakes.faces.stripe.errors import invalid
from fakes.faces.stripe.paging import whole_list
from fakes.faces.stripe.showing import ended, subscription_object

_DEPTH_MAX = 4

_BY_PREFIX: dict[str, Callable[[Account, str], Object]] = {
    "cus": customers.retrieved, "price": catalogue.price, "sub": showing.shown, "in": invoices.shown,
    "cn": lambda account, id_: credit_notes.note_object(account, documents.memo_of(account, id_)),
    **{prefix: lambda account, id_, prefix=prefix: payments.payment_object(account, prefix, id_)  # type: ignore[misc]
       for prefix in ("pi", "ch", "re", "inpay")},
}  # fmt: skip
_NAMED: dict[str, Callable[[Account, str], Object]] = {
    "product": lambda account, id_: dict(catalogue.product(account, id_)), "price": catalogue.price,
    "default_price": catalogue.price, "default_payment_method": payment_methods.payment_method,
}  # fmt: skip
"""Fields whose ids clients may choose."""

_PRESENT = {"data", "total_count", "tiers", "lines", "items", "discounts", "schedule",
    "test_clock",
            "payment_method", "default_source", "pending_setup_intent", "confirmation_secret", "charge",
            "account_tax_ids"}  # fmt: skip


def expanded(account: Account, answer: Object, paths: tuple[str, ...]) -> Object:
    """The answer with what is to be shown in full. Raises StripeError for what cannot be."""
    for path in paths:
        names = path.split(".")
        if len(names) - (names[0] == "data") > _DEPTH_MAX:
            raise invalid(f"You cannot expand more than {_DEPTH_MAX} levels of a property ({path}).", "expand[]")
        _expand(account, answer, names, path)
    return answer


def _expand(account: Account, at: Any, names: list[str], path: str) -> None:
    if isinstance(at, list):
        for one in at:
            _expand(account, one, names, path)
        return
    if not isinstance(at, dict):
        return
    name, rest = names[0], names[1:]
    value = at.get(name)
    if isinstance(value, str):
        load = _NAMED.get(name) or _BY_PREFIX.get(value.split("_")[0])
        if load is None:
            raise invalid(f"This property cannot be expanded ({path}).", "expand[]")
        at[name] = value = load(account, value)
    elif value is None and (at.get("object"), name) in _LEFT_OUT:
        at[name] = value = _LEFT_OUT[at["object"], name](account, at)
    elif name not in at and name not in _PRESENT and at.get("object") is not None:
        raise invalid(f"This property cannot be expanded ({path}).", "expand[]")
    if rest:
        if isinstance(value, dict):
            at[name] = value = dict(value)
        _expand(account, value, rest, path)


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
}
"""What an object does not show unless it is asked for."""
