"""The records that the systems keep. Each belongs to one system; other systems hold copies of its ids.

Instants are microseconds of virtual time, days ordinals, months numbers (12 x year + month - 1). `applied`
maps each contract version a record has ever reflected to the instant at which it first did; a later
write of an older state shows in `state`, not in `applied`. `revision` counts the writes of a contract's copy.
A copy that was voided stays where it is, with its `void`; lists show live ones alone.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from msgspec import field
from msgspec.structs import replace

from fakes.agreements import Contract, Fulfilment
from sim.record import Record, Value


class Customer(Record):
    """A customer in billing or ERP; `account` is the CRM's key, unique only if the system makes it so.

    `also` are further accounts of the same customer; `applied` says by account and version when it was brought up to
    date.
    """

    id: str
    account: str
    name: str
    created_us: int
    parent: str = ""
    also: tuple[str, ...] = ()
    applied: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def accounts(self) -> tuple[str, ...]:
        """All of its accounts."""
        return (self.account, *self.also)


def as_is(customer: Customer) -> Customer:
    """A customer as it is now: what is told does not change any more."""
    return replace(customer, applied=dict(customer.applied))


def all_as_are(customers: Iterable[Customer]) -> list[Customer]:
    """Each customer as it is now, in their order."""
    return [as_is(customer) for customer in customers]


class Copy(Protocol):
    """A system's copy of a contract."""

    id: str
    state: Contract
    revision: int
    void: "Void | None"


AnyCopy = TypeVar("AnyCopy", bound=Copy)


class Void(NamedTuple):
    """That a record was voided: when, by whom, and why. What it was stays to be read."""

    at_us: int
    by: str
    reason: str


class Receipt(Value):
    """What a system tells a client of its copy of a contract: as it is at that instant, whatever becomes of it."""

    id: str
    contract: str
    revision: int
    version: int


def receipt(copy: Copy) -> Receipt:
    """The receipt for a copy as it is now."""
    state = copy.state
    return Receipt(copy.id, state.key, copy.revision, state.version)


def receipts(copies: Iterable[Copy]) -> list[Receipt]:
    """One for each live copy, in their order."""
    return [receipt(copy) for copy in copies if copy.void is None]


def oldest_live(copies: Iterable[AnyCopy]) -> AnyCopy | None:
    """Of a contract's copies in one system, oldest first, the one that is worked with: the first that is not void."""
    return next((copy for copy in copies if copy.void is None), None)


# --- billing -----------------------------------------------------------------------------------------

Charge: TypeAlias = tuple[int, int | str]
"""A version, and what it charges for: the number of a service period, a product, or the key of what was delivered."""


class Subscription(Record):
    """Billing's copy of a contract. `billed` is what was invoiced less credited, by (version, what for).

    `rendered` is what billing was told to have been delivered. `settled` is what of `billed` an acquired contract's
    former owner did.
    """

    id: str
    customer: str
    state: Contract
    created_us: int
    applied: dict[int, int]
    billed: dict["Charge", int] = field(default_factory=dict)
    rendered: list[Fulfilment] = field(default_factory=list)
    settled: dict["Charge", int] = field(default_factory=dict)
    next_period: int = 0
    revision: int = 1
    void: Void | None = None

    @property
    def contract(self) -> str:
        return self.state.key


class ChargeLine(Record):
    """One charge of an invoice or credit memo: what `version` adds for service period `period`.

    For what is no service period it is the product that is invoiced at the start, or the key of what was delivered.
    """

    version: int
    period: int | str
    from_day: int
    to_day: int
    minor: int


class Rendered(Record):
    """A note in billing or revenue of what was delivered."""

    id: str
    fulfilment: Fulfilment
    recorded_us: int

    @property
    def key(self) -> str:
        return self.fulfilment.key


class Invoice(Record):
    """An invoice, or a credit memo if `total_minor` is negative. Issued for good: never changed."""

    id: str
    subscription: str
    contract: str
    account: str
    currency: str
    day: int
    due_us: int
    issued_us: int
    lines: tuple[ChargeLine, ...]
    total_minor: int
    entity: str = ""

    @property
    def kind(self) -> str:
        return "invoice" if self.total_minor >= 0 else "credit_memo"


