"""Records that the books have no rules for, kept as clients write them: items, departments, classes, locations.

A product that is sold already is an item, too: whoever entered its order took it for one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fakes.agreements import Contract
from fakes.faces.netsuite.catalogue import ITEM_TYPES, ITEMS
from fakes.faces.netsuite.errors import Fault, missing, nonexistent
from fakes.faces.netsuite.fields import Link, RecordType, Reference
from fakes.faces.netsuite.office import Body, Office
from fakes.particulars import DropParticulars


class Kept:
    """All records of one type. `word` is the field that people know them by, which is unique."""

    def __init__(
        self, office: Office, type_: RecordType, word: str = "name", kind: str = "", code: str = "DUP_RCRD"
    ) -> None:
        self.type = type_
        self.kind = kind or type_.name
        self._office = office
        self._word = word
        self._code = code

    def ids(self) -> Iterable[int]:
        return [one.number for one in self._office.all_noted(self.kind) if not one.dropped and self._mine(one.fields)]

    def has(self, id_: int) -> bool:
        noted = self._office.noted(self.kind, str(id_))
        return bool(noted) and self._mine(noted)

    def find(self, reference: Reference) -> int | None:
        if reference.id is not None:
            return reference.id if self.has(reference.id) else None
        word = f"eid:{reference.external_id}" if reference.external_id is not None else _word(reference.name or "")
        key = self._office.named(self.kind, word)
        return int(key) if key and self.has(int(key)) else None

    def show(self, id_: int) -> Body:
        noted = self._office.noted(self.kind, str(id_))
        return {"id": id_, **{name: value for name, value in noted.items() if name != "type"}}

    def create(self, body: Body) -> int:
        if not body.get(self._word):
            raise missing(self._word)
        self._alone(body, None)
        id_ = len(self._office.all_noted(self.kind)) + 1
        self._note(id_, {"type": self.type.name, "isInactive": False, **self._linked(body)})
        return id_

    def update(self, id_: int, body: Body, replaced: frozenset[str]) -> None:
        if self._word in body and not body[self._word]:
            raise missing(self._word)
        self._alone(body, id_)
        self._note(id_, self._linked(body))

    def delete(self, id_: int) -> None:
        self._office.door.ask(DropParticulars(self.kind, str(id_)))

    def _note(self, id_: int, said: Mapping[str, Any]) -> None:
        self._office.note(self.kind, str(id_), said)
        if said.get("externalId"):
            self._office.name(self.kind, f"eid:{said['externalId']}", str(id_))
        if said.get(self._word):
            self._office.name(self.kind, _word(said[self._word]), str(id_))

    def _alone(self, body: Body, id_: int | None) -> None:
        """Raises Fault if another record has this name or external id."""
        for field, word in (
            ("externalId", f"eid:{body.get('externalId')}"),
            (self._word, _word(str(body.get(self._word)))),
        ):
            key = self._office.named(self.kind, word) if body.get(field) else None
            noted = self._office.noted(self.kind, key) if key else {}
            if noted and int(key or 0) != id_ and str(noted.get(field)).lower() == str(body[field]).lower():
                raise Fault(
                    400, self._code, "Error while accessing a resource. Uniqueness error - Please select a unique "
                    f"value for {field}.", field,
                )  # fmt: skip

    def _linked(self, body: Body) -> Body:
        """A body whose references are links."""
        said = dict(body)
        for name, value in body.items():
            if isinstance(value, Reference):
                to = self.type.fields[name].to
                id_ = self._office.resolve(to, value, name)
                said[name] = Link(to, id_, str(value))
        return said

    def _mine(self, noted: Mapping[str, Any]) -> bool:
        return noted.get("type") == self.type.name


class Items(Kept):
    """Items of one type. They are all found together: an id is of one item, whatever its type."""

    def __init__(self, office: Office, type_: RecordType, all_items: "AllItems | None" = None) -> None:
        super().__init__(office, type_, "itemId", "item", "DUP_ITEM")

    def show(self, id_: int) -> Body:
        return {
            **super().show(id_),
            "itemType": {"id": ITEM_TYPES[self.type.name], "refName": ITEM_TYPES[self.type.name]},
        }


class AllItems(Items):
    """Items of whichever type."""

    def __init__(self, office: Office) -> None:
        super().__init__(office, ITEMS[0])
        self._seen = 0

    def _mine(self, noted: Mapping[str, Any]) -> bool:
        return True

    def ids(self) -> Iterable[int]:
        self.follow()
        return super().ids()

    def find(self, reference: Reference) -> int | None:
        self.follow()
        return super().find(reference)

    def product(self, id_: int) -> str:
        """The product that an item is, by the name that it has in all systems."""
        noted = self._office.noted("item", str(id_))
        return str(noted.get("custitem_product") or noted.get("externalId") or noted["itemId"])

    def of_product(self, product: str) -> Link | None:
        """The item that a product is."""
        key = self._office.named("product", product)
        if key is None:
            found = self.find(Reference(external_id=product))
            found = self.find(Reference(name=product)) if found is None else found
            key = None if found is None or self.product(found) != product else str(found)
        return None if key is None else self.link(int(key))

    def link(self, id_: int) -> Link:
        """An item."""
        noted = self._office.noted("item", str(id_))
        if not noted:
            raise nonexistent("item")
        return Link(str(noted["type"]), id_, str(noted["itemId"]))

    def follow(self) -> None:
        """Have what was sold since the last time be items."""
        orders = self._office.books.orders
        if len(orders) == self._seen:
            return
        for order in list(orders.values())[self._seen :]:
            for product in products_of(order.state):
                self._sold(product)
        self._seen = len(orders)

    def _sold(self, product: str) -> None:
        known = any(self._office.named("item", word) for word in (f"eid:{product}", _word(product)))
        if known or self._office.named("product", product):
            return
        body = {"itemId": product, "externalId": product, "custitem_product": product}
        self._office.name("product", product, str(self.create(body)))

    def _note(self, id_: int, said: Mapping[str, Any]) -> None:
        super()._note(id_, said)
        if said.get("custitem_product"):
            self._office.name("product", str(said["custitem_product"]), str(id_))


def products_of(state: Contract) -> list[str]:
    """The products that a contract promises."""
    return [*(one.product for one in state.obligations), *(one.product for one in state.deliverables)]


def _word(name: str) -> str:
    return f"name:{name.lower()}"
