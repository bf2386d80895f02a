"""A world for foreign code: a clock, an internet with one host that writes down who asked it, and a guard."""

import json
from datetime import UTC, datetime

from sim.clock import Clock
from sim.durations import SECOND
from sim.foreign import blocking
from sim.foreign.guard import Guard
from sim.foreign.internet import Internet
from sim.http import HttpResponse

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """`answers` are taken in turn: a status, a span in µs to wait before, or None for no answer; then 200 after 0.2 s.

    `asked` has the instant, method, host, target and body of each request.
    """

    def __init__(self, *answers, seed=0):
        self.clock = Clock()
        self.internet = Internet(self.clock)
        self.guard = Guard(self.internet, ORIGIN, seed)
        self.answers = list(answers)
        self.asked = []
        for host in ("api.stripe.com", "*.my.salesforce.com", "api.test"):
            self.internet.host(host, self.answer)

    async def answer(self, request):
        self.asked.append((self.clock.now, request.method, request.host, request.target, request.body))
        wanted = self.answers.pop(0) if self.answers else 200
        await self.clock.sleep(SECOND // 5)
        if wanted is None:
            return None
        body = {"id": f"cus_{len(self.asked)}", "object": "customer", "n": len(self.asked)}
        if wanted != 200:
            body = {"error": {"type": "api_error", "message": "not now"}}
        return HttpResponse(wanted, (("content-type", "application/json"),), json.dumps(body).encode())

    def blocking(self, work, *arguments):
        """What blocking code returns."""
        return self._run(blocking.run(work, *arguments))

    def loop(self, work):
        """What a coroutine on the virtual loop returns."""
        return self._run(self.guard.loop.outcome(work))

    def _run(self, work):
        outcome = []

        async def caught():
            try:
                outcome.append(await work)
            except Exception as error:
                outcome.append(error)

        with self.guard.guarded():
            self.clock.spawn(caught())
            self.clock.run_until(self.clock.now + 10_000 * SECOND)
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]
