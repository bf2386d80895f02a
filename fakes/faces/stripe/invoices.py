"""Invoices: those that billing issues of itself, and those that are drafted by hand.

A draft is Stripe's alone until it is finalised; then it is a contract of its own with billing, for what its items say,
all of it invoiced at once: `metadata[contract]` names it,
else the draft's id. An invoice is voided by a credit memo for
all of it, of which subscribers are told as of the voiding.
"""

from collections.abc import Sequence
from typing import Any

from fakes.desk import (
    CollectPayment,
    CreditableOf,
    CreditInvoice,
    DocumentsOf,
    IsIndexed,
    ListDocuments,
    ListSubscriptions,
    PlaceOf,
)
from fakes.faces.stripe import customers, wallets
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object, changed_fields
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.catalogue import ONE_TIME_DATA
from fakes.faces.stripe.documents import document_of, standing
from fakes.faces.stripe.drafts import create, delete, finalize, open_draft
from fakes.faces.stripe.errors import StripeError, declined, invalid
from fakes.faces.stripe.invoice_objects import draft_object, invoice_object
from fakes.faces.stripe.lines import lines_of
from fakes.faces.stripe.paging import page, page_of, within
from fakes.faces.stripe.payment_methods import declines
from fakes.faces.stripe.search import exact, indexed, matching, search_page
from fakes.faces.stripe.showing import core_of
from fakes.records import Invoice

_WRITTEN: p.Spec = {
    **{name: p.CONNECTED[name] for name in ("application_fee_amount", "on_behalf_of", "transfer_data")},
    "account_tax_ids": p.many(p.text), "automatic_tax": p.AUTOMATIC_TAX, "auto_advance": p.flag,
    "automatically_finalizes_at": p.impossible("This account finalizes no invoice by itself."),
    "collection_method": p.choice("charge_automatically", "send_invoice"), "custom_fields": p.CUSTOM_FIELDS,
    "days_until_due": p.not_negative, "default_payment_method": p.text_or_unset, "default_source": p.SOURCES,
    "default_tax_rates": p.TAX_RATES, "description": p.text_or_unset, "discounts": p.DISCOUNTS, "due_date": p.moment,
    "effective_at": p.unset_or(p.moment), "footer": p.text_or_unset, "issuer": p.mapping, "metadata": p.metadata,
    "number": p.text_or_unset, "payment_settings": p.PAYMENT_SETTINGS, "rendering": p.mapping,
    "shipping_cost": p.impossible("This account charges for no shipping."), "shipping_details": p.SHIPPING,
    "statement_descriptor": p.text_or_unset,
}  # fmt: skip
_CREATE: p.Spec = {
    **_WRITTEN, "customer": p.text, "currency": p.currency, "subscription": p.text,
    "from_invoice": p.impossible("This account revises no invoice: credit it, and draft another."),
    "pending_invoice_items_behavior": p.choice("exclude", "include"),
}  # fmt: skip
_PAY: p.Spec = {
    "forgive": p.flag, "mandate": p.text_or_unset, "off_session": p.flag, "paid_out_of_band": p.flag,
    "payment_method": p.text, "source": p.SOURCES,
}  # fmt: skip
_LIST: p.Spec = {
    **p.PAGING, "customer": p.text, "subscription": p.text, "due_date": p.moment_range, "collection_method": p.text,
    "status": p.choice("draft", "open", "paid", "uncollectible", "void"),
}  # fmt: skip


def shown(account: Account, id_: str, param: str | None = None) -> Object:
    """An invoice as Stripe shows it."""
    document = document_of(account, id_, param)
    return draft_object(account, id_) if document is None else invoice_object(account, document)


def _update(account: Account, asked: Asked) -> Object:
    before = shown(account, asked.id)
    metadata = p.merged(before["metadata"], asked.given.get("metadata", {}))
    if before["status"] == "draft":
        account.write("draft", asked.id, {**asked.given, "metadata": metadata})
    else:
        fixed = set(asked.given) - {
            "metadata",
            "description",
            "auto_advance",
            "default_payment_method",
            "payment_settings",
        }
        if fixed:
            raise invalid("Finalized invoices can't be updated in this way.", min(fixed), "invoice_not_editable")
        account.write("invoice", asked.id, {**asked.given, "metadata": metadata})
    told = shown(account, asked.id)
    account.tell("invoice.updated", told, changed_fields(before, told))
    return told


# --- what becomes of an invoice ----------------------------------------------------------------------


def _finalize(account: Account, asked: Asked) -> Object:
    return finalize(account, asked.id)


def _send(account: Account, asked: Asked) -> Object:
    if (
        document_of(account, asked.id) is None
        and (account.read("draft", asked.id) or {}).get("status", "draft") == "draft"
    ):
        finalize(account, asked.id)
    told = shown(account, asked.id)
    if told["status"] not in {"open", "paid"}:
        raise invalid("You can only manually send an invoice that is open.", None)
    account.tell("invoice.sent", told)
    return told


