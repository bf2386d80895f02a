"""What a scenario expects of a run: thresholds in the k6 manner, as data, and a verdict on each.

A key names a metric of METRICS.md, or one of its parts (`duplicates.invoices`, `event_lag.contract->billing`);
a threshold's text compares it with a limit: `== 0`, `< 0.5%`, or for a distribution `p(99) < 15min`.

A word before it says when it has to hold. `always == 0`, a safety: whatever has gone wrong and is not over yet, and
also of what was put right again. `eventually == 0`, a liveness: once all is healed; a run in which some fault still
struck on the last day is not held to it. `sometimes > 0`: in one at least of the runs that are made together, so that
runs which never came to the case in question say so. Without a word: at the end of each run, as the run is.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Literal, get_args

from fakes.company import SYSTEMS
from harness.audit.audit import COUNTED
from harness.audit.breaks import CURRENCY, Kind
from harness.lags import FLOWS
from harness.status import AGES_US, STATUSES
from sim.durations import DAY, SECOND, parse_us

RECORDS = tuple(dict.fromkeys(COUNTED.values()))
KINDS: tuple[str, ...] = get_args(Kind)

Unit = Literal["count", "number", "minor", "share", "s"]
When = Literal["", "always", "eventually", "sometimes"]

WHEN: tuple[When, ...] = ("always", "eventually", "sometimes")
"""The words that say when a threshold has to hold."""

PEACE_S = DAY // SECOND
"""So long before the end of a run no fault may have struck for it to be healed."""


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
    "backlog": Metric("count", "peak", None),
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

AGGREGATES = ("min", "med", "avg", "max", "never", "count")
"""What a threshold may ask of a distribution, beside p(N) with a whole N; `never` is the share that did not arrive."""

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
_UNITS: Mapping[str | None, Unit] = {"never": "share", "count": "count"}
_PERCENTS = {"min": 0, "med": 50, "max": 100}
_EXACT = {50: "p50_s", 95: "p95_s", 99: "p99_s", 100: "max_s"}
_THRESHOLD = re.compile(r"(?P<aggregate>[^<>=!]*)(?P<operator>[<>=!]+)(?P<limit>.*)")
_EXPRESSION = re.compile(r"(?P<left>(?:->|[^<>=!])*)(?P<right>[<>=!].*)")
_DOTTED = re.compile(rf"(?P<metric>.+)\.(?:p(?P<percent>\d+)|(?P<word>{'|'.join(AGGREGATES)}))")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One line of an expectation: `metric` (or its `part`), of a distribution its `aggregate`, against `limit`.

    `limit` is in `unit`: seconds, a share of 1, minor units, or a plain number. `name` is how people know it, `when`
    says when it has to hold.
    """

    name: str
    metric: str
    part: str | None
    aggregate: str | None
    operator: str
    limit: float
    unit: Unit
    when: When = ""

    @property
    def currency(self) -> str:
        """The currency of minor units: the part's own of an amount by currency, else the one that is reported in."""
        return self.part if self.part and METRICS[self.metric].whole == "translated" else CURRENCY


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a threshold held, and the value seen, in its unit: None if it never came, or was not there to see.

    A run may not be fit to be held to it: then it is not `judged`, and counts as held.
    """

    threshold: Threshold
    value: float | None
    held: bool
    remark: str = ""
    judged: bool = True

    def entry(self) -> dict[str, Any]:
        """The run document's entry."""
        threshold = self.threshold
        entry = {"name": threshold.name, "limit": threshold.limit, "value": self.value, "held": self.held}
        more: dict[str, Any] = {"currency": threshold.currency} if threshold.unit == "minor" else {}
        if threshold.when:
            more["when"] = threshold.when
        if not self.judged:
            more["judged"] = False
        return entry | {"unit": threshold.unit} | more | ({"remark": self.remark} if self.remark else {})


# --- reading -----------------------------------------------------------------------------------------


def parse(metric: str, text: str) -> Threshold:
    """The threshold that `text` sets for a metric, or for a part of one: `parse("event_lag", "p(99) < 15min")`.

    Raises ValueError that says what was found, what was expected and what to write instead.
    """
    name, part = _known(metric)
    text = " ".join(text.split())
    said = text
    when, text = _when(said)
    if when == "always":
        if name in WAITED_FOR:
            raise ValueError(f"{said!r}: what is {name} now may still come: write 'eventually {text}'")
        name = METRICS[name].ever or name
    known = METRICS[name].of(part)
    match = _THRESHOLD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} compares nothing: write {_example(known)!r}, with one of {' '.join(_OPERATORS)}")
    operator = match["operator"]
    if operator not in _OPERATORS:
        raise ValueError(f"{text!r}: {operator!r} is no comparison: write one of {' '.join(_OPERATORS)}")
    aggregate = _aggregate(metric, known, match["aggregate"].strip(), text)
    unit = _UNITS.get(aggregate, known.unit)
    limit = _limit(match["limit"].strip(), unit, text)
    return Threshold(f"{metric} {said}", name, part, aggregate, operator, limit, unit, when)


