"""Sagas of a process of which a step is refused for good: how many get through, how many steps are undone. H21.

Process orchestration enters contracts in ERP, revenue and billing. Each try of a step is refused with a chance of its
own; what becomes of a contract's first try is counted, and not what comes of it when it is brought back.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.blocks import saga
from harness.hypotheses.hypothesis import Case
from harness.hypotheses.measured import Measured, mean_of, share_of
from harness.layer import ROUTES
from harness.layers import choose
from harness.patterns.process_orchestration import PARKED_US
from harness.simulation import Simulation, simulate
from scenarios.compile import calendar_of, setups_of
from scenarios.load import loads
from scenarios.workload import generate
from sim.chance import FIFTH, within
from sim.faults import NEVER_US, CallFault, Verdict
from sim.network import Call

SIGNED = """
name: signed
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business: {contracts: CONTRACTS, active_share: 0, profile: flat, amendments: {per_contract_year: 0}}
"""
MAKING = frozenset({"create_order", "create_contract", "create_subscription"})

STEPS = tuple(target for target in saga.STEPS if "contract_signed" in ROUTES["crm", target])
"""The steps of a saga that takes up a subscription."""


@dataclass(slots=True, eq=False, kw_only=True)
class RefusedForGood(CallFault):
    """A share of the calls is refused, as a system refuses what it has a rule against."""

    share_ppm: int
    _below: int = field(init=False)

    def __post_init__(self) -> None:
        self.kind = "refused_for_good"
        self._below = within(self.share_ppm)

    def settle(self, call: Call) -> Verdict | None:
        return Verdict("refused_for_good", 422) if FIFTH(call.luck)[0] < self._below else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompensatedSagas(Case):
    """H21: with a chance of p for each step to be refused, (1 − p)^k sagas get through their k steps.

    The i-th step's refusal undoes the i − 1 before it: Σ p (i − 1) (1 − p)^(i − 1) steps a saga.
    """

    share_ppm: int
    contracts: int = 3_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim("share of sagas completed"): self._reaching(len(STEPS)), self._undone: self._moment(1)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        simulation = self._run(seed)
        signed = {act.contract.key: act.at_us for act in simulation.truth.acts if act.contract}
        completed = sum(
            copy.created_us < signed[copy.contract] + PARKED_US[0]
            for copy in simulation.company.billing.subscriptions.values()
        )
        undone = Counter(
            key
            for at_us, _, what, _, key in simulation.trace.rows("notes")
            if what == "compensated" and at_us < signed[key] + PARKED_US[0]
        )
        variance = self._moment(2) - self._moment(1) ** 2
        return {
            self._claim("share of sagas completed"): share_of(completed, len(signed)),
            self._undone: mean_of(undone.total(), len(signed), variance),
        }

    def _run(self, seed: int) -> Simulation:
        scenario = loads(SIGNED.replace("CONTRACTS", str(self.contracts)), "signed")
        calendar = calendar_of(scenario)
        faults = [
            RefusedForGood(
                name=f"rules of {system}", target=system, start_us=0, end_us=NEVER_US, only=MAKING,
                share_ppm=self.share_ppm,
            )
            for system in STEPS
        ]  # fmt: skip
        return simulate(
            calendar=calendar,
            truth=generate(scenario, calendar, seed),
            setups=setups_of(scenario),
            faults=faults,
            choice=choose("process-orchestration"),
            seed=seed,
        )

    def _reaching(self, steps: int) -> float:
        """The chance that so many steps are done."""
        return (1 - self.share_ppm / 1_000_000) ** steps

    def _moment(self, power: int) -> float:
        """The mean of that power of the number of steps that a saga undoes."""
        refused = self.share_ppm / 1_000_000
        return math.fsum(refused * self._reaching(done) * done**power for done in range(len(STEPS)))

    @property
    def _undone(self) -> str:
        return self._claim("steps undone a saga")

    def _claim(self, what: str) -> str:
        return f"{what}, process-orchestration, {len(STEPS)} steps, each refused with {self.share_ppm / 1_000_000:g}"
