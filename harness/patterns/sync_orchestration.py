"""Synchronous orchestration: an event's handler calls its targets in turn, and answers when all have done their part.

The source waits for the answer. What fails is refused after a second try, and the source's redelivery is the
retry, which begins with the first step again. Nothing is kept: neither what is under way nor what was done. So a
repeated step is known for one by its key alone, and a source that loses patience tells the event again while the
first request still runs.

It promises all or nothing while it is up: what it acknowledges is in every target. Its availability is the product
of its targets', its latency the sum of theirs; a crash in the midst of a request leaves a part.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.blocks.retry import CallFailed
from harness.blocks.saga import steps_of
from harness.kit import Kit
from harness.layer import TARGETS, TOLD, Endpoint, Layer, Option, Surroundings
from harness.switches import switches
from sim.delivery import Event


class SyncOrchestration(Layer):
    """One handler for each source; every delivery is a request of its own."""

    NAME = "sync-orchestration"
    SUMMARY = "the source waits while all targets are called in turn; nothing durable, redelivery is the retry"
    OPTIONS: ClassVar[Mapping[str, Option]] = switches(idempotency="key", gate="none", attempts="2")

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        super().__init__(surroundings, options)
        # The clients' timeouts are every layer's: three calls cannot be hurried into the patience of a source.
        kit = Kit(surroundings, options, keeps=False)
        self._appliers = {target: kit.applier(target, blind=True) for target in TARGETS}
        self._requests: dict[int, Request] = {}
        self._received = 0

    def endpoints(self) -> Sequence[Endpoint]:
        return [Endpoint(f"{source}->request", source, types, self.receive) for source, types in TOLD.items()]

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
        while request.to_do:
            try:
                await self._step(request.event, request.to_do[0])
            except CallFailed:
                return False
            request.to_do.pop(0)
        return True

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


class Request:
    """One delivery that is being worked on: its event, and the targets still `to_do`."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.to_do = list(steps_of(event))
