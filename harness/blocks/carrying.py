"""Carrying one business event to one target: the mapping from what happened to what the target must be asked.

Every layer uses these mappings; layers differ in when they carry, in which order, and in how a write that is
repeated is known for one at the target. An idempotency key is flow + business key + version: it survives crash,
redelivery and replay. ERP takes it as external id.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from fakes import billing, crm, erp, projects, revenue
from fakes.agreements import Account, Contract, Fulfilment
from fakes.books.ledger import CONTRACT_LIABILITY, revenue_account, sides
from fakes.customers import UpdateCustomer
from fakes.fulfilments import RecordFulfilment
from fakes.records import Invoice, Payment, Recognition
from harness.blocks.identity import CONTRACT_KINDS, FINDERS, Identity, Known, look_up
from harness.blocks.instances import ENTITY, SEVERAL, entity_of, has_several
from harness.blocks.reading import Reader
from harness.blocks.retry import Caller, CallFailed
from harness.layer import (
    ACCOUNT_CHANGES,
    ACCOUNT_EVENTS,
    AGREEMENT_EVENTS,
    DOCUMENT_EVENTS,
    FULFILMENT_EVENTS,
    NEW_ACCOUNTS,
    NEW_CONTRACTS,
    PAYMENT_EVENTS,
    RECOGNITION_EVENTS,
    Surroundings,
)
from harness.people import PERIOD_CLOSED
from harness.store import Change
from sim.delivery import Event
from sim.durations import HOUR
from sim.network import Response

UPDATE: dict[str, Any] = {
    "billing": billing.UpdateSubscription,
    "erp": erp.UpdateOrder,
    "revenue": revenue.ModifyContract,
}
"""What writes a contract's state over its copy. No event but the first reaches a project, which has them all."""

VOID: dict[str, Any] = {
    "billing": billing.VoidSubscription,
    "erp": erp.VoidOrder,
    "revenue": revenue.VoidContract,
    "projects": projects.VoidProject,
}

FIRST = NEW_ACCOUNTS | NEW_CONTRACTS
"""The types of event that are the first about a record."""

KEYS_EXPIRE = frozenset({"billing", "revenue", "projects"})
"""The targets that honour a key for a day; ERP knows an external id for ever."""

UNHEARD_US = 20 * HOUR
"""An event that comes this long after its change may concern what another has had made and given up on, unheard."""

NOT_FOUND = Response(404, None, "not_found")

ROUNDS = "rounds"
"""The table of the Round in which a contract's copy is being made, where that is not the first."""


class Round(NamedTuple):
    """For which time a target is to make its copy of a contract; `in_doubt` if an older one may be there still."""

    number: int = 1
    in_doubt: bool = False


FIRST_ROUND = Round()

IDEMPOTENCY = ("key", "read", "none")
"""How a repeated write is known for one: by its key, by reading what is there before creating, or not at all."""


