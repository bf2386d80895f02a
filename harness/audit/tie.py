"""What all links of the chain share: the two sides, the instant, and which of several records is the one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from fakes.agreements import Fulfilment
from fakes.records import Customer, Invoice, JournalEntry, Project, RevenueContract, SalesOrder, Subscription
from harness.audit.books import Books
from harness.audit.breaks import Kind
from harness.oracle import Expected

C = TypeVar("C", Subscription, SalesOrder, RevenueContract, Project)


@dataclass(slots=True)
class Tie:
    """Expected and actual at `at_us`. What is missing for up to `sla_us` and still queued is on its way, not lost.

    `queued` are the events still in somebody's hands: (flow or its target, key, version). `documents` are billing's
    of the run, by id; `repeated` those that bear an id used before. The run's entries in the ledger are split into
    those of `receivables`, `revenue` and `cash` that name a document, and all others, which `stand_alone`; apart from
    these are the `reversed` ones, each with the entry that took it back. Of copies only the live ones count.
    `delivered` is what was delivered, by key, and `noted_us` when the engine first noted it in the run, if it has.
    """

    expected: Expected
    books: Books
    at_us: int
    sla_us: int
    queued: Collection[tuple[str, str, int]]
    documents: dict[str, Invoice] = field(init=False)
    repeated: list[Invoice] = field(init=False)
    receivables: list[JournalEntry] = field(init=False)
    revenue: list[JournalEntry] = field(init=False)
    cash: list[JournalEntry] = field(init=False)
    stand_alone: list[JournalEntry] = field(init=False)
    reversed: list[tuple[JournalEntry, JournalEntry]] = field(init=False)
    subscriptions: dict[str, list[Subscription]] = field(init=False)
    orders: dict[str, list[SalesOrder]] = field(init=False)
    revenue_contracts: dict[str, list[RevenueContract]] = field(init=False)
    projects: dict[str, list[Project]] = field(init=False)
    delivered: dict[str, Fulfilment] = field(init=False)
    noted_us: dict[str, int] = field(init=False)
    _queued: set[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.documents, self.repeated = {}, []
        for invoice in self.books.invoices:
            if invoice.issued_us > 0:
                if invoice.id in self.documents:
                    self.repeated.append(invoice)
                else:
                    self.documents[invoice.id] = invoice
        self.receivables, self.revenue, self.cash, self.stand_alone = [], [], [], []
        self.reversed = reversals(self.books.journal)
        apart = {entry.id for pair in self.reversed for entry in pair}
        for entry in self.books.journal:
            if entry.posted_us > 0 and not (apart and entry.id in apart):
                source = entry.source
                if source == "revenue" and entry.reference:
                    self.revenue.append(entry)
                elif source == "receivables" and entry.reference:
                    self.receivables.append(entry)
                elif source == "cash" and entry.reference:
                    self.cash.append(entry)
                elif not self.expected.takes_over(source, entry.contract):
                    self.stand_alone.append(entry)
        self.subscriptions = _by_contract(self.books.subscriptions)
        self.orders = _by_contract(self.books.orders)
        self.revenue_contracts = _by_contract(self.books.revenue_contracts)
        self.projects = _by_contract(self.books.projects)
        self.delivered = {one.key: one for several in self.expected.rendered.values() for one in several}
        self.noted_us = {}
        for note in self.books.revenue_rendered:
            self.noted_us[note.key] = min(note.recorded_us, self.noted_us.get(note.key, note.recorded_us))
        self._queued = {(flow.rpartition("->")[2], key) for flow, key, _ in self.queued}

    def absent(self, kind: Kind, due_us: int, target: str, key: str) -> Kind:
        """`kind` for what `target` has been missing since `due_us`, or a timing difference.

        That it is while the event about `key` is still queued, and no longer than the SLA allows.
        """
        on_its_way = self.at_us - due_us <= self.sla_us and (target, key) in self._queued
        return "timing_difference" if on_its_way else kind

    def whereabouts(self, target: str, key: str) -> str:
        """A clause to end a sentence with, on where the event of something missing in `target` is."""
        return "; its event is still queued" if (target, key) in self._queued else ""


def reversals(journal: Iterable[JournalEntry]) -> list[tuple[JournalEntry, JournalEntry]]:
    """Each entry that another one takes back, to the cent, with that other one, in the order of taking back."""
    takers = [entry for entry in journal if entry.reverses]
    if not takers:
        return []
    entries = {entry.id: entry for entry in journal}
    return [
        (entries[taker.reverses], taker)
        for taker in takers
        if taker.reverses in entries and _opposite(entries[taker.reverses], taker)
    ]


def _opposite(one: JournalEntry, other: JournalEntry) -> bool:
    return [(account, subject, -minor) for account, subject, minor in one.postings] == list(other.postings)


def source_of(one: Fulfilment) -> str:
    """The system that tells of something delivered: usage is metered where it is billed."""
    return "billing" if one.metered else "projects"


class Parties:
    """Whose customer is whose, in one system."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        self.account_of = {customer.id: customer.account for customer in customers}
        self._also = {customer.id: customer.also for customer in customers if customer.also}

    def right(self, customer: str, account: str) -> bool:
        """Whether the customer is the account's. Of an account without any, that is what is wrong, not the customer."""
        found = self.account_of.get(customer)
        if found == account or account in self._also.get(customer, ()):
            return True
        return found is None and account not in self._accounts

    @cached_property
    def _accounts(self) -> frozenset[str]:
        return frozenset(self.account_of.values())


def _by_contract(copies: Iterable[C]) -> dict[str, list[C]]:
    """The live copies of each contract, the one that counts first: of the newest version, and of these the oldest."""
    found: dict[str, list[C]] = {}
    for copy in copies:
        if copy.void is not None:
            continue
        several = found.get(copy.state.key)
        if several is None:
            found[copy.state.key] = [copy]
        else:
            several.append(copy)
    for several in found.values():
        if len(several) > 1:
            several.sort(key=lambda copy: (-copy.state.version, copy.created_us))
    return found
