"""A face on a system of a run: HTTP requests travel its network as calls, and its app answers when they arrive."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fakes.faces.calling import call
from fakes.faces.door import Door
from fakes.faces.face import Credentials, Face, MakeFace
from fakes.system import System
from sim.calendar import FiscalCalendar
from sim.clock import Clock
from sim.durations import MINUTE
from sim.http import HttpRequest, HttpResponse
from sim.network import CAUSE, Response

PATIENCE_US = 10 * MINUTE
"""How long a connection stays open for an answer: clients lose patience before."""

KEY = "idempotency-key"
"""The header by which a client says that a request is a repeat; the face knows which it honours."""


@dataclass(slots=True)
class HttpCall:
    """An HTTP request as a call on the network; of each operation there is a class of its own."""

    request: HttpRequest


class Wearing:
    """A system with a face on: `answer` is how its hosts answer. `cause` says which event a request is made for.

    Clients that do not have a `shared_clock` go by clocks of their own.
    """

    def __init__(
        self,
        system: System,
        make: MakeFace,
        clock: Clock,
        calendar: FiscalCalendar,
        credentials: Credentials,
        cause: Callable[[HttpRequest], int] = lambda _: CAUSE.get(),
        *,
        shared_clock: bool = True,
    ) -> None:
        self._cause = cause
        self._server = system.server
        self.face: Face = make(
            Door(system.service.serve, lambda: clock.now, calendar, shared_clock=shared_clock), credentials
        )
        self._kinds: dict[str, type[HttpCall]] = {}
        self._known = {operation.word for operation in system.operations.values()}
        self._call = type("HttpCall", (HttpCall,), {})  # of its own: a system may have several faces
        system.server.beside(self._call, self._serve)

    async def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a request, in its time; None if none ever comes."""
        response = await self.ask(request, PATIENCE_US)
        if isinstance(response.body, HttpResponse):
            return response.body
        return self.face.refusal(response) if response.status else None

    def ask(self, request: HttpRequest, timeout_us: int) -> Coroutine[Any, Any, Response]:
        """What the network makes of a request whose client waits so long: the body is the face's answer, if any."""
        word, key = self.face.named(request)
        kind = self._kinds.get(word)
        if kind is None:
            kind = self._kinds[word] = type(word, (self._call,), {})
            # By the core's own word, where it is one, an operation has the service time and the faults of that.
            self._server.offer(kind, word if word in self._known else f"{self.face.name}.{word}")
        CAUSE.set(self._cause(request))
        return self._server.send(kind(request), key, request.header(KEY), timeout_us)

    def _serve(self, asked: HttpCall, idempotency_key: str | None, now_us: int) -> Response:
        answer = call(self.face.app, asked.request)
        if answer.status < 400:
            return Response(200, answer)
        return Response(answer.status, answer, f"http_{answer.status}")
