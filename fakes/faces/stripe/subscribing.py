"""A new subscription: its items as a contract, and when that begins and ends."""

from dataclasses import dataclass, replace
from datetime import date

from fakes.agreements import Contract, PerformanceObligation
from fakes.billing import CreateSubscription
from fakes.desk import BillToday, GetCustomer, GetSubscription, KeepRenewing, ListSubscriptions
from fakes.faces.stripe import customers, wallets
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked
from fakes.faces.stripe.errors import invalid
from fakes.faces.stripe.ids import identifier
from fakes.faces.stripe.items import (
    changed_items,
    deliverables,
    metered,
    prices_of,
    with_price,
)
from fakes.faces.stripe.showing import PLAIN, subscription_object
from fakes.faces.stripe.terms import (
    TERM_MONTHS,
    Priced,
    amount_of,
    cancelled_from,
    current_period,
    obligations_of,
    priced,
    term,
    with_version,
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A subscription that is asked for, as billing is going to have it: nothing has come of it yet.

    It `begins` and is cancelled at (`cancel_at`) these seconds; `pending` says that its cancellation is yet to come.
    """

    core_customer: str
    items: list[Object]
    state: Contract
    begins: int
    cancel_at: int | None
    pending: bool


def drawn_up(account: Account, given: Object) -> Drawn:
    """The subscription that is asked for. Raises StripeError."""
    customer_id = given.get("customer")
    if customer_id is None:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    core_customer = customers.core_id(account, customer_id, "customer")
    if not given.get("items"):
        raise invalid("Missing required param: items.", "items", "parameter_missing")
    items = changed_items(account, (), given["items"])
    licensed, months, currency = prices_of(account, items)
    if given.get("currency", currency) != currency:
        raise invalid(f"The price of an item is in {currency}, and not in {given['currency']}.", "currency")
    if given.get("default_payment_method"):
        wallets.owned(account, given["default_payment_method"], customer_id, "default_payment_method")
    check_collection(given)
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
        metadata.get("contract", _next_id(account)),
        known.account,
        currency,
        (start_day, end_day),
        months,
        licensed,
    )
    more = (*metered(account, items, 1), *deliverables(account, given.get("add_invoice_items", ()), start_day, end_day))
    state = replace(state, deliverables=more) if more else state
    signed_day = day_told(metadata, "signed", account.today)
    state = with_version(state, licensed, 1, signed_day, start_day)
    pending = None
    if cancel_at is not None and account.day_of(cancel_at) < end_day:
        pending = account.day_of(cancel_at)
    elif given.get("cancel_at_period_end"):
        pending = period_end(account, state)
        cancel_at = account.day_seconds(pending)
    if pending is not None:
        state = cancelled_from(state, pending, signed_day)
    return Drawn(core_customer, items, state, begins, cancel_at, pending is not None)


def create(account: Account, asked: Asked) -> Object:
    """A subscription that was not there: billing has it, and has invoiced what is due of it today."""
    given, id_ = asked.given, _next_id(account)
    drawn = drawn_up(account, given)
    metadata, months = p.merged({}, given.get("metadata", {})), drawn.state.billing_months
    made = account.ask(CreateSubscription(drawn.core_customer, drawn.state))
    subscription = account.ask(GetSubscription(made.id))
    fields = fields_of(account, id_, drawn.items, given) | {
        "metadata": metadata, "cancel_at": drawn.cancel_at, "pending_cancel": drawn.pending, "created_here": True,
        "start_date": drawn.begins, "currency": drawn.state.currency.lower(), "trial_end": _trial_end(account, given),
    }  # fmt: skip
    account.write("subscription", id_, fields)
    if drawn.cancel_at is None and "ends" not in metadata:
        account.ask(KeepRenewing(subscription.id, -(-TERM_MONTHS // months) * months))
    wallets.arrange_one(account, subscription)
    account.ask(BillToday(subscription.id))
    wallets.settle(account, subscription)
    told = subscription_object(account, subscription)
    account.tell("customer.subscription.created", told)
    return told


def _next_id(account: Account) -> str:
    return identifier("sub", len(account.ask(ListSubscriptions())) + 1)


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
        acquired_day=day_told(metadata, "acquired", 0),
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
    ends = day_told(metadata, "ends", 0)
    return term(start_day, ends if ends > start_day else None, months)


def day_told(metadata: dict[str, str], name: str, otherwise: int) -> int:
    """A date in the metadata."""
    try:
        return date.fromisoformat(metadata[name]).toordinal()
    except (KeyError, ValueError):
        return otherwise


def check_collection(given: Object) -> None:
    if given.get("collection_method") == "send_invoice" and "days_until_due" not in given:
        raise invalid(
            "When `collection_method` is `send_invoice`, you must also specify `days_until_due`.", "days_until_due"
        )
    if (
        given.get("collection_method", "charge_automatically") != "send_invoice"
        and given.get("days_until_due") is not None
    ):
        raise invalid("`days_until_due` can only be set when `collection_method` is `send_invoice`.", "days_until_due")


def fields_of(account: Account, id_: str, items: list[Object], given: Object) -> Object:
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


def period_end(account: Account, state: Contract) -> int:
    return current_period(state, max(account.today, state.start_day))[1]
