"""Order that is not kept, and repeats that are told by the wrong mark."""

from collections import deque
from dataclasses import replace

from harness.blocks.applying import Applier
from harness.blocks.canonical_records import row_of
from harness.blocks.inbox import Inbox
from harness.blocks.sequencer import Sequencer
from harness.layer import DOCUMENT_EVENTS, contract_of
from harness.patterns.canonical_hub import CanonicalHub
from harness.patterns.event_driven import EventDriven
from harness.patterns.hybrid import Hybrid
from harness.patterns.process_orchestration import ProcessOrchestration
from harness.switches import switches
from sim.durations import MINUTE, SECOND
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


class OneInboxForAll(EventDriven):
    """All consumer groups look into one inbox, which knows events but not for whom they were dealt with.
    Who comes second takes an event for done that another has carried to its own target.
    """

    NAME = "one-inbox-for-all"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, inbox=Shared))


class Shared(Inbox):
    """Of no consumer's own."""

    def __init__(self, store, consumer):
        super().__init__(store, "all")


class DropsWhatIsLate(EventDriven):
    """A message whose time is more than five minutes ago is taken for a replayed one: acknowledged, and dropped.
    So is one that was held up on its way.
    """

    NAME = "drops-what-is-late"

    async def receive(self, event):
        if self.surroundings.clock.now - event.committed_us > 5 * MINUTE:
            return True
        return await super().receive(event)


class RefusesWhatIsLate(EventDriven):
    """The same message is refused, as one that was forged, whenever it is told again.
    Its source gives up telling at last.
    """

    NAME = "refuses-what-is-late"

    async def receive(self, event):
        if self.surroundings.clock.now - event.committed_us > 5 * MINUTE:
            return False
        return await super().receive(event)


class CarriesTheLastOfABurst(EventDriven):
    """Of several documents of a contract that come within seconds only the last is carried, as with states.
    A document is none: those before it are never posted.
    """

    NAME = "carries-the-last-of-a-burst"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        self._newest = {}

    async def receive(self, event):
        if event.type not in DOCUMENT_EVENTS:
            return await super().receive(event)
        burst = event.source, contract_of(event)
        self._newest[burst] = event
        await self.surroundings.clock.sleep(8 * SECOND)  # its source waits for ten
        return self._newest[burst] is not event or await super().receive(event)
