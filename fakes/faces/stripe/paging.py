"""Pages of lists: newest first, by `limit`, `starting_after` and `ending_before`."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked
from fakes.faces.stripe.errors import StripeError
from fakes.particulars import Particulars

T = TypeVar("T")

LIMIT = 10


def page(
    asked: Asked,
    records: Sequence[T],
    place_of: Callable[[str], int | None],
    shape: Callable[[T], Object | None],
    kind: str,
) -> Object:
    """A page of `records`, which are in the order of their creation.

    `place_of` says where the record of an id is among them. `shape` makes an object of one, or None if it is none that
    is asked for.
    """
    limit: int = asked.get("limit", LIMIT)
    after, before = asked.get("starting_after"), asked.get("ending_before")
    found: list[Object] = []
    if before is not None:
        places = range(_place(place_of, before, "ending_before", kind) + 1, len(records))
    else:
        start = len(records) if after is None else _place(place_of, after, "starting_after", kind)
        places = range(start - 1, -1, -1)
    for place in places:
        one = shape(records[place])
        if one is not None:
            found.append(one)
            if len(found) > limit:
                break
    data = found[:limit]
    if before is not None:
        data.reverse()
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": asked.path}


class Numbered(Sequence[T]):
    """Records that are found by their number, without a copy of the list of them."""

    def __init__(self, count: int, get: Callable[[int], T]) -> None:
        self._count = count
        self._get = get

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        return self._get(place + 1)


def whole_list(objects: Sequence[Object], url: str, limit: int = LIMIT) -> Object:
    """A list inside of an object: its first page, in the order given."""
    return {
        "object": "list", "data": list(objects[:limit]), "has_more": len(objects) > limit, "url": url,
        "total_count": len(objects),
    }  # fmt: skip


def page_of_things(
    account: Account, asked: Asked, kind: str, shape: Callable[[Object], Object | None], named: str = ""
) -> Object:
    """A page of an account's things of a kind, without those that were dropped. `shape` gets the fields of one."""

    def shown(one: Particulars) -> Object | None:
        return None if one.dropped else shape(one.fields)

    things = account.all(kind)
    return page(asked, things, lambda id_: account.place(kind, id_), shown, named or kind.replace("_", " "))


def page_of(asked: Asked, objects: Sequence[Object], kind: str) -> Object:
    """A page of objects that are all at hand, in the order given: the first comes first."""
    places = {one["id"]: len(objects) - 1 - place for place, one in enumerate(objects)}
    return page(asked, objects[::-1], places.get, lambda one: one, kind)


def within(created: int, bounds: dict[str, int] | None) -> bool:
    """Whether an instant is in the range that is asked for."""
    if not bounds:
        return True
    return (
        bounds.get("gt", -1) < created
        and bounds.get("gte", 0) <= created < bounds.get("lt", created + 1)
        and created <= bounds.get("lte", created)
    )


def _place(place_of: Callable[[str], int | None], id_: str, param: str, kind: str) -> int:
    place = place_of(id_)
    if place is None:
        raise StripeError(400, f"No such {kind}: '{id_}'", "resource_missing", param)
    return place


def kept(asked: Asked, one: Any, names: Sequence[str]) -> bool:
    """Whether an object has what is asked for in these of its fields."""
    return all(one.get(name) == asked.given[name] for name in names if name in asked.given)
