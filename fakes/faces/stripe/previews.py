"""What would be invoiced next: nothing comes of asking."""

from fakes.books.charges import due_lines, periods
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.amending import stated
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import StripeError, invalid
from fakes.faces.stripe.ids import identifier
from fakes.faces.stripe.invoice_objects import preview_object
from fakes.faces.stripe.items import ITEM
from fakes.faces.stripe.lines import charged
from fakes.faces.stripe.showing import core_of
from fakes.records import ChargeLine

_DETAILS: p.Spec = {
    "items": p.many(p.fields(ITEM)), "proration_behavior": p.choice("always_invoice", "create_prorations", "none"),
    "proration_date": p.moment, "metadata": p.metadata,
    **p.taken("billing_cycle_anchor", "billing_mode", "cancel_at", "cancel_at_period_end", "cancel_now",
              "default_tax_rates", "start_date", "trial_end"),
}  # fmt: skip
_ASKED: p.Spec = {
    "customer": p.text, "subscription": p.text, "subscription_details": p.fields(_DETAILS), "currency": p.text,
    "preview_mode": p.choice("next", "recurring"),
    **p.taken("automatic_tax", "customer_details", "discounts", "invoice_items", "issuer", "on_behalf_of", "schedule",
              "schedule_details"),
}  # fmt: skip


def _preview(account: Account, asked: Asked) -> Object:
    """The next period's invoice, and before it what a change would add to the periods that were invoiced."""
    if "subscription" not in asked.given:
        raise invalid(
            "This account previews the invoices of subscriptions: pass `subscription`.",
            "subscription",
            "parameter_missing",
        )
    id_ = asked.given["subscription"]
    subscription = core_of(account, id_, "subscription")
    customer = asked.get("customer")
    if customer is not None and customers.core_id(account, customer, "customer") != subscription.customer:
        raise invalid("The subscription is not one of this customer's.", "subscription")
    state, _ = stated(account, id_, subscription, asked.get("subscription_details", {}))
    lines = []
    for number in range(subscription.next_period):
        for line in due_lines(state, number):
            billed_minor = subscription.billed.get((line.version, line.period), 0)
            if line.minor != billed_minor:
                lines.append(
                    ChargeLine(line.version, line.period, line.from_day, line.to_day, line.minor - billed_minor)
                )
    if subscription.next_period < len(periods(state)):
        lines += due_lines(state, subscription.next_period)
    if not lines:
        raise StripeError(404, "No upcoming invoices for customer", "invoice_upcoming_none")
    shown = [one for line in lines for one in charged(account, subscription, line)]
    preview = identifier("upcoming_in", 1)
    for number, one in enumerate(shown, start=1):
        one |= {"id": identifier("il_tmp", number), "invoice": preview}
    return preview_object(account, preview, subscription.customer, shown, state.currency.lower(), id_)


OPERATIONS = (Operation("POST", "/v1/invoices/create_preview", "preview_invoice", _preview, _ASKED),)
