"""While a run lasts, foreign code meets the run's own clock, sockets and chance in place of the machine's.

What is replaced is replaced wherever it was imported to before. What cannot be, is refused, with the line that asked
for it: processes, alarms, sockets that listen. Foreign code runs only within `guarded`.
"""

import _thread
import _threading_local
import asyncio
import logging
import os
import queue
import random
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from _thread import get_ident  # the machine's own: nothing is replaced in this module
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from unittest.mock import patch

import time_machine

from sim.chance import Stream
from sim.clock import Clock
from sim.durations import SECOND
from sim.foreign import blocking
from sim.foreign.internet import Internet
from sim.foreign.loop import VirtualLoop
from sim.foreign.refusal import Refused
from sim.foreign.threads import Threads, VirtualLock
from sim.foreign.tls import Plain

CPUS = 4
"""How many processors every machine has."""

LOOKS_MAX = 1_000_000
"""Who has looked at the clock so many times at one instant is waiting for it to move, which it does when he waits."""


class Guard:
    """The replacements of one run, whose instant 0 is `origin`."""

    def __init__(self, internet: Internet, origin: datetime, seed: int) -> None:
        self.internet = internet
        self.threads = Threads(internet.clock)
        self.loops: list[VirtualLoop] = []
        self.loop = self.loop_on(internet.clock)
        self._clock: Clock = internet.clock
        self._origin = origin.astimezone(UTC)
        self._chance = Stream(seed, "foreign")
        self._draws = 0
        self._thread = 0
        self._looks, self._looked_us = 0, 0
        self._handlers: dict[int, Any] = {}

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Have everything in place for this thread, and put the machine's own back at the end. Others keep that."""
        self._thread = get_ident()
        with ExitStack() as stack:
            self.threads.begin()
            stack.callback(self.threads.end)
            stack.enter_context(_travelling(self._clock, self._origin))
            for owner, name, ours in self._methods():
                stack.enter_context(patch.object(owner, name, self._here(ours, getattr(owner, name))))
            stack.callback(random.setstate, random.getstate())
            stack.enter_context(patch.dict(os.environ))
            for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
                del os.environ[name]  # the machine's way out, and nobody's here
            stack.enter_context(_everywhere([*self._replacements()]))
            random.seed()
            self._anyio(stack)
            yield

    @property
    def errors(self) -> list[BaseException]:
        """What nobody has caught, on loops and in threads."""
        return [*(error for loop in self.loops for error in loop.errors), *self.threads.errors]

    def end(self) -> None:
        """End whatever is under way. What it says about that, nobody hears."""
        heard = logging.root.manager.disable
        logging.disable()
        try:
            for loop in self.loops:
                loop.end()
            blocking.end_all()
        finally:
            logging.disable(heard)

    def _here(self, ours: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
        """What is ours in the run's thread, and the original in all others."""
        thread = self._thread

        def either(*arguments: Any, **named: Any) -> Any:
            return (ours if get_ident() == thread else original)(*arguments, **named)

        return either

    def _methods(self) -> Iterator[tuple[type, str, Callable[..., Any]]]:
        yield ssl.SSLContext, "wrap_socket", lambda _, sock, *__, **___: sock
        yield ssl.SSLContext, "wrap_bio", lambda _, incoming, outgoing, *__, **___: Plain(incoming, outgoing)
        for name in ("load_verify_locations", "load_default_certs"):  # of certificates that nobody looks at
            yield ssl.SSLContext, name, lambda *_, **__: None
        yield threading.Thread, "start", self.threads.start
        for name, ours in (("join", self.threads.join), ("is_alive", self.threads.is_alive)):
            yield threading.Thread, name, self._of_ours(ours, getattr(threading.Thread, name))
        yield subprocess.Popen, "__init__", _refuse_process
        yield random.Random, "seed", self._seeding(random.Random.seed)

    def _of_ours(self, ours: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
        """What is ours for the run's threads, and the original for those that were there before."""

        def either(thread: threading.Thread, *arguments: Any, **named: Any) -> Any:
            return (ours if self.threads.owns(thread) else original)(thread, *arguments, **named)

        return either

    def _replacements(self) -> Iterator[tuple[Any, Any]]:
        for original, ours in self._functions():
            yield original, self._here(ours, original)
        yield socket.socket, self._sockets(socket.socket)
        yield random.seed, random._inst.seed
        # Classes, as somebody may derive from them; built upon what is replaced, in other threads upon what is not.
        yield threading.local, type("local", (_threading_local.local,), {})
        yield queue.SimpleQueue, type("SimpleQueue", (queue._PySimpleQueue,), {})  # type: ignore[attr-defined]

    def _functions(self) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
        yield from self._watches()
        yield from self._names()
        yield from self._locks()
        yield os.urandom, self._random_bytes
        if hasattr(os, "getrandom"):
            yield os.getrandom, lambda size, flags=0: self._random_bytes(size)
        yield asyncio.new_event_loop, self._loop
        yield select.select, self._select
        yield signal.signal, self._handle
        for owner, names, refuse in NOWHERE:
            for name in names:
                if hasattr(sys.modules.get(owner), name):  # not every system has all of them
                    yield getattr(sys.modules[owner], name), refuse

    def _watches(self) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
        clock = self._clock
        of_day, of_day_ns = time.time, time.time_ns

        def monotonic() -> float:
            return self._look() / SECOND

        def monotonic_ns() -> int:
            return self._look() * 1_000

        def seen(original: Callable[..., Any]) -> Callable[..., Any]:
            def looked(*arguments: Any) -> Any:
                self._look()
                return original(*arguments)

            return looked

        def sleep(secs: float) -> None:
            if secs < 0:
                raise ValueError("sleep length must be non-negative")
            blocking.wait(clock.sleep(round(secs * SECOND)))

        yield time.monotonic, monotonic
        yield time.monotonic_ns, monotonic_ns
        yield time.perf_counter, monotonic
        yield time.perf_counter_ns, monotonic_ns
        yield of_day, seen(of_day)
        yield of_day_ns, seen(of_day_ns)
        if hasattr(time, "clock_gettime"):
            yield from self._system_watches(monotonic, monotonic_ns)
        for worked in (time.process_time, time.thread_time):
            yield worked, lambda: 0.0  # work takes no time
        for worked_ns in (time.process_time_ns, time.thread_time_ns):
            yield worked_ns, lambda: 0
        yield time.sleep, sleep

    def _system_watches(
        self, monotonic: Callable[[], float], monotonic_ns: Callable[[], int]
    ) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
        of_day, of_day_ns = time.clock_gettime, time.clock_gettime_ns
        yield of_day, lambda which: of_day(which) if which == time.CLOCK_REALTIME else monotonic()
        yield of_day_ns, lambda which: of_day_ns(which) if which == time.CLOCK_REALTIME else monotonic_ns()

    def _look(self) -> int:
        """The instant that it is. Raises Refused where it is looked at for ever."""
        if self._clock.now != self._looked_us:
            self._looks, self._looked_us = 0, self._clock.now
        self._looks += 1
        if self._looks > LOOKS_MAX:
            self._looks = 0
            raise Refused("waiting for the clock to move", "sleep: time passes only while the program waits")
        return self._looked_us

    def _names(self) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
        internet = self.internet
        yield socket.getaddrinfo, lambda host, port, *_, **__: internet.addresses(host, port)
        yield socket.gethostbyname, internet.address
        yield socket.gethostbyname_ex, lambda host: (host, [], [internet.address(host)])
        yield socket.gethostbyaddr, lambda host: (internet.name(internet.address(host)), [], [internet.address(host)])
        yield socket.getnameinfo, lambda address, flags: (internet.name(address[0]), str(address[1]))
        yield socket.gethostname, lambda: "localhost"
        for cpus in ("cpu_count", "process_cpu_count"):  # by which executors have threads
            if hasattr(os, cpus):
                yield getattr(os, cpus), lambda: CPUS

    def _locks(self) -> Iterator[tuple[Any, Callable[..., Any]]]:
        def ident() -> int:
            return blocking.thread_number() or self._thread

        def start_new_thread(function: Callable[..., Any], args: Any, kwargs: Any = None) -> int | None:
            thread = threading.Thread(target=function, args=args, kwargs=kwargs)
            thread.start()
            return thread.ident

        for lock in dict.fromkeys((_thread.allocate_lock, threading.Lock)):
            yield lock, VirtualLock
        yield _thread.RLock, threading._PyRLock  # type: ignore[attr-defined]
        yield _thread.get_ident, ident
        yield _thread.start_new_thread, start_new_thread
        yield threading.current_thread, self.threads.current

    def _select(self, readable: Any, writable: Any, exceptional: Any, timeout: float | None = None) -> Any:
        """Nothing: who asks at once is told that nothing has come, and who asks for nothing sleeps."""
        if timeout and not (readable or writable or exceptional):
            time.sleep(timeout)
        elif timeout != 0:
            raise Refused("waiting for sockets by select", "read from them, with a timeout, or use asyncio")
        return [], [], []

    def _handle(self, number: int, handler: Any) -> Any:
        """The handler of a signal so far. None ever comes to a program in a run."""
        before = self._handlers.get(number, signal.SIG_DFL)
        self._handlers[number] = handler
        return before

    def _sockets(self, original: type[Any]) -> type[Any]:
        """What `socket.socket` is: ours in the run's thread, and the original in all others."""
        thread = self._thread

        class EitherKind(type):
            def __instancecheck__(cls, instance: object) -> bool:
                return super().__instancecheck__(instance) or isinstance(instance, original)

        def new(kind: type[Any], *arguments: Any, **named: Any) -> Any:
            ours = get_ident() == thread
            return object.__new__(kind) if ours else original(*arguments, **named)

        return EitherKind("socket", (self.loop.socket,), {"__new__": new})

    def loop_on(self, clock: Clock) -> VirtualLoop:
        """An event loop on the clock of a life."""
        loop = VirtualLoop(self.internet, clock, self.threads)  # type: ignore[abstract]  # it refuses the rest
        self.loops.append(loop)
        return loop

    def _loop(self) -> VirtualLoop:
        """Blocking code that runs a coroutine gets a loop for it."""
        return self.loop_on(blocking.LIFE.get(self._clock))

    def _random_bytes(self, size: int, /) -> bytes:
        self._draws += 1
        drawn = bytearray()
        while len(drawn) < size:
            drawn += self._chance.word(self._draws, len(drawn)).to_bytes(8, "little")
        return bytes(drawn[:size])

    def _seeding(self, original: Callable[..., None]) -> Callable[..., None]:
        def seed(generator: random.Random, a: Any = None, version: int = 2) -> None:
            if a is None:
                a = int.from_bytes(self._random_bytes(32), "little")
            original(generator, a, version)

        return seed

    def _anyio(self, stack: ExitStack) -> None:
        """Have anyio's worker threads, which run plain endpoints, be stacks."""
        if "anyio" not in sys.modules:
            return
        backend = import_module("anyio._backends._asyncio")

        async def run_sync_in_worker_thread(
            func: Callable[..., Any], args: tuple[Any, ...], abandon_on_cancel: bool = False, limiter: object = None
        ) -> Any:
            return await asyncio.get_running_loop().run_in_executor(None, func, *args)

        replacement = staticmethod(run_sync_in_worker_thread)
        stack.enter_context(patch.object(backend.AsyncIOBackend, "run_sync_in_worker_thread", replacement))


@contextmanager
def _travelling(clock: Clock, origin: datetime) -> Iterator[None]:
    """Have dates and times of day be the clock's."""
    with time_machine.travel(origin, tick=False) as traveller:
        told_us = 0

        def follow() -> None:
            nonlocal told_us
            if clock.now != told_us:
                traveller.shift(timedelta(microseconds=clock.now - told_us))
                told_us = clock.now

        with patch.object(blocking, "entering", follow):
            yield


@contextmanager
def _everywhere(replacements: Sequence[tuple[Any, Any]]) -> Iterator[None]:
    """Put things in place of others, in whatever module those were imported to."""
    _replace(replacements)
    try:
        yield
    finally:
        _replace([(replacement, original) for original, replacement in replacements])  # also where imported meanwhile


def _replace(replacements: Sequence[tuple[Any, Any]]) -> None:
    ours = sys.modules[__name__], sys.modules[Threads.__module__]
    instead = {id(old): (old, new) for old, new in replacements}
    for module in [*sys.modules.values()]:
        names = getattr(module, "__dict__", None)
        if names and module not in ours:
            for name in [name for name, value in names.items() if id(value) in instead]:
                names[name] = instead[id(names[name])][1]


def _refuse_alarm(*said: Any) -> float:
    if any(said[-1:]):
        raise Refused("an alarm by the machine's clock", "use the client's timeout, or asyncio.timeout")
    return 0


def _refuse_process(*_: Any, **__: Any) -> None:
    raise Refused("another process", "do its work in this one, or run the integration against `tieout serve`")


NOWHERE: Sequence[tuple[str, Sequence[str], Callable[..., Any]]] = (
    ("os", ("_exit", "abort", "execv", "execve", "fork", "forkpty"), _refuse_process),
    ("os", ("posix_spawn", "posix_spawnp", "startfile", "system"), _refuse_process),
    ("_posixsubprocess", ("fork_exec",), _refuse_process),
    ("signal", ("alarm", "setitimer"), _refuse_alarm),
)  # fmt: skip
"""What is refused, by its module and name: another process, the end of this one, and alarms."""
