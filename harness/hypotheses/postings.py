"""Postings that double under whole layers: H3 and H4 over quarters of documents, judged by the audit as well.

A thousand contracts of before the run are each invoiced once in a month, and a layer posts the documents in ERP, which
loses requests or answers, or is slow.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from harness.hypotheses.extra_commits import extra_commits
from harness.hypotheses.hypothesis import Case
from harness.hypotheses.measured import Measured, exactly, mean_of, share_of
from harness.replication import Replication, replicate
from scenarios.load import loads

DOCUMENTS = """
name: documents
calendar: {quarter_start: 2026-05-01, months: 1, lead_in: 0 d}
business:
  contracts: 50
  active_share: 20                  # a thousand contracts of before, each invoiced once in the month
  profile: flat
  billing: {monthly: 1}
  first_of_month_share: 0           # spread over the month
  amendments: {per_contract_year: 0}
"""
WRITE_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Fates:
    """How often each of many operations was committed: `commits` by operation, those told of but never done too."""

    commits: Counter[str]
    false_failures: int  # given up by the layer, and committed all the same
    dropped: int

    @property
    def operations(self) -> int:
        """How many operations there were."""
        return len(self.commits)

    @property
    def extra(self) -> int:
        """Commits beyond the first of each."""
        return sum(max(0, count - 1) for count in self.commits.values())

    @property
    def lost(self) -> int:
        """Operations that were never committed."""
        return sum(not count for count in self.commits.values())


def postings(replication: Replication) -> Fates:
    """The fate of posting each of billing's documents in ERP."""
    posted = Counter(item.document for item in replication.books.open_items)
    commits = Counter({invoice.id: posted[invoice.id] for invoice in replication.books.invoices})
    dropped = [key for _, _, what, _, key in replication.simulation.trace.rows("notes") if what == "dropped"]
    return Fates(commits, sum(commits[key] > 0 for key in dropped), len(dropped))


