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
import logging
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import Any, TypeVar

from greenlet import GreenletExit, getcurrent, greenlet

from sim.foreign.refusal import Refused

Result = TypeVar("Result")

entering: Callable[[], object] = int
"""Called whenever foreign code is about to go on: a guard sets its watches by it."""


_running: dict[greenlet, None] = {}


async def run(work: Callable[..., Result], *arguments: Any) -> Result:
    """What `work(*arguments)` returns, in the context that this is awaited in. Raises what it raises."""
    stack = greenlet(work)
    stack.gr_context = copy_context()
    _running[stack] = None
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


def wait(awaited: Awaitable[Result]) -> Result:
    """Leave this stack until `awaited` is there, and return it; other code runs meanwhile. Raises what it raises."""
    outside = getcurrent().parent
    if getcurrent() in _ended:
        raise GreenletExit
    if outside is None:
        raise Refused("waiting in place", "run it with sim.foreign.blocking.run, or await it")
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        result: Result = outside.switch(awaited)
    finally:
        asyncio._set_running_loop(loop)
    return result


_ended: dict[greenlet, None] = {}


def end_all() -> None:
    """End whatever still waits: the run is over. It may tidy up, and waits no more; what it logs, nobody reads."""
    logged = logging.root.manager.disable
    logging.disable()
    for stack in [*_running]:
        _ended[stack] = None
        stack.throw(GreenletExit)
    logging.disable(logged)
    _running.clear()
    _ended.clear()
