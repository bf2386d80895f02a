"""One server on a wire, under faults: the world of the network's tests."""

from dataclasses import dataclass

from harness.laws import check_calls
from sim.chance import Stream, constant
from sim.clock import Clock
from sim.faults import Watch
from sim.network import Response, Server, Station, Wire
from sim.trace import Trace

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
PATIENT = 1 << 50
AT_ONCE = constant(0)


@dataclass(frozen=True)
class Post:
    """A request to record one operation."""

    operation: str = "op"


class World:
    """A clock, a trace, and one server `erp` whose commits are listed in the order in which they happen.

    With another `status` than 200 the system itself declines every request.
    """

    def __init__(self, *faults, seed=1, honours_keys=False, status=200, **station):
        self.clock = Clock()
        self.wire = Wire(self.clock, Trace())
        self.commits = []  # (operation, at)
        self._kept = {} if honours_keys else None
        self._status = status
        station = {"capacity": 1, "service": constant(SECOND), "latency": AT_ONCE} | station
        self.server = Server(
            self.wire,
            "erp",
            serve=self._serve,
            operations={Post: "post"},
            station=Station(**station),
            watch=Watch(faults),
            stream=Stream(seed, "erp"),
        )

    def _serve(self, request, idempotency_key, now_us):
        if self._status != 200:
            return Response(self._status, None, "declined")
        if self._kept is not None and idempotency_key in self._kept:
            return Response(200, self._kept[idempotency_key], "replayed")
        self.commits.append((request.operation, now_us))
        if self._kept is not None:
            self._kept[idempotency_key] = len(self.commits)
        return Response(200, len(self.commits))

    def call(self, key="op", timeout_us=PATIENT, idempotency_key=None):
        """A call that is sent when it is awaited."""
        return self.server.send(Post(key), key, idempotency_key, timeout_us)

    def send(self, key="op", timeout_us=PATIENT):
        """A call that is sent at this instant, awaited or not."""
        return self.clock.spawn(self.call(key, timeout_us))

    def ask(self, at_us=0, key="op", timeout_us=PATIENT):
        """A client that sends one call at an instant; its result is (status, word, instant of the answer)."""

        async def client():
            await self.clock.sleep(at_us - self.clock.now)
            response = await self.call(key, timeout_us)
            return response.status, response.word, self.clock.now

        return self.clock.spawn(client())

    def run(self, until_us):
        """Let time pass, and hold that the run obeys every law of calls."""
        self.clock.run_until(until_us)
        return check_calls(self.wire, [self.server], until_us)["erp"]

    def rows(self):
        """The trace's calls as dictionaries."""
        names = ("call", "cause", "operation", "key", "occurrence", "sent", "arrived", "left", "committed", "answered")
        return [dict(zip((*names, "outcome"), row, strict=True)) for row in self.wire.trace.rows("calls")]
