"""How a layer knows which record of a target belongs to a contract or account, and at which revision it is."""

from collections.abc import Coroutine, Mapping
from typing import Any, Protocol

from fakes import billing, erp, projects, revenue
from fakes.fulfilments import FindFulfilments
from harness.blocks.retry import Caller
from harness.layer import Opening
from harness.store import Change, Store
from sim.record import Value

FINDERS: dict[tuple[str, str], Any] = {
    ("billing", "customer"): billing.FindCustomers,
    ("billing", "subscription"): billing.FindSubscriptions,
    ("erp", "customer"): erp.FindCustomers,
    ("erp", "order"): erp.FindOrders,
    ("revenue", "contract"): revenue.FindContracts,
    ("erp", "document"): erp.FindDocuments,
    ("erp", "payment"): erp.FindPayments,
    ("erp", "entry"): erp.FindJournals,
    ("revenue", "document"): revenue.FindBillings,
    ("projects", "project"): projects.FindProjects,
    ("billing", "fulfilment"): FindFulfilments,
    ("revenue", "fulfilment"): FindFulfilments,
}
"""What asks a target for its records of a kind, by business key."""

CONTRACT_KINDS: Mapping[str, str] = {
    "billing": "subscription",
    "erp": "order",
    "revenue": "contract",
    "projects": "project",
}
"""What a contract becomes in each target."""

TABLE = "cross_reference"

DOUBTS = "doubted_references"
"""The table of those keys for which a record was asked for in vain, as far as is known."""


class Known(Value):
    """A target's record: its id, and for a contract's copy the revision and version it was last seen at."""

    id: str
    revision: int = 0
    version: int = 0


async def look_up(caller: Caller, system: str, kind: str, key: str) -> Known | None:
    """What the target says it has for a business key; of several records the oldest. Raises CallFailed."""
    found = await caller.read(system, FINDERS[system, kind](key), key)
    if not found:
        return None
    oldest = found[0]
    if kind == "customer":
        return Known(oldest.id)
    return Known(oldest.id, oldest.revision, oldest.version)


class Identity(Protocol):
    """Finds and remembers the target's record for a business key."""

    def known(self, system: str, kind: str, key: str) -> Coroutine[Any, Any, Known | None]:
        """The record of this kind for `key`, if there is one to be found."""

    async def keep(self, system: str, kind: str, key: str, record: Known) -> None:
        """Remember that `key` has become this record."""

    def forgetting(self, system: str, kind: str, key: str) -> tuple[Change, ...]:
        """What forgets the record of `key`, if one is remembered."""

    async def doubt(self, system: str, kind: str, key: str) -> None:
        """Take note that a record may have been made for `key`, of which nobody has heard."""

    def doubted(self, system: str, kind: str, key: str) -> bool:
        """Whether to ask the target for the record of `key` before one is made: there may be one, unheard of."""


class LookUp:
    """Remembers nothing and asks the target each time; of several answers it takes the oldest record."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def known(self, system: str, kind: str, key: str) -> Coroutine[Any, Any, Known | None]:
        return look_up(self._caller, system, kind, key)

    async def keep(self, system: str, kind: str, key: str, record: Known) -> None:
        pass

    def forgetting(self, system: str, kind: str, key: str) -> tuple[Change, ...]:
        return ()

    async def doubt(self, system: str, kind: str, key: str) -> None:
        pass

    def doubted(self, system: str, kind: str, key: str) -> bool:
        return False  # it asks in any case


class CrossReference:
    """Durable tables from business keys to records, one for each kind of a system; `opening` fills them."""

    def __init__(self, store: Store, opening: Opening) -> None:
        self._store = store
        self._tables = _Tables(store)
        self._doubts = store.table(DOUBTS)
        versions = opening.versions
        for (system, kind, key), id_ in opening.ids.items():
            table, records = self._tables[system, kind]
            if key not in records:
                store.put((table, key, Known(id_, 1, versions.get(key, 0))))

    async def known(self, system: str, kind: str, key: str) -> Known | None:
        _, records = self._tables[system, kind]
        return records.get(key)

    async def keep(self, system: str, kind: str, key: str, record: Known) -> None:
        table, records = self._tables[system, kind]
        if records.get(key) != record:
            await self._store.write((table, key, record))

    def forgetting(self, system: str, kind: str, key: str) -> tuple[Change, ...]:
        return ((self._tables[system, kind][0], key, None),)

    async def doubt(self, system: str, kind: str, key: str) -> None:
        if not self.doubted(system, kind, key):
            await self._store.write((DOUBTS, (system, kind, key), True))

    def doubted(self, system: str, kind: str, key: str) -> bool:
        return (system, kind, key) in self._doubts


class _Tables(dict[tuple[str, str], tuple[str, Mapping[str, Known]]]):
    """The name and the rows of each cross-reference's table, by system and kind."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    def __missing__(self, place: tuple[str, str]) -> tuple[str, Mapping[str, Known]]:
        name = "/".join((TABLE, *place))
        found = self[place] = name, self._store.table(name)
        return found