class Payment(Record):
    """What a customer paid for a document, or (negative) was paid back for it, as the bank reports it. For good.

    It is in full, and there is one for a document. `day` is that of its arrival.
    """

    id: str
    document: str
    contract: str
    account: str
    currency: str
    minor: int
    day: int
    received_us: int
    entity: str = ""

    @property
    def kind(self) -> str:
        return "payment" if self.minor >= 0 else "refund"


# --- ERP ---------------------------------------------------------------------------------------------


class SalesOrder(Record):
    """ERP's copy of a contract's commitment."""

    id: str
    customer: str
    external_id: str | None
    state: Contract
    created_us: int
    applied: dict[int, int]
    revision: int = 1
    void: Void | None = None

    @property
    def contract(self) -> str:
        return self.state.key


Posting: TypeAlias = tuple[str, str, int]
"""One side of a journal entry: its account, the contract or customer's account it is about, and minor units.

A debit is positive, a credit negative. A plain tuple: there are more of them than of anything else.
"""


class JournalEntry(Record):
    """A balanced entry in the ledger. `source` is `receivables`, `revenue`, `cash`, `opening` or `manual`.

    `reference` is its document, of cash the payment's id; of a manual one what it adjusts. One that takes another back
    has its source and reference, and `reverses` is the other's id.
    """

    id: str
    source: str
    reference: str
    contract: str
    currency: str
    period: int
    effective_day: int
    posted_us: int
    postings: tuple[Posting, ...]
    reverses: str = ""


class OpenItem(Record):
    """An invoice or credit memo in accounts receivable. `document` is billing's id, `paid_minor` the cash applied."""

    id: str
    external_id: str | None
    document: str
    customer: str
    contract: str
    total_minor: int
    day: int
    period: int
    journal_entry: str
    posted_us: int
    paid_minor: int = 0

    @property
    def open_minor(self) -> int:
        return self.total_minor - self.paid_minor


class CashReceipt(Record):
    """A payment or (negative) refund in ERP's cash. `payment` and `document` are billing's ids."""

    id: str
    external_id: str | None
    payment: str
    document: str
    account: str
    contract: str
    minor: int
    day: int
    period: int
    journal_entry: str
    posted_us: int


class Application(NamedTuple):
    """All of a cash receipt applied to an open item, by the receipt's own journal entry or a later one. For good."""

    receipt: str
    item: str
    minor: int
    period: int
    journal_entry: str
    applied_us: int


class Reminder(NamedTuple):
    """A dunning letter about an overdue open item, of level 1 to 3."""

    item: str
    document: str
    account: str
    level: int
    day: int
    sent_us: int


# --- revenue -----------------------------------------------------------------------------------------


class RevenueContract(Record):
    """The revenue engine's copy of a contract, its price allocated to obligations and what is recognised of it.

    `allocated` and `recognised` are minor units by (version, product); the latter is up to date before the day
    `recognised_to`, which a change of the state sets back to 0. `rendered` is what it was told to have been delivered,
    `settled` what of `recognised` an acquired contract's former owner earned.
    """

    id: str
    state: Contract
    created_us: int
    applied: dict[int, int]
    allocated: dict[tuple[int, str], int] = field(default_factory=dict)
    recognised: dict[tuple[int, str], int] = field(default_factory=dict)
    recognised_to: int = 0
    rendered: list[Fulfilment] = field(default_factory=list)
    settled: dict[tuple[int, str], int] = field(default_factory=dict)
    revision: int = 1
    void: Void | None = None

    @property
    def contract(self) -> str:
        return self.state.key


class Recognition(Record):
    """What one run of the engine recognised for one contract and month, by product. Issued for good."""

    id: str
    revenue_contract: str
    contract: str
    currency: str
    month: int
    run: int
    amounts: tuple[tuple[str, int], ...]
    total_minor: int
    run_us: int
    entity: str = ""


class BilledDocument(Record):
    """Billing's word to the revenue engine that it has invoiced or credited a contract."""

    id: str
    document: str
    contract: str
    total_minor: int
    recorded_us: int


# --- projects ----------------------------------------------------------------------------------------


class Project(Record):
    """The project system's copy of a contract for services."""

    id: str
    state: Contract
    created_us: int
    applied: dict[int, int]
    revision: int = 1
    void: Void | None = None

    @property
    def contract(self) -> str:
        return self.state.key
