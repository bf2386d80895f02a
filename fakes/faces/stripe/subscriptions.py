"""Subscriptions: a Stripe subscription is billing's, and that a contract, which `metadata[contract]` names.

It begins on `backdate_start_date`, the end of the trial, `billing_cycle_anchor`, or today; it ends on `cancel_at`,
or is
renewed every year. Each change of what its items cost is the contract's next version, from `proration_date` on. What is
prorated, and when it is invoiced, is billing's: by the day, at once; with `proration_behavior=none` a change waits for
the next period. Cancelled, it credits what is left of a period that was invoiced.
"""

from collections.abc import Sequence

from fakes.billing import FindSubscriptions
from fakes.desk import GetSubscription, IsIndexed, ListSubscriptions
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.amending import cancel, change
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import invalid
from fakes.faces.stripe.ids import identifier, number_of
from fakes.faces.stripe.items import (
    INVOICE_ITEM,
    ITEM,
)
from fakes.faces.stripe.paging import Numbered, page, within
from fakes.faces.stripe.search import indexed, matching, search_page
from fakes.faces.stripe.showing import core_of, ended, shown, subscription_object
from fakes.faces.stripe.subscribing import create
from fakes.records import Subscription

CANNOT_PAUSE = "This account's billing cannot pause a subscription."

_KEPT: p.Spec = {
    **p.taken("billing_mode", "off_session"), **{name: p.CONNECTED[name] for name in ("application_fee_percent",
    "on_behalf_of", "transfer_data")},
    "automatic_tax": p.AUTOMATIC_TAX, "payment_settings": p.PAYMENT_SETTINGS, "discounts": p.DISCOUNTS,
    "default_tax_rates": p.TAX_RATES,
    "billing_cycle_anchor_config": p.impossible("This account anchors by `billing_cycle_anchor` alone."),
    "billing_thresholds": p.impossible("This account does not invoice by thresholds."),
    "invoice_settings": p.fields({"account_tax_ids": p.many(p.text), "issuer": p.mapping}),
    "pause_collection": p.impossible(CANNOT_PAUSE),
    "pending_invoice_item_interval": p.impossible("This account invoices what changes at once."),
    "trial_from_plan": p.flag, "trial_settings": p.fields({"end_behavior": p.mapping}),
    "payment_behavior": p.choice("allow_incomplete", "default_incomplete", "error_if_incomplete",
        "pending_if_incomplete"),
    "cancellation_details": p.mapping, "default_payment_method": p.text, "default_source": p.text_or_unset,
    "add_invoice_items": p.many(p.fields(INVOICE_ITEM)), "cancel_at_period_end": p.flag,
    "collection_method": p.choice("charge_automatically", "send_invoice"), "days_until_due": p.not_negative,
    "description": p.text_or_unset, "items": p.many(p.fields(ITEM)), "metadata": p.metadata,
    "proration_behavior": p.choice("always_invoice", "create_prorations", "none"),
}  # fmt: skip
_CREATE: p.Spec = {
    **_KEPT, "customer": p.text, "currency": p.currency, "backdate_start_date": p.moment,
    "billing_cycle_anchor": p.moment, "trial_end": p.moment_or("now"),
    "cancel_at": p.moment, "trial_period_days": p.not_negative,
}  # fmt: skip
_UPDATE: p.Spec = {
    **_KEPT, "cancel_at": p.moment_or(p.UNSET), "proration_date": p.moment,
    "billing_cycle_anchor": p.choice("unchanged"), "trial_end": p.impossible("This account cannot move a trial's end."),
}  # fmt: skip
_CANCEL: p.Spec = {"invoice_now": p.flag, "prorate": p.flag, "cancellation_details": p.mapping}
_LIST: p.Spec = {
    **p.PAGING, "customer": p.text, "price": p.text, "collection_method": p.text, "status": p.choice(
        "active", "all", "canceled", "ended", "incomplete", "incomplete_expired", "past_due", "paused", "trialing",
        "unpaid"
    ), "current_period_end": p.moment_range, "current_period_start": p.moment_range, "plan": p.text,
    "test_clock": p.text,
    "automatic_tax": p.anything,
}  # fmt: skip


