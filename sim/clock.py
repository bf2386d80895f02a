"""Virtual time: integer microseconds since the scenario's first instant, on a SimPy environment.

The queue holds *plain calls*, a function and its argument, ordered by instant and then by sequence number
(urgent events come first). A SimPy event is queued as the call that processes it, a sleeping coroutine as the
call that resumes it: so SimPy processes and `async def` share one time line, and a sleep needs no event object.
What is due at the same instant happens in the order in which it was asked for, or with `ties` in a random one.
A call may return its one follow-up as a queue entry: that saves every sleep and every leg of an API call half of
the heap's work, and all of it where nothing else is due before, as is the case for every other one.

>>> clock = Clock()
>>> async def greet():
...     await clock.sleep(5)
...     return clock.now
>>> task = clock.spawn(greet())
>>> clock.run_until(10)
>>> task.result, clock.now
(5, 10)
"""

from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextvars import copy_context
from heapq import heapify, heappop, heappush, heappushpop
from inspect import CORO_CREATED, getcoroutinestate
from itertools import chain
from operator import attrgetter
from types import coroutine
from typing import Any, Protocol, TypeAlias
from weakref import ref

import simpy
from simpy.core import EmptySchedule, SimTime
from simpy.events import NORMAL, EventPriority

from sim.chance import Stream
from sim.errors import UnfinishedWork
from sim.patience import ENDLESS, Numbers, Patience

Entry: TypeAlias = tuple[int, int, Callable[[Any], Any], Any]
"""What the queue holds: instant, place among what is due then, call and argument."""

Action: TypeAlias = Callable[[Any], Entry | None]
"""A call that may have one follow-up."""

_LAST = 1 << 60  # after whatever else is due at the same instant; an urgent event comes as far before it
_COUNTED_BITS = 40  # of an entry's number: how many there were before it, and above that chance, if it has a say
_COUNTED = (1 << _COUNTED_BITS) - 1


class Awaitable(Protocol):
    """What a coroutine may yield to its task, beside an integer (a sleep in microseconds)."""

    def then(self, resume: Action) -> Entry | None:
        """Call `resume(value)` once, when the value is there; if that is now, its follow-up comes back."""


