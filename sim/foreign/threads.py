"""Threads in virtual time: each is a stack of its own, and whoever waits for a lock waits on the clock.

What Python builds upon locks is so as well: conditions, events, semaphores, queues, timers, executors.
"""

import sys
import threading
from _thread import allocate_lock, get_ident  # the machine's own: nothing is replaced in this module
from collections import deque
from contextvars import Context
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from greenlet import GreenletExit

from sim.clock import Clock
from sim.durations import SECOND
from sim.foreign.blocking import LIFE, Signal, run, thread_number, wait
from sim.network import CAUSE


class VirtualLock:
    """A lock, as `threading.Lock` makes it. Who waits first gets it first, in the time of the run that it waits in.

    A library that is imported in a run keeps its locks: in a later run they wait by that one's clock, and where there
    is none, by the machine's.
    """

    def __init__(self) -> None:
        self._held = allocate_lock()
        self._waiting: deque[Signal] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Have the lock, or wait for it; whether it is had."""
        clock = _present.get(get_ident())
        if clock is None:
            return self._held.acquire(blocking, timeout)
        if self._held.acquire(blocking=False):
            return True
        if not blocking:
            return False
        signal = Signal(clock, None if timeout < 0 else round(timeout * SECOND))
        self._waiting.append(signal)
        try:
            return wait(signal)  # who releases it hands it on
        finally:
            if signal in self._waiting:
                self._waiting.remove(signal)

    def release(self) -> None:
        """Hand the lock on, or leave it free."""
        while self._waiting and self._held.locked():
            if self._waiting.popleft().send():
                return
        self._held.release()

    def locked(self) -> bool:
        """Whether somebody has it."""
        return self._held.locked()

    def _at_fork_reinit(self) -> None:
        """Be free in a process of its own: no run ever forks, but what it has imported may later."""
        self._held = allocate_lock()
        self._waiting.clear()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


_present: dict[int, Clock] = {}
"""The clock of the run that a thread of the machine is in, by its number."""


class Threads:
    """The threads of one run. `errors` are what nobody caught in them."""

    def __init__(self, clock: Clock) -> None:
        self.errors: list[BaseException] = []
        self._clock = clock
        self._numbers = count(1)
        self._ended: WeakKeyDictionary[threading.Thread, threading.Event] = WeakKeyDictionary()
        self._current: dict[int, threading.Thread] = {}

    def begin(self) -> None:
        """Have the machine's thread that this is called in be the run's."""
        _present[get_ident()] = self._clock

    def end(self) -> None:
        """The run is over: threads that have not ended are."""
        _present.pop(get_ident(), None)
        for thread in self._ended:
            self._over(thread)

    def number(self) -> int:
        """The number of a thread to come."""
        return next(self._numbers)

    def current(self) -> threading.Thread:
        """The thread that the code which asks is in: what `threading.current_thread` says."""
        number = thread_number()
        return self._current.get(number) or threading.main_thread()

    def owns(self, thread: threading.Thread) -> bool:
        """Whether a thread is one of these."""
        return thread in self._ended

    def start(self, thread: threading.Thread) -> None:
        """Begin a thread: what `Thread.start` does."""
        if self.owns(thread):
            raise RuntimeError("threads can only be started once")
        self._ended[thread] = threading.Event()
        thread._started.set()  # type: ignore[attr-defined]
        # It knows nothing of the context that it is begun in, as in life; we know what it is begun for.
        Context().run(self._spawn, thread, LIFE.get(self._clock), CAUSE.get())

    def join(self, thread: threading.Thread, timeout: float | None = None) -> None:
        """Wait until a thread has ended: what `Thread.join` does."""
        if thread is self.current():
            raise RuntimeError("cannot join current thread")
        self._ended[thread].wait(timeout)

    def is_alive(self, thread: threading.Thread) -> bool:
        """Whether a thread has not ended yet."""
        return not self._ended[thread].is_set()

    def _spawn(self, thread: threading.Thread, life: Clock, cause: int) -> None:
        LIFE.set(life)
        CAUSE.set(cause)
        number = self.number()
        thread._ident = number  # type: ignore[attr-defined]
        self._current[number] = thread
        life.spawn(run(self._run, thread, number, thread=number))

    def _run(self, thread: threading.Thread, number: int) -> None:
        try:
            thread.run()
        except SystemExit:
            pass  # ends a thread alone
        except GreenletExit:
            raise
        except BaseException as error:
            self.errors.append(error)
            threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, thread)))
        finally:
            del self._current[number]
            self._over(thread)
            executors = sys.modules.get("concurrent.futures.thread")
            if executors is not None:  # they would wait for it when Python ends
                executors._threads_queues.pop(thread, None)

    def _over(self, thread: threading.Thread) -> None:
        self._ended[thread].set()
        its: Any = thread  # the library has to know it too, for who asks when the run is over
        its._is_stopped = True
        if hasattr(its, "_handle"):  # from Python 3.13 on
            its._handle._set_done()