class Carrier:
    """Carries events to one `target`.

    `idempotency` is one of IDEMPOTENCY. With `revisions`, a contract's copy is written only over the revision that
    was last seen, so that a call which was given up on cannot overwrite what came after it. A `blind` carrier
    creates a signed contract's record without looking whether it is there, and amends only a record that is
    found; otherwise whichever version comes first creates the record. One that `asks` posts nothing late before
    people have said so.
    `reader` is a mapping of the sources' events that is shared; otherwise it has one of its own for each source.
    `rounds` has the Round in which a target is to make the copy of a contract, by (target, contract): once a copy was
    voided, the keys of its making would bring back that one. Where nobody knows whether it was, the target is asked.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        target: str,
        caller: Caller,
        identity: Identity,
        *,
        idempotency: str = "key",
        revisions: bool = True,
        blind: bool = False,
        reader: Reader | None = None,
        rounds: Mapping[tuple[str, str], Round] = MappingProxyType({}),
        asks: bool = False,
    ) -> None:
        self._surroundings = surroundings
        self._clock = surroundings.clock
        self.target = target
        self._caller = caller
        self._identity = identity
        self._keys = idempotency == "key"
        self._reads = idempotency == "read"
        self._revisions = revisions
        self._onto = f"->{target}:"
        self._blind = blind
        self._rounds = rounds
        sources = (source for source, to in surroundings.routes if to == target)
        self._reader = reader or Reader(surroundings, f"to {target}", sources)
        self._asks = asks
        self._several = target == SEVERAL and has_several(surroundings.servers)
        self._mappings: Mapping[str, Callable[[Event, bool], Coroutine[Any, Any, Any]]] = {
            **dict.fromkeys(ACCOUNT_EVENTS, self._account),
            **dict.fromkeys(AGREEMENT_EVENTS, self._contract),
            **dict.fromkeys(FULFILMENT_EVENTS, self._fulfilment),
            **dict.fromkeys(DOCUMENT_EVENTS, self._document),
            **dict.fromkeys(PAYMENT_EVENTS, self._payment),
            **dict.fromkeys(RECOGNITION_EVENTS, self._recognition),
        }

    async def carry(self, event: Event, again: bool = False) -> None:
        """Have the target reflect `event`. Raises CallFailed when it does not, at once if the event cannot be read.

        Say `again` where an earlier attempt may have succeeded unheard, longer ago than a key lives.
        """
        self._surroundings.work_on(event)
        if event.schema != 1:
            event = self._reader.read(event)
        if self._several:  # it goes to the instance of the legal entity that it is about
            ENTITY.set(entity_of(event.body))
        await self._mappings[event.type](event, again or self._reads)

    async def makes(self, event: Event) -> bool:
        """Whether the event would have the target make a copy of its contract: nothing is known of one.

        Raises CallFailed where the target has to be asked.
        """
        if self._several:
            ENTITY.set(entity_of(event.body))
        known = await self._identity.known(self.target, CONTRACT_KINDS[self.target], event.key)
        return known is None

    async def is_made(self, event: Event) -> bool:
        """Whether the target has a copy of the event's contract. Raises CallFailed."""
        ENTITY.set(entity_of(event.body))
        return await look_up(self._caller, self.target, CONTRACT_KINDS[self.target], event.key) is not None

    async def undo(self, event: Event, reason: str) -> tuple[Change, ...]:
        """Have the target void its copy of the event's contract, if it has one; what is to be written then.

        Raises CallFailed if the target does not.
        """
        ENTITY.set(entity_of(event.body))
        known = await self._known(CONTRACT_KINDS[self.target], event.key, look=True)
        if known is None:
            return ()
        key = self._key("void", event.key, self._round(event.key).number)
        await self._caller.write(self.target, VOID[self.target](known.id, reason), event.key, key)
        return self._next_round(event.key, in_doubt=False)

    def doubting(self, event: Event) -> tuple[Change, ...]:
        """What is to be written when nobody knows whether the target has voided its copy, as no answer came."""
        return self._next_round(event.key, in_doubt=True)

    def _round(self, contract: str) -> Round:
        return self._rounds.get((self.target, contract), FIRST_ROUND)

    def _next_round(self, contract: str, *, in_doubt: bool) -> tuple[Change, ...]:
        round_ = Round(self._round(contract).number + 1, in_doubt)
        forgetting = self._identity.forgetting(self.target, CONTRACT_KINDS[self.target], contract)
        return (*forgetting, (ROUNDS, (self.target, contract), round_))

    def _key(self, flow: str, key: str, version: int = 1) -> str | None:
        return f"{flow}{self._onto}{key}:{version}" if self._keys else None

    def _contract_key(self, flow: str, state: Contract) -> str | None:
        key = self._key(flow, state.key, state.version)
        again = self._round(state.key).number if self._rounds else 1
        return key if key is None or again == 1 else f"{key}/{again}"

    def _may_be_there(self, event: Event) -> bool:
        """Whether to look before creating what an event is about, though this is its first attempt.

        Another event about the same may have been tried in vain, as far as is known, and set aside: an amendment
        comes after a signing, and whatever comes late after something else. Its key is another, or has expired.
        """
        if self._blind or not self._keys:
            return False
        if event.type not in FIRST:
            return True
        return self._clock._now - event.committed_us > UNHEARD_US

    async def _account(self, event: Event, look: bool) -> None:
        account: Account = event.body
        look = look or self._may_be_there(event)
        blind = self._blind and not look and event.type in NEW_ACCOUNTS
        known = None if blind else await self._known("customer", account.key, look)
        if known is None:
            await self._customer(account, look)
            return
        if look and account.party:  # it was made unheard, perhaps: nor does anybody know whose else it is
            await self._identity.keep(self.target, "customer", account.party, known)
        if event.type in ACCOUNT_CHANGES:
            await self._bring_up_to_date(known, account)

    async def _bring_up_to_date(self, known: Known, account: Account) -> None:
        """Have a customer bear what one of its accounts says."""
        key = self._key("account", account.key, account.version)
        request = UpdateCustomer(known.id, account.key, account.name, account.parent, account.version)
        await self._caller.write(self.target, request, account.key, key)
        await self._identity.keep(self.target, "customer", account.key, known)

    def _known(self, kind: str, key: str, look: bool) -> Coroutine[Any, Any, Known | None]:
        """The target's record for a key: remembered, or (`look`) if it is not, looked up in the target."""
        return self._looked_up(kind, key) if look else self._identity.known(self.target, kind, key)

    async def _looked_up(self, kind: str, key: str) -> Known | None:
        known = await self._identity.known(self.target, kind, key)
        if known is None:
            known = await look_up(self._caller, self.target, kind, key)
            if known is not None:
                await self._identity.keep(self.target, kind, key, known)
        return known

    # --- contracts -------------------------------------------------------------------------------

    async def _contract(self, event: Event, look: bool) -> None:
        state: Contract = event.body
        signed = event.type in NEW_CONTRACTS
        target, kind = self.target, CONTRACT_KINDS[self.target]
        if self._rounds:  # no copy was ever voided in most runs
            look = look or self._round(state.key).in_doubt
        seek = look or self._may_be_there(event)
        known = None if signed and self._blind and not look else await self._known(kind, state.key, seek)
        if known is not None and look and known.version == state.version:
            await self._identity.keep(target, kind, state.key, known)
        elif known is not None:
            await self._write_over(known, kind, state)
        elif self._blind and not signed:
            raise CallFailed(NOT_FOUND)
        else:
            key = self._contract_key("contract", state)
            made = await self._caller.write(target, await self._creation(state, key, seek), state.key, key)
            await self._identity.keep(target, kind, state.key, Known(made.id, made.revision, made.version))

    async def _write_over(self, known: Known, kind: str, state: Contract) -> None:
        """Have the copy bear this state; with revisions, unless it bears it already, or a newer one."""
        target, key = self.target, self._contract_key("amendment", state)
        while not (self._revisions and known.version >= state.version):
            revision = known.revision if self._revisions else None
            try:
                made = await self._caller.write(target, UPDATE[target](known.id, state, revision), state.key, key)
            except CallFailed as failed:
                if failed.response.status != 412:
                    raise
                found = await look_up(self._caller, target, kind, state.key)
                if found is None:
                    raise CallFailed(NOT_FOUND) from failed
                known = found
            else:
                known = Known(made.id, made.revision, made.version)
                break
        await self._identity.keep(target, kind, state.key, known)

    async def _creation(self, state: Contract, key: str | None, look: bool) -> Any:
        if self.target == "revenue":
            return revenue.CreateContract(state)
        if self.target == "projects":
            return projects.CreateProject(state)
        # The account was told of before; who else had it made may not have heard of it.
        told_before = self._keys and not self._blind and self.target in KEYS_EXPIRE
        customer = await self._ensured_customer(state.account, look or told_before)
        if self.target == "erp":
            return erp.CreateOrder(customer, state, key)
        return billing.CreateSubscription(customer, state)

    async def _ensured_customer(self, account: str, look: bool) -> str:
        known = await self._known("customer", account, look)
        if known is not None:
            return known.id
        return await self._customer(await self._caller.read("crm", crm.GetAccount(account), account), look)

    async def _customer(self, account: Account, look: bool) -> str:
        """Have the target make a customer of an account, unless another of the same party is one already.

        One that was asked for in vain for another account may be there, and its key have expired.
        """
        party = account.party if self._keys or not self._blind else ""
        look = look or self._identity.doubted(self.target, "customer", party)
        known = await self._known("customer", party, look) if party and not self._blind else None
        if known is not None:
            await self._bring_up_to_date(known, account)
            return known.id
        name, key = account.name, self._key("account", party or account.key)
        request: Any = billing.CreateCustomer(account.key, name, account.parent, party, account.version)
        if self.target == "erp":
            request = erp.UpsertCustomer(account.key, name, key, account.parent, party, account.version)
        try:
            made = await self._caller.write(self.target, request, account.key, key)
        except CallFailed:
            if party:
                await self._identity.doubt(self.target, "customer", party)
            raise
        for of_customer in (account.key, party) if party else (account.key,):
            await self._identity.keep(self.target, "customer", of_customer, Known(made.id))
        customer: str = made.id
        return customer

    # --- what was delivered, documents and entries -----------------------------------------------

    async def _fulfilment(self, event: Event, look: bool) -> None:
        fulfilment: Fulfilment = event.body
        if not look or not await self._is_there("fulfilment", fulfilment.key):
            key = self._key("fulfilment", fulfilment.key)
            await self._caller.write(self.target, RecordFulfilment(fulfilment), fulfilment.key, key)

    def _document(self, event: Event, look: bool) -> Coroutine[Any, Any, None]:
        invoice: Invoice = event.body
        key = self._key("document", invoice.id)
        if self.target == "revenue":
            return self._note_billing(invoice, key, look)
        document, day = invoice.id, invoice.day
        # By position, here and below: twice as fast as by name, and there is one for every document.
        request = erp.PostDocument(
            document, invoice.account, invoice.contract, invoice.currency, invoice.total_minor, day, day, key
        )
        return self._post(request, event, "document", look)

    async def _note_billing(self, invoice: Invoice, key: str | None, look: bool) -> None:
        if not look or not await self._is_there("document", invoice.id):
            note = revenue.RecordBilling(invoice.id, invoice.contract, invoice.total_minor)
            await self._caller.write("revenue", note, invoice.id, key)

    def _payment(self, event: Event, look: bool) -> Coroutine[Any, Any, None]:
        payment: Payment = event.body
        day, key = payment.day, self._key("payment", payment.id)
        request = erp.ApplyPayment(
            payment.id, payment.document, payment.account, payment.contract, payment.currency, payment.minor, day, day,
            key,
        )  # fmt: skip
        return self._post(request, event, "payment", look)

    def _recognition(self, event: Event, look: bool) -> Coroutine[Any, Any, None]:
        recognition: Recognition = event.body
        contract = recognition.contract
        item = self._surroundings.items.get(recognition.entity, {}) if self._several else {}
        earned = [
            (revenue_account(item.get(product, product)), contract, -minor) for product, minor in recognition.amounts
        ]
        day = self._surroundings.calendar.end_day(recognition.month) - 1
        postings = sides(CONTRACT_LIABILITY, contract, *earned)
        key = self._key("recognition", recognition.id)
        request = erp.PostJournal(recognition.id, contract, recognition.currency, day, day, postings, key)
        return self._post(request, event, "entry", look)

    async def _is_there(self, kind: str, key: str) -> bool:
        return bool(await self._caller.read(self.target, FINDERS[self.target, kind](key), key))

    async def _post(self, request: Any, event: Event, kind: str, look: bool) -> None:
        """Post in the period of the effective day or, once that is closed, today: the late event is not lost."""
        key = event.key
        if look and await self._is_there(kind, key):
            return
        try:
            await self._caller.write("erp", request, key)
        except CallFailed as failed:
            if failed.response.word != PERIOD_CLOSED or not self._may_post_late(event):
                raise
            self._surroundings.note("posted_late", "erp", key)
            late = replace(request, posting_day=self._surroundings.today())
            await self._caller.write("erp", late, key)

    def _may_post_late(self, event: Event) -> bool:
        desk = self._surroundings.desk
        return not self._asks or desk is None or desk.lets_post_late(event, "erp")
