"""What a scenario expects of a run: thresholds in the k6 manner, as data, and a verdict on each.

A key names a metric of docs/metrics.md, or one of its parts (`duplicates.invoices`, `event_lag.contract->billing`);
a threshold's text compares it with a limit: `== 0`, `< 0.5%`, or for a distribution `p(99) < 15min`.

A word before it says when it has to hold. `always == 0`, a safety: whatever has gone wrong and is not over yet, and
also of what was put right again. `eventually == 0`, a liveness: once all is healed; a run in which some fault still
struck on the last day is not held to it. `sometimes > 0`: in one at least of the runs that are made together, so that
runs which never came to the case in question say so. Without a word: at the end of each run, as the run is.

Either is written as well on one line: `event_lag.p99 < 15min`, `eventually missing == 0`; and a metric's number may
follow its name everywhere.

`catalogue` has the metrics; `said` tells apart what people write, `thresholds` makes a threshold of it or refuses it
with a remedy, `verdicts` holds a run to it.
"""

from harness.expectations.catalogue import METRICS
from harness.expectations.said import AGGREGATES
from harness.expectations.thresholds import Threshold, metric_and_text, number_of, threshold_of
from harness.expectations.verdicts import Verdict, check

__all__ = ["AGGREGATES", "METRICS", "Threshold", "Verdict", "check", "metric_and_text", "number_of", "threshold_of"]
