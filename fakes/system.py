"""One system in the world: its core behind a server, which tells its subscribers of what is new."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fakes.billing import GetPayment
from fakes.bulk import CHECKING, LOADING, BulkDoor
from fakes.changes import READING, ChangeLog
from fakes.erp import ApplyPayment, FindPayments
from fakes.names import KEY_LIFETIME_US, kind_of
from fakes.news import News
from fakes.records import Copy, Invoice
from fakes.service import OF_EVERY_SYSTEM, Operations, Service
from sim.chance import Distribution, Stream, constant
from sim.delivery import DeliveryPolicy, Publisher
from sim.faults import CallFault, Fault, Watch, outages_of
from sim.network import Server, Station, Wire

OF_PAYMENTS = (GetPayment, ApplyPayment, FindPayments)
"""What is asked for only where customers pay."""

AT_ONCE = constant(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How one system works and tells: its station, its delivery policy, the lags of its search index and changes."""

    station: Station
    delivery: DeliveryPolicy
    index_lag: Distribution
    change_lag: Distribution = AT_ONCE


class Core(Protocol):
    """What the world needs of a system's core."""

    @property
    def operations(self) -> Operations:
        """What can be asked of it."""

    @property
    def news(self) -> list[News] | None:
        """What it has to tell, as it writes it down; None of one that tells of nothing."""


class System:
    """One system in the world: a core, its server, and the publisher of its news.

    Its changes can be read, too, and it can be loaded in bulk. `copies` are its copies of contracts by id.
    """

    def __init__(
        self,
        wire: Wire,
        name: str,
        core: Core,
        setup: Setup,
        faults: Sequence[Fault],
        seed: int,
        copies: Mapping[str, Copy] | None = None,
    ) -> None:
        self.name = name
        self.outages = outages_of(faults, name)
        self._news = [] if core.news is None else core.news
        operations = {**core.operations, **OF_EVERY_SYSTEM}
        asked = {request: operation.word for request, operation in operations.items()}
        self.service = service = Service(operations, KEY_LIFETIME_US[kind_of(name)], self._news, self.tell)
        self.server = Server(
            wire,
            name,
            serve=service.serve,
            operations={request: word for request, word in asked.items() if request not in OF_PAYMENTS},
            station=setup.station,
            watch=Watch(fault for fault in faults if fault.target == name and isinstance(fault, CallFault)),
            stream=Stream(seed, "calls"),
            rare={**READING, **CHECKING, **{request: asked[request] for request in OF_PAYMENTS if request in asked}},
            bulk=LOADING,
        )
        self.publisher = Publisher(
            wire, name, policy=setup.delivery, faults=faults, stream=Stream(seed, f"deliveries/{name}")
        )
        self.changes = ChangeLog(self.publisher, setup.change_lag, Stream(seed, f"changes/{name}"))
        loads = Stream(seed, f"partial loads/{name}")
        self.bulk = BulkDoor(wire, name, service.serve, {} if copies is None else copies, faults, loads)
        aside = {
            **(self.changes.operations if core.news is not None else {}),
            **(self.bulk.operations if copies is not None else {}),
        }
        service.offer(aside)
        self.operations: Operations = {**operations, **aside}

    def tell(self) -> None:
        """Publish what the core has written down since the last time."""
        self.publisher.publish_all(self._news)
        self._news.clear()
        if self.publisher.followers:
            self.publisher.hand_over()

    def trouble(self, fault: Fault, *, known: bool) -> None:
        """Have a fault strike from now on as its window has come to say; one that is not `known` yet is new."""
        if not known:
            self.outages = outages_of((*self.outages, fault), self.name)
        self.server.trouble(fault, known=known)
        self.publisher.trouble(fault, known=known)


class Invoicing(System):
    """Billing where customers pay: they get what it issues, as its subscribers do."""

    issued: Callable[[Invoice], None]

    def tell(self) -> None:
        """Publish what the core has written down, and send customers their documents."""
        documents = [news.body for news in self._news if isinstance(news.body, Invoice)]
        super().tell()
        for document in documents:
            self.issued(document)
