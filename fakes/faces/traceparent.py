"""The header `traceparent` (W3C Trace Context): which of our events a webhook, and what is done about it, comes from.

A trace id of ours bears the number of the event. Whoever hands the header on, or begins a span below it, keeps that.
"""

import re

OURS = "7469656f7574"
"""How our trace ids begin: `tieout` in ASCII."""

_HEADER = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_NUMBERS = 32 - len(OURS)


def traceparent_of(event: int) -> str:
    """The header that says of a call or message that it is about an event, by its number, which is 1 or more."""
    assert 0 < event < 1 << 63, f"events are numbered from 1 on, not {event}"
    return f"00-{OURS}{event:0{_NUMBERS}x}-{event:016x}-01"


def event_of(header: str | None) -> int | None:
    """The number of the event that a header names; None if it is malformed, or its trace is not one of ours."""
    parts = _HEADER.fullmatch(header.strip()) if header else None
    if parts is None:
        return None
    version, trace, parent, _, more = parts.groups()
    if version == "ff" or (version == "00" and more) or not int(parent, 16):
        return None
    event = int(trace[len(OURS) :], 16)
    return event if trace.startswith(OURS) and 0 < event < 1 << 63 else None
