"""The system-API façade: everything a layer asks of one system goes through one gateway.

A gateway may have a limiter, a circuit breaker, a cache of reference data and a budget for retries, each by a switch
of its own. It stands where the system's server stands, so callers and carriers know nothing of it. What it
answers by itself has words of its own: `cached`, and `breaker_open` and `shed`, which may succeed later.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from fakes import billing, crm, erp, revenue
from harness.blocks.breaker import Breaker
from harness.blocks.budget import RetryBudget
from harness.blocks.cache import Cache
from harness.blocks.limiter import BACKFILL, INTERACTIVE, POSTING, Limiter
from harness.blocks.retry import CONCURRENCY, Caller, RetryPolicy
from harness.layer import FacadeCounts, Surroundings
from sim.network import Response, Server

SWITCHES = ("limiter", "breaker", "cache", "budget")
"""The façade's parts by the switch of each; a façade is on if one of them is."""

URGENT = frozenset({erp.PostDocument, erp.PostJournal, revenue.RecordBilling})
"""Postings: what a close waits for."""

REFERENCE = frozenset({crm.GetAccount, billing.FindCustomers, erp.FindCustomers})
"""Questions about reference data, whose answers are kept. That nothing was found is no answer to keep."""

CAN_WAIT: ContextVar[bool] = ContextVar("can_wait", default=False)
"""Whether a task carries what can wait for everything else: set by whoever begins it."""

QUEUE_MAX = 100
"""Calls that wait in a bounded limiter, at most: a guess of ours."""

SHED = Response(503, None, "shed")
UNBOUNDED = 1 << 30


class Gateway:
    """One system behind the façade: to be called in place of its server. Parts that are None are not there."""

    def __init__(
        self,
        server: Server,
        surroundings: Surroundings,
        *,
        limiter: Limiter | None = None,
        breaker: Breaker | None = None,
        cache: Cache | None = None,
        budget: RetryBudget | None = None,
    ) -> None:
        self._server = server
        self._clock = surroundings.clock
        self._limiter = limiter
        self._breaker = breaker
        self._cache = cache
        self._budget = budget

    async def send(self, request: Any, key: str, idempotency_key: str | None, timeout_us: int) -> Response:
        """The answer to `request`, from the cache or from the system; its time begins to run when it is sent."""
        if self._cache is None or type(request) not in REFERENCE:
            return await self._call(request, key, idempotency_key, timeout_us)
        question = (type(request), key)
        kept = self._cache.find(question)
        if kept is not None:
            return Response(200, kept, "cached")
        response = await self._call(request, key, idempotency_key, timeout_us)
        if response.status == 200 and response.body:
            self._cache.keep(question, response.body)
        return response

    def retry_granted(self) -> bool:
        """Whether a call that failed may be tried again."""
        return self._budget is None or self._budget.granted()

    async def _call(self, request: Any, key: str, idempotency_key: str | None, timeout_us: int) -> Response:
        """Call the system when limiter and breaker let it through, or fail without a call."""
        limiter, breaker = self._limiter, self._breaker
        if breaker and breaker.shut:
            return breaker.refusal()
        if limiter and not await limiter.enter(_urgency(request)):
            return SHED
        round_ = breaker.lets_through() if breaker else 0
        if breaker and not round_:  # it opened while the call waited for its turn
            if limiter:
                limiter.withdraw()
            return breaker.refusal()
        if self._budget:
            self._budget.sent()
        sent_us = self._clock.now
        response = await self._server.send(request, key, idempotency_key, timeout_us)
        if breaker:
            breaker.heard(round_, response)
        if limiter:
            limiter.leave(response, sent_us)
        return response


class Facade:
    """The gateways to all systems, as a layer's switches say. What they do is counted in `surroundings.facade`."""

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        self._surroundings = surroundings
        self._options = options
        self.gateways = {name: self._gateway(name, server) for name, server in surroundings.servers.items()}

    def caller(self, policy: RetryPolicy) -> Caller:
        """Calls systems through the gateways. With a limiter only that bounds what is under way."""
        inside = replace(self._surroundings, servers=self.gateways)  # type: ignore[arg-type]  # all that a caller uses
        bounded = self._options.get("limiter", "off") != "off"
        return Caller(
            inside,
            policy,
            concurrency=UNBOUNDED if bounded else CONCURRENCY,
            retry_granted=lambda system: self.gateways[system].retry_granted(),
        )

    def _gateway(self, system: str, server: Server) -> Gateway:
        surroundings, on = self._surroundings, {name: self._options.get(name, "off") != "off" for name in SWITCHES}
        clock, counts = surroundings.clock, surroundings.facade.setdefault(system, FacadeCounts())

        def told(what: str) -> None:
            surroundings.note(what, system, "")

        return Gateway(
            server,
            surroundings,
            limiter=self._limiter(server, counts) if on["limiter"] else None,
            breaker=Breaker(clock, counts, told) if on["breaker"] else None,
            cache=Cache(clock, counts) if on["cache"] else None,
            budget=RetryBudget(counts) if on["budget"] else None,
        )

    def _limiter(self, server: Server, counts: FacadeCounts) -> Limiter:
        queue_max = QUEUE_MAX if self._options["limiter"] == "bounded" else None
        return Limiter.below(
            server.limits, self._surroundings.clock, counts, width=CONCURRENCY, queue_max=queue_max
        )  # fmt: skip


def stands(options: Mapping[str, str]) -> bool:
    """Whether a layer's switches ask for a façade."""
    return any(options.get(name, "off") != "off" for name in SWITCHES)


def _urgency(request: Any) -> int:
    if CAN_WAIT.get():
        return BACKFILL
    return POSTING if type(request) in URGENT else INTERACTIVE
