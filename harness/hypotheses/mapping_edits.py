"""How many edits a change of a source's schema costs, from each to each and through a hub: H16.

The mappings are those that a layer registers in a run, for the systems that there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, exactly
from harness.replication import replicate
from scenarios.load import loads

SMALL = """
name: small
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business: {contracts: 5, profile: flat}
"""


TARGETS: Mapping[str, int] = {"crm": 3, "billing": 2, "revenue": 1}
"""How many systems take what a source tells: the CRM's contracts all three, invoices two, and revenue the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingEdits(Case):
    """H16: a field that changes at one source is edited once for each of its targets, or once for the hub."""

    layer: str
    hub: bool

    def predict(self) -> Mapping[str, float]:
        return {self._claim(source): 1 if self.hub else targets for source, targets in TARGETS.items()}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        mappings = replicate(loads(SMALL, "small"), self.layer, seed).simulation.surroundings.mappings
        return {self._claim(source): exactly(len(mappings.of(source))) for source in TARGETS}

    def _claim(self, source: str) -> str:
        return f"mappings to edit when {source} changes a field, {self.layer}"


HYPOTHESES = (
    Hypothesis(
        id="H16",
        about="mappings, each to each and through a hub",
        cases=(
            MappingEdits(layer="point-to-point", hub=False),
            MappingEdits(layer="event-driven", hub=False),
            MappingEdits(layer="canonical-hub", hub=True),
        ),
    ),
)
