"""Postings that are in the wrong month, or in none, because of how the layer tells days and closed months."""

from dataclasses import replace
from datetime import UTC

from harness.blocks.carrying import Carrier
from harness.layer import DOCUMENT_EVENTS
from harness.patterns.event_driven import EventDriven
from harness.patterns.process_orchestration import ProcessOrchestration
from tests.mutants.parts import Parts


class PostsByUtc(EventDriven):
    """A document's day is put together with the time of its issue, and read in UTC.
    What is issued in the last hours of the quarter, by the books' own clock, is posted in the next.
    """

    NAME = "posts-by-utc"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=InUtc))


class InUtc(Carrier):
    """Dates postings in UTC."""

    def _post(self, request, event, kind, look):
        if event.type in DOCUMENT_EVENTS:
            issued = self._surroundings.calendar.local(event.committed_us)
            off = issued.astimezone(UTC).toordinal() - issued.toordinal()
            request = replace(request, posting_day=request.posting_day + off)
        return super()._post(request, event, kind, look)


class PostsByToday(ProcessOrchestration):
    """Documents are posted on the day on which they come, as the ERP does if it is told no date.
    What comes after the month's end, and long before its close, is in the next month.
    """

    NAME = "posts-by-today"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=Today))


class Today(Carrier):
    """Dates documents today."""

    def _post(self, request, event, kind, look):
        if event.type in DOCUMENT_EVENTS:
            request = replace(request, posting_day=self._surroundings.today())
        return super()._post(request, event, kind, look)


class ClosesTooEarly(EventDriven):
    """The layer has a calendar of its own, in which a month is closed on its last day and not at its close.
    A document that comes after that is taken for one of a closed period, and let go.
    """

    NAME = "closes-too-early"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=OfOpenMonths))


class OfOpenMonths(Carrier):
    """Posts documents of the present month."""

    async def _post(self, request, event, kind, look):
        month_of_day, today = self._surroundings.calendar.month_of_day, self._surroundings.today()
        if event.type in DOCUMENT_EVENTS and month_of_day(request.day) != month_of_day(today):
            self._surroundings.note("period_closed", "erp", event.key)
            return
        await super()._post(request, event, kind, look)
