"""An outage under a whole layer, and what it takes to catch up: H10, with Q18 of the validation set.

Accounts are opened by chance, and a layer carries each to billing with one call; billing goes down for a while.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from fakes.agreements import Account
from harness import laws
from harness.hypotheses.hypothesis import Case, Hypothesis
from harness.hypotheses.measured import Measured, at_most, exactly, mean_of, rate_of, within
from harness.lags import NOT_YET_US, business_events
from harness.layers import choose
from harness.simulation import simulate
from harness.statistics import t_quantile
from scenarios.compile import calendar_of, faults_of, setups_of
from scenarios.load import loads
from scenarios.truth import Act, Truth
from sim.chance import Stream, exponential
from sim.durations import HOUR, MINUTE, SECOND

AT_ONCE = "{service: {fixed: 1 ms}, latency: {fixed: 1 ms}, limits: {}, delivery: {delay: {fixed: 0 s}}}"
"""A system that does everything in no time and tells of it at once."""

OUTAGE = f"""
name: outage
calendar: {{quarter_start: 2026-05-01, months: 1, lead_in: 0 d}}
systems:
  crm: {AT_ONCE}
  erp: {AT_ONCE}
  revenue: {AT_ONCE}
  billing: {{capacity: 1, service: {{fixed: 2 s}}, latency: {{fixed: 1 ms}}, limits: {{}}}}
faults:
  - {{kind: outage, system: billing, from: 2026-05-01 01:00, for: 20 min}}
"""
DOWN_US, UP_US = HOUR, HOUR + 20 * MINUTE
OUTAGE_S, SERVICE_S = 1_200, 2

TRIES_SPAN_S = 7.5
"""What five tries span on average: half of 1 + 2 + 4 + 8 s."""

LONGEST_WAIT_S = 100
"""The longest wait of the layers' retry policy."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What an outage did to the accounts opened around it: `delays_s` of those it touched, up to the empty queue."""

    lost: int
    doubled: int
    opened_in_outage: int
    back_to_work_s: float  # from the outage's end to the first service begun
    drain_s: float  # from there to the empty queue
    delays_s: Sequence[float]

    @property
    def down_s(self) -> float:
        """How long billing did no work."""
        return OUTAGE_S + self.back_to_work_s


def survive_an_outage(layer: str, load: float, seed: int) -> Recovery:
    """Accounts opened by a Poisson process, each one call of billing, at `load` of its one slot; billing goes down."""
    scenario = loads(OUTAGE, "outage")
    until_us = UP_US + round(3 * OUTAGE_S * SECOND / (1 - load))
    acts = accounts_by_chance(seed, "", round(SERVICE_S * SECOND / load), until_us)
    run = simulate(
        calendar=calendar_of(scenario),
        truth=Truth((), (), tuple(acts)),
        setups=setups_of(scenario),
        faults=faults_of(scenario),
        choice=choose(layer),
        seed=seed,
    )
    laws.check_calls(run.wire, [system.server for system in run.company.systems.values()], run.calendar.end_us)
    (accounts,) = (events for events in business_events(run.company) if events.subject == "account")
    opened_us, billed_us = accounts.committed_us, accounts.reflected_us["billing"]
    lost = int((billed_us == NOT_YET_US).sum())
    served_us = sorted(int(us) for us in billed_us if us < NOT_YET_US)
    drained_us = UP_US
    if not lost:  # the queue is empty when as many have been served as were opened until then
        waiting = zip(served_us, opened_us.searchsorted(served_us, side="right").tolist(), strict=True)
        drained_us = next(us for done, (us, told) in enumerate(waiting, start=1) if us >= UP_US and told == done)
    touched = (opened_us >= DOWN_US) & (opened_us < drained_us)
    back_us = next(us for us in served_us if us > UP_US) - round(SERVICE_S * SECOND)
    return Recovery(
        lost=lost,
        doubled=len(run.company.billing.customers.all) - len(served_us),
        opened_in_outage=int(((opened_us >= DOWN_US) & (opened_us < UP_US)).sum()),
        back_to_work_s=(back_us - UP_US) / SECOND,
        drain_s=(drained_us - back_us) / SECOND,
        delays_s=((billed_us - opened_us)[touched] / SECOND).tolist(),
    )