def _update(account: Account, asked: Asked) -> Object:
    return change(account, asked.id, asked.given)


def _retrieve(account: Account, asked: Asked) -> Object:
    return shown(account, asked.id)


def _list(account: Account, asked: Asked) -> Object:
    customer = asked.get("customer")
    if customer is None:
        count = len(account.ask(ListSubscriptions()))
        known: Sequence[Subscription] = Numbered(count, lambda number: account.ask(GetSubscription(f"sub-{number:06}")))
    else:
        known = account.ask(ListSubscriptions(customers.core_id(account, customer, "customer")))
    places = {one.id: place for place, one in enumerate(known)} if customer else {}
    wanted_status = asked.get("status")

    def place(id_: str) -> int | None:
        number = number_of("sub", id_)
        if not number:
            return None
        return places.get(f"sub-{number:06}") if customer else number - 1 if number <= len(known) else None

    def shape(one: Subscription) -> Object | None:
        if wanted_status in _OVER and not ended(account, identifier("sub", int(one.id[4:])), one):
            return None
        told = subscription_object(account, one)
        if not _has_status(told["status"], wanted_status) or not within(told["created"], asked.get("created")):
            return None
        price = asked.get("price") or asked.get("plan")
        if price and all(item["price"]["id"] != price for item in told["items"]["data"]):
            return None
        if asked.get("collection_method", told["collection_method"]) != told["collection_method"]:
            return None
        first = told["items"]["data"][0]
        ranges = ("current_period_start", "current_period_end")
        return told if all(within(first[name], asked.get(name)) for name in ranges) else None

    return page(asked, known, place, shape, "subscription")


_OVER = ("canceled", "ended")


def _has_status(status: str, wanted: str | None) -> bool:
    if wanted is None:
        return status != "canceled"
    return wanted == "all" or status == ("canceled" if wanted == "ended" else wanted)


def _search(account: Account, asked: Asked) -> Object:
    wanted, pair = matching(asked), indexed(asked)
    if pair is not None and pair[0] == "metadata.contract":
        known = [account.ask(GetSubscription(one.id)) for one in account.ask(FindSubscriptions(pair[1]))]
    elif pair is not None:
        known = sorted((core_of(account, id_) for id_ in account.having("subscription", *pair)), key=lambda one: one.id)
    else:
        known = list(account.ask(ListSubscriptions()))
    visible = (one for one in reversed(known) if account.ask(IsIndexed(one.id, one.contract, one.created_us)))
    found = [subscription_object(account, one) for one in visible]
    return search_page(asked, [one for one in found if wanted(one)])


def _unpausable(account: Account, asked: Asked) -> Object:
    core_of(account, asked.id)
    raise invalid(CANNOT_PAUSE)


OPERATIONS = (
    Operation("POST", "/v1/subscriptions", "create_subscription", create, _CREATE),
    Operation("GET", "/v1/subscriptions", "list_subscriptions", _list, _LIST),
    Operation("GET", "/v1/subscriptions/search", "search_subscriptions", _search, p.SEARCHING, ("query",)),
    Operation("GET", "/v1/subscriptions/*", "retrieve_subscription", _retrieve),
    Operation("POST", "/v1/subscriptions/*", "update_subscription", _update, _UPDATE),
    Operation("DELETE", "/v1/subscriptions/*", "cancel_subscription", cancel, _CANCEL),
    Operation("POST", "/v1/subscriptions/*/pause", "pause_subscription", _unpausable, p.taken("type", "bill_for")),
    Operation(
        "POST", "/v1/subscriptions/*/resume", "resume_subscription", _unpausable, p.taken("billing_cycle_anchor")
    ),
)
