"""Order that is not kept, and repeats that are told by the wrong mark."""

from collections import deque
from dataclasses import replace

from harness.blocks.applying import Applier
from harness.blocks.canonical_records import row_of
from harness.blocks.inbox import Inbox
from harness.blocks.sequencer import Sequencer
from harness.patterns.canonical_hub import CanonicalHub
from harness.patterns.event_driven import EventDriven
from harness.patterns.hybrid import Hybrid
from harness.patterns.process_orchestration import ProcessOrchestration
from harness.switches import switches
from sim.durations import MINUTE
from tests.mutants.parts import Parts


class DedupesByContract(EventDriven):
    """The inbox knows events by type and contract, not by their own number.
    A contract's second amendment is taken for a repeat of the first, and dropped.
    """

    NAME = "dedupes-by-contract"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, inbox=ByContract))


class ByContract(Inbox):
    """Knows events by what they are about."""

    def finished(self, event):
        return (event.type, event.key) in self._finished

    def finish(self, event):
        return (self._table, (event.type, event.key), True)


class IgnoresEarlyCancellation(EventDriven):
    """A cancellation of a contract that the target does not know is taken for done: there is nothing to cancel.
    Where it has overtaken the signing, the contract is made afterwards, and runs on.
    """

    NAME = "ignores-early-cancellation"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, applier=NothingToCancel))


class NothingToCancel(Applier):
    """Cancels what is there."""

    async def apply(self, event, changes=(), again=False):
        if event.type == "contract_cancelled" and await self.makes(event):
            await self._store.write(self._inbox.finish(event), *changes)
            return None
        return await super().apply(event, changes, again)


class InParallel(ProcessOrchestration):
    """Each event has a process of its own, for more throughput, and not each contract.
    A signing and its amendment that are carried at the same time both make the contract.
    """

    NAME = "in-parallel"

    def _signal(self, event, targets):
        self._signalled[event.id] = True
        process = f"{event.key}:{event.version}"
        if process in self._signals:
            self._signals[process].append((event, targets))
        else:
            self._signals[process] = deque([(event, targets)])
            self.surroundings.clock.spawn(self._run(process))


class LatestTimestampWins(ProcessOrchestration):
    """Versions are compared by the time that the source has stamped on them, to the minute, and not by their numbers.
    The second of two in a minute is taken for a repeat, and one after the source's clock was set back for an old one.
    """

    NAME = "latest-timestamp-wins"
    OPTIONS = ProcessOrchestration.OPTIONS | switches(gate="timestamp")

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, gate=ToTheMinute))


class ToTheMinute(Sequencer):
    """Sees of a timestamp what people are shown of it."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self._place = lambda event: event.stamp_us // MINUTE


class LastToldIsNewest(CanonicalHub):
    """The hub counts the states of a record as it is told of them, and takes the last for the newest.
    An older version that comes late is sent to all targets over the newer one.
    """

    NAME = "last-told-is-newest"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        for outlet in self._outlets.values():
            outlet._carrier._revisions = False  # nor does it look at what the target has

    async def receive(self, event):
        newest = self.records._newest(row_of(event))
        if newest is not None and not self.records.told(event):
            event = replace(event, version=newest.version + 1)
        return await super().receive(event)

    def _mapped(self, event):
        return replace(super()._mapped(event), version=event.version)


class TakesNoTurns(Hybrid):
    """Process and log write to a contract's copy whenever they like, without taking turns at it.
    A contract whose signing is held up while its amendment comes through the log is made by both.
    """

    NAME = "takes-no-turns"
    OPTIONS = Hybrid.OPTIONS | {"every": replace(Hybrid.OPTIONS["every"], default="4h")}

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        log = [group._applier for group in self._log._groups.values()]
        for applier in (*self._processes._appliers.values(), *log):
            applier._turns = NoTurns()


class NoTurns:
    """Lets everybody pass."""

    async def take(self, target, key):
        """Wait for nothing."""

    def end(self, target, key):
        """Let nobody else have it."""
