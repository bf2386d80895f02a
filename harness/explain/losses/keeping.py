"""What the layer kept of an event, set aside, or said itself of how it let go of it."""

from collections.abc import Sequence
from itertools import pairwise

from harness.explain.evidence import DONE, OF_THE_LAYER, TAKEN, Call, Note
from harness.explain.losses.case import PERIOD_CLOSED, Case, Loss
from harness.explain.words import system_words

LET_GO = {
    "dropped": "gave_up",
    "dead_lettered": "left_in_dead_letters",
    "parked": "left_with_people",
    "forgotten": "not_kept",
    "taken_for_done": "acknowledged_and_not_done",
    "unprocessed": "load_taken_for_complete",
    "raised": "code_failed",
}
"""What the layer's own note says of how it let go of an event."""

SET_ASIDE = frozenset({"left_in_dead_letters", "left_with_people"})
"""What is said of an event that is in a queue still, or was put into one."""

TRIES_APART = 2
"""A layer that tries again would have done so within so many times the longest wait between two of its tries."""


def noted(case: Case) -> Loss | None:
    """The layer said itself that it let go of it."""
    notes: list[Note] = [note for note in case.noted if note.what in LET_GO]
    if not notes:
        return None
    note = notes[-1]
    again = [call.sent_us for call in case.calls] + [one.at_us for one in case.noted if one.what == PERIOD_CLOSED]
    if any(at_us > note.at_us for at_us in again) and not case.in_hand:
        return None  # it was carried again after that
    word, when = LET_GO[note.what], case.clock.at(note.at_us)
    if word in SET_ASIDE and not case.in_hand:
        word = "set_aside_and_gone"
    last = f", after {case.ended(case.calls[-1])}" if case.calls else "."
    crashed_us = note.at_us if note.what == "forgotten" else -1
    return Loss(word, (f"The layer's own note at {when}: {note.what.replace('_', ' ')}{last}",), crashed_us)


def crashed(case: Case) -> Loss | None:
    """It had been taken when the layer died, and nothing was done for it afterwards."""
    if case.written:
        return None
    from_us = case.taken[0].at_us if case.taken else case.event.at_us
    crashes = [note.at_us for note in case.trail.notes if note.where in OF_THE_LAYER and note.at_us >= from_us]
    if not crashes or (case.found.cause not in ("crash", "cutover") and not case.taken):
        return None
    last_us = max((call.sent_us for call in case.calls), default=from_us)
    crashes = [at_us for at_us in crashes if at_us >= last_us]
    if not crashes or case.in_hand:
        return None
    if case.found.cause not in ("crash", "cutover") and case.calls and not _would_have_tried(case.calls, crashes[0]):
        return None
    last = f" The last before it: {case.ended(case.calls[-1])}" if case.calls else ""
    facts = (*case.acknowledged, f"The layer was killed at {case.clock.at(crashes[0])}.{last}")
    return Loss("not_kept", facts, crashes[0])


def _would_have_tried(calls: Sequence[Call], by_us: int) -> bool:
    """Whether a layer that had tried again before was still to do so at an instant."""
    waits_us = [later.sent_us - call.sent_us for call, later in pairwise(calls) if call.outcome not in DONE]
    return bool(waits_us) and calls[-1].outcome not in DONE and by_us - calls[-1].sent_us <= TRIES_APART * max(waits_us)


def still_there(case: Case) -> Loss | None:
    if not case.in_hand:
        return None
    failed = [call for call in case.calls if call.outcome not in DONE]
    tries = f"{len(failed)} calls for it came to nothing, the last: {case.ended(failed[-1])}" if failed else ""
    oldest = case.evidence.oldest.get(case.trail.target)
    before = [f"The oldest that it still has for that target is event {oldest.id} ({oldest.words})."] if oldest else []
    last = f"The last call for it: {case.ended(case.calls[-1])}" if case.calls else ""
    nowhere = last or f"No call was made at {system_words(case.trail.target)} for it."
    elsewhere = [f"Before that target: {case.ended(call)}" for call in case.elsewhere[-1:] if call.outcome not in DONE]
    return Loss("stuck", (*case.acknowledged, tries or nowhere, *([] if tries else elsewhere), *before))


def marked_first(case: Case) -> Loss | None:
    """Told once more after its calls had come to nothing, it was acknowledged without a further call."""
    calls = case.calls or case.elsewhere
    if not case.taken or not calls or case.written or case.in_hand:
        return None
    first, refused = case.taken[0], [one for one in case.told if one.outcome not in TAKEN]
    last = calls[-1]
    if first.attempt == 1 or not refused or last.outcome in DONE or last.sent_us > refused[-1].at_us:
        return None
    again = (
        f"At attempt {first.attempt}, at {case.clock.at(first.at_us)}, the layer acknowledged it and called no more."
    )
    return Loss("marked_before_it_was_done", (f"The last call for it was {case.ended(last)}", again))
