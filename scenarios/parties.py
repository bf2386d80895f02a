"""Which legal entity a customer belongs to; and so in which currency and at which prices it buys."""

from fakes.books.rounding import round_half_away
from scenarios.business import Business
from scenarios.dated import CURRENCY
from scenarios.group import Entity
from scenarios.values import MILLION
from sim.chance import BITS, Stream

ACQUIRED = "A-Q"
"""What the keys of customers begin with that came with an acquisition."""


class Parties:
    """The customers' entities: by their keys alone, so that none changes with another's coming."""

    def __init__(self, business: Business, seed: int) -> None:
        self._entities = {entity.name: entity for entity in business.entities}
        self._acquired = business.acquisition.entity if business.acquisition else ""
        self._chance = Stream(seed, "legal entity")

    def entity(self, account: str) -> str:
        """The name of a customer's entity; "" for the first."""
        if not self._entities:
            return ""
        if account.startswith(ACQUIRED):
            return self._acquired
        drawn_ppm = (self._chance.word(account) >> BITS) * MILLION >> BITS
        for entity in self._entities.values():
            if drawn_ppm < entity.share_ppm:
                return entity.name
            drawn_ppm -= entity.share_ppm
        return ""

    def currency(self, entity: str) -> str:
        """The currency of an entity's contracts."""
        return self._entities[entity].currency if entity else CURRENCY

    def price_minor(self, entity: str, minor: int) -> int:
        """A price of the first entity's, as an entity has it in its own currency."""
        known: Entity | None = self._entities.get(entity)
        return max(1, round_half_away(minor * known.price_ppm, MILLION)) if known else minor
