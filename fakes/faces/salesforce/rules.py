"""What Salesforce adds to a record that is written, or declines, by what its object is."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.org import Org
from fakes.object_types import Record
from sim.calendar import add_months

Values = dict[str, Any]
Rule = Callable[[Org, Values, Mapping[str, Any]], None]
"""Completes the values that a record is written with, given those it has. Raises Fault."""


def complete(org: Org, name: str, values: Values, record: Record | None) -> None:
    """Complete what a record of an object is written with. Raises Fault."""
    rule = RULES.get(name)
    if rule is not None:
        rule(org, values, record.values if record else {})


def _line(org: Org, values: Values, before: Mapping[str, Any]) -> None:
    """A line without a price has that of its price book, or what its total comes to for one."""
    if before or "UnitPrice" in values:
        return
    total, quantity = values.get("TotalPrice"), values.get("Quantity")
    entry = org.view.records.get(values.get("PricebookEntryId") or "")
    if total is not None and quantity:
        values["UnitPrice"] = (total / quantity).quantize(Decimal("0.01"))
    elif entry is not None:
        values["UnitPrice"] = entry.values.get("UnitPrice")


def _line_of_opportunity(org: Org, values: Values, before: Mapping[str, Any]) -> None:
    if values.get("UnitPrice") is not None and values.get("TotalPrice") is not None:
        message = "Cannot specify both Unit Price and Total Price"
        raise Fault("FIELD_INTEGRITY_EXCEPTION", message, ["TotalPrice", "UnitPrice"])
    if before and ("UnitPrice" in values or "Quantity" in values):
        values.setdefault("TotalPrice", None)
    _line(org, values, before)


def _price(org: Org, values: Values, before: Mapping[str, Any]) -> None:
    """A product has a price in the standard price book before it has one in any other."""
    if before:
        return
    product, book = values.get("Product2Id"), org.view.records.get(values.get("Pricebook2Id") or "")
    if product is None or book is None or book.values.get("IsStandard"):
        return
    prices = org.view.find("PricebookEntry", "Product2Id", product)
    standard = [one for one in prices if org.view.records[one.values["Pricebook2Id"]].values.get("IsStandard")]
    if not standard:
        message = "Before creating a custom price, create a standard price."
        raise Fault("STANDARD_PRICE_NOT_DEFINED", message, [])
    if values.get("UseStandardPrice"):
        values["UnitPrice"] = standard[0].values["UnitPrice"]


def _contract(org: Org, values: Values, before: Mapping[str, Any]) -> None:
    """A contract ends when its term does, unless it is said when."""
    start, months = (values.get(name, before.get(name)) for name in ("StartDate", "ContractTerm"))
    concerned = "StartDate" in values or "ContractTerm" in values
    if concerned and start is not None and months and "EndDate" not in values:
        values["EndDate"] = start.fromordinal(add_months(start.toordinal(), months) - 1)
    _activation(org, values, before)


def _activation(org: Org, values: Values, before: Mapping[str, Any]) -> None:
    """When it was activated."""
    if values.get("Status") == "Activated" and before.get("Status") != "Activated":
        values.setdefault("ActivatedDate", org.now_us)


RULES: Mapping[str, Rule] = {
    "OpportunityLineItem": _line_of_opportunity, "QuoteLineItem": _line, "PricebookEntry": _price,
    "Contract": _contract, "Order": _activation,
}  # fmt: skip
