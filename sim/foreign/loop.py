"""An asyncio event loop in virtual time: it runs what is ready, and the clock says when something is.

Its connections are links, its threads stacks of blocking code. Code on it that waits in place holds up the whole loop,
as it would in life.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Executor
from contextvars import Context, copy_context
from typing import Any

from sim.clock import Clock, Entry
from sim.durations import SECOND
from sim.foreign import blocking
from sim.foreign.internet import Internet
from sim.foreign.refusal import BEGUN_AT, Refused, call_site
from sim.foreign.sockets import VirtualSocket, socket_of
from sim.foreign.threads import Threads
from sim.foreign.transports import LinkTransport

TURNS_MAX = 1_000_000
"""A loop that has run so many callbacks at one instant is not going to end by itself."""

REFUSED = {
    "another process": ("subprocess_exec", "subprocess_shell"),
    "listening": ("create_server", "create_unix_server", "connect_accepted_socket", "sock_accept"),
    "a connection that is not TCP": ("create_datagram_endpoint", "create_unix_connection"),
    "a file of the machine's in the loop": (
        "add_reader", "add_writer", "connect_read_pipe", "connect_write_pipe", "sendfile", "sock_sendfile",
    ),
    "a bare socket in the loop": ("sock_recv", "sock_recv_into", "sock_recvfrom", "sock_sendall", "sock_sendto"),
}  # fmt: skip
"""What loops can do besides, by what it comes to."""

REMEDIES = {
    "another process": "do its work in this one, or run the integration against `tieout serve`",
    "listening": "have webhooks delivered to an ASGI app",
}


class VirtualLoop(asyncio.AbstractEventLoop):
    """The event loop of foreign code. `errors` are what nobody caught in its callbacks and tasks."""

    def __init__(self, internet: Internet, clock: Clock, threads: Threads) -> None:
        self.internet = internet
        self.threads = threads
        self.errors: list[BaseException] = []
        self.socket = socket_of(internet)
        self._clock = clock
        self._ready: deque[asyncio.Handle] = deque()
        self._turning = False
        self._closed = False
        self._thread = blocking.thread_number()
        self._stopped: asyncio.Future[None] | None = None
        self._handler: Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object] | None = None

    # --- callbacks -------------------------------------------------------------------------------

    def time(self) -> float:
        """Virtual seconds since instant 0."""
        return self._clock.now / SECOND

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback at this instant."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        self._turn_soon()
        return handle

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """The same: there is but one thread."""
        return self.call_soon(callback, *args, context=context)

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run a callback after so many seconds."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run a callback when this loop's time is `when`, to the microsecond."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._clock.at(max(self._clock.now, round(when * SECOND)), self._ring, timer)
        return timer

    def _ring(self, timer: asyncio.TimerHandle) -> None:
        if not timer.cancelled():
            self._ready.append(timer)
            self._turn_soon()

    def _timer_handle_cancelled(self, timer: asyncio.TimerHandle) -> None:
        """What is cancelled stays in the clock's queue, and rings in vain."""

    def _turn_soon(self) -> None:
        if not self._turning:
            self._turning = True
            self._clock.spawn(blocking.run(self._turn, thread=self._thread))

    def _turn(self) -> None:
        """Run all that is ready, and what that makes ready at the same instant."""
        asyncio._set_running_loop(self)
        turns, at_us = 0, self._clock.now
        try:
            while self._ready:
                if at_us != self._clock.now:
                    turns, at_us = 0, self._clock.now
                turns += 1
                if turns > TURNS_MAX:
                    raise RuntimeError(f"the event loop has run {TURNS_MAX} callbacks at one instant: it never waits")
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            self._turning = False
            asyncio._set_running_loop(None)

    # --- futures and tasks -----------------------------------------------------------------------

    def create_future(self) -> "asyncio.Future[Any]":
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        *,
        name: object = None,
        context: Context | None = None,
    ) -> "asyncio.Task[Any]":
        """A task of this loop, which runs a coroutine."""
        context = copy_context() if context is None else context
        context.run(BEGUN_AT.set, call_site())
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, context=context)
        if name is not None:
            task.set_name(str(name))
        return task

    def set_task_factory(self, factory: object) -> None:
        """There are but plain tasks."""
        if factory is not None:
            raise Refused("a task factory", "leave tasks as they are")

    def get_task_factory(self) -> None:
        """None: tasks are plain."""

    async def outcome(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on this loop, awaited on the clock; what it returns. Raises what it raises."""
        task = self.create_task(work)
        await _Done(self._clock, task)
        return task.result()

    def run_until_complete(self, future: Any) -> Any:
        """Run until a future is done, from blocking code; its result."""
        if self._closed:
            if asyncio.iscoroutine(future):
                future.close()
            blocking.go_on()
            raise RuntimeError("Event loop is closed")
        if asyncio._get_running_loop() is not None:
            raise RuntimeError("Cannot run the event loop while another loop is running")
        task: asyncio.Future[Any] = asyncio.ensure_future(future, loop=self)
        blocking.wait(_Done(self._clock, task))
        return task.result()

    def run_forever(self) -> None:
        """Run until `stop` is called, from blocking code."""
        self._stopped = self.create_future()
        self.run_until_complete(self._stopped)

    def stop(self) -> None:
        """Let `run_forever` return."""
        if self._stopped is not None and not self._stopped.done():
            self._stopped.set_result(None)

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Run blocking code beside this loop, in a thread of the executor's, or else of its own."""
        if executor is not None:
            return asyncio.wrap_future(executor.submit(func, *args), loop=self)
        future = self.create_future()
        self._clock.spawn(self._execute(future, func, args))
        return future

    async def _execute(self, future: "asyncio.Future[Any]", func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        try:
            result = await blocking.run(func, *args, thread=self.threads.number())
        except BaseException as error:  # it is for whoever awaits the future
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(result)

    def set_default_executor(self, executor: object) -> None:
        """Stacks have no executor."""

    # --- connections -----------------------------------------------------------------------------

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        """The address of a host that somebody plays. Raises UnknownHost."""
        return self.internet.addresses(host, port)

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> tuple[str, str]:
        """The host that an address is of."""
        return self.internet.name(sockaddr[0]), str(sockaddr[1])

    async def create_connection(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | None = None,
        *,
        sock: VirtualSocket | None = None,
        server_hostname: str | None = None,
        **_: Any,
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """Connect to a host, or go on with a socket that is connected. TLS is taken as agreed."""
        if sock is None:
            sock = self.socket()
            sock.connect((host, port))
        protocol = protocol_factory()
        transport = LinkTransport(self, protocol, sock)
        protocol.connection_made(transport)
        return transport, protocol

    async def start_tls(self, transport: Any, protocol: Any, sslcontext: object, **_: Any) -> Any:
        """The same transport: TLS is taken as agreed."""
        return transport

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Connect a socket."""
        sock.connect(address)

    # --- what a loop has besides -----------------------------------------------------------------

    def is_running(self) -> bool:
        """Whether it can be asked for more."""
        return not self._closed

    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def close(self) -> None:
        """Take nothing more."""
        self._closed = True

    def end(self) -> None:
        """Cancel whatever is under way: the run is over. What it says about that, nobody hears."""
        self._handler = lambda loop, context: None
        self._turning = True  # by ourselves, below: the clock stands
        for task in asyncio.all_tasks(self):
            task.cancel()
        self._turn()
        self.close()

    def get_debug(self) -> bool:
        """Debugging costs time, and would tell of the machine's."""
        return False

    def set_debug(self, enabled: bool) -> None:
        """It stays off."""

    async def shutdown_asyncgens(self) -> None:
        """Nothing is left open that the run's end does not close."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """There is none."""

    def add_signal_handler(  # type: ignore[override]
        self, sig: int, callback: Callable[..., object], *args: Any
    ) -> None:
        """None ever comes to a program in a run."""

    def remove_signal_handler(self, sig: int) -> bool:
        """As if there had been one."""
        return True

    def set_exception_handler(self, handler: Any) -> None:
        """Have `handler` told of what nobody caught."""
        self._handler = handler

    def get_exception_handler(self) -> Any:
        """Who is told."""
        return self._handler

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep what nobody caught."""
        error = context.get("exception")
        self.errors.append(error if isinstance(error, BaseException) else RuntimeError(context.get("message", "")))

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Tell of what nobody caught."""
        if self._handler is not None:
            self._handler(self, context)
        else:
            self.default_exception_handler(context)


class _Done:
    """A future of a loop, as something that a task of the clock can wait for."""

    def __init__(self, clock: Clock, future: "asyncio.Future[Any]") -> None:
        self._clock = clock
        self._future = future

    def then(self, resume: Callable[[Any], Entry | None]) -> Entry | None:
        """Resume once it is done."""
        self._future.add_done_callback(lambda _: self._clock.at(self._clock.now, resume))
        return None

    def __await__(self) -> Generator[Any, Any, None]:
        if not self._future.done():
            yield self


def _refusing(what: str) -> Callable[..., Any]:
    def refused(*_: Any, **__: Any) -> Any:
        raise Refused(what, REMEDIES.get(what, "a run has HTTP alone: leave this out while it lasts"))

    return refused


for _what, _names in REFUSED.items():
    for _name in _names:
        setattr(VirtualLoop, _name, _refusing(_what))
VirtualLoop.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]  # what it has not, it refuses
