"""Control totals: how many records a batch must leave in its target, and what these must sum to.

They are made from the source's records before the load, and held against what the target says of the batch after it.
One record missing or doubled shows; errors that cancel out do not, and neither does a right amount in a wrong place
(hypothesis H30). Customers bear no amount and are not counted.
"""

from collections.abc import Iterable
from typing import Any

from fakes.agreements import Contract, Fulfilment
from fakes.bulk import BatchTotals, Totals
from fakes.records import Payment
from harness.blocks.instances import ENTITY, SEVERAL, entities_of
from harness.blocks.retry import Caller
from harness.layer import ACCOUNT_EVENTS
from sim.delivery import Event
from sim.payloads import plain_body


def totals_of(events: Iterable[Event]) -> Totals:
    """What a target must have of these events: one record each."""
    bear = [_borne(event.body) for event in events if event.type not in ACCOUNT_EVENTS]
    return Totals(len(bear), sum(bear))


async def difference(caller: Caller, target: str, batch: str, events: Iterable[Event]) -> Totals:
    """What `target` has of a batch, less what it must have of its events: nothing, if they tie. Raises CallFailed."""
    events = list(events)
    expected, records, control_total = totals_of(events), 0, 0
    entities = entities_of(event.body for event in events) if target == SEVERAL else []
    for entity in entities or [""]:
        ENTITY.set(entity)
        found: Totals = await caller.read(target, BatchTotals(batch), batch)
        records += found.records
        control_total += found.control_total
    return Totals(records - expected.records, control_total - expected.control_total)


def _borne(body: Any) -> int:
    """A contract's price, a payment, a document's or a recognition's total, in minor units; of a delivery its units.

    A source sums its fields up, whatever their names.
    """
    body = plain_body(body)
    if isinstance(body, Contract):
        return sum(version.price_change_minor for version in body.versions)
    if isinstance(body, Fulfilment):
        return body.units
    if isinstance(body, Payment):
        return body.minor
    total_minor: int = body.total_minor
    return total_minor
