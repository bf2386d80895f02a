"""Subscription items: what a subscription is for, each of a price and a quantity."""

from collections.abc import Sequence
from typing import Any

from fakes.agreements import Deliverable
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.amounts import amount_minor
from fakes.faces.stripe.catalogue import ONE_TIME_DATA, PRICE_DATA, amounts, billing_months, new_price, price, product
from fakes.faces.stripe.errors import invalid
from fakes.faces.stripe.terms import Priced
from fakes.records import Subscription

AMOUNT_MAX_MINOR = 999_999_999_999
DAYS_MAX = 3_660
ITEM: p.Spec = {
    "id": p.text, "price": p.text, "price_data": PRICE_DATA, "quantity": p.not_negative, "metadata": p.metadata,
    "deleted": p.flag, "plan": p.text, "clear_usage": p.flag, "discounts": p.DISCOUNTS, "tax_rates": p.TAX_RATES,
    **dict.fromkeys(("billing_thresholds", "current_trial"), p.impossible("This account has nothing of the kind.")),
}  # fmt: skip
"""What an item takes."""

INVOICE_ITEM: p.Spec = {
    "price": p.text, "price_data": ONE_TIME_DATA, "quantity": p.not_negative, "metadata": p.metadata,
    "discountable": p.flag, "discounts": p.DISCOUNTS, "period": p.anything, "tax_rates": p.TAX_RATES,
}  # fmt: skip
"""What is invoiced with the first period."""


def items_of(account: Account, id_: str, subscription: Subscription) -> list[Object]:
    """The items of a subscription, as they are kept; of one that did not come by this door, one that says the same."""
    beside = account.read("subscription", id_)
    if beside is not None and "items" in beside:
        of_face: list[Object] = [dict(item) for item in beside["items"]]
        return of_face
    state = subscription.state
    key = "+".join(one.product for one in state.obligations) or "services"
    if account.read("product", key) is None:
        account.write("product", key, {
            "id": key, "object": "product", "active": True, "created": account.seconds(0),
            "updated": account.seconds(0),
            "default_price": None, "description": None, "images": [], "livemode": False, "marketing_features": [],
            "metadata": {}, "name": key, "type": "service", "url": None,
        })  # fmt: skip
    price_id = _adopted_price(account, key, subscription)
    return [{
        "id": f"si_{id_[4:]}", "price": price_id, "quantity": state.quantity, "metadata": {},
        "created": account.seconds(subscription.created_us),
    }]  # fmt: skip


