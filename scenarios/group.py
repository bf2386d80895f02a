"""A group, as a scenario file says it: further legal entities, each with an ERP of its own; an acquisition."""

from typing import Annotated, Literal

from pydantic import Field

from scenarios.model import Model
from scenarios.values import MILLION, Positive, Share, Whole, Word, Written, YesNo, refusal
from scenarios.waves import Spell

CURRENCIES = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD")

Currency = Annotated[Literal["USD", "EUR", "GBP", "CHF", "CAD", "AUD"], Word(*CURRENCIES)]
"""Currencies of a hundred minor units each."""


def _read_entity(value: object) -> str:
    if not isinstance(value, str) or not (value.isascii() and value.isalnum() and value == value.lower()):
        raise refusal("a short name of lower-case letters and digits", "write for example emea")
    return value


EntityName = Annotated[str, Written(_read_entity, str, {"type": "string", "pattern": "^[a-z0-9]+$"})]


class Entity(Model):
    """A further legal entity: its customers' contracts, in its currency, are in its own ERP, `erp-<name>`."""

    name: EntityName = Field(description="Its name; that of its ERP is erp-<name>.")
    currency: Currency = Field("EUR", description="The currency of its contracts and its books.")
    share_ppm: Share = Field(
        300_000, alias="share", description="Share of customers that are its own; the rest are the first entity's."
    )
    price_ppm: Annotated[int, Positive(MILLION, 1000, "write 0.9 for a tenth less")] = Field(
        MILLION, alias="price", description="Its prices in its currency, as a multiple of those in the first one's."
    )
    own_items: YesNo = Field(False, description="Whether its ERP has item codes of its own for what is sold.")


class Acquisition(Spell):
    """A company that is bought in mid-run, and whose contracts are brought in at once, with their history."""

    entity: EntityName = Field(description="The legal entity that it becomes: one of `entities`.")
    contracts: Annotated[int, Whole(1, MILLION)] = Field(100, description="How many of its contracts are active.")
