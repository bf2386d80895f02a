"""What is written is not what was told: a field that is falsy, one that is left out, a document of one's own choice."""

from dataclasses import replace

from harness.blocks.canonical import ONTO, Contract, Customer, account_of, agreement_of
from harness.blocks.carrying import Carrier
from harness.patterns.canonical_hub import CanonicalHub
from harness.patterns.event_driven import EventDriven
from harness.patterns.process_orchestration import ProcessOrchestration
from tests.mutants.parts import Parts


class ZeroIsMissing(ProcessOrchestration):
    """The mapping says `quantity or before`: a quantity of none is taken for one that was left out.
    What is cancelled keeps the quantity that it had.
    """

    NAME = "zero-is-missing"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=OrBefore))


class OrBefore(Carrier):
    """Writes the quantity before for none."""

    def _contract(self, event, look):
        *_, before, last = (None, *event.body.versions)
        if before is not None:
            last = replace(last, quantity=last.quantity or before.quantity)
            event = replace(event, body=replace(event.body, versions=(*event.body.versions[:-1], last)))
        return super()._contract(event, look)


class ClearsTheParent(CanonicalHub):
    """A change of an account is sent with the fields that changed alone, and the target clears the others.
    Who is renamed belongs to nobody any more.
    """

    NAME = "clears-the-parent"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        for target, outlet in self._outlets.items():
            outlet._onto = dict(ONTO[target])
            if Customer in outlet._onto:
                outlet._onto[Customer] = changed_fields


def changed_fields(customer):
    """The account, without its parent where it was changed."""
    account = account_of(customer)
    return replace(account, parent="") if account.version > 1 else account


class DefaultsTheCurrency(CanonicalHub):
    """The canonical contract has no currency, and onto the targets its default is filled in.
    What a subsidiary sells for euros is billed and earned in dollars.
    """

    NAME = "defaults-the-currency"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options)
        for target, outlet in self._outlets.items():
            outlet._onto = {**ONTO[target], Contract: of_default_currency}


def of_default_currency(contract):
    """The agreement of a contract, in dollars."""
    return replace(agreement_of(contract), currency="USD")


class PaysTheOldest(EventDriven):
    """A payment is applied to the customer's oldest document that is not paid, whichever it names.
    Who pays the newer one first has paid another.
    """

    NAME = "pays-the-oldest"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=Oldest))


class Oldest(Carrier):
    """Chooses the document of a payment."""

    def __init__(self, *parts, **how):
        super().__init__(*parts, **how)
        self._open = {}
        self._chosen = {}

    def _post(self, request, event, kind, look):
        if event.type == "invoice_issued":
            self._open.setdefault(request.account, []).append(request.document)
        if event.type == "payment_received":
            unpaid = self._open.setdefault(request.account, [])
            chosen = self._chosen.setdefault(event.key, next(iter(unpaid), request.document))
            if chosen in unpaid:
                unpaid.remove(chosen)
            request = replace(request, document=chosen)
        return super()._post(request, event, kind, look)
