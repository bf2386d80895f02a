"""Sales orders: the core's orders, each of a contract, whose terms are the order's fields and lines."""

from collections.abc import Iterable

from fakes.erp import CreateOrder, UpdateOrder, VoidOrder
from fakes.faces.netsuite.catalogue import SALES_ORDER
from fakes.faces.netsuite.errors import bad_value, missing, user_error
from fakes.faces.netsuite.fields import Link, Reference
from fakes.faces.netsuite.fixed import Currencies
from fakes.faces.netsuite.office import Body, core_id, stamps, transaction_id, transaction_number
from fakes.faces.netsuite.terms import Line, Parties, amount_minor, contract_of, header_of, lines_of
from fakes.faces.netsuite.transactions import Transactions
from fakes.records import Receipt, SalesOrder

_CLOSED = {"id": "H", "refName": "Closed"}


class SalesOrders(Transactions):
    """All sales orders that were not voided."""

    type = SALES_ORDER

    def ids(self) -> Iterable[int]:
        return [
            transaction_id("salesOrder", order.id) for order in self.office.books.orders.values() if order.void is None
        ]

    def has(self, id_: int) -> bool:
        number = transaction_number("salesOrder", id_)
        order = self.office.books.orders.get(core_id("SO", self.office.books.entity, number, 6)) if number else None
        return order is not None and order.void is None

    def find(self, reference: Reference) -> int | None:
        if reference.id is not None:
            return reference.id if self.has(reference.id) else None
        books = self.office.books
        if reference.external_id is None:
            orders = (one for one in books.orders.values() if self.tran_id(one) == reference.name and one.void is None)
            return next((transaction_id("salesOrder", one.id) for one in orders), None)
        known = books.order_with(reference.external_id)
        key = known.id if known else self.office.named(self.type.name, f"eid:{reference.external_id}")
        return transaction_id("salesOrder", key) if key and books.orders[key].void is None else None

    def order(self, id_: int) -> SalesOrder:
        """The core's order. Raises Fault: 404."""
        self.check(id_)
        books = self.office.books
        return books.orders[core_id("SO", books.entity, transaction_number("salesOrder", id_) or 0, 6)]

    def tran_id(self, order: SalesOrder) -> str:
        """The number that people know an order by."""
        return str(self.noted(order.id).get("tranId") or order.id)

    def show(self, id_: int) -> Body:
        order = self.order(id_)
        customer = self.office.books.customers.all[order.customer]
        noted, lines = self.noted(order.id), self.lines_shown(order)
        total = sum(line["amount"] for line in lines)
        done = order.state.obligations and not order.state.quantity
        return {
            "tranDate": order.state.versions[0].signed_day, **noted, **header_of(order.state),
            "id": id_, "tranId": self.tran_id(order), "externalId": order.external_id or noted.get("externalId"),
            "entity": self.customers.link(customer), "currency": Currencies.link(order.state.currency),
            "custbody_revision": order.revision, **stamps(order.created_us, noted, order.applied.values()),
            "total": total, "subtotal": total,
            "orderStatus": _CLOSED if done else {"id": "B", "refName": "Pending Fulfillment"},
            "status": _CLOSED if done else {"id": "Open", "refName": "Pending Fulfillment"},
            "item": lines,
        }  # fmt: skip

    def lines_shown(self, order: SalesOrder) -> list[Body]:
        """An order's lines as they were sent; or as its contract has them, if that was written by somebody else."""
        noted = self.office.noted("order lines", order.id)
        if noted.get("revision") == order.revision:
            return list(noted["lines"])
        lines = []
        for place, (product, said) in enumerate(lines_of(order.state), start=1):
            item = self.items.of_product(product) or Link("serviceSaleItem", product, product)
            lines.append({"line": place, "item": item, **said, "amount": amount_minor(said)})
        return lines

    def create(self, body: Body) -> int:
        external_id = body.get("externalId")
        self.alone(external_id)
        customer = self.customer(body, "entity")
        lines = self.lines(body.get("item") or ())
        if not lines:
            raise missing("item")
        number = len(self.office.books.orders) + 1
        key = body.get("custbody_contract_key") or external_id or body.get("otherRefNum") or body.get("tranId")
        parties = Parties(key or f"SO{number}", customer.account, self.currency(body), self.office.books.entity)
        noting = self.noting(body)
        state = contract_of(parties, body, self._promises(lines), None, self.office.today)
        entered: Receipt = self.office.door.ask(CreateOrder(customer.id, state, external_id))
        self._note(entered, {"tranDate": self.day(body), **noting}, lines)
        return transaction_id("salesOrder", entered.id)

    def update(self, id_: int, body: Body, replaced: frozenset[str]) -> None:
        order = self.order(id_)
        if body.get("externalId") not in {None, order.external_id}:
            if order.external_id is not None:
                raise user_error("The external id of an order cannot be changed.", "externalId")
            self.alone(body["externalId"])
        if "entity" in body and self.customer(body, "entity").id != order.customer:
            raise bad_value(body["entity"], "entity", "entity")
        known = order.state
        if body.get("custbody_contract_key") not in {None, known.key}:
            raise user_error("An order cannot be made another contract's.", "custbody_contract_key")
        rows = self.merged(self.lines_shown(order), body.get("item") or (), anew="item" in replaced)
        lines = self.lines(rows)
        if not lines:
            raise missing("item")
        parties = Parties(known.key, known.account, self.currency(body, known.currency), known.entity)
        noting = self.noting(body)
        if "tranDate" in body:
            noting["tranDate"] = body["tranDate"]
        state = contract_of(parties, body, self._promises(lines), known, self.office.today)
        written: Receipt = self.office.door.ask(UpdateOrder(order.id, state, body.get("custbody_revision")))
        self._note(written, noting, lines)

    def delete(self, id_: int) -> None:
        self.office.door.ask(VoidOrder(self.order(id_).id, "deleted"))

    def _promises(self, lines: list[Body]) -> list[Line]:
        return [Line(self.items.product(line["item"].id), line) for line in lines]

    def _note(self, receipt: Receipt, noting: Body, lines: list[Body]) -> None:
        self.note(receipt.id, noting)
        self.office.note("order lines", receipt.id, {"revision": receipt.revision, "lines": lines})
