"""Which safeguard would have prevented a break: from its kind and cause to a switch in the words of `tieout layers`.

A layer of the user's own has no such switches, and is told what each of them does.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from reports.wording import listing

Group: TypeAlias = Literal["twice", "lost", "behind", "late", "wrong"]

GROUPS: Mapping[str, Group] = {
    "duplicate": "twice",
    "duplicate_customer": "twice",
    "double_revenue_run": "twice",
    "double_applied_amendment": "twice",
    "missing_downstream": "lost",
    "usage_gap": "lost",
    "timing_difference": "lost",
    "half_posted": "lost",
    "stale_amendment": "behind",
    "stale_master_data": "behind",
    "cancelled_still_running": "behind",
    "wrong_period": "late",
    "posted_to_closed_period": "late",
    "unapplied_cash": "late",
}
"""What a kind of break amounts to; every other kind is something wrong in itself."""

TABLE: Mapping[tuple[Group, str], tuple[str, ...]] = {
    ("twice", "lost_response"): ("idempotency=key",),
    ("twice", "outage"): ("idempotency=key",),
    ("twice", "partition"): ("idempotency=key",),
    ("twice", "brownout"): ("idempotency=key",),
    ("twice", "duplicate_delivery"): ("inbox=on", "idempotency=key"),
    ("twice", "crash"): ("idempotency=key", "inbox=on", "journal=on"),
    ("twice", "cutover"): ("idempotency=key", "inbox=on"),
    ("twice", "stale_index"): ("hub=on", "idempotency=key"),
    ("twice", "layer"): ("idempotency=key", "inbox=on"),
    ("lost", "crash"): ("journal=on",),
    ("lost", "cutover"): ("journal=on",),
    ("lost", "outage"): ("attempts=unlimited", "dead_letters=on"),
    ("lost", "partition"): ("attempts=unlimited", "dead_letters=on"),
    ("lost", "brownout"): ("attempts=unlimited", "dead_letters=on"),
    ("lost", "throttling"): ("attempts=unlimited", "limiter=on", "dead_letters=on"),
    ("lost", "expired_token"): ("attempts=unlimited", "dead_letters=on"),
    ("lost", "lost_request"): ("attempts=unlimited",),
    ("lost", "lost_response"): ("attempts=unlimited",),
    ("lost", "poison"): ("dead_letters=on",),
    ("lost", "schema_change"): ("dead_letters=on", "hub=on"),
    ("lost", "out_of_order"): ("gate=sequence", "dead_letters=on"),
    ("lost", "late_delivery"): ("gate=sequence", "dead_letters=on"),
    ("lost", "late_commit"): ("capture=outbox",),
    ("behind", "out_of_order"): ("gate=version",),
    ("behind", "late_delivery"): ("gate=version",),
    ("behind", "crash"): ("journal=on", "gate=version"),
    ("behind", "layer"): ("gate=version",),
    ("late", "throttling"): ("limiter=on",),
    ("late", "brownout"): ("limiter=on",),
    ("late", "crash"): ("journal=on",),
}
"""The safeguards against a break of this group with this cause, the first the one that is made for it."""

GENERIC: Mapping[str, str] = {
    "idempotency": "a key for each business change, the same at every attempt, by which the target knows a repeat",
    "inbox": "a durable record of the events that were dealt with, looked at before each is carried",
    "gate": "a gate that lets no version be written over a newer one, nor before the one it builds on",
    "journal": "a durable note of what is in hand, made before it is acknowledged and struck out once it is done",
    "attempts": "trying again, with growing waits, for as long as the failure may pass",
    "dead_letters": "setting aside what cannot be carried, where somebody sees it and has it carried again",
    "hub": "one mapping of each source, and a claim on a customer's reference before the customer is created",
    "limiter": "staying below what the target grants, and halting when it says so",
    "capture": "an outbox in the source, which tells of each change in the order of its commit",
}
"""What a switch stands for, in words for layers that have no such switch."""

WITHOUT_A_SWITCH: Mapping[Group, str] = {
    "twice": "One key for each business change, by which the target knows a repeat, whoever repeats it.",
    "lost": "Keeping what was acknowledged until the target has it, and a reconciliation that misses what it has not.",
    "behind": "A gate that compares versions at the target before it writes.",
    "late": "Nothing in the layer alone: what arrives after the lock is late. Close the month once the backlog is "
    "empty, or carry faster.",
    "wrong": "A test of the mapping against the source's own totals: control totals, compared to the cent after each "
    "batch or posting, find it on the day it is made.",
}
"""What would have prevented a break that no switch does."""

MASTER_DATA = ("missing_tax_code", "invalid_legal_entity", "unmapped_product", "unsupported_amendment")


def group_of(kind: str) -> Group:
    """What a kind of break amounts to."""
    return GROUPS.get(kind, "wrong")


LOST_AT: Mapping[str, tuple[str, ...]] = {
    "acknowledged": ("journal=on",),
    "called": ("attempts=unlimited", "dead_letters=on"),
    "let go": ("attempts=unlimited", "dead_letters=on"),
}
"""The safeguards against a loss that no fault caused, by where it was last seen."""


def against(kind: str, cause: str, *, overtaken: bool = False, place: str = "") -> tuple[str, ...]:
    """The safeguards against a break, last seen at `place` if it is a loss.

    One that is behind because its event was lost is a loss, unless it was `overtaken`.
    """
    group = group_of(kind)
    if cause == "layer" and place:
        return LOST_AT.get(place, ())
    if group == "behind" and not overtaken and cause not in ("out_of_order", "late_delivery"):
        return TABLE.get(("lost", cause), TABLE.get((group, cause), ()))
    if group == "wrong" and cause != "layer":  # an amount that a fault put off was noted twice
        group = "twice"
    return TABLE.get((group, cause), ())


def prevention(
    kind: str, cause: str, safeguards: Sequence[str], options: Mapping[str, str], layer: str, *, built_in: bool
) -> str:
    """What would have prevented a break, in a sentence. `options` are the layer's, in our words if it is `built_in`."""
    if cause in MASTER_DATA:
        return "The master data that was lacking, before a document needs it; and a queue where people see what waits."
    if not safeguards:
        return WITHOUT_A_SWITCH[group_of(kind)]
    if not built_in:
        return f"{_capital(_generic(safeguards[0]))} (built-in layers call it {safeguards[0]})."
    for safeguard in safeguards:
        name, _, value = safeguard.partition("=")
        if options.get(name, value) != value:
            return f"{safeguard}: {_generic(safeguard)}. Try it: --layer {with_option(layer, safeguard)}"
    for safeguard in safeguards:
        if safeguard.partition("=")[0] not in options:
            return f"{safeguard}, which this layer does not offer: {_generic(safeguard)}."
    return f"The layer has {listing(safeguards)}, and it was not enough here. {WITHOUT_A_SWITCH[group_of(kind)]}"


def _generic(safeguard: str) -> str:
    return GENERIC[safeguard.partition("=")[0]]


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def with_option(layer: str, option: str) -> str:
    """A layer's text with one option set."""
    name, _, given = layer.partition(":")
    kept = [each for each in given.split(",") if each and each.partition("=")[0] != option.partition("=")[0]]
    return f"{name}:{','.join([*kept, option])}"
