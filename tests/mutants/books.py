"""Mappings onto the books that are right for most documents, and wrong for some."""

from dataclasses import replace

from harness.blocks.applying import Applier
from harness.blocks.canonical import ONTO, Contract, agreement_of
from harness.blocks.carrying import Carrier
from harness.layer import DOCUMENT_EVENTS, RECOGNITION_EVENTS, USAGE_EVENTS
from harness.patterns.canonical_hub import CanonicalHub
from harness.patterns.event_driven import EventDriven
from harness.patterns.process_orchestration import ProcessOrchestration
from tests.mutants.parts import Parts

MILLION = 1_000_000


class LateCreditMemoSign(EventDriven):
    """A credit memo that comes a day late is taken down the path for corrections, which wants amounts without a sign.
    It is posted as an invoice.
    """

    NAME = "late-credit-memo-sign"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=Unsigned))


class Unsigned(Carrier):
    """Takes the sign off what is late."""

    def _post(self, request, event, kind, look):
        if event.type in DOCUMENT_EVENTS and self._surroundings.today() > request.day:
            request = replace(request, total_minor=abs(request.total_minor))
        return super()._post(request, event, kind, look)


class RoundsEachLine(EventDriven):
    """Revenue is split over products by shares of the total, and each line is rounded down for itself.
    The lines of an entry come to a cent less than its total.
    """

    NAME = "rounds-each-line"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=Sharing))


class Sharing(Carrier):
    """Splits a total by shares in parts per million."""

    def _recognition(self, event, look):
        total_minor = event.body.total_minor
        if event.type in RECOGNITION_EVENTS and total_minor:
            shares = [
                (product, (minor * MILLION + total_minor // 2) // total_minor) for product, minor in event.body.amounts
            ]
            lines = tuple((product, total_minor * share // MILLION) for product, share in shares)
            event = replace(event, body=replace(event.body, amounts=lines))
        return super()._recognition(event, look)


class CountsUsageTwice(EventDriven):
    """A usage report has no version, so that each is taken for a further one: no key, no inbox.
    One that is told twice is counted twice.
    """

    NAME = "counts-usage-twice"

    def __init__(self, surroundings, options):
        parts = Parts(surroundings, options, carrier=Metering, applier=EachReport)
        super().__init__(surroundings, options, parts)


class Metering(Carrier):
    """Sends usage without a key, and without looking whether it is there."""

    def _key(self, flow, key, version=1):
        return None if flow == "fulfilment" else super()._key(flow, key, version)

    async def _fulfilment(self, event, look):
        await super()._fulfilment(event, look and event.type not in USAGE_EVENTS)


class EachReport(Applier):
    """Carries every report."""

    async def apply(self, event, changes=(), again=False):
        if event.type not in USAGE_EVENTS:
            return await super().apply(event, changes, again)
        await self._carrier.carry(event)
        if changes:
            await self._store.write(*changes)
        return None


class TakesFirstProduct(CanonicalHub):
    """The canonical contract has room for one product, and of a bundle takes the first.
    All that the other products are to earn is earned by that one.
    """

    NAME = "takes-first-product"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        for target, outlet in self._outlets.items():
            outlet._onto = {**ONTO[target], Contract: of_one_product}


def of_one_product(contract):
    """The agreement of a contract, for its first product alone."""
    agreement = agreement_of(contract)
    return replace(agreement, obligations=agreement.obligations[:1])


class HomeCurrency(EventDriven):
    """Documents are posted in the group's own currency, whatever they are in.
    A subsidiary's invoice of a hundred euros becomes one of a hundred dollars.
    """

    NAME = "home-currency"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=InDollars))


class InDollars(Carrier):
    """Knows one currency."""

    def _post(self, request, event, kind, look):
        if kind == "document":
            request = replace(request, currency="USD")
        return super()._post(request, event, kind, look)


class EndsADayEarly(ProcessOrchestration):
    """The revenue system is told the last day of a contract where it wants the first day after it.
    It takes no contract that ends a day before its last month, and the saga is undone, again and again.
    """

    NAME = "ends-a-day-early"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=Inclusive))


class Inclusive(Carrier):
    """Takes the end of a term for its last day."""

    def _contract(self, event, look):
        if self.target == "revenue":
            event = replace(event, body=replace(event.body, end_day=event.body.end_day - 1))
        return super()._contract(event, look)
