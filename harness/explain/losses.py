"""Why something never arrived: at what point of its way, and by what decision of the layer, it was let go of."""

from collections.abc import Callable, Sequence
from itertools import pairwise
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
from sim.durations import HOUR, MINUTE


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

TRIES_APART = 2
"""A layer that tries again would have done so within so many times the longest wait between two of its tries."""

LONG_US = 2 * MINUTE
"""An event that comes so long after its change is late: events are on their way for seconds."""

FOR_WHAT_IT_SAYS = frozenset({
    "invalid_contract", "unbalanced", "unknown_item", "unknown_deliverable", "unknown_account",
})  # fmt: skip
"""Outcomes of calls that will be no others, whenever the same is asked."""

SEVERAL = 2
"""So many events of a type, all of them acknowledged and none carried, say that the type is not carried at all."""

VAGUE = frozenset({"acknowledged_and_not_done", "taken_for_dealt_with", "stuck"})
"""What is said of an event that was acknowledged and not carried, or not yet, where nothing says why."""

PASSING = frozenset({
    "lost_request", "lost_response", "too_late", "outage", "refused", "throttled", "unavailable", "token_expired",
})  # fmt: skip
"""Outcomes of calls that may be others a while later."""

HELD_UP_ON_ITS_WAY = frozenset({"late_delivery", "out_of_order"})
UNREADABLE = frozenset({"poison", "schema_change"})
KEY_REFUSALS = frozenset({"key_reused"})
UNGRANTED = frozenset({"invalid_grant", "period_closed"})
"""Outcomes that say nothing of what was sent, but of who sent it and when."""

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


def _refused_for_good(case: _Case) -> Loss | None:
    """What was sent for it, here or to another target on the way, was refused each time for what it says.

    What it was refused for before it was set aside, and when it was carried again, is that.
    """
    again = [note.at_us for note in case.noted if note.what in ("dead_lettered", "replayed")]
    heard = [call for call in (*case.calls, *case.elsewhere) if call.writes and call.heard and call.outcome not in DONE]
    calls = [
        call for call in heard
        if call.outcome in FOR_WHAT_IT_SAYS
        or (call.outcome not in PASSING | KEY_REFUSALS | UNGRANTED and VOIDED not in call.outcome and again
            and min(one.sent_us for one in heard if one.outcome == call.outcome) < again[0] <= call.sent_us)
    ]  # fmt: skip
    if len(calls) < SEVERAL:
        return None
    last = max(calls, key=lambda call: (call.sent_us, call.id))
    alike = [call for call in case.evidence.calls if (call.operation, call.key) == (last.operation, last.key)]
    if any(call.committed_us >= 0 for call in alike):
        return None
    facts = [f"{len(calls)} calls were refused so, the last: {case.ended(last)}"]
    voids = [call for call in case.evidence.calls if call.cause == case.event.id and ".void_" in call.operation]
    if voids:
        undone = called(max(voids, key=lambda call: (call.sent_us, call.id)))
        facts.append(f"What other targets had made was taken back each time, at last by {undone}.")
    return Loss("refused_for_good", tuple(facts))


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
    return _same_external_id(case)


def _same_external_id(case: _Case) -> Loss | None:
    """The target has done what was to make it, and made nothing: it knows a record by the external id that it bore."""
    found, made = case.found, [call for call in case.written if not call.job]
    if found.kind not in ("missing_downstream", "timing_difference") or not made:
        return None
    ours = [one for one in case.evidence.records if (one.system, one.record) == (found.system, found.record)]
    if any(one.key == found.key or one.at_us in {call.committed_us for call in made} for one in ours):
        return None
    known = [one for one in ours if one.external_id and one.at_us < made[0].committed_us]
    if not known:
        return None
    last = max(known, key=lambda one: one.at_us)
    answered = f"{called(made[-1])} was answered at {case.clock.at(made[-1].committed_us)}, and made no record."
    there = f"There was {last.id} of {last.key}, under the external id {last.external_id!r}."
    return Loss("key_too_coarse", (answered, there))


def _noted(case: _Case) -> Loss | None:
    """The layer said itself that it let go of it."""
    notes: list[Note] = [note for note in case.noted if note.what in LET_GO]
    if not notes:
        return None
    note = notes[-1]
    if any(call.sent_us > note.at_us for call in case.calls) and not case.in_hand:
        return None  # it was carried again after that
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
        if last.outcome in PASSING:
            return Loss("never_acknowledged", (fact,))
        return Loss(
            "refused_for_good", (fact, "The layer refused the event in turn, until its source gave up telling.")
        )
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
    last = f"The last call for it: {case.ended(case.calls[-1])}" if case.calls else ""
    nowhere = last or f"No call was made at {system_words(case.trail.target)} for it."
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


def _taken_for_sibling(case: _Case) -> Loss | None:
    """Of several events of a kind about one contract that came close together, another one was carried."""
    event, evidence = case.event, case.evidence
    if case.calls or case.elsewhere or not case.taken or case.in_hand:
        return None
    close = [
        other
        for other in evidence.events
        if _of_a_kind(other, event) and other.key != event.key and abs(other.at_us - event.at_us) <= LONG_US
    ]
    carried = [
        (other, call) for other in close for call in evidence.calls
        if call.cause == other.id and kind_of(call.system) == case.target and call.outcome in DONE
    ]  # fmt: skip
    if not carried:
        return None
    other, call = carried[0]
    apart, how = lasted(abs(other.at_us - event.at_us)), "after" if other.at_us >= event.at_us else "before"
    fact = f"Event {other.id} ({other.words}), told of {apart} {how} it, was carried by {called(call)}."
    return Loss("taken_for_dealt_with", (*case.acknowledged, fact))


def _of_a_kind(one: Event, other: Event) -> bool:
    """Whether two events are of one type, or of documents both."""
    kinds = [event.type.partition(".")[2] for event in (one, other)]
    return one.type == other.type or all(kind in DOCUMENT_EVENTS for kind in kinds)


def _too_old(case: _Case) -> Loss | None:
    """It was acknowledged when it was late, and nothing was done for it anywhere."""
    if case.found.cause not in HELD_UP_ON_ITS_WAY:
        return None
    if case.calls or case.elsewhere or not case.taken or case.in_hand:
        return None
    late_us = case.taken[0].at_us - case.event.at_us
    if late_us < LONG_US:
        return None
    return Loss("taken_for_too_old", (*case.acknowledged, f"That was {lasted(late_us)} after its change."))


def _elsewhere_alone(case: _Case) -> Loss | None:
    """It was carried to another target, and no call was made for it here."""
    done = [call for call in case.elsewhere if call.writes and call.outcome in DONE]
    if case.calls or not done or not case.taken or case.in_hand:
        return None
    told = (one.subscriber for one in case.evidence.deliveries if one.event == case.event.id)
    if any(subscriber != one.subscriber for subscriber in told for one in case.told):
        return None  # who carried it there was told by itself
    nowhere = f"No call was made at {system_words(case.trail.target)} for it."
    return Loss("done_for_another_target", (*case.acknowledged, case.ended(done[-1]), nowhere))


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
    _refused_for_good, _taken_back, _not_renewed, _coarse_key, _partly_loaded, _noted, _crashed, _still_there, _closed,
    _unread, _turned_away, _marked_first, _failed, _never_told, _too_early, _too_old, _not_carried, _taken_for_another,
    _taken_for_sibling, _wrote, _only_asked, _never_carried, _elsewhere_alone,
)  # fmt: skip
"""The first that knows says what it was."""
