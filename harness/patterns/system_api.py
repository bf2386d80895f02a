"""System API: point-to-point behind a façade, so that what the façade does shows by itself.

The connectors are those of point-to-point, with its blind retries and its forgetting. But each system is called through
one gateway: it stays below the system's published limits and lets postings go first, halts when the system says 429,
stops calling one that is down but for a few probes, and keeps what it was told of accounts and customers.

It promises what point-to-point promises, and that no system is asked more than it grants; a system in trouble is
asked less, and calls of it fail fast. Its failure windows are those of point-to-point, and beside them: what the cache
says may be five minutes old; an open breaker refuses good calls for up to a minute after the system's recovery, on
top of its outage; who waits for a place is in memory, and lost in a crash; and what is urgent can starve the rest.
"""

from collections.abc import Mapping
from typing import ClassVar

from harness.layer import Option
from harness.patterns.point_to_point import PointToPoint
from harness.switches import switches


class SystemApi(PointToPoint):
    """Point-to-point's connectors, whose calls all go through a façade."""

    NAME = "system-api"
    SUMMARY = "point-to-point behind a façade: stays below limits, circuit breaker, cache; nothing durable"
    OPTIONS: ClassVar[Mapping[str, Option]] = switches(
        idempotency="none", inbox="off", gate="none", attempts="5", limiter="on", breaker="on", cache="on",
        capture="webhook",
    )  # fmt: skip
    WHY: ClassVar[Mapping[str, str]] = {
        **PointToPoint.WHY,
        "limiter": "the façade is there to keep callers below what each system grants",
        "breaker": "one place that makes all calls of a system sees first that it is down",
        "cache": "one place that reads reference data for all connectors can keep it",
    }
