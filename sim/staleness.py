"""A search index that stands still: what should have come to be in it comes when it moves again."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sim.faults import Fault


@dataclass(slots=True, eq=False, kw_only=True)
class StaleIndex(Fault):
    """Nothing comes to be visible in the system's searches in the window; all that should have does at its end."""

    kind: str = field(init=False, default="stale_index")

    def __post_init__(self) -> None:
        assert not self.only, "an index stands still as a whole: it has no `only`"


def stale_indexes_of(faults: Iterable[Fault], target: str) -> tuple[StaleIndex, ...]:
    """Those that make the index of `target` stand still, in the order of their beginning."""
    ours = (fault for fault in faults if isinstance(fault, StaleIndex) and fault.target == target)
    return tuple(sorted(ours, key=lambda fault: (fault.start_us, fault.end_us)))


def hidden_by(stale: Iterable[StaleIndex], visible_us: int, now_us: int) -> StaleIndex | None:
    """The one of one system's that hides a record now which should be visible from `visible_us` on, if one does."""
    for fault in stale:
        if fault.start_us <= visible_us < fault.end_us:
            if now_us < fault.end_us:
                return fault
            visible_us = fault.end_us
    return None
