"""How changes become known: what an outbox loses, and what a webhook's retries outlast. H20."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.hypotheses.hypothesis import Case, Hypothesis, Untested
from harness.hypotheses.measured import Measured, exactly, rate_of
from harness.hypotheses.recovery import AT_ONCE, accounts_by_chance
from harness.lags import NOT_YET_US, business_events
from harness.layers import choose
from harness.simulation import simulate
from scenarios.compile import calendar_of, faults_of, setups_of
from scenarios.load import loads
from scenarios.truth import Truth
from sim.durations import DAY, HOUR, MINUTE

RETRIES_H = 4
DOWN = f"""
name: layer-down
calendar: {{quarter_start: 2026-05-01, months: 1, lead_in: 0 d}}
systems:
  crm:
    service: {{fixed: 1 ms}}
    latency: {{fixed: 1 ms}}
    limits: {{}}
    delivery: {{delay: {{fixed: 0 s}}, retries: [1 h, 1 h, 1 h, 1 h]}}
  billing: {AT_ONCE}
  erp: {AT_ONCE}
  revenue: {AT_ONCE}
faults:
  - {{kind: crash, from: 2026-05-04, down: DOWN h}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerDown(Case):
    """H20: what is told while its subscriber is down for D is lost if the source's retries end before: λ (D − 4 h).

    An outbox keeps every change until it was acknowledged, and loses none.
    """

    capture: str
    down_h: int = 24
    every_min: int = 5

    def predict(self) -> Mapping[str, float]:
        lost = (self.down_h - RETRIES_H) * 60 / self.every_min
        return {self._claim: lost if self.capture == "webhook" else 0}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        scenario = loads(DOWN.replace("DOWN", str(self.down_h)), "layer-down")
        acts = accounts_by_chance(seed, "capture", self.every_min * MINUTE, 6 * DAY + HOUR)
        run = simulate(
            calendar=calendar_of(scenario),
            truth=Truth((), (), tuple(acts)),
            setups=setups_of(scenario),
            faults=faults_of(scenario),
            choice=choose(f"event-driven:capture={self.capture}"),
            seed=seed,
        )
        (accounts,) = (events for events in business_events(run.company) if events.subject == "account")
        lost = int((accounts.everywhere_us == NOT_YET_US).sum())
        return {self._claim: rate_of(lost, 1) if self.capture == "webhook" else exactly(lost)}

    @property
    def _claim(self) -> str:
        return f"accounts lost by {self.capture}, the layer down for {self.down_h} h, one every {self.every_min} min"


HYPOTHESES = (
    Hypothesis(
        id="H20",
        about="webhook, dual write and outbox",
        cases=(
            LayerDown(capture="webhook"),
            LayerDown(capture="outbox"),
            Untested(
                {"events lost a dual write, a crash a day and 0.1 s between commit and publish": 0.1 / 86_400},
                "no source publishes by itself apart from its commit, so that it could crash between the two",
            ),
        ),
    ),
)
