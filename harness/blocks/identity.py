"""How a layer knows which record of a target belongs to a contract or account."""

from collections.abc import Mapping
from typing import Any, Protocol

from fakes import billing, erp, revenue
from harness.blocks.retry import Caller
from harness.blocks.store import Store

FINDERS: dict[tuple[str, str], Any] = {
    ("billing", "customer"): billing.FindCustomers,
    ("billing", "subscription"): billing.FindSubscriptions,
    ("erp", "customer"): erp.FindCustomers,
    ("erp", "order"): erp.FindOrders,
    ("revenue", "contract"): revenue.FindContracts,
}


class Identity(Protocol):
    """Finds and remembers the target's id for a business key."""

    async def known(self, system: str, kind: str, key: str) -> str | None:
        """The id of the record of this kind for `key`, if there is one to be found."""

    async def keep(self, system: str, kind: str, key: str, id_: str) -> None:
        """Remember that `key` has become record `id_`."""


class LookUp:
    """Remembers nothing and asks the target each time; of several answers it takes the oldest record."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def known(self, system: str, kind: str, key: str) -> str | None:
        found = await self._caller.read(system, FINDERS[system, kind](key), key)
        return found[0].id if found else None

    async def keep(self, system: str, kind: str, key: str, id_: str) -> None:
        pass


class CrossReference:
    """A durable table from business keys to the ids they have in each system; `opening` fills it."""

    def __init__(self, store: Store, opening: Mapping[tuple[str, str, str], str]) -> None:
        self._store = store
        self._ids = store.table("cross_reference")
        self._ids.update({**opening, **self._ids})

    async def known(self, system: str, kind: str, key: str) -> str | None:
        id_: str | None = self._ids.get((system, kind, key))
        return id_

    async def keep(self, system: str, kind: str, key: str, id_: str) -> None:
        await self._store.write(("cross_reference", (system, kind, key), id_))
