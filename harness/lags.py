"""When each business event was first reflected in each target: read from the records after the run.

A *flow* is one kind of change on its way to one target. An event's lag there is the instant at which the
target first reflected its version, or a newer one, less the instant at which the source committed it.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from fakes.agreements import Contract
from fakes.company import Company
from fakes.records import Customer, JournalEntry, Rendered, Void
from harness.layer import (
    ACCOUNT_CHANGES,
    CHANGE_ORDERS,
    CONTRACT_EVENTS,
    DOCUMENT_EVENTS,
    NEW_ACCOUNTS,
    PAYMENT_EVENTS,
    RECOGNITION_EVENTS,
    ROUTES,
    STATEMENTS_OF_WORK,
    USAGE_EVENTS,
    WORK_EVENTS,
)
from sim.delivery import Event

K = TypeVar("K")

Instants = npt.NDArray[np.int64]

NOT_YET_US = 1 << 62
"""The instant at which a target reflects what it has not reflected by the end of the run."""

_TYPES: Mapping[str, frozenset[str]] = {
    "account": NEW_ACCOUNTS,
    "account_change": ACCOUNT_CHANGES,
    "contract": CONTRACT_EVENTS - STATEMENTS_OF_WORK,
    "amendment": CONTRACT_EVENTS - STATEMENTS_OF_WORK,
    "statement_of_work": STATEMENTS_OF_WORK,
    "change_order": CHANGE_ORDERS,
    "usage": USAGE_EVENTS,
    "work": WORK_EVENTS,
    "invoice": DOCUMENT_EVENTS,
    "payment": PAYMENT_EVENTS,
    "recognition": RECOGNITION_EVENTS,
}

TARGETS: Mapping[str, tuple[str, ...]] = {
    subject: tuple(target for (_, target), carried in ROUTES.items() if types <= carried)
    for subject, types in _TYPES.items()
}
"""The targets that must reflect a business event, by its subject."""

SOMETIMES = ("account_change", "statement_of_work", "change_order", "usage", "work", "payment")
"""The subjects of companies that sell more than subscriptions, or are paid."""

FLOWS = tuple(f"{subject}->{target}" for subject, targets in TARGETS.items() for target in targets)


@dataclass(frozen=True, slots=True, eq=False)
class BusinessEvents:
    """The business events of one subject in the order of commit, and when each target first reflected them.

    All arrays have one entry an event, in microseconds; NOT_YET_US where a target has not reflected it. `told` are
    the events themselves.
    """

    subject: str
    committed_us: Instants
    reflected_us: Mapping[str, Instants]
    told: Sequence[Event] = ()

    @property
    def everywhere_us(self) -> Instants:
        """The instants from which every target reflected them."""
        everywhere: Instants = np.maximum.reduce(list(self.reflected_us.values()))
        return everywhere

    def unreflected(self) -> Iterator[tuple[str, Event]]:
        """Each event with each target that does not reflect it by the end of the run."""
        for target, instants in self.reflected_us.items():
            for place in np.flatnonzero(instants == NOT_YET_US).tolist():
                yield target, self.told[place]

    def in_target(self, target: str) -> "BusinessEvents":
        """The same events, as far as one target is concerned."""
        return BusinessEvents(self.subject, self.committed_us, {target: self.reflected_us[target]})

    def since(self, from_us: int) -> "BusinessEvents":
        """Those committed from `from_us` on."""
        late = self.committed_us >= from_us
        reflected = {target: instants[late] for target, instants in self.reflected_us.items()}
        return BusinessEvents(self.subject, self.committed_us[late], reflected)


def subject_of(event: Event) -> str:
    """What an event is about, as the names of flows have it."""
    subject = _SUBJECT[event.type]
    return "amendment" if subject == "contract" and event.version != 1 else subject


def of_business(event: Event) -> bool:
    """Whether an event is one of the business, and not a product's own: of a record that a client has changed."""
    return event.type in _SUBJECT


_SUBJECT: Mapping[str, str] = {
    type_: subject for subject, types in _TYPES.items() if subject != "amendment" for type_ in types
}


def business_events(company: Company) -> list[BusinessEvents]:
    """Every business event of a run, by subject."""
    told, by_key, by_version = _told(company), _by_key(company), _by_version(company)
    events = []
    for subject, targets in TARGETS.items():
        ours = told[subject]
        if not ours and subject in SOMETIMES:
            continue
        keys: list[Hashable] = [event.key for event in ours]
        if subject == "account_change":
            keys = [(event.key, event.version) for event in ours]
        reflected: dict[str, Instants] = {}
        for target in targets:
            if subject in by_key:
                first = by_key[subject][target]()
                reflected[target] = array_us([*map(first.get, keys, repeat(NOT_YET_US))])
            else:
                applied = by_version[target]
                instants_us = [_from_version(applied.get(event.key, {}), event.version) for event in ours]
                reflected[target] = array_us(instants_us)
        events.append(BusinessEvents(subject, array_us([event.committed_us for event in ours]), reflected, ours))
    return events


def _told(company: Company) -> dict[str, list[Event]]:
    """What the systems have told of, by subject."""
    told: dict[str, list[Event]] = {subject: [] for subject in TARGETS}
    for source in company.systems.values():
        for event in source.publisher.published:
            subject = _SUBJECT.get(event.type)  # as `subject_of` has it, without a call for each event
            if subject is None:
                continue  # a product tells of more than the business: of records that clients have changed
            told["amendment" if subject == "contract" and event.version != 1 else subject].append(event)
    return told