class Clock(simpy.Environment):
    """The time line of one run. `events` counts every kernel event that was processed.

    `ties` draws the order of what is due at the same instant, which is otherwise first come, first served. Nothing
    right may depend on it: in the real world no two things happen at once. When its `patience` is at its end, whatever
    asks for something more meets NeverWaits.
    """

    # By attrgetter: a method of our own would take twice as long, and everybody asks for the time.
    now: int = property(attrgetter("_now"), doc="The present instant.")  # type: ignore[assignment]

    def __init__(self, ties: Stream | None = None, patience: Patience = ENDLESS) -> None:
        super().__init__(initial_time=0)
        self.shuffled = ties is not None
        itself = ref(self)  # a cycle would keep the run for the garbage collector, which never looks at one
        self._stretches = Numbers(patience, lambda: clock._now if (clock := itself()) else -1)
        numbers = chain.from_iterable(self._stretches)
        self._eid: Any = numbers if ties is None else _Shuffled(ties, numbers)
        self._runs = False
        self.events = 0
        self.beside: list[deque[Entry]] = []  # lines of entries in order, of which only the first is in the queue
        self._now: int
        self._queue: list[Any]

    def at(self, when_us: int, call: Action, argument: object = None) -> None:
        """Call `call(argument)` at `when_us`, after everything already due at that instant."""
        heappush(self._queue, (when_us, next(self._eid), call, argument))

    def at_first(self, when_us: int, call: Action, argument: object = None) -> None:
        """Call `call(argument)` at `when_us`, before everything else that is due at that instant."""
        heappush(self._queue, (when_us, next(self._eid) - _LAST, call, argument))

    def hasten(self, due_us: int, concerns: Callable[[Action, Any], bool]) -> None:
        """Have those calls that are due at `due_us`, if `concerns(call, argument)`, be due now, in their order."""
        queue = self._queue
        queue[:] = [
            (self._now, number, call, argument) if at_us == due_us and concerns(call, argument) else entry
            for entry in queue
            for at_us, number, call, argument in (entry,)
        ]
        heapify(queue)

    def enter(self, entry: Entry) -> None:
        """Queue an entry that has its place already."""
        heappush(self._queue, entry)

    def schedule(self, event: simpy.Event, priority: EventPriority = NORMAL, delay: SimTime = 0) -> None:
        """Queue a SimPy event, as SimPy itself asks for it: a plain call that processes the event."""
        place = next(self._eid) + (priority - NORMAL) * _LAST
        heappush(self._queue, (self._now + delay, place, self._process, event))

    @coroutine
    def sleep(self, span_us: int) -> Generator[int, Any, Any]:
        """Resume the awaiting coroutine `span_us` microseconds from now. Raises ValueError for a negative span."""
        if span_us < 0:
            raise ValueError(f"a sleep of {span_us} µs: time does not go back, so sleep for 0 or more")
        yield span_us

    @coroutine
    def wait(self, event: simpy.Event) -> Generator[Awaitable, Any, Any]:
        """The value of a SimPy event, once it has been processed. Raises what the event failed with."""
        done = event if event.callbacks is None else (yield _Processed(event))
        if not done.ok:
            raise done.value
        return done.value

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "Task":
        """Start `work` at this instant, in its own copy of the context variables."""
        task = Task(self, work)
        self.at(self._now, task.step)
        return task

    def run_until(self, until_us: int) -> None:
        """Process every event due at or before `until_us`, then stand there."""
        assert until_us >= self._now, f"the clock stands at {self._now} and does not go back to {until_us}"
        queue, pop, push_pop = self._queue, heappop, heappushpop
        issued, pending = self._issued(), self._pending()
        stop: Entry = (until_us, _LAST, _stop, None)
        heappush(queue, stop)
        self._runs = True
        try:
            self._now, _, call, argument = pop(queue)
            while True:
                follow_up = call(argument)
                self._now, _, call, argument = pop(queue) if follow_up is None else push_pop(queue, follow_up)
        except _Stop:
            pass
        except BaseException:
            queue.remove(stop)
            heapify(queue)
            self.give_up()
            raise
        finally:
            self._runs = False
            self.events += self._issued() - issued - 1 - (self._pending() - pending)

    def give_up(self) -> None:
        """Have work that has not begun never begin: there will be no more time."""
        for _, _, call, _ in self._queue:
            if isinstance(task := getattr(call, "__self__", None), Task):
                task.never_begin()

    def pass_to(self, until_us: int) -> None:
        """As `run_until`, but slower, and it takes no number: however time is cut into pieces, the same happens."""
        assert until_us >= self._now, f"the clock stands at {self._now} and does not go back to {until_us}"
        queue = self._queue
        while queue and queue[0][0] <= until_us:
            self.step()
        self._now = until_us

    @property
    def progress(self) -> tuple[int, int] | None:
        """What is another from time to time as long as `run_until` gets anywhere; None while nothing runs."""
        return (self._now, self._stretches.given) if self._runs else None

    @property
    def next_us(self) -> int | None:
        """The instant at which something is due next, if anything is."""
        return self._queue[0][0] if self._queue else None

    def _issued(self) -> int:
        """How many numbers have been given out, this one among them."""
        return int(next(self._eid) & _COUNTED)

    def _pending(self) -> int:
        return len(self._queue) + sum(len(line) - 1 for line in self.beside if line)

    def step(self) -> None:
        """Process one event: what SimPy's own `run` calls."""
        if not self._queue:
            raise EmptySchedule
        self._now, _, call, argument = heappop(self._queue)
        self.events += 1
        follow_up = call(argument)
        if follow_up is not None:
            heappush(self._queue, follow_up)

    def _process(self, event: Any) -> None:
        callbacks, event.callbacks = event.callbacks, None
        for callback in callbacks:
            callback(event)
        if not event._ok and not hasattr(event, "_defused"):
            raise event._value


