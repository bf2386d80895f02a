"""Synchronous orchestration: an event's handler calls its targets in turn, and answers when all have done their part.

The source waits for the answer. When a step fails, after a second try, what the request has made of a new contract
is voided, in reverse, and the event is refused: the source's redelivery is the retry, which begins with the first
step again. Nothing is kept: neither what is under way nor what was done. So a repeated step is known for one by its
key alone, and a source that loses patience tells the event again while the first request still runs.

It promises all or nothing while it is up and its requests do not overlap: what it acknowledges is in every target,
and of what it refuses nothing stays. Its availability is the product of its targets', its latency the sum of theirs.
A crash in the midst of a request leaves a part, and forgets which keys are those of something void; and a request
that is undone takes from under another what they both had made. Where the answer to a void was lost, the next request
asks the target what is there, and makes what is missing by a new key: the old one would repeat the old answer.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.blocks.retry import CallFailed
from harness.blocks.saga import PIVOT, steps_of
from harness.kit import Kit
from harness.layer import NEW_CONTRACTS, Endpoint, Layer, Option, Surroundings
from harness.switches import switches
from sim.delivery import Event


class SyncOrchestration(Layer):
    """One handler for each source; every delivery is a request of its own."""

    NAME = "sync-orchestration"
    SUMMARY = "the source waits while all targets are called in turn; nothing durable, redelivery is the retry"
    OPTIONS: ClassVar[Mapping[str, Option]] = switches(idempotency="key", gate="none", attempts="2", compensation="on")

    WHY: ClassVar[Mapping[str, str]] = {
        "gate": "nothing is kept between two requests, so no version that was carried is known",
        "attempts": "the source waits for the answer: what fails twice is refused, and told again",
        "inbox": "nothing is remembered between two requests: a repeat is known by its keys alone",
        "journal": "nothing is durable: the source keeps the event until it is acknowledged",
        "dead_letters": "what is refused goes back to its source, which tells it again until it gives up",
        "late_posting": "there is no queue in which to wait for people",
        "capture": "the source has to wait for the answer: that is a webhook",
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        super().__init__(surroundings, options)
        # The clients' timeouts are every layer's: three calls cannot be hurried into the patience of a source.
        kit = Kit(surroundings, options, keeps=False)
        self._appliers = {target: kit.applier(target, blind=True) for target in surroundings.targets}
        self._compensates = options["compensation"] == "on"
        self._requests: dict[int, Request] = {}
        self._received = 0

    def endpoints(self) -> Sequence[Endpoint]:
        return [
            Endpoint(f"{source}->request", source, types, self.receive)
            for source, types in self.surroundings.told.items()
        ]

    def held(self) -> Sequence[tuple[Event, str]]:
        under_way = {
            (request.event.id, target): (request.event, target)
            for request in self._requests.values()
            for target in request.to_do
        }
        waiting = [(event, name) for name, applier in self._appliers.items() for event in applier.held()]
        return [*under_way.values(), *waiting]

    async def receive(self, event: Event) -> bool:
        """Have every target reflect the event, one after the other; False if one of them does not."""
        self._received += 1
        number, request = self._received, Request(event)
        self._requests[number] = request
        done = await self._run(request)
        del self._requests[number]
        return done

    async def _run(self, request: "Request") -> bool:
        event = request.event
        while request.to_do:
            target = request.to_do[0]
            try:
                await self._step(event, target)
            except CallFailed as failed:
                unheard = failed.response.transient and event.type in NEW_CONTRACTS
                if not (unheard and target == PIVOT and await self._is_made(event, target)):
                    await self._undo(request, unheard=unheard)
                    return False
            request.made.append(target)
            request.to_do.pop(0)
        return True

    async def _is_made(self, event: Event, target: str) -> bool:
        """Whether a step that failed has done its work, unheard: past the pivot there is no way but forward."""
        try:
            return self._compensates and await self._appliers[target].is_made(event)
        except CallFailed:
            return False

    async def _undo(self, request: "Request", *, unheard: bool) -> None:
        """Void what the request made of a new contract, the latest first; with `unheard` perhaps the failed step's."""
        event, failed = request.event, request.to_do[0]
        if not self._compensates or event.type not in NEW_CONTRACTS:
            return
        made = [*request.made, failed] if unheard and failed != PIVOT else request.made
        for target in reversed(made):
            self.surroundings.note("undoing", target, event.key)
            try:
                await self._appliers[target].undo(event, f"{failed} failed")
            except CallFailed:
                self.surroundings.note("not_compensated", target, event.key)
            else:
                self.surroundings.counts.compensations += 1
                self.surroundings.note("undone", target, event.key)

    async def _step(self, event: Event, target: str) -> None:
        """Do one step, and what was held for it, which its source believes to be done."""
        applier = self._appliers[target]
        following = await applier.apply(event)
        while following is not None:
            held, following = following, None
            try:
                following = await applier.apply(held)
            except CallFailed:
                self.surroundings.counts.dropped += 1
                self.surroundings.note("dropped", target, held.key)
        self.surroundings.work_on(event)


class Request:
    """One delivery that is being worked on: its event, the targets still `to_do`, and those done with (`made`)."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.made: list[str] = []
        self.to_do = list(steps_of(event))
