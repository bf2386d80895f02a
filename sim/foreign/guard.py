"""While a run lasts, foreign code meets the run's own clock, sockets and chance in place of the machine's.

What is replaced is replaced wherever it was imported to before. What cannot be, is refused, with the line that asked
for it: processes, sockets that listen. Foreign code runs only within `guarded`.
"""

import _thread
import asyncio
import os
import random
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import time_machine

from sim.chance import Stream
from sim.clock import Clock
from sim.durations import SECOND
from sim.foreign import blocking, threads
from sim.foreign.internet import Internet
from sim.foreign.loop import VirtualLoop, loop_on
from sim.foreign.refusal import Refused
from sim.foreign.threads import PROCESSORS, Threads
from sim.foreign.tls import Plain

_KEEP_THE_MACHINES = frozenset({__name__, threads.__name__})


class Guard:
    """The replacements of one run, whose instant 0 is `origin`."""

    def __init__(self, internet: Internet, origin: datetime, seed: int) -> None:
        self.internet = internet
        self.loop = loop_on(internet)
        self._clock: Clock = internet.clock
        self._origin = origin.astimezone(UTC)
        self._chance = Stream(seed, "foreign")
        self._draws = 0
        self.threads = Threads(internet.clock, self.loop.errors)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Have everything in place for this thread, and put the machine's own back at the end. Others keep that."""
        with ExitStack() as stack:
            self.threads.begin()
            stack.callback(self.threads.end)
            stack.enter_context(_travelling(self._clock, self._origin))
            for owner, name, ours in self._methods():
                stack.enter_context(patch.object(owner, name, self._here(ours, getattr(owner, name))))
            stack.callback(random.setstate, random.getstate())
            stack.enter_context(_everywhere([*self._replacements()]))
            random.seed()
            self._anyio(stack)
            yield

    def _here(self, ours: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
        """What is ours in the run's thread, and the original in all others."""
        here = self.threads.here

        def either(*arguments: Any, **named: Any) -> Any:
            return (ours if here() else original)(*arguments, **named)

        return either

    def _methods(self) -> Iterator[tuple[type, str, Callable[..., Any]]]:
        yield ssl.SSLContext, "wrap_socket", lambda _, sock, *__, **___: sock
        yield ssl.SSLContext, "wrap_bio", lambda _, incoming, outgoing, *__, **___: Plain(incoming, outgoing)
        for name in ("load_verify_locations", "load_default_certs"):  # of certificates that nobody looks at
            yield ssl.SSLContext, name, lambda *_, **__: None
        for name, ours in self.threads.methods():
            yield threading.Thread, name, ours
        yield subprocess.Popen, "__init__", _refuse_process
        yield random.Random, "seed", self._seeding(random.Random.seed)

    def _replacements(self) -> Iterator[tuple[Any, Any]]:
        for original, ours in self._functions():
            yield original, staticmethod(self._here(ours, original))  # no more bound to an instance than the original
        yield from self.threads.kinds()
        yield socket.socket, self._sockets(socket.socket)
        yield random.seed, random._inst.seed

    def _functions(self) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
        clock = self._clock

        def monotonic() -> float:
            return clock.now / SECOND

        def monotonic_ns() -> int:
            return clock.now * 1_000

        def sleep(secs: float) -> None:
            if secs < 0:
                raise ValueError("sleep length must be non-negative")
            blocking.wait(clock.sleep(round(secs * SECOND)))

        def getaddrinfo(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
            return self.internet.addresses(host, port)

        yield time.monotonic, monotonic
        yield time.monotonic_ns, monotonic_ns
        yield time.perf_counter, monotonic
        yield time.perf_counter_ns, monotonic_ns
        yield time.sleep, sleep
        yield socket.getaddrinfo, getaddrinfo
        yield os.urandom, self._random_bytes
        yield asyncio.new_event_loop, self._loop
        yield _thread.get_ident, self.threads.ident
        yield _thread.allocate_lock, self.threads.lock
        yield _thread.RLock, self.threads.rlock
        yield os.cpu_count, lambda: PROCESSORS
        for name in ("start_new_thread", "start_joinable_thread"):
            if hasattr(_thread, name):
                yield getattr(_thread, name), _refuse_thread
        for name in ("fork", "posix_spawn"):
            if hasattr(os, name):  # not every system has them
                yield getattr(os, name), _refuse_process

    def _sockets(self, original: type[Any]) -> type[Any]:
        """What `socket.socket` is: ours in the run's thread, and the original in all others."""
        here = self.threads.here

        class EitherKind(type):
            def __instancecheck__(cls, instance: object) -> bool:
                return super().__instancecheck__(instance) or isinstance(instance, original)

        def new(kind: type[Any], *arguments: Any, **named: Any) -> Any:
            return object.__new__(kind) if here() else original(*arguments, **named)

        return EitherKind("socket", (self.loop.socket,), {"__new__": new})

    def _loop(self) -> VirtualLoop:
        """Blocking code that runs a coroutine gets a loop for it."""
        return loop_on(self.internet)

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
        backend = sys.modules.get("anyio._backends._asyncio")
        if backend is None:
            return

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
    instead = {id(old): (old, new) for old, new in replacements}
    for module in [*sys.modules.values()]:
        names = getattr(module, "__dict__", None)
        if names and names.get("__name__") not in _KEEP_THE_MACHINES:
            for name in [name for name, value in names.items() if id(value) in instead]:
                names[name] = instead[id(names[name])][1]


def _refuse_thread(*_: Any, **__: Any) -> None:
    raise Refused("a thread of `_thread`", "start a threading.Thread")


def _refuse_process(*_: Any, **__: Any) -> None:
    raise Refused("another process", "do its work in this one, or run the integration against `tieout serve`")
