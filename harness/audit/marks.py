"""The currency and the legal entity that a record bears, against those of its contract."""

from collections.abc import Iterator
from typing import Protocol

from fakes.agreements import Contract
from harness.audit.breaks import Kind


class Marked(Protocol):
    """A copy's terms, an invoice or a recognition."""

    @property
    def currency(self) -> str: ...

    @property
    def entity(self) -> str: ...


def wrong_marks(record: Marked, contract: Contract) -> Iterator[tuple[Kind, str, str, str]]:
    """Each that differs, as kind, expected, actual, and what is wrong in words.

    All that the record is worth is in the wrong place then; no ledger cell is off by it, as cells have neither.
    """
    if record.currency != contract.currency:
        what = f"is in {record.currency}, not in {contract.currency}"
        yield "wrong_currency", contract.currency, record.currency, what
    if record.entity != contract.entity:
        expected, actual = named(contract.entity), named(record.entity)
        yield "wrong_entity", expected, actual, f"is of {actual}, not of {expected}"


def named(entity: str) -> str:
    """A legal entity in words."""
    return entity or "the first entity"
