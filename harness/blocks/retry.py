"""Asking a system until it answers: which failures are tried again, how often, and how long in between."""

from collections.abc import Callable, Coroutine
from copy import copy
from dataclasses import dataclass
from typing import Any

from fakes.service import RefreshToken
from harness.blocks.instances import has_several, instance_of
from harness.layer import Surroundings
from sim.clock import Task
from sim.durations import HOUR, MINUTE, SECOND
from sim.network import Response
from sim.queue import Gate

READ_TIMEOUT_US = 10 * SECOND
WRITE_TIMEOUT_US = 30 * SECOND
LOAD_TIMEOUT_US = 10 * MINUTE

RETRY_SPAN_US = 23 * HOUR
"""How long one call is tried: within the life of its idempotency key, of which 24 h are usual."""

CONCURRENCY = 12
"""Calls a layer may have under way at one system at a time, the same for every layer."""

UNSENT = frozenset({"breaker_open", "shed"})
"""Words of answers that a façade gives of itself: no call was sent, so the next is no retry of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential back-off with full jitter. Delays in microseconds; attempts count from 1; None is without end.

    The cap of 100 s is Temporal's default.
    """

    base_us: int = SECOND
    cap_us: int = 100 * SECOND
    attempts_max: int | None = 5

    def delay_us(self, attempt: int, word: int) -> int | None:
        """The wait after `attempt`, drawn by the uniform 64-bit `word`, or None once the attempts are spent."""
        if self.attempts_max is not None and attempt >= self.attempts_max:
            return None
        return (min(self.cap_us, self.base_us << min(attempt - 1, 40)) * word) >> 64


class CallFailed(Exception):
    """A call did not do what was asked, and its retries are spent or would not help."""

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        self.response = response


class Caller:
    """Calls systems for a layer, at most `concurrency` at a time each, retrying by one policy.

    What may be retried is what may succeed later: no answer, 429 (after its Retry-After), and 5xx. Whoever waits to
    try again keeps its place: so a system in trouble is asked less, and not by others in turn. A token that has
    expired is refreshed once, by one caller for all, and the call tried again at once. `retry_granted` may forbid a
    system's next retry: the call then fails as it is.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        policy: RetryPolicy,
        *,
        concurrency: int = CONCURRENCY,
        retry_granted: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._surroundings = surroundings
        self._clock = surroundings.clock
        self._policy = policy
        self._retry_granted = retry_granted
        self._stream = surroundings.stream("retry")
        self._lines = {
            name: (server.send, Gate(surroundings.clock, concurrency)) for name, server in surroundings.servers.items()
        }
        self._several = has_several(self._lines)
        self._refreshes: dict[str, Task] = {}

    def by(self, policy: RetryPolicy) -> "Caller":
        """The same caller, with the same places and tokens, by another policy."""
        other = copy(self)
        other._policy = policy
        return other

    def write(
        self, system: str, request: Any, key: str, idempotency_key: str | None = None
    ) -> Coroutine[Any, Any, Any]:
        """Have `system` do `request`, which concerns business key `key`; the record it made. Raises CallFailed."""
        instance = instance_of(system) if self._several else system
        return self._call(instance, request, key, idempotency_key, WRITE_TIMEOUT_US)

    def read(self, system: str, request: Any, key: str) -> Coroutine[Any, Any, Any]:
        """Ask `system` for something about `key`; what it answered. Raises CallFailed."""
        return self._call(instance_of(system) if self._several else system, request, key, None, READ_TIMEOUT_US)

    def submit(self, system: str, request: Any, key: str) -> Coroutine[Any, Any, Any]:
        """Have `system`, one certain instance, do a bulk load, named by `key`; each row's result. Raises CallFailed."""
        return self._call(system, request, key, None, LOAD_TIMEOUT_US)

    async def _call(self, system: str, request: Any, key: str, idempotency_key: str | None, timeout_us: int) -> Any:
        send, gate = self._lines[system]
        if not gate.entered():
            await gate
        attempt, refreshed, began_us = 1, False, self._clock._now
        while True:
            response = await send(request, key, idempotency_key, timeout_us)
            if response.status == 200:
                gate.leave()
                return response.body
            if response.word == "token_expired" and not refreshed:
                renewal = await self._refresh(system)
                if renewal.status == 200:
                    refreshed = True
                    continue
                if renewal.transient:
                    response = renewal
            delay_us = self._wait_us(response, attempt, system, request, key)
            if delay_us is None or self._clock.now + delay_us > began_us + RETRY_SPAN_US:
                gate.leave()
                raise CallFailed(response)
            self._surroundings.counts.retries += response.word not in UNSENT
            await self._clock.sleep(delay_us)
            attempt, refreshed = attempt + 1, False

    def _refresh(self, system: str) -> Task:
        """The call that fetches a new token: to await its response. Whoever asks while it is under way shares it."""
        known = self._refreshes.get(system)
        if known is not None and not known.done:
            return known
        send, _ = self._lines[system]
        task = self._clock.spawn(send(RefreshToken(), "token", None, READ_TIMEOUT_US))
        self._refreshes[system] = task
        return task

    def _wait_us(self, response: Response, attempt: int, system: str, request: Any, key: str) -> int | None:
        """How long to wait before the next try, or None if there is to be none."""
        if not response.transient:
            return None
        word = self._stream.word(system, type(request).__name__, key, attempt)
        delay_us = self._policy.delay_us(attempt, word)
        if delay_us is None or (response.word not in UNSENT and not self._retry_granted(system)):
            return None
        return delay_us + (response.retry_after_us or 0)  # both: or all that were told the same come back together