def journals(replication: Replication) -> Fates:
    """The fate of posting each recognition in ERP."""
    posted = Counter(entry.reference for entry in replication.books.journal if entry.source == "revenue")
    return Fates(Counter({one.id: posted[one.id] for one in replication.books.recognitions}), 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRetries(Case):
    """H3 under a layer: a try of posting is lost with `a` before and `b` after its commit; `tries`, None without end.

    The runs' seeds begin with `first`, so that no two layers have the same luck.
    """

    layer: str
    tries: int | None
    b: float
    a: float = 0.0
    first: int = 1
    runs: int = 3

    def predict(self) -> Mapping[str, float]:
        mean, _ = extra_commits(self.a, self.b, self.tries)
        lost = self.a**self.tries if self.tries else 0
        given_up = (self.a + self.b) ** self.tries if self.tries else 0
        both_ways = {
            self._claim("share of documents never posted"): lost,
            self._claim("share of documents dropped and posted"): given_up - lost,
        }
        return {
            self._claim("extra postings a document"): mean,
            self._claim("doubles and gaps that the audit has not found"): 0,
            **(both_ways if self.a else {}),
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        operations = extra = lost = false_failures = overlooked = 0
        for run in range(self.runs):
            done = replicate(loads(self._scenario(), "documents"), self.layer, 100 * (seed - 1) + self.first + run)
            fates = postings(done)
            operations, extra, lost = operations + fates.operations, extra + fates.extra, lost + fates.lost
            false_failures += fates.false_failures
            overlooked += not_found(done.document, fates)
        both_ways = {
            self._claim("share of documents never posted"): share_of(lost, operations),
            self._claim("share of documents dropped and posted"): share_of(false_failures, operations),
        }
        return {
            self._claim("extra postings a document"): mean_of(
                extra, operations, extra_commits(self.a, self.b, self.tries)[1]
            ),
            self._claim("doubles and gaps that the audit has not found"): exactly(overlooked),
            **(both_ways if self.a else {}),
        }

    def _scenario(self) -> str:
        shares = {"lost_response": self.b / (1 - self.a), **({"lost_request": self.a} if self.a else {})}
        faults = [
            f"  - {{kind: {kind}, system: erp, share: {share:g}, operations: [post_document]}}\n"
            for kind, share in shares.items()
        ]
        return DOCUMENTS + "faults:\n" + "".join(faults)

    def _claim(self, what: str) -> str:
        return f"{what}, {self.layer}, a = {self.a:g}, b = {self.b:g}"


def not_found(document: Mapping[str, Any], fates: Fates) -> int:
    """By how much the audit's counts of what is double, missing or unexplained differ from what there is."""
    duplicates, missing = document["duplicates"], document["missing"]
    off: int = (
        abs(duplicates["journal_entries"] - fates.extra)
        + sum(number for kind, number in duplicates.items() if kind != "journal_entries")
        + abs(missing["journal_entries"] - fates.lost)
        + document["metrics"]["unexplained"]
    )
    return off


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowTarget(Case):
    """H4 under a layer: ERP's services are lognormal, and the layer gives up a write after 30 s and tries again."""

    layer: str
    median_s: float
    slow: int = 1
    sigma: float = 0.6
    runs: int = 2

    def predict(self) -> Mapping[str, float]:
        return {
            self._claim("extra postings an entry"): self.late / (1 - self.late),
            self._claim("calls beyond one a posting"): 0,
            self._claim("doubles that the audit has not found"): 0,
        }

    def measure(self, seed: int) -> Mapping[str, Measured]:
        operations = extra = tries = overlooked = 0
        for run in range(self.runs):
            done = replicate(loads(self._scenario(), "slow-erp"), self.layer, 100 * (seed - 1) + run)
            both = postings(done), journals(done)
            operations += sum(fates.operations for fates in both)
            extra += sum(fates.extra for fates in both)
            sent = [call for call in done.simulation.trace.rows("calls") if call[2].startswith("erp.post_")]
            assert all(call[8] >= 0 for call in sent), "a client that gives up cancels nothing"
            tries += len(sent)
            overlooked += abs(done.document["duplicates"]["journal_entries"] - sum(fates.extra for fates in both))
        return {
            self._claim("extra postings an entry"): mean_of(extra, operations, extra_commits(0, self.late, None)[1]),
            self._claim("calls beyond one a posting"): exactly(tries - operations - extra),
            self._claim("doubles that the audit has not found"): exactly(overlooked),
        }

    @property
    def late(self) -> float:
        """The share of answers that come too late."""
        way_s = 0.002
        return 1 - NormalDist().cdf(math.log((WRITE_TIMEOUT_S - way_s) / (self.slow * self.median_s)) / self.sigma)

    def _scenario(self) -> str:
        service = f"{{median: {self.median_s:g} s, sigma: {self.sigma:g}}}"
        erp = f"systems:\n  erp: {{capacity: 10000, service: {service}, latency: {{fixed: 1 ms}}, limits: {{}}}}\n"
        brown = f"faults:\n  - {{kind: brownout, system: erp, slow: {self.slow}, fail_share: 0}}\n"
        return DOCUMENTS + erp + (brown if self.slow > 1 else "")

    def _claim(self, what: str) -> str:
        pace = f" {self.slow} times slower" if self.slow > 1 else ""
        return f"{what}, {self.layer}, ERP with a median of {self.median_s:g} s{pace}"


BLIND = "point-to-point:attempts=unlimited"

RETRIES = (
    *(
        LayerRetries(layer=f"point-to-point:attempts={tries}", tries=tries, b=b, first=first)
        for tries, first in ((2, 1), (5, 4))
        for b in (0.01, 0.05, 0.2)
    ),
    *(
        LayerRetries(layer="process-orchestration:idempotency=none", tries=None, b=b, first=7)
        for b in (0.01, 0.05, 0.2)
    ),
    LayerRetries(layer="point-to-point:attempts=3", tries=3, a=0.2, b=0.08, first=0),
)
TIMEOUTS = (
    SlowTarget(layer=BLIND, median_s=20),
    SlowTarget(layer=BLIND, median_s=12),
    SlowTarget(layer=BLIND, median_s=0.8, slow=10),
    SlowTarget(layer=BLIND, median_s=0.8, slow=40),
)
