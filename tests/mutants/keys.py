"""Keys that say something else at each attempt: no target can know the second for a repeat of the first."""

from dataclasses import replace

from harness.blocks.carrying import Carrier
from harness.patterns.event_driven import EventDriven
from harness.patterns.process_orchestration import ProcessOrchestration
from tests.mutants.parts import Listener, Parts


class KeyFromTheClock(EventDriven):
    """The idempotency key is made from the time of the attempt.
    A call that is repeated after a lost answer has another key, and does its work twice.
    """

    NAME = "key-from-the-clock"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=Stamping))


class Stamping(Listener):
    """Stamps each attempt's key with the second at which it goes out."""

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        if idempotency_key is not None:
            idempotency_key = f"{key}@{self._clock.now // 1_000_000}"
        return await send(request, key, idempotency_key, timeout_us)


class ExternalIdOfTheAttempt(ProcessOrchestration):
    """The ERP's external id ends with the number of the attempt, for the support desk to tell them apart.
    So the ERP takes each attempt for another record, and enters what it has entered before.
    """

    NAME = "external-id-of-the-attempt"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=Numbering))


class Numbering(Listener):
    """Numbers the attempts of a request in its external id."""

    def __init__(self, surroundings, policy):
        super().__init__(surroundings, policy)
        self._attempts = {}

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        external_id = getattr(request, "external_id", None)
        if external_id is not None:
            number = self._attempts[external_id] = self._attempts.get(external_id, 0) + 1
            request = replace(request, external_id=f"{external_id}#{number}")
        return await send(request, key, idempotency_key, timeout_us)


class RetriesWithoutKey(EventDriven):
    """The first attempt of a call bears its idempotency key, which the code that tries again leaves out.
    A call that is repeated after a lost answer does its work twice.
    """

    NAME = "retries-without-key"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=KeyedOnce))


class KeyedOnce(Listener):
    """Sends each key once."""

    def __init__(self, surroundings, policy):
        super().__init__(surroundings, policy)
        self._sent = {}

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        again = self._sent.get((system, idempotency_key), False)
        self._sent[system, idempotency_key] = True
        return await send(request, key, None if again else idempotency_key, timeout_us)


class KeyOfTheMonth(EventDriven):
    """A document's external id is made of its contract and its month, as there is one invoice a month.
    A second document of the same month is taken for the first, and never posted.
    """

    NAME = "key-of-the-month"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=OneAMonth))


class OneAMonth(Carrier):
    """Knows documents by contract and month."""

    def _post(self, request, event, kind, look):
        if kind == "document":
            month = self._surroundings.calendar.month_of_day(request.day)
            request = replace(request, external_id=f"{request.contract}/{month}")
        return super()._post(request, event, kind, look)
