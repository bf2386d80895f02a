"""Carrying one business event to one target: the mapping from what happened to what the target must be asked.

Every layer uses these mappings; layers differ in when they carry, in which order, with or without idempotency
keys, and in how they find the target's records. An idempotency key is flow + business key + version: it
survives crash, redelivery and replay. ERP takes it as external id.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from fakes import billing, crm, erp, revenue
from fakes.agreements import Contract
from fakes.books.ledger import CONTRACT_LIABILITY, revenue_account, sides
from fakes.records import Invoice, Posting, Recognition
from harness.blocks.identity import Identity
from harness.blocks.reading import Reader
from harness.blocks.retry import Caller, CallFailed
from harness.layer import ACCOUNT_EVENTS, CONTRACT_EVENTS, DOCUMENT_EVENTS, RECOGNITION_EVENTS, ROUTES, Surroundings
from sim.delivery import Event
from sim.network import Response

KIND = {"billing": "subscription", "erp": "order", "revenue": "contract"}
"""What a contract becomes in each target."""

UPDATE: dict[str, Any] = {
    "billing": billing.UpdateSubscription,
    "erp": erp.UpdateOrder,
    "revenue": revenue.ModifyContract,
}

NOT_FOUND = Response(404, None, "not_found")


class Carrier:
    """Carries events to one `target`.

    `keys`: send idempotency keys. `blind`: create a signed contract's record without looking whether it is
    there, and amend only a record that is found; otherwise whichever version comes first creates the record.
    `reader`: a mapping of the sources' events that is shared; otherwise it has one of its own for each source.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        target: str,
        caller: Caller,
        identity: Identity,
        *,
        keys: bool,
        blind: bool,
        reader: Reader | None = None,
    ) -> None:
        self._surroundings = surroundings
        self.target = target
        self._caller = caller
        self._identity = identity
        self._keys = keys
        self._onto = f"->{target}:"
        self._blind = blind
        sources = (source for source, to in ROUTES if to == target)
        self._reader = reader or Reader(surroundings, f"to {target}", sources)
        self._mappings: Mapping[str, Callable[[Event], Coroutine[Any, Any, Any]]] = {
            **dict.fromkeys(ACCOUNT_EVENTS, self._account),
            **dict.fromkeys(CONTRACT_EVENTS, self._contract),
            **dict.fromkeys(DOCUMENT_EVENTS, self._document),
            **dict.fromkeys(RECOGNITION_EVENTS, self._recognition),
        }

    def carry(self, event: Event) -> Coroutine[Any, Any, Any]:
        """Have the target reflect `event`. Raises CallFailed when it does not, at once if the event cannot be read."""
        if event.schema != 1:
            event = self._reader.read(event)
        return self._mappings[event.type](event)

    def _key(self, flow: str, key: str, version: int = 1) -> str | None:
        return f"{flow}{self._onto}{key}:{version}" if self._keys else None

    async def _account(self, event: Event) -> None:
        if self._blind or await self._identity.known(self.target, "customer", event.key) is None:
            await self._customer(event.key, event.body.name)

    async def _contract(self, event: Event) -> None:
        state: Contract = event.body
        signed = event.type == "contract_signed"
        target, kind = self.target, KIND[self.target]
        known = None if signed and self._blind else await self._identity.known(target, kind, state.key)
        key = self._key("contract", state.key, state.version)
        if known is not None:
            await self._caller.write(target, UPDATE[target](known, state), state.key, key)
        elif self._blind and not signed:
            raise CallFailed(NOT_FOUND)
        else:
            made = await self._caller.write(target, await self._creation(state, key), state.key, key)
            await self._identity.keep(target, kind, state.key, made.id)

    async def _creation(self, state: Contract, key: str | None) -> Any:
        if self.target == "revenue":
            return revenue.CreateContract(state)
        customer = await self._ensured_customer(state.account)
        if self.target == "erp":
            return erp.CreateOrder(customer, state, key)
        return billing.CreateSubscription(customer, state)

    async def _ensured_customer(self, account: str) -> str:
        known = await self._identity.known(self.target, "customer", account)
        if known is not None:
            return known
        entry = await self._caller.read("crm", crm.GetAccount(account), account)
        return await self._customer(account, entry.name)

    async def _customer(self, account: str, name: str) -> str:
        key = self._key("account", account)
        request: Any = billing.CreateCustomer(account, name)
        if self.target == "erp":
            request = erp.UpsertCustomer(account, name, key)
        made = await self._caller.write(self.target, request, account, key)
        await self._identity.keep(self.target, "customer", account, made.id)
        customer: str = made.id
        return customer

    def _document(self, event: Event) -> Coroutine[Any, Any, Any]:
        invoice: Invoice = event.body
        key = self._key("document", invoice.id)
        if self.target == "revenue":
            note = revenue.RecordBilling(invoice.id, invoice.contract, invoice.total_minor)
            return self._caller.write("revenue", note, invoice.id, key)
        document, day = invoice.id, invoice.day
        # By position, here and below: twice as fast as by name, and there is one for every document.
        request = erp.PostDocument(
            document, invoice.account, invoice.contract, invoice.currency, invoice.total_minor, day, day, key
        )
        return self._post(request, document)

    def _recognition(self, event: Event) -> Coroutine[Any, Any, Any]:
        recognition: Recognition = event.body
        contract = recognition.contract
        earned = [Posting(revenue_account(product), contract, -minor) for product, minor in recognition.amounts]
        day = self._surroundings.calendar.end_day(recognition.month) - 1
        postings = sides(CONTRACT_LIABILITY, contract, *earned)
        key = self._key("recognition", recognition.id)
        request = erp.PostJournal(recognition.id, contract, recognition.currency, day, day, postings, key)
        return self._post(request, recognition.id)

    async def _post(self, request: Any, key: str) -> None:
        """Post in the period of the effective day or, once that is closed, today: the late event is not lost."""
        try:
            await self._caller.write("erp", request, key)
        except CallFailed as failed:
            if failed.response.word != "period_closed":
                raise
            self._surroundings.note("posted_late", "erp", key)
            late = replace(request, posting_day=self._surroundings.today())
            await self._caller.write("erp", late, key)
