"""What should outlive the layer and is in memory only, or is written down too early or too late."""

from functools import partial

from harness.blocks.applying import Applier
from harness.blocks.inbox import Inbox
from harness.blocks.sequencer import Sequencer
from harness.patterns.event_driven import EventDriven
from harness.patterns.sync_orchestration import SyncOrchestration
from sim.durations import DAY, MINUTE
from tests.mutants.parts import Parts
from tests.mutants.sequence import InSequence, VersionByVersion

FLUSHED_US = MINUTE
"""How long events are gathered before they are written to the log together."""


class AcknowledgesBeforeCommit(EventDriven):
    """An event is acknowledged at once, and written to the log with others a minute later.
    A crash in between loses what no source will tell again.
    """

    NAME = "acknowledges-before-commit"

    async def receive(self, event):
        self.surroundings.clock.spawn(self._flush(event))
        return True

    async def _flush(self, event):
        await self.surroundings.clock.sleep(FLUSHED_US)
        await super().receive(event)


class AnswersBeforeItIsDone(SyncOrchestration):
    """The source's request is answered at once, and worked on behind its back.
    What then fails is told to nobody, and nobody tells it again.
    """

    NAME = "answers-before-it-is-done"

    async def receive(self, event):
        self.surroundings.clock.spawn(super().receive(event))
        return True


class InboxInMemory(EventDriven):
    """The inbox is a cache in memory: what is in it for a day goes, and all of it with a restart.
    What is told once more then, when its key has expired too, is done once more.
    """

    NAME = "inbox-in-memory"

    def __init__(self, surroundings, options):
        inbox = partial(ShortMemory, surroundings.clock)
        super().__init__(surroundings, options, Parts(surroundings, options, inbox=inbox))


class ShortMemory(Inbox):
    """Knows what it has dealt with in the last day of this life."""

    def __init__(self, clock, store, consumer):
        super().__init__(store, consumer)
        self._clock = clock
        self._finished_us = {}

    def finished(self, event):
        return self._clock.now - self._finished_us.get(event.id, -DAY) < DAY

    def finish(self, event):
        self._finished_us[event.id] = self._clock.now
        return (self._table, event.id, None)


class CommitsOffsetFirst(EventDriven):
    """The offset is committed when an event is taken from its partition, before it is worked on.
    What the layer was at when it crashed is behind the offset, and never done.
    """

    NAME = "commits-offset-first"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, applier=Forward))


class Forward(Applier):
    """Writes down first, and applies then."""

    async def apply(self, event, changes=(), again=False):
        if changes:
            await self._store.write(*changes)
        return await super().apply(event, (), again)


class HoldsInMemory(InSequence):
    """An event that comes before its predecessor is held in memory, and its offset is committed.
    A crash before the predecessor comes forgets it.
    """

    NAME = "holds-in-memory"

    def parts(self, surroundings, options):
        return Parts(surroundings, options, applier=VersionByVersion, gate=WaitingRoom)


class WaitingRoom(Sequencer):
    """Keeps who waits in memory."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self._waiting = {}

    def holding(self, event):
        self._waiting[event.key, event.version] = event
        return (self._waiting_table, (event.key, event.version), None)

    def passing(self, event):
        passed = super().passing(event)
        self._waiting.pop((event.key, event.version), None)
        return passed
