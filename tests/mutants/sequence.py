"""Event-driven in strict sequence, right for whoever needs each version of a contract and not just the newest.

No mutant is here: those are made from it that go wrong where an event waits, or where changes are added up.
"""

from dataclasses import replace

from harness.blocks.applying import Applier
from harness.blocks.inbox import Inbox
from harness.blocks.read_back import read_back
from harness.layer import AGREEMENT_EVENTS
from harness.patterns.event_driven import EventDriven
from harness.switches import switches
from tests.mutants.parts import Parts


class InSequence(EventDriven):
    """No mutant: an event that could not be read is read back as it was told, so that no version is left out."""

    NAME = "in-sequence"
    OPTIONS = EventDriven.OPTIONS | switches(gate="sequence")

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, self.parts(surroundings, options))

    def parts(self, surroundings, options):
        """What it is put together from."""
        return Parts(surroundings, options, applier=VersionByVersion)


class VersionByVersion(Applier):
    """Reads a contract back as of the version that the event tells of."""

    async def apply(self, event, changes=(), again=False):
        if event.body is None and again and event.type in AGREEMENT_EVENTS:
            now = await read_back(self._caller, event)
            then = now.body.versions[: event.version]
            event = replace(event, schema=1, body=replace(now.body, versions=then))
        return await super().apply(event, changes, again)


class WithoutContracts(Inbox):
    """An inbox that leaves contracts to the gate, which knows their versions."""

    def finished(self, event):
        return event.type not in AGREEMENT_EVENTS and super().finished(event)
