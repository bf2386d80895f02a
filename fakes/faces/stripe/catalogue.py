"""Products and prices: Stripe's price list. A price bills every so many months, or once, or by what is used."""

from typing import Any

from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object, changed_fields
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import StripeError, invalid, missing
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
MONTHS = {"month": 1, "year": 12}
"""The months of the intervals that billing can bill."""

MONTHS_MAX = 36

RECURRING: p.Spec = {
    "interval": p.choice("day", "week", "month", "year"), "interval_count": p.whole, "meter": p.text,
    "trial_period_days": p.whole, "usage_type": p.choice("licensed", "metered"), "aggregate_usage": p.text,
}  # fmt: skip
PRICE_DATA: p.Spec = {
    "currency": p.text, "product": p.text, "recurring": p.fields(RECURRING, ("interval",)), "tax_behavior": p.text,
    "unit_amount": p.whole, "unit_amount_decimal": p.decimal, "metadata": p.metadata, "nickname": p.text,
    "product_data": p.fields({"name": p.text, "metadata": p.metadata, **p.taken("description", "tax_code")}, ("name",)),
}  # fmt: skip
_PRODUCT_WRITTEN: p.Spec = {
    "name": p.text, "active": p.flag, "shippable": p.flag, "metadata": p.metadata, "default_price": p.text,
    "default_price_data": p.fields(PRICE_DATA, ("currency",)),
    **dict.fromkeys(("description", "statement_descriptor", "tax_code", "unit_label", "url"), p.text_or_unset),
    **p.taken("images", "marketing_features", "package_dimensions", "tax_details", "type"),
}  # fmt: skip
_PRICE_WRITTEN: p.Spec = {
    **PRICE_DATA, "active": p.flag, "billing_scheme": p.choice("per_unit", "tiered"), "lookup_key": p.text,
    "nickname": p.text_or_unset, "tiers_mode": p.choice("graduated", "volume"), "transfer_lookup_key": p.flag,
    "tiers": p.many(p.fields({"flat_amount": p.whole, "flat_amount_decimal": p.decimal, "unit_amount": p.whole,
                              "unit_amount_decimal": p.decimal, "up_to": p.text}, ("up_to",))),
    **p.taken("currency_options", "custom_unit_amount", "transform_quantity"),
}  # fmt: skip


# --- products ----------------------------------------------------------------------------------------


def product(account: Account, id_: str, param: str | None = None) -> Object:
    """A product. Raises StripeError if there is none."""
    return account.need("product", id_, param)


def new_product(account: Account, given: Object) -> Object:
    """A product that was not there."""
    id_ = given.pop("id", None) or account.new_id("prod", "product")
    if account.read("product", id_) is not None:
        raise StripeError(400, f"Product already exists: {id_}", "resource_already_exists", "id")
    price = given.pop("default_price_data", None)
    if price is not None and not {"unit_amount", "unit_amount_decimal"} & set(price):
        raise invalid(
            "Missing required param: default_price_data[unit_amount].",
            "default_price_data[unit_amount]",
            "parameter_missing",
        )
    now = account.now
    metadata = p.merged({}, given.pop("metadata", {}))
    fields = {**_PRODUCT, "id": id_, **given, "metadata": metadata, "created": now, "updated": now}
    told = dict(account.write("product", id_, fields))
    account.tell("product.created", told)
    if price is not None:
        told["default_price"] = new_price(account, {**price, "product": id_})["id"]
        account.write("product", id_, {"default_price": told["default_price"]})
    return told


def _update_product(account: Account, asked: Asked) -> Object:
    before = dict(product(account, asked.id))
    given = asked.given
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
    return {name: value for name, value in account.need("price", id_, param).items() if name != "tiers"}


def new_price(account: Account, given: Object) -> Object:
    """A price that was not there."""
    given = dict(given)
    tiers = given.get("tiers")
    if (
        tiers is None
        and "unit_amount" not in given
        and "unit_amount_decimal" not in given
        and "custom_unit_amount" not in given
    ):
        raise invalid(
            "Missing required param: unit_amount.", "unit_amount", "parameter_missing",
        )  # fmt: skip
    recurring = given.pop("recurring", None)
    if recurring is not None:
        given["recurring"] = recurring = {**_RECURRING, **recurring}
        _bounded(recurring, "recurring[interval_count]")
        if recurring["meter"] is not None:
            account.need("meter", recurring["meter"], "recurring[meter]")
    metadata = p.merged({}, given.pop("metadata", {}))
    if tiers is not None:
        given["tiers"] = [_tier(one) for one in tiers]
    if "product_data" not in given:
        if "product" not in given:
            raise invalid("Missing required param: product.", "product", "parameter_missing")
        product(account, given["product"], "product")
    _free_lookup_key(account, given.get("lookup_key"), transfer=given.pop("transfer_lookup_key", False))
    if "product_data" in given:
        given["product"] = new_product(account, dict(given.pop("product_data")))["id"]
    id_ = account.new_id("price", "price")
    fields = {
        **_PRICE, "id": id_, **given, **_amount(given), "currency": given["currency"].lower(), "metadata": metadata,
        "type": "recurring" if recurring else "one_time", "created": account.now,
    }  # fmt: skip
    if tiers is not None:
        fields |= {"billing_scheme": "tiered", "unit_amount": None, "unit_amount_decimal": None}
    account.write("price", id_, fields)
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


