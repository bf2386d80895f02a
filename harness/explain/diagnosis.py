"""What the layer did wrong: which mistake made a break, told from what was called, answered, noted and acknowledged."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fakes.names import kind_of
from harness.explain.commits import about, committing, writing
from harness.explain.evidence import COPIES, Event, Evidence, Found, Record
from harness.explain.losses import loss
from harness.explain.mistakes import MISTAKES
from harness.explain.off_by import factor, of_before, off_by_changes
from harness.explain.overtaking import Overtaking
from harness.explain.repeats import Done, repeat, written_last, written_twice
from harness.explain.safeguards import MASTER_DATA, group_of
from harness.explain.trails import Trail
from harness.explain.words import Clock, called, lasted


class Diagnosis(NamedTuple):
    """A mistake by its word, empty where the layer made none, the facts of this very case, and when the layer was
    killed, if that brought it out.
    """

    mistake: str = ""
    facts: tuple[str, ...] = ()
    crashed_us: int = -1

    @property
    def sentences(self) -> list[str]:
        """What it amounts to, and the facts."""
        return [MISTAKES[self.mistake].words, *self.facts] if self.mistake else []


NONE = Diagnosis()

OF_CONTENT = {
    "rounding": "rounded",
    "sign": "wrong_sign",
    "wrong_allocation": "wrong_split",
    "wrong_customer": "wrong_party",
    "wrong_account": "wrong_account",
    "wrong_entity": "wrong_account",
    "wrong_schedule_shape": "wrong_terms",
    "wrong_terms": "wrong_terms",
    "missing_upstream": "made_of_nothing",
    "gl_only_entry": "made_of_nothing",
    "half_posted": "half_done",
}
"""The mistakes that a kind of break says by itself; all else that is wrong in itself is a wrong amount."""


def diagnosis(
    found: Found, event: Event | None, trail: Trail, evidence: Evidence, records: Sequence[Record],
    twice: Sequence[Done], overtaken: Overtaking | None, clock: Clock,
) -> Diagnosis:  # fmt: skip
    """The mistake behind a break. `twice` are the two times that what is doubled was done."""
    if found.cause in MASTER_DATA:
        return NONE
    group = group_of(found.kind)
    if group == "twice" or len(twice) > 1:
        each = found.kind == "duplicate_customer" and len({record.key for record in records}) > 1
        return Diagnosis("made_for_each_account") if each else _twice(found, twice, trail, evidence, clock)
    if overtaken is not None:
        return Diagnosis("older_over_newer")
    if group == "late" and (found.kind != "unapplied_cash" or records):
        return _late(found, trail, records, clock)
    if group == "wrong" or found.kind == "half_posted":
        return _wrong(found, trail, evidence, records, clock)
    wrote = None
    if found.kind == "stale_master_data" and event is not None:
        wrote = _wrote(found, event, trail, evidence, records, clock)
    return wrote or Diagnosis(*loss(found, event, trail, evidence, clock))


def _twice(found: Found, twice: Sequence[Done], trail: Trail, evidence: Evidence, clock: Clock) -> Diagnosis:
    if found.cause == "cutover":
        return Diagnosis("redone_after_the_cutover")
    if found.kind == "double_applied_amendment" and len(twice) < 2:
        return Diagnosis("added_before_it_was_done", tuple(_tries(trail, twice)))
    if len(twice) < 2:
        return Diagnosis("done_twice")
    if found.cause == "stale_index":
        return Diagnosis("searched_too_soon")
    found_out = repeat(twice[0], twice[1], trail, evidence, clock)
    if found.kind == "double_applied_amendment" and found_out.mistake in ("repeat_carried", "made_by_two_events"):
        return Diagnosis("repeat_added", found_out.facts)
    return Diagnosis(*found_out)


def _tries(trail: Trail, twice: Sequence[Done]) -> Iterator[str]:
    for done in twice:
        if done.call is not None:
            alike = [
                call for call in trail.calls if (call.operation, call.cause) == (done.call.operation, done.call.cause)
            ]
            if len(alike) > 1:
                yield f"{called(done.call)} was the last of {len(alike)} tries, and the only one that was done."


def _late(found: Found, trail: Trail, records: Sequence[Record], clock: Clock) -> Diagnosis:
    if found.kind == "unapplied_cash":
        return _not_applied(found)
    if found.cause == "period_closed" or found.kind == "posted_to_closed_period":
        return Diagnosis("carried_after_the_lock")
    record = next(iter(about(found, records)), None)
    if record is None:
        return Diagnosis("dated_otherwise")
    arrived = clock.at(record.at_us)[:7]
    call = committing(record, trail)
    by = f"{called(call)} posted it" if call is not None else "it was posted"
    fact = f"At {clock.at(record.at_us)} {by} to {record.period}; it belongs to {found.period}."
    return Diagnosis("dated_on_arrival" if arrived == record.period else "dated_otherwise", (fact,))


def _written_at_last(records: Sequence[Record], trail: Trail, clock: Clock) -> Iterator[str]:
    for record in records[:1]:
        last = writing(record, trail)
        if last is not None:
            yield f"{called(last)} was the last that wrote to {record.id}, at {clock.at(last.committed_us)}."


def _wrong(found: Found, trail: Trail, evidence: Evidence, records: Sequence[Record], clock: Clock) -> Diagnosis:
    if found.kind == "wrong_currency":
        return Diagnosis("wrong_currency", (f"It is in {found.actual}, and was to be in {found.expected}.",))
    if found.kind in OF_CONTENT:
        return Diagnosis(OF_CONTENT[found.kind])
    if found.record in COPIES:
        twice = written_twice(trail)
        if len(twice) > 1 and off_by_changes(found, evidence):
            return Diagnosis("repeat_added", repeat(twice[0], twice[1], trail, evidence, clock).facts)
        if off_by_changes(found, evidence):
            return Diagnosis("added_before_it_was_done", tuple(_tries(trail, written_last(trail))))
        if of_before(found, evidence):
            return Diagnosis("wrote_what_was_before", tuple(_written_at_last(records, trail, clock)))
    return Diagnosis("wrong_amount", tuple(factor(found)))


def _not_applied(found: Found) -> Diagnosis:
    """Whether a payment that was entered was applied to something else."""
    if not found.actual or found.actual == "0":
        return Diagnosis("not_applied")
    return Diagnosis("applied_otherwise", (f"It names {found.expected}, and was applied to {found.actual}.",))


def _wrote(
    found: Found, event: Event, trail: Trail, evidence: Evidence, records: Sequence[Record], clock: Clock
) -> Diagnosis | None:
    """Whether the event of the newest state was carried, and what became of it."""
    written = trail.written(event)
    if not written:
        return None
    last = written[-1]
    made = [record for record in records if record.at_us == last.committed_us]
    first = [record for record in records if record.at_us < last.committed_us]
    fact = f"{called(last)} wrote for event {event.id} at {clock.at(last.committed_us)}"
    if made and first and kind_of(last.system) == kind_of(made[0].system):
        later = f"{lasted(made[0].at_us - first[0].at_us)} after {first[0].id}"
        return Diagnosis("made_by_two_events", (f"{fact}: it made {made[0].id}, {later}.",))
    if of_before(found, evidence):
        return Diagnosis("wrote_what_was_before", (f"{fact}, and it still bears what it bore before.",))
    return Diagnosis("wrote_otherwise", (f"{fact}.",))
