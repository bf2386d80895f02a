"""Hypotheses whose closed form is known and whose mechanism the simulator does not have yet, each with what is missing.

Once a mechanism is built, its hypothesis moves to a module of its own and is measured.
"""

import math

from harness.hypotheses.hypothesis import Hypothesis, Untested


def batch_lag_min(interval: float, run: float) -> float:
    """The mean lag of a batch whose rows appear at the run's end: I / 2 + W."""
    return interval / 2 + run


def watermark_loss(mean_delay_s: float, interval_s: float, lookback_s: float) -> float:
    """The share of rows that become visible behind the watermark: (d / I) e^(−L / d)."""
    return mean_delay_s / interval_s * math.exp(-lookback_s / mean_delay_s)


def compensations(steps: int, fails: float) -> float:
    """Compensated steps a saga: Σ p (i − 1) (1 − p)^(i − 1)."""
    return math.fsum(fails * (step - 1) * (1 - fails) ** (step - 1) for step in range(1, steps + 1))


HYPOTHESES = (
    Hypothesis(
        id="H6",
        about="batch lag",
        cases=(
            Untested(
                {
                    f"mean lag in min, every {interval} min, runs of {run} min": batch_lag_min(interval, run)
                    for interval, run in ((15, 2), (60, 5), (240, 20), (1440, 90))
                },
                "managed batch is not built yet",
            ),
        ),
    ),
    Hypothesis(
        id="H7",
        also=("F5",),
        about="rows lost behind a watermark",
        cases=(
            Untested(
                {
                    f"share of rows lost, visible {late} s late, every {every} s, lookback {back} s": watermark_loss(
                        late, every, back
                    )
                    for late, every, back in ((2, 900, 0), (2, 900, 5), (30, 3600, 60))
                },
                "managed batch with a watermark and a lookback is not built yet",
            ),
        ),
    ),
    Hypothesis(
        id="H16",
        about="mappings, point to point and through a hub",
        cases=(
            Untested(
                {
                    "mappings of 6 systems, each to each": 6 * 5,
                    "mappings of 6 systems, through a hub": 2 * 6,
                },
                "the canonical hub with its adapters is not built yet",
            ),
        ),
    ),
    Hypothesis(
        id="H20",
        about="dual write and outbox",
        cases=(
            Untested(
                {
                    "events lost a dual write, a crash a day and 0.1 s between commit and publish": 0.1 / 86_400,
                    "events lost through an outbox": 0,
                },
                "capture by dual write or outbox, and crashes of a layer, are not built yet",
            ),
        ),
    ),
    Hypothesis(
        id="H21",
        also=("F8",),
        about="sagas that compensate",
        cases=(
            Untested(
                {
                    **{f"share of sagas completed, 5 steps that fail with {p:g}": (1 - p) ** 5 for p in (0.01, 0.02)},
                    **{
                        f"compensations a saga, 5 steps that fail with {p:g}": compensations(5, p) for p in (0.01, 0.02)
                    },
                },
                "orchestration with compensation is not built yet",
            ),
        ),
    ),
    Hypothesis(
        id="H22",
        about="a crash of a stateless layer",
        cases=(
            Untested(
                {"calls lost a crash, 0.2 a second that take 4 s": 0.2 * 4},
                "crash and restart of a layer are not built yet",
            ),
        ),
    ),
    Hypothesis(
        id="H30",
        about="control totals",
        cases=(
            Untested(
                {
                    "share of batches with one row missing or double that totals detect": 1,
                    "share of batches with offsetting errors that totals detect": 0,
                    "mean min to detection, reconciled every 60 min by a run of 5 min": batch_lag_min(60, 5),
                },
                "control totals of a managed batch are not built yet",
            ),
        ),
    ),
)
