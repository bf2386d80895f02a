"""What systems answered to the calls for an event says what became of it."""

from fakes.names import kind_of
from harness.explain.evidence import DONE, LOADING, PASSING, TAKEN, Call, Event, Evidence, Refused
from harness.explain.losses.case import Case, Loss
from harness.explain.trails import Trail
from harness.explain.words import called
from reports.wording import several
from sim.access import REFRESH
from sim.durations import HOUR

SOON_US = HOUR
"""A job loads what it has read within so much time."""

FOR_WHAT_IT_SAYS = frozenset({
    "invalid_contract", "unbalanced", "unknown_item", "unknown_deliverable", "unknown_account",
})  # fmt: skip
"""Outcomes of calls that will be no others, whenever the same is asked."""

KEY_REFUSALS = frozenset({"key_reused"})

UNGRANTED = frozenset({"invalid_grant", "period_closed"})
"""Outcomes that say nothing of what was sent, but of who sent it and when."""

VOIDED = "voided"

TWICE = 2
"""What was refused so often was not refused by chance."""


def refused_for_good(case: Case) -> Loss | None:
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
    if len(calls) < TWICE:
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


def taken_back(case: Case) -> Loss | None:
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


def not_renewed(case: Case) -> Loss | None:
    """The token had expired, and nobody asked for a new one after the last call that was turned down for it."""
    last = next((call for call in case.evidence.turned_down if kind_of(call.system) == case.target), None)
    if last is None or case.written:
        return None
    expired = case.found.cause == "expired_token" or any(call.outcome == "token_expired" for call in case.calls)
    if not expired and (case.calls or not case.taken or case.event.at_us < last.sent_us):
        return None
    renewed = [one for one in case.evidence.renewals if kind_of(one.system) == case.target]
    if any(one.sent_us >= last.sent_us or one.answered_us >= last.answered_us for one in renewed):
        return None  # where it could not be renewed, what became of the event is what counts
    times = f"{several(len(renewed), 'time')} before, and not again" if renewed else "never in the whole run"
    return Loss("token_not_renewed", (f"The last such call: {case.ended(last)}", f"The token was renewed {times}."))


def coarse_key(case: Case) -> Loss | None:
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


def _same_external_id(case: Case) -> Loss | None:
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


def partly_loaded(case: Case) -> Loss | None:
    if case.found.cause != "partial_load" and not any(note.what == "unprocessed" for note in case.noted):
        return None
    jobs = [call for call in case.trail.calls if call.job]
    return Loss("load_taken_for_complete", tuple(case.ended(call) for call in jobs[-1:]))


def refused_with_others(case: Case) -> Loss | None:
    """Nothing was called for it alone: what was to carry it with others was refused as a whole."""
    if case.calls or case.trail.loaded(case.event) or case.in_hand:
        return None
    refused = turned_away(case.event, case.trail, case.evidence)
    if refused is None:
        return None
    word = "row_taken_for_done" if refused.call.operation.endswith(LOADING) else "failure_let_go"
    return Loss(word, (f"At that time {case.ended(refused.call)}", *case.acknowledged))


def in_a_load(case: Case) -> Loss | None:
    """It was a row of a load that was done, nothing came of it, and it was not sent again."""
    rows = case.trail.loaded(case.event)
    if case.calls or not rows or not case.taken or case.in_hand or rows[-1].outcome not in DONE:
        return None
    return Loss("row_taken_for_done", (*case.acknowledged, case.ended(rows[-1])))


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


def failed(case: Case) -> Loss | None:
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


def wrote(case: Case) -> Loss | None:
    """It was carried, and what came of it is not what was meant."""
    if not case.written:
        return None
    last = case.written[-1]
    return Loss("wrote_what_was_before", (f"{called(last)} was done at {case.clock.at(last.committed_us)}.",))


def not_sent_again(case: Case) -> Loss | None:
    """The last call for it was turned down for want of a token, which was renewed after that."""
    sent = [call for call in case.calls if not call.operation.endswith(REFRESH)]
    if not sent or not case.taken or case.in_hand or case.written or sent[-1].outcome != "token_expired":
        return None
    last = sent[-1]
    renewed = (one for one in case.evidence.renewals if kind_of(one.system) == case.target and one.outcome in DONE)
    renewal = next((one for one in renewed if one.answered_us >= last.answered_us), None)
    return Loss("not_sent_again", (case.ended(last), case.ended(renewal))) if renewal is not None else None


def only_asked(case: Case) -> Loss | None:
    if not case.calls:
        return None
    fact = f"The last call for it was {case.ended(case.calls[-1])}"
    if case.told and not case.taken:
        return Loss("never_acknowledged", (case.refusals, fact))
    return Loss("asked_and_not_written", (fact,))
