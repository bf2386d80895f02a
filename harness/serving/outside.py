"""The integration, as a served world sees it: somebody outside, told by webhook, and calling when it pleases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import simpy

from harness.layer import Endpoint, Layer
from harness.layers import LayerChoice
from sim.clock import Clock
from sim.delivery import Event, Handler


@dataclass(frozen=True, slots=True)
class Webhook:
    """One attempt to tell of an event, by its number among all attempts of its world."""

    number: int
    source: str
    event: Event


class Post:
    """Webhooks on their way out of a world. Each is `send` once, and waits until the world hears what became of it.

    `tells` says of an event of a source whether its product tells of such things at all, `beside` which types of event
    a source's product has of its own.
    """

    def __init__(
        self,
        clock: Clock,
        send: Callable[[Webhook], None],
        tells: Callable[[str, Event], bool],
        beside: Callable[[str], frozenset[str]],
        *,
        to_anybody: bool,
    ) -> None:
        self.to_anybody = to_anybody
        self.beside = beside
        self.waiting: dict[int, Webhook] = {}
        self.sent = 0
        self._clock = clock
        self._send = send
        self._tells = tells
        self._replies: dict[int, simpy.Event] = {}

    def telling(self, source: str) -> Handler:
        """Tells of a source's events."""

        async def told(event: Event) -> bool:
            if not self._tells(source, event):
                return True
            self.sent += 1
            webhook = Webhook(self.sent, source, event)
            self.waiting[webhook.number] = webhook
            self._replies[webhook.number] = reply = self._clock.event()
            self._send(webhook)
            accepted: bool = await self._clock.wait(reply)
            return accepted

        return told

    def heard(self, number: int, accepted: bool) -> None:
        """Take note of what became of a webhook."""
        if self.waiting.pop(number, None) is not None:
            self._replies.pop(number).succeed(accepted)


class Outside(Layer):
    """Whoever calls. It is told of what each source tells, if there is anybody to be told."""

    NAME = "outside"
    SUMMARY = "an integration of its own process"

    def endpoints(self) -> Sequence[Endpoint]:
        """One for each source."""
        post = self.surroundings.outside
        assert isinstance(post, Post), "who is outside is reached by post"
        if not post.to_anybody:
            return []
        return [
            Endpoint(f"{source}->outside", source, types | post.beside(source), post.telling(source))
            for source, types in self.surroundings.told.items()
        ]


CHOICE = LayerChoice(Outside.NAME, Outside, {})
