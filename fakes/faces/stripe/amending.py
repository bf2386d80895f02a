"""Changes of a subscription: of its items the contract's next version, of its end a version without any."""

from dataclasses import replace
from typing import Any

from fakes.agreements import Contract
from fakes.billing import UpdateSubscription, VoidSubscription
from fakes.desk import ExtendTerm, KeepRenewing
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe import wallets
from fakes.faces.stripe.account import Account, Object, changed_fields
from fakes.faces.stripe.asked import Asked
from fakes.faces.stripe.errors import invalid, missing
from fakes.faces.stripe.items import (
    changed_items,
    items_of,
    metered,
    price_object,
    prices_of,
    product_key,
)
from fakes.faces.stripe.showing import core_of, ended, subscription_object
from fakes.faces.stripe.subscribing import check_collection, day_told, fields_of, period_end
from fakes.faces.stripe.terms import (
    TERM_MONTHS,
    cancelled_from,
    current_period,
    obligations_of,
    term,
    with_version,
)
from fakes.records import Subscription

VERSIONS_AHEAD_MAX = 100
"""How many versions a client may be ahead of what it has told before."""


def change(account: Account, id_: str, given: Object) -> Object:
    """A subscription after a change of it, which is told. Raises StripeError, and nothing is changed."""
    subscription = core_of(account, id_)
    before = subscription_object(account, subscription)
    if ended(account, id_, subscription) and set(given) - {"metadata", "cancellation_details"}:
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.", "items")
    beside = account.read("subscription", id_) or {}
    metadata = p.merged(before["metadata"], given.get("metadata", {}))
    state, items = stated(account, id_, subscription, given)
    if "collection_method" in given or "days_until_due" in given:
        check_collection({name: given.get(name, before[name]) for name in ("collection_method", "days_until_due")})
    if given.get("default_payment_method"):
        wallets.owned(account, given["default_payment_method"], before["customer"], "default_payment_method")
    base = _without_pending(state, beside)
    cancel_at, pending_day = _cancellation(account, beside, base, given)
    after, until_day = state, base.end_day
    if cancel_at != beside.get("cancel_at"):
        after = base
        if pending_day is not None and pending_day < base.end_day:
            after = cancelled_from(base, pending_day, _signed_day(account, base, given))
        elif cancel_at is not None:
            until_day = term(base.start_day, account.day_of(cancel_at), base.billing_months)
    if after != subscription.state:
        account.ask(UpdateSubscription(subscription.id, after))
    if until_day > base.end_day:
        account.ask(ExtendTerm(subscription.id, until_day))
    kept_at = beside.get("canceled_at") if cancel_at == beside.get("cancel_at") else account.now
    account.write("subscription", id_, {
        **fields_of(account, id_, items or items_of(account, id_, subscription), given), "metadata": metadata,
        "cancel_at": cancel_at, "cancel_at_period_end": _at_period_end(beside, given),
        "pending_cancel": pending_day is not None and pending_day < base.end_day and not beside.get("ended_at"),
        "canceled_at": kept_at if cancel_at is not None or beside.get("ended_at") else None,
    })  # fmt: skip
    wallets.arrange_one(account, subscription)
    if beside.get("created_here") and not beside.get("ended_at"):
        term_months = -(-TERM_MONTHS // base.billing_months) * base.billing_months
        renews = cancel_at is None and "ends" not in metadata
        account.ask(KeepRenewing(subscription.id, term_months if renews else 0))
    told = subscription_object(account, subscription)
    account.tell("customer.subscription.updated", told, changed_fields(before, told))
    return told


def stated(
    account: Account, id_: str, subscription: Subscription, given: Object
) -> tuple[Contract, list[Object] | None]:
    """The contract with what is asked for its items, and these; None if nothing is. Nothing comes of it."""
    state = subscription.state
    beside = account.read("subscription", id_) or {}
    if not given.get("items"):
        return state, None
    known = items_of(account, id_, subscription)
    items = changed_items(account, known, given["items"])
    licensed, months, currency = prices_of(account, items)
    if months != state.billing_months or currency.upper() != state.currency:
        raise invalid(
            "This account cannot change the billing period or currency of a subscription: cancel it, and create "
            "another.",
            "items",
        )
    base = _without_pending(state, beside)
    asked = (given.get("metadata") or {}).get("version", "")
    same = _worth(known, account) == _worth(items, account)
    if same and not asked.isdigit():
        return state, items
    number = int(asked) if asked.isdigit() and int(asked) > 0 else base.version + 1
    if number > base.version + VERSIONS_AHEAD_MAX:
        raise invalid(f"Version {number} is too far ahead of version {base.version}.", "metadata[version]")
    if same and number <= base.version:
        return state, items
    changed = with_version(
        base, licensed, number, _signed_day(account, base, given), _effective_day(account, base, given)
    )
    before = {product_key(account, price_object(account, item["price"])) for item in known}
    obligations = changed.obligations
    for one in obligations_of(licensed):
        if one.product not in before and all(one.product != other.product for other in obligations):
            obligations += (one,)
    metered_now = metered(account, items, number)
    known_products = {one.product for one in changed.deliverables}
    more = tuple(one for one in metered_now if one.product not in known_products)
    changed = replace(changed, obligations=obligations, deliverables=(*changed.deliverables, *more))
    if beside.get("pending_cancel"):
        last = state.versions[-1]
        changed = cancelled_from(changed, last.effective_day, last.signed_day)
    return changed, items


def _worth(items: list[Object], account: Account) -> list[tuple[Any, int]]:
    return sorted(
        (item["price"] if isinstance(item["price"], str) else str(item["price"]), item["quantity"]) for item in items
    )


def _signed_day(account: Account, base: Contract, given: Object) -> int:
    told = day_told(given.get("metadata") or {}, "signed", account.today)
    return max(told, base.versions[-1].signed_day)  # nothing is changed before it is agreed


def _effective_day(account: Account, state: Contract, given: Object) -> int:
    if given.get("proration_date") is not None:
        return account.day_of(given["proration_date"])
    if given.get("proration_behavior") == "none":
        return current_period(state, account.today)[1]
    return max(account.today, state.start_day)


def _without_pending(state: Contract, beside: Object) -> Contract:
    """The contract but for a cancellation that is yet to come."""
    return replace(state, versions=state.versions[:-1]) if beside.get("pending_cancel") else state


def _cancellation(account: Account, beside: Object, state: Contract, given: Object) -> tuple[int | None, int | None]:
    """When the subscription is going to be cancelled, and from which day on; None if it is not."""
    cancel_at = beside.get("cancel_at")
    if given.get("cancel_at_period_end") is True:
        cancel_at = account.day_seconds(period_end(account, state))
    elif given.get("cancel_at_period_end") is False:
        cancel_at = None
    if "cancel_at" in given:
        if given.get("cancel_at_period_end"):
            raise invalid("You may only specify one of these parameters: cancel_at, cancel_at_period_end.", "cancel_at")
        cancel_at = None if given["cancel_at"] == p.UNSET else given["cancel_at"]
        if cancel_at is not None and account.day_of(cancel_at) <= state.start_day:
            raise invalid("`cancel_at` must be after the start of the subscription.", "cancel_at")
    return cancel_at, None if cancel_at is None else account.day_of(cancel_at)


def _at_period_end(beside: Object, given: Object) -> bool:
    if "cancel_at_period_end" in given:
        return bool(given["cancel_at_period_end"])
    return bool(beside.get("cancel_at_period_end")) and "cancel_at" not in given


def cancel(account: Account, asked: Asked) -> Object:
    """A subscription that is cancelled on request."""
    return ended_now(account, asked.id, asked.get("cancellation_details"))


def ended_now(account: Account, id_: str, details: Object | None = None) -> Object:
    """A subscription that ends today. Raises StripeError if it has ended."""
    subscription = core_of(account, id_)
    if ended(account, id_, subscription):
        raise missing("subscription", id_)
    beside = account.read("subscription", id_) or {}
    if beside.get("metadata", {}).get("void") == "true":
        account.ask(VoidSubscription(subscription.id, "cancelled", credit=True))
    else:
        state = _without_pending(subscription.state, beside)
        day = max(account.today, state.start_day)
        if day < state.end_day and state.quantity:
            account.ask(UpdateSubscription(subscription.id, cancelled_from(state, day, account.today)))
    account.ask(KeepRenewing(subscription.id, 0))
    account.write("subscription", id_, {
        "items": items_of(account, id_, subscription), "canceled_at": account.now, "ended_at": account.now,
        "pending_cancel": False, "cancellation_details": details,
    })  # fmt: skip
    told = subscription_object(account, subscription)
    account.tell("customer.subscription.deleted", told)
    return told
