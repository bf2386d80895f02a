"""A small layer of one's own: it carries each event while the source waits, and asks to be told again if it cannot."""

from typing import ClassVar

from harness.blocks.retry import CallFailed
from harness.kit import Kit
from harness.layer import ROUTES, Endpoint, Layer, Option


class OrderSync(Layer):
    """Inbox, version gate and a cross-reference, in durable tables; no queue: the source's redelivery is the retry."""

    NAME = "order-sync"
    SUMMARY = "carries each event in place; what fails is told again"
    OPTIONS: ClassVar = {"idempotency": Option("key", ("key", "none"), "whether calls bear a key")}

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        kit = Kit(surroundings, {"inbox": "on", "gate": "version", "attempts": "3", **options})
        blind = options["idempotency"] == "none"
        self._appliers = {
            (source, target): kit.applier(target, f"{source}->{target}", blind=blind) for source, target in ROUTES
        }

    def endpoints(self):
        return [
            Endpoint(f"{source}->{target}", source, types, self._receiver(source, target), frozenset({target}))
            for (source, target), types in ROUTES.items()
        ]

    def _receiver(self, source, target):
        async def receive(event):
            try:
                await self._appliers[source, target].apply(event)
            except CallFailed:
                return False
            return True

        return receive
