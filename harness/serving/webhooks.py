"""Telling the integration of events: each webhook of the world is one POST, and what became of it is told the world.

A webhook leaves only when all that came in before is safe, so that nobody is told of what could yet be lost. Sources
wait for an answer by the wall clock; when they try again is theirs to say, in virtual time.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

from fakes.faces.face import Face
from harness.foreign.registry import GENERIC
from harness.serving.outside import Webhook
from harness.serving.world import World
from sim.durations import SECOND

AT_ONCE = 64
"""How many webhooks are under way at a time: a source's own limit is unknown, and an integration's is of this order."""


class Postman:
    """Takes webhooks to `url`. `heard` is told what became of one: its number, and whether it was accepted."""

    def __init__(self, url: str, world: Callable[[], World], heard: Callable[[int, bool], None]) -> None:
        self.url = url.rstrip("/")
        self.accepted = self.failed = 0
        self.last_trouble = ""
        self._world = world
        self._heard = heard
        self._under_way: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        limits = httpx.Limits(max_connections=AT_ONCE)
        self._client = httpx.AsyncClient(limits=limits, trust_env=False, follow_redirects=False)

    @property
    def pending(self) -> int:
        """How many are under way."""
        return len(self._under_way)

    def send(self, webhook: Webhook, safe: Callable[[], Awaitable[None]]) -> None:
        """Take a webhook, once it is `safe` to."""
        task = asyncio.ensure_future(self._take(self._world(), webhook, safe))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self, grace_s: float) -> None:
        """Wait for those under way, but not for long, and be done."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._client.aclose()

    def drop(self) -> None:
        """Have those under way not matter any more."""
        for task in self._under_way:
            task.cancel()

    async def _take(self, world: World, webhook: Webhook, safe: Callable[[], Awaitable[None]]) -> None:
        since_s = asyncio.get_running_loop().time()
        async with self._at_once:
            await safe()
            accepted = await self._posted(world, webhook, since_s)
        if accepted:
            self.accepted += 1
        else:
            self.failed += 1
        if world is self._world():
            self._heard(webhook.number, accepted)

    async def _posted(self, world: World, webhook: Webhook, since_s: float) -> bool:
        dressed = world.face_of(webhook.source)
        request = dressed.worn.face.webhook(webhook.event, signed_us(world))
        assert request is not None, "the world asks whether it is told of before it sends it"
        target = f"{self.url}/webhooks/{path_of(dressed.product, webhook.source, dressed.worn.face)}"
        policy = world.company.systems[webhook.source].publisher.policy
        patience_s = policy.ack_timeout_us / world.plan.patience / SECOND
        if asyncio.get_running_loop().time() - since_s > patience_s:
            self.last_trouble = f"{AT_ONCE} others were under way for too long"
            return False  # its source has given this attempt up already
        try:
            async with asyncio.timeout(patience_s):
                answer = await self._client.request(
                    request.method,
                    target,
                    headers=[header for header in request.headers if header[0] != "host"],
                    content=request.body,
                    timeout=patience_s,
                )
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            self.last_trouble = f"{type(error).__name__}: {error}".rstrip(": ")
            return False
        if not answer.is_success:
            self.last_trouble = f"answered {answer.status_code}"
        return answer.is_success


def path_of(product: str, system: str, face: Face) -> str:
    """What stands behind /webhooks/ for a face: the product, or of the generic one the system."""
    return system if product == GENERIC else face.name


def signed_us(world: World) -> int:
    """The wall clock's time, as an instant of the world: verifiers refuse what is old by their own clock."""
    zero_s = world.agreed.calendar.local(0).timestamp()
    return int((time.time() - zero_s) * SECOND)
