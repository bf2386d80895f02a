"""Requests that fail half-way under synchronous orchestration: restarts, compensation and crashes. H21 and H22, F8.

A signed contract is made in ERP, revenue and billing in turn. A step fails as often as a brownout says, and a request
with it, which its source tells again later.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fakes.records import Copy
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, by_theory, exactly, mean_of, rate_of, share_of
from harness.hypotheses.recovery import AT_ONCE, accounts_by_chance, seeds
from harness.lags import NOT_YET_US, business_events
from harness.layers import choose
from harness.replication import Replication, replicate
from harness.simulation import simulate
from scenarios.compile import calendar_of, faults_of, setups_of
from scenarios.load import loads
from scenarios.truth import Truth
from sim.durations import DAY, SECOND

STEPS = 3
CONTRACTS = 600
FAILING = """
name: failing-steps
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business: {contracts: CONTRACTS, active_share: 0, profile: flat, amendments: {per_contract_year: 0}}
systems:
  crm: {delivery: {ack_timeout: 1 h, retries: [1 min, 1 min, 1 min, 1 min, 1 min, 1 min, 1 min, 1 min, 1 min, 1 min]}}
faults:
  - {kind: brownout, system: erp, from: 2026-05-01, slow: 1, fail_share: SHARE, operations: [create_order]}
  - {kind: brownout, system: revenue, from: 2026-05-01, slow: 1, fail_share: SHARE, operations: [create_contract]}
  - {kind: brownout, system: billing, from: 2026-05-01, slow: 1, fail_share: SHARE, operations: [create_subscription]}
"""


def run_of(layer: str, fails: float, seed: int) -> Replication:
    """A month of signed contracts whose steps fail with this probability."""
    text = FAILING.replace("CONTRACTS", str(CONTRACTS)).replace("SHARE", f"{fails:g}")
    return replicate(loads(text, "failing-steps"), layer, seed)


def requests(done: Replication) -> dict[str, int]:
    """How each request for a signed contract ended, by outcome."""
    trace = done.simulation.trace
    signed = {row[0]: True for row in trace.rows("events") if row[2] == "crm.contract_signed"}
    outcomes: dict[str, int] = {}
    for event, _, _, _, outcome in trace.rows("deliveries"):
        if event in signed:
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return outcomes


def copies_of(done: Replication) -> list[Copy]:
    """All copies of contracts, in all systems."""
    return [*done.books.orders, *done.books.revenue_contracts, *done.books.subscriptions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensation(Case):
    """H21: a request completes with Π (1 − p); it voids the copies of the steps before the one that failed."""

    fails: float
    runs: int = 2
    layer: str = "sync-orchestration:attempts=1"

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("share of requests completed"): (1 - self.fails) ** STEPS,
            self._claim("copies voided a request"): self._voids(1),
            self._claim("copies left over"): 0,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        total = completed = voided = left = 0
        for run in seeds(seed, self.runs):
            done = run_of(self.layer, self.fails, run)
            ended = requests(done)
            total, completed = total + sum(ended.values()), completed + ended["accepted"]
            copies = copies_of(done)
            voided += sum(copy.void is not None for copy in copies)
            left += sum(copy.void is None for copy in copies) - STEPS * ended["accepted"]
        return {
            self._claim("share of requests completed"): share_of(completed, total),
            self._claim("copies voided a request"): mean_of(voided, total, self._voids(2) - self._voids(1) ** 2),
            self._claim("copies left over"): exactly(left),
        }

    def _voids(self, power: int) -> float:
        """The moments of what a request voids: i − 1 copies where step i fails."""
        return math.fsum(self.fails * (1 - self.fails) ** before * before**power for before in range(STEPS))

    def _claim(self, what: str) -> str:
        return f"{what}, {self.layer}, {STEPS} steps that fail with {self.fails:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartedRequests(Case):
    """H2 under a layer: each redelivery begins with the first step, or a process goes on with the one that failed.

    Without keys each commit of a step that is done again makes a copy too many.
    """

    layer: str
    restarts: bool
    fails: float = 0.1
    runs: int = 2

    def predict(self) -> Mapping[str, float]:
        works = 1 - self.fails
        again = (1 - works**STEPS) / (self.fails * works ** (STEPS - 1)) - STEPS
        return {self._claim: again if self.restarts else 0}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        contracts = extra = 0
        for run in seeds(seed, self.runs):
            done = run_of(self.layer, self.fails, run)
            contracts += len(done.simulation.truth.contracts())
            extra += len(copies_of(done)) - STEPS * len(done.simulation.truth.contracts())
        if not self.restarts:
            return {self._claim: exactly(extra)}
        return {self._claim: by_theory(extra / contracts, self._variance() / contracts)}

    def _variance(self) -> float:
        """Of a contract's extra commits: a geometric number of tries, each with the commits before its failure."""
        done = (1 - self.fails) ** STEPS
        tries_mean, tries_variance = (1 - done) / done, (1 - done) / done**2
        shares = [self.fails * (1 - self.fails) ** before / (1 - done) for before in range(STEPS)]
        mean = math.fsum(share * before for before, share in enumerate(shares))
        square = math.fsum(share * before**2 for before, share in enumerate(shares))
        return tries_mean * (square - mean**2) + tries_variance * mean**2

    @property
    def _claim(self) -> str:
        return f"extra copies a contract, {self.layer}, {STEPS} steps that fail with {self.fails:g}"


