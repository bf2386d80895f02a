"""Which safeguard would have prevented a break: from the mistake behind it to a switch in the words of `tieout layers`.

A layer of the user's own has no such switches, and is told what each of them does.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from harness.explain.mistakes import MISTAKES
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

GENERIC: Mapping[str, str] = {
    "idempotency": "a key for each business change, the same at every attempt, by which the target knows a repeat",
    "idempotency=read": "reading what the target has before creating anything",
    "inbox": "a durable record of the events that were dealt with, looked at before each is carried",
    "gate": "a gate that lets no version be written over a newer one, nor before the one it builds on",
    "journal": "a durable note of what is in hand, made before it is acknowledged and struck out once it is done",
    "attempts": "trying again, with growing waits, for as long as the failure may pass",
    "dead_letters": "setting aside what cannot be carried, where somebody sees it and has it carried again",
    "hub": "one mapping of each source, and a claim on a customer's reference before the customer is created",
    "limiter": "staying below what the target grants, and halting when it says so",
    "control_totals": "counting and adding up what a load was to have and what the target took, before moving on",
    "capture": "an outbox in the source, which tells of each change in the order of its commit",
}
"""What a switch stands for, or one of its values, in words for layers that have no such switch."""

NOTHING = (
    "Nothing in the layer alone: a reconciliation of what each system has, by document and to the cent, finds it on "
    "the day it is made."
)
"""What is said where no mistake of the layer's is known."""

OVERLOAD = ("throttling", "brownout")
"""Faults that strike who asks for too much."""

MASTER_DATA = ("missing_tax_code", "invalid_legal_entity", "unmapped_product", "unsupported_amendment")


def group_of(kind: str) -> Group:
    """What a kind of break amounts to."""
    return GROUPS.get(kind, "wrong")


def against(mistake: str, cause: str) -> tuple[str, ...]:
    """The safeguards against a mistake that a fault of the kind `cause` brought out."""
    if not mistake:
        return ()
    known = MISTAKES[mistake].safeguards
    held_up = mistake in ("gave_up", "failure_let_go", "carried_after_the_lock") and cause in OVERLOAD
    return (*known[:1], "limiter=on", *known[1:]) if held_up else known


def prevention(mistake: str, cause: str, options: Mapping[str, str], layer: str, *, built_in: bool) -> str:
    """What would have prevented a break, in a sentence. `options` are the layer's, in our words if it is `built_in`."""
    if cause in MASTER_DATA:
        return "The master data that was lacking, before a document needs it; and a queue where people see what waits."
    if not mistake:
        return NOTHING
    safeguards, instead = against(mistake, cause), MISTAKES[mistake].instead
    if safeguards and built_in:
        return _switched(safeguards, instead, options, layer)
    if safeguards:
        said = instead or f"{_capital(_generic(safeguards[0]))}."
        name, _, value = safeguards[0].partition("=")
        if options.get(name) == value:
            return f"{said} The layer says that it has {safeguards[0]}: it was not enough here."
        return f"{said.removesuffix('.')} (built-in layers call it {safeguards[0]})."
    return instead or NOTHING


def _switched(safeguards: Sequence[str], instead: str, options: Mapping[str, str], layer: str) -> str:
    """The first of the safeguards that a built-in layer has not, or does not offer."""
    for safeguard in safeguards:
        name, _, value = safeguard.partition("=")
        if options.get(name, value) != value:
            return f"{safeguard}: {_generic(safeguard)}. Try it: --layer {with_option(layer, safeguard)}"
    for safeguard in safeguards:
        if safeguard.partition("=")[0] not in options:
            return f"{safeguard}, which this layer does not offer: {_generic(safeguard)}."
    return f"The layer has {listing(safeguards)}, and it was not enough here. {instead or NOTHING}"


def _generic(safeguard: str) -> str:
    return GENERIC.get(safeguard) or GENERIC[safeguard.partition("=")[0]]


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def with_option(layer: str, option: str) -> str:
    """A layer's text with one option set."""
    name, _, given = layer.partition(":")
    kept = [each for each in given.split(",") if each and each.partition("=")[0] != option.partition("=")[0]]
    return f"{name}:{','.join([*kept, option])}"
