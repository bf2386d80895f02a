"""Chains of calls under whole layers: what synchronous orchestration accepts, and what restarting costs. H1, H2.

An account is opened, and becomes a customer of ERP and then one of billing: a chain of two calls.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fakes.agreements import Account
from harness.hypotheses.hypothesis import Case
from harness.hypotheses.measured import Measured, by_batches, in_batches, share_of
from harness.hypotheses.outages import alternating, drawn
from harness.hypotheses.refused import CompensatedSagas
from harness.layers import choose
from harness.simulation import Simulation, simulate
from scenarios.compile import calendar_of, setups_of
from scenarios.load import loads
from scenarios.truth import Act, Truth
from sim.chance import Stream, exponential
from sim.durations import MINUTE
from sim.faults import Brownout, Fault, Outage

CHAIN = ("erp", "billing")
CYCLES = 400
"""Outages of each target in a run, which together last a month at most."""

AT_ONCE = "{service: {fixed: 1 ms}, latency: {fixed: 1 ms}, limits: {}}"
OPENED = f"""
name: opened
calendar: {{quarter_start: 2026-05-01, months: 1, lead_in: 0 d}}
systems:
  crm: {{delivery: {{delay: {{fixed: 0 s}}, retries: [RETRIES]}}}}
  erp: {AT_ONCE}
  billing: {AT_ONCE}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedAtOnce(Case):
    """H1: synchronous orchestration accepts an event at once if all its targets are up: the product of their shares.

    Each target is up, and then down, for exponential times of `up_min` and `down_min` on average.
    """

    up_min: int = 90
    down_min: int = 10
    every_min: int = 60
    runs: int = 3
    layer: str = "sync-orchestration:attempts=1"

    def predict(self) -> Mapping[str, float]:
        return {self._claim: (self.up_min / (self.up_min + self.down_min)) ** len(CHAIN)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        told: Counter[str] = Counter()
        for run in range(self.runs):
            outages = self._outages(seed, run)
            until_us = min(outages[CYCLES - 1].end_us, outages[-1].end_us)
            simulation = opened(self.layer, range(MINUTE, until_us, self.every_min * MINUTE), outages, seed)
            told.update(row[4] for row in simulation.trace.rows("deliveries"))
        # An hour apart, of outages of minutes: as good as independent.
        return {self._claim: share_of(told["accepted"], told.total())}

    def _outages(self, seed: int, run: int) -> list[Outage]:
        """Each target's, one target after the other."""
        outages = list[Outage]()
        for target in CHAIN:
            up_us, down_us = (
                drawn(exponential(minutes * MINUTE), Stream(seed, f"{self._claim}, {target} {what} {run}"), CYCLES)
                for what, minutes in (("up", self.up_min), ("down", self.down_min))
            )
            outages += alternating(up_us, down_us, target)
        return outages

    @property
    def _claim(self) -> str:
        return f"share of events accepted at once, {len(CHAIN)} targets up {self.up_min} and down {self.down_min} min"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsUntilDone(Case):
    """H2: of k steps that succeed with p each, one that restarts needs (1 − p^k) / ((1 − p) p^k) calls, one that
    resumes k / p.

    Synchronous orchestration is told again and restarts; a process resumes.
    """

    succeeds: float
    restarting: str = "sync-orchestration:attempts=1"
    resuming: str = "process-orchestration"
    accounts: int = 2_000

    def predict(self) -> Mapping[str, float]:
        done = self.succeeds ** len(CHAIN)
        return {
            self._claim("restarting"): (1 - done) / ((1 - self.succeeds) * done),
            self._claim("resuming"): len(CHAIN) / self.succeeds,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        layers = {"restarting": self.restarting, "resuming": self.resuming}
        return {self._claim(how): by_batches(_means(self._calls(layer, seed))) for how, layer in layers.items()}

    def _calls(self, layer: str, seed: int) -> list[int]:
        """How often somebody was asked to make a customer, account by account."""
        failing = [
            Brownout(
                name=f"failing {target}", target=target, start_us=0, end_us=1 << 60, slow_percent=100,
                fail_ppm=round(1_000_000 * (1 - self.succeeds)),
            )
            for target in CHAIN
        ]  # fmt: skip
        at_us = range(MINUTE, (self.accounts + 1) * MINUTE, MINUTE)
        calls = Counter(row[3] for row in opened(layer, at_us, failing, seed).trace.rows("calls"))
        return [calls[f"A-{number}"] for number in range(self.accounts)]

    def _claim(self, how: str) -> str:
        return f"calls until done under a layer, {how}, {len(CHAIN)} steps that succeed with {self.succeeds:g}"


def opened(layer: str, at_us: Sequence[int], faults: Sequence[Fault], seed: int) -> Simulation:
    """A run in which accounts are opened at these instants; nobody is told again within a run of outages."""
    retries = ", ".join(["1 s"] * 60) if any(isinstance(fault, Brownout) for fault in faults) else ""
    scenario = loads(OPENED.replace("RETRIES", retries), "opened")
    acts = tuple(Act(us, account=Account(f"A-{number}", "Company")) for number, us in enumerate(at_us))
    return simulate(
        calendar=calendar_of(scenario),
        truth=Truth((), (), acts),
        setups=setups_of(scenario),
        faults=faults,
        choice=choose(layer),
        seed=seed,
    )


def _means(values: Sequence[int]) -> list[float]:
    return [math.fsum(batch) / len(batch) for batch in in_batches(values)]


MORE: Mapping[str, tuple[Case, ...]] = {
    "H1": (AcceptedAtOnce(),),
    "H2": (CallsUntilDone(succeeds=0.8), CallsUntilDone(succeeds=0.95)),
    "H21": (CompensatedSagas(share_ppm=100_000), CompensatedSagas(share_ppm=20_000)),
}
"""Cases under whole layers of hypotheses that other modules state."""