def _pay(account: Account, asked: Asked) -> Object:
    before = shown(account, asked.id)
    if before["status"] == "draft":
        before = finalize(account, asked.id)
    if before["status"] == "paid":
        raise invalid("Invoice is already paid", None)
    if before["status"] == "void":
        raise invalid("You can only pay open invoices. This invoice is void.", None)
    document = document_of(account, asked.id)
    assert document is not None, "a finalised invoice that is not paid is billing's"
    if not asked.get("paid_out_of_band"):
        method = _charge(account, asked, before)
        account.write("payment", document.id, {"payment_method": method})
    account.ask(CollectPayment(document.id))
    account.log(None)
    return invoice_object(account, document)


def _charge(account: Account, asked: Asked, invoice: Object) -> str:
    """The payment method that pays. Raises StripeError if there is none, or it does not pay."""
    of = subscription_of(invoice)
    named = asked.get("payment_method") or invoice["default_payment_method"]
    terms = (account.read("subscription", of) if of else None) or {}
    method: str | None = named or wallets.default_method(account, invoice["customer"], terms)
    if method is None:
        raise invalid(
            "There is no `default_payment_method` set on this Customer or Invoice. Please attach a payment method or "
            "pay out of band.",
            "payment_method",
            "parameter_missing",
        )
    wallets.check_free(account, method, invoice["customer"], "payment_method")
    if declines(account, method):
        beside = account.read("invoice", asked.id) or {}
        account.write("invoice", asked.id, {"attempt_count": beside.get("attempt_count", 0) + 1})
        account.tell("invoice.payment_failed", shown(account, asked.id))
        raise declined("Your card was declined.")
    return method


def _void(account: Account, asked: Asked) -> Object:
    before = shown(account, asked.id)
    document = document_of(account, asked.id)
    if document is None or before["status"] not in {"open", "uncollectible"}:
        raise invalid(f"You can only pass in open invoices. This invoice is {before['status']}.", None)
    left = tuple((place, minor) for place, minor in enumerate(account.ask(CreditableOf(document.id))) if minor)
    account.log(None)
    if left:
        memo = account.ask(CreditInvoice(document.id, left))
        account.write("memo", memo.id, {"voids": asked.id, "invoice": asked.id})
    account.write("invoice", asked.id, {"voided_at": account.now})
    account.log(None)
    return invoice_object(account, document)


def _mark(account: Account, asked: Asked) -> Object:
    before = shown(account, asked.id)
    if before["status"] != "open":
        raise invalid(f"You can only pass in open invoices. This invoice is {before['status']}.", None)
    account.write("invoice", asked.id, {"marked_uncollectible_at": account.now})
    told = shown(account, asked.id)
    account.tell("invoice.marked_uncollectible", told)
    return told


# --- reading -----------------------------------------------------------------------------------------


def _retrieve(account: Account, asked: Asked) -> Object:
    return shown(account, asked.id)


def _lines(account: Account, asked: Asked) -> Object:
    document = document_of(account, asked.id)
    told = draft_object(account, asked.id)["lines"]["data"] if document is None else lines_of(account, document)
    return page_of(asked, told, "line item")


def _records(account: Account, asked: Asked) -> Sequence[Any]:
    """The invoices, and drafts by id, that may be asked for, in the order of their creation."""
    if "subscription" in asked.given:
        core = core_of(account, asked.given["subscription"], "subscription")
        found: Sequence[Any] = account.ask(DocumentsOf(core.id))
        return found
    customer = asked.get("customer")
    core_customer = customers.core_id(account, customer, "customer") if customer else ""
    if customer:
        of_customer = account.ask(ListSubscriptions(core_customer))
        documents = [one for known in of_customer for one in account.ask(DocumentsOf(known.id))]
        documents.sort(key=lambda one: int(account.ask(PlaceOf(one.id))))
    else:
        documents = account.ask(ListDocuments())
    if asked.get("status") == "draft":
        documents = []  # what is issued is none
    known_drafts = {id_: account.need("draft", id_) for id_ in account.open_drafts}
    drafts = [
        (account.instant_us(draft["created"]), id_)
        for id_, draft in known_drafts.items()
        if core_customer in {"", draft["core_customer"]}
    ]
    if not drafts:
        all_issued: Sequence[Any] = documents
        return all_issued
    dated = [*((one.issued_us, one) for one in documents), *drafts]
    return [one for _, one in sorted(dated, key=lambda pair: pair[0])]


