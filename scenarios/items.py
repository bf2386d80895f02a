"""The item codes of ERPs with a catalogue of their own: what the CRM calls a product, they call by a number."""

from collections.abc import Iterable, Sequence

from fakes.agreements import Contract, Items
from scenarios.group import Entity


def codes(entities: Sequence[Entity], contracts: Iterable[Contract]) -> Items:
    """A code for every product that such an entity has sold, in the order of their names."""
    own = {entity.name: dict[str, bool]() for entity in entities if entity.own_items}
    for contract in contracts if own else ():
        sold = own.get(contract.entity)
        if sold is not None:
            sold.update((obligation.product, True) for obligation in contract.obligations)
            sold.update((deliverable.product, True) for deliverable in contract.deliverables)
    return {
        entity: {product: f"{entity.upper()}-{number:04}" for number, product in enumerate(sorted(sold), start=1)}
        for entity, sold in own.items()
    }
