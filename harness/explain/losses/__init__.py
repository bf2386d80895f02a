"""Why something never arrived: at what point of its way, and by what decision of the layer, it was let go of."""

from collections.abc import Callable, Sequence

from harness.explain.evidence import Event, Evidence, Found
from harness.explain.losses.answers import (
    coarse_key,
    failed,
    in_a_load,
    not_renewed,
    not_sent_again,
    only_asked,
    partly_loaded,
    refused_for_good,
    refused_with_others,
    taken_back,
    wrote,
)
from harness.explain.losses.case import Case, Loss
from harness.explain.losses.keeping import crashed, marked_first, noted, still_there
from harness.explain.losses.passing_over import (
    closed,
    elsewhere_alone,
    never_carried,
    never_told,
    not_carried,
    not_even_tried,
    taken_for_another,
    taken_for_sibling,
    too_early,
    too_old,
    unread,
)
from harness.explain.trails import Trail
from harness.explain.words import Clock

VAGUE = frozenset({"acknowledged_and_not_done", "taken_for_dealt_with", "stuck"})
"""What is said of an event that was acknowledged and not carried, or not yet, where nothing says why."""

RULES: Sequence[Callable[[Case], Loss | None]] = (
    # What a system said to it is the surest: it was refused for what it says, taken back, or taken for another.
    refused_for_good, taken_back, not_renewed, coarse_key, partly_loaded,
    # Then what the layer says itself, in its notes, by its death or by what it still has in hand.
    noted, crashed, still_there,
    # What can be read off the event, before calls that came to nothing are believed to be why.
    closed, unread,
    refused_with_others, marked_first, not_sent_again, failed,
    # From here on nothing failed: it was not told, or acknowledged and passed over, the plainest reason first.
    never_told, in_a_load, too_early, too_old, not_carried, taken_for_another, taken_for_sibling,
    # Something was called for it; or else all that is left is what the run has of others like it.
    wrote, only_asked, never_carried, not_even_tried, elsewhere_alone,
)  # fmt: skip
"""The first that knows says what it was."""


def loss(found: Found, event: Event | None, trail: Trail, evidence: Evidence, clock: Clock) -> Loss:
    """The mistake that lost `event`, or whatever else was to bring the missing thing about."""
    if event is None:
        return Loss("made_of_nothing" if found.kind == "missing_upstream" else "acknowledged_and_not_done")
    told = _lost(Case(found, event, trail, evidence, clock))
    if told.mistake not in VAGUE:
        return told
    # where each version builds on the one before it, what became of an earlier one says more
    known = int(found.actual) if found.actual and found.actual.isdigit() else 1
    earlier = [other for other in trail.events if known < other.version < event.version and not trail.written(other)]
    before = (_lost(Case(found, other, trail, evidence, clock)) for other in earlier)
    nothing = VAGUE if told.mistake == "stuck" else VAGUE | {"passed_over_in_reading"}  # whoever has the newest has all
    return next((one for one in before if one.mistake not in nothing), told)


def _lost(case: Case) -> Loss:
    told = (rule(case) for rule in RULES)
    return next((one for one in told if one is not None), Loss("acknowledged_and_not_done", case.acknowledged))
