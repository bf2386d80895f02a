"""How a hunt draws a fault: as a swarm profile does, and now and then otherwise.

All the time, at one kind of step alone, at a single one, at all of them, or late by days: a bug that needs two rare
things needs at least one of them to be common.
"""

from collections.abc import Sequence
from datetime import timedelta

from harness.hunting.faults import Written, read, write
from harness.sweeps.swarm import Draws, written
from scenarios.reach import EVENTS, OPERATIONS
from sim.durations import HOUR, SECOND

LASTING = frozenset({
    "brownout", "lost_request", "lost_response", "duplicate_delivery", "late_delivery", "out_of_order", "crash",
    "poison", "stale_index", "clock_skew", "partial_load",
})  # fmt: skip
"""Kinds that a layer can live with all month: one in two of them lasts so long, and meets whatever there is to meet."""

ON_CALLS = frozenset({"brownout", "throttling", "lost_request", "lost_response"})
ON_EVENTS = frozenset({"duplicate_delivery", "late_delivery", "out_of_order", "poison", "schema_change"})
SINGLED_OUT = frozenset({"lost_request", "lost_response", "duplicate_delivery"})
DELAYING = frozenset({"late_delivery", "out_of_order"})

NTH_MAX = 64
EFFECTS_MAX = 2000
LATE_MAX_US = 60 * HOUR
TOTAL_MAX_US = 36 * HOUR

DST_S = 3600
"""What a month may be shorter by than its days."""


def drawn(kind: str, draws: Draws) -> str:
    """A fault of one of the swarm's kinds, in a scenario's words."""
    fault = read(written(kind, draws))
    if kind == "crash":
        fault = _crash(fault, draws)
    if kind in DELAYING and not draws.below("late by days", 3):
        fault = fault.saying(delay={"fixed": f"{draws.span_us('late by', HOUR, LATE_MAX_US) // SECOND} s"})
    if kind in ON_CALLS | ON_EVENTS and not draws.below("one step", 4):
        fault = _at_one_step(fault, kind, draws)
    if "share" in fault.fields:
        fault = _strength(fault, kind, draws)
    if "for" in fault.fields and kind in LASTING and not _is_total(fault, kind) and not draws.below("all month", 2):
        begins = draws.calendar.local(draws.calendar.quarter_start_us).replace(tzinfo=None)
        fault = fault.during(begins, (draws.until_us - draws.calendar.quarter_start_us) // SECOND - DST_S)
    return write(fault)


def together(faults: Sequence[str], draws: Draws) -> tuple[str, ...]:
    """The faults, in every second candidate with some of their windows moved to begin within the shortest of all.

    Two that are drawn alone seldom meet, as a crash and the outage in which there is something to forget.
    """
    read_ = [read(fault) for fault in faults]
    lasting = [fault for fault in read_ if fault.lasts_s is not None]
    if len(faults) < 2 or not lasting or draws.below("together", 2):
        return tuple(faults)
    host = min(lasting, key=lambda fault: fault.lasts_s or 0)
    return tuple(
        write(_moved_into(host, fault, draws, place)) if fault is not host else text
        for place, (fault, text) in enumerate(zip(read_, faults, strict=True))
    )


def _moved_into(host: Written, guest: Written, draws: Draws, place: int) -> Written:
    """Begun at one of the eighths of another one's window, in three cases of four; it heals when all others do."""
    if "from" not in guest.fields or not draws.below(f"guest {place}", 4):
        return guest
    begins = host.begins + timedelta(seconds=(host.lasts_s or 0) * draws.below(f"eighths {place}", 8) // 8)
    if guest.lasts_s is None:
        return guest.saying(**{"from": f"{begins:%Y-%m-%d %H:%M}"})
    until = draws.calendar.local(draws.until_us).replace(tzinfo=None)
    return guest.during(begins, min(guest.lasts_s, int((until - begins).total_seconds()) - DST_S))


def _crash(fault: Written, draws: Draws) -> Written:
    """Again and again, once, or right after one of the first effects."""
    match draws.below("crash", 3):
        case 0:
            return fault.without("every", "for", "from").saying(after_effect=draws.span_us("effect", 1, EFFECTS_MAX))
        case 1:
            return fault.without("every", "for")
    return fault


def _at_one_step(fault: Written, kind: str, draws: Draws) -> Written:
    field, steps = ("operations", OPERATIONS) if kind in ON_CALLS else ("events", EVENTS)
    words = steps[fault.fields["system"]]
    return fault.saying(**{field: [draws.among("step", words)]})


def _is_total(fault: Written, kind: str) -> bool:
    """Whether no call gets through: who tries again and again is not to do so all month."""
    return kind in {"lost_request", "lost_response"} and fault.fields.get("share") == 1


def _strength(fault: Written, kind: str, draws: Draws) -> Written:
    """A share, all of them, or one alone."""
    match draws.below("strength", 4):
        case 0:
            whole = fault.saying(share=1)
            if not _is_total(whole, kind):
                return whole
            return whole.saying(**{"for": f"{draws.span_us('in all', HOUR, TOTAL_MAX_US) // SECOND} s"})
        case 1 if kind in SINGLED_OUT:
            return fault.without("share").saying(nth=draws.span_us("nth", 1, NTH_MAX))
    return fault
