"""Layers with one mistake each that no trial by hand can show: the correct layer is late there, too."""

from fakes import erp
from harness.patterns.event_driven import EventDriven
from sim.network import Response
from tests.mutants.parts import Listener, Parts

POSTINGS = (erp.PostDocument, erp.PostJournal, erp.ApplyPayment)


class TakesConflictsForSuccess(EventDriven):
    """Takes 409 for the word that a posting is there: what belongs to a month that is closed by then is never made."""

    NAME = "takes-conflicts-for-success"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=DeafToConflicts))


class DeafToConflicts(Listener):
    """Hears no conflict."""

    async def sent(self, system, send, request, key, idempotency_key, timeout_us):
        response = await send(request, key, idempotency_key, timeout_us)
        return Response(200) if response.status == 409 and isinstance(request, POSTINGS) else response


class Raises(EventDriven):
    """Cannot be set up."""

    NAME = "raises"

    def start(self):
        raise RuntimeError("no configuration")