class _Shuffled:
    """Numbers of entries: each unique, and as likely before as after any other."""

    def __init__(self, ties: Stream, numbers: Iterator[int]) -> None:
        self._ties = ties
        self._numbers = numbers

    def __next__(self) -> int:
        number = next(self._numbers)
        return self._ties.word(number) >> (64 - 60 + _COUNTED_BITS) << _COUNTED_BITS | number


class _Stop(Exception):
    """The instant up to which to run has come, and everything due at it is done."""


def _stop(_: object) -> Entry | None:
    raise _Stop


class Task:
    """One running coroutine. It is awaitable, and keeps its `result`; an error in it ends the run.

    `ended` is called with the result in the moment the coroutine returns.
    """

    __slots__ = ("_clock", "_eid", "_ended", "_result", "_resume", "_run", "_send", "_waiting", "done")

    def __init__(self, clock: Clock, work: Coroutine[Any, Any, Any], ended: Action | None = None) -> None:
        self._clock = clock
        self._eid = clock._eid
        self._send = work.send
        self._run = copy_context().run
        self._ended = ended
        self._waiting: tuple[Action, ...] = ()
        self._result: Any = None
        self.done = False
        self._resume: Action = self.step  # bound once; let go of in the end, as it leads back here

    @property
    def result(self) -> Any:
        """What the coroutine returned. Raises UnfinishedWork before it has."""
        if not self.done:
            raise UnfinishedWork("this task has not ended: run the clock further before asking for its result")
        return self._result

    def never_begin(self) -> None:
        """Give up work that has not begun, so that nobody takes it for forgotten: the run has failed."""
        work: Any = getattr(self._send, "__self__", None)
        if getattr(work, "cr_frame", None) is not None and getcoroutinestate(work) == CORO_CREATED:
            work.close()

    def within(self, call: Callable[[Any], Any], argument: object) -> None:
        """Call `call(argument)` in the task's own context: what it sets there, nobody else sees."""
        self._run(call, argument)

    def step(self, value: Any) -> Entry | None:
        """Hand `value` to the coroutine; its next step, if it sleeps, or if what it waits for is there."""
        run = self._run  # as here and elsewhere: what an attribute holds is called quicker by a name of its own
        try:
            wanted = run(self._send, value)
        except StopIteration as stop:
            self.done = True
            del self._resume
            self._result = stop.value
            if self._ended is not None:
                self._ended(stop.value)
            for resume in self._waiting:
                self._clock.at(self._clock._now, resume, stop.value)
            return None
        if wanted.__class__ is int:
            return (self._clock._now + wanted, next(self._eid), self._resume, None)
        follow_up: Entry | None = wanted.then(self._resume)
        return follow_up

    def then(self, resume: Action) -> Entry | None:
        """Call `resume` with the result, at once if it is there."""
        if self.done:
            self._clock.at(self._clock._now, resume, self._result)
        else:
            self._waiting += (resume,)
        return None

    def __await__(self) -> Generator["Task", Any, Any]:
        return (yield self)


class _Processed:
    """A SimPy event, not yet processed, as something a task can wait for."""

    __slots__ = ("_event",)

    def __init__(self, event: simpy.Event) -> None:
        self._event = event

    def then(self, resume: Action) -> Entry | None:
        def processed(event: simpy.Event) -> None:
            event.defused = True
            follow_up = resume(event)
            if follow_up is not None:
                queue: list[Any] = event.env._queue
                heappush(queue, follow_up)

        assert self._event.callbacks is not None
        self._event.callbacks.append(processed)
        return None
