"""An event for which the layer called nothing: why it may have passed it over."""

from fakes.names import kind_of
from harness.explain.evidence import DONE, Event
from harness.explain.losses.case import PERIOD_CLOSED, Case, Loss
from harness.explain.words import called, lasted, system_words
from harness.layer import AGREEMENT_EVENTS, DOCUMENT_EVENTS
from sim.durations import MINUTE

SEVERAL = 2
"""So many events of a type, all of them acknowledged and none carried, say that the type is not carried at all."""

LONG_US = 2 * MINUTE
"""An event that comes so long after its change is late: events are on their way for seconds."""

HELD_UP_ON_ITS_WAY = frozenset({"late_delivery", "out_of_order"})

UNREADABLE = frozenset({"poison", "schema_change"})


def never_told(case: Case) -> Loss | None:
    """Nobody has taken it."""
    if case.taken or case.calls:
        return None
    event, sources = case.event, case.evidence.sources
    system = system_words(event.source)
    if (event.type, case.target) not in sources.asked:
        return Loss("not_subscribed", (f"Nobody serves {system_words(case.trail.target)} who asked for {event.type}.",))
    if case.told:
        return Loss("never_acknowledged", (case.refusals,))
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


def unread(case: Case) -> Loss | None:
    if case.found.cause in UNREADABLE and case.taken and not case.written:
        return Loss("skipped_as_unreadable", case.acknowledged)
    return None


def closed(case: Case) -> Loss | None:
    """A document came after its month had ended, before ERP locked that or after, and the layer let it go."""
    event, period = case.event, case.found.period
    kind = event.type.partition(".")[2]
    if kind not in DOCUMENT_EVENTS or case.target != "erp" or period is None or not case.taken:
        return None
    said = [note.at_us for note in case.noted if note.what == PERIOD_CLOSED]
    at_us = said[-1] if said else case.taken[0].at_us
    if any(not said or call.sent_us > at_us for call in case.calls):
        return None
    if not said and case.clock.at(at_us)[:7] <= period:
        return None
    locked = case.evidence.locks.get(period)
    if locked is not None and at_us >= locked:
        late = said and not (case.written or case.in_hand)
        fact = f"It was {case.clock.at(at_us)} by then; ERP had locked {period} at {case.clock.at(locked)}."
        return Loss("let_go_as_late", (*case.acknowledged, fact)) if late else None
    note = (f"The layer's own note at {case.clock.at(at_us)}: period closed.",) if said else ()
    until = f"; ERP locked {period} at {case.clock.at(locked)}" if locked is not None else ""
    return Loss("taken_for_closed", (*case.acknowledged, *note, f"It belongs to {period}{until}."))


def too_early(case: Case) -> Loss | None:
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


def too_old(case: Case) -> Loss | None:
    """It was acknowledged when it was late, and nothing was done for it anywhere."""
    if case.found.cause not in HELD_UP_ON_ITS_WAY:
        return None
    if case.calls or case.elsewhere or not case.taken or case.in_hand:
        return None
    late_us = case.taken[0].at_us - case.event.at_us
    if late_us < LONG_US:
        return None
    return Loss("taken_for_too_old", (*case.acknowledged, f"That was {lasted(late_us)} after its change."))


def not_carried(case: Case) -> Loss | None:
    """Such events are acknowledged, several of them, and never lead to a call at the target."""
    often = case.evidence.sources.taken.get(case.event.type, 0) >= SEVERAL
    return _none_of_its_type_carried(case) if often else None


def never_carried(case: Case) -> Loss | None:
    """Such an event was acknowledged and led to no call, others of the same source to some."""
    carried = case.evidence.sources.carried
    others = any(type_.startswith(f"{case.event.source}.") and target == case.target for type_, target in carried)
    return _none_of_its_type_carried(case) if others else None


def _none_of_its_type_carried(case: Case) -> Loss | None:
    if case.calls or case.elsewhere or (case.event.type, case.target) in case.evidence.sources.carried:
        return None
    never = f"No {case.event.type} of the whole run led to a call at {system_words(case.trail.target)}."
    return Loss("type_not_carried", (*case.acknowledged, never))


def taken_for_another(case: Case) -> Loss | None:
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


def taken_for_sibling(case: Case) -> Loss | None:
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


def not_even_tried(case: Case) -> Loss | None:
    """It was acknowledged while its target was failing, and no call was made there for it."""
    last = case.evidence.failing.get((case.event.id, case.target))
    if case.calls or not case.taken or case.in_hand or last is None:
        return None
    nowhere = f"No call was made at {system_words(case.trail.target)} for it. About that time, for something else: "
    return Loss("not_even_tried", (*case.acknowledged, f"{nowhere}{case.ended(last)}"))


def elsewhere_alone(case: Case) -> Loss | None:
    """It was carried to another target, and no call was made for it here."""
    done = [call for call in case.elsewhere if call.writes and call.outcome in DONE]
    if case.calls or not done or not case.taken or case.in_hand:
        return None
    told = (one.subscriber for one in case.evidence.deliveries if one.event == case.event.id)
    if any(subscriber != one.subscriber for subscriber in told for one in case.told):
        return None  # who carried it there was told by itself
    nowhere = f"No call was made at {system_words(case.trail.target)} for it."
    return Loss("done_for_another_target", (*case.acknowledged, case.ended(done[-1]), nowhere))
