"""What a target does not take, and nobody takes up again."""

from harness.blocks.applying import Applier
from harness.blocks.reading import UNREADABLE
from harness.blocks.retry import CallFailed
from harness.blocks.work_queue import WorkQueue
from harness.patterns.event_driven import EventDriven
from harness.patterns.process_orchestration import ProcessOrchestration
from tests.mutants.parts import Parts


class NeverDrains(EventDriven):
    """What is refused goes to a dead-letter queue at once; there is no job that empties it, and nobody looks.
    What would have succeeded a few minutes later stays there for good.
    """

    NAME = "never-drains"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        for group in self._groups.values():
            group._set_aside = BuryAll(self, group.target)

    def replay(self, selection):
        """Replay nothing: that was to come with the next release."""


class BuryAll:
    """Makes a dead letter of each event."""

    def __init__(self, layer, target):
        self._layer = layer
        self._target = target

    async def __call__(self, event, reason, commit):
        await self._layer.dead_letters.bury(event, self._target, reason, *commit)


class SkipsUnreadable(EventDriven):
    """An event that cannot be read is logged and skipped, so that it does not stop the others.
    What it was about, which its source could still be asked for, never arrives.
    """

    NAME = "skips-unreadable"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, applier=Skipping))


class Skipping(Applier):
    """Goes on to the next event after one that cannot be read."""

    async def apply(self, event, changes=(), again=False):
        try:
            return await super().apply(event, changes, again)
        except CallFailed as failed:
            if failed.response is not UNREADABLE:
                raise
            await self._store.write(*changes, *((self._inbox.finish(event),) if self._inbox else ()))
            return None


class EvictsWhatIsParked(ProcessOrchestration):
    """The work queue has room for two: a third item takes the place of the oldest, without a word.
    What was parked first is not carried again.
    """

    NAME = "evicts-what-is-parked"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        self.work_queue.__class__ = RoomForTwo


class RoomForTwo(WorkQueue):
    """Keeps two items."""

    async def park(self, event, target, reason, *changes):
        others = [place for place in self.rows if place != (event.id, target)]
        evicted = [(self._table, place, None) for place in others[:-1]]
        await super().park(event, target, reason, *changes, *evicted)