def accounts_by_chance(seed: int, purpose: str, mean_gap_us: int, until_us: int) -> list[Act]:
    """Accounts opened at the instants of a Poisson process."""
    chance, gaps = Stream(seed, f"{purpose}arrivals"), exponential(mean_gap_us)
    acts: list[Act] = []
    at_us = gaps.draw(chance.word(0) >> 32)
    while at_us < until_us:
        acts.append(Act(at_us, account=Account(f"A-{len(acts)}", "Company")))
        at_us += gaps.draw(chance.word(len(acts)) >> 32)
    return acts


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain(Case):
    """H10: those it touches wait half the outage on average whatever the load, and it takes D ρ / (1 − ρ) to catch up.

    D lasts to the first call served, a retry's wait after the outage. The drain from there is the busy period of a
    queue with fixed services s that begins with the work of a Poisson number: its variance is ρ D s / (1 − ρ)³. To
    the mean wait of D / 2 comes the event's own service, and the queue that would have been there without an outage,
    for which a fluid has no word: ρ s / 2 + ρ² s / (2 (1 − ρ)).
    """

    layer: str
    load: float
    runs: int = 8

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("lost or done twice"): 0,
            self._claim("seconds from the outage's end to the first work are at most"): LONGEST_WAIT_S,
            self._claim("time to catch up, in outages"): self.load / (1 - self.load),
            self._claim("mean delay of those touched, in outages"): 0.5,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        recoveries = [survive_an_outage(self.layer, self.load, run) for run in seeds(seed, self.runs)]
        assert all(each.opened_in_outage > 200 for each in recoveries), "an outage has to meet many accounts"
        down_s, count = fmean(each.down_s for each in recoveries), len(recoveries)
        variance = self.load * OUTAGE_S * SERVICE_S / (1 - self.load) ** 3
        waits_s = [fmean(each.delays_s) for each in recoveries]
        usual_s = SERVICE_S + self.load * SERVICE_S / 2 + self.load**2 * SERVICE_S / (2 * (1 - self.load))
        off_s = t_quantile(0.995, count - 1) * stdev(waits_s) / math.sqrt(count)
        return {
            self._claim("lost or done twice"): exactly(sum(each.lost + each.doubled for each in recoveries)),
            self._claim("seconds from the outage's end to the first work are at most"): at_most(
                max(each.back_to_work_s for each in recoveries)
            ),
            self._claim("time to catch up, in outages"): mean_of(
                sum(each.drain_s for each in recoveries) / down_s, count, variance / down_s**2
            ),
            self._claim("mean delay of those touched, in outages"): within(
                (fmean(waits_s) - usual_s) / down_s, off_s / down_s, "Student 99 %, over runs"
            ),
        }

    def _claim(self, what: str) -> str:
        return f"{what}, {self.layer} at {self.load:g} of billing's capacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivingUp(Case):
    """What a layer loses that gives up: all that is opened until its tries' span before the outage's end."""

    layer: str
    load: float
    runs: int = 4

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("lost"): self.load / SERVICE_S * (OUTAGE_S - TRIES_SPAN_S),
            self._claim("done twice"): 0,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        recoveries = [survive_an_outage(self.layer, self.load, run) for run in seeds(seed, self.runs)]
        return {
            self._claim("lost"): rate_of(sum(each.lost for each in recoveries), self.runs),
            self._claim("done twice"): exactly(sum(each.doubled for each in recoveries)),
        }

    def _claim(self, what: str) -> str:
        return f"accounts {what} in an outage of 20 min, {self.layer} at {self.load:g} of billing's capacity"


def seeds(seed: int, runs: int) -> range:
    """The seeds of so many runs; those of another seed are others."""
    return range(100 * (seed - 1), 100 * (seed - 1) + runs)


HYPOTHESES = (
    Hypothesis(
        id="H10",
        also=("Q18",),
        about="a buffered outage",
        cases=(
            Drain(layer="event-driven", load=0.5),
            Drain(layer="event-driven", load=0.8),
            Drain(layer="process-orchestration", load=0.5),
            Drain(layer="process-orchestration", load=0.7),
            GivingUp(layer="point-to-point", load=0.2),
            GivingUp(layer="point-to-point", load=0.5),
        ),
    ),
)
