"""What would be invoiced next: nothing comes of asking."""

from fakes.agreements import Contract
from fakes.books.charges import due_lines, periods
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.amending import stated
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import StripeError, invalid
from fakes.faces.stripe.ids import identifier
from fakes.faces.stripe.invoice_objects import preview_object
from fakes.faces.stripe.items import ITEM, items_of
from fakes.faces.stripe.lines import charged_by
from fakes.faces.stripe.showing import core_of, ended
from fakes.faces.stripe.subscribing import drawn_up
from fakes.records import ChargeLine, Subscription

_NOT_PREVIEWED = p.impossible("This account previews changes of items alone.")
_DETAILS: p.Spec = {
    "items": p.many(p.fields(ITEM)), "proration_behavior": p.choice("always_invoice", "create_prorations", "none"),
    "proration_date": p.moment, "metadata": p.metadata, "default_tax_rates": p.TAX_RATES, "start_date": p.moment,
    "billing_cycle_anchor": p.moment_or("now", "unchanged"), "cancel_at": p.moment_or(p.UNSET),
    "cancel_at_period_end": p.flag, "cancel_now": p.flag, "trial_end": p.moment_or("now"), **p.taken("billing_mode"),
}  # fmt: skip
_OF_NEW = ("items", "metadata", "cancel_at", "cancel_at_period_end", "trial_end", "billing_cycle_anchor")
_OF_CHANGES = ("items", "metadata", "proration_behavior", "proration_date")
_ASKED: p.Spec = {
    "customer": p.text, "subscription": p.text, "subscription_details": p.fields(_DETAILS), "currency": p.currency,
    "preview_mode": p.choice("next", "recurring"), "automatic_tax": p.AUTOMATIC_TAX, "discounts": p.DISCOUNTS,
    "issuer": p.mapping, "on_behalf_of": p.CONNECTED["on_behalf_of"],
    **dict.fromkeys(("customer_details", "invoice_items", "schedule", "schedule_details"), _NOT_PREVIEWED),
}  # fmt: skip


def _preview(account: Account, asked: Asked) -> Object:
    """The next invoice of a subscription, of a customer's that is invoiced soonest, or of one that could be made."""
    id_, customer, details = asked.get("subscription"), asked.get("customer"), asked.get("subscription_details", {})
    core_customer = customers.core_id(account, customer, "customer") if customer is not None else None
    if id_ is None and core_customer is None:
        raise invalid("You must pass `customer` or `subscription`.", "customer", "parameter_missing")
    if id_ is None and details.get("items"):
        return _of_new(account, asked)
    subscription = _soonest(account, core_customer) if id_ is None else core_of(account, id_, "subscription")
    if core_customer not in {None, subscription.customer}:
        raise invalid("The subscription is not one of this customer's.", "subscription")
    _refuse_others(details, _OF_CHANGES)
    return _of_change(account, subscription, details)


def _of_new(account: Account, asked: Asked) -> Object:
    """The first invoice of a subscription that is not there."""
    details = asked.given["subscription_details"]
    _refuse_others(details, _OF_NEW)
    said = {name: value for name, value in details.items() if value not in ("", "now", "unchanged")}
    drawn = drawn_up(account, {**said, "customer": asked.given["customer"]})
    lines = due_lines(drawn.state, 0)
    shown = [one for line in lines for one in charged_by(account, None, drawn.state, drawn.items, line)]
    return _previewed(account, drawn.core_customer, drawn.state, None, shown)


def _of_change(account: Account, subscription: Subscription, details: Object) -> Object:
    """The next period's invoice, and before it what a change would add to the periods that were invoiced."""
    id_ = identifier("sub", int(subscription.id[4:]))
    state, asked_items = stated(account, id_, subscription, details)
    items = asked_items or items_of(account, id_, subscription)
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
        raise _none()
    shown = [one for line in lines for one in charged_by(account, id_, state, items, line)]
    return _previewed(account, subscription.customer, state, id_, shown)


def _soonest(account: Account, core_customer: str | None) -> Subscription:
    """The customer's subscription that is invoiced next. Raises StripeError if there is none."""
    assert core_customer is not None, "a preview is of a subscription or of a customer"
    live = [
        one for one in customers.subscriptions_of(account, core_customer)
        if not ended(account, identifier("sub", int(one.id[4:])), one) and one.next_period < len(periods(one.state))
    ]  # fmt: skip
    if not live:
        raise _none()
    return min(live, key=lambda one: periods(one.state)[one.next_period])


def _refuse_others(details: Object, names: tuple[str, ...]) -> None:
    for name in details:
        if name not in names:
            raise invalid(f"This account does not preview what comes of `{name}`.", f"subscription_details[{name}]")


def _none() -> StripeError:
    return StripeError(404, "No upcoming invoices for customer", "invoice_upcoming_none")


def _previewed(
    account: Account, core_customer: str, state: Contract, subscription: str | None, lines: list[Object]
) -> Object:
    preview = identifier("upcoming_in", 1)
    for number, one in enumerate(lines, start=1):
        one |= {"id": identifier("il_tmp", number), "invoice": preview}
    return preview_object(account, preview, core_customer, lines, state.currency.lower(), subscription)


OPERATIONS = (Operation("POST", "/v1/invoices/create_preview", "preview_invoice", _preview, _ASKED),)
