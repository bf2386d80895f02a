"""Whether an older version was written over a newer one, and by which calls."""

from typing import NamedTuple

from harness.explain.evidence import Call, Found
from harness.explain.trails import Trail


class Overtaking(NamedTuple):
    """The call that wrote the newer version, and the later one that wrote the older over it."""

    newer: Call
    older: Call


def overtaking(trail: Trail) -> Overtaking | None:
    """The first time that an older version was written last, if that happened and no newer was written since."""
    versions = {event.id: event.version for event in trail.events}
    written = (call for call in trail.calls if call.writes and call.committed_us >= 0 and call.cause in versions)
    writes = sorted(written, key=lambda call: call.committed_us)
    if not writes:
        return None
    newest = max(writes, key=lambda call: (versions[call.cause], call.committed_us))
    after = [call for call in writes if call.committed_us > newest.committed_us]
    older = [call for call in after if versions[call.cause] < versions[newest.cause]]
    return Overtaking(newest, older[0]) if older else None


def struck_there(found: Found, overtaken: Overtaking, trail: Trail) -> Found:
    """The break, its strike the one that held the older event up, where that was struck by the same fault."""
    for note in trail.notes:
        if note.cause == overtaken.older.cause and (note.what, note.where) == (found.cause, found.struck_at):
            return found._replace(struck_us=note.at_us)
    return found