def _adopted_price(account: Account, key: str, subscription: Subscription) -> str:
    """The price that a contract is at, which is put on the list if it is not there."""
    state = subscription.state
    months = state.billing_months
    minor = state.period_price_minor or state.unit_price_minor * months
    id_ = f"price_{key}_{minor}_{state.currency.lower()}_{months}"
    if account.read("price", id_) is None:
        interval, count = ("year", months // 12) if months % 12 == 0 else ("month", months)
        account.write("price", id_, {
            "id": id_, "object": "price", "active": True, "billing_scheme": "per_unit", "created": account.seconds(0),
            "currency": state.currency.lower(), "livemode": False, "lookup_key": None, "metadata": {}, "nickname": None,
            "product": key, "recurring": {"interval": interval, "interval_count": count, "meter": None,
                                          "trial_period_days": None, "usage_type": "licensed"},
            "tax_behavior": "unspecified", "tiers_mode": None, "transform_quantity": None, "type": "recurring",
            "unit_amount": minor, "unit_amount_decimal": str(minor), "custom_unit_amount": None,
        })  # fmt: skip
    return id_


def checked_price(account: Account, given: Object, param: str) -> str | Object:
    """The price that an item is to have: its id, or what a new one is to be made from. Raises StripeError."""
    named = given.get("price") or given.get("plan")
    if named is not None:
        name = f"{param}[{'price' if 'price' in given else 'plan'}]"
        if not price(account, named, name)["active"]:
            raise invalid("The price specified is inactive. This field only accepts active prices.", name)
        return str(named)
    if "price_data" in given:
        product(account, given["price_data"]["product"], f"{param}[price_data][product]")
        if not {"unit_amount", "unit_amount_decimal"} & set(given["price_data"]):
            name = f"{param}[price_data][unit_amount]"
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
        made: Object = given["price_data"]
        return made
    raise invalid(f"Missing required param: {param}[price].", f"{param}[price]", "parameter_missing")


def with_price(account: Account, wanted: str | Object) -> str:
    """The id of a price, which is made if there is none yet."""
    return wanted if isinstance(wanted, str) else str(new_price(account, wanted)["id"])


def changed_items(account: Account, known: Sequence[Object], given: Sequence[Object]) -> list[Object]:
    """The items after what is asked for them: changed by id, deleted, or added. Raises StripeError."""
    after = {item["id"]: dict(item) for item in known}
    fresh = []
    for place, one in enumerate(given):
        id_ = one.get("id")
        if id_ is None:
            fresh.append({"price": checked_price(account, one, f"items[{place}]"), "quantity": one.get("quantity", 1),
                          "metadata": p.merged({}, one.get("metadata", {})), "created": account.now})  # fmt: skip
            continue
        if id_ not in after:
            raise invalid(f"No such subscription item: '{id_}'", f"items[{place}][id]", "resource_missing")
        if one.get("deleted"):
            del after[id_]
            continue
        if one.get("price") or one.get("price_data"):
            after[id_]["price"] = checked_price(account, one, f"items[{place}]")
        if "quantity" in one:
            after[id_]["quantity"] = one["quantity"]
        if "metadata" in one:
            after[id_]["metadata"] = p.merged(after[id_]["metadata"], one["metadata"])
    items = [*after.values(), *fresh]
    if not items:
        raise invalid("A subscription must have at least one active plan. ", "items")
    named = [item["price"] for item in items if isinstance(item["price"], str)]
    twice = next((known for known in named if named.count(known) > 1), None)
    if twice is not None:
        raise invalid(f"Cannot add multiple subscription items with the same plan: {twice}", "items")
    return items


def price_object(account: Account, wanted: str | Object) -> Object:
    """A price, be it there or yet to be made."""
    if isinstance(wanted, str):
        return account.need("price", wanted, "items")
    recurring = wanted.get("recurring")
    return {
        "id": "price_data", **wanted, **amounts(wanted), "metadata": {},
        "recurring": None if recurring is None else {"interval_count": 1, "usage_type": "licensed", **recurring},
    }  # fmt: skip


def prices_of(account: Account, items: Sequence[Object]) -> tuple[list[Priced], int, str]:
    """What the licensed items cost, the months of a billing period and the currency. Raises StripeError for a mix."""
    found, months, currencies = [], set[int](), set[str]()
    for item in items:
        one = price_object(account, item["price"])
        months.add(billing_months(account, one))
        currencies.add(one["currency"])
        if one["recurring"]["usage_type"] == "licensed":
            unit_minor, quantity = by_unit(one, item["quantity"])
            ssp_minor = _ssp_minor(account, one, unit_minor)
            found.append(Priced(unit_minor, quantity, product_key(account, one), ssp_minor))
    if len(months) > 1:
        raise invalid(
            "All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`.",
            "items",
        )
    if len(currencies) > 1:
        raise invalid("All prices on a subscription must have the same currency.", "items")
    if sum(one.minor * one.quantity for one in found) > AMOUNT_MAX_MINOR:
        raise invalid("Amount must be no more than 999,999,999,999 minor units.", "items", "amount_too_large")
    return found, months.pop(), currencies.pop()


def product_key(account: Account, one: Object) -> str:
    """The product that a price is of, by the company's own name for it: `metadata[product]`, else Stripe's id."""
    sold = account.read("product", one["product"]) or {"id": one["product"], "metadata": {}}
    return str(one["metadata"].get("product") or sold["metadata"].get("product") or sold["id"])


def by_unit(one: Object, quantity: int) -> tuple[int, int]:
    """A quantity at a price as units of whole minor units; where a unit has no such price, the whole of it as one."""
    plain = one.get("tiers") is None and one.get("transform_quantity") is None and one["unit_amount"] is not None
    return (one["unit_amount"], quantity) if plain else (amount_minor(one, quantity), 1)


def _ssp_minor(account: Account, one: Object, unit_minor: int) -> int:
    """The stand-alone selling price for a unit and month: `metadata[ssp_minor]`, else the price itself."""
    written = one["metadata"].get("ssp_minor") or account.need("product", one["product"])["metadata"].get("ssp_minor")
    if written and written.isdigit():
        return int(written)
    return max(1, unit_minor // billing_months(account, one))


def metered(account: Account, items: Sequence[Object], version: int) -> tuple[Deliverable, ...]:
    """What the items that bill by use promise: units beyond the free ones of a month, at a rate."""
    found = []
    for item in items:
        one = price_object(account, item["price"])
        if one["recurring"]["usage_type"] == "metered":
            rate_minor, included = _rate(one)
            found.append(Deliverable(product_key(account, one), version, "as_invoiced", "as_delivered",
                                     included=included, rate_minor=rate_minor))  # fmt: skip
    return tuple(found)


def _rate(one: Object) -> tuple[int, int]:
    """The rate of a metered price, and how many units of a month are free: its tiers may say no more than that."""
    tiers = one.get("tiers")
    if tiers is None:
        if one["unit_amount"] is None:
            raise invalid(f"This account rates usage by whole minor units; the price {one['id']} does not.", "items")
        return int(one["unit_amount"]), 0
    free = [tier for tier in tiers if not tier["unit_amount"] and not tier["flat_amount"]]
    paid = [tier for tier in tiers if tier["unit_amount"]]
    if len(paid) != 1 or len(free) + 1 != len(tiers):
        raise invalid(
            "This account rates usage by one price above a free allowance; the tiers say something else.", "items"
        )
    return int(paid[0]["unit_amount"]), int(free[-1]["up_to"]) if free else 0


def deliverables(account: Account, given: Sequence[Object], start_day: int, end_day: int) -> tuple[Deliverable, ...]:
    """What is invoiced at the start of a subscription beside its items: set-up and the like, over its `days`."""
    found = []
    for place, one in enumerate(given):
        sold = price_object(account, checked_price(account, one, f"add_invoice_items[{place}]"))
        if sold["recurring"] is not None:
            raise invalid(
                "Only prices with `type=one_time` can be added to an invoice.", f"add_invoice_items[{place}][price]"
            )
        notes: dict[str, Any] = {**sold["metadata"], **p.merged({}, one.get("metadata", {}))}
        minor = amount_minor(sold, one.get("quantity", 1))
        if not minor:
            continue
        days, ssp = notes.get("days", ""), notes.get("ssp_minor", "")
        to_day = start_day + int(days) if days.isdigit() and 0 < int(days) <= DAYS_MAX else end_day
        found.append(Deliverable(
            product_key(account, sold), 1, "by_day", "at_start", minor,
            int(ssp) if ssp.isdigit() and int(ssp) else abs(minor),
            from_day=start_day, to_day=to_day,
        ))  # fmt: skip
    return tuple(found)
