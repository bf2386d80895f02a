"""Invoice items: what is to be invoiced beside subscriptions. It waits for an invoice that takes it in.

An item of a subscription with `metadata[fulfilment]` says that this was delivered: `product`,
`quantity` units of it or all
of it as `accepted`, over its period. Billing invoices of it what the contract says.
"""

from typing import TypeAlias

from fakes.agreements import Fulfilment
from fakes.desk import DocumentsOf
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object, changed_fields
from fakes.faces.stripe.amounts import amount_minor
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.catalogue import ONE_TIME_DATA, amounts, price, product
from fakes.faces.stripe.documents import stripe_id
from fakes.faces.stripe.errors import invalid, missing
from fakes.faces.stripe.paging import kept, page_of_things, within
from fakes.faces.stripe.showing import core_of
from fakes.fulfilments import RecordFulfilment

_Worth: TypeAlias = tuple[int, str, Object | None, str | None]

_WRITTEN: p.Spec = {
    "amount": p.whole, "description": p.text_or_unset, "metadata": p.metadata, "quantity": p.not_negative,
    "period": p.fields({"start": p.moment, "end": p.moment}, ("start", "end")), "pricing": p.fields({"price": p.text}),
    "price_data": ONE_TIME_DATA, "unit_amount_decimal": p.decimal, "discountable": p.flag, "discounts": p.DISCOUNTS,
    "tax_behavior": p.PRICED["tax_behavior"], "tax_code": p.text_or_unset, "tax_rates": p.TAX_RATES,
}  # fmt: skip


def new_item(account: Account, given: Object, *, dry: bool = False) -> Object:
    """An invoice item that was not there; `dry`, nothing but the check that it could be."""
    if "customer" not in given:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    customers.core_id(account, given["customer"], "customer")
    invoice = given.get("invoice")
    draft = None
    if invoice is not None:
        draft = account.read("draft", invoice)
        if draft is None:
            raise missing("invoice", invoice, "invoice")
        if draft.get("document") or draft.get("status", "draft") != "draft":
            raise invalid(
                "You can only add items to draft invoices. This invoice isn't a draft.",
                "invoice",
                "invoice_not_editable",
            )
    amount, currency, pricing, words = _worth(account, given, draft["currency"] if draft else None)
    quantity = given.get("quantity", 1)
    now = account.now
    id_ = account.new_id("ii", "invoiceitem")
    fields = {
        "id": id_, "object": "invoiceitem", "amount": amount, "currency": currency, "customer": given["customer"],
        "customer_account": None, "date": now, "description": given.get("description") or words, "discountable": True,
        "discounts": [], "frozen_fields": None, "invoice": invoice, "livemode": False,
        "metadata": p.merged({}, given.get("metadata", {})), "net_amount": amount, "parent": None,
        "period": given.get("period") or {"start": now, "end": now}, "pricing": pricing, "proration": False,
        "proration_details": None, "quantity": quantity, "quantity_decimal": str(quantity), "tax_rates": [],
        "test_clock": None,
    }  # fmt: skip
    if dry:
        return fields
    if "fulfilment" in fields["metadata"]:
        fields |= _delivered(account, given, fields)
    told = dict(account.write("invoiceitem", id_, fields))
    if draft is not None and invoice is not None:
        account.write("draft", invoice, {"items": [*draft["items"], id_], "currency": currency})
    account.tell("invoiceitem.created", told)
    return told


def _delivered(account: Account, given: Object, fields: Object) -> Object:
    """Tell billing that what an item is for was delivered: it invoices that at once, as the contract says."""
    if "subscription" not in given:
        raise invalid("Missing required param: subscription.", "subscription", "parameter_missing")
    subscription = core_of(account, given["subscription"], "subscription")
    notes, period = fields["metadata"], fields["period"]
    from_day, last_day = account.day_of(period["start"]), account.day_of(period["end"])
    before = len(account.ask(DocumentsOf(subscription.id)))
    account.ask(RecordFulfilment(Fulfilment(
        notes["fulfilment"], subscription.contract, notes.get("product", ""), from_day, last_day, fields["quantity"],
        accepted=notes.get("accepted") == "true",
    )))  # fmt: skip
    issued = account.ask(DocumentsOf(subscription.id))[before:]
    if not issued:
        return {}
    return {"invoice": stripe_id(account, issued[-1]), "amount": issued[-1].total_minor}


