"""A layer that is somebody's own program: told of events by webhook, or polling, it calls the systems over HTTP."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, ClassVar

from fakes.company import Company
from fakes.faces.wearing import Wearing
from fakes.names import SYSTEMS
from harness.foreign.apps import App, AsgiApp, WsgiApp
from harness.foreign.program import Held, Program, Startable
from harness.foreign.registry import GENERIC, faces_of
from harness.foreign.shapes import Shape, shape_of
from harness.foreign.town import Town
from harness.layer import Endpoint, Layer, Option, Surroundings
from sim.delivery import Event, Handler
from sim.foreign import blocking
from sim.foreign.loop import VirtualLoop

APPS: Mapping[Shape, Callable[[Any, VirtualLoop], App]] = {"asgi": AsgiApp, "wsgi": WsgiApp}

HOST = "integration.tieout.test"
"""Where the systems believe the integration to be."""


class ForeignLayer(Layer):
    """Runs a user's `PROGRAM`. Its options say as which product each system tells it of events."""

    PROGRAM: ClassVar[Startable]
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        system: Option(GENERIC, faces_of(system), f"as which product {system} tells of events: /webhooks/<product>")
        for system in SYSTEMS
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        super().__init__(surroundings, options)
        town = surroundings.outside
        assert isinstance(town, Town), "a foreign layer lives in a town"
        self._town = town
        self._loop = town.guard.loop_on(surroundings.clock)
        self._brought: Any = self.PROGRAM.started()
        shape = shape_of(self._brought)
        assert shape is not None, "whoever chose the program looked at what it is"
        self._shape: Shape = shape
        self._app = APPS[shape](self._brought, self._loop) if shape in APPS else None

    @classmethod
    def around(cls, company: Company, surroundings: Surroundings) -> AbstractContextManager[None]:
        """Its world, in place of the machine's."""
        surroundings.outside = town = Town(company, surroundings.seed)
        return town.guarded()

    def endpoints(self) -> Sequence[Endpoint]:
        """One for each source, if the program can be called."""
        if self._app is None:
            return []
        return [self._endpoint(source, types, self._app) for source, types in self.surroundings.told.items()]

    def start(self) -> None:
        """Start the program up, or set it to work."""
        clock = self.surroundings.clock
        if self._app is not None:
            work = self._app.begin()
        elif self._shape == "worker":
            work = blocking.run(self._brought)
        else:
            work = self._loop.outcome(self._brought())
        clock.spawn(blocking.living(clock, work))

    def remarks(self) -> Sequence[str]:
        """The hosts that it asked for in vain, and what it raised and did not catch."""
        return self._town.remarks()

    def _endpoint(self, source: str, types: frozenset[str], app: App) -> Endpoint:
        name = self.options[source]
        worn = self._town.wearing(source, name)
        told = self._told_of(source, name, worn, app)
        return Endpoint(f"{source}->integration", source, types | worn.face.tells, told)

    def _told_of(self, source: str, name: str, worn: Wearing, app: App) -> Handler:
        path = f"/webhooks/{source if name == GENERIC else name}"

        async def told(event: Event) -> bool:
            request = worn.face.webhook(event, self.surroundings.clock.now)
            if request is None:
                return True  # the product does not tell of such things
            asked = app.status(replace(request, host=HOST, target=path))
            try:
                status = await blocking.living(self.surroundings.clock, asked)
            except Exception as error:  # a program's own error is its server's 500
                self.surroundings.note("raised", type(error).__name__, event.key)
                self._loop.errors.append(error)
                return False
            return 200 <= status < 300

        return told


def foreign(module: str, attribute: str, brought: Any) -> type[ForeignLayer] | None:
    """The layer that an object is, imported from a module or held by none; None if it is nothing that can be run."""
    if shape_of(brought) is None:
        return None
    name = f"{module}:{attribute}" if module else attribute
    program = Program(module, attribute) if module else Held(brought, attribute)
    said = {"NAME": name, "SUMMARY": "a program of one's own", "PROGRAM": program}
    return type(attribute, (ForeignLayer,), {**said, "__module__": __name__})
