"""Subscriptions as Stripe shows them, with their items."""

from fakes.desk import GetSubscription, ListSubscriptions
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.catalogue import price
from fakes.faces.stripe.documents import invoices_of, stripe_id
from fakes.faces.stripe.errors import missing
from fakes.faces.stripe.ids import identifier, number_of
from fakes.faces.stripe.items import items_of
from fakes.faces.stripe.paging import whole_list
from fakes.faces.stripe.terms import current_period
from fakes.records import Subscription

PLAIN = (
    "automatic_tax", "billing_thresholds", "default_payment_method", "default_source", "default_tax_rates", "discounts",
    "invoice_settings", "on_behalf_of", "pause_collection", "payment_settings", "pending_invoice_item_interval",
    "transfer_data", "trial_settings", "application_fee_percent", "cancellation_details",
)  # fmt: skip
"""What is given back as it was written."""

_SHOWN: Object = {
    "application": None, "application_fee_percent": None, "automatic_tax": {"disabled_reason": None, "enabled": False,
    "liability": None}, "billing_cycle_anchor_config": None, "billing_mode": {"type": "classic"},
    "billing_schedules": [],
    "billing_thresholds": None, "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None,
    "cancellation_details": {"comment": None, "feedback": None, "reason": None}, "collection_method":
    "charge_automatically", "customer_account": None, "days_until_due": None, "default_payment_method": None,
    "default_source": None, "default_tax_rates": [], "description": None, "discounts": [], "ended_at": None,
    "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}}, "livemode": False,
    "next_pending_invoice_item_invoice": None, "on_behalf_of": None, "pause_collection": None, "payment_settings": {
    "payment_method_options": None, "payment_method_types": None, "save_default_payment_method": "off"},
    "pending_invoice_item_interval": None, "pending_setup_intent": None, "pending_update": None, "schedule": None,
    "test_clock": None, "transfer_data": None, "trial_end": None, "trial_settings": {
    "end_behavior": {"missing_payment_method": "create_invoice"}}, "trial_start": None,
}  # fmt: skip
_HIDDEN = frozenset({"items", "pending_cancel", "created_here", "start_date"})


def core_of(account: Account, id_: str, param: str | None = None) -> Subscription:
    """Billing's subscription of an id. Raises StripeError if there is none."""
    number = number_of("sub", id_)
    if number and number <= len(account.ask(ListSubscriptions())):
        found: Subscription = account.ask(GetSubscription(f"sub-{number:06}"))
        return found
    raise missing("subscription", id_, param)


def shown(account: Account, id_: str) -> Object:
    """A subscription as Stripe shows it."""
    return subscription_object(account, core_of(account, id_))


def ended(account: Account, id_: str, subscription: Subscription) -> bool:
    """Whether a subscription is cancelled by now, or has reached its end."""
    beside = account.read("subscription", id_) or {}
    state, today = subscription.state, account.today
    if subscription.void is not None or beside.get("ended_at"):
        return True
    last = state.versions[-1]
    cancelled = last.kind == "cancelled" and last.effective_day <= today
    if "items" in beside:  # a quantity of 0 is no end here
        cancelled = cancelled and bool(beside.get("pending_cancel"))
    return cancelled or today >= state.end_day


def subscription_object(account: Account, subscription: Subscription) -> Object:
    """A subscription as Stripe shows it."""
    id_ = identifier("sub", int(subscription.id[4:]))
    state = subscription.state
    beside = account.read("subscription", id_) or {}
    start_date = beside.get("start_date") or account.day_seconds(state.start_day)
    shown = {
        **p.over(_SHOWN, {name: value for name, value in beside.items() if name not in _HIDDEN}), "id": id_,
        "object": "subscription", "created": account.seconds(subscription.created_us),
        "customer": customers.stripe_id(subscription.customer), "currency": state.currency.lower(),
        "start_date": start_date, "billing_cycle_anchor": account.day_seconds(state.start_day),
        "latest_invoice": latest_invoice(account, subscription), "status": _status(account, id_, subscription, beside),
    }  # fmt: skip
    shown.setdefault("metadata", {"contract": state.key})
    if shown["trial_end"]:
        shown["trial_start"] = shown["created"]
    if shown["cancellation_details"] is None:
        shown["cancellation_details"] = _SHOWN["cancellation_details"]
    if shown["canceled_at"]:
        shown["cancellation_details"] = {**_SHOWN["cancellation_details"], **shown["cancellation_details"],
                                         "reason": "cancellation_requested"}  # fmt: skip
    items = [item_object(account, id_, subscription, item) for item in items_of(account, id_, subscription)]
    shown["items"] = whole_list(items, f"/v1/subscription_items?subscription={id_}", 20)
    return shown


def item_object(account: Account, id_: str, subscription: Subscription, item: Object) -> Object:
    """A subscription's item as Stripe shows it."""
    state = subscription.state
    one = price(account, item["price"])
    trial_end = (account.read("subscription", id_) or {}).get("trial_end")
    if trial_end and trial_end > account.now:
        start, end = account.seconds(subscription.created_us), trial_end
    else:
        days = current_period(state, max(account.today, state.start_day))
        start, end = account.day_seconds(days[0]), account.day_seconds(days[1])
    return {
        "id": item["id"], "object": "subscription_item", "billed_until": None, "billing_thresholds": None,
        "created": item["created"], "current_period_start": start, "current_period_end": end, "current_trial": None,
        "discounts": [],
        "metadata": item["metadata"], "plan": _plan(one), "price": one,
        **({"quantity": item["quantity"]} if one["recurring"]["usage_type"] == "licensed" else {}),
        "subscription": id_, "tax_rates": [],
    }  # fmt: skip


def latest_invoice(account: Account, subscription: Subscription) -> str | None:
    """The id of the newest invoice of a subscription."""
    newest = next(iter(reversed(invoices_of(account, subscription.id))), None)
    return None if newest is None else stripe_id(account, newest)


def _status(account: Account, id_: str, subscription: Subscription, beside: Object) -> str:
    if ended(account, id_, subscription):
        return "canceled"
    trial_end = beside.get("trial_end")
    return "trialing" if trial_end and trial_end > account.now else "active"


def _plan(one: Object) -> Object:
    """A price in the words of before there were prices."""
    recurring = one["recurring"]
    return {
        "id": one["id"], "object": "plan", "active": one["active"], "amount": one["unit_amount"],
        "amount_decimal": one["unit_amount_decimal"], "billing_scheme": one["billing_scheme"],
        "created": one["created"],
        "currency": one["currency"], "interval": recurring["interval"], "interval_count": recurring["interval_count"],
        "livemode": False, "metadata": one["metadata"], "meter": recurring["meter"], "nickname": one["nickname"],
        "product": one["product"], "tiers_mode": one["tiers_mode"], "transform_usage": None, "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }  # fmt: skip
