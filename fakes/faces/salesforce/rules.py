"""What Salesforce adds to a record that is written, or declines, by what its object is."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from fakes.faces.salesforce.errors import Fault
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.values import LARGEST, out_of_range
from fakes.faces.salesforce.working_out import worth
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


def _line(parent: str, *, at_list_price: bool = True) -> Rule:
    """What is added to a line that refers to what it is of by `parent`."""

    def line(org: Org, values: Values, before: Mapping[str, Any]) -> None:
        if not before:
            _of_entry(org, values, parent)
            if at_list_price:
                _price_line(org, values)
        after = {name: value for name, value in {**before, **values}.items() if value is not None}
        if {"Quantity", "UnitPrice"} <= after.keys() and abs(worth(after)) >= LARGEST:
            raise out_of_range("TotalPrice", worth(after))

    return line


def _of_entry(org: Org, values: Values, parent: str) -> None:
    """A new line is of its price book entry's product and in its currency, as is what it is a line of."""
    whole, entry = (org.view.records.get(values.get(name) or "") for name in (parent, "PricebookEntryId"))
    product = values.pop("Product2Id", None)
    if entry is None:
        return
    of_entry = entry.values
    if product not in {None, of_entry.get("Product2Id")}:
        raise _of_another("product")
    if values.setdefault("CurrencyIsoCode", of_entry.get("CurrencyIsoCode")) != of_entry.get("CurrencyIsoCode"):
        raise _of_another("currency")
    for name, what in (("Pricebook2Id", "pricebook"), ("CurrencyIsoCode", "currency")):
        if whole is not None and whole.values.get(name) not in {None, of_entry.get(name)}:
            raise _of_another(what)


def _price_line(org: Org, values: Values) -> None:
    """A line without a price has that of its price book, or what its total comes to for one."""
    if "UnitPrice" in values:
        return
    total, quantity = values.get("TotalPrice"), values.get("Quantity")
    entry = org.view.records.get(values.get("PricebookEntryId") or "")
    if total is not None and quantity:
        values["UnitPrice"] = (total / quantity).quantize(Decimal("0.01"))
    elif entry is not None:
        values["UnitPrice"] = entry.values.get("UnitPrice")


def _of_another(what: str) -> Fault:
    message = f"field integrity exception: PricebookEntryId (pricebook entry is of a different {what} than its parent)"
    return Fault("FIELD_INTEGRITY_EXCEPTION", message, ["PricebookEntryId"])


_OPPORTUNITY_LINE = _line("OpportunityId")


def _line_of_opportunity(org: Org, values: Values, before: Mapping[str, Any]) -> None:
    if values.get("UnitPrice") is not None and values.get("TotalPrice") is not None:
        message = "Cannot specify both Unit Price and Total Price"
        raise Fault("FIELD_INTEGRITY_EXCEPTION", message, ["TotalPrice", "UnitPrice"])
    if before and ("UnitPrice" in values or "Quantity" in values):
        values.setdefault("TotalPrice", None)
    _OPPORTUNITY_LINE(org, values, before)


def _opportunity(_: Org, values: Values, before: Mapping[str, Any]) -> None:
    """Another stage is as likely to end in a sale as its kind is, unless it is said how likely."""
    if before and values.get("StageName", before.get("StageName")) != before.get("StageName"):
        values.setdefault("Probability", None)


def _quote(org: Org, values: Values, before: Mapping[str, Any]) -> None:
    """A quote is to the account, and in the currency, of its opportunity."""
    opportunity = org.view.records.get(values.get("OpportunityId") or "")
    if opportunity is not None:
        for name in ("AccountId", "CurrencyIsoCode"):
            values.setdefault(name, opportunity.values.get(name))


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
        try:
            values["EndDate"] = start.fromordinal(add_months(start.toordinal(), months) - 1)
        except (ValueError, OverflowError) as error:
            raise out_of_range("ContractTerm", months) from error
    _activation(org, values, before)


def _activation(org: Org, values: Values, before: Mapping[str, Any]) -> None:
    """When it was activated."""
    if values.get("Status") == "Activated" and before.get("Status") != "Activated":
        values.setdefault("ActivatedDate", org.now_us)


RULES: Mapping[str, Rule] = {
    "Opportunity": _opportunity, "OpportunityLineItem": _line_of_opportunity, "Quote": _quote,
    "QuoteLineItem": _line("QuoteId"), "OrderItem": _line("OrderId", at_list_price=False), "PricebookEntry": _price,
    "Contract": _contract, "Order": _activation,
}  # fmt: skip
