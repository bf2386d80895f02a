"""Why something never arrived: at what point of its way, and by what decision of the layer, it was let go of."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from fakes.company import kind_of
from harness.explain.evidence import (
    DONE,
    LOADING,
    OF_THE_LAYER,
    TAKEN,
    Call,
    Delivery,
    Event,
    Evidence,
    Found,
    Note,
    Refused,
)
from harness.explain.trails import Trail
from harness.explain.words import Clock, called, ended, lasted, system_words
from harness.layer import AGREEMENT_EVENTS, DOCUMENT_EVENTS
from reports.wording import several
from sim.durations import HOUR


class Loss(NamedTuple):
    """A mistake by its word, the facts of this very case, and when the layer was killed, if that brought it out."""

    mistake: str
    facts: tuple[str, ...] = ()
    crashed_us: int = -1


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

SOON_US = HOUR
"""A job loads what it has read within so much time."""

SEVERAL = 2
"""So many events of a type, all of them acknowledged and none carried, say that the type is not carried at all."""

VAGUE = frozenset({"acknowledged_and_not_done", "taken_for_dealt_with", "stuck"})
"""What is said of an event that was acknowledged and not carried, or not yet, where nothing says why."""

PASSING = frozenset({
    "lost_request", "lost_response", "too_late", "outage", "refused", "throttled", "unavailable", "token_expired",
})  # fmt: skip
"""Outcomes of calls that may be others a while later."""

UNREADABLE = frozenset({"poison", "schema_change"})
KEY_REFUSALS = frozenset({"key_reused"})
VOIDED = "voided"


def loss(found: Found, event: Event | None, trail: Trail, evidence: Evidence, clock: Clock) -> Loss:
    """The mistake that lost `event`, or whatever else was to bring the missing thing about."""
    if event is None:
        return Loss("made_of_nothing" if found.kind == "missing_upstream" else "acknowledged_and_not_done")
    told = _lost(_Case(found, event, trail, evidence, clock))
    if told.mistake not in VAGUE:
        return told
    # where each version builds on the one before it, what became of an earlier one says more
    known = int(found.actual) if found.actual and found.actual.isdigit() else 1
    earlier = [other for other in trail.events if known < other.version < event.version and not trail.written(other)]
    before = (_lost(_Case(found, other, trail, evidence, clock)) for other in earlier)
    return next((one for one in before if one.mistake not in VAGUE), told)


def _lost(case: "_Case") -> Loss:
    told = (rule(case) for rule in RULES)
    return next((one for one in told if one is not None), Loss("acknowledged_and_not_done", case.acknowledged))


class _Case:
    """One event on its way to one target, with what the rules ask of it."""

    def __init__(self, found: Found, event: Event, trail: Trail, evidence: Evidence, clock: Clock) -> None:
        self.found, self.event, self.trail, self.evidence, self.clock = found, event, trail, evidence, clock
        self.target = kind_of(trail.target)
        self.told = trail.told(event)
        self.taken = [one for one in self.told if one.outcome in TAKEN]
        self.calls = trail.called(event)
        self.noted = [note for note in trail.noted(event) if note.where not in OF_THE_LAYER]

    @property
    def written(self) -> list[Call]:
        """The calls for the event that changed something in the target."""
        return self.trail.written(self.event)

    @property
    def elsewhere(self) -> list[Call]:
        """What was called for the event at other systems, in order of time."""
        others = (call for call in self.evidence.calls if call.cause == self.event.id)
        return sorted(
            (call for call in others if kind_of(call.system) != self.target), key=lambda call: (call.sent_us, call.id)
        )

    @property
    def in_hand(self) -> bool:
        """Whether the layer still has the event for the target, at the end."""
        return any(event == self.event.id and kind_of(target) == self.target for event, target in self.evidence.in_hand)

    @property
    def acknowledged(self) -> tuple[str, ...]:
        """When the layer acknowledged the event."""
        return tuple(
            f"{one.subscriber} acknowledged event {self.event.id} at {self.clock.at(one.at_us)}."
            for one in self.taken[:1]
        )

    def ended(self, call: Call) -> str:
        """How a call ended, in a sentence."""
        return f"{called(call)} at {self.clock.at(call.sent_us)}: {ended(call)}."


def _taken_back(case: _Case) -> Loss | None:
    """The layer's own compensation voided it, here or in another target, and it was not made again there."""
    for calls in (case.trail.calls, [] if case.written else case.elsewhere):
        voids = [call for call in calls if ".void_" in call.operation and call.committed_us >= 0]
        if not voids or case.found.kind not in ("missing_downstream", "timing_difference"):
            continue
        last = voids[-1]
        again = [call for call in calls if call.sent_us > last.committed_us and _creates(call) and _of_one(call, last)]
        refused = [call for call in again if VOIDED in call.outcome]
        if calls is case.elsewhere and not refused:
            continue
        asked = (
            f"It was asked for again by {case.ended(again[0])}" if again else "After that no call asked for it again."
        )
        return Loss("not_made_again", (f"{called(last)} took it back at {case.clock.at(last.committed_us)}.", asked))
    return None


