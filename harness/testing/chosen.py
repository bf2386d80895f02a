"""Which break a failure tells of: the most telling one of those that a broken expectation is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.explain.late import slow_flow
from harness.explain.safeguards import group_of
from harness.sweeps.trial import ABSENT

Found = Mapping[str, Any]


def chosen(breaks: Sequence[Found], expectations: Sequence[Found]) -> Sequence[Found]:
    """The break to tell of, of a run's breaks as its document lists them.

    None if there is none; or if what is broken is about none of them, and about things that came, but late.
    """
    broken = [each for each in expectations if not each["held"]]
    about = next((found for each in broken for found in breaks if _is_about(each["name"], found)), None)
    if about is None and any(slow_flow(each) is not None and each["value"] is not None for each in broken):
        return []
    return [about] if about else list(breaks[:1])


def _is_about(expectation: str, found: Found) -> bool:
    """Whether an expectation, such as `duplicates.invoices == 0` or `breaks.sign == 0`, is about a break."""
    measure, _, part = expectation.partition(" ")[0].partition(".")
    kind: str = found["kind"]
    return {
        "duplicates": group_of(kind) == "twice",
        "missing": kind in ABSENT,
        "breaks": part in (kind, ""),
    }.get(measure, False)
