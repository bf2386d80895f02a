"""Invoices that are drafted by hand, until they are finalised."""

from fakes.agreements import Contract, Deliverable, Version
from fakes.billing import CreateSubscription
from fakes.desk import (
    DocumentsOf,
)
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked
from fakes.faces.stripe.documents import document_of, draft_id
from fakes.faces.stripe.errors import invalid
from fakes.faces.stripe.invoice_objects import draft_object, invoice_object
from fakes.faces.stripe.showing import core_of
from fakes.particulars import Particulars
from sim.calendar import add_months


def create(account: Account, asked: Asked) -> Object:
    given = asked.given
    if "customer" not in given:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    core = customers.core_id(account, given["customer"], "customer")
    if given.get("subscription"):
        core_of(account, given["subscription"], "subscription")
    method = given.get("collection_method", "charge_automatically")
    if method == "send_invoice" and "days_until_due" not in given and "due_date" not in given:
        raise invalid(
            "When `collection_method` is `send_invoice`, you must specify `days_until_due` or `due_date`.",
            "days_until_due",
        )
    pending = given.get("pending_invoice_items_behavior", "exclude") == "include"
    items = [one.key for one in account.all("invoiceitem") if pending and _waits(one, given)]
    currency = given.get("currency") or (account.need("invoiceitem", items[0])["currency"] if items else "usd")
    id_ = draft_id(len(account.all("draft")) + 1)
    account.write("draft", id_, {
        **given, "metadata": p.merged({}, given.get("metadata", {})), "currency": currency.lower(),
        "core_customer": core,
        "created": account.now, "items": items,
    })  # fmt: skip
    account.open_drafts[id_] = None
    for item in items:
        account.write("invoiceitem", item, {"invoice": id_})
    told = draft_object(account, id_)
    account.tell("invoice.created", told)
    return told


def _waits(item: Particulars, given: Object) -> bool:
    fields = item.fields
    same = fields["customer"] == given["customer"] and fields["currency"] == given.get("currency", fields["currency"])
    return not item.dropped and fields["invoice"] is None and same


def open_draft(account: Account, id_: str, verb: str) -> Object:
    """A draft that may still be changed. Raises StripeError."""
    document = document_of(account, id_)
    draft = account.read("draft", id_)
    if document is not None or draft is None or draft.get("status", "draft") != "draft":
        raise invalid(f"You can only {verb} draft invoices. This invoice isn't a draft.", None, "invoice_not_editable")
    return draft


def delete(account: Account, asked: Asked) -> Object:
    draft = open_draft(account, asked.id, "delete")
    for item in draft["items"]:
        account.drop("invoiceitem", item)
    told = draft_object(account, asked.id)
    account.drop("draft", asked.id)
    del account.open_drafts[asked.id]
    account.tell("invoice.deleted", told)
    return {"id": asked.id, "object": "invoice", "deleted": True}


def finalize(account: Account, id_: str) -> Object:
    """A draft as an invoice: billing has issued it."""
    draft = open_draft(account, id_, "finalize")
    items = [account.need("invoiceitem", item) for item in draft["items"]]
    total = sum(item["amount"] for item in items)
    if total < 0:
        raise invalid("This account cannot invoice less than nothing: credit an invoice instead.", "items")
    if not total:
        account.write("draft", id_, {"status": "paid", "finalized_at": account.now})
        told = draft_object(account, id_)
        account.tell("invoice.finalized", told)
        account.tell("invoice.paid", told)
        return told
    subscription = account.ask(CreateSubscription(draft["core_customer"], _contract(account, id_, draft, items)))
    account.write("drafted", subscription.id, {"invoice": id_})
    (document,) = account.ask(DocumentsOf(subscription.id))
    account.write("draft", id_, {"document": document.id})
    del account.open_drafts[id_]
    account.log(None)
    return invoice_object(account, document)


def _contract(account: Account, id_: str, draft: Object, items: list[Object]) -> Contract:
    """A contract for what an invoice's items say, and for nothing else."""
    today = account.today
    start_day = today - 1  # its only period has begun already, so that all of it is due
    metadata = draft["metadata"]
    known = customers.account_of(account, draft["core_customer"])
    sold = tuple(
        Deliverable(item["id"], 1, "on_acceptance", "at_start", item["amount"], abs(item["amount"]), from_day=today,
            to_day=today + 1)
        for item in items if item["amount"]
    )  # fmt: skip
    version = Version(1, "signed", today, start_day, 1, 0)
    return Contract(
        metadata.get("contract", id_), metadata.get("account", known), draft["currency"].upper(), start_day,
        add_months(start_day, 1), 1, 0, (), (version,), deliverables=sold, entity=metadata.get("entity", ""),
    )  # fmt: skip
