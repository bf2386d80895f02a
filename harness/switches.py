"""The switches that built-in layers share, each a safeguard or a choice that can be set alone.

A switch is one axis of a factorial design (PATTERNS-REFERENCE §0.1): what tells patterns apart beside their flow.
A layer says which of them it has, and with which default.
"""

from collections.abc import Mapping
from dataclasses import replace

from harness.layer import Option

SWITCHES: Mapping[str, Option] = {
    "idempotency": Option(
        "key",
        ("key", "read", "none"),
        "how a repeated write is known for one: by idempotency key (ERP: external id), by reading before creating",
        protects="a call repeated after a lost answer, a crash or a replay, which does its work twice",
        without="none",
    ),
    "inbox": Option(
        "on",
        ("on", "off"),
        "remember which events were dealt with",
        protects="an event told twice, which is carried twice",
        without="off",
    ),
    "gate": Option(
        "version",
        ("version", "sequence", "timestamp", "fetch", "none"),
        "ordering guard: by version, in strict sequence, by the source's clock, or carry what the source says now",
        protects="an older version that comes last, or was given up on, and overwrites a newer one",
        without="none",
    ),
    "attempts": Option(
        "unlimited",
        ("unlimited", "1", "2", "3", "5", "8", "12"),
        "tries of one call, the first included",
        protects="a passing failure, which loses or parks what it meets",
        without="1",
    ),
    "journal": Option(
        "on",
        ("on", "off"),
        "keep in durable tables what was taken in and what was done; off: in memory",
        protects="a crash, which loses everything that was in hand",
        without="off",
    ),
    "dead_letters": Option(
        "on",
        ("on", "off"),
        "set aside what a target refuses; off: it is dropped, or blocks what is behind it",
        protects="an event that a target refuses, which is lost or holds up its partition",
        without="off",
    ),
    "late_posting": Option(
        "today",
        ("today", "ask"),
        "what comes after its period's lock is posted today at once, or only when people have said so",
    ),
}
"""Every shared switch, with the default that most layers have."""


def switches(**defaults: str) -> dict[str, Option]:
    """The named switches, in the order of SWITCHES, with these defaults."""
    unknown = defaults.keys() - SWITCHES.keys()
    assert not unknown, f"no such switches: {sorted(unknown)}"
    return {name: replace(option, default=defaults[name]) for name, option in SWITCHES.items() if name in defaults}