def read(expression: str) -> tuple[str, str]:
    """The metric and the text of a threshold said in one line, as on the command line.

    >>> read("event_lag.p99 < 15 min")
    ('event_lag', 'p(99) < 15 min')
    >>> read("eventually missing.invoices == 0")
    ('missing.invoices', 'eventually == 0')

    Raises ValueError as `parse` does, which has read it once.
    """
    expression = " ".join(expression.split())
    match = _EXPRESSION.fullmatch(expression)
    when, left = _when(match["left"].strip() if match else "")
    if match is None or not left:
        raise ValueError(
            f"{expression!r} compares no metric: write for example 'duplicates == 0' or 'event_lag.p99 < 15min'"
        )
    metric, _, aggregate = left.partition(" ")
    dotted = _DOTTED.fullmatch(metric)
    if dotted and not aggregate and metric not in METRICS:
        known = METRICS.get(dotted["metric"]) or METRICS.get(dotted["metric"].partition(".")[0])
        if known and known.distribution:
            metric, aggregate = dotted["metric"], dotted["word"] or f"p({dotted['percent']})"
    text = " ".join(word for word in (when, aggregate, match["right"]) if word)
    parse(metric, text)
    return metric, text


def _when(text: str) -> tuple[When, str]:
    """The word that a text begins with, if it is one of WHEN, and the rest."""
    for when in WHEN:
        if text == when or text.startswith(f"{when} "):
            return when, text.removeprefix(when).lstrip()
    return "", text


def _known(metric: str) -> tuple[str, str | None]:
    """The metric's name and its part, both checked."""
    name, dot, part = (metric, "", "") if metric in METRICS else metric.partition(".")
    if name not in METRICS:
        raise ValueError(f"{metric!r} is no metric{_nearest(name, METRICS)}; known are {', '.join(sorted(METRICS))}")
    parts = METRICS[name].parts
    if not dot and METRICS[name].whole is None:
        raise ValueError(
            f"{metric!r} has parts that do not add up: write {' or '.join(f'{name}.{p}' for p in (parts or ())[:4])}"
        )
    if not dot:
        return name, None
    if not part or parts == ():
        raise ValueError(f"{metric!r}: {name} has no such part: write {name!r} alone")
    if parts is not None and part not in parts:
        raise ValueError(f"{metric!r}: {name} has no part {part!r}{_nearest(part, parts)}; it has {', '.join(parts)}")
    return name, part


def _aggregate(metric: str, known: Metric, word: str, text: str) -> str | None:
    if not known.distribution:
        if word:
            raise ValueError(f"{text!r}: {metric} is one number, so drop {word!r}: write {_example(known)!r}")
        return None
    if word in AGGREGATES or re.fullmatch(r"p\((\d{1,2}|100)\)", word):
        return word
    found = f"{word!r} is no number of it" if word else f"{metric} is a distribution, and this names no number of it"
    meant = re.fullmatch(r"p\(?(\d{1,2})(\D.*)?", word)
    near = f"; did you mean 'p({meant[1]})'?" if meant else _nearest(word, AGGREGATES)
    raise ValueError(f"{text!r}: {found}{near}: write p(0) to p(100), {', '.join(AGGREGATES)}: {_example(known)!r}")


def _limit(written: str, unit: str, text: str) -> float:
    number = _NUMBER.fullmatch(written)
    if unit == "s":
        return _seconds(written, text)
    if unit == "share":
        percent = _NUMBER.fullmatch(written.removesuffix("%").rstrip())
        if percent and written.endswith("%"):
            return float(Fraction(percent[0]) / 100)
        if number and not 0 <= float(written) <= 1:
            raise ValueError(f"{text!r}: {written} is no share of 1: write {written}% for per cent")
    if number is None:
        expected = {"share": "a share such as 0.5% or 0.005", "minor": "minor units such as 250"}.get(unit, "a number")
        raise ValueError(f"{text!r}: {written!r} is no limit here: write {expected}")
    return int(written) if written.lstrip("-").isdigit() else float(written)


def _seconds(written: str, text: str) -> float:
    if _NUMBER.fullmatch(written):
        if float(written) == 0:
            return 0
        raise ValueError(f"{text!r}: {written} has no unit: write {written} s, {written} min or {written} h")
    try:
        span_us = parse_us(written)
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None
    return span_us // SECOND if span_us % SECOND == 0 else span_us / SECOND


def _example(known: Metric) -> str:
    if known.distribution:
        return "p(99) < 15min"
    return {"s": "< 2 h", "share": "< 0.5%", "number": "<= 3", "minor": "== 0"}.get(known.unit, "== 0")


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


# --- judging -----------------------------------------------------------------------------------------