CRASHING = f"""
name: crashing
calendar: {{quarter_start: 2026-05-01, months: 1, lead_in: 0 d}}
systems:
  crm: {{service: {{fixed: 1 ms}}, latency: {{fixed: 0 s}}, delivery: {{delay: {{fixed: 0 s}}, ack_timeout: 2 min}}}}
  billing: {{capacity: 100, service: {{fixed: STEP s}}, latency: {{fixed: 0 s}}, limits: {{}}}}
  erp: {{capacity: 100, service: {{fixed: STEP s}}, latency: {{fixed: 0 s}}, limits: {{}}}}
  revenue: {AT_ONCE}
faults:
  - {{kind: crash, every: 3 h, for: 20 d, down: 30 s}}
"""
DAYS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashedRequests(Case):
    """H22: a crash ends the λ T requests under way (Little). An account is made in ERP and then in billing.

    What a request had asked for is done all the same. So those are left in part, until their source tells them again,
    whose last call had not been sent: λ (T − S) of them, where S is that call's time.
    """

    step_s: int = 20
    every_s: int = 50  # between accounts
    layer: str = "sync-orchestration"

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("requests ended by a crash"): 2 * self.step_s / self.every_s,
            self._claim("of those, left in part"): self.step_s / self.every_s,
            self._claim("accounts not made in the end"): 0,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        scenario = loads(CRASHING.replace("STEP", str(self.step_s)), "crashing")
        acts = accounts_by_chance(seed, "crashes", self.every_s * SECOND, DAYS * DAY)
        run = simulate(
            calendar=calendar_of(scenario),
            truth=Truth((), (), tuple(acts)),
            setups=setups_of(scenario),
            faults=faults_of(scenario),
            choice=choose(self.layer),
            seed=seed,
        )
        crashes = sum(where == "layer.crash" for _, _, _, where, _ in run.wire.struck)
        ended = [event for event, _, _, _, outcome in run.trace.rows("deliveries") if outcome == "unanswered"]
        sent_us: dict[tuple[int, str], int] = {}
        for _, cause, operation, _, _, at_us, *_ in sorted(run.trace.rows("calls")):
            sent_us.setdefault((cause, operation.partition(".")[0]), at_us)
        # The second call of a request that went through was sent as soon as the first was done.
        parts = sum(
            sent_us[event, "billing"] - sent_us[event, "erp"] > self.step_s * SECOND + SECOND
            for event in dict.fromkeys(ended)
        )
        (accounts,) = (events for events in business_events(run.company) if events.subject == "account")
        return {
            self._claim("requests ended by a crash"): rate_of(len(ended), crashes),
            self._claim("of those, left in part"): rate_of(parts, crashes),
            self._claim("accounts not made in the end"): exactly(int((accounts.everywhere_us == NOT_YET_US).sum())),
        }

    def _claim(self, what: str) -> str:
        return f"{what}, {self.layer}, an account every {self.every_s} s, two steps of {self.step_s} s"


RESTARTS = (
    RestartedRequests(layer="sync-orchestration:attempts=1,compensation=off,idempotency=none", restarts=True),
    RestartedRequests(layer="process-orchestration:idempotency=none", restarts=False),
)

HYPOTHESES = (
    Hypothesis(
        id="H21",
        also=("F8",),
        about="sagas that compensate",
        cases=(Compensation(fails=0.02), Compensation(fails=0.1)),
    ),
    Hypothesis(id="H22", about="a crash of a stateless layer", cases=(CrashedRequests(),)),
)
