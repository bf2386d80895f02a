"""Refunds that are asked for: what was paid for an invoice is paid back, with a credit memo for as much of it."""

from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.credit_notes import paid_back
from fakes.faces.stripe.errors import StripeError, invalid
from fakes.faces.stripe.payments import paid_document, refund_object, refunded_minor

_WRITTEN: p.Spec = {
    "amount": p.positive, "charge": p.text, "payment_intent": p.text, "metadata": p.metadata,
    "reason": p.choice("duplicate", "fraudulent", "requested_by_customer"), "instructions_email": p.text,
    **dict.fromkeys(("refund_application_fee", "reverse_transfer"), p.flag),
}  # fmt: skip


def _create(account: Account, asked: Asked) -> Object:
    given = asked.given
    name = next((one for one in ("payment_intent", "charge") if one in given), None)
    if name is None:
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    invoice = paid_document(account, "pi" if name == "payment_intent" else "ch", given[name], name)
    left = invoice.total_minor - refunded_minor(account, invoice)
    amount = given.get("amount", left)
    if not left:
        raise StripeError(400, f"Charge {given[name]} has already been refunded.", "charge_already_refunded")
    if amount > left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", "amount")
    fields = {"refund_metadata": p.merged({}, given.get("metadata", {})), "refund_reason": given.get("reason")}
    return refund_object(account, paid_back(account, invoice, amount, fields))


def _update(account: Account, asked: Asked) -> Object:
    memo = paid_document(account, "re", asked.id)
    known = (account.read("memo", memo.id) or {}).get("refund_metadata", {})
    account.write("memo", memo.id, {"refund_metadata": p.merged(known, asked.get("metadata", {}))})
    told = refund_object(account, memo)
    account.tell("refund.updated", told)
    return told


OPERATIONS = (
    Operation("POST", "/v1/refunds", "create_refund", _create, _WRITTEN),
    Operation("POST", "/v1/refunds/*", "update_refund", _update, {"metadata": p.metadata}),
)