def unit_minor(one: Object, param: str = "items") -> int:
    """What a unit costs, in whole minor units. Raises StripeError if that is a fraction of one."""
    if one["unit_amount"] is None:
        raise invalid(f"This account prices by whole minor units; the price {one['id']} does not.", param)
    return int(one["unit_amount"])


def _free_lookup_key(account: Account, key: str | None, *, transfer: bool, mine: str = "") -> None:
    for one in account.all("price") if key else ():
        if one.fields["lookup_key"] == key and one.key != mine:
            if not transfer:
                raise invalid(f"A price (`{one.key}`) already uses that lookup key.", "lookup_key")
            account.write("price", one.key, {"lookup_key": None})


def _amount(given: Object) -> Object:
    """The amount of a unit, whole if it is, and as a decimal."""
    written = given.get("unit_amount_decimal")
    if written is None:
        unit = given.get("unit_amount")
        return {"unit_amount": unit, "unit_amount_decimal": None if unit is None else str(unit)}
    number, _, rest = written.partition(".")
    return {"unit_amount": None if rest.strip("0") else int(number), "unit_amount_decimal": written}


def _tier(one: Object) -> Object:
    up_to = None if one["up_to"] == "inf" else p.whole(one["up_to"], "tiers[up_to]")
    return {"flat_amount": one.get("flat_amount"), "flat_amount_decimal": None, "up_to": up_to, **_amount(one)}


# --- lists -------------------------------------------------------------------------------------------


def _listing(kind: str, names: tuple[str, ...]) -> Any:
    def do(account: Account, asked: Asked) -> Object:
        keys, ids = asked.get("lookup_keys"), asked.get("ids")
        recurring = asked.get("recurring") or {}

        def shape(fields: Object) -> Object | None:
            told = {name: value for name, value in fields.items() if name != "tiers"}
            wanted = kept(asked, told, names) and within(told["created"], asked.get("created"))
            wanted = wanted and (keys is None or told["lookup_key"] in keys) and (ids is None or told["id"] in ids)
            wanted = wanted and kept(Asked("", (), recurring), told.get("recurring") or {}, tuple(recurring))
            return told if wanted else None

        return page_of_things(account, asked, kind, shape)

    return do


def _searching(kind: str) -> Any:
    def do(account: Account, asked: Asked) -> Object:
        told = [dict(one.fields) for one in reversed(account.all(kind)) if not one.dropped]
        return search_page(asked, [one for one in told if matching(asked.given["query"], one)])

    return do


def _retrieve_price(account: Account, asked: Asked) -> Object:
    known = account.read("price", asked.id)
    if known is None:
        raise missing("price", asked.id)
    return dict(known) if "tiers" in asked.expand else price(account, asked.id)


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
              {**_PRODUCT_WRITTEN, "id": p.text}, ("name",)),
    Operation("GET", "/v1/products", "list_products", _listing("product", ("active", "shippable", "type", "url")),
        _PRODUCT_LIST),
    Operation("GET", "/v1/products/search", "search_products", _searching("product"), p.SEARCHING, ("query",)),
    Operation("GET", "/v1/products/*", "retrieve_product", lambda account, asked: dict(product(account, asked.id))),
    Operation("POST", "/v1/products/*", "update_product", _update_product, _PRODUCT_WRITTEN),
    Operation("DELETE", "/v1/products/*", "delete_product", _delete_product),
    Operation("POST", "/v1/prices", "create_price", lambda account, asked: new_price(account, asked.given),
        _PRICE_WRITTEN,
              ("currency",)),
    Operation("GET", "/v1/prices", "list_prices", _listing("price", ("active", "currency", "product", "type")),
        _PRICE_LIST),
    Operation("GET", "/v1/prices/search", "search_prices", _searching("price"), p.SEARCHING, ("query",)),
    Operation("GET", "/v1/prices/*", "retrieve_price", _retrieve_price),
    Operation("POST", "/v1/prices/*", "update_price", _update_price,
              {name: _PRICE_WRITTEN[name] for name in ("active", "lookup_key", "nickname", "tax_behavior",
                                                       "transfer_lookup_key", "metadata", "currency_options")}),
)  # fmt: skip
