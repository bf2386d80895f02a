"""A measurement can fail: run with another parameter than the prediction was made for, each case is found out."""

from dataclasses import replace

import pytest

from harness.hypotheses import HYPOTHESES, SEED, Untested
from harness.hypotheses.amendments import KeptAmendments, LostAmendments, OvertakenWhileParked, SequenceWait
from harness.hypotheses.back_off import LayeredRetries, OneLayer, Overshoot, TriesInAnOutage
from harness.hypotheses.batch import BatchLag, ControlTotals, WatermarkLoss
from harness.hypotheses.capped import Burst, FullQueue, Refusals, RetriedRefusals, ThroughputCap
from harness.hypotheses.capture import LayerDown
from harness.hypotheses.chains import AcceptedAtOnce, CallsUntilDone
from harness.hypotheses.clocks import FastClock, SkewedClocks
from harness.hypotheses.facade import (
    BacklogInOutage,
    BreakerInOutage,
    BudgetedRetries,
    CachedReads,
    LimitedBurst,
    QueueInFront,
)
from harness.hypotheses.mapping_edits import MappingEdits
from harness.hypotheses.order import Gated, Overtaken, RetriedOvertaken, Simultaneous
from harness.hypotheses.outages import Breakdowns, RetryWindows, SeriesAvailability
from harness.hypotheses.partitions import Partitions, Poison
from harness.hypotheses.postings import LayerRetries, SlowTarget
from harness.hypotheses.queues import Age, AnyService, BatchArrivals, MarkovQueue, SlotsForAll, TwoKinds
from harness.hypotheses.recovery import Drain, GivingUp
from harness.hypotheses.refused import CompensatedSagas
from harness.hypotheses.retries import BlindRetries, Restart, Timeouts
from harness.hypotheses.sagas import Compensation, CrashedRequests, RestartedRequests
from harness.hypotheses.threads import ThreadsHeld
from harness.hypotheses.twice import CheckThenCreate, KeyLifetime

