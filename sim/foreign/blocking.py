"""Blocking code in virtual time: each piece has a stack of its own, which is left where it waits and come back to.

>>> from sim.clock import Clock
>>> clock = Clock()
>>> def patient():
...     wait(clock.sleep(5))
...     return clock.now
>>> task = clock.spawn(run(patient))
>>> clock.run_until(10)
>>> task.result
5
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

from greenlet import GreenletExit, getcurrent, greenlet

from sim.clock import Action, Clock, Entry
from sim.foreign.refusal import Refused

Result = TypeVar("Result")

entering: Callable[[], object] = int
"""Called whenever foreign code is about to go on: a guard sets its watches by it."""


LIFE: ContextVar[Clock] = ContextVar("life")
"""The clock of the program's life that code belongs to: what it leaves behind it goes on there, and ends with it."""

_running: dict[greenlet, int] = {}  # each stack, and the thread that it stands for


async def run(work: Callable[..., Result], *arguments: Any, thread: int = 0) -> Result:
    """What `work(*arguments)` returns, in the context that this is awaited in. Raises what it raises.

    To the code it runs in the thread of that number, of which 0 is the program's main one.
    """
    stack = greenlet(work)
    stack.gr_context = copy_context()
    _running[stack] = thread
    entering()
    outcome = stack.switch(*arguments)
    while not stack.dead:
        try:
            value = await outcome
        except GeneratorExit:  # the run is over, and this stack was ended before
            raise
        except BaseException as error:  # it is for the code that waits
            entering()
            outcome = stack.throw(error)
        else:
            entering()
            outcome = stack.switch(value)
    _running.pop(stack, None)
    result: Result = outcome
    return result


async def living(life: Clock, work: Awaitable[Result]) -> Result:
    """What `work` comes to, as part of a program's life."""
    LIFE.set(life)
    return await work


def wait(awaited: Awaitable[Result]) -> Result:
    """Leave this stack until `awaited` is there, and return it; other code runs meanwhile. Raises what it raises."""
    outside = getcurrent().parent
    go_on()
    if outside is None:
        raise Refused("waiting in place", "run it with sim.foreign.blocking.run, or await it")
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        result: Result = outside.switch(awaited)
    finally:
        asyncio._set_running_loop(loop)
    return result


def go_on() -> None:
    """Nothing, unless the code that asks has been ended: then it ends here."""
    if getcurrent() in _ended:
        raise GreenletExit


def thread_number() -> int:
    """The number of the thread that the code which asks is in; 0 is the program's main one."""
    return _running.get(getcurrent(), 0)


class Signal:
    """What one piece of code waits for. Awaited, it is whether it was sent, before its time was up."""

    def __init__(self, clock: Clock, timeout_us: int | None = None) -> None:
        self._clock = clock
        self._timeout_us = timeout_us
        self._over = False
        self._resume: Action

    def send(self) -> bool:
        """Have who waits go on at this instant; whether somebody still waits."""
        if self._over:
            return False
        self._over = True
        self._clock.at(self._clock.now, self._resume, True)
        return True

    def then(self, resume: Action) -> Entry | None:
        """Call `resume` with whether it was sent."""
        self._resume = resume
        if self._timeout_us is not None:
            self._clock.at(self._clock.now + self._timeout_us, self._expire)
        return None

    def _expire(self, _: object) -> Entry | None:
        if self._over:
            return None
        self._over = True
        return self._resume(False)

    def __await__(self) -> Generator[Any, Any, bool]:
        sent: bool = yield self
        return sent


_ended: dict[greenlet, None] = {}


def end_all() -> None:
    """End whatever still waits: the run is over. It may tidy up, and waits no more; how that ends, nobody hears."""
    for stack in [*_running]:
        _ended[stack] = None
        with suppress(Exception):
            stack.throw(GreenletExit)
    _running.clear()
    _ended.clear()
