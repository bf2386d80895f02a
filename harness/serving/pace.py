"""How virtual time passes in a served world: by the wall clock, so many times as fast, or step by step.

By the wall clock (`real`, `accelerated`) it passes by itself, and a request meets the world at the instant it comes in.
Step by step (`manual`) it stands, but for the time that calls themselves take, and is moved on by whoever asks for it:
up to an instant, stopping wherever an integration is told of something until that has been dealt with.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Literal, TypeAlias

from harness.serving.world import World
from sim.durations import MINUTE, SECOND

Mode: TypeAlias = Literal["accelerated", "real", "manual"]

STEP_US = MINUTE
"""How much virtual time in which something happens passes at most before others have their turn."""

LATE_MAX_S = 1.0
"""How far the world may be behind the wall clock: beyond, it is the machine that is too slow, and time goes slower."""

BREATH_S = 0.001
"""What the wall clock can be waited for at the least."""

PATIENT_EVENTS = 1_000


class Pace:
    """Moves a world's clock. `world` is asked for each time: it may be another one after a reset."""

    def __init__(
        self, world: Callable[[], World], mode: Mode, speed: int, wall_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.mode: Mode = mode
        self.speed = speed
        self._world = world
        self._wall_s = wall_s
        self._nudged = asyncio.Event()
        self._advancing = asyncio.Lock()
        self.start()

    def start(self) -> None:
        """Let time pass from here on."""
        self._from_s, self._from_us = self._wall_s(), self._world().clock.now

    @property
    def end_us(self) -> int:
        """The instant at which the scenario ends, and time passes by itself no more."""
        return self._world().agreed.calendar.end_us

    @property
    def by_itself(self) -> bool:
        """Whether time passes by itself."""
        return self.mode != "manual" and self._world().clock.now < self.end_us

    @property
    def present_us(self) -> int:
        """The virtual instant that it is by the wall clock."""
        now_us = self._world().clock.now
        if not self.by_itself:
            return now_us
        passed_us = int((self._wall_s() - self._from_s) * self.speed * SECOND)
        return max(now_us, min(self._from_us + passed_us, self.end_us))

    def catch_up(self) -> bool:
        """Bring the world towards the present, by a step at the most; whether it has come there."""
        clock = self._world().clock
        present_us = self.present_us
        late_us = present_us - clock.now - int(LATE_MAX_S * self.speed * SECOND)
        if late_us > 0:
            self._from_us -= late_us
            present_us -= late_us
        due_us = clock.next_us
        clock.pass_to(present_us if due_us is None else min(present_us, max(clock.now, due_us) + STEP_US))
        return clock.now >= present_us

    def met(self) -> None:
        """Something has come in: where time stands, let it pass for as long as calls take; else wake up."""
        if self.by_itself:
            self._nudged.set()
        else:
            self._creep()

    async def pass_by_itself(self) -> None:
        """Let time pass, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            self._nudged.clear()
            if not self.by_itself:
                self._creep()
                await self._nudged.wait()
            elif not self.catch_up():
                await asyncio.sleep(0)
            else:
                alarm = loop.call_later(self._rest_s(), self._nudged.set)
                await self._nudged.wait()
                alarm.cancel()

    async def advance(self, until_us: int, quiet: Callable[[], bool], rest_s: float) -> None:
        """Move a clock that stands on to an instant, or beyond by what calls take; all is quiet when this returns.

        Wherever something was told, time waits until it is `quiet` and has been for `rest_s` of the wall clock.
        """
        async with self._advancing:
            await settled(quiet, 0)
            world, events = self._world(), 0
            while world is self._world() and world.clock.now < until_us:
                told = world.post.sent
                while world.clock.now < until_us and world.post.sent == told:
                    next_us = world.clock.next_us
                    world.clock.pass_to(until_us if next_us is None else min(next_us, until_us))
                    events += 1
                    if events % PATIENT_EVENTS == 0:
                        await asyncio.sleep(0)
                if world.post.sent > told:
                    await settled(quiet, rest_s)
            await settled(quiet, rest_s)

    def _creep(self) -> None:
        world = self._world()
        while world.open_requests and world.clock.next_us is not None:
            world.clock.pass_to(world.clock.next_us)

    def _rest_s(self) -> float:
        """For how long nothing is due."""
        world = self._world()
        due_us = world.clock.next_us
        rest_s = 1.0 if due_us is None else (due_us - self.present_us) / (self.speed * SECOND)
        return min(max(rest_s, BREATH_S), 1.0)


async def settled(quiet: Callable[[], bool], rest_s: float) -> None:
    """Return when it is quiet, and has been for so long."""
    while True:
        while not quiet():
            await asyncio.sleep(BREATH_S)
        if not rest_s:
            return
        await asyncio.sleep(rest_s)
        if quiet():
            return