def _creates(call: Call) -> bool:
    return ".create" in call.operation or ".upsert" in call.operation


def _of_one(call: Call, other: Call) -> bool:
    return call.system == other.system


def _not_renewed(case: _Case) -> Loss | None:
    """The token had expired, and nobody asked for a new one after the last call that was turned down for it."""
    last = next((call for call in case.evidence.turned_down if kind_of(call.system) == case.target), None)
    if last is None or case.written:
        return None
    expired = case.found.cause == "expired_token" or any(call.outcome == "token_expired" for call in case.calls)
    if not expired and (case.calls or not case.taken or case.event.at_us < last.sent_us):
        return None
    renewed = [one for one in case.evidence.renewals if kind_of(one.system) == case.target]
    if any(one.sent_us >= last.sent_us for one in renewed):
        return None  # where it could not be renewed, what became of the event is what counts
    times = f"{several(len(renewed), 'time')} before, and not again" if renewed else "never in the whole run"
    return Loss("token_not_renewed", (f"The last such call: {case.ended(last)}", f"The token was renewed {times}."))


def _coarse_key(case: _Case) -> Loss | None:
    """The target took the change for a repeat of another one."""
    writes = [call for call in case.calls if call.writes]
    for call in reversed(writes[-1:]):
        replayed = call.outcome == "replayed" and not any(
            other.outcome == "ok" and other.committed_us >= 0 for other in writes
        )
        if replayed or call.outcome in KEY_REFUSALS:
            before = [
                other
                for other in case.evidence.calls
                if other.operation == call.operation and other.id < call.id and other.outcome == "ok"
                and other.key == call.key
            ]  # fmt: skip
            same = f" {called(before[-1])} for event {before[-1].cause} had borne the same key." if before else ""
            return Loss("key_too_coarse", (f"{case.ended(call)}{same}",))
    return None


def _noted(case: _Case) -> Loss | None:
    """The layer said itself that it let go of it."""
    notes: list[Note] = [note for note in case.noted if note.what in LET_GO]
    if not notes:
        return None
    note = notes[-1]
    word, when = LET_GO[note.what], case.clock.at(note.at_us)
    last = f", after {case.ended(case.calls[-1])}" if case.calls else "."
    crashed_us = note.at_us if note.what == "forgotten" else -1
    return Loss(word, (f"The layer's own note at {when}: {note.what.replace('_', ' ')}{last}",), crashed_us)


def _partly_loaded(case: _Case) -> Loss | None:
    if case.found.cause != "partial_load" and not any(note.what == "unprocessed" for note in case.noted):
        return None
    jobs = [call for call in case.trail.calls if call.job]
    return Loss("load_taken_for_complete", tuple(case.ended(call) for call in jobs[-1:]))


def _crashed(case: _Case) -> Loss | None:
    """It had been taken when the layer died, and nothing was done for it afterwards."""
    if case.written:
        return None
    from_us = case.taken[0].at_us if case.taken else case.event.at_us
    crashes = [note.at_us for note in case.trail.notes if note.where in OF_THE_LAYER and note.at_us >= from_us]
    if not crashes or (case.found.cause not in ("crash", "cutover") and not case.taken):
        return None
    if any(call.sent_us > crashes[0] for call in case.calls) or case.in_hand:
        return None
    if case.found.cause not in ("crash", "cutover") and case.calls:
        return None
    last = f" The last before it: {case.ended(case.calls[-1])}" if case.calls else ""
    facts = (*case.acknowledged, f"The layer was killed at {case.clock.at(crashes[0])}.{last}")
    return Loss("not_kept", facts, crashes[0])


