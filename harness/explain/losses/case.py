"""One event on its way to one target that it never reached, with what the rules ask of it."""

from typing import NamedTuple

from fakes.names import kind_of
from harness.explain.evidence import OF_THE_LAYER, TAKEN, Call, Event, Evidence, Found
from harness.explain.trails import Trail
from harness.explain.words import Clock, called, ended

PERIOD_CLOSED = "period_closed"
"""What a layer notes of a document whose month it takes for closed."""


class Loss(NamedTuple):
    """A mistake by its word, the facts of this very case, and when the layer was killed, if that brought it out."""

    mistake: str
    facts: tuple[str, ...] = ()
    crashed_us: int = -1


class Case:
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

    @property
    def refusals(self) -> str:
        """How often the layer refused the event, which it never took, and how at last."""
        last = self.told[-1]
        how = last.outcome.replace("_", " ")
        return f"Of {len(self.told)} attempts the last, at {self.clock.at(last.at_us)}, was {how}."

    def ended(self, call: Call) -> str:
        """How a call ended, in a sentence."""
        return f"{called(call)} at {self.clock.at(call.sent_us)}: {ended(call)}."
