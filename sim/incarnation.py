"""One life of a program: once it is killed, none of its coroutines does anything more.

A program that is to be killed gets its clock from its incarnation. Whatever it spawns there, or arranges to be
called, belongs to this life and ends with it: at once, in mid-step, and without a word. What it asked others to
do goes on, and nobody hears the answer.
"""

from collections.abc import Callable, Coroutine, Generator
from typing import Any

from sim.clock import Action, Clock, Entry, Task


class Killed(BaseException):
    """The program dies at this point of its own code. It passes through the code, which must not catch it."""


class Incarnation:
    """A life. `clock` is the time line as its program sees it; after `kill`, nothing of the program is `alive`."""

    def __init__(self, clock: Clock) -> None:
        self.alive = True
        self.clock: Clock = _LifeClock(clock, self)
        self.bodies: dict[Body, None] = {}

    def bound(self, work: Coroutine[Any, Any, Any]) -> "Body":
        """The same work, as part of this life."""
        return Body(self, work)

    def kill(self) -> None:
        """End this life at this instant."""
        # What was under way stays where it stood: to close it would run its `finally` clauses, and a crash runs none.
        self.alive = False
        for body in self.bodies:
            body.never_begin()


class Body(Coroutine[Any, Any, Any]):
    """A coroutine that goes on only while its life lasts."""

    __slots__ = ("_life", "_started", "_work")

    def __init__(self, life: Incarnation, work: Coroutine[Any, Any, Any]) -> None:
        self._life = life
        self._work = work
        self._started = False
        life.bodies[self] = None

    def send(self, value: Any) -> Any:
        """The work's next step; NEVER from the life's end on."""
        if not self._life.alive:
            self.never_begin()
            return NEVER
        self._started = True
        try:
            return self._work.send(value)
        except Killed:
            return NEVER
        except BaseException:
            del self._life.bodies[self]
            raise

    def never_begin(self) -> None:
        """Give up work that has not begun, so that nobody takes it for forgotten."""
        if not self._started:
            self._work.close()

    def throw(self, *error: Any) -> Any:
        """Raise an error within the work."""
        return self._work.throw(*error)

    def close(self) -> None:
        """Give the work up."""
        self._work.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        value = None
        while True:
            try:
                wanted = self.send(value)
            except StopIteration as stop:
                return stop.value
            value = yield wanted


class _Never:
    """What the dead wait for."""

    def then(self, resume: Action) -> Entry | None:
        """Never call `resume`."""


NEVER = _Never()


class _LifeClock(Clock):
    """The same time line as another clock's, on which whatever is begun ends with a life."""

    __slots__ = ("_life",)

    def __init__(self, clock: Clock, life: Incarnation) -> None:
        self.__dict__ = clock.__dict__  # one time line: the same instant, queue and numbering, under another name
        self._life = life

    def at(self, when_us: int, call: Action, argument: object = None) -> None:
        super().at(when_us, _while_alive(self._life, call), argument)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> Task:
        task = Task(self, self._life.bound(work))
        super().at(self._now, task.step)  # in any case: what never began has to be closed
        return task


def _while_alive(life: Incarnation, call: Action) -> Callable[[Any], Entry | None]:
    def called(argument: Any) -> Entry | None:
        return call(argument) if life.alive else None

    return called
