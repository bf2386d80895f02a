"""The switches that built-in layers share, each a safeguard or a choice that can be set alone.

A switch is one axis of a factorial design: what tells patterns apart beside their flow.
A layer says which of them it has, and with which default.
"""

from collections.abc import Mapping
from dataclasses import replace

from harness.layer import Option

FACADE: Mapping[str, Option] = {
    "limiter": Option(
        "off",
        ("on", "bounded", "off"),
        "façade: stay below each system's limits, urgent calls first, halt after a 429; bounded: only so many wait",
        protects="asking a system more than it can do or grants, which then answers late, with 429, or not at all",
        without="off",
        against=("throttling", "brownout"),
    ),
    "breaker": Option(
        "off",
        ("on", "off"),
        "façade: call a system whose calls fail only with a few probes a minute",
        protects="a system that is down, which all calls and their retries are wasted on",
        without="off",
        against=("outage", "partition", "brownout"),
    ),
    "cache": Option(
        "off",
        ("on", "off"),
        "façade: keep reference data (accounts, customers) for five minutes",
        protects="asking the same again and again, which costs calls and time",
        without="off",
    ),
    "budget": Option(
        "off",
        ("on", "off"),
        "façade: retry no more than a tenth of the calls, and fail the others at once",
        protects="retries that add to the load that they come from",
        without="off",
        against=("outage", "partition", "brownout", "throttling"),
    ),
}
"""The parts of a façade. Every layer has these switches, off unless it says otherwise."""

SWITCHES: Mapping[str, Option] = {
    "idempotency": Option(
        "key",
        ("key", "read", "none"),
        "how a repeated write is known for one: by idempotency key (ERP: external id), by reading before creating",
        protects="a call repeated after a lost answer, a crash or a replay, which does its work twice",
        without="none",
        against=("lost_response", "outage", "partition", "brownout", "crash", "duplicate_delivery"),
    ),
    "inbox": Option(
        "on",
        ("on", "off"),
        "remember which events were dealt with",
        protects="an event told twice, which is carried twice",
        without="off",
        against=("duplicate_delivery", "crash"),
    ),
    "gate": Option(
        "version",
        ("version", "sequence", "timestamp", "fetch", "none"),
        "ordering guard: by version, in strict sequence, by the source's clock, or carry what the source says now",
        protects="an older version that comes last, or was given up on, and overwrites a newer one",
        without="none",
        against=("out_of_order", "late_delivery", "outage", "partition", "crash"),
    ),
    "attempts": Option(
        "unlimited",
        ("unlimited", "1", "2", "3", "5", "8", "12"),
        "tries of one call, the first included",
        protects="a passing failure, which loses or parks what it meets",
        without="1",
        against=("outage", "partition", "brownout", "throttling", "expired_token", "lost_request", "lost_response"),
    ),
    "journal": Option(
        "on",
        ("on", "off"),
        "keep in durable tables what was taken in and what was done; off: in memory",
        protects="a crash, which loses everything that was in hand",
        without="off",
        against=("crash",),
    ),
    "dead_letters": Option(
        "on",
        ("on", "off"),
        "set aside what a target refuses; off: it is dropped, or blocks what is behind it",
        protects="an event that a target refuses, which is lost or holds up its partition",
        without="off",
        against=("poison", "schema_change", "expired_token", "outage", "partition"),
    ),
    "compensation": Option(
        "on",
        ("on", "off"),
        "undo a saga's earlier steps when a later one fails for good; off: leave them",
        protects="a step that is refused for good, which leaves a part of its saga",
        without="off",
    ),
    "hub": Option(
        "off",
        ("on", "off"),
        "read all sources through one mapping, and claim a customer's reference before it is created",
        protects="a changed schema that costs an edit for each target; two messages that create one customer twice",
        without="off",
        against=("schema_change", "stale_index"),
    ),
    "late_posting": Option(
        "today",
        ("today", "ask"),
        "what comes after its period's lock is posted today at once, or only when people have said so",
    ),
    **FACADE,
    "capture": Option(
        "webhook",
        ("webhook", "outbound", "cdc", "polling", "outbox"),
        "how it learns of changes: told by webhook, outbound message or outbox; or reading the stream, or polling",
    ),
}
"""Every shared switch, with the default that most layers have."""


def switches(**defaults: str) -> dict[str, Option]:
    """The named switches and those of the façade, in the order of SWITCHES, with these defaults."""
    unknown = defaults.keys() - SWITCHES.keys()
    assert not unknown, f"no such switches: {sorted(unknown)}"
    defaults = {name: option.default for name, option in FACADE.items()} | defaults
    return {name: replace(option, default=defaults[name]) for name, option in SWITCHES.items() if name in defaults}
