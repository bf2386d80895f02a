"""What did it: the fault, with its window and its hit; or, where none touched it, the layer's own rule and its step."""

from collections.abc import Sequence

from fakes.names import kind_of
from harness.explain.commits import about, writing
from harness.explain.evidence import TAKEN, Found, Record
from harness.explain.parting import hit
from harness.explain.safeguards import MASTER_DATA
from harness.explain.trails import Trail
from harness.explain.whereabouts import Seen
from harness.explain.words import Clock, called, ended
from reports.result import FaultHits
from reports.story import Commit, FaultTold
from reports.wording import date_time, listing, spoken
from sim.durations import HOUR, SECOND

SOON_US = HOUR
"""A fault that has ended so long before may still have left something behind: an open breaker, a wait."""


def fault_of(found: Found, faults: Sequence[FaultHits], clock: Clock) -> FaultTold | None:
    """The fault whose hit is the break's cause, as it was planned."""
    if found.struck_us is None or found.cause in MASTER_DATA:
        return None
    where = found.struck_at or ""
    planned = next((fault for fault in faults if fault["name"] == found.struck_by), None)
    ends = (planned["from_s"], planned["until_s"]) if planned else ()
    return FaultTold(
        name=found.struck_by or found.cause,
        kind=found.cause,
        target=planned["target"] if planned else kind_of(where.partition(".")[0]),
        window=" to ".join(date_time(clock.calendar, each) for each in ends),
        at_s=found.struck_us / 1_000_000,
        at=clock.at(found.struck_us),
        where=where,
        key=found.struck_key or "",
    )


def cause(
    found: Found, fault: FaultTold | None, trail: Trail, records: Sequence[Record], commits: Sequence[Commit],
    seen: Seen | None, clock: Clock,
) -> str:  # fmt: skip
    """What did it, in words."""
    if found.cause in MASTER_DATA:
        where = f"{found.struck_at} of {found.struck_key}"
        return f"Master data or a rule was lacking ({spoken(found.cause)}): {where} was refused for want of it."
    if fault is None:
        return f"No fault struck it: {_without(found, trail, records, commits, seen, clock)}."
    window = f", {fault['window']}" if fault["window"] else ""
    where = f"{fault['where']} of {fault['key']}" if fault["key"] else fault["where"]
    struck = hit(found, trail)
    what = struck.subject if struck else "not this very call or delivery, but something that it depends on"
    return f"The fault {fault['name']!r} ({spoken(fault['kind'])}{window}) struck {where} at {fault['at']}: {what}."


def also_on(faults: Sequence[FaultHits], at_us: int) -> str:
    """That faults were on at an instant, or shortly before, and struck something else; nothing if none was."""
    on = [
        repr(fault["name"]) for fault in faults
        if fault["hits"] and fault["from_s"] * SECOND <= at_us <= fault["until_s"] * SECOND + SOON_US
    ]  # fmt: skip
    them = "That may have had a part in it." if len(on) == 1 else "They may have had a part in it."
    return f" At that time {listing(on)} struck other calls or deliveries. {them}" if on else ""


def _without(
    found: Found, trail: Trail, records: Sequence[Record], commits: Sequence[Commit], seen: Seen | None, clock: Clock
) -> str:  # fmt: skip
    """The step at which the layer's own rule, or the calendar, did it."""
    if found.cause == "period_closed":
        return f"ERP had locked {found.period} before it was posted, so that it went into a month that was open"
    if len(commits) > 1 and commits[-1]["call"] is not None:
        step = f", at call {commits[-1]['call']}: {commits[-1]['why']}"
    elif seen is not None:
        step = f", after the step where it was last seen ({seen.place})"
    else:
        step = _making(found, trail, records, clock)
    return f"the layer's own rule did it{step}"


def _making(found: Found, trail: Trail, records: Sequence[Record], clock: Clock) -> str:
    """The step at which something was made otherwise than agreed."""
    for record in about(found, records):
        call = writing(record, trail)
        if call is not None:
            made = "wrote" if call.committed_us > record.at_us else "made"
            return f", at {called(call)}, sent at {clock.at(call.sent_us)}, which {made} {record.id}"
    if trail.calls:
        return f", at or after {called(trail.calls[-1])}: {ended(trail.calls[-1])}"
    taken = [one for one in trail.deliveries if one.outcome in TAKEN]
    if taken:
        last = taken[-1]
        return f": {last.subscriber} acknowledged event {last.event} at {clock.at(last.at_us)} and called nothing"
    return ", before any call: it never took in what it was told"
