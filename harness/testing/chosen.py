"""Which break a failure tells of: the most telling one of those that a broken expectation is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.explain.safeguards import group_of
from harness.sweeps.trial import ABSENT

Found = Mapping[str, Any]


def chosen(breaks: Sequence[Found], expectations: Sequence[Found]) -> Sequence[Found]:
    """The break to tell of, of a run's breaks as its document lists them; none if there is none."""
    about = (found for each in expectations if not each["held"] for found in breaks if _is_about(each["name"], found))
    return [first] if (first := next(about, next(iter(breaks), None))) else []


def _is_about(metric: str, found: Found) -> bool:
    """Whether an expectation of a metric, such as `duplicates.invoices` or `breaks.sign`, is about a break."""
    measure, _, part = metric.partition(".")
    kind: str = found["kind"]
    return {
        "duplicates": group_of(kind) == "twice",
        "missing": kind in ABSENT,
        "breaks": part in (kind, ""),
    }.get(measure, False)
