"""Billing's invoices and credit memos by Stripe's ids: which is which, and what has become of one.

Stripe has a credit note for an invoice, billing a credit memo for a subscription: one that Stripe was not asked for is
of the newest invoice before it that charged for the same, else of the newest.
"""

from collections.abc import Sequence

from fakes.desk import DocumentsOf, ListDocuments, PaymentOf, PlaceOf
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.errors import missing
from fakes.faces.stripe.ids import identifier, number_of
from fakes.records import Invoice, Payment


def invoices_of(account: Account, subscription: str) -> Sequence[Invoice]:
    """The invoices of one of billing's subscriptions, oldest first."""
    return [one for one in account.ask(DocumentsOf(subscription)) if one.kind == "invoice"]


def stripe_id(account: Account, document: Invoice) -> str:
    """The id of an invoice or credit note. An invoice that was drafted by hand keeps that of its draft."""
    if document.kind == "credit_memo":
        return identifier("cn", account.ask(PlaceOf(document.id)) + 1)
    drafted = account.read("drafted", document.subscription)
    if drafted is not None:
        return str(drafted["invoice"])
    return identifier("in", 2 * account.ask(PlaceOf(document.id)) + 2)


def draft_id(number: int) -> str:
    """The id of the `number`-th invoice that is drafted by hand."""
    return identifier("in", 2 * number - 1)


def document_of(account: Account, id_: str, param: str | None = None) -> Invoice | None:
    """The document of an invoice's id; None if that is but a draft. Raises StripeError if there is no such invoice."""
    number = number_of("in", id_)
    documents: Sequence[Invoice] = account.ask(ListDocuments())
    if number and number % 2:
        draft = account.read("draft", id_)
        if draft is not None:
            place: int | None = account.ask(PlaceOf(draft["document"])) if draft.get("document") else None
            return None if place is None else documents[place]
    elif number and number // 2 <= len(documents):
        found = documents[number // 2 - 1]
        if found.kind == "invoice" and stripe_id(account, found) == id_:
            return found
    raise missing("invoice", id_, param)


def memo_of(account: Account, id_: str) -> Invoice:
    """The credit memo of a credit note's id. Raises StripeError if there is none."""
    number = number_of("cn", id_)
    documents: Sequence[Invoice] = account.ask(ListDocuments())
    if number and number <= len(documents):
        found = documents[number - 1]
        if found.kind == "credit_memo" and voided_by(account, found) is None:
            return found
    raise missing("credit note", id_)


def voided_by(account: Account, memo: Invoice) -> str | None:
    """The id of the invoice that a credit memo is there to void; None if it is a credit note."""
    beside = account.read("memo", memo.id) or {}
    voids: str | None = beside.get("voids")
    return voids


def credited(account: Account, memo: Invoice) -> Invoice | None:
    """The invoice that a credit memo is for."""
    beside = account.read("memo", memo.id) or {}
    if "invoice" in beside:
        return document_of(account, beside["invoice"])
    earlier: list[Invoice] = []
    for one in account.ask(DocumentsOf(memo.subscription)):
        if one is memo:
            break
        if one.kind == "invoice":
            earlier.append(one)
    charged = {line.period for line in memo.lines}
    for one in reversed(earlier):
        if charged & {line.period for line in one.lines}:
            return one
    return earlier[-1] if earlier else None


def credits_of(account: Account, invoice: Invoice) -> list[Invoice]:
    """The credit memos that are for an invoice, oldest first; none that voids it."""
    memos = [one for one in account.ask(DocumentsOf(invoice.subscription)) if one.kind == "credit_memo"]
    return [one for one in memos if credited(account, one) is invoice and voided_by(account, one) is None]


def payment_of(account: Account, document: Invoice) -> Payment | None:
    """What was paid for a document, or paid back for it; None if nothing was yet."""
    paid: Payment | None = account.ask(PaymentOf(document.id))
    return paid


def standing(account: Account, invoice: Invoice, *, fresh: bool = False) -> Object:
    """What has become of an invoice, in Stripe's words; `fresh`, as it was when it was issued."""
    total = invoice.total_minor
    beside = ({} if fresh else account.read("invoice", stripe_id(account, invoice))) or {}
    payment = None if fresh else payment_of(account, invoice)
    memos = [] if fresh else credits_of(account, invoice)
    paid_us = payment.received_us if payment else None
    before = -sum(one.total_minor for one in memos if paid_us is None or one.issued_us < paid_us)
    after = -sum(one.total_minor for one in memos) - before
    voided_at, marked_at = beside.get("voided_at"), beside.get("marked_uncollectible_at")
    settled = not fresh and (payment is not None or before >= total)
    status = "void" if voided_at else "paid" if settled else "uncollectible" if marked_at else "open"
    paid_at = account.seconds(paid_us) if paid_us is not None else None
    if status == "paid" and paid_at is None:
        paid_at = account.seconds(memos[-1].issued_us if memos else invoice.issued_us)
    paid_minor = max(0, total - before) if payment else 0
    return {
        "status": status, "amount_due": total, "amount_paid": paid_minor, "amount_overpaid": 0,
        "amount_remaining": 0 if status in {"paid", "void"} else total - before - paid_minor,
        "pre_payment_credit_notes_amount": before, "post_payment_credit_notes_amount": after,
        "attempt_count": beside.get("attempt_count", 0) + (payment is not None),
        "attempted": payment is not None or bool(beside.get("attempt_count")),
        "status_transitions": {
            "finalized_at": account.seconds(invoice.issued_us), "marked_uncollectible_at": marked_at,
            "paid_at": paid_at if status == "paid" else None, "voided_at": voided_at,
        },
    }  # fmt: skip
