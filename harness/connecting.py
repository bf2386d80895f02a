"""How an endpoint learns of its source's changes: the source tells it, in one way or another, or it reads by itself."""

from collections.abc import Callable

from fakes.system import System
from harness.host import Host
from harness.layer import Endpoint
from sim.clock import Clock
from sim.delivery import Handler
from sim.readings import Reading
from sim.relays import OutboundMessages, Outbox

Relayed = Callable[[Endpoint, Handler, Clock], Handler]
"""Gives the handler that is told instead of an endpoint's own."""


def connect(source: System, name: str, endpoint: Endpoint, host: Host, relayed: Relayed | None = None) -> None:
    """Have an endpoint of a layer learn of its source's events in its way. `name` is what the source calls it.

    What the source tells goes through what `relayed` gives, if there is one.
    """
    wire, publisher, types = host.surroundings.wire, source.publisher, endpoint.types
    handler = host.handler(endpoint)
    if relayed:
        handler = relayed(endpoint, handler, wire.clock)
    match endpoint.mode:
        case "read":
            reading = Reading(wire, publisher, name, types, source.changes.visible_us)
            host.surroundings.readings[endpoint.name] = reading
        case "outbound":
            OutboundMessages(wire, publisher, name, handler, types)
        case "outbox":
            Outbox(wire, publisher, name, handler, types)
        case _:
            publisher.subscribe(name, handler, types)
