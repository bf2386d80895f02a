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

    `about` says in a clause what is measured. `parts` are the names that may follow its dot: None leaves them open, as
    fault names are. `whole` says what stands for all parts together when none is named: their `sum`, the one `largest`
    in size, one part by name, or what they come to `translated`, as the breaks' amount tells it; None says that a part
    has to be named. `units` has the units of parts that have another, by the last of their names. `ever` is the metric
    that counts also what was put right again.
    """

    unit: Unit
    about: str
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
    "event_lag": Metric(
        "s",
        "from a change's commit at its source to the target's first record that reflects it, by flow; what never "
        "arrives is later than all else",
        parts=FLOWS,
        distribution=True,
    ),
    "delivery_lag": Metric(
        "s",
        "from the commit to the layer's acceptance: the source's and the network's share of the lag",
        parts=None,
        distribution=True,
    ),
    "invoice_delay": Metric(
        "s",
        "from when an invoice fell due to when it was `issued`, and from there to when it was `posted` in ERP",
        None,
        ("issued", "posted"),
        distribution=True,
    ),
    "amendment_sync_time": Metric(
        "s", "from an amendment's commit to the last target that reflects it", distribution=True
    ),
    "freshness": Metric(
        "s",
        "the age of the oldest change that a target does not reflect yet: the most of it (`max_s`), and by target",
        parts=None,
    ),
    "recovery_time": Metric("s", "from the end of a fault to a backlog as low as before it, by fault", parts=None),
    "wait": Metric("s", "how long a call waits for its turn at a system, on average", parts=SYSTEMS),
    "duplicates": Metric(
        "count",
        "live records beyond the first for one business key, by kind of record",
        "sum",
        RECORDS,
        ever="duplicates_ever",
    ),
    "duplicates_ever": Metric("count", "the same, with those that were voided or reversed since", "sum", RECORDS),
    "duplicate_customers": Metric("count", "customers of a system beyond one for each real customer", "sum", SYSTEMS),
    "missing": Metric(
        "count", "records that must be there and of which none is live, by kind of record", "sum", RECORDS
    ),
    "breaks": Metric("count", "classified differences between the books and what they must be, by kind", "sum", KINDS),
    "cut_off_errors": Metric(
        "count", "entries posted to another period than the one that they belong to", "count", None
    ),
    "api_calls": Metric("count", "calls of the quarter, by system", "sum", None),
    "durable_writes": Metric("count", "how often the layer wrote into its durable tables", "sum"),
    "durable_s": Metric("s", "how long these writes took together", "sum"),
    "retries": Metric("count", "attempts of calls beyond the first", "sum", None),
    "fault_hits": Metric("count", "calls, deliveries and runs that a planned fault touched, by fault", "sum", None),
    "backlog": Metric(
        "count",
        "changes committed and not yet reflected in every target: their `peak`, and their `mean`",
        "peak",
        None,
        units={"mean": "number"},
    ),
    "dead_letters": Metric(
        "count", "events that the layer gave up on: how many came `in`, were `dropped`, were `replayed`", "in", None
    ),
    "work_queue": Metric("count", "events that were parked for later: how many came `in`, and are `open`", "in", None),
    "dead_letters.age": Metric("s", "how long dead letters lay there", distribution=True),
    "work_queue.age": Metric("s", "how long parked events lay there", distribution=True),
    "manual_touches": Metric("count", "exceptions that people worked off", "sum"),
    "reminders": Metric("count", "reminders sent to customers", "sum"),
    "wrongful_reminders": Metric("count", "those for a document that the customer had paid by then", "sum"),
    "manual_adjustments": Metric(
        "count",
        "adjusting entries of the close: their `count`, `amount_minor`, and `share` of all entries",
        "count",
        ("count", "amount_minor", "share"),
        units={"amount_minor": "minor", "share": "share"},
    ),
    "close_cycle": Metric(
        "number", "from the quarter's last instant to the sign-off of the books", None, ("business_days", "hours")
    ),
    "business_status": Metric(
        "count",
        "what stands waiting, by status: its peak and mean number, its peak value, and the age of the oldest",
        None,
        (
            *(f"{status}.{number}" for status in STATUSES for number in STATUS_NUMBERS),
            *(f"exceptions.peak_over_{age}" for age in AGES_US),
        ),
        units=STATUS_NUMBERS,
    ),
    "in_hand": Metric("count", "events still in the layer's hands at the end", "sum"),
    "skipped": Metric(
        "count",
        "events that the layer passed over: `repeats`, and those `superseded` by a newer version",
        "sum",
        ("repeats", "superseded"),
    ),
    "held_for_order": Metric("count", "events held until the version before them had come", "sum"),
    "compensations": Metric("count", "records taken back because a later step could not be done", "sum"),
    "amount_off": Metric(
        "minor",
        "the amounts of all breaks, nothing netted, by currency; in all, in the currency that is reported in",
        "translated",
        None,
    ),
    "unexplained": Metric(
        "minor",
        "what the listed breaks do not explain of the difference between the books and what they must be",
        parts=None,
    ),
    "failure_rate": Metric("share", "failed calls of all calls: `all`, and by kind of failure", "all", None),
    "retry_share": Metric("share", "retries of all calls", parts=None),
    "utilisation": Metric("share", "how much of a system's capacity is at work, on average", parts=SYSTEMS),
    "amplification": Metric("number", "calls for each business event", parts=None),
    "calls_per_contract": Metric("number", "calls for each contract signed in the quarter", parts=None),
    "goodput": Metric("number", "business events reflected in every target, for each hour", parts=None),
    "queue_length": Metric("number", "calls that wait for their turn at a system, on average", parts=SYSTEMS),
}
"""The metrics that thresholds may name. docs/metrics.md lists them."""

WAITED_FOR = frozenset({"missing", "in_hand"})
"""What is there while all is well: what has not come yet may still come, so that it can be expected to go, but never
not to be."""
