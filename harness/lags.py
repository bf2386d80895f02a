"""When each business event was first reflected in each target: read from the records after the run.

A *flow* is one kind of change on its way to one target. An event's lag there is the instant at which the
target first reflected its version, or a newer one, less the instant at which the source committed it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fakes.company import Company
from harness.layer import ACCOUNT_EVENTS, CONTRACT_EVENTS, DOCUMENT_EVENTS
from sim.delivery import Event


@dataclass(slots=True)
class BusinessEvent:
    """One change at its source, and when each target first reflected it (None: not by the end of the run)."""

    subject: str
    event: Event
    reflected_us: dict[str, int | None] = field(default_factory=dict)

    @property
    def everywhere_us(self) -> int | None:
        """The instant from which every target reflected it, if all did."""
        instants = self.reflected_us.values()
        return None if None in instants else max(instant for instant in instants if instant is not None)


class Versioned(Protocol):
    """A target's record of a contract."""

    applied: dict[int, int]

    @property
    def contract(self) -> str: ...


def business_events(company: Company) -> list[BusinessEvent]:
    """Every business event of the run, source by source in the order of commit."""
    customers = {
        "billing": _earliest((c.account, c.created_us) for c in company.billing.customers.all.values()),
        "erp": _earliest((c.account, c.created_us) for c in company.erp.customers.all.values()),
    }
    contracts = {
        "billing": _versions(company.billing.subscriptions.values()),
        "erp": _versions(company.erp.orders.values()),
        "revenue": _versions(company.revenue.contracts.values()),
    }
    documents = {
        "erp": _earliest((item.document, item.posted_us) for item in company.erp.open_items),
        "revenue": _earliest((billed.document, billed.recorded_us) for billed in company.revenue.billed),
    }
    revenue = (entry for entry in company.erp.ledger.entries if entry.source == "revenue")
    recognitions = {"erp": _earliest((entry.reference, entry.posted_us) for entry in revenue)}

    events = []
    for source in company.systems.values():
        for event in source.publisher.published:
            if event.type in CONTRACT_EVENTS:
                subject = "contract" if event.version == 1 else "amendment"
                reflected = {
                    target: _from_version(known.get(event.key), event.version) for target, known in contracts.items()
                }
            else:
                subject, targets = _PLAIN[event.type]
                where = {"account": customers, "invoice": documents, "recognition": recognitions}[subject]
                reflected = {target: where[target].get(event.key) for target in targets}
            events.append(BusinessEvent(subject, event, reflected))
    return events


_PLAIN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(ACCOUNT_EVENTS, ("account", ("billing", "erp"))),
    **dict.fromkeys(DOCUMENT_EVENTS, ("invoice", ("erp", "revenue"))),
    "revenue_recognised": ("recognition", ("erp",)),
}


def subject_of(event: Event) -> str:
    """What an event is about, as the names of flows have it."""
    if event.type in CONTRACT_EVENTS:
        return "contract" if event.version == 1 else "amendment"
    return _PLAIN[event.type][0]


def flows(events: Sequence[BusinessEvent], from_us: int) -> dict[str, list[int | None]]:
    """The lags in microseconds of the events committed from `from_us` on, by flow; None for what never arrived."""
    lags: dict[str, list[int | None]] = {name: [] for name in FLOWS}
    for happened in events:
        committed_us = happened.event.committed_us
        if committed_us >= from_us:
            for target, instant in happened.reflected_us.items():
                lags[f"{happened.subject}->{target}"].append(None if instant is None else instant - committed_us)
    return lags


FLOWS = (
    "account->billing", "account->erp",
    "contract->billing", "contract->erp", "contract->revenue",
    "amendment->billing", "amendment->erp", "amendment->revenue",
    "invoice->erp", "invoice->revenue", "recognition->erp",
)  # fmt: skip


def _earliest(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    first: dict[str, int] = {}
    for key, instant in pairs:
        if instant < first.get(key, instant + 1):
            first[key] = instant
    return first


def _versions(records: Iterable[Versioned]) -> dict[str, dict[int, int]]:
    applied: dict[str, dict[int, int]] = {}
    for record in records:
        known = applied.setdefault(record.contract, record.applied)
        if known is not record.applied:
            applied[record.contract] = {
                version: min(known.get(version, 1 << 62), record.applied.get(version, 1 << 62))
                for version in {**known, **record.applied}
            }
    return applied


def _from_version(applied: Mapping[int, int] | None, version: int) -> int | None:
    if applied is None:
        return None
    instants = [instant for known, instant in applied.items() if known >= version]
    return min(instants) if instants else None
