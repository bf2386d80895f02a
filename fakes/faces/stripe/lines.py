"""The lines of an invoice: what each charge of billing's is for, by the items that it is the charge of."""

from collections.abc import Sequence

from fakes.books.allocation import allocate
from fakes.desk import GetSubscription, PlaceOf
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.amounts import amount_minor
from fakes.faces.stripe.ids import identifier
from fakes.faces.stripe.items import by_unit, items_of
from fakes.faces.stripe.terms import unit_in
from fakes.records import ChargeLine, Invoice, Subscription

_PARTS, _LINES = 64, 1024


def subscription_id(document: Invoice) -> str:
    """The id of the subscription that a document is for."""
    return identifier("sub", int(document.subscription[4:]))


def lines_of(account: Account, document: Invoice) -> list[Object]:
    """The lines of an invoice."""
    drafted = account.read("drafted", document.subscription)
    if drafted is not None:
        return drafted_lines(account, drafted["invoice"])
    subscription: Subscription = account.ask(GetSubscription(document.subscription))
    place = account.ask(PlaceOf(document.id))
    lines = []
    for number, line in enumerate(document.lines):
        for part, shown in enumerate(charged(account, subscription, line)):
            shown["id"] = identifier("il", (place * _LINES + number) * _PARTS + part + 1)
            lines.append({**shown, "invoice": identifier("in", 2 * place + 2)})
    return lines


def core_line(place: int, number: int) -> tuple[int, int] | None:
    """The place of the charge that a line's number stands for: in its document, and the part; None if in another."""
    document, rest = divmod(number - 1, _LINES * _PARTS)
    return divmod(rest, _PARTS) if document == place else None


def charged(account: Account, subscription: Subscription, line: ChargeLine) -> list[Object]:
    """A charge by the items that it is for."""
    id_ = identifier("sub", int(subscription.id[4:]))
    state = subscription.state
    items = items_of(account, id_, subscription)
    period = line.period
    if not isinstance(period, int):
        metered = [one for one in items if account.need("price", one["price"])["recurring"]["usage_type"] == "metered"]
        item = metered[0] if metered and any(one.key == period for one in subscription.rendered) else None
        return [_line(account, state.currency, line, line.minor, period, item, id_, 1)]
    licensed = [one for one in items if account.need("price", one["price"])["recurring"]["usage_type"] == "licensed"]
    if line.version > len(state.versions):
        units, prorated = 0, True
    else:
        version = state.versions[line.version - 1]
        units = version.quantity - (state.versions[line.version - 2].quantity if line.version > 1 else 0)
        prorated = version.effective_day > line.from_day or line.minor < 0
    if len(licensed) <= 1:
        name = state.obligations[0].product if state.obligations else "services"
        item = licensed[0] if licensed else None
        full_minor = units * unit_in(state, period)
        quantity = abs(units) if item is None or abs(full_minor) == abs(line.minor) or prorated else 1
        if item is not None and by_unit(account.need("price", item["price"]), item["quantity"])[1] != item["quantity"]:
            quantity = item["quantity"]
        return [_line(account, state.currency, line, line.minor, name, item, id_, quantity, prorated=prorated)]
    weights = {one["id"]: amount_minor(account.need("price", one["price"]), one["quantity"]) for one in licensed}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    shares = allocate(line.minor, weights)
    return [
        _line(
            account, state.currency, line, shares[one["id"]], one["price"], one, id_, one["quantity"], prorated=prorated
        )
        for one in licensed
    ]


def _line(
    account: Account, currency: str, line: ChargeLine, minor: int, name: str, item: Object | None, subscription: str,
    quantity: int, *, prorated: bool = False,
) -> Object:  # fmt: skip
    price = account.need("price", item["price"]) if item else None
    sold = account.read("product", price["product"]) if price else None
    word = sold["name"] if sold else name
    return {
        **line_of(minor, currency.lower(), f"{quantity} × {word}"), "id": "", "quantity": quantity,
        "period": {"start": account.day_seconds(line.from_day), "end": account.day_seconds(line.to_day)},
        "metadata": item["metadata"] if item else {}, "parent": {
            "type": "subscription_item_details", "invoice_item_details": None, "subscription_item_details": {
                "invoice_item": None, "proration": prorated, "proration_details": {"credited_items": None},
                "subscription": subscription, "subscription_item": item["id"] if item else None,
            },
        }, "pricing": None if price is None else {
            "type": "price_details", "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        }, "subscription": subscription,
    }  # fmt: skip


def line_of(minor: int, currency: str, description: str | None) -> Object:
    """A line, but for what it is about."""
    return {
        "object": "line_item", "amount": minor, "currency": currency, "description": description,
        "discount_amounts": [],
        "discountable": True, "discounts": [], "invoice": None, "livemode": False, "metadata": {}, "parent": None,
        "pretax_credit_amounts": [], "pricing": None, "quantity": 1, "quantity_decimal": None, "subscription": None,
        "subtotal": minor, "taxes": [],
    }  # fmt: skip


def drafted_lines(account: Account, invoice: str) -> list[Object]:
    """The lines of an invoice that was drafted by hand: one an invoice item."""
    draft = account.need("draft", invoice)
    lines = []
    for id_ in draft["items"]:
        item = account.need("invoiceitem", id_)
        lines.append({
            **line_of(item["amount"], item["currency"], item["description"]), "id": f"il_{id_[3:]}", "invoice": invoice,
            "quantity": item["quantity"], "period": item["period"], "metadata": item["metadata"],
            "pricing": item["pricing"], "parent": {
                "type": "invoice_item_details", "subscription_item_details": None, "invoice_item_details": {
                    "invoice_item": id_, "proration": False, "proration_details": {"credited_items": None},
                    "subscription": None,
                },
            },
        })  # fmt: skip
    return lines


def total_of(lines: Sequence[Object]) -> int:
    """What the lines add up to."""
    return sum(line["amount"] for line in lines)