def _turned_away(case: _Case) -> Loss | None:
    """Nothing was called for it alone: what was to carry it with others was refused as a whole."""
    if case.calls or any(call.job for call in case.trail.calls) or case.in_hand:
        return None
    refused = turned_away(case.event, case.trail, case.evidence)
    if refused is None:
        return None
    word = "row_taken_for_done" if refused.call.operation.endswith(LOADING) else "failure_let_go"
    return Loss(word, (f"At that time {case.ended(refused.call)}", *case.acknowledged))


def turned_away(event: Event, trail: Trail, evidence: Evidence) -> Refused | None:
    """What the target refused soon after an event was taken that was not about this alone: a bulk load, of which nobody
    knows which rows it had, or a call for want of a token.
    """
    taken = [one.at_us for one in trail.told(event) if one.outcome in TAKEN]
    turned_down = (Refused(call, "expired_token") for call in evidence.turned_down)
    refused = (
        one for one in (*evidence.refused_loads, *turned_down) if kind_of(one.call.system) == kind_of(trail.target)
    )
    return next((one for one in refused if taken and 0 <= one.call.sent_us - taken[0] <= SOON_US), None)


def _marked_first(case: _Case) -> Loss | None:
    """Told once more after its calls had come to nothing, it was acknowledged without a further call."""
    calls = case.calls or case.elsewhere
    if not case.taken or not calls or case.written or case.in_hand:
        return None
    first, refused = case.taken[0], [one for one in case.told if one.outcome not in TAKEN]
    last = calls[-1]
    if first.attempt < SEVERAL or not refused or last.outcome in DONE or last.sent_us > refused[-1].at_us:
        return None
    again = (
        f"At attempt {first.attempt}, at {case.clock.at(first.at_us)}, the layer acknowledged it and called no more."
    )
    return Loss("marked_before_it_was_done", (f"The last call for it was {case.ended(last)}", again))


def _failed(case: _Case) -> Loss | None:
    """The last call for it, here or in another system on the way, came to nothing."""
    if case.in_hand or case.written:
        return None
    row = [call for call in case.trail.calls if call.job]
    calls = case.calls or case.elsewhere or row
    if not calls or calls[-1].outcome in DONE:
        return None
    last = calls[-1]
    fact = f"The last call for it was {case.ended(last)}"
    if case.told and not case.taken:
        return Loss("never_acknowledged" if last.outcome in PASSING else "refused_for_good", (fact,))
    loaded = bool(last.job) or (not case.taken and not case.told)
    word = "row_taken_for_done" if loaded and last.heard else "failure_let_go"
    return Loss(word, (fact, *case.acknowledged))


def _still_there(case: _Case) -> Loss | None:
    if not case.in_hand:
        return None
    failed = [call for call in case.calls if call.outcome not in DONE]
    tries = f"{len(failed)} calls for it came to nothing, the last: {case.ended(failed[-1])}" if failed else ""
    oldest = case.evidence.oldest.get(case.trail.target)
    before = [f"The oldest that it still has for that target is event {oldest.id} ({oldest.words})."] if oldest else []
    nowhere = f"No call was made at {system_words(case.trail.target)} for it."
    elsewhere = [f"Before that target: {case.ended(call)}" for call in case.elsewhere[-1:] if call.outcome not in DONE]
    return Loss("stuck", (*case.acknowledged, tries or nowhere, *([] if tries else elsewhere), *before))


def _unread(case: _Case) -> Loss | None:
    if case.found.cause in UNREADABLE and case.taken and not case.written:
        return Loss("skipped_as_unreadable", case.acknowledged)
    return None


def _never_told(case: _Case) -> Loss | None:
    """Nobody has taken it."""
    if case.taken or case.calls:
        return None
    event, sources = case.event, case.evidence.sources
    system = system_words(event.source)
    if (event.type, case.target) not in sources.asked:
        return Loss("not_subscribed", (f"Nobody serves {system_words(case.trail.target)} who asked for {event.type}.",))
    if case.told:
        return _refused(case)
    heard_us = sources.heard_us.get(event.source, -1)
    ties = sources.ties.get(event.id, 0)
    facts = []
    if heard_us > event.at_us:
        facts.append(
            f"{system} told of event {event.id} at {case.clock.at(event.at_us)}; what it committed up to "
            f"{case.clock.at(heard_us)} was read."
        )
    if ties:
        facts.append(f"{ties} other changes of {system} bear the very same instant.")
    return Loss("passed_over_in_reading", tuple(facts))