Firsts: TypeAlias = Callable[[], Mapping[Any, int]]
"""When a target first had a record for each key, once somebody asks."""


def _by_key(company: Company) -> Mapping[str, Mapping[str, Firsts]]:
    """When each target first had a record for each key, by the subject that it is about; of all but contracts."""
    billing, revenue = company.billing, company.revenue
    in_billing = billing.customers.all.values()
    in_erp = company.of_erps(lambda erp: erp.customers.all.values())

    def posted() -> dict[str, int]:
        items = company.of_erps(lambda erp: erp.open_items)
        return earliest([item.document for item in items], [item.posted_us for item in items])

    def told() -> dict[str, int]:
        return earliest([one.document for one in revenue.billed], [one.recorded_us for one in revenue.billed])

    def paid() -> dict[str, int]:
        receipts = company.of_erps(lambda erp: erp.cash.receipts)
        return earliest([one.payment for one in receipts], [one.posted_us for one in receipts])

    return {
        "account": {"billing": lambda: _created(in_billing), "erp": lambda: _created(in_erp)},
        "account_change": {"billing": lambda: _changed(in_billing), "erp": lambda: _changed(in_erp)},
        "invoice": {"erp": posted, "revenue": told},
        "usage": {"revenue": lambda: _recorded(revenue.rendered)},
        "work": {"billing": lambda: _recorded(billing.rendered), "revenue": lambda: _recorded(revenue.rendered)},
        "payment": {"erp": paid},
        "recognition": {"erp": lambda: _standing(company.of_erps(lambda erp: erp.ledger.entries))},
    }


def _standing(entries: Sequence[JournalEntry]) -> dict[str, int]:
    """When each recognition was first posted by an entry that was not taken back."""
    revenue = [entry for entry in entries if entry.source == "revenue"]
    taken_back = {entry.reverses for entry in revenue if entry.reverses}
    if taken_back:
        revenue = [entry for entry in revenue if not entry.reverses and entry.id not in taken_back]
    return earliest([entry.reference for entry in revenue], [entry.posted_us for entry in revenue])


def _by_version(company: Company) -> Mapping[str, Mapping[str, dict[int, int]]]:
    """When each target first had each version of each contract."""
    return {
        "billing": _versions(company.billing.subscriptions.values()),
        "erp": _versions(company.of_erps(lambda erp: erp.orders.values())),
        "revenue": _versions(company.revenue.contracts.values()),
        "projects": _versions(company.projects.projects.values()),
    }


class Versioned(Protocol):
    """A target's record of a contract."""

    state: Contract
    applied: dict[int, int]
    void: Void | None


def array_us(instants_us: list[int]) -> Instants:
    """The same instants as an array."""
    return np.array(instants_us, dtype=np.int64)


def earliest(keys: Sequence[K], instants_us: Sequence[int]) -> dict[K, int]:
    """The earliest instant of each key, in the order of the keys' coming; one instant for each time that one comes."""
    first = dict(zip(keys, instants_us, strict=True))
    if len(first) == len(keys):  # each key once, as nearly always
        return first
    first.clear()
    for key, at_us in zip(keys, instants_us, strict=True):
        if first.setdefault(key, at_us) > at_us:
            first[key] = at_us
    return first


def _created(customers: Collection[Customer]) -> dict[str, int]:
    """When each account's first customer was created, or first took note of it."""
    created = earliest([one.account for one in customers], [one.created_us for one in customers])
    for customer in customers:
        if not customer.also:
            continue
        for (account, _), at_us in customer.applied.items():
            if account in customer.also and created.setdefault(account, at_us) > at_us:
                created[account] = at_us
    return created


def _changed(customers: Collection[Customer]) -> dict[tuple[str, int], int]:
    """When some customer was first brought up to date with each version of an account."""
    first: dict[tuple[str, int], int] = {}
    for customer in customers:
        for account_version, at_us in customer.applied.items():
            first[account_version] = min(at_us, first.get(account_version, at_us))
    return first


def _recorded(rendered: Sequence[Rendered]) -> dict[str, int]:
    """When each key of what was delivered was first noted."""
    return earliest([one.key for one in rendered], [one.recorded_us for one in rendered])


def _versions(records: Iterable[Versioned]) -> dict[str, dict[int, int]]:
    """For each contract, the instant at which any live record of it first reflected each version."""
    applied: dict[str, dict[int, int]] = {}
    for record in records:
        if record.void is not None:  # it reflects nothing any more
            continue
        contract = record.state.key
        known = applied.setdefault(contract, record.applied)
        if known is not record.applied:
            applied[contract] = {
                version: min(known.get(version, NOT_YET_US), record.applied.get(version, NOT_YET_US))
                for version in {**known, **record.applied}
            }
    return applied


def _from_version(applied: Mapping[int, int], version: int) -> int:
    """The first instant at which this version or a newer one was reflected."""
    if version == 1:
        return min(applied.values(), default=NOT_YET_US)
    return min([at_us for known, at_us in applied.items() if known >= version], default=NOT_YET_US)
