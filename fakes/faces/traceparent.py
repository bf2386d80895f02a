"""A business event's number as W3C trace context: what code passes on tells what it works for."""

import re

_FORM = re.compile(r"00-([0-9a-f]{16})([0-9a-f]{16})-[0-9a-f]{16}-[0-9a-f]{2}")
_OURS = "7469656f75740000"  # the letters of our name: no other's trace is taken for an event


def traceparent_of(event: int) -> str:
    """The header that says that something is done for an event, by its number."""
    return f"00-{_OURS}{event:016x}-{event:016x}-01"


def event_of(header: str) -> int | None:
    """The number of the event that a header says, or None if it says none of ours."""
    said = _FORM.fullmatch(header.strip())
    return int(said[2], 16) if said and said[1] == _OURS and int(said[2], 16) else None
