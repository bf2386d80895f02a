"""Invoices as Stripe shows them: billing's, and drafts."""

from fakes.desk import DocumentsOf, GetCustomer, GetSubscription
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.documents import standing, stripe_id
from fakes.faces.stripe.lines import drafted_lines, lines_of, subscription_id, total_of
from fakes.faces.stripe.paging import whole_list
from fakes.records import Invoice, Subscription

_DAY_S = 86_400

_SHOWN: Object = {
    "account_country": "US", "account_name": None, "account_tax_ids": None, "amount_paid_off_stripe": 0,
    "amount_shipping": 0, "application": None, "auto_advance": False,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None},
    "automatically_finalizes_at": None, "billing_reason": "manual", "collection_method": "charge_automatically",
    "confirmation_secret": None, "custom_fields": None, "customer_address": None, "customer_email": None,
    "customer_name": None, "customer_phone": None, "customer_shipping": None, "customer_tax_exempt": "none",
    "customer_tax_ids": [], "default_payment_method": None, "default_source": None, "default_tax_rates": [],
    "description": None, "discounts": [], "due_date": None, "effective_at": None, "ending_balance": None,
    "footer": None,
    "from_invoice": None, "hosted_invoice_url": None, "invoice_pdf": None, "issuer": {"type": "self"},
    "last_finalization_error": None, "latest_revision": None, "livemode": False, "metadata": {},
    "next_payment_attempt": None, "number": None, "on_behalf_of": None, "parent": None, "payment_settings": {
        "default_mandate": None, "payment_method_options": None, "payment_method_types": None,
    }, "receipt_number": None, "rendering": None, "shipping_cost": None, "shipping_details": None,
    "starting_balance": 0,
    "statement_descriptor": None, "test_clock": None, "threshold_reason": None, "total_discount_amounts": [],
    "total_pretax_credit_amounts": [], "total_taxes": [], "webhooks_delivered_at": None,
}  # fmt: skip
_WRITABLE = (
    "account_tax_ids", "automatic_tax", "collection_method", "custom_fields",
    "default_payment_method",
    "default_source", "default_tax_rates", "description", "due_date", "effective_at", "footer", "issuer", "metadata",
    "number", "on_behalf_of", "payment_settings", "rendering", "shipping_cost", "shipping_details",
    "statement_descriptor", "auto_advance",
)  # fmt: skip
"""What is given back as it was written."""


def invoice_object(account: Account, invoice: Invoice, *, fresh: bool = False) -> Object:
    """One of billing's invoices as Stripe shows it; `fresh`, as it was when it was issued."""
    id_ = stripe_id(account, invoice)
    subscription: Subscription = account.ask(GetSubscription(invoice.subscription))
    of = subscription_id(invoice)
    drafted = account.read("drafted", invoice.subscription)
    beside = {} if fresh else account.read("invoice", id_) or {}
    terms = account.read("draft", id_) if drafted else account.read("subscription", of)
    terms = terms or {}
    created = terms["created"] if drafted else account.seconds(invoice.issued_us)
    finalized = account.seconds(invoice.issued_us)
    shown = _shown(account, id_, subscription.customer, lines_of(account, invoice), invoice.currency.lower(), created)
    if drafted:
        shown = p.over(shown, _written(terms))
    else:
        shown["parent"] = {"type": "subscription_details", "quote_details": None, "subscription_details": {
            "metadata": terms.get("metadata", {"contract": invoice.contract}), "subscription": of,
            "subscription_proration_date": None,
        }}  # fmt: skip
        shown["billing_reason"] = _reason(account, invoice)
        shown["collection_method"] = terms.get("collection_method", "charge_automatically")
    shown |= standing(account, invoice, fresh=fresh)
    shown = p.over(shown, _written(beside))
    days = terms.get("days_until_due")
    if shown["due_date"] is None and shown["collection_method"] == "send_invoice" and days is not None:
        shown["due_date"] = finalized + days * _DAY_S
    return {
        **shown, "number": shown["number"] or invoice.id, "effective_at": finalized, "ending_balance": 0,
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{id_}", "invoice_pdf": f"https://pay.stripe.com/invoice/{id_}/pdf",
        "webhooks_delivered_at": finalized,
    }  # fmt: skip


def draft_object(account: Account, id_: str) -> Object:
    """A draft as Stripe shows it; one for nothing is paid once it is finalised."""
    draft = account.need("draft", id_, named="invoice")
    lines = drafted_lines(account, id_)
    total = total_of(lines)
    status = draft.get("status", "draft")
    finalized_at = draft.get("finalized_at")
    return {
        **p.over(_shown(account, id_, draft["core_customer"], lines, draft["currency"], draft["created"]),
                 _written(draft)),
        "status": status, "amount_due": max(0, total), "amount_overpaid": 0, "amount_paid": 0,
        "amount_remaining": max(0, total), "attempt_count": 0, "attempted": status == "paid",
        "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "status_transitions": {
            "finalized_at": finalized_at, "marked_uncollectible_at": None, "paid_at": finalized_at, "voided_at": None,
        },
    }  # fmt: skip


def preview_object(
    account: Account, id_: str, core_customer: str, lines: list[Object], currency: str, subscription: str | None
) -> Object:
    """An invoice that is not there yet."""
    shown = _shown(account, id_, core_customer, lines, currency, account.now)
    total: int = shown["total"]
    return {
        **shown, "status": "draft", "amount_due": max(0, total), "amount_paid": 0, "amount_overpaid": 0,
        "amount_remaining": max(0, total), "attempt_count": 0, "attempted": False, "billing_reason": "upcoming",
        "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "status_transitions": {
            "finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None,
        }, "parent": {"type": "subscription_details", "quote_details": None, "subscription_details": {
            "metadata": (account.read("subscription", subscription or "") or {}).get("metadata", {}),
            "subscription": subscription, "subscription_proration_date": None,
        }},
    }  # fmt: skip


def _shown(account: Account, id_: str, core_customer: str, lines: list[Object], currency: str, created: int) -> Object:
    customer = customers.customer_object(account, account.ask(GetCustomer(core_customer)))
    total = total_of(lines)
    starts = [line["period"]["start"] for line in lines]
    return {
        **_SHOWN, "id": id_, "object": "invoice", "created": created, "currency": currency, "customer": customer["id"],
        "customer_email": customer.get("email"), "customer_name": customer.get("name"),
        "customer_phone": customer.get("phone"), "customer_address": customer.get("address"),
        "lines": whole_list(lines, f"/v1/invoices/{id_}/lines"), "subtotal": total, "subtotal_excluding_tax": total,
        "total": total, "total_excluding_tax": total, "period_start": min(starts, default=created),
        "period_end": max((line["period"]["end"] for line in lines), default=created),
    }  # fmt: skip


def _written(kept: Object) -> Object:
    return {name: kept[name] for name in _WRITABLE if name in kept}


def _reason(account: Account, invoice: Invoice) -> str:
    documents = account.ask(DocumentsOf(invoice.subscription))
    if documents and documents[0] is invoice:
        return "subscription_create"
    charged = {line.period for one in documents if one.issued_us < invoice.issued_us for line in one.lines}
    new = any(isinstance(line.period, int) and line.period not in charged for line in invoice.lines)
    return "subscription_cycle" if new else "subscription_update"
