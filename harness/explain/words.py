"""The words of stories: instants and spans for people, and what outcomes, notes and records are called."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.explain.evidence import Call
from reports.result import Calendar
from reports.wording import local, span, spoken

OUTCOMES: Mapping[str, str] = {
    "ok": "it was answered",
    "replayed": "it was answered with what its key had made before",
    "lost_response": "it was done, and the answer was lost",
    "lost_request": "the request was lost on the way",
    "too_late": "the answer came too late",
    "outage": "the system was down, and nobody answered",
    "refused": "the connection was refused",
    "throttled": "it was refused with 429, too many calls",
    "unavailable": "it was refused with 503",
    "token_expired": "it was refused with 401, the token had expired",
    "period_closed": "it was refused: the period is closed",
}
"""How a call ended; other words are the system's own refusals."""

NOTES: Mapping[str, str] = {
    "dropped": "the layer gave it up, and kept nothing of it",
    "dead_lettered": "the layer set it aside among its dead letters",
    "parked": "the layer put it into the queue of people",
    "forgotten": "the layer forgot it when it crashed",
    "undone": "the layer took back what it had made",
    "undoing": "the layer took back what it had made",
    "compensated": "the layer took back what it had made",
    "not_compensated": "the layer could not take back what it had made",
    "replayed": "the layer carried it again",
    "posted_late": "the layer posted it into a later month",
    "taken_for_done": "the layer took it for done, unseen",
    "unprocessed": "the bulk load stopped before this row",
    "held_off": "an open circuit breaker held the call off",
    "raised": "the layer's code raised an error",
}
"""What a layer decided, as its note in the trace says it."""

LETTING_GO = ("dropped", "dead_lettered", "parked", "forgotten", "taken_for_done", "unprocessed", "raised")
"""The notes with which an event is let go of."""

RECORDS: Mapping[str, str] = {
    "open_item": "open item",
    "journal_entry": "journal entry",
    "revenue_contract": "revenue contract",
    "billed_document": "note of a billed document",
    "recognition": "recognition of revenue",
    "fulfilment": "note of what was delivered",
    "payment": "cash receipt",
}

SYSTEMS: Mapping[str, str] = {"crm": "CRM", "erp": "ERP"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A run's local time."""

    calendar: Calendar

    def at(self, at_us: int) -> str:
        """The local date-time to the second: `2026-03-02 10:31:05`."""
        return f"{local(self.calendar, at_us / 1_000_000):%Y-%m-%d %H:%M:%S}"


def lasted(us: int) -> str:
    """A span of microseconds for people."""
    return span(us / 1_000_000)


def record_words(record: str) -> str:
    """What a record is called."""
    return RECORDS.get(record) or spoken(record)


def a(words: str) -> str:
    """The words with their article."""
    return f"{'an' if words[:1].lower() in 'aeio' else 'a'} {words}"


def system_words(system: str) -> str:
    """A system as a person would write it."""
    kind, _, entity = system.partition("-")
    return f"{SYSTEMS.get(kind, kind)}{f' of {entity}' if entity else ''}"


def ended(call: Call) -> str:
    """How a call ended, in a clause."""
    words = OUTCOMES.get(call.outcome) or f"it was refused: {spoken(call.outcome)}"
    if call.outcome == "too_late":
        done = "it was done, but " if call.committed_us >= 0 else ""
        return f"{done}the answer came after the client had given up"
    return words


def called(call: Call) -> str:
    """A call, as it is named in a sentence."""
    job = f", as a row of {call.job}" if call.job else ""
    again = f", try {call.occurrence}" if call.occurrence > 1 and not call.job else ""
    return f"{call.operation} (call {call.id}{again}{job})"