def _list(account: Account, asked: Asked) -> Object:
    records = _records(account, asked)

    def place(id_: str) -> int | None:
        document = document_of(account, id_, "starting_after")
        if document is None:
            return next((number for number, one in enumerate(records) if one == id_), None)
        if records is account.ask(ListDocuments()):
            return int(account.ask(PlaceOf(document.id)))
        return next((number for number, one in enumerate(records) if one is document), None)

    def shape(one: Any) -> Object | None:
        if isinstance(one, Invoice) and one.kind != "invoice":
            return None
        if "status" in asked.given and asked.given["status"] != _status(account, one):
            return None
        told = draft_object(account, one) if isinstance(one, str) else invoice_object(account, one)
        same = all(told[name] == asked.given[name] for name in ("collection_method",) if name in asked.given)
        due = asked.get("due_date") is None or (
            told["due_date"] is not None and within(told["due_date"], asked.get("due_date"))
        )
        return told if same and due and within(told["created"], asked.get("created")) else None

    return page(asked, records, place, shape, "invoice")


def _status(account: Account, one: Invoice | str) -> str:
    """The status of an invoice, or of a draft by its id, by itself."""
    if isinstance(one, str):
        status: str = account.need("draft", one).get("status", "draft")
        return status
    return str(standing(account, one)["status"])


def _candidates(account: Account, asked: Asked) -> Sequence[Any]:
    """The invoices and drafts that may be searched for, in the order of their creation."""
    exactly, pair = exact(asked.given["query"]), indexed(asked)
    if pair is not None:
        ids = dict.fromkeys(id_ for kind in ("invoice", "draft") for id_ in account.having(kind, *pair))
        found = [(document_of(account, id_) or id_) for id_ in ids]
        return sorted(found, key=lambda one: _created_us(account, one))
    given: Object = {name: exactly[name] for name in ("customer", "subscription") if name in exactly}
    try:
        return _records(account, Asked("", (), given))
    except StripeError:  # there is no such customer or subscription
        return ()


def _created_us(account: Account, one: Invoice | str) -> int:
    return account.instant_us(account.need("draft", one)["created"]) if isinstance(one, str) else one.issued_us


def _search(account: Account, asked: Asked) -> Object:
    wanted, found = matching(asked), []
    for one in reversed(_candidates(account, asked)):
        if isinstance(one, str):
            told = draft_object(account, one)
        elif one.kind == "invoice" and account.ask(IsIndexed(one.id, one.contract, one.issued_us)):
            told = invoice_object(account, one)
        else:
            continue
        if wanted({**told, "subscription": subscription_of(told)}):
            found.append(told)
    return search_page(asked, found)


def subscription_of(told: Object) -> str | None:
    """The subscription that an invoice as it is shown is for."""
    details = (told["parent"] or {}).get("subscription_details") or {}
    of: str | None = details.get("subscription")
    return of


def _add_lines(account: Account, asked: Asked) -> Object:
    from fakes.faces.stripe.invoice_items import new_item  # noqa: PLC0415  # items are of invoices, and these of items

    draft = open_draft(account, asked.id, "add lines to")
    customer = customers.stripe_id(draft["core_customer"])
    made = [
        new_item(account, {**one, "customer": customer, "invoice": asked.id}, dry=True) for one in asked.given["lines"]
    ]
    assert len(made) == len(asked.given["lines"])
    for one in asked.given["lines"]:
        new_item(account, {**one, "customer": customer, "invoice": asked.id})
    return shown(account, asked.id)


_LINE: p.Spec = {
    "amount": p.whole, "description": p.text, "metadata": p.metadata, "quantity": p.not_negative,
    "invoice_item": p.text,
    "period": p.fields({"start": p.moment, "end": p.moment}, ("start", "end")), "pricing": p.fields({"price": p.text}),
    "price_data": ONE_TIME_DATA, "discountable": p.flag, "discounts": p.DISCOUNTS, "tax_rates": p.TAX_RATES,
    "tax_amounts": p.NO_TAXES,
}  # fmt: skip


OPERATIONS = (
    Operation("POST", "/v1/invoices", "create_invoice", create, _CREATE),
    Operation("GET", "/v1/invoices", "list_invoices", _list, _LIST),
    Operation("GET", "/v1/invoices/search", "search_invoices", _search, p.SEARCHING, ("query",)),
    Operation("GET", "/v1/invoices/*", "retrieve_invoice", _retrieve),
    Operation("POST", "/v1/invoices/*", "update_invoice", _update, _WRITTEN),
    Operation("DELETE", "/v1/invoices/*", "delete_invoice", delete),
    Operation("GET", "/v1/invoices/*/lines", "list_invoice_lines", _lines, p.PAGING),
    Operation("POST", "/v1/invoices/*/add_lines", "add_invoice_lines", _add_lines,
              {"lines": p.many(p.fields(_LINE)), "invoice_metadata": p.metadata}, ("lines",)),
    Operation("POST", "/v1/invoices/*/finalize", "finalize_invoice", _finalize, {"auto_advance": p.flag}),
    Operation("POST", "/v1/invoices/*/pay", "pay_invoice", _pay, _PAY),
    Operation("POST", "/v1/invoices/*/send", "send_invoice", _send),
    Operation("POST", "/v1/invoices/*/void", "void_invoice", _void),
    Operation("POST", "/v1/invoices/*/mark_uncollectible", "mark_uncollectible", _mark),
)  # fmt: skip
