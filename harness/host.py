"""Where a layer runs: it is told of events there and, if crashes are planned, killed and brought up again.

A crash ends everything the layer has in memory, at any instant or right after one of its *effects*: a call sent,
a change committed at a system, a durable write, an event acknowledged. What it had asked for is done all the same.
While it is down its endpoints refuse connections; it comes back as a new instance on what its store holds.
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from types import coroutine
from typing import Any

from harness.endpoints import endpoints_of
from harness.layer import Endpoint, Layer, Selection, Surroundings
from harness.layers import LayerChoice
from sim.clock import Clock
from sim.delivery import Event, Handler
from sim.faults import Crash
from sim.incarnation import Incarnation, Killed
from sim.network import Call, Response, Server


class Effects:
    """Counts the effects of a layer, and kills it right after the one that a crash waits for."""

    def __init__(self, host: "Host", crashes: Iterable[Crash]) -> None:
        self.count = 0
        self.log: list[str] = []
        self._host = host
        self._due = {crash.after_effect: crash for crash in crashes if crash.after_effect}

    def happened(self, what: str) -> Crash | None:
        """Take note of an effect; the crash that comes now, if one does."""
        self.count += 1
        self.log.append(what)
        return self._due.get(self.count) if self._host.up else None

    def written(self) -> None:
        """A durable write has ended. Raises Killed in the layer's own code if that was its last."""
        crash = self.happened("write")
        if crash:
            self._host.crash(crash)
            raise Killed

    def committed(self, operation: str) -> None:
        """A system has done what the layer asked of it, such as `erp.post_document`."""
        crash = self.happened(f"commit of {operation}")
        if crash:
            self._host.crash(crash)

    def sent(self, operation: str, clock: Clock) -> None:
        """A call is about to leave."""
        crash = self.happened(f"call of {operation}")
        if crash:
            clock.at(clock.now, self._host.crash, crash)

    def acknowledged(self, clock: Clock) -> None:
        """An event's acknowledgement is about to leave."""
        crash = self.happened("acknowledgement")
        if crash:
            self._host.crash(crash)


class Host:
    """Runs one layer, life after life. While it is down, `layer` is the one that comes next."""

    def __init__(self, choice: LayerChoice, surroundings: Surroundings, crashes: Sequence[Crash]) -> None:
        self.crashes = crashes
        self.up = True
        self._down_by: Crash | None = None
        self.effects: Effects | None = None
        self._choice = choice
        self._world = surroundings
        self._clock = surroundings.wire.clock
        if any(crash.after_effect for crash in crashes):
            self.effects = effects = Effects(self, crashes)
            servers = {name: _Counted(server, effects) for name, server in surroundings.servers.items()}
            surroundings.store.written = effects.written
            self._world = replace(surroundings, servers=servers)  # type: ignore[arg-type]  # all that a layer uses
        self.surroundings = self._world
        self._dead: list[Incarnation] = []  # kept: the garbage collector would run their `finally` clauses
        self._unanswered: dict[tuple[int, str], bool] = {}  # what it is being told of at this instant, by target
        self.layer = self._built()
        self.endpoints = endpoints_of(self.layer)
        self.subscribed: dict[str, Endpoint] = {}  # under the names by which the sources know them
        self._handlers = {endpoint.name: endpoint.handler for endpoint in self.endpoints}

    def handler(self, endpoint: Endpoint) -> Handler:
        """Where a source has to tell its events for one of the layer's endpoints."""
        if not self.crashes:
            return endpoint.handler

        async def tell(event: Event) -> bool:
            if self._down_by is not None:
                where = f"{endpoint.source}.{event.type}"
                self._world.wire.strike(self._down_by, where, event.key, event.id)
                return False
            life = self.surroundings.life
            assert life is not None, "a layer that is to be killed has a life"
            told = [(event.id, target) for target in endpoint.targets]
            self._unanswered.update(dict.fromkeys(told, True))
            accepted: bool = await life.bound(self._handlers[endpoint.name](event))
            for each in told:
                self._unanswered.pop(each, None)
            if self.effects is not None and accepted is True:
                self.effects.acknowledged(self._clock)
            return accepted

        return tell

    def start(self) -> None:
        """Begin the layer's work, and plan its crashes."""
        for crash in self.crashes:
            for at_us in crash.instants_us:
                if at_us >= self._clock.now:
                    self._clock.at(at_us, self.crash, crash)
        self.layer.start()

    def replay(self, selection: Selection) -> None:
        """Have what the layer has set aside carried again; while it is down, there is nobody to do it."""
        if self.up:
            self.layer.replay(selection)

    def crash(self, crash: Crash) -> None:
        """Kill the layer now, and have it come back when the crash's time is over. One that is down stays so."""
        if not self.up:
            return
        self.up, self._down_by = False, crash
        life = self.surroundings.life
        assert life is not None, "a layer that is to be killed has a life"
        wire, now_us = self._world.wire, self._clock.now
        wire.strike(crash, "layer.crash", "", 0)
        life.kill()
        self._dead.append(life)
        in_hand = self.layer.held()
        self.layer = self._built()
        kept = {(event.id, target): True for event, target in self.layer.held()}
        for event, target in in_hand:
            wire.touch(crash, f"{target}.crash", event.key, event.id)
            told_again = (event.id, target) in self._unanswered  # by its source
            if (event.id, target) not in kept and not told_again:
                wire.trace.notes.append((now_us, event.id, "forgotten", target, event.key))
        self._unanswered.clear()
        self._clock.at(now_us + crash.down_us, self._come_up)

    def _come_up(self, _: object) -> None:
        self._handlers = {endpoint.name: endpoint.handler for endpoint in endpoints_of(self.layer)}
        self.up, self._down_by = True, None
        self.layer.start()

    def _built(self) -> Layer:
        if self.crashes:
            self.surroundings = replace(self._world, life=Incarnation(self._clock))
        return self._choice.build(self.surroundings)


class _Counted:
    """A system's server as a layer sees it whose effects are counted."""

    def __init__(self, server: Server, effects: Effects) -> None:
        self.name, self.limits = server.name, server.limits
        self._server = server
        self._effects = effects
        self._clock = server._clock
        self._asked: dict[int, Any] = {}  # this layer's requests by their identity: another's commits are not its own
        serve = server._serve

        def served(request: Any, idempotency_key: str | None, now_us: int) -> Response:
            response = serve(request, idempotency_key, now_us)
            if response.status == 200 and id(request) in self._asked:
                effects.committed(server.operation(request))
            return response

        server._serve = served

    @coroutine
    def send(
        self, request: Any, key: str, idempotency_key: str | None, timeout_us: int
    ) -> Generator[Call, Response, Response]:
        """As the server's own."""
        self._asked[id(request)] = request
        self._effects.sent(self._server.operation(request), self._clock)
        return (yield from self._server.send(request, key, idempotency_key, timeout_us))
