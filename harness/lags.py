"""When each business event was first reflected in each target: read from the records after the run.

A *flow* is one kind of change on its way to one target. An event's lag there is the instant at which the
target first reflected its version, or a newer one, less the instant at which the source committed it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from fakes.agreements import Contract
from fakes.company import Company
from fakes.customers import CustomerMaster
from fakes.records import Void
from harness.layer import ACCOUNT_EVENTS, CONTRACT_EVENTS, DOCUMENT_EVENTS, RECOGNITION_EVENTS, ROUTES
from sim.delivery import Event

K = TypeVar("K")

Instants = npt.NDArray[np.int64]

NOT_YET_US = 1 << 62
"""The instant at which a target reflects what it has not reflected by the end of the run."""

_TYPES: Mapping[str, frozenset[str]] = {
    "account": ACCOUNT_EVENTS,
    "contract": CONTRACT_EVENTS,
    "amendment": CONTRACT_EVENTS,
    "invoice": DOCUMENT_EVENTS,
    "recognition": RECOGNITION_EVENTS,
}

TARGETS: Mapping[str, tuple[str, ...]] = {
    subject: tuple(target for (_, target), carried in ROUTES.items() if types <= carried)
    for subject, types in _TYPES.items()
}
"""The targets that must reflect a business event, by its subject."""

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


_SUBJECT: Mapping[str, str] = {
    type_: subject for subject, types in _TYPES.items() if subject != "amendment" for type_ in types
}


def business_events(company: Company) -> list[BusinessEvents]:
    """Every business event of a run, by subject."""
    told: dict[str, list[Event]] = {subject: [] for subject in TARGETS}
    for source in company.systems.values():
        for event in source.publisher.published:
            subject = _SUBJECT[event.type]
            told["amendment" if subject == "contract" and event.version != 1 else subject].append(event)
    entries = company.erp.ledger.entries
    taken_back = {entry.reverses for entry in entries if entry.reverses}
    revenue = (entry for entry in entries if entry.source == "revenue" and not entry.reverses)
    by_key = {
        "account": {"billing": _created(company.billing.customers), "erp": _created(company.erp.customers)},
        "invoice": {
            "erp": earliest((item.document, item.posted_us) for item in company.erp.open_items),
            "revenue": earliest((billed.document, billed.recorded_us) for billed in company.revenue.billed),
        },
        "recognition": {
            "erp": earliest((entry.reference, entry.posted_us) for entry in revenue if entry.id not in taken_back)
        },
    }
    by_version = {
        "billing": _versions(company.billing.subscriptions.values()),
        "erp": _versions(company.erp.orders.values()),
        "revenue": _versions(company.revenue.contracts.values()),
    }
    events = []
    for subject, targets in TARGETS.items():
        ours = told[subject]
        keys = [event.key for event in ours]
        reflected: dict[str, Instants] = {}
        for target in targets:
            if subject in by_key:
                first = by_key[subject][target]
                reflected[target] = array_us([first.get(key, NOT_YET_US) for key in keys])
            else:
                applied = by_version[target]
                reflected[target] = array_us([_from_version(applied.get(event.key), event.version) for event in ours])
        events.append(BusinessEvents(subject, array_us([event.committed_us for event in ours]), reflected, ours))
    return events


class Versioned(Protocol):
    """A target's record of a contract."""

    state: Contract
    applied: dict[int, int]
    void: Void | None


def array_us(instants_us: list[int]) -> Instants:
    """The same instants as an array."""
    return np.array(instants_us, dtype=np.int64)


def earliest(dated: Iterable[tuple[K, int]]) -> dict[K, int]:
    """The earliest instant of each key, in the order of the keys' coming."""
    first: dict[K, int] = {}
    for key, at_us in dated:
        if first.setdefault(key, at_us) > at_us:
            first[key] = at_us
    return first


def _created(master: CustomerMaster) -> dict[str, int]:
    """When each account's first customer was created."""
    return earliest((customer.account, customer.created_us) for customer in master.all.values())


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


def _from_version(applied: Mapping[int, int] | None, version: int) -> int:
    """The first instant at which this version or a newer one was reflected."""
    first_us = NOT_YET_US
    if applied:
        if version == 1:
            return min(applied.values())
        for known, instant in applied.items():
            if known >= version and instant < first_us:
                first_us = instant
    return first_us
