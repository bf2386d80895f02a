"""Verdicts: what one run comes to, held to thresholds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from harness.expectations.catalogue import METRICS
from harness.expectations.thresholds import Threshold
from sim.durations import DAY, SECOND

PEACE_S = DAY // SECOND
"""So long before the end of a run no fault may have struck for it to be healed."""

_COMPARED: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
_PERCENTS = {"min": 0, "med": 50, "max": 100}
_EXACT = {50: "p50_s", 95: "p95_s", 99: "p99_s", 100: "max_s"}


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
    return Verdict(threshold, value, _COMPARED[threshold.operator](value, threshold.limit))


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
