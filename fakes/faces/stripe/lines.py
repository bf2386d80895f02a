"""The lines of an invoice: what each charge of billing's is for, by the items that it is the charge of."""

from collections.abc import Sequence

from fakes.agreements import Contract
from fakes.books.allocation import allocate
from fakes.desk import GetSubscription, PlaceOf
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.amounts import amount_minor
from fakes.faces.stripe.ids import identifier
from fakes.faces.stripe.items import by_unit, items_of, price_object
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
    if isinstance(line.period, int) or any(one.key == line.period for one in subscription.rendered):
        return charged_by(account, id_, subscription.state, items_of(account, id_, subscription), line)
    return [_line(account, subscription.state.currency, line, line.minor, line.period, None, id_, 1)]


def charged_by(
    account: Account, id_: str | None, state: Contract, items: Sequence[Object], line: ChargeLine
) -> list[Object]:
    """A charge of a contract by these items of it; some of them may be but asked for."""
    usage = "licensed" if isinstance(line.period, int) else "metered"
    prices = [price_object(account, item["price"]) for item in items]
    ours = [pair for pair in zip(items, prices, strict=True) if pair[1]["recurring"]["usage_type"] == usage]
    if not isinstance(line.period, int):
        return [_line(account, state.currency, line, line.minor, line.period, ours[0] if ours else None, id_, 1)]
    if line.version > len(state.versions):
        units, prorated = 0, True
    else:
        version = state.versions[line.version - 1]
        units = version.quantity - (state.versions[line.version - 2].quantity if line.version > 1 else 0)
        prorated = version.effective_day > line.from_day or line.minor < 0
    if len(ours) <= 1:
        name = state.obligations[0].product if state.obligations else "services"
        sold = ours[0] if ours else None
        full_minor = units * unit_in(state, line.period)
        quantity = abs(units) if sold is None or abs(full_minor) == abs(line.minor) or prorated else 1
        if sold is not None and by_unit(sold[1], sold[0]["quantity"])[1] != sold[0]["quantity"]:
            quantity = sold[0]["quantity"]
        return [_line(account, state.currency, line, line.minor, name, sold, id_, quantity, prorated=prorated)]
    weights = {str(place): amount_minor(price, item["quantity"]) for place, (item, price) in enumerate(ours)}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    shares = allocate(line.minor, weights).values()
    return [
        _line(account, state.currency, line, minor, sold[1]["id"], sold, id_, sold[0]["quantity"], prorated=prorated)
        for minor, sold in zip(shares, ours, strict=True)
    ]


def _line(
    account: Account, currency: str, line: ChargeLine, minor: int, name: str, sold: tuple[Object, Object] | None,
    subscription: str | None, quantity: int, *, prorated: bool = False,
) -> Object:  # fmt: skip
    """A line for what was `sold`, an item at a price, or for what has this name."""
    item, price = sold or (None, None)
    product = account.read("product", price["product"]) if price else None
    word = product["name"] if product else name
    return {
        **line_of(minor, currency.lower(), f"{quantity} × {word}"), "id": "", "quantity": quantity,
        "period": {"start": account.day_seconds(line.from_day), "end": account.day_seconds(line.to_day)},
        "metadata": item["metadata"] if item else {}, "parent": {
            "type": "subscription_item_details", "invoice_item_details": None, "subscription_item_details": {
                "invoice_item": None, "proration": prorated, "proration_details": {"credited_items": None},
                "subscription": subscription, "subscription_item": item.get("id") if item else None,
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
