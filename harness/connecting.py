"""How an endpoint learns of its source's changes: the source tells it, in one way or another, or it reads by itself."""

from fakes.company import System
from harness.host import Host
from harness.layer import Endpoint
from sim.readings import Reading
from sim.relays import OutboundMessages, Outbox


def connect(source: System, name: str, endpoint: Endpoint, host: Host) -> None:
    """Have an endpoint of a layer learn of its source's events in its way. `name` is what the source calls it."""
    wire, publisher, types = host.surroundings.wire, source.publisher, endpoint.types
    match endpoint.mode:
        case "read":
            reading = Reading(wire, publisher, name, types, source.changes.visible_us)
            host.surroundings.readings[endpoint.name] = reading
        case "outbound":
            OutboundMessages(wire, publisher, name, host.handler(endpoint), types)
        case "outbox":
            Outbox(wire, publisher, name, host.handler(endpoint), types)
        case _:
            publisher.subscribe(name, host.handler(endpoint), types)