WRONG = [
    (AcceptedAtOnce(every_min=120, runs=1), {"down_min": 20}),
    (CallsUntilDone(succeeds=0.8, accounts=1_000), {"succeeds": 0.7}),
    (CompensatedSagas(share_ppm=100_000, contracts=1_000), {"share_ppm": 150_000}),
    (MarkovQueue(servers=2, load=1.6, calls=30_000), {"servers": 3}),
    (AnyService(load=0.8, service="fixed", calls=30_000), {"service": "lognormal 1"}),
    (TwoKinds(load=0.5, squared_variation=4, calls=40_000), {"squared_variation": 1.5}),
    (SlotsForAll(mean=12, service="fixed", calls=20_000), {"mean": 14}),
    (BatchArrivals(load=0.5, batch=10, calls=40_000), {"batch": 5}),
    (Age(load=0.5, calls=30_000), {"load": 0.7}),
    (Refusals(slots=5, load=3, service="fixed", calls=20_000), {"load": 3.5}),
    (FullQueue(places=10, load=0.95, calls=30_000), {"places": 5}),
    (RetriedRefusals(slots=5, load=3, calls=20_000), {"slots": 6}),
    (QueueInFront(slots=5, load=4, calls=1_000), {"slots": 6}),
    (ThroughputCap(slots=5, service_s=1.5), {"slots": 4}),
    (Burst(per_second=10, burst=20, calls=100), {"burst": 10}),
    (LimitedBurst(per_second=5, burst=10, calls=50), {"burst": 5}),
    (CachedReads(kept_s=300, reads=500), {"kept_s": 100}),
    (BreakerInOutage(phases=5), {"probes": 6}),
    (BacklogInOutage(runs=2), {"outage_min": 40}),
    (BudgetedRetries(failing=0.6, calls=1_000), {"budget": False}),
    (BlindRetries(a=0, b=0.02, tries=5), {"b": 0.03}),
    (BlindRetries(a=0.3, b=0.05, tries=5, operations=5_000), {"tries": 3}),
    (BlindRetries(a=0, b=0.02, tries=5, keys=True, operations=5_000), {"keys": False}),
    (Timeouts(theta_s=10, slow=10, operations=2_000), {"theta_s": 8}),
    (Restart(steps=5, p=0.9, operations=1_000), {"p": 0.85}),
    (LayeredRetries(tries=3, layers=5), {"layers": 4}),
    (OneLayer(tries=3, failing=0.2, operations=4_000), {"tries": 1}),
    (Overshoot(cap_s=100, jitter=False, clients=200), {"jitter": True}),
    (TriesInAnOutage(minutes=72), {"minutes": 70}),
    (SeriesAvailability(systems=((90, 10), (190, 10)), chains=5_000, outages=300), {"systems": ((70, 30), (190, 10))}),
    (RetryWindows(tailed=True, windows_h=(4,), outages=1_024), {"tailed": False}),
    (Breakdowns(arrivals=0.5, failures=0.01, repair_s=(10, 10), outages=200), {"repair_s": (30, 30)}),
    (LayerRetries(layer="point-to-point:attempts=5", tries=5, b=0.2, runs=1), {"b": 0.1}),
    (LayerRetries(layer="point-to-point:attempts=5", tries=5, b=0.2, runs=1), {"layer": "event-driven"}),
    (SlowTarget(layer="point-to-point:attempts=unlimited", median_s=20, runs=1), {"median_s": 12}),
    (LostAmendments(layer="event-driven:gate=none", delay_s=60, gap_s=60, runs=2), {"gap_s": 200}),
    (LostAmendments(layer="event-driven:gate=none", delay_s=60, gap_s=60, runs=2), {"layer": "event-driven"}),
    (KeptAmendments(layer="event-driven"), {"layer": "event-driven:gate=none"}),
    (OvertakenWhileParked(runs=2), {"gap_s": 200}),
    (SequenceWait(runs=2), {"delay_s": 20}),
    (Drain(layer="event-driven", load=0.5, runs=3), {"load": 0.7}),
    (GivingUp(layer="point-to-point", load=0.5, runs=1), {"load": 0.3}),
    (BatchLag(every="4h", load_s=1, accounts=1_000), {"every": "2h"}),
    (WatermarkLoss(late_s=960, lookback="none", lookback_s=0, accounts=1_000), {"lookback": "30min"}),
    (ControlTotals(checks=True, runs=2), {"checks": False}),
    (LayerDown(capture="outbox"), {"capture": "webhook"}),
    (LayerDown(capture="webhook"), {"down_h": 12}),
    (MappingEdits(layer="point-to-point", hub=False), {"layer": "canonical-hub"}),
    (Compensation(fails=0.1, runs=1), {"fails": 0.3}),
    (Compensation(fails=0.1, runs=1), {"layer": "sync-orchestration:attempts=1,compensation=off"}),
    (
        RestartedRequests(layer="process-orchestration:idempotency=none", restarts=False, runs=1),
        {"layer": "sync-orchestration:attempts=1,compensation=off,idempotency=none"},
    ),
    (CrashedRequests(), {"step_s": 10}),
    (Overtaken(travel_s=60, gap_s=60, pairs=5_000), {"gap_s": 90}),
    (RetriedOvertaken(late=0.05, late_s=7_200, gap_s=3_600, pairs=10_000), {"late": 0.1}),
    (Simultaneous(versions=3, keys=3_000), {"versions": 2}),
    (Gated(travel_s=60, gap_s=60, pairs=4_000), {"gap_s": 90}),
    (Partitions(partitions=5, load=0.8, calls=30_000), {"load": 0.6}),
    (Poison(poisons=10), {"blocked_s": 300}),
    (SkewedClocks(off_ms=50, apart_ms=100, pairs=2_000), {"off_ms": 80}),
    (FastClock(fast_s=2, gap_s=60, pairs=10_000), {"fast_s": 4}),
    (ThreadsHeld(handled=4_000), {"slow": 3}),
    (KeyLifetime(system="billing", from_h=0, to_h=48, operations=1_000), {"to_h": 72}),
    (KeyLifetime(system="billing", from_h=60, to_h=65, operations=100), {"system": "erp"}),
    (CheckThenCreate(system="billing", index_lag_s=64, gap_s=30, accounts=1_000), {"index_lag_s": 10}),
]
"""Cases, small ones, and what of each is another in the run than in the prediction."""


def disagreeing(predicting, measuring):
    """The claims of one case with which the measurement of another does not agree."""
    predicted, measured = predicting.predict(), measuring.measure(SEED)
    pairs = zip(predicted.items(), measured.values(), strict=True)
    return [claim for (claim, number), seen in pairs if not seen.agrees_with(number)]


@pytest.mark.parametrize(("case", "change"), WRONG, ids=lambda what: type(what).__name__)
def test_another_parameter_is_found_out(case, change):
    assert disagreeing(case, replace(case, **change))


def test_every_kind_of_case_is_tried_with_a_wrong_parameter():
    kinds = {type(case).__name__ for one in HYPOTHESES for case in one.cases if not isinstance(case, Untested)}
    assert kinds == {type(case).__name__ for case, _ in WRONG}
