"""The metrics that thresholds may name: their units, their parts, and what stands for all parts together."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from fakes.names import SYSTEMS
from harness.audit.audit import COUNTED
from harness.audit.breaks import Kind
from harness.lags import FLOWS
from harness.status import AGES_US, STATUSES

RECORDS = tuple(dict.fromkeys(COUNTED.values()))
KINDS: tuple[str, ...] = get_args(Kind)

Unit = Literal["count", "number", "minor", "share", "s"]


@dataclass(frozen=True, slots=True)
class Metric:
    """How one metric is written in thresholds, and what it is in the run document when it comes in parts.

    `parts` are the names that may follow its dot: None leaves them open, as fault names are. `whole` says what
    stands for all parts together when none is named: their `sum`, the one `largest` in size, one part by name, or what
    they come to `translated`, as the breaks' amount tells it; None says that a part has to be named. `units` has the
    units of parts that have another, by the last of their names. `ever` is the metric that counts also what was put
    right again.
    """

    unit: Unit
    whole: str | None = "largest"
    parts: tuple[str, ...] | None = ()
    distribution: bool = False
    units: Mapping[str, Unit] = field(default_factory=dict)
    ever: str = ""

    def of(self, part: str | None) -> "Metric":
        """The same in the unit of a part."""
        return replace(self, unit=self.units.get(part.rpartition(".")[2], self.unit)) if part and self.units else self


STATUS_NUMBERS: Mapping[str, Unit] = {"peak": "count", "mean": "number", "peak_minor": "minor", "oldest_s": "s"}
"""What is told of each business status, and its unit."""

METRICS: Mapping[str, Metric] = {
    "event_lag": Metric("s", parts=FLOWS, distribution=True),
    "delivery_lag": Metric("s", parts=None, distribution=True),
    "invoice_delay": Metric("s", None, ("issued", "posted"), distribution=True),
    "amendment_sync_time": Metric("s", distribution=True),
    "freshness": Metric("s", parts=None),
    "recovery_time": Metric("s", parts=None),
    "wait": Metric("s", parts=SYSTEMS),
    "duplicates": Metric("count", "sum", RECORDS, ever="duplicates_ever"),
    "duplicates_ever": Metric("count", "sum", RECORDS),
    "duplicate_customers": Metric("count", "sum", SYSTEMS),
    "missing": Metric("count", "sum", RECORDS),
    "breaks": Metric("count", "sum", KINDS),
    "cut_off_errors": Metric("count", "count", None),
    "api_calls": Metric("count", "sum", None),
    "durable_writes": Metric("count", "sum"),
    "durable_s": Metric("s", "sum"),
    "retries": Metric("count", "sum", None),
    "fault_hits": Metric("count", "sum", None),
    "backlog": Metric("count", "peak", None, units={"mean": "number"}),
    "dead_letters": Metric("count", "in", None),
    "work_queue": Metric("count", "in", None),
    "dead_letters.age": Metric("s", distribution=True),
    "work_queue.age": Metric("s", distribution=True),
    "manual_touches": Metric("count", "sum"),
    "reminders": Metric("count", "sum"),
    "wrongful_reminders": Metric("count", "sum"),
    "manual_adjustments": Metric(
        "count", "count", ("count", "amount_minor", "share"), units={"amount_minor": "minor", "share": "share"}
    ),
    "close_cycle": Metric("number", None, ("business_days", "hours")),
    "business_status": Metric(
        "count",
        None,
        (
            *(f"{status}.{number}" for status in STATUSES for number in STATUS_NUMBERS),
            *(f"exceptions.peak_over_{age}" for age in AGES_US),
        ),
        units=STATUS_NUMBERS,
    ),
    "in_hand": Metric("count", "sum"),
    "skipped": Metric("count", "sum", ("repeats", "superseded")),
    "held_for_order": Metric("count", "sum"),
    "compensations": Metric("count", "sum"),
    "amount_off": Metric("minor", "translated", None),
    "unexplained": Metric("minor", parts=None),
    "failure_rate": Metric("share", "all", None),
    "retry_share": Metric("share", parts=None),
    "utilisation": Metric("share", parts=SYSTEMS),
    "amplification": Metric("number", parts=None),
    "calls_per_contract": Metric("number", parts=None),
    "goodput": Metric("number", parts=None),
    "queue_length": Metric("number", parts=SYSTEMS),
}
"""The metrics that thresholds may name. METRICS.md defines them."""

WAITED_FOR = frozenset({"missing", "in_hand"})
"""What is there while all is well: what has not come yet may still come, so that it can be expected to go, but never
not to be."""
