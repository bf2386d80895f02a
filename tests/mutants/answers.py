"""Answers that are taken for something else than they say: a refusal for a success, silence for a refusal."""

from fakes import erp, revenue
from fakes.fulfilments import RecordFulfilment
from harness.blocks.applying import Applier
from harness.blocks.retry import Caller, CallFailed
from harness.blocks.saga import steps_of
from harness.patterns.event_driven import EventDriven
from harness.patterns.process_orchestration import ProcessOrchestration
from sim.durations import MINUTE
from sim.network import TIMED_OUT, Response
from tests.mutants.parts import Listener, Parts

NEVER_READ = (erp.PostDocument, erp.PostJournal, erp.ApplyPayment, revenue.RecordBilling, RecordFulfilment)
"""Requests of whose answer nobody needs the body."""


class Swallows429(EventDriven):
    """Only 5xx is looked out for, so that "too many requests" passes for a success where nobody needs the body.
    A posting that was throttled is never made.
    """

    NAME = "swallows-429"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=DeafTo429))


class DeafTo429(Listener):
    """Hears no 429."""

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        response = await send(request, key, idempotency_key, timeout_us)
        return Response(200) if response.status == 429 and isinstance(request, NEVER_READ) else response


class TakesErrorsForSuccess(ProcessOrchestration):
    """Whatever answers is taken for done: the status of a posting's answer is not looked at.
    A posting that a system in trouble answers with 503 is never made.
    """

    NAME = "takes-errors-for-success"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=DeafTo5xx))


class DeafTo5xx(Listener):
    """Hears no server error."""

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        response = await send(request, key, idempotency_key, timeout_us)
        return Response(200) if response.status >= 500 and isinstance(request, NEVER_READ) else response


class DropsOnTimeout(ProcessOrchestration):
    """A lost answer is taken for a refusal, and the event is dropped with all its steps still to be done.
    What the first target may well have is never carried to the others.
    """

    NAME = "drops-on-timeout"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=Hasty))

    async def _set_aside(self, event, target, reason):
        if reason != TIMED_OUT.word:
            await super()._set_aside(event, target, reason)
            return
        left = [step for step in steps_of(event) if not self._journal.done(event, step)]
        for step in left:
            self._drop(event, step)
        await self._store.write(*(self._journal.hand_over(event, step) for step in left))


class Hasty(Caller):
    """Tries nothing again that was not answered in time."""

    def _wait_us(self, response, attempt, system, request, key):
        return None if response is TIMED_OUT else super()._wait_us(response, attempt, system, request, key)


class TakesSilenceForSuccess(ProcessOrchestration):
    """A journal entry that is not answered in time is taken for posted: the ledger is slow, and always takes them.
    One whose request was lost is never made.
    """

    NAME = "takes-silence-for-success"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=DeafToSilence))


class DeafToSilence(Listener):
    """Needs no answer to a journal entry."""

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        response = await send(request, key, idempotency_key, timeout_us)
        return Response(200) if response is TIMED_OUT and isinstance(request, erp.PostJournal) else response


class RetriesRefusals(EventDriven):
    """Whatever fails is tried again until it succeeds, also what is refused as a bad request.
    An event that can never succeed keeps its partition, and nothing behind it gets through.
    """

    NAME = "retries-refusals"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, applier=Stubborn))


class Stubborn(Applier):
    """Applies an event again and again, at growing intervals."""

    async def apply(self, event, changes=(), again=False):
        wait_us = MINUTE
        while True:
            try:
                return await super().apply(event, changes, again)
            except CallFailed:
                self._counts.retries += 1
                await self._caller._clock.sleep(wait_us)
                wait_us = min(2 * wait_us, 15 * MINUTE)


class RefreshesOnce(EventDriven):
    """A token is refreshed once: when a second one has expired, the credential is taken for revoked.
    From then on that system is not called any more, until somebody restarts the layer.
    """

    NAME = "refreshes-once"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=OneRefresh))


class OneRefresh(Listener):
    """Calls no system that has turned down a token which was refreshed."""

    def __init__(self, surroundings, policy):
        super().__init__(surroundings, policy)
        self._revoked = {}

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        if system in self._revoked:
            return Response(401, None, "token_expired")
        response = await send(request, key, idempotency_key, timeout_us)
        refresh = self._refreshes.get(system)
        if response.word == "token_expired" and refresh is not None and refresh.done:
            self._revoked[system] = True
        return response


class TakesTheRenewalForTheAnswer(ProcessOrchestration):
    """When a token was turned down and renewed, the answer to the renewal is taken for that of the call.
    The posting for which there had been no token is not sent again.
    """

    NAME = "takes-the-renewal-for-the-answer"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=NotAgain))


class NotAgain(Listener):
    """Renews a token, and has done with the call."""

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        response = await send(request, key, idempotency_key, timeout_us)
        if response.word == "token_expired" and isinstance(request, NEVER_READ):
            renewal = await self._refresh(system)
            return Response(200) if renewal.status == 200 else response
        return response


class AnswersForWhoIsDown(EventDriven):
    """After four failures in a row a breaker opens for ten minutes, and a fallback answers for the system: 200.
    A posting whose turn comes meanwhile is never made.
    """

    NAME = "answers-for-who-is-down"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=Fallback))


class Fallback(Listener):
    """Counts failures, and answers for a system that has had too many."""

    FAILURES_MAX = 4

    def __init__(self, surroundings, policy):
        super().__init__(surroundings, policy)
        self._failures = {}
        self._open_us = {}

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        if self._clock.now < self._open_us.get(system, 0) and isinstance(request, NEVER_READ):
            return Response(200)
        response = await send(request, key, idempotency_key, timeout_us)
        failures = self._failures[system] = self._failures.get(system, 0) + 1 if response.transient else 0
        if failures >= self.FAILURES_MAX:
            self._open_us[system] = self._clock.now + 10 * MINUTE
        return response
