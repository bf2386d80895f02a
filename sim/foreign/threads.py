"""Threads of blocking code in virtual time: each is a stack, and they wait for each other in virtual time.

A thread goes on until it waits, so nothing is done halfway, and the clock says who goes on. All that Python's library
has for threads (conditions, events, semaphores, queues, timers, pools) is made of the locks and threads here.
"""

import _threading_local
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from contextvars import Context
from itertools import count
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from sim.clock import Action, Clock, Entry
from sim.durations import SECOND
from sim.foreign.blocking import run, wait

IDENT = threading.get_ident
LOCK = threading.Lock
"""The machine's own, also while others are in their place."""

PROCESSORS = 4
"""Of the machine that foreign code believes to be on: pools have threads by their number."""

_VIRTUAL: Any = threading
"""Where Python keeps what it knows of threads. Its checker knows less of that."""


_PYTHONS_QUEUE: Any = queue._PySimpleQueue  # type: ignore[attr-defined]


class Threads:
    """The threads of one run. `clock` is that of the program's present life; nothing of an earlier one goes on."""

    def __init__(self, clock: Clock, errors: list[BaseException]) -> None:
        self.clock = clock
        self._errors = errors
        self._numbers = count(1)
        self._of_stack: dict[greenlet, threading.Thread] = {}
        self._over: dict[threading.Thread, threading.Event] = {}
        self._here = 0

    def begin(self) -> None:
        """Have the thread that this is called in be the run's."""
        self._here = IDENT()

    def end(self) -> None:
        """The run is over: threads that have not ended are."""
        for thread in [*self._over]:
            self._forget(thread)
        self._here = 0

    def here(self) -> bool:
        """Whether this is the run's own thread, and in virtual time."""
        return self._here == IDENT()

    # --- what threads are made of --------------------------------------------------------------------

    def ident(self) -> int:
        """The number of the thread that goes on: threads of the run have small ones."""
        thread = self._of_stack.get(getcurrent())
        return IDENT() if thread is None else thread.ident or 0

    def lock(self) -> "Lock":
        """A new lock."""
        return Lock(self)

    def kinds(self) -> Iterator[tuple[Any, Any]]:
        """Types of the library that are written in C, and the same in Python, which are made of the locks here."""
        for original, ours in ((queue.SimpleQueue, _PYTHONS_QUEUE), (threading.local, _threading_local.local)):
            yield original, type(original.__name__, (ours,), {})  # of its own, so that it can be told from others

    def methods(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """What is other than ever about threads; those that are over, or the machine's, say it themselves."""
        is_alive, join = threading.Thread.is_alive, threading.Thread.join
        yield "start", self.start
        yield "is_alive", lambda thread: thread in self._over or is_alive(thread)
        yield "join", lambda thread, timeout=None: (self._join if thread in self._over else join)(thread, timeout)

    def rlock(self) -> Any:
        """A new re-entrant lock: the library's own in Python."""
        return _VIRTUAL._RLock()

    # --- threads -------------------------------------------------------------------------------------

    def start(self, thread: threading.Thread) -> None:
        """Have a thread run from this instant on. It has a context of its own, with nothing in it."""
        its: Any = thread
        if its._started.is_set():
            raise RuntimeError("threads can only be started once")
        its._ident = next(self._numbers)
        self._over[thread] = threading.Event()
        _VIRTUAL._active[its._ident] = thread
        its._started.set()
        Context().run(self.clock.spawn, run(self._run, thread))

    def _join(self, thread: threading.Thread, timeout: float | None = None) -> None:
        if thread is self._of_stack.get(getcurrent()):
            raise RuntimeError("cannot join current thread")
        self._over[thread].wait(timeout)

    def _run(self, thread: threading.Thread) -> None:
        its: Any = thread
        self._of_stack[getcurrent()] = thread
        try:
            thread.run()
        except (SystemExit, GreenletExit):
            pass
        except BaseException as error:
            self._errors.append(error)
            its._invoke_excepthook(thread)
        finally:
            del self._of_stack[getcurrent()]
            self._forget(thread)

    def _forget(self, thread: threading.Thread) -> None:
        its: Any = thread
        _VIRTUAL._active.pop(its._ident, None)
        if hasattr(its, "_handle"):
            its._handle._set_done()  # so the library knows it from Python 3.13 on
        its._is_stopped = True
        over = self._over.pop(thread, None)
        if over is not None:
            over.set()


class Lock:
    """A lock. Whoever waits for it in a run does in virtual time, first come, first served; others as ever."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._held = LOCK()
        self._waiting: list[_Turn] = []

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Hold the lock; whether it was to be had in time."""
        if not blocking or not self._threads.here():
            return self._held.acquire(blocking, timeout)
        if self._held.acquire(False):
            return True
        turn = _Turn(self._threads.clock, self._waiting, None if timeout < 0 else round(timeout * SECOND))
        try:
            return wait(turn.awaited())
        finally:
            turn.give_up()

    def release(self) -> None:
        """Let go of the lock; who has waited longest holds it next."""
        if self._waiting and self._held.locked():
            self._waiting.pop(0).come()
        else:
            self._held.release()

    def locked(self) -> bool:
        """Whether anybody holds it."""
        return self._held.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        """Be free in a process of its own: libraries that are imported in a run have that done, if one is forked."""
        self._held = LOCK()
        self._waiting = []


class _Turn:
    """That it is somebody's turn to hold a lock, or that the time for that is up."""

    def __init__(self, clock: Clock, line: "list[_Turn]", timeout_us: int | None) -> None:
        self._clock = clock
        self._line = line
        self._timeout_us = timeout_us
        self._resume: Action

    def then(self, resume: Action) -> Entry | None:
        self._resume = resume
        self._line.append(self)
        if self._timeout_us is not None:
            self._clock.at(self._clock.now + self._timeout_us, self._expire)
        return None

    def come(self) -> None:
        self._clock.at(self._clock.now, self._resume, True)

    def give_up(self) -> None:
        if self in self._line:
            self._line.remove(self)

    def _expire(self, _: object) -> Entry | None:
        if self not in self._line:
            return None
        self.give_up()
        return self._resume(False)

    def __await__(self) -> Generator[Any, Any, bool]:
        come: bool = yield self
        return come

    async def awaited(self) -> bool:
        return await self
