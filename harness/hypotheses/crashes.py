"""A crash of a layer that keeps nothing: what it had under way, and of how much of that a part was done. H22."""

from collections.abc import Mapping
from dataclasses import dataclass

from fakes.agreements import Account
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, rate_of
from harness.layers import choose
from harness.simulation import Simulation, simulate
from scenarios.compile import calendar_of, setups_of
from scenarios.load import loads
from scenarios.truth import Act, Truth
from sim.chance import Stream, exponential
from sim.durations import MINUTE, SECOND
from sim.faults import Crash

STEADY = """
name: steady
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
systems:
  crm: {delivery: {delay: {fixed: 0 s}, retries: [], ack_timeout: 1 h}}   # nothing is told again
  erp: {capacity: 1000, service: {fixed: FIRST s}, latency: {fixed: 0 s}, limits: {}}
  billing: {capacity: 1000, service: {fixed: SECOND s}, latency: {fixed: 0 s}, limits: {}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatelessCrash(Case):
    """H22: a crash loses λ T requests, and leaves a part of λ (T − time to the first commit), by Little's law.

    Accounts are opened at random; synchronous orchestration makes each a customer of ERP, which takes `first_s`, and
    then one of billing, which takes `second_s`.
    """

    first_s: int
    second_s: int
    rate_per_s: float = 0.2
    crashes: int = 1_000

    def predict(self) -> Mapping[str, float]:
        lost = self.rate_per_s * (self.first_s + self.second_s)
        return {self._lost: lost, self._partial: self.rate_per_s * self.second_s}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        simulation = self._run(seed)
        under_way: dict[tuple[int, str], set[str]] = {}
        for at_us, _, _, where, key in simulation.wire.struck:
            if where != "layer.crash":
                under_way.setdefault((at_us, key), set()).add(where)
        partial = sum(targets == {"billing.crash"} for targets in under_way.values())
        return {self._lost: rate_of(len(under_way), self.crashes), self._partial: rate_of(partial, self.crashes)}

    def _run(self, seed: int) -> Simulation:
        text = STEADY.replace("FIRST", str(self.first_s)).replace("SECOND", str(self.second_s))
        scenario = loads(text, "steady")
        calendar = calendar_of(scenario)
        crashes_us = tuple(MINUTE * number for number in range(1, self.crashes + 1))
        crash = Crash(
            name="crash", target="layer", start_us=0, end_us=calendar.end_us, down_us=1, instants_us=crashes_us
        )
        return simulate(
            calendar=calendar,
            truth=Truth((), (), tuple(self._opened(seed, crashes_us[-1]))),
            setups=setups_of(scenario),
            faults=[crash],
            choice=choose("sync-orchestration"),
            seed=seed,
        )

    def _opened(self, seed: int, until_us: int) -> list[Act]:
        gaps, stream = exponential(round(SECOND / self.rate_per_s)), Stream(seed, self._lost)
        acts, at_us = list[Act](), 0
        while (at_us := at_us + gaps.draw(stream.word(len(acts)) >> 32)) < until_us:
            acts.append(Act(at_us, account=Account(f"A-{len(acts)}", "Company")))
        return acts

    @property
    def _lost(self) -> str:
        return f"requests lost a crash, {self.rate_per_s:g} a second that take {self.first_s + self.second_s} s"

    @property
    def _partial(self) -> str:
        return f"requests that leave a part, {self.rate_per_s:g} a second, the last {self.second_s} s after a commit"


HYPOTHESES = (
    Hypothesis(
        id="H22",
        about="a crash of a stateless layer",
        cases=(StatelessCrash(first_s=2, second_s=2), StatelessCrash(first_s=1, second_s=4)),
    ),
)
