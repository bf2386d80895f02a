"""Customers that are known by something which changes, or as they were once."""

from dataclasses import replace

from fakes import billing, erp
from harness.blocks.carrying import Carrier
from harness.blocks.identity import Known
from harness.patterns.event_driven import EventDriven
from harness.patterns.process_orchestration import ProcessOrchestration
from tests.mutants.parts import Parts


class CachesCustomers(EventDriven):
    """Accounts are read through a cache that nothing ever makes anew, also when the CRM tells that one has changed.
    A customer that is renamed, or sold to another parent, keeps its old name and parent.
    """

    NAME = "caches-customers"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=Caching))


class Caching(Carrier):
    """Takes an account as it was when it was first seen."""

    def __init__(self, *parts, **how):
        super().__init__(*parts, **how)
        self._accounts = {}

    async def _account(self, event, look):
        kept = self._accounts.setdefault(event.key, event.body)
        await super()._account(replace(event, body=replace(kept, version=event.version)), look)


class FindsCustomersByName(ProcessOrchestration):
    """A customer is looked up by its name, which people know, and not by its account's key.
    One that is renamed is not found, and made a second time.
    """

    NAME = "finds-customers-by-name"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Parts(surroundings, options, carrier=ByName))


class ByName(Carrier):
    """Knows a customer by its name."""

    async def _account(self, event, look):
        if await self._identity.known(self.target, "customer", event.body.name) is None:
            await self._customer(event.body, look)

    async def _customer(self, account, look):
        key = self._key("customer", account.name)
        request = billing.CreateCustomer(account.key, account.name, account.parent, version=account.version)
        if self.target == "erp":
            request = erp.UpsertCustomer(account.key, account.name, key, account.parent, version=account.version)
        made = await self._caller.write(self.target, request, account.key, key)
        for word in (account.name, account.key):
            await self._identity.keep(self.target, "customer", word, Known(made.id))
        return made.id
