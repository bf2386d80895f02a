"""Amendments that are lost under whole layers: H8 and H9 over a month of amendments and their corrections.

Each amendment is corrected once after an exponential gap, and the CRM's events are each delayed by chance. The event
that arrives last is written last: each layer finds a contract's record in the order of arrival, in no time.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.audit import Books
from harness.hypotheses.hypothesis import Case
from harness.hypotheses.measured import Measured, at_most, exactly, mean_of, share_of
from harness.hypotheses.recovery import AT_ONCE
from harness.patterns.event_driven import PARKED_US
from harness.replication import Replication, replicate
from scenarios.load import loads
from scenarios.schema import Scenario
from scenarios.truth import Truth
from sim.durations import SECOND
from sim.faults import NEVER_US

REORDERED = f"""
name: reordered
calendar: {{quarter_start: 2026-05-01, months: 1, lead_in: 0 d}}
business:
  contracts: 20
  active_share: 20
  contracts_per_account: 1
  profile: flat
  amendments:                       # each amendment is corrected once, after an exponential gap
    {{per_contract_year: 12, decrease_share: 0.3, cancel_share: 0, burst_share: 1, burst_gap: GAP s, gap_min: 1 us}}
systems: {{crm: {AT_ONCE}, billing: {AT_ONCE}, erp: {AT_ONCE}, revenue: {AT_ONCE}}}
faults:
  - {{kind: out_of_order, system: crm, share: 1, delay: {{mean: DELAY s}}}}
"""


def reordered(mean_delay_s: int, mean_gap_s: int) -> Scenario:
    """The scenario, with these means of the delays and of the gaps before corrections."""
    return loads(REORDERED.replace("GAP", str(mean_gap_s)).replace("DELAY", str(mean_delay_s)), "reordered")


@dataclass(frozen=True, slots=True)
class Corrected:
    """A contract whose last two versions are an amendment and its correction `gap_us` later."""

    contract: str
    version: int
    gap_us: int


def corrected_contracts(truth: Truth, mean_delay_us: int) -> list[Corrected]:
    """Contracts whose last change is a correction, the change before the two being too old to arrive after them.

    Twenty mean delays: e⁻²⁰ / 2. Contracts have an odd number of versions then, as every amendment is corrected.
    """
    signed_us = {(act.contract.key, act.contract.version): act.at_us for act in truth.acts if act.contract}
    found = []
    for key, contract in truth.contracts().items():
        newest = contract.version
        if newest < 3 or not newest % 2:
            continue
        before_us, amended_us, corrected_us = (signed_us.get((key, newest - back), 0) for back in (2, 1, 0))
        if amended_us - before_us > 20 * mean_delay_us:
            found.append(Corrected(key, newest, corrected_us - amended_us))
    return found


def copies(books: Books) -> dict[str, dict[str, Any]]:
    """Each system's copy of each contract."""
    return {
        "billing": {one.contract: one for one in books.subscriptions},
        "erp": {one.contract: one for one in books.orders},
        "revenue": {one.contract: one for one in books.revenue_contracts},
    }


