"""A built-in layer's kit in which single parts are of another class: so that a planted bug is the only difference."""

from functools import partial

from harness.blocks.applying import Applier
from harness.blocks.carrying import Carrier
from harness.blocks.inbox import Inbox
from harness.blocks.retry import Caller
from harness.blocks.sequencer import Sequencer
from harness.kit import Kit


class Parts(Kit):
    """What a layer is put together from. A subclass, or whoever makes it, says which part is of a class of its own."""

    def __init__(
        self, surroundings, options, *,
        applier=Applier, caller=Caller, carrier=Carrier, gate=Sequencer, inbox=Inbox, keeps=True,
    ):  # fmt: skip
        super().__init__(surroundings, options, keeps=keeps)
        self.carriers = carrier
        self._applier_of, self._gate_of, self._inbox_of = applier, gate, inbox
        if caller is not Caller:
            self.caller = caller(surroundings, self.policy)

    def applier(self, target, consumer=None, *, blind=False, caller=None):
        """What applies events to `target`, as `Kit.applier` makes it."""
        surroundings, consumer = self._surroundings, consumer or target
        return self._applier_of(
            surroundings,
            self.store,
            self.caller,
            self.carrier(target, blind=blind, caller=caller, make=self.carriers),
            self._gate_of(self._gate, self.store, consumer, surroundings.opening.versions),
            self._inbox_of(self.store, consumer) if self._options.get("inbox", "off") == "on" else None,
        )


class Listener(Caller):
    """A caller between which and the systems somebody sits who may change what is sent, and what is heard."""

    def __init__(self, surroundings, policy):
        super().__init__(surroundings, policy)
        self._lines = {
            system: (partial(self.sent, system, send), gate) for system, (send, gate) in self._lines.items()
        }  # fmt: skip

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        """The answer to one attempt of a call."""
        return await send(request, key, idempotency_key, timeout_us)
