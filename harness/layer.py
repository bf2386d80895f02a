"""What an integration layer is: it is told of events, it calls systems, and it keeps what it must not forget.

A layer names its endpoints; the harness subscribes them and tells them of events. Everything a layer does to
the world goes through its `Surroundings`. Options are its switches, each with a default and a line of help.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Protocol, TypeVar

from fakes.agreements import Items
from fakes.company import Company
from harness.mappings import Mappings
from harness.people import Desk
from harness.store import Store
from harness.work_log import WorkLog
from sim.calendar import FiscalCalendar
from sim.chance import Stream
from sim.clock import Clock
from sim.delivery import Event, Handler
from sim.incarnation import Incarnation
from sim.network import CAUSE, Server, Wire
from sim.readings import Reading

NEW_ACCOUNTS = frozenset({"account_opened"})
ACCOUNT_CHANGES = frozenset({"account_changed"})
ACCOUNT_EVENTS = NEW_ACCOUNTS | ACCOUNT_CHANGES
STATEMENTS_OF_WORK = frozenset({"sow_signed"})
NEW_CONTRACTS = frozenset({"contract_signed"}) | STATEMENTS_OF_WORK
CONTRACT_EVENTS = NEW_CONTRACTS | {"contract_amended", "contract_cancelled"}
CHANGE_ORDERS = frozenset({"change_order_approved"})
AGREEMENT_EVENTS = CONTRACT_EVENTS | CHANGE_ORDERS
USAGE_EVENTS = frozenset({"usage_reported"})
WORK_EVENTS = frozenset({"time_approved", "milestone_accepted"})
FULFILMENT_EVENTS = USAGE_EVENTS | WORK_EVENTS
DOCUMENT_EVENTS = frozenset({"invoice_issued", "credit_memo_issued"})
PAYMENT_EVENTS = frozenset({"payment_received", "refund_paid"})
RECOGNITION_EVENTS = frozenset({"revenue_recognised"})

ROUTES: Mapping[tuple[str, str], frozenset[str]] = {
    ("crm", "billing"): ACCOUNT_EVENTS | CONTRACT_EVENTS,
    ("crm", "erp"): ACCOUNT_EVENTS | CONTRACT_EVENTS,
    ("crm", "revenue"): CONTRACT_EVENTS,
    ("crm", "projects"): STATEMENTS_OF_WORK,
    ("billing", "erp"): DOCUMENT_EVENTS | PAYMENT_EVENTS,
    ("billing", "revenue"): DOCUMENT_EVENTS | USAGE_EVENTS,
    ("revenue", "erp"): RECOGNITION_EVENTS,
    ("projects", "billing"): WORK_EVENTS | CHANGE_ORDERS,
    ("projects", "erp"): CHANGE_ORDERS,
    ("projects", "revenue"): WORK_EVENTS | CHANGE_ORDERS,
}
"""Which events of a source must reach which target, where both are there: the business that every layer carries."""

TARGETS = tuple(sorted({target for _, target in ROUTES}))
"""The systems that something must reach."""


def told_of(routes: Mapping[tuple[str, str], frozenset[str]]) -> Mapping[str, frozenset[str]]:
    """The types of event that each source tells of, if they are to go these ways."""
    return {
        source: frozenset().union(*(types for (from_, _), types in routes.items() if from_ == source))
        for source in dict.fromkeys(source for source, _ in routes)
    }


TOLD: Mapping[str, frozenset[str]] = told_of(ROUTES)
"""The types of event that each source tells of."""


@dataclass(frozen=True, slots=True)
class Option:
    """A switch of a layer: its default, the values it takes, and what it is for.

    A safeguard also says what it `protects` from, which value takes it away (`without`), and which kinds of fault
    put it to the test (`against`; none if it is there for no fault's sake).
    """

    default: str
    choices: tuple[str, ...]
    help: str
    protects: str = ""
    without: str = ""
    against: tuple[str, ...] = ()

    @property
    def guards(self) -> bool:
        """Whether it is a safeguard that the layer has unless told otherwise."""
        return bool(self.without) and self.default != self.without


MODES = ("webhook", "outbound", "outbox", "read")
"""How a layer learns of changes: told by webhook, by outbound message or through an outbox; or it reads by itself."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a layer wants to be told: of which events of which source. It serves `targets`, by default all.

    By `mode` it is told, or reads by itself: then `Surroundings.readings` has its account under `name`.
    """

    name: str
    source: str
    types: frozenset[str]
    handler: Handler
    targets: frozenset[str] = frozenset(TARGETS)
    mode: str = "webhook"


@dataclass(slots=True)
class LayerCounts:
    """What a layer did with what it could not simply carry through."""

    retries: int = 0
    dropped: int = 0
    dead_lettered: int = 0
    parked: int = 0
    replayed: int = 0
    skipped_repeats: int = 0
    skipped_superseded: int = 0
    held_for_order: int = 0
    out_of_balance: int = 0
    compensations: int = 0


@dataclass(slots=True)
class FacadeCounts:
    """What a façade did with the calls to one system; `halts` are its pauses after a 429, `narrowed` its cuts."""

    waits: int = 0
    waited_us: int = 0
    sheds: int = 0
    halts: int = 0
    halted_us: int = 0
    narrowed: int = 0
    breaker_opened: int = 0
    breaker_open_us: int = 0
    breaker_refused: int = 0
    cache_hits: int = 0
    cache_misses: int = 0
    cache_changed: int = 0
    retries_denied: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """What was carried before the run: each record's id by (system, kind, business key), each contract's version."""

    ids: Mapping[tuple[str, str, str], str]
    versions: Mapping[str, int]


@dataclass
class Surroundings:
    """The world as a layer sees it: virtual time, the systems' servers, named chance, a store, and a note book.

    What is in `store` outlives the layer; `life` is the layer's own, where it is to be killed. `mappings` are those of
    the layer, as its team keeps them up with what the sources tell. `facade` has the counts of its façade by system;
    it is empty if there is none. `readings` are the accounts of the endpoints that read by themselves: say there what
    was taken in, and what is passed over for good. At the `desk`, if there is one, people see to what systems refuse
    for a business reason; `work_log` is for the harness to measure by. `items` is the integration's table of the item
    codes of those ERPs that have a catalogue of their own. `outside` is the world of what is not written for us:
    a foreign program's town, or the post that reaches whoever calls a served world.
    """

    wire: Wire
    calendar: FiscalCalendar
    servers: Mapping[str, Server]
    seed: int
    opening: Opening = field(default_factory=lambda: Opening({}, {}))
    counts: LayerCounts = field(default_factory=LayerCounts)
    store: Store = field(default_factory=Store)
    life: Incarnation | None = None
    readings: dict[str, Reading] = field(default_factory=dict)
    mappings: Mappings = field(default_factory=Mappings)
    facade: dict[str, FacadeCounts] = field(default_factory=dict)
    desk: Desk | None = None
    work_log: WorkLog = field(default_factory=WorkLog)
    items: Items = field(default_factory=dict)
    outside: object = None

    @cached_property
    def routes(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Those of ROUTES between systems that are there."""
        servers = self.servers
        return {way: types for way, types in ROUTES.items() if way[0] in servers and way[1] in servers}

    @property
    def targets(self) -> Sequence[str]:
        """The systems that are there and that something must reach."""
        return [target for target in TARGETS if target in self.servers]

    @property
    def told(self) -> Mapping[str, frozenset[str]]:
        """The types of event that each source tells of that is there, as far as they must reach another that is."""
        return told_of(self.routes)

    @property
    def clock(self) -> Clock:
        """The virtual clock: what is spawned there ends with the layer's life."""
        return self.life.clock if self.life else self.wire.clock

    def stream(self, purpose: str) -> Stream:
        """Draws for one purpose of the layer's own."""
        return Stream(self.seed, f"layer/{purpose}")

    def today(self) -> int:
        """The local day, as an ordinal."""
        return self.calendar.day_of(self.wire.clock.now)

    def work_on(self, event: Event) -> None:
        """From here on this task, and what it spawns, works on `event`: calls and notes are put down to it.

        A handler works on what it is told of. A worker takes one event after the other, and says each time which.
        """
        if CAUSE.get() != event.id:  # to set it takes several times as long
            CAUSE.set(event.id)

    def note(self, what: str, where: str, key: str) -> None:
        """Write a decision of the layer into the trace."""
        self.wire.trace.notes.append((self.wire.clock.now, CAUSE.get(), what, where, key))


class SetAside(Protocol):
    """An event that a target refused, and that waits somewhere in the layer."""

    @property
    def event(self) -> Event: ...

    @property
    def target(self) -> str: ...

    @property
    def reason(self) -> str:
        """The word with which it was refused."""

    @property
    def since_us(self) -> int:
        """When it was set aside."""


Waiting = TypeVar("Waiting", bound=SetAside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which of the things set aside are meant: all of them, less what a filter keeps out."""

    target: str | None = None
    types: frozenset[str] = frozenset()
    reason: str | None = None
    older_than_us: int = 0
    limit: int | None = None

    def of(self, waiting: Sequence[Waiting], now_us: int) -> Sequence[Waiting]:
        """Those of them that are meant, in their order."""
        meant = [
            each
            for each in waiting
            if self.target in {None, each.target}
            and (not self.types or each.event.type in self.types)
            and self.reason in {None, each.reason}
            and now_us - each.since_us >= self.older_than_us
        ]
        return meant[: self.limit]


class Layer(ABC):
    """An integration layer. Subclasses say where they want to be told, and what they do then.

    `WHY` says of an option why its default is not the one that other layers have, or why a switch is not there.
    `SETTINGS` are what it is set to beside its options, each with the reason; names that end in `_us` are spans.
    """

    NAME: ClassVar[str]
    SUMMARY: ClassVar[str]
    OPTIONS: ClassVar[Mapping[str, Option]] = {}
    WHY: ClassVar[Mapping[str, str]] = {}
    SETTINGS: ClassVar[Mapping[str, tuple[int | tuple[int, ...], str]]] = {}

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        self.surroundings = surroundings
        self.options = options

    @classmethod
    def around(cls, company: Company, surroundings: Surroundings) -> AbstractContextManager[None]:
        """What has to be in place while layers of this class run."""
        return nullcontext()

    @abstractmethod
    def endpoints(self) -> Sequence[Endpoint]:
        """The endpoints to subscribe, once, before the run begins."""

    def start(self) -> None:  # noqa: B027  # most layers have something to begin; one that has not need not say so
        """Begin whatever works by itself: workers, consumers, timers."""

    def held(self) -> Sequence[tuple[Event, str]]:
        """The events still in the layer's hands, each with the target it is to reach.

        Asked before `start`, those that it finds in its store.
        """
        return ()

    def parked(self) -> Sequence[tuple[Event, str]]:
        """Those of them that their target refused, and that wait for better times or for a person."""
        return ()

    def remarks(self) -> Sequence[str]:
        """What whoever reads of the run should know of the layer, in sentences."""
        return ()

    def replay(self, selection: Selection) -> None:  # noqa: B027  # who sets nothing aside has nothing to replay
        """Carry again what is selected of what was set aside."""


def contract_of(event: Event) -> str:
    """The key that keeps an event in order with others: its contract's, or its account's."""
    body: Any = event.body
    contract: str = getattr(body, "contract", event.key)
    return contract
