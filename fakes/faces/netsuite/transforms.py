"""Transactions made of others: an invoice of an order, a credit memo or a payment of an invoice.

What a client sends takes the place of what the other transaction says.
"""

from fakes.faces.netsuite.errors import Fault, invalid
from fakes.faces.netsuite.fields import Link, Reference
from fakes.faces.netsuite.office import Body, Office

_KINDS = {
    ("salesOrder", "invoice"), ("invoice", "creditMemo"), ("invoice", "customerPayment"),
    ("creditMemo", "customerRefund"),
}  # fmt: skip
_OF_LINES = ("item", "quantity", "rate", "amount", "description", "department", "class", "location")


def transformed(office: Office, source: str, id_: int, target: str, body: Body) -> int:
    """The id of the transaction that is made of another. Raises Fault."""
    if (source, target) not in _KINDS:
        raise Fault(400, "INVALID_CONTENT", f"The record of the type {source} cannot be transformed into {target}.")
    shown = office.records[source].show(id_)
    made = _payment(source, id_, shown) if target.startswith("customer") else _document(source, id_, shown)
    rows = body.get("item")
    if rows is not None and "item" in made:
        made["item"] = _lines(made["item"], rows)
    merged = {**made, **{name: value for name, value in body.items() if name != "item"}}
    return office.records[target].create(merged)


def _document(source: str, id_: int, shown: Body) -> Body:
    return {
        "entity": _reference(shown["entity"]), "currency": _reference(shown["currency"]),
        "createdFrom": Reference(id=id_, path="createdFrom"), "custbody_contract_key": shown["custbody_contract_key"],
        "item": [_line(row) for row in shown["item"]],
    }  # fmt: skip


def _payment(source: str, id_: int, shown: Body) -> Body:
    return {
        "customer": _reference(shown["entity"]), "currency": _reference(shown["currency"]),
        "custbody_contract_key": shown["custbody_contract_key"],
        "apply": [{"doc": Reference(id=id_, path="apply"), "apply": True}],
    }  # fmt: skip


def _line(row: Body) -> Body:
    said = {name: row[name] for name in _OF_LINES if row.get(name) is not None}
    return {name: _reference(value) if isinstance(value, Link) else value for name, value in said.items()} | {
        "line": row["line"]
    }


def _lines(known: list[Body], rows: list[Body]) -> list[Body]:
    """The lines of what is made: those sent alone, each over the one of its number, item, or place."""
    lines = []
    for place, row in enumerate(rows):
        under = _under(known, row, place)
        if "item" not in row and not under:
            raise invalid("There is no such line in the transaction that this is made of.", f"item.items[{place}]")
        line = {**under, **row}
        if "amount" not in row and ("quantity" in row or "rate" in row):
            line.pop("amount", None)
        elif "amount" in row and "rate" not in row:
            line.pop("rate", None)
        lines.append(line)
    return lines


def _under(known: list[Body], row: Body, place: int) -> Body:
    if "line" in row:
        return next((one for one in known if one["line"] == row["line"]), {})
    if "item" in row:
        return next((one for one in known if "item" in one and one["item"].id == row["item"].id), {})
    return known[place] if place < len(known) else {}


def _reference(link: Link) -> Reference:
    if isinstance(link.id, int):
        return Reference(id=link.id, path=link.type)
    return Reference(name=str(link.id), path=link.type)
