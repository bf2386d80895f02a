"""One `tieout serve`: a world, how its time passes, what is kept of what comes in, and who is told of its events."""

import asyncio
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import console
from harness.agreed import agree
from harness.endings import AtFault, Trouble
from harness.serving import inputs
from harness.serving.inputs import Input
from harness.serving.journal import Forgetful, Journal
from harness.serving.outside import Webhook
from harness.serving.pace import Mode, Pace
from harness.serving.plan import Plan
from harness.serving.webhooks import Postman
from harness.serving.world import Answered, World
from sim.faults import Fault
from sim.http import HttpRequest, HttpResponse

STAND_S = 1.0
"""How often it is noted where the clock stands."""

REST_S = 0.02
"""For how long it has to have been quiet, once somebody was told of something: time enough to take up work."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a plan is served."""

    mode: Mode = "accelerated"
    speed: int = 3_600
    webhook_url: str | None = None
    state: Path | None = None


class Session:
    """A world that is served: what comes in goes through here, and is kept.

    `stopping` is set when it is over; `trouble` is then what ended it, if that was an error.
    """

    def __init__(self, plan: Plan, manner: Manner) -> None:
        self.plan, self.manner = plan, manner
        self.agreed = agree(plan.scenario, plan.seed)
        self.trouble: Trouble | None = None
        self.stopping = asyncio.Event()
        self._waiting: set[asyncio.Future[HttpResponse | None]] = set()  # clients without an answer
        self.replayed = 0
        self._replaying = True
        self.world = World(plan, self.agreed, self._send)
        self.journal: Journal | Forgetful = Forgetful()
        self.postman = Postman(manner.webhook_url, lambda: self.world, self._heard) if manner.webhook_url else None
        if manner.state is not None:
            self._keep_in(manner.state)
        self.pace = Pace(lambda: self.world, manner.mode, manner.speed)
        self._replaying = False

    def begin(self) -> list[asyncio.Task[None]]:
        """Let time pass from now on, and tell of what was not heard of."""
        self.pace.start()
        for webhook in list(self.world.post.waiting.values()):
            self._send(webhook)
        return [asyncio.ensure_future(self._watched(work)) for work in (self.pace.pass_by_itself, self._stand)]

    async def ask(self, face: str, request: HttpRequest) -> HttpResponse | None:
        """A face's answer to a request, once it is safe; None if there will be none."""
        world = self.world
        answer: asyncio.Future[HttpResponse | None] = asyncio.get_running_loop().create_future()

        def answered(said: HttpResponse | None) -> None:
            if not answer.done():
                answer.set_result(said)

        self._waiting.add(answer)
        try:
            self._put(lambda now_us: inputs.ask(now_us, face, request), answered)
            said = await answer
            await self.journal.safe()
            return said if world is self.world else None
        except Exception as error:
            self.fail(error)
            return None
        finally:
            self._waiting.discard(answer)

    def switch(self, said: dict[str, Any]) -> Fault:
        """Switch a fault. Raises Unswitchable."""
        self._put(lambda now_us: Input(now_us, "fault", said))
        turned = self.world.switches.turned
        assert turned is not None, "it was not refused"
        return turned

    async def advance(self, until_us: int, rest_s: float) -> None:
        """Move a clock that stands on; all is quiet and safe when this returns."""
        await self.pace.advance(until_us, self.quiet, rest_s)
        if isinstance(self.journal, Journal):
            await self.journal.stand()

    async def reset(self) -> None:
        """Have the world be as it was configured, at its first instant."""
        if self.postman is not None:
            self.postman.drop()
        for answer in self._waiting:
            if not answer.done():
                answer.set_result(None)
        self.world = World(self.plan, self.agreed, self._send)
        self.journal.forget()
        self.pace.start()
        await self.journal.safe()

    def quiet(self) -> bool:
        """Whether nobody has been told of something, or waits for an answer, and has not dealt with it."""
        return not self._waiting and not self.world.open_requests and not (self.postman and self.postman.pending)

    def fail(self, error: Exception) -> None:
        """End, because of an error."""
        if not isinstance(error, Trouble):
            console.remark("".join(traceback.format_exception(error)).rstrip())
            error = AtFault(f"the served world broke: {error!r}: please report it, with the lines above")
        self.trouble = self.trouble or error
        self.stopping.set()

    async def close(self, grace_s: float) -> None:
        """Hear of the last webhooks, and let go of everything."""
        self.world.clock.give_up()
        if self.postman is not None:
            await self.postman.close(grace_s)
        if isinstance(self.journal, Journal):
            try:
                await self.journal.stand()
            finally:
                self.journal.close()

    def _keep_in(self, state: Path) -> None:
        """Have the world be as the inputs in a file say, and further ones be kept there. Raises Trouble."""
        try:
            self.journal = journal = Journal(
                state, self.plan.digest, self.plan.scenario.name, lambda: self.world.clock.now
            )
            self._replay(journal)
        except BaseException:
            self.world.clock.give_up()
            if isinstance(self.journal, Journal):
                self.journal.close()
            raise

    def _put(self, said_at: Callable[[int], Input], answered: Answered | None = None) -> None:
        """Have an input reach the world now."""
        self.pace.catch_up()
        said = said_at(self.world.clock.now)
        self.world.apply(said, answered)
        self.journal.note(said)
        self.pace.met()

    def _send(self, webhook: Webhook) -> None:
        if not self._replaying and self.postman is not None:
            self.postman.send(webhook, self.journal.safe)

    def _heard(self, number: int, accepted: bool) -> None:
        self._put(lambda now_us: inputs.heard(now_us, number, accepted))

    def _replay(self, journal: Journal) -> None:
        for said in journal.inputs():
            self.world.apply(said)
            self.replayed += 1
        self.world.clock.pass_to(max(self.world.clock.now, journal.stood_us()))

    async def _stand(self) -> None:
        while isinstance(self.journal, Journal):
            await asyncio.sleep(STAND_S)
            await self.journal.stand()

    async def _watched(self, work: Callable[[], Any]) -> None:
        try:
            await work()
        except Exception as error:
            self.fail(error)
