"""A layer that tells targets what a contract comes to by adding up its changes; and how such a layer goes wrong.

The sum is kept with the gate that says which versions were carried, and written down with it in one piece. So where the
gate lets each version through once, in order, each change is added once: `Adding` is correct.
"""

from dataclasses import replace

from harness.blocks.carrying import UPDATE, Carrier
from harness.blocks.identity import CONTRACT_KINDS, Known, look_up
from harness.blocks.retry import CallFailed
from harness.blocks.sequencer import Sequencer
from harness.layer import AGREEMENT_EVENTS
from tests.mutants.parts import Parts
from tests.mutants.sequence import InSequence, VersionByVersion, WithoutContracts


class Adding(InSequence):
    """No mutant: the correct layer that those below are made from."""

    NAME = "adding"

    def parts(self, surroundings, options):
        return SumParts(surroundings, options, SummingGate, AddingCarrier)


class LetsRepeatsIn(Adding):
    """The gate drops what is older than the last version, and lets the same version through again: >= for >.
    An amendment that is told twice is added twice.
    """

    NAME = "lets-repeats-in"

    def parts(self, surroundings, options):
        return SumParts(surroundings, options, NotOlder, AddingCarrier)


class AddsBeforeTheCall(Adding):
    """The sum is written down when a change is about to be sent, and not when the target has it.
    A change that is sent again, after a crash or a refusal, is added to a sum in which it is already.
    """

    NAME = "adds-before-the-call"

    def parts(self, surroundings, options):
        return SumParts(surroundings, options, FirstSums, EarlySums)


class SumParts(Parts):
    """Parts of which the carrier sees the sums that the gate of the same target keeps."""

    def __init__(self, surroundings, options, gate, carrier):
        super().__init__(
            surroundings, options, applier=VersionByVersion, gate=gate, carrier=carrier, inbox=WithoutContracts
        )  # fmt: skip

    def carrier(self, target, **how):
        made = super().carrier(target, **how)
        made.sums = Sums(self.store, target)
        return made


class Sums:
    """The quantity of each contract at one target, as the changes so far add up."""

    def __init__(self, store, target):
        self._table = f"quantities/{target}"
        self.quantities = store.table(self._table)

    def with_change(self, state):
        """The quantity with the newest change of a contract; of one that is new here, its whole quantity."""
        before = self.quantities.get(state.key)
        if before is None or len(state.versions) == 1:
            return state.quantity
        return before + state.versions[-1].quantity - state.versions[-2].quantity

    def keeping(self, state):
        """What writes that quantity down."""
        return (self._table, state.key, self.with_change(state))


class SummingGate(Sequencer):
    """Writes a sum down with the version that it includes."""

    def __init__(self, kind, store, consumer, opening):
        super().__init__(kind, store, consumer, opening)
        self._sums = Sums(store, consumer)

    def passing(self, event):
        newer = event.type in AGREEMENT_EVENTS and event.version > self._last.get(event.key, 0)
        passed = super().passing(event)
        return (*passed, self._sums.keeping(event.body)) if newer else passed


class AddingCarrier(Carrier):
    """Writes the sum over what the target has, whatever version that is: the gate says that it is the next."""

    async def _write_over(self, known, kind, state):
        if len(state.versions) > 1:
            await self._write_sum(known, kind, self._as_summed(state))

    def _as_summed(self, state):
        quantity = max(0, self.sums.with_change(state))
        if quantity == state.quantity:
            return state
        return replace(state, versions=(*state.versions[:-1], replace(state.versions[-1], quantity=quantity)))

    async def _write_sum(self, known, kind, state):
        request, key = UPDATE[self.target](known.id, state, known.revision), self._contract_key("amendment", state)
        try:
            made = await self._caller.write(self.target, request, state.key, key)
            known = Known(made.id, made.revision, made.version)
        except CallFailed as failed:
            if failed.response.status != 412:
                raise
            known = await look_up(self._caller, self.target, CONTRACT_KINDS[self.target], state.key)
            if known.version < state.version:  # who has written meanwhile did not write this
                await self._write_sum(known, kind, state)
                return
        await self._identity.keep(self.target, kind, state.key, known)


class NotOlder(SummingGate):
    """Asks whether a version is older, and not whether it is newer."""

    def judge(self, event):
        same = event.version == self._last.get(event.key, 0)
        return "carry" if same else super().judge(event)


class EarlySums(AddingCarrier):
    """Keeps the sum, and calls then."""

    async def _write_over(self, known, kind, state):
        if len(state.versions) > 1:
            summed = self._as_summed(state)
            await self._identity._store.write(self.sums.keeping(state))
            await self._write_sum(known, kind, summed)


class FirstSums(SummingGate):
    """Writes down the sum of what is new alone: the carrier does the others."""

    def passing(self, event):
        first = event.key not in self._sums.quantities
        return super().passing(event) if first else Sequencer.passing(self, event)
