"""Subscriptions: a Stripe subscription is billing's, and that a contract, which `metadata[contract]` names.

It begins on `backdate_start_date`, the end of the trial, `billing_cycle_anchor`, or today; it ends on `cancel_at`,
or is
renewed every year. Each change of what its items cost is the contract's next version, from `proration_date` on. What is
prorated, and when it is invoiced, is billing's: by the day, at once; with `proration_behavior=none` a change waits for
the next period. Cancelled, it credits what is left of a period that was invoiced.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from fakes.agreements import Contract, PerformanceObligation, Version
from fakes.billing import CreateSubscription, FindSubscriptions, UpdateSubscription, VoidSubscription
from fakes.desk import ExtendTerm, GetCustomer, GetSubscription, IsIndexed, KeepRenewing, ListSubscriptions
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object, changed_fields
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import StripeError, invalid, missing
from fakes.faces.stripe.ids import identifier, number_of
from fakes.faces.stripe.items import (
    INVOICE_ITEM,
    ITEM,
    changed_items,
    deliverables,
    items_of,
    metered,
    price_object,
    prices_of,
    product_key,
    with_price,
)
from fakes.faces.stripe.paging import Numbered, page, within
from fakes.faces.stripe.search import exact_metadata, matching, search_page
from fakes.faces.stripe.showing import PLAIN, ended, subscription_object
from fakes.faces.stripe.terms import (
    TERM_MONTHS,
    Priced,
    amount_of,
    current_period,
    obligations_of,
    priced,
    term,
    with_version,
)
from fakes.records import Subscription

_KEPT: p.Spec = {
    **p.taken("application_fee_percent", "automatic_tax", "billing_mode", "billing_schedules", "billing_thresholds",
              "billing_cycle_anchor_config",
              "default_tax_rates", "discounts", "invoice_settings", "off_session", "on_behalf_of", "pause_collection",
              "payment_settings", "pending_invoice_item_interval", "transfer_data", "trial_from_plan",
              "trial_settings"),
    "payment_behavior": p.choice("allow_incomplete", "default_incomplete", "error_if_incomplete",
        "pending_if_incomplete"),
    "cancellation_details": p.mapping, "default_payment_method": p.text, "default_source": p.text_or_unset,
    "add_invoice_items": p.many(p.fields(INVOICE_ITEM)), "cancel_at_period_end": p.flag,
    "collection_method": p.choice("charge_automatically", "send_invoice"), "days_until_due": p.not_negative,
    "description": p.text_or_unset, "items": p.many(p.fields(ITEM)), "metadata": p.metadata,
    "proration_behavior": p.choice("always_invoice", "create_prorations", "none"),
    "trial_end": p.moment_or("now"),
}  # fmt: skip
_CREATE: p.Spec = {
    **_KEPT, "customer": p.text, "currency": p.text, "backdate_start_date": p.moment, "billing_cycle_anchor": p.moment,
    "cancel_at": p.moment, "trial_period_days": p.not_negative,
}  # fmt: skip
_UPDATE: p.Spec = {
    **_KEPT, "cancel_at": p.moment_or(p.UNSET), "proration_date": p.moment,
    "billing_cycle_anchor": p.choice("now", "unchanged"),
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


# --- creating ----------------------------------------------------------------------------------------


def _create(account: Account, asked: Asked) -> Object:
    given = asked.given
    customer_id = given.get("customer")
    if customer_id is None:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    core_customer = customers.core_id(account, customer_id, "customer")
    if not given.get("items"):
        raise invalid("Missing required param: items.", "items", "parameter_missing")
    items = changed_items(account, (), given["items"])
    licensed, months, currency = prices_of(account, items)
    _collection(given)
    id_ = identifier("sub", len(account.ask(ListSubscriptions())) + 1)
    metadata = p.merged({}, given.get("metadata", {}))
    begins = _begins(account, given)
    start_day = account.day_of(begins)
    cancel_at = given.get("cancel_at")
    if cancel_at is not None and account.day_of(cancel_at) <= start_day:
        raise invalid("`cancel_at` must be after the start of the subscription.", "cancel_at")
    end_day = _end_day(account, metadata, start_day, months, cancel_at)
    known = account.ask(GetCustomer(core_customer))
    state = _contract(
        account,
        metadata,
        metadata.get("contract", id_),
        known.account,
        currency,
        (start_day, end_day),
        months,
        licensed,
    )
    more = (*metered(account, items, 1), *deliverables(account, given.get("add_invoice_items", ()), start_day, end_day))
    state = replace(state, deliverables=more)
    signed_day = _day(metadata, "signed", account.today)
    state = with_version(state, licensed, 1, signed_day, start_day)
    pending = None
    if cancel_at is not None and account.day_of(cancel_at) < end_day:
        pending = account.day_of(cancel_at)
    elif given.get("cancel_at_period_end"):
        pending = _period_end(account, state)
        cancel_at = account.day_seconds(pending)
    if pending is not None:
        state = _cancelled_from(state, pending, signed_day)
    subscription = account.ask(GetSubscription(account.ask(CreateSubscription(core_customer, state)).id))
    fields = _fields(account, id_, items, given) | {
        "metadata": metadata, "cancel_at": cancel_at, "pending_cancel": pending is not None, "start_date": begins,
        "currency": currency, "trial_end": _trial_end(account, given), "created_here": True,
    }  # fmt: skip
    account.write("subscription", id_, fields)
    if cancel_at is None and "ends" not in metadata:
        account.ask(KeepRenewing(subscription.id, -(-TERM_MONTHS // months) * months))
    told = subscription_object(account, subscription)
    account.tell("customer.subscription.created", told)
    return told


def _contract(
    account: Account, metadata: dict[str, str], key: str, of: str, currency: str, days: tuple[int, int], months: int,
    licensed: list[Priced],
) -> Contract:  # fmt: skip
    """The contract without its versions. What Stripe has no word for comes from the metadata."""
    ramp = tuple(int(one) for one in metadata.get("ramp", "").split(",") if one.strip().isdigit())
    obligations = _told_obligations(metadata) or obligations_of(licensed)
    state = Contract(
        key, metadata.get("account", of), currency.upper(), *days, months, ramp[0] if ramp else 1, obligations, (),
        ramp=ramp, renews=metadata.get("renews", ""), entity=metadata.get("entity", ""),
        acquired_day=_day(metadata, "acquired", 0),
    )  # fmt: skip
    return priced(state, amount_of(licensed)[0]) if licensed else replace(state, unit_price_minor=0)


def _told_obligations(metadata: dict[str, str]) -> tuple[PerformanceObligation, ...]:
    """`metadata[obligations]`: `platform:200,support:100`, with the stand-alone selling price for a unit and month."""
    told = []
    for one in metadata.get("obligations", "").split(","):
        product, _, ssp = one.strip().rpartition(":")
        if product and ssp.isdigit():
            told.append(PerformanceObligation(product, int(ssp)))
    return tuple(told)


def _begins(account: Account, given: Object) -> int:
    """When the first period begins."""
    if given.get("backdate_start_date") is not None:
        if given["backdate_start_date"] > account.now:
            raise invalid("`backdate_start_date` must be in the past.", "backdate_start_date")
        return int(given["backdate_start_date"])
    return int(_trial_end(account, given) or given.get("billing_cycle_anchor") or account.now)


def _trial_end(account: Account, given: Object) -> int | None:
    end = given.get("trial_end")
    if end is not None and end != "now":
        return int(end)
    days: int | None = given.get("trial_period_days")
    return account.now + 86_400 * days if days else None


def _end_day(account: Account, metadata: dict[str, str], start_day: int, months: int, cancel_at: int | None) -> int:
    if cancel_at is not None:
        return term(start_day, account.day_of(cancel_at), months)
    ends = _day(metadata, "ends", 0)
    return term(start_day, ends if ends > start_day else None, months)


def _day(metadata: dict[str, str], name: str, otherwise: int) -> int:
    """A date in the metadata."""
    try:
        return date.fromisoformat(metadata[name]).toordinal()
    except (KeyError, ValueError):
        return otherwise


def _collection(given: Object) -> None:
    if given.get("collection_method") == "send_invoice" and "days_until_due" not in given:
        raise invalid(
            "When `collection_method` is `send_invoice`, you must also specify `days_until_due`.", "days_until_due"
        )
    if (
        given.get("collection_method", "charge_automatically") != "send_invoice"
        and given.get("days_until_due") is not None
    ):
        raise invalid("`days_until_due` can only be set when `collection_method` is `send_invoice`.", "days_until_due")


def _fields(account: Account, id_: str, items: list[Object], given: Object) -> Object:
    """What is to be kept of a subscription as it was given; its items with their ids and prices."""
    kept = {
        name: given[name] for name in (*PLAIN, "collection_method", "days_until_due", "description") if name in given
    }
    return {**kept, "items": [_kept_item(account, id_, item) for item in items]}


def _kept_item(account: Account, id_: str, item: Object) -> Object:
    price = with_price(account, item["price"])
    key = item.get("id") or account.new_id("si", "item")
    account.write("item", key, {"subscription": id_})
    return {**item, "id": key, "price": price}


# --- changing ----------------------------------------------------------------------------------------


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
        _collection({name: given.get(name, before[name]) for name in ("collection_method", "days_until_due")})
    base = _without_pending(state, beside)
    cancel_at, pending_day = _cancellation(account, beside, base, given)
    after, until_day = state, base.end_day
    if cancel_at != beside.get("cancel_at"):
        after = base
        if pending_day is not None and pending_day < base.end_day:
            after = _cancelled_from(base, pending_day, _signed_day(account, given))
        elif cancel_at is not None:
            until_day = term(base.start_day, account.day_of(cancel_at), base.billing_months)
    if after != subscription.state:
        account.ask(UpdateSubscription(subscription.id, after))
    if until_day > base.end_day:
        account.ask(ExtendTerm(subscription.id, until_day))
    kept_at = beside.get("canceled_at") if cancel_at == beside.get("cancel_at") else account.now
    account.write("subscription", id_, {
        **_fields(account, id_, items or items_of(account, id_, subscription), given), "metadata": metadata,
        "cancel_at": cancel_at, "cancel_at_period_end": _at_period_end(beside, given),
        "pending_cancel": pending_day is not None and pending_day < base.end_day and not beside.get("ended_at"),
        "canceled_at": kept_at if cancel_at is not None or beside.get("ended_at") else None,
    })  # fmt: skip
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
    if same and number <= base.version:
        return state, items
    changed = with_version(base, licensed, number, _signed_day(account, given), _effective_day(account, base, given))
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
        changed = _cancelled_from(changed, last.effective_day, last.signed_day)
    return changed, items


def _worth(items: list[Object], account: Account) -> list[tuple[Any, int]]:
    return sorted(
        (item["price"] if isinstance(item["price"], str) else str(item["price"]), item["quantity"]) for item in items
    )


def _signed_day(account: Account, given: Object) -> int:
    return _day(given.get("metadata") or {}, "signed", account.today)


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
        cancel_at = account.day_seconds(_period_end(account, state))
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


def _period_end(account: Account, state: Contract) -> int:
    return current_period(state, max(account.today, state.start_day))[1]


def _cancelled_from(state: Contract, day: int, signed_day: int) -> Contract:
    """A contract of which nothing is left from a day on, by a version of its own."""
    nothing = with_version(state, (), state.version + 1, signed_day, day)
    last = nothing.versions[-1]
    return replace(nothing, versions=(*nothing.versions[:-1], Version(last.number, "cancelled", *_rest(last))))


def _rest(version: Version) -> tuple[int, int, int, int]:
    return version.signed_day, version.effective_day, version.quantity, version.price_change_minor


def _update(account: Account, asked: Asked) -> Object:
    return change(account, asked.id, asked.given)


def _cancel(account: Account, asked: Asked) -> Object:
    subscription = core_of(account, asked.id)
    if ended(account, asked.id, subscription):
        raise missing("subscription", asked.id)
    beside = account.read("subscription", asked.id) or {}
    if beside.get("metadata", {}).get("void") == "true":
        account.ask(VoidSubscription(subscription.id, "cancelled", credit=True))
    else:
        state = _without_pending(subscription.state, beside)
        day = max(account.today, state.start_day)
        if day < state.end_day and state.quantity:
            account.ask(UpdateSubscription(subscription.id, _cancelled_from(state, day, account.today)))
    account.ask(KeepRenewing(subscription.id, 0))
    account.write("subscription", asked.id, {
        "items": items_of(account, asked.id, subscription), "canceled_at": account.now, "ended_at": account.now,
        "pending_cancel": False, "cancellation_details": asked.get("cancellation_details"),
    })  # fmt: skip
    told = subscription_object(account, subscription)
    account.tell("customer.subscription.deleted", told)
    return told


# --- reading -----------------------------------------------------------------------------------------


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


def _has_status(status: str, wanted: str | None) -> bool:
    if wanted is None:
        return status != "canceled"
    return wanted == "all" or status == ("canceled" if wanted == "ended" else wanted)


def _search(account: Account, asked: Asked) -> Object:
    query = asked.given["query"]
    pair = exact_metadata(query)
    if pair is not None and pair[0] == "contract":
        known = [account.ask(GetSubscription(one.id)) for one in account.ask(FindSubscriptions(pair[1]))]
    elif pair is not None:
        known = [core_of(account, id_) for id_ in account.with_metadata("subscription", *pair)]
    else:
        known = list(account.ask(ListSubscriptions()))
    visible = (one for one in reversed(known) if account.ask(IsIndexed(one.id, one.contract, one.created_us)))
    found = [subscription_object(account, one) for one in visible]
    return search_page(asked, [one for one in found if matching(query, one)])


def _unpausable(account: Account, asked: Asked) -> Object:
    core_of(account, asked.id)
    raise StripeError(400, "This account's billing cannot pause a subscription.")


OPERATIONS = (
    Operation("POST", "/v1/subscriptions", "create_subscription", _create, _CREATE),
    Operation("GET", "/v1/subscriptions", "list_subscriptions", _list, _LIST),
    Operation("GET", "/v1/subscriptions/search", "search_subscriptions", _search, p.SEARCHING, ("query",)),
    Operation("GET", "/v1/subscriptions/*", "retrieve_subscription", _retrieve),
    Operation("POST", "/v1/subscriptions/*", "update_subscription", _update, _UPDATE),
    Operation("DELETE", "/v1/subscriptions/*", "cancel_subscription", _cancel, _CANCEL),
    Operation("POST", "/v1/subscriptions/*/pause", "pause_subscription", _unpausable, p.taken("type", "bill_for")),
    Operation(
        "POST", "/v1/subscriptions/*/resume", "resume_subscription", _unpausable, p.taken("billing_cycle_anchor")
    ),
)
