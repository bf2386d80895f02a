"""What a layer is put together from, as its switches say: a store, a caller, and an applier for each target."""

from collections.abc import Mapping
from typing import TypeVar

from harness.blocks.applying import Applier
from harness.blocks.canonical import FROM
from harness.blocks.capture import Capture
from harness.blocks.carrying import ROUNDS, Carrier
from harness.blocks.claiming import ClaimingCarrier
from harness.blocks.facade import caller
from harness.blocks.identity import CrossReference, Identity, LookUp
from harness.blocks.inbox import Inbox
from harness.blocks.reading import Reader
from harness.blocks.retry import Caller, RetryPolicy
from harness.blocks.sequencer import Sequencer
from harness.blocks.turns import ApplierInTurn, Turns
from harness.blocks.unique_reference import UniqueReference
from harness.layer import Surroundings
from harness.store import Memory, Store

C = TypeVar("C", bound=Carrier)


class Kit:
    """The parts of one layer. Whatever its options do not name is at the default of `harness.switches`.

    With `keeps` the layer has durable tables (unless its journal is switched off) and a cross-reference; without,
    it has memory alone and looks records up in the target.
    """

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str], *, keeps: bool = True) -> None:
        self.turns: Turns | None = None  # at a contract's copy, where several parts write to it
        self._surroundings = surroundings
        self._options = options
        durable = keeps and options.get("journal", "on") == "on"
        self.store: Store = surroundings.store if durable else Memory()
        attempts = options.get("attempts", "unlimited")
        self.policy = RetryPolicy(attempts_max=None if attempts == "unlimited" else int(attempts))
        self.caller = caller(surroundings, options, self.policy)
        self.capture = Capture(surroundings, self.store, self.caller, options.get("capture", "webhook"))
        self.identity: Identity = (
            CrossReference(self.store, surroundings.opening) if keeps else LookUp(self.caller)
        )  # fmt: skip
        self.reader: Reader | None = None  # of all carriers together, if they are to share one
        self.carriers: type[Carrier] = Carrier
        self._gate = options.get("gate", "version")
        if options.get("hub") == "on":
            self.share()

    def share(self) -> Reader:
        """Have all carriers read by one mapping, which comes back, and claim references before they create records."""
        self.identity = UniqueReference(self._surroundings, self.store, self.caller)
        self.reader = reader = Reader(self._surroundings, "to the canonical model", FROM)
        self.carriers = ClaimingCarrier
        return reader

    def carrier(
        self,
        target: str,
        *,
        blind: bool = False,
        make: type[C] = Carrier,  # type: ignore[assignment]
        caller: Caller | None = None,
    ) -> C:
        """What carries events to `target`; `make` it of a class of your own, or through a `caller` of its own."""
        return make(
            self._surroundings,
            target,
            caller or self.caller,
            self.identity,
            idempotency=self._options.get("idempotency", "key"),
            revisions=self._gate != "none",
            blind=blind and not self.capture.collapses,
            asks=self._options.get("late_posting", "today") == "ask",
            reader=self.reader,
            rounds=self.store.table(ROUNDS),
        )

    def applier(
        self, target: str, consumer: str | None = None, *, blind: bool = False, caller: Caller | None = None
    ) -> Applier:
        """What applies events to `target`, for one of perhaps several consumers, through a `caller` of its own."""
        options, consumer = self._options, consumer or target
        parts = (
            self._surroundings,
            self.store,
            self.caller,
            self.carrier(target, blind=blind, caller=caller, make=self.carriers),
            Sequencer(self._gate, self.store, consumer, self._surroundings.opening.versions),
            Inbox(self.store, consumer) if options.get("inbox", "off") == "on" else None,
        )
        return ApplierInTurn(self.turns, *parts) if self.turns else Applier(*parts)
