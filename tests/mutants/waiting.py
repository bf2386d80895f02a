"""Layers that never wait, each in another way: no mutants, as nobody would have them for long."""

from harness.patterns.event_driven import EventDriven
from tests.mutants.parts import Listener, Parts


async def nothing():
    """Wait for nothing."""


class Spinning(EventDriven):
    """Looks for work all the time, and thinks nothing of errors."""

    NAME = "spinning"

    async def receive(self, event):
        while True:
            try:
                await nothing()
            except Exception:  # what a layer may do
                continue


class Polling(EventDriven):
    """Looks for work, and sleeps for no time in between."""

    NAME = "polling"

    def start(self):
        super().start()
        self.surroundings.clock.spawn(self._poll())

    async def _poll(self):
        while True:
            await self.surroundings.clock.sleep(0)


class Hammering(EventDriven):
    """Tries again at once."""

    NAME = "hammering"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=AtOnce))


class AtOnce(Listener):
    """Waits for no time before the next attempt."""

    def _wait_us(self, response, attempt, system, request, key):
        return 0
