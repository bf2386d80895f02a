"""A saga: one event's work in several systems, step by step, in an order in which the earlier steps can be undone.

An order and a revenue contract can be voided; a subscription bills, and an issued invoice cannot be taken back,
only credited. So billing is the saga's pivot, and comes last: what is refused before it leaves nothing behind.
"""

from harness.layer import ROUTES, TOLD
from sim.delivery import Event

STEPS = ("erp", "revenue", "billing")
"""The targets in the order of a saga's steps; the last is the pivot."""


def steps_of(event: Event) -> tuple[str, ...]:
    """The targets an event must reach, in the order of its saga's steps."""
    return _STEPS[event.source, event.type]


_STEPS = {
    (source, type_): tuple(target for target in STEPS if type_ in ROUTES.get((source, target), ()))
    for source, types in TOLD.items()
    for type_ in sorted(types)
}
