"""Why a break came to be: the fault that struck it, what master data lacked for it, or else the layer itself.

First the faults that struck the broken record's own calls and deliveries, then those upstream of it on the same
contract or account; for what is late, also whatever struck anything of the contract: a layer that keeps a contract's
work in order is held up by it. Then what struck the request in which the record was to be made. Of several, one of a
kind that does such things before others, and the latest before the break came to be. If none did, a crash of the
layer: what that forgot, it has no list of. No fault of a network changes an amount, an account or a sign: such breaks
are the layer's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.audit.breaks import Break, Strike

LAYER = "layer"
"""No fault touched it."""

LAYER_AS_A_WHOLE = frozenset({"layer.crash", "layer.cutover"})
"""Where the layer itself is struck, with all that it knows: it was killed, or replaced by another."""

REFUSED_BY_THE_LAYER = "layer.refused"
"""Where a fault struck a request that the layer then refused as a whole, with all that was still to be done in it."""

LACKING = frozenset({"missing_tax_code", "invalid_legal_entity", "unmapped_product", "unsupported_amendment"})
"""What is refused for want of master data or rules, which only people can put right."""

_REPEATING = frozenset({"lost_response", "duplicate_delivery", "outage", "partition", "brownout", "crash", "cutover"})
_REPEATING_CUSTOMERS = _REPEATING | {"stale_index"}
_LOSING = frozenset({
    "lost_request", "outage", "partition", "brownout", "throttling", "expired_token", "lost_response", "poison",
    "schema_change", "crash", "cutover", "partial_load", "late_commit", *LACKING,
})  # fmt: skip
_DELAYING = frozenset({"late_delivery", "out_of_order", *_LOSING})

LIKELY: Mapping[str, frozenset[str]] = {
    "duplicate": _REPEATING,
    "duplicate_customer": _REPEATING_CUSTOMERS,
    "double_revenue_run": _REPEATING,
    "double_applied_amendment": _REPEATING,
    "missing_downstream": _LOSING | {"out_of_order"},
    "usage_gap": _LOSING | {"out_of_order"},
    "missing_upstream": _DELAYING,
    "stale_amendment": _DELAYING,
    "stale_master_data": _DELAYING,
    "cancelled_still_running": _DELAYING,
    "wrong_period": _DELAYING,
    "posted_to_closed_period": _DELAYING,
    "half_posted": _LOSING,
    "unapplied_cash": _DELAYING,
    "timing_difference": _DELAYING,
    "amount_mismatch": _DELAYING,
    "wrong_customer": _DELAYING | _REPEATING_CUSTOMERS,
}
"""Which faults are known to make which breaks. Kinds not named are the layer's own.

