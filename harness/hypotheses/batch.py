"""Managed batch: its lag, what it loses behind a watermark, and what control totals find. H6, H7 and H30; F5.

The layer is the house's managed batch, which reads accounts or documents at fixed times and loads them in bulk.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from harness.blocks.timetable import MINUTES
from harness.hypotheses.hypothesis import Case, Hypothesis, Untested
from harness.hypotheses.measured import Measured, at_most, by_batches, by_theory, exactly, mean_of, share_of
from harness.hypotheses.postings import DOCUMENTS
from harness.hypotheses.recovery import AT_ONCE, accounts_by_chance, seeds
from harness.lags import NOT_YET_US, BusinessEvents, business_events
from harness.layers import choose
from harness.replication import replicate
from harness.simulation import Simulation, simulate
from harness.statistics import percentile
from scenarios.compile import calendar_of, faults_of, setups_of
from scenarios.load import loads
from scenarios.truth import Truth
from sim.durations import MINUTE, SECOND

ACCOUNTS = f"""
name: accounts
calendar: {{quarter_start: 2026-05-01, months: 1, lead_in: 0 d}}
systems:
  crm: {AT_ONCE}
  erp: {AT_ONCE}
  revenue: {AT_ONCE}
  billing: {{service: {{fixed: LOAD s}}, latency: {{fixed: 1 ms}}, limits: {{}}}}
"""


def accounts_loaded(layer: str, seed: int, accounts: int, every_min: int, load_s: int, late_s: int = 0) -> Simulation:
    """A month in which so many accounts are opened by chance, over whole intervals; billing loads in `load_s`.

    A change can be read exponentially late, by `late_s` on average.
    """
    lag = [f"systems.crm.change_lag={{mean: {late_s} s}}"] if late_s else []
    scenario = loads(ACCOUNTS.replace("LOAD", str(load_s)), "accounts", lag)
    intervals = 20 * 24 * 60 // every_min
    until_us = intervals * every_min * MINUTE
    acts = accounts_by_chance(seed, layer, until_us // accounts, until_us)
    return simulate(
        calendar=calendar_of(scenario),
        truth=Truth((), (), tuple(acts)),
        setups=setups_of(scenario),
        faults=faults_of(scenario),
        choice=choose(layer),
        seed=seed,
    )


def in_billing(run: Simulation) -> BusinessEvents:
    """The accounts that were opened, and when billing reflected them."""
    (accounts,) = (events for events in business_events(run.company) if events.subject == "account")
    return accounts.in_target("billing")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLag(Case):
    """H6: what comes at any moment of an interval I waits half of it on average, and for the load W of the run."""

    every: str
    load_s: int
    accounts: int = 2_000

    def predict(self) -> Mapping[str, float]:
        interval = self._interval_s
        return {
            self._claim("mean lag in s"): interval / 2 + self.load_s,
            self._claim("95% of lags in s are shorter than"): 0.95 * interval + self.load_s,
            self._claim("longest lag in s is at most (with a second to spare)"): interval + self.load_s + 1,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        layer = f"managed-batch:every={self.every},chunk=10000"
        accounts = in_billing(accounts_loaded(layer, seed, self.accounts, MINUTES[self.every], self.load_s))
        lags_s = ((accounts.reflected_us["billing"] - accounts.committed_us) / SECOND).tolist()
        interval, number = self._interval_s, len(lags_s)
        return {
            self._claim("mean lag in s"): mean_of(math.fsum(lags_s), number, interval**2 / 12),
            self._claim("95% of lags in s are shorter than"): by_theory(
                percentile(lags_s, 0.95), 0.95 * 0.05 * interval**2 / number
            ),
            self._claim("longest lag in s is at most (with a second to spare)"): at_most(max(lags_s)),
        }

    @property
    def _interval_s(self) -> int:
        return 60 * MINUTES[self.every]

    def _claim(self, what: str) -> str:
        return f"{what}, a batch every {self.every} that loads for {self.load_s} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkLoss(Case):
    """H7: what can be read only some time after its stamp is lost behind the watermark, but for the lookback L.

    Of rows that are late exponentially with mean d, (d / I) e^(−L / d) are.
    """

    late_s: int
    lookback: str
    lookback_s: int
    every: str = "4h"
    accounts: int = 4_000

    def predict(self) -> Mapping[str, float]:
        return {self._claim: watermark_loss(self.late_s, 60 * MINUTES[self.every], self.lookback_s)}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        layer = f"managed-batch:every={self.every},chunk=10000,lookback={self.lookback}"
        accounts = in_billing(accounts_loaded(layer, seed, self.accounts, MINUTES[self.every], 1, self.late_s))
        lost = int((accounts.reflected_us["billing"] == NOT_YET_US).sum())
        return {self._claim: share_of(lost, len(accounts.committed_us))}

    @property
    def _claim(self) -> str:
        return f"share of rows lost, readable {self.late_s} s late, every {self.every}, lookback {self.lookback}"


def watermark_loss(mean_delay_s: float, interval_s: float, lookback_s: float) -> float:
    """The share of rows that become visible behind the watermark: (d / I) e^(−L / d)."""
    return mean_delay_s / interval_s * math.exp(-lookback_s / mean_delay_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotals(Case):
    """H30: half of the loads of documents stop part-way, anywhere; with control totals each is found, without none is.

    Who takes a job at its word has lost half of such a job's rows on average.
    """

    checks: bool
    runs: int = 8

    def predict(self) -> Mapping[str, float]:
        return {self._claim: 0 if self.checks else 0.5 * 0.5}

    def measure(self, seed: int) -> Mapping[str, Measured]:
        fault = "faults:\n  - {kind: partial_load, system: erp, share: 0.5, from: 2026-05-01}\n"
        scenario = loads(DOCUMENTS + fault, "documents")
        layer = f"managed-batch:every=24h,chunk=10000,control_totals={'on' if self.checks else 'off'}"
        shares = []
        for run in seeds(seed, self.runs):
            done = replicate(scenario, layer, run)
            posted = {item.document for item in done.books.open_items}
            documents = [invoice.id for invoice in done.books.invoices]
            shares.append(sum(document not in posted for document in documents) / len(documents))
        return {self._claim: exactly(math.fsum(shares)) if self.checks else by_batches(shares)}

    @property
    def _claim(self) -> str:
        return f"share of documents lost, half of the loads cut short, control totals {'on' if self.checks else 'off'}"


HYPOTHESES = (
    Hypothesis(
        id="H6",
        about="batch lag",
        cases=(
            BatchLag(every="1h", load_s=9),
            BatchLag(every="4h", load_s=1),
            BatchLag(every="24h", load_s=1),
        ),
    ),
    Hypothesis(
        id="H7",
        also=("F5",),
        about="rows lost behind a watermark",
        cases=(
            WatermarkLoss(late_s=960, lookback="none", lookback_s=0),
            WatermarkLoss(late_s=960, lookback="30min", lookback_s=1_800),
            WatermarkLoss(late_s=2_400, lookback="2h", lookback_s=7_200),
        ),
    ),
    Hypothesis(
        id="H30",
        about="control totals",
        cases=(
            ControlTotals(checks=True),
            ControlTotals(checks=False),
            Untested(
                {"share of batches with offsetting errors that totals detect": 0},
                "no fault makes two errors that cancel out in one batch",
            ),
        ),
    ),
)