def _refused(case: _Case) -> Loss:
    last: Delivery = case.told[-1]
    how = last.outcome.replace("_", " ")
    return Loss(
        "never_acknowledged",
        (f"Of {len(case.told)} attempts the last, at {case.clock.at(last.at_us)}, was {how}.",),
    )


def _not_carried(case: _Case) -> Loss | None:
    """Such events are acknowledged, and never lead to a call at the target."""
    if case.calls or (case.event.type, case.target) in case.evidence.sources.carried or case.elsewhere:
        return None
    if case.evidence.sources.taken.get(case.event.type, 0) < SEVERAL:
        return None
    return Loss(
        "type_not_carried",
        (
            *case.acknowledged,
            f"No {case.event.type} of the whole run led to a call at {system_words(case.trail.target)}.",
        ),
    )


def _closed(case: _Case) -> Loss | None:
    """A document came after its month had ended, and before ERP locked that."""
    event, period = case.event, case.found.period
    kind = event.type.partition(".")[2]
    if kind not in DOCUMENT_EVENTS or case.target != "erp" or period is None or not case.taken or case.calls:
        return None
    taken = case.taken[0].at_us
    locked = case.evidence.locks.get(period)
    noted = any(note.what == "period_closed" for note in case.noted)
    if not noted and case.clock.at(taken)[:7] <= period:
        return None
    if locked is not None and taken >= locked:
        return None
    until = f"; ERP locked {period} at {case.clock.at(locked)}" if locked is not None else ""
    return Loss("taken_for_closed", (*case.acknowledged, f"It belongs to {period}{until}."))


def _too_early(case: _Case) -> Loss | None:
    """A change was acknowledged, and what it builds on was carried only after that."""
    event = case.event
    if event.type.partition(".")[2] not in AGREEMENT_EVENTS or event.version < 2 or case.calls or not case.taken:
        return None
    before = [other for other in case.trail.events if other.version == event.version - 1]
    calls = [call for other in before for call in case.trail.called(other)]
    later = [call for call in calls if call.sent_us >= case.taken[0].at_us]
    earlier = [call for call in calls if call.writes and 0 <= call.committed_us < case.taken[0].at_us]
    if earlier or not later:
        return None
    made = f"{called(later[-1])} for event {later[-1].cause} came at {case.clock.at(later[-1].sent_us)}."
    return Loss("dropped_before_its_time", (*case.acknowledged, made))


def _taken_for_another(case: _Case) -> Loss | None:
    """An earlier version was carried, and this newer one acknowledged and dropped."""
    event = case.event
    if event.version < 2 or case.calls or not case.taken:
        return None
    carried = [
        other for other in case.trail.events
        if other.version < event.version and any(call.committed_us >= 0 for call in case.trail.called(other))
    ]  # fmt: skip
    if not carried:
        return None
    last = carried[-1]
    fact = f"Event {last.id} ({last.words}), {lasted(event.at_us - last.at_us)} before it, was carried."
    return Loss("taken_for_dealt_with", (*case.acknowledged, fact))


def _wrote(case: _Case) -> Loss | None:
    """It was carried, and what came of it is not what was meant."""
    if not case.written:
        return None
    last = case.written[-1]
    return Loss("wrote_what_was_before", (f"{called(last)} was done at {case.clock.at(last.committed_us)}.",))


def _only_asked(case: _Case) -> Loss | None:
    if not case.calls:
        return None
    fact = f"The last call for it was {case.ended(case.calls[-1])}"
    if case.told and not case.taken:
        return Loss("never_acknowledged", (*_refused(case).facts, fact))
    return Loss("asked_and_not_written", (fact,))


def _never_carried(case: _Case) -> Loss | None:
    """Such events were acknowledged and led to no call, others of the same source to some."""
    carried = case.evidence.sources.carried
    others = any(type_.startswith(f"{case.event.source}.") and target == case.target for type_, target in carried)
    if case.calls or case.elsewhere or not others or (case.event.type, case.target) in carried:
        return None
    never = f"No {case.event.type} of the whole run led to a call at {system_words(case.trail.target)}."
    return Loss("type_not_carried", (*case.acknowledged, never))


RULES: Sequence[Callable[[_Case], Loss | None]] = (
    _taken_back, _not_renewed, _coarse_key, _partly_loaded, _noted, _crashed, _still_there, _closed, _unread,
    _turned_away, _marked_first, _failed, _never_told, _too_early, _not_carried, _taken_for_another, _wrote,
    _only_asked, _never_carried,
)  # fmt: skip
"""The first that knows says what it was."""
