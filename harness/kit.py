"""What a layer is put together from, as its switches say: a store, a caller, and an applier for each target."""

from collections.abc import Mapping

from harness.blocks.applying import Applier
from harness.blocks.carrying import Carrier
from harness.blocks.facade import caller
from harness.blocks.identity import CrossReference, Identity, LookUp
from harness.blocks.inbox import Inbox
from harness.blocks.retry import RetryPolicy
from harness.blocks.sequencer import Sequencer
from harness.layer import Surroundings
from harness.store import Memory, Store


class Kit:
    """The parts of one layer. Whatever its options do not name is at the default of `harness.switches`.

    With `keeps` the layer has durable tables (unless its journal is switched off) and a cross-reference; without,
    it has memory alone and looks records up in the target.
    """

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str], *, keeps: bool = True) -> None:
        self._surroundings = surroundings
        self._options = options
        durable = keeps and options.get("journal", "on") == "on"
        self.store: Store = surroundings.store if durable else Memory()
        attempts = options.get("attempts", "unlimited")
        policy = RetryPolicy(attempts_max=None if attempts == "unlimited" else int(attempts))
        self.caller = caller(surroundings, options, policy)
        self.identity: Identity = (
            CrossReference(self.store, surroundings.opening) if keeps else LookUp(self.caller)
        )  # fmt: skip

    def applier(self, target: str, consumer: str | None = None, *, blind: bool = False) -> Applier:
        """What applies events to `target`, for one of perhaps several consumers."""
        options, consumer = self._options, consumer or target
        gate = options.get("gate", "version")
        carrier = Carrier(
            self._surroundings,
            target,
            self.caller,
            self.identity,
            idempotency=options.get("idempotency", "key"),
            revisions=gate != "none",
            blind=blind,
            asks=options.get("late_posting", "today") == "ask",
        )
        return Applier(
            self._surroundings,
            self.store,
            self.caller,
            carrier,
            Sequencer(gate, self.store, consumer, self._surroundings.opening.versions),
            Inbox(self.store, consumer) if options.get("inbox", "off") == "on" else None,
        )