def check(thresholds: Sequence[Threshold], document: Mapping[str, Any]) -> list[Verdict]:
    """A verdict on each threshold over one run document, in order.

    What never came (null) is worse than every limit, so its threshold is not held, and neither is one on
    something the run does not measure. Of a distribution without samples everything holds, with a remark.
    """
    last = _struck_last(document)
    verdicts = [_judge(threshold, document) for threshold in thresholds]
    return [_unhealed(each, last) if last and each.threshold.when == "eventually" else each for each in verdicts]


def _struck_last(document: Mapping[str, Any]) -> str:
    """The first of the faults that still struck on the last day of the run; empty if there is none."""
    peace_s = document.get("simulated_s", 0) - PEACE_S
    return next((fault["name"] for fault in document["faults"] if (fault.get("last_s") or 0) > peace_s), "")


def _unhealed(verdict: Verdict, fault: str) -> Verdict:
    remark = f"not judged: {fault} still struck on the run's last day, and left no time to heal"
    return replace(verdict, held=True, judged=False, remark=remark)


def _judge(threshold: Threshold, document: Mapping[str, Any]) -> Verdict:
    try:
        found = _found(document, threshold.metric, threshold.part)
        if threshold.aggregate is not None:
            empty = not _count(found) and threshold.aggregate != "count"
            value = None if empty else _of_distribution(found, threshold.aggregate)
        elif isinstance(found, Mapping):
            whole = METRICS[threshold.metric].whole or "largest"
            empty = not found and whole != "sum"
            value = None if empty else _whole(whole, found, document)
        else:
            empty, value = False, found
    except LookupError:
        return Verdict(threshold, None, False, "this run does not measure it")
    if empty:
        return Verdict(threshold, None, True, "no samples: there was nothing to measure")
    if value is None:
        return Verdict(threshold, None, False, "it never came")
    return Verdict(threshold, value, _OPERATORS[threshold.operator](value, threshold.limit))


def _found(document: Mapping[str, Any], metric: str, part: str | None) -> Any:
    """What the document says of a metric or of a part of it. Raises LookupError if it says nothing.

    Counts are written only where there are any, so a part that the metric is known to have counts 0.
    """
    metrics = document["metrics"]
    if part is None:
        try:
            return _descend(metrics, metric)
        except LookupError:
            return _elsewhere(document, metric)
    try:
        return _descend(metrics[metric], part)
    except LookupError:
        tree = _elsewhere(document, metric)
    known = METRICS[metric]
    if known.unit == "count" and known.parts and part not in tree:
        return 0
    return _descend(tree, part)


def _elsewhere(document: Mapping[str, Any], metric: str) -> Any:
    """A metric's parts, where the document keeps them beside its metrics."""
    if metric == "event_lag":
        return {flow["flow"]: flow for flow in document["flows"]}
    if metric == "fault_hits":
        return {fault["name"]: fault["hits"] for fault in document["faults"]}
    if metric == "breaks":
        return document["breaks"]["by_kind"]
    return document[metric]


def _descend(tree: Any, path: str) -> Any:
    """The entry at a dotted path; names may hold dots themselves."""
    if not isinstance(tree, Mapping):
        raise LookupError(path)
    if path in tree:
        return tree[path]
    head, _, rest = path.partition(".")
    if not rest:
        raise LookupError(path)
    return _descend(tree[head], rest)


def _whole(whole: str, parts: Mapping[str, Any], document: Mapping[str, Any]) -> float | None:
    """The number that stands for all parts; None if one that counts never came."""
    if whole == "translated":
        translated_minor: int = document["breaks"]["amount_minor"]
        return translated_minor
    leaves: list[Any] = [parts[whole]] if whole not in {"sum", "largest"} else list(_leaves(parts))
    if None in leaves:
        return None
    number: float = sum(leaves) if whole == "sum" else max(leaves, key=abs)
    return number


def _leaves(parts: Mapping[str, Any]) -> Iterable[Any]:
    for part in parts.values():
        if isinstance(part, Mapping):
            yield from _leaves(part)
        else:
            yield part


def _count(entry: Mapping[str, Any]) -> int:
    count: int = entry["count"] if "count" in entry else entry["expected"]
    return count


def _of_distribution(entry: Mapping[str, Any], aggregate: str) -> float | None:
    """One number of a distribution's entry, in seconds; None if it never came."""
    value: float | None
    if aggregate == "count":
        value = _count(entry)
    elif aggregate == "never":
        value = entry["never_share"] if "never_share" in entry else 1 - entry["arrived"] / entry["expected"]
    elif aggregate == "avg":
        value = entry["mean_s"]
    else:
        percent = _PERCENTS[aggregate] if aggregate in _PERCENTS else int(aggregate[2:-1])
        exact = _EXACT.get(percent)
        value = entry[exact] if exact and exact in entry else entry["quantiles_s"][percent]
    return value