@dataclass(slots=True)
class Losses:
    """Corrections that runs have lost: by target, `anywhere`, and `apart`, that is not in all targets alike.

    `expected` are those that the gaps let expect in one target, with their `variance`; `overlooked` is by how much the
    audit's stale amendments differ from those there are.
    """

    lost: dict[str, int]
    pairs: int = 0
    anywhere: int = 0
    apart: int = 0
    overlooked: int = 0
    expected: float = 0.0
    variance: float = 0.0

    def add(self, done: Replication, mean_delay_us: int) -> None:
        """Count what a run has lost."""
        held = copies(done.books)
        for one in corrected_contracts(done.simulation.truth, mean_delay_us):
            missed = [target for target in TARGETS if held[target][one.contract].state.version < one.version]
            overtaken = math.exp(-one.gap_us / mean_delay_us) / 2
            self.pairs += 1
            self.anywhere += bool(missed)
            self.apart += len(missed) not in {0, len(TARGETS)}
            self.expected += overtaken
            self.variance += overtaken * (1 - overtaken)
            for target in missed:
                self.lost[target] += 1
        finals = done.simulation.truth.contracts()
        behind = sum(order.state.version < finals[key].version for key, order in held["erp"].items())
        stale = [one for one in done.audit.open if one.system == "erp" and one.kind == "stale_amendment"]
        self.overlooked += abs(len(stale) - behind)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostAmendments(Case):
    """H8 under a layer without a gate: an amendment overtakes the one Δ before it with ½ e^(−Δ/m): m / (2 (m + g)).

    Point-to-point is told by each target's own subscription, with a delay of its own; the others are told once, and
    what one target loses all lose. So a contract's loss counts once, or once a target.
    """

    layer: str
    delay_s: int
    gap_s: int
    runs: int = 3

    def predict(self) -> Mapping[str, float]:
        share = self.delay_s / (2 * (self.delay_s + self.gap_s))
        return {
            **{self._claim(f"share of corrections lost in {target}"): share for target in TARGETS},
            self._claim("corrections lost, of those that their gaps let expect"): 1,
            **({self._claim("lost in some targets only"): 0} if self.told_once else {}),
            self._claim("stale amendments that the audit has not found"): 0,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        seen = Losses(dict.fromkeys(TARGETS, 0))
        for run in range(self.runs):
            done = replicate(reordered(self.delay_s, self.gap_s), self.layer, 100 * (seed - 1) + run)
            seen.add(done, self.delay_s * SECOND)
        assert seen.pairs > 500, "too few corrections to tell"
        # Told once, a contract's loss is one event; told by three subscriptions, it is three.
        times = 1 if self.told_once else len(TARGETS)
        lost = seen.anywhere if self.told_once else sum(seen.lost.values())
        return {
            **{
                self._claim(f"share of corrections lost in {target}"): share_of(count, seen.pairs)
                for target, count in seen.lost.items()
            },
            self._claim("corrections lost, of those that their gaps let expect"): mean_of(
                lost / (times * seen.expected), 1, seen.variance / (times * seen.expected**2)
            ),
            **({self._claim("lost in some targets only"): exactly(seen.apart)} if self.told_once else {}),
            self._claim("stale amendments that the audit has not found"): exactly(seen.overlooked),
        }

    @property
    def told_once(self) -> bool:
        """Whether the layer is told of each event once for all targets."""
        return not self.layer.startswith("point-to-point")

    def _claim(self, what: str) -> str:
        return f"{what}, {self.layer}, delay {self.delay_s} s, gap {self.gap_s} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAmendments(Case):
    """H9 under a layer with a gate: events bear the full state, so either gate leaves the newest everywhere."""

    layer: str
    delay_s: int = 60
    gap_s: int = 60

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("copies that are not the newest"): 0,
            self._claim("breaks that the audit finds"): 0,
            self._claim("whether a hundred events and more were held or dropped"): 1,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        done = replicate(reordered(self.delay_s, self.gap_s), self.layer, 100 * (seed - 1))
        finals, counts = done.simulation.truth.contracts(), done.simulation.surroundings.counts
        wrong = sum(
            held[key].state != final if key in held else 1
            for held in copies(done.books).values()
            for key, final in finals.items()
        )
        return {
            self._claim("copies that are not the newest"): exactly(wrong),
            self._claim("breaks that the audit finds"): exactly(len(done.audit.breaks)),
            self._claim("whether a hundred events and more were held or dropped"): exactly(
                counts.held_for_order + counts.skipped_superseded > 100
            ),
        }

    def _claim(self, what: str) -> str:
        return f"{what}, {self.layer}, delay {self.delay_s} s, gap {self.gap_s} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceWait(Case):
    """H9 under a layer with a sequence gate: a correction waits as long as its predecessor is late, (X₁ − X₂ − Δ)⁺.

    Just that, but for the milliseconds of the work.
    """

    delay_s: int = 60
    gap_s: int = 60
    runs: int = 3
    layer: str = "event-driven:gate=sequence"

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("mean wait in s"): self.delay_s**2 / (2 * (self.delay_s + self.gap_s)),
            self._claim("seconds by which a wait outlasts the lateness of what it waits for are at most"): 0.2,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        waits_s: list[float] = []
        longer_s = 0.0
        for run in range(self.runs):
            done = replicate(reordered(self.delay_s, self.gap_s), self.layer, 100 * (seed - 1) + run)
            trace, orders = done.simulation.trace, copies(done.books)["erp"]
            told = {event: (key, version) for event, _, _, key, version, _ in trace.rows("events")}
            heard = trace.rows("deliveries")
            arrived = {told[event]: at_us for event, name, _, at_us, _ in heard if name == "crm->log"}
            for one in corrected_contracts(done.simulation.truth, self.delay_s * SECOND):
                first, second = (arrived[one.contract, one.version - back] for back in (1, 0))
                waited_us = orders[one.contract].applied[one.version] - second
                longer_s = max(longer_s, abs(waited_us - max(0, first - second)) / SECOND)
                waits_s.append(waited_us / SECOND)
        mean = self.delay_s**2 / (2 * (self.delay_s + self.gap_s))
        # Late with m / (2 (m + g)), and then exponentially.
        variance = 2 * self.delay_s * mean - mean**2
        return {
            self._claim("mean wait in s"): mean_of(math.fsum(waits_s), len(waits_s), variance),
            self._claim("seconds by which a wait outlasts the lateness of what it waits for are at most"): at_most(
                longer_s
            ),
        }

    def _claim(self, what: str) -> str:
        return f"{what}, {self.layer}, delay {self.delay_s} s, gap {self.gap_s} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class OvertakenWhileParked(Case):
    """H15: an amendment that cannot be read is parked; its correction overtakes it if the gap is shorter than that.

    1 − e^(−T / g) of them, where the layer parks for T = 5 min.
    """

    gap_s: int = 600
    runs: int = 3
    layer: str = "event-driven:gate=none"

    def predict(self) -> Mapping[str, float]:
        return {self._claim: -math.expm1(-PARKED_US[0] / SECOND / self.gap_s)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        overtaken = parked = 0
        for run in range(self.runs):
            text = REORDERED.partition("faults:")[0].replace("GAP", str(self.gap_s))
            poison = "faults:\n  - {kind: poison, system: crm, share: 0.4, events: [contract_amended]}\n"
            done = replicate(loads(text + poison, "poisoned"), self.layer, 100 * (seed - 1) + run)
            trace = done.simulation.trace
            told = {(key, version): event for event, _, _, key, version, _ in trace.rows("events")}
            poisoned = {event: True for _, event, what, _, _ in trace.rows("notes") if what == "poison"}
            written_us: dict[int, int] = {}
            for _, cause, operation, _, _, at_us, *_ in sorted(trace.rows("calls")):
                if operation == "erp.update_order":
                    written_us.setdefault(cause, at_us)
            for one in corrected_contracts(done.simulation.truth, 60 * SECOND):
                first, second = (told[one.contract, one.version - back] for back in (1, 0))
                if first in poisoned and second not in poisoned:
                    parked += 1
                    overtaken += written_us[second] < written_us.get(first, NEVER_US)
        return {self._claim: share_of(overtaken, parked)}

    @property
    def _claim(self) -> str:
        return f"share of parked amendments overtaken, {self.layer}, parked 5 min, gap {self.gap_s} s"


TARGETS = ("billing", "erp", "revenue")

UNGATED = tuple(
    LostAmendments(layer=layer, delay_s=delay, gap_s=gap)
    for layer in ("point-to-point", "event-driven:gate=none", "process-orchestration:gate=none")
    for delay, gap in ((60, 60), (60, 600), (300, 100))
)
GATED = (
    *(
        KeptAmendments(layer=layer)
        for layer in ("event-driven:gate=version", "event-driven:gate=sequence", "process-orchestration")
    ),
    SequenceWait(),
)