def _worth(account: Account, given: Object, drafted: str | None) -> _Worth:
    """The amount and the currency of an item, its price, and what it is for."""
    quantity = given.get("quantity", 1)
    found: _Worth
    if "pricing" in given:
        one = price(account, given["pricing"].get("price", ""), "pricing[price]")
        if one["recurring"] is not None:
            raise invalid(
                "The price specified is set to `type=recurring` but this field only accepts prices with "
                "`type=one_time`.",
                "pricing[price]",
            )
        shown = {"type": "price_details", "price_details": {"price": one["id"], "product": one["product"]},
                 "unit_amount_decimal": one["unit_amount_decimal"]}  # fmt: skip
        minor = amount_minor(account.need("price", one["id"]), quantity)
        found = minor, one["currency"], shown, str(product(account, one["product"])["name"])
    elif "price_data" in given:
        data = given["price_data"]
        sold = product(account, data["product"], "price_data[product]")
        if not {"unit_amount", "unit_amount_decimal"} & set(data):
            name = "price_data[unit_amount]"
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
        found = amount_minor(amounts(data), quantity), data["currency"], None, str(sold["name"])
    else:
        if "unit_amount_decimal" in given:
            minor = amount_minor(given, quantity)
        elif "amount" in given:
            minor = given["amount"]
        else:
            raise invalid("Missing required param: amount.", "amount", "parameter_missing")
        found = minor, given.get("currency") or drafted or "usd", None, None
    if drafted is not None and found[1] != drafted:
        raise invalid(f"The currency of the invoice is {drafted}, and that of the item {found[1]}.", "currency")
    return found


def _of(account: Account, id_: str) -> Object:
    return account.need("invoiceitem", id_, named="invoice item")


def _open(account: Account, item: Object) -> None:
    """Raises StripeError if an item is on an invoice already that is no draft."""
    draft = account.read("draft", item["invoice"]) if item["invoice"] else None
    if draft is not None and (draft.get("document") or draft.get("status", "draft") != "draft"):
        raise invalid(
            "This invoice item is already attached to an invoice that isn't a draft.", None, "invoice_not_editable"
        )


def _update(account: Account, asked: Asked) -> Object:
    before = dict(_of(account, asked.id))
    _open(account, before)
    given = {**asked.given, "metadata": p.merged(before["metadata"], asked.given.get("metadata", {}))}
    if {"amount", "quantity", "pricing", "price_data", "unit_amount_decimal"} & set(given):
        worth = {"quantity": before["quantity"], "currency": before["currency"], "amount": before["amount"], **given}
        given["amount"], given["currency"], pricing, _ = _worth(account, worth, None)
        given |= {"pricing": pricing, "net_amount": given["amount"]}
    given.pop("price_data", None)
    told = dict(account.write("invoiceitem", asked.id, given))
    account.tell("invoiceitem.updated", told, changed_fields(before, told))
    return told


def _delete(account: Account, asked: Asked) -> Object:
    item = dict(_of(account, asked.id))
    _open(account, item)
    if item["invoice"]:
        draft = account.need("draft", item["invoice"])
        account.write("draft", item["invoice"], {"items": [one for one in draft["items"] if one != asked.id]})
    account.drop("invoiceitem", asked.id)
    account.tell("invoiceitem.deleted", item)
    return {"id": asked.id, "object": "invoiceitem", "deleted": True}


def _list(account: Account, asked: Asked) -> Object:
    def shape(item: Object) -> Object | None:
        waits = asked.get("pending") is None or asked.get("pending") == (item["invoice"] is None)
        wanted = waits and kept(asked, item, ("customer", "invoice")) and within(item["date"], asked.get("created"))
        return dict(item) if wanted else None

    return page_of_things(account, asked, "invoiceitem", shape, "invoice item")


OPERATIONS = (
    Operation("POST", "/v1/invoiceitems", "create_invoice_item", lambda account, asked: new_item(account, asked.given),
              {**_WRITTEN, "customer": p.text, "currency": p.currency, "invoice": p.text, "subscription": p.text}),
    Operation("GET", "/v1/invoiceitems", "list_invoice_items", _list,
              {**p.PAGING, "customer": p.text, "invoice": p.text, "pending": p.flag}),
    Operation("GET", "/v1/invoiceitems/*", "retrieve_invoice_item", lambda account, asked: dict(_of(account,
        asked.id))),
    Operation("POST", "/v1/invoiceitems/*", "update_invoice_item", _update, _WRITTEN),
    Operation("DELETE", "/v1/invoiceitems/*", "delete_invoice_item", _delete),
)  # fmt: skip
