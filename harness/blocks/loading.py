"""Writing in bulk: a caller whose writes wait for each other and go out as the rows of one load.

Whatever carries events through a caller can so be loaded with: each piece of work goes on when its row has a result.
Reads are single calls, as ever.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from fakes.bulk import BulkLoad, Row
from harness.blocks.instances import instance_of
from harness.blocks.retry import Caller, CallFailed, RetryPolicy
from harness.layer import Surroundings
from sim.clock import Action, Entry
from sim.network import CAUSE, Response
from sim.queue import Queue

Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""What is begun by calling it: killed before, it leaves nothing that waits to be begun."""

UNPROCESSED = Response(0, None, "unprocessed")
"""What becomes of a row that its job did not come to."""


class Loader(Caller):
    """Loads into `target`, an instance at a time, with the places of another `caller`. One load of works at a time."""

    def __init__(self, surroundings: Surroundings, policy: RetryPolicy, caller: Caller, target: str) -> None:
        vars(self).update(vars(caller))  # the same places, tokens and retry budget
        self._policy = policy
        self._target = target
        self._rows: list[_Row] = []
        self._working = 0
        self._turn = Queue(surroundings.clock)
        self._jobs: dict[str, int] = {}

    def write(
        self, system: str, request: Any, key: str, idempotency_key: str | None = None
    ) -> Coroutine[Any, Any, Any]:
        """Have `request` be a row of the next job; the record it made. Raises CallFailed."""
        assert system == self._target, f"a loader of {self._target} does not write to {system}"
        return self._write(Row(key, request, idempotency_key, CAUSE.get()), instance_of(system))

    async def load(self, batch: str, works: Sequence[Work]) -> None:
        """Do all works side by side, what they write in as few jobs of `batch` as can be."""
        self._working = len(works)
        for work in works:
            self._surroundings.clock.spawn(self._do(work))
        while self._working:
            if len(self._rows) < self._working:
                await self._turn
            else:
                await self._send(batch)

    async def _do(self, work: Work) -> None:
        await work()
        self._working -= 1
        self._look()

    async def _write(self, row: Row, instance: str) -> Any:
        response: Response = await _Row(row, instance, self)
        if response.status == 200:
            return response.body
        raise CallFailed(response)

    def gather(self, row: "_Row") -> None:
        """Take a row along in the next job."""
        self._rows.append(row)
        self._look()

    def _look(self) -> None:
        """Go on once every work that is not done waits for its row."""
        if len(self._rows) == self._working:
            self._turn.put(None)

    async def _send(self, batch: str) -> None:
        rows, self._rows = self._rows, []
        for instance in dict.fromkeys(waiting.instance for waiting in rows):
            await self._submit(batch, instance, [waiting for waiting in rows if waiting.instance == instance])

    async def _submit(self, batch: str, instance: str, rows: "Sequence[_Row]") -> None:
        self._jobs[batch] = job = self._jobs.get(batch, 0) + 1
        request = BulkLoad(batch, job, [waiting.row for waiting in rows])
        results: Sequence[Response | None]
        try:
            results = await self.submit(instance, request, request.key)
        except CallFailed as failed:
            results = [failed.response] * len(rows)
        clock = self._surroundings.clock
        for waiting, result in zip(rows, results, strict=True):
            clock.at(clock.now, waiting.resume, result or UNPROCESSED)


class _Row:
    """A row that waits for its result."""

    __slots__ = ("_loader", "instance", "resume", "row")

    def __init__(self, row: Row, instance: str, loader: Loader) -> None:
        self.row = row
        self.instance = instance
        self._loader = loader

    def __await__(self) -> Any:
        return (yield self)

    def then(self, resume: Action) -> Entry | None:
        self.resume = resume
        self._loader.gather(self)
        return None
