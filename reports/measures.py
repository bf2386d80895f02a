"""What reports compare layers by: eight measures, what safeguards cost and people had to do; where a document has them.

For every one of the first two less is better or cheaper, so a difference can be put in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.result import RunDocument
from reports.wording import CURRENCY


@dataclass(frozen=True, slots=True)
class Measure:
    """One number a seed. `name` is its key in a compare document, `also` are keys that mean the same.

    `title` and `short` head columns; `less` and `more` put a difference in words: `{} fewer duplicates`;
    what is told and never compared has none.
    """

    name: str
    title: str
    short: str
    unit: str
    less: str = ""
    more: str = ""
    also: tuple[str, ...] = ()


DUPLICATES = Measure("duplicates", "duplicates", "duplicates", "count", "{} fewer duplicates", "{} more duplicates")
MISSING = Measure("missing", "missing", "missing", "count", "{} fewer records missing", "{} more records missing")
BREAKS = Measure(
    "breaks",
    "breaks open at close",
    "breaks at close",
    "count",
    "{} fewer breaks open at close",
    "{} more breaks open at close",
    also=("breaks_open_at_close", "breaks.open_at_close", "open_at_close"),
)
AMOUNT_OFF = Measure(
    "amount_off",
    "money off",
    "money off",
    "money",
    "{} less money off",
    "{} more money off",
    also=("amount_off.USD", "amount_off_minor", "breaks.amount_minor"),
)
LAG_P95 = Measure(
    "event_lag.p95_s",
    "event lag p95",
    "lag p95",
    "span",
    "event lag p95 {} shorter",
    "event lag p95 {} longer",
    also=("event_lag_p95_s", "event_lag_p95", "event_lag.p95"),
)
LAG_P99 = Measure(
    "event_lag.p99_s",
    "event lag p99",
    "lag p99",
    "span",
    "event lag p99 {} shorter",
    "event lag p99 {} longer",
    also=("event_lag_p99_s", "event_lag_p99", "event_lag.p99"),
)
NEVER = Measure(
    "event_lag.never_share",
    "never arrived",
    "never arrived",
    "share",
    "the share never arrived lower by {} of all changes",
    "the share never arrived higher by {} of all changes",
    also=("event_lag_never_share", "event_lag.never", "never_share"),
)
CALLS = Measure(
    "calls_per_contract",
    "API calls per contract",
    "calls/contract",
    "ratio",
    "{} fewer API calls per contract",
    "{} more API calls per contract",
)

LAG_P50 = Measure(
    "event_lag.p50_s",
    "event lag p50",
    "lag p50",
    "span",
    "event lag p50 {} shorter",
    "event lag p50 {} longer",
    also=("event_lag.p50",),
)
AMPLIFICATION = Measure(
    "amplification",
    "API calls per change",
    "calls/change",
    "ratio",
    "{} fewer API calls per change",
    "{} more API calls per change",
)
WRITES = Measure(
    "durable_writes",
    "durable writes",
    "writes",
    "count",
    "{} fewer durable writes",
    "{} more durable writes",
)
DURABLE = Measure(
    "durable_s",
    "time in durable writes",
    "writing",
    "span",
    "{} less in durable writes",
    "{} more in durable writes",
)

CLOSE_CYCLE = Measure("close_cycle.business_days", "business days to the sign-off", "days to sign-off", "count")
ADJUSTMENTS = Measure("manual_adjustments.count", "adjusting entries", "adjusting entries", "count")
ADJUSTED = Measure("manual_adjustments.amount_minor", "money adjusted", "money adjusted", "money")
WORKED_OFF = Measure("manual_touches", "exceptions cleared", "exceptions cleared", "count")
STILL_OPEN = Measure("exceptions_open", "exceptions still open", "exceptions open", "count")
UNOWNED = Measure("exceptions_unowned", "exceptions that nobody owns", "exceptions unowned", "count")
REPLAYED = Measure("replayed", "events replayed", "events replayed", "count")

MEASURES = (DUPLICATES, MISSING, BREAKS, AMOUNT_OFF, LAG_P95, LAG_P99, NEVER, CALLS)
BOOKS = (BREAKS, AMOUNT_OFF, DUPLICATES, MISSING)
"""The measures of whether the books are right, the most telling first."""
HARMS = (DUPLICATES, MISSING, NEVER, BREAKS, AMOUNT_OFF)
"""The measures that tell of a failure, in the order in which a sentence tells them."""
COSTS = (CALLS, AMPLIFICATION, LAG_P50, LAG_P95, WRITES, DURABLE)
"""The measures of what a safeguard costs while nothing goes wrong."""
PEOPLE = (CLOSE_CYCLE, ADJUSTMENTS, ADJUSTED, WORKED_OFF, STILL_OPEN, UNOWNED, REPLAYED)
"""The measures of what people had to do; see `reports.people` for which of them a report tells."""


PER = {
    "goodput": "changes an hour that arrived everywhere",
    "amplification": "API calls a change",
    "calls_per_contract": "API calls a contract",
}
"""What a metric is a ratio of, where its name does not say it."""


def numbers(run: RunDocument) -> dict[str, float | None]:
    """Every measure of one run by its name: what a comparison takes its means and intervals from.

    None is a quantile that was never reached, or a number that the run does not tell.
    """
    metrics = run["metrics"]
    lag = metrics.get("event_lag")
    lag = lag if isinstance(lag, Mapping) else {}
    contracts = run.get("truth", {}).get("contracts", 0)
    calls = metrics.get("calls_per_contract")
    if calls is None and contracts and "api_calls" in run:
        calls = run["api_calls"] / contracts
    return {
        DUPLICATES.name: sum(run["duplicates"].values()),
        MISSING.name: sum(run["missing"].values()),
        BREAKS.name: run["breaks"]["open_at_close"],
        AMOUNT_OFF.name: run["breaks"]["amount_minor"],  # what the amounts by currency come to in the one reported in
        LAG_P95.name: lag.get("p95_s"),
        LAG_P99.name: lag.get("p99_s"),
        NEVER.name: lag.get("never_share"),
        CALLS.name: calls,
        LAG_P50.name: lag.get("p50_s"),
        AMPLIFICATION.name: metrics.get("amplification"),
        WRITES.name: metrics.get("durable_writes"),
        DURABLE.name: metrics.get("durable_s"),
        CLOSE_CYCLE.name: metrics.get("close_cycle", {}).get("business_days"),
        ADJUSTMENTS.name: metrics.get("manual_adjustments", {}).get("count"),
        ADJUSTED.name: metrics.get("manual_adjustments", {}).get("amount_minor"),
        WORKED_OFF.name: metrics.get("manual_touches"),
        STILL_OPEN.name: _standing(run, "exceptions"),
        UNOWNED.name: _standing(run, "exceptions_unowned"),
        REPLAYED.name: sum(each["carried"] for each in run["replays"]) if "replays" in run else None,
    }


def unit_of(metric: str) -> str:
    """The unit of a metric, or of a part of one, by its name in docs/metrics.md."""
    for measure in (*MEASURES, *COSTS, *PEOPLE):
        if metric == measure.name or metric in measure.also:
            return measure.unit
    first, last = metric.partition(".")[0], metric.rpartition(".")[2]
    if last == "count" or first in ("amplification", "close_cycle", "goodput", "queue_length"):
        return "count" if last == "count" else "ratio"
    if last.endswith("_minor") or first in ("amount_off", "unexplained"):
        return "money"
    if last.endswith(("share", "_rate")) or first in ("failure_rate", "utilisation"):
        return "share"
    spans = last.endswith("_s") or first.endswith(("_lag", "_delay", "_time"))
    return "span" if spans or first in ("freshness", "wait") else "count"


def currency_of(metric: str) -> str:
    """The currency of a metric that is money: the one that its name ends with, else the one that is reported in."""
    name, _, last = metric.rpartition(".")
    return last if name == AMOUNT_OFF.name else CURRENCY


def flattened(metrics: Mapping[str, Any]) -> dict[str, float | None]:
    """Every number of a nested dict by its dotted name: `event_lag.p95_s`. What is no number is left out."""
    flat: dict[str, float | None] = {}
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": number for inner, number in flattened(value).items()}
        elif isinstance(value, int | float | None):
            flat[name] = value
    return flat


def _standing(run: RunDocument, status: str) -> int | None:
    """How many stand in a business status at the audit; none where the run knows of others only."""
    if "business_status" not in run:
        return None
    return sum(each["count"] for each in run["business_status"] if (each["status"], each["at"]) == (status, "audit"))
