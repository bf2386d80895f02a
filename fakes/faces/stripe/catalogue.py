"""Products and prices: Stripe's price list. A price bills every so many months, or once, or by what is used."""

from typing import Any

from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object, changed_fields
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import StripeError, invalid
from fakes.faces.stripe.paging import kept, page_of_things, within
from fakes.faces.stripe.search import matching, search_page

_PRODUCT: Object = {
    "object": "product", "active": True, "default_price": None, "description": None, "images": [], "livemode": False,
    "marketing_features": [], "package_dimensions": None, "shippable": None, "statement_descriptor": None,
    "tax_code": None, "type": "service", "unit_label": None, "url": None,
}  # fmt: skip
_PRICE: Object = {
    "object": "price", "active": True, "billing_scheme": "per_unit", "currency": "usd", "custom_unit_amount": None,
    "livemode": False, "lookup_key": None, "nickname": None, "recurring": None, "tax_behavior": "unspecified",
    "tiers_mode": None, "transform_quantity": None, "type": "one_time", "unit_amount": None,
    "unit_amount_decimal": None,
}  # fmt: skip
_RECURRING: Object = {"interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}
LEFT_OUT = ("tiers", "currency_options")
"""What a price does not show unless it is asked for."""

MONTHS = {"month": 1, "year": 12}
"""The months of the intervals that billing can bill."""

MONTHS_MAX = 36

_INTERVAL: p.Spec = {"interval": p.choice("day", "week", "month", "year"), "interval_count": p.whole}
_INTERVALS = p.fields(_INTERVAL, ("interval",))
PRICE_DATA = p.fields({**p.PRICED, "recurring": _INTERVALS}, ("currency", "product", "recurring"))
"""A price of a subscription's item that is not on the list."""

ONE_TIME_DATA = p.fields(
    {**p.PRICED, "unit_amount": p.whole, "unit_amount_decimal": p.decimal}, ("currency", "product")
)
"""A price of what is invoiced once that is not on the list; it may take something off."""

_OF_PRODUCT = {name: check for name, check in p.PRICED.items() if name != "product"}
_PRODUCT_WRITTEN: p.Spec = {
    "name": p.text, "active": p.flag, "shippable": p.unset_or(p.flag), "metadata": p.metadata, "default_price": p.text,
    "images": p.many(p.text), "marketing_features": p.many(p.fields({"name": p.text}, ("name",))),
    **dict.fromkeys(("description", "statement_descriptor", "tax_code", "unit_label", "url"), p.text_or_unset),
    "package_dimensions": p.unset_or(p.fields(dict.fromkeys(("height", "length", "weight", "width"), p.decimal))),
    "type": p.choice("good", "service"),
}  # fmt: skip
_PRODUCT_CREATED: p.Spec = {
    **_PRODUCT_WRITTEN, "id": p.text, "default_price_data": p.fields(
        {**_OF_PRODUCT, "recurring": _INTERVALS, "metadata": p.metadata}, ("currency",)),
}  # fmt: skip
_TIER: p.Spec = {
    **dict.fromkeys(("flat_amount", "unit_amount"), p.not_negative), "up_to": p.whole_or("inf"),
    **dict.fromkeys(("flat_amount_decimal", "unit_amount_decimal"), p.not_negative_decimal),
}  # fmt: skip
_PRICE_WRITTEN: p.Spec = {
    "active": p.flag, "lookup_key": p.text_or_unset, "metadata": p.metadata, "nickname": p.text_or_unset,
    "tax_behavior": p.PRICED["tax_behavior"], "transfer_lookup_key": p.flag,
    "currency_options": p.impossible("This account's prices have one currency each."),
}  # fmt: skip
_PRICE_CREATED: p.Spec = {
    **_PRICE_WRITTEN, **p.PRICED, "billing_scheme": p.choice("per_unit", "tiered"),
    "custom_unit_amount": p.impossible("This account's customers do not choose their prices."),
    "product_data": p.fields({
        "name": p.text, "active": p.flag, "id": p.text, "metadata": p.metadata,
        **dict.fromkeys(("statement_descriptor", "tax_code", "unit_label"), p.text_or_unset),
    }, ("name",)),
    "recurring": p.fields({
        **_INTERVAL, "meter": p.text, "trial_period_days": p.whole, "usage_type": p.choice("licensed", "metered"),
    }, ("interval",)),
    "tiers": p.many(p.fields(_TIER, ("up_to",))), "tiers_mode": p.choice("graduated", "volume"),
    "transform_quantity": p.fields({"divide_by": p.positive, "round": p.choice("down", "up")}, ("divide_by", "round")),
}  # fmt: skip


# --- products ----------------------------------------------------------------------------------------


def product(account: Account, id_: str, param: str | None = None) -> Object:
    """A product. Raises StripeError if there is none."""
    return account.need("product", id_, param)


def new_product(account: Account, given: Object) -> Object:
    """A product that was not there, with its default price if there is to be one."""
    given = dict(given)
    id_ = given.pop("id", None) or account.new_id("prod", "product")
    if account.read("product", id_) is not None:
        raise StripeError(400, f"Product already exists: {id_}", "resource_already_exists", "id")
    wanted = given.pop("default_price_data", None)
    terms = None if wanted is None else _terms(account, wanted, "default_price_data")
    now = account.now
    metadata = p.merged({}, given.pop("metadata", {}))
    fields = {**_PRODUCT, "id": id_, **given, "metadata": metadata, "created": now, "updated": now}
    told = dict(account.write("product", id_, fields))
    account.tell("product.created", told)
    if terms is not None:
        told["default_price"] = _listed(account, {**terms, "product": id_})["id"]
        account.write("product", id_, {"default_price": told["default_price"]})
    return told


def _update_product(account: Account, asked: Asked) -> Object:
    before = dict(product(account, asked.id))
    given = asked.given
    if "default_price" in given and price(account, given["default_price"], "default_price")["product"] != asked.id:
        raise invalid(f"The price {given['default_price']} is not one of this product's.", "default_price")
    metadata = p.merged(before["metadata"], given.pop("metadata", {}))
    told = dict(account.write("product", asked.id, {**given, "metadata": metadata, "updated": account.now}))
    account.tell("product.updated", told, changed_fields(before, told))
    return told


def _delete_product(account: Account, asked: Asked) -> Object:
    told = dict(product(account, asked.id))
    if any(not one.dropped and one.fields["product"] == asked.id for one in account.all("price")):
        raise invalid("This product cannot be deleted because it has one or more user-created prices.", "id")
    account.drop("product", asked.id)
    account.tell("product.deleted", told)
    return {"id": asked.id, "object": "product", "deleted": True}


# --- prices ------------------------------------------------------------------------------------------


def price(account: Account, id_: str, param: str | None = None) -> Object:
    """A price. Raises StripeError if there is none."""
    return _shown(account.need("price", id_, param))


def _shown(fields: Object) -> Object:
    return {name: value for name, value in fields.items() if name not in LEFT_OUT}


def new_price(account: Account, given: Object) -> Object:
    """A price that was not there, with its product if that is to be new."""
    given = dict(given)
    wanted = given.pop("product_data", None)
    if (wanted is None) == ("product" not in given):
        raise invalid("You must specify either `product` or `product_data` when creating a price.", "product",
                      None if wanted else "parameter_missing")  # fmt: skip
    if wanted is None:
        product(account, given["product"], "product")
    terms = _terms(account, given)
    transfer = terms.pop("transfer_lookup_key", False)
    _free_lookup_key(account, given.get("lookup_key"), transfer=transfer)
    if wanted is not None:
        terms["product"] = new_product(account, wanted)["id"]
    return _listed(account, terms)


def _terms(account: Account, given: Object, within: str = "") -> Object:
    """What a price that is asked for says. Raises StripeError for what makes none; nothing comes of it."""
    tiers, named = given.get("tiers"), {"unit_amount", "unit_amount_decimal"} & set(given)
    param = f"{within}[unit_amount]" if within else "unit_amount"
    if given.get("billing_scheme", "per_unit") == "tiered" or tiers is not None:
        if not tiers or "tiers_mode" not in given:
            name = "tiers_mode" if tiers else "tiers"
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
        if named:
            raise invalid("You may not specify an amount of a unit beside `tiers`.", param)
        scheme: Object = {"billing_scheme": "tiered", "tiers": _tiers(tiers)}
    elif not named:
        raise invalid(f"Missing required param: {param}.", param, "parameter_missing")
    elif len(named) > 1:
        raise invalid("You may only specify one of these parameters: unit_amount, unit_amount_decimal.", param)
    else:
        scheme = {}
    terms = {**given, **amounts(given), **scheme, "metadata": p.merged({}, given.get("metadata", {}))}
    if "recurring" in given:
        terms["recurring"] = recurring = {**_RECURRING, **given["recurring"]}
        _bounded(recurring, "recurring[interval_count]")
        if recurring["meter"] is not None:
            account.need("meter", recurring["meter"], "recurring[meter]")
    return terms


def _listed(account: Account, terms: Object) -> Object:
    """The price of these terms, now on the list."""
    id_ = account.new_id("price", "price")
    of_type = "recurring" if "recurring" in terms else "one_time"
    account.write("price", id_, {**_PRICE, "id": id_, **terms, "type": of_type, "created": account.now})
    told = price(account, id_)
    account.tell("price.created", told)
    return told


def _update_price(account: Account, asked: Asked) -> Object:
    before = price(account, asked.id)
    given = asked.given
    _free_lookup_key(account, given.get("lookup_key"), transfer=given.pop("transfer_lookup_key", False), mine=asked.id)
    metadata = p.merged(before["metadata"], given.pop("metadata", {}))
    account.write("price", asked.id, {**given, "metadata": metadata})
    told = price(account, asked.id)
    account.tell("price.updated", told, changed_fields(before, told))
    return told


def billing_months(account: Account, one: Object, param: str = "items") -> int:
    """The months that a recurring price is for. Raises StripeError for a price that billing cannot bill."""
    recurring = one["recurring"]
    if recurring is None:
        raise invalid(
            f"The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`: "
            f"'{one['id']}'.", param,
        )  # fmt: skip
    if recurring["interval"] not in MONTHS:
        raise invalid(f"This account bills by months and years, not by the {recurring['interval']}.", param)
    _bounded(recurring, param)
    return MONTHS[recurring["interval"]] * int(recurring["interval_count"])


def _bounded(recurring: Object, param: str) -> None:
    """Raises StripeError for an interval of less than one month, week or day, or more than three years."""
    count = int(recurring["interval_count"])
    if count < 1 or MONTHS.get(recurring["interval"], 0) * count > MONTHS_MAX:
        raise invalid("The `interval_count` must be at least 1, and the interval at most 3 years.", param)


def _free_lookup_key(account: Account, key: str | None, *, transfer: bool, mine: str = "") -> None:
    for one in account.all("price") if key else ():
        if one.fields["lookup_key"] == key and one.key != mine:
            if not transfer:
                raise invalid(f"A price (`{one.key}`) already uses that lookup key.", "lookup_key")
            account.write("price", one.key, {"lookup_key": None})


def amounts(given: Object, name: str = "unit_amount") -> Object:
    """An amount, whole if it is, and as a decimal."""
    written = given.get(f"{name}_decimal")
    if written is None:
        unit = given.get(name)
        return {name: unit, f"{name}_decimal": None if unit is None else str(unit)}
    number, _, rest = written.partition(".")
    return {name: None if rest.strip("0") else int(number), f"{name}_decimal": written}


def _tiers(given: list[Object]) -> list[Object]:
    below = 0
    for place, one in enumerate(given):
        last, up_to = place == len(given) - 1, one["up_to"]
        if last != (up_to == "inf") or (not last and up_to <= below):
            raise invalid("Tiers must rise, and the last of them have `up_to=inf`.", f"tiers[{place}][up_to]")
        below = up_to
    return [
        {**amounts(one, "flat_amount"), **amounts(one), "up_to": None if one["up_to"] == "inf" else one["up_to"]}
        for one in given
    ]


# --- lists -------------------------------------------------------------------------------------------


def _listing(kind: str, names: tuple[str, ...]) -> Any:
    def do(account: Account, asked: Asked) -> Object:
        keys, ids = asked.get("lookup_keys"), asked.get("ids")
        recurring = asked.get("recurring") or {}

        def shape(fields: Object) -> Object | None:
            told = _shown(fields)
            wanted = kept(asked, told, names) and within(told["created"], asked.get("created"))
            wanted = wanted and (keys is None or told["lookup_key"] in keys) and (ids is None or told["id"] in ids)
            wanted = wanted and kept(Asked("", (), recurring), told.get("recurring") or {}, tuple(recurring))
            return told if wanted else None

        return page_of_things(account, asked, kind, shape)

    return do


def _searching(kind: str) -> Any:
    def do(account: Account, asked: Asked) -> Object:
        wanted = matching(asked)
        told = (_shown(one.fields) for one in reversed(account.all(kind)) if not one.dropped)
        return search_page(asked, [one for one in told if wanted(one)])

    return do


_PRODUCT_LIST: p.Spec = {
    **p.PAGING,
    "active": p.flag,
    "ids": p.many(p.text),
    "shippable": p.flag,
    "type": p.text,
    "url": p.text,
}
_PRICE_LIST: p.Spec = {
    **p.PAGING, "active": p.flag, "currency": p.text, "lookup_keys": p.many(p.text), "product": p.text, "type": p.text,
    "recurring": p.fields({"interval": p.text, "meter": p.text, "usage_type": p.text}),
}  # fmt: skip

OPERATIONS = (
    Operation("POST", "/v1/products", "create_product", lambda account, asked: new_product(account, asked.given),
              _PRODUCT_CREATED, ("name",)),
    Operation("GET", "/v1/products", "list_products", _listing("product", ("active", "shippable", "type", "url")),
        _PRODUCT_LIST),
    Operation("GET", "/v1/products/search", "search_products", _searching("product"), p.SEARCHING, ("query",)),
    Operation("GET", "/v1/products/*", "retrieve_product", lambda account, asked: dict(product(account, asked.id))),
    Operation("POST", "/v1/products/*", "update_product", _update_product, _PRODUCT_WRITTEN),
    Operation("DELETE", "/v1/products/*", "delete_product", _delete_product),
    Operation("POST", "/v1/prices", "create_price", lambda account, asked: new_price(account, asked.given),
              _PRICE_CREATED, ("currency",)),
    Operation("GET", "/v1/prices", "list_prices", _listing("price", ("active", "currency", "product", "type")),
        _PRICE_LIST),
    Operation("GET", "/v1/prices/search", "search_prices", _searching("price"), p.SEARCHING, ("query",)),
    Operation("GET", "/v1/prices/*", "retrieve_price", lambda account, asked: price(account, asked.id)),
    Operation("POST", "/v1/prices/*", "update_price", _update_price,
              _PRICE_WRITTEN),
)  # fmt: skip
