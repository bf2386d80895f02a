"""Mappings point to point and through a hub: how many a change costs, and how far a wrong one reaches. H16."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fakes.agreements import Contract
from harness.blocks import canonical
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, exactly
from harness.layer import ROUTES, Endpoint
from harness.layers import LayerChoice, choose
from harness.patterns.canonical_hub import CanonicalHub
from harness.patterns.point_to_point import PointToPoint
from harness.replication import Replication, replicate
from scenarios.load import load
from sim.delivery import Event, Handler
from sim.durations import HOUR

WRONG = 100
"""By how much a wrong mapping multiplies a price: cents taken for dollars."""

EDIT_H = 4


class HubWithAWrongMapping(CanonicalHub):
    """Its mapping of the CRM takes the unit price for dollars."""

    def _mapped(self, event: Event) -> canonical.Record:
        record = super()._mapped(event)
        if isinstance(record, canonical.Contract):
            record = replace(record, unit_price_minor=record.unit_price_minor * WRONG)
        return record


class ConnectorWithAWrongMapping(PointToPoint):
    """Its connector from the CRM to ERP takes the unit price for dollars."""

    def endpoints(self) -> Sequence[Endpoint]:
        return [
            replace(endpoint, handler=_wrongly(endpoint.handler)) if endpoint.name == "crm->erp" else endpoint
            for endpoint in super().endpoints()
        ]


def _wrongly(receive: Handler) -> Handler:
    async def wrongly(event: Event) -> bool:
        body = event.body
        if isinstance(body, Contract):
            event = replace(event, body=replace(body, unit_price_minor=body.unit_price_minor * WRONG))
        return await receive(event)

    return wrongly


@dataclass(frozen=True, slots=True, kw_only=True)
class OneMappingOrMany(Case):
    """H16: a renamed field costs an edit for each of its source's M targets, or one; as far reaches a wrong mapping.

    The fewer edits and the farther reach are one and the same: what is expected to be wrong is equal, its spread not.
    """

    direct: str = "point-to-point"
    hub: str = "canonical-hub"

    def predict(self) -> Mapping[str, float]:
        targets = sum(source == "crm" for source, _ in ROUTES)
        return {
            "edits when the CRM renames a field, point to point": targets,
            "edits when the CRM renames a field, through a hub": 1,
            "targets that one wrong mapping reaches, point to point": 1,
            "targets that one wrong mapping reaches, through a hub": targets,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        direct, hub = choose(self.direct), choose(self.hub)
        return {
            "edits when the CRM renames a field, point to point": exactly(_edits(direct, seed)),
            "edits when the CRM renames a field, through a hub": exactly(_edits(hub, seed)),
            "targets that one wrong mapping reaches, point to point": exactly(
                _reached(replace(direct, layer=ConnectorWithAWrongMapping), seed)
            ),
            "targets that one wrong mapping reaches, through a hub": exactly(
                _reached(replace(hub, layer=HubWithAWrongMapping), seed)
            ),
        }


def _edits(choice: LayerChoice, seed: int) -> int:
    """How many edits it takes until every target can read again what the CRM tells, one after the other."""
    change = f"faults=[{{kind: schema_change, system: crm, from: 2026-05-05, edit: {EDIT_H} h}}]"
    run = _small_month(choice, seed, change)
    (fault,) = run.simulation.faults
    mappings, told = run.simulation.surroundings.mappings, run.simulation.company.systems["crm"].publisher.published
    event = next(event for event in told if event.schema != 1)
    last_us = max(mappings.adapted_us(event, name, event.body) for name in mappings.of(event.source))
    return (last_us - fault.start_us) // (EDIT_H * HOUR)


def _reached(choice: LayerChoice, seed: int) -> int:
    """In how many targets some copy of a contract has another price than was agreed."""
    run = _small_month(choice, seed)
    agreed = {key: contract.unit_price_minor for key, contract in run.expected.contracts.items()}
    copies = run.books.subscriptions, run.books.orders, run.books.revenue_contracts
    return sum(any(copy.state.unit_price_minor != agreed[copy.contract] for copy in several) for several in copies)


def _small_month(choice: LayerChoice, seed: int, *overrides: str) -> Replication:
    return replicate(load("calm-month", ["business.contracts=40", *overrides]), choice, seed)


HYPOTHESES = (Hypothesis(id="H16", about="mappings, point to point and through a hub", cases=(OneMappingOrMany(),)),)
