"""A subscription's items by themselves: each change of one is a change of its subscription."""

from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.amending import change
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import missing
from fakes.faces.stripe.items import ITEM
from fakes.faces.stripe.paging import page_of
from fakes.faces.stripe.showing import core_of, shown

_WRITTEN: p.Spec = {
    **{name: check for name, check in ITEM.items() if name not in {"id", "deleted", "clear_usage"}},
    "proration_date": p.moment, "proration_behavior": p.choice("always_invoice", "create_prorations", "none"),
    **p.taken("payment_behavior", "off_session"),
}  # fmt: skip
_OF_THE_CHANGE = ("proration_behavior", "proration_date")


def _owner(account: Account, item: str) -> str:
    known = account.read("item", item)
    if known is None:  # of a subscription that did not come by this door
        owner = f"sub_{item.removeprefix('si_')}"
        core_of(account, owner)
        return owner
    return str(known["subscription"])


def _one(account: Account, item: str, param: str | None = None) -> Object:
    for one in shown(account, _owner(account, item))["items"]["data"]:
        if one["id"] == item:
            found: Object = one
            return found
    raise missing("subscription_item", item, param)


def _retrieve(account: Account, asked: Asked) -> Object:
    return _one(account, asked.id)


def _split(given: Object) -> tuple[Object, Object]:
    """What is about the item, and what is about the change."""
    change_of = {name: given.pop(name) for name in _OF_THE_CHANGE if name in given}
    return given, change_of


def _create(account: Account, asked: Asked) -> Object:
    subscription = asked.given.pop("subscription")
    core_of(account, subscription, "subscription")
    item, how = _split(asked.given)
    told = change(account, subscription, {"items": [item], **how})
    made: Object = told["items"]["data"][-1]
    return made


def _update(account: Account, asked: Asked) -> Object:
    _one(account, asked.id)
    item, how = _split(asked.given)
    change(account, _owner(account, asked.id), {"items": [{**item, "id": asked.id}], **how})
    return _one(account, asked.id)


def _delete(account: Account, asked: Asked) -> Object:
    _one(account, asked.id)
    _, how = _split(asked.given)
    change(account, _owner(account, asked.id), {"items": [{"id": asked.id, "deleted": True}], **how})
    return {"id": asked.id, "object": "subscription_item", "deleted": True}


def _list(account: Account, asked: Asked) -> Object:
    subscription = asked.given["subscription"]
    core_of(account, subscription, "subscription")
    return page_of(asked, shown(account, subscription)["items"]["data"], "subscription item")


OPERATIONS = (
    Operation("POST", "/v1/subscription_items", "create_subscription_item", _create, {**_WRITTEN,
        "subscription": p.text},
              ("subscription",)),
    Operation("GET", "/v1/subscription_items", "list_subscription_items", _list, {**p.PAGING, "subscription": p.text},
              ("subscription",)),
    Operation("GET", "/v1/subscription_items/*", "retrieve_subscription_item", _retrieve),
    Operation("POST", "/v1/subscription_items/*", "update_subscription_item", _update, _WRITTEN),
    Operation("DELETE", "/v1/subscription_items/*", "delete_subscription_item", _delete,
              {"clear_usage": p.flag, **{name: _WRITTEN[name] for name in (*_OF_THE_CHANGE, "payment_behavior")}}),
)  # fmt: skip
