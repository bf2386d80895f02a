"""The system-API façade: everything a layer asks of one system goes through one gateway.

A gateway may have a limiter, a circuit breaker, a cache of reference data and a budget for retries, each by a switch
of its own. It stands where the system's server stands, so callers and carriers know nothing of it. What it
answers by itself has words of its own: `cached`, and `breaker_open` and `shed`, which may succeed later.
"""

from collections.abc import Callable, Mapping
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
from harness.switches import FACADE
from sim.clock import Clock
from sim.network import Response, Server

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
    """One system behind the façade: to be called in place of its server. Parts that are None are not there.

    `told` hears of each call, by its key, that the breaker does not let through.
    """

    def __init__(
        self,
        server: Server,
        clock: Clock,
        *,
        limiter: Limiter | None = None,
        breaker: Breaker | None = None,
        cache: Cache | None = None,
        budget: RetryBudget | None = None,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._server = server
        self._clock = clock
        self._limiter = limiter
        self._breaker = breaker
        self._cache = cache
        self._budget = budget
        self._told = told

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
            self._told(key)
            return breaker.refusal()
        if limiter and not await limiter.enter(_urgency(request)):
            return SHED
        round_ = breaker.lets_through() if breaker else 0
        if breaker and not round_:  # it opened while the call waited for its turn
            if limiter:
                limiter.withdraw()
            self._told(key)
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


def caller(surroundings: Surroundings, options: Mapping[str, str], policy: RetryPolicy) -> Caller:
    """What a layer calls systems with, as its switches say; with all of the façade's off, systems themselves.

    What the façade does is counted in `surroundings.facade`.
    """
    on = {name: options.get(name, "off") != "off" for name in FACADE}
    if not any(on.values()):
        return Caller(surroundings, policy)
    gateways = {name: _gateway(surroundings, options, server) for name, server in surroundings.servers.items()}
    return through(gateways, surroundings, policy, concurrency=UNBOUNDED if on["limiter"] else CONCURRENCY)


def through(
    gateways: Mapping[str, Gateway], surroundings: Surroundings, policy: RetryPolicy, *, concurrency: int = UNBOUNDED
) -> Caller:
    """What calls systems through these gateways. Where they have a limiter, that alone bounds what is under way."""
    return Caller(
        replace(surroundings, servers=gateways),  # type: ignore[arg-type]  # all of a server that a caller uses
        policy,
        concurrency=concurrency,
        retry_granted=lambda system: gateways[system].retry_granted(),
    )


def _gateway(surroundings: Surroundings, options: Mapping[str, str], server: Server) -> Gateway:
    clock, name = surroundings.clock, server.name
    counts = surroundings.facade.setdefault(name, FacadeCounts())
    on = {part: options.get(part, "off") != "off" for part in FACADE}
    waiting_max = QUEUE_MAX if options.get("limiter") == "bounded" else None

    def told(what: str) -> None:
        surroundings.note(what, name, "")

    def refused(key: str) -> None:
        surroundings.note("held_off", name, key)

    return Gateway(
        server,
        clock,
        limiter=Limiter.below(server.limits, clock, counts, waiting_max) if on["limiter"] else None,
        breaker=Breaker(clock, counts, told) if on["breaker"] else None,
        cache=Cache(clock, counts) if on["cache"] else None,
        budget=RetryBudget(counts) if on["budget"] else None,
        told=refused,
    )


def _urgency(request: Any) -> int:
    if CAN_WAIT.get():
        return BACKFILL
    return POSTING if type(request) in URGENT else INTERACTIVE