Unless they come of a note of what was delivered: to be told of it twice is to believe in more progress than there was.
"""

_ABSENT = (
    "missing_downstream",
    "usage_gap",
    "stale_master_data",
    "stale_amendment",
    "cancelled_still_running",
    "unapplied_cash",
    "timing_difference",
)
"""Kinds that last up to the audit: whatever struck before it may have made them."""

_LATE = ("wrong_period", "posted_to_closed_period", "timing_difference")
"""Kinds that come of being held up."""

_SOURCE: Mapping[str, str] = {
    "customer": "crm",
    "subscription": "crm",
    "order": "crm",
    "revenue_contract": "crm",
    "invoice": "crm",
    "open_item": "billing",
    "billed_document": "billing",
    "recognition": "crm",
    "journal_entry": "revenue",
    "fulfilment": "crm",
    "project": "crm",
    "payment": "billing",
}
"""The system whose event makes the layer make the record; where a break names its own, that."""


_OF_THE_CONTRACT = ("subscription", "order", "revenue_contract", "project", "invoice", "recognition", "fulfilment")
"""What is made because a contract was signed, or cannot be made without its copy."""


def _source(found: Break) -> str:
    return found.source or _SOURCE[found.record]


class Causes:
    """The strikes of one run by the business key they hit, and when ERP locked which month.

    `contract_of` says which contract a document's, recognition's or payment's key belongs to.
    """

    def __init__(
        self, struck: Iterable[Strike], locks: Mapping[int, int], contract_of: Mapping[str, str] | None = None
    ) -> None:
        self._locks = locks
        self._by_key: dict[str, list[Strike]] = {}
        self._by_contract: dict[str, list[Strike]] = {}
        for strike in struck:
            self._by_key.setdefault(strike[4], []).append(strike)
            contract = (contract_of or {}).get(strike[4], strike[4])
            self._by_contract.setdefault(contract, []).append(strike)

    def told(self, found: Break) -> Break:
        """The break with its cause: the kind of the fault whose strike made it, and that strike.

        Else `period_closed`, `rounding` or `layer`.
        """
        if found.kind == "rounding":
            return replace(found, cause="rounding")
        strike = self._strike(found)
        if strike is not None:
            return replace(found, cause=strike[2], strike=strike)
        return replace(found, cause="period_closed" if self._came_after_the_lock(found) else LAYER)

    def _strike(self, found: Break) -> Strike | None:
        """The strike that made a break, if one did."""
        likely = LIKELY.get(found.kind, _REPEATING if found.source else None)
        if likely is not None:
            near, upstream = self._near(found), self._upstream(found)
            kin = self._kin(found) if found.kind in _LATE else []
            elsewhere = self._elsewhere(found) if found.record in _OF_THE_CONTRACT else []
            for candidates, kinds in (
                (near, likely), (upstream, likely), (near, None), (upstream, None), (kin, likely),
                (elsewhere, likely), (self._of_the_request(found), likely), (self._of_the_layer(found), likely),
            ):  # fmt: skip
                fitting = [strike for strike in candidates if kinds is None or strike[2] in kinds]
                if fitting:
                    return max(fitting, key=lambda strike: strike[0])
        return None

    def _came_after_the_lock(self, found: Break) -> bool:
        """Whether ERP had locked the month that a posting belongs to when it was made."""
        locked_us = self._locks.get(found.period) if found.period is not None else None
        moved = found.kind == "wrong_period" and found.system == "erp"
        return moved and locked_us is not None and locked_us <= found.since_us

    def _near(self, found: Break) -> list[Strike]:
        """What hit the record's own calls, or the deliveries that ask for it."""
        return self._hits(found.call, (found.system, _source(found)), found)

    def _upstream(self, found: Break) -> list[Strike]:
        """What hit its contract on the way to where it comes from, or its customer.

        What was delivered is noted where the contract is known: in the system itself, that is on the way, too.
        """
        here = (found.system,) if found.source else ()
        hits = self._hits(found.contract, (_source(found), "crm", *here), found)
        return hits + self._hits(found.account, (found.system, "crm"), found)

    def _kin(self, found: Break) -> list[Strike]:
        """What hit anything of its contract, in any system."""
        return self._in_time(self._by_contract.get(found.contract or "", ()), found)

    def _elsewhere(self, found: Break) -> list[Strike]:
        """What hit its contract's copies in other systems: a layer may stop there, or undo what it has made."""
        return self._in_time(self._by_key.get(found.contract or "", ()), found) if found.kind in _ABSENT else []

    def _of_the_request(self, found: Break) -> list[Strike]:
        """What struck other work of the request that was to make it, which the layer refused as a whole."""
        if found.kind not in _ABSENT:
            return []
        keys = dict.fromkeys(key for key in (found.call, found.contract) if key)
        hits = (strike for key in keys for strike in self._by_key.get(key, ()))
        return [strike for strike in hits if strike[3] == REFUSED_BY_THE_LAYER]

    def _of_the_layer(self, found: Break) -> list[Strike]:
        """What struck the layer itself, which touches more than what was in its hands then."""
        return [strike for strike in self._in_time(self._by_key.get("", ()), found) if strike[3] in LAYER_AS_A_WHOLE]

    def _hits(self, key: str | None, systems: Sequence[str], found: Break) -> list[Strike]:
        hits = self._in_time(self._by_key.get(key or "", ()), found)
        return [strike for strike in hits if _system(strike) in systems]

    @staticmethod
    def _in_time(strikes: Iterable[Strike], found: Break) -> list[Strike]:
        """Those that can have made it: all there are of what lasts up to the audit, else those before it came to be."""
        return [strike for strike in strikes if found.kind in _ABSENT or strike[0] <= found.since_us]


def _system(strike: Strike) -> str:
    """The kind of system that was struck, of whichever legal entity."""
    return strike[3].partition(".")[0].partition("-")[0]
