"""Fields that Salesforce works out of others: totals, names of lines, what a stage means."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fakes.object_types import Record

if TYPE_CHECKING:
    from fakes.faces.salesforce.fields import Derive
    from fakes.objects import Objects

PROBABILITIES = {
    "Prospecting": 10, "Qualification": 10, "Needs Analysis": 20, "Value Proposition": 50, "Id. Decision Makers": 60,
    "Perception Analysis": 70, "Proposal/Price Quote": 75, "Negotiation/Review": 90, "Closed Won": 100,
}  # fmt: skip
"""How likely each stage of Salesforce's own sales process is to end in a sale, in per cent."""


def full_name(_: "Objects", record: Record) -> str:
    """A person's first and last name."""
    return " ".join(record.values[part] for part in ("FirstName", "LastName") if part in record.values)


def probability(_: "Objects", record: Record) -> Decimal:
    """How likely it is to end in a sale: what was said, or else what the stage means."""
    said: Decimal | None = record.values.get("Probability")
    if said is not None:
        return said
    return Decimal(PROBABILITIES.get(record.values.get("StageName", ""), 0))


def is_closed(_: "Objects", record: Record) -> bool:
    """Whether the stage is a last one."""
    return str(record.values.get("StageName", "")).startswith("Closed")


def is_won(_: "Objects", record: Record) -> bool:
    """Whether the stage is that of a sale."""
    return record.values.get("StageName") == "Closed Won"


def line_total(_: "Objects", record: Record) -> Decimal | None:
    """Quantity times price, less the discount; or what was said that it is."""
    said: Decimal | None = record.values.get("TotalPrice")
    if said is not None or "UnitPrice" not in record.values:
        return said
    return worth(record.values).quantize(Decimal("0.01"))


def worth(line: Mapping[str, Any]) -> Decimal:
    """Quantity times price of a line that has both, less the discount."""
    total: Decimal = line["Quantity"] * line["UnitPrice"] * (100 - line.get("Discount", Decimal(0))) / 100
    return total


def opportunity_amount(objects: "Objects", record: Record) -> Decimal | None:
    """What the lines come to; without lines, what was said."""
    lines = objects.find("OpportunityLineItem", "OpportunityId", record.id)
    said: Decimal | None = record.values.get("Amount")
    return _sum(objects, lines) if lines else said


def expected_revenue(objects: "Objects", record: Record) -> Decimal | None:
    """The amount by how likely it is."""
    amount = opportunity_amount(objects, record)
    return None if amount is None else (amount * probability(objects, record) / 100).quantize(Decimal("0.01"))


def has_any(lines: str, name: str) -> "Derive":
    """Whether there are lines of a record."""
    return lambda objects, record: bool(objects.find(lines, name, record.id))


def number_of(lines: str, name: str) -> "Derive":
    """How many lines of a record there are."""
    return lambda objects, record: len(objects.find(lines, name, record.id))


def grand_total(objects: "Objects", record: Record) -> Decimal:
    """What a quote comes to with its tax, and with shipping."""
    lines = _sum(objects, objects.find("QuoteLineItem", "QuoteId", record.id))
    return lines + sum((record.values.get(name) or Decimal(0) for name in ("Tax", "ShippingHandling")), Decimal(0))


def total_of(lines: str, name: str) -> "Derive":
    """What the lines of a record come to that refer to it by this name."""

    def total(objects: "Objects", record: Record) -> Decimal:
        return _sum(objects, objects.find(lines, name, record.id))

    return total


def price_name(name: str) -> "Derive":
    """A field of the product that a price, or a line at a price, is of."""

    def of_product(objects: "Objects", record: Record) -> Any:
        entry = objects.records.get(record.values.get("PricebookEntryId", record.id), record)
        product = objects.records.get(entry.values.get("Product2Id", ""))
        return product.values.get(name) if product else None

    return of_product


def product_of_line(objects: "Objects", record: Record) -> str | None:
    """The product that a line is of."""
    entry = objects.records.get(record.values.get("PricebookEntryId", ""))
    return entry.values.get("Product2Id") if entry else None


def price_of_line(objects: "Objects", record: Record) -> Decimal | None:
    """The price in the price book."""
    entry = objects.records.get(record.values.get("PricebookEntryId", ""))
    return entry.values.get("UnitPrice") if entry else None


def _sum(objects: "Objects", lines: Iterable[Record]) -> Decimal:
    return sum((line_total(objects, line) or Decimal(0) for line in lines), Decimal(0))
