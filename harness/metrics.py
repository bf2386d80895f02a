"""The numbers of one run, as docs/metrics.md defines them, from its records and its trace.

Measured is what happened from the quarter's first instant on: the lead-in before it only fills the pipeline.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from fakes.records import Invoice
from harness.backlog import Backlog
from harness.lags import NOT_YET_US, TARGETS, Instants, business_events
from harness.layer import FacadeCounts
from harness.oracle import Expected
from harness.simulation import Simulation
from harness.stations import StationStatistics
from harness.statistics import NEVER, distribution
from harness.store import WRITE_US
from sim.calendar import FiscalCalendar
from sim.durations import HOUR, SECOND

Spans = npt.NDArray[np.float64]
"""Microseconds, NEVER for what has not arrived."""

SLOWEST = 3
"""So many events of each flow are kept by their number, for whoever asks what made it slow."""

ANSWERED = frozenset({"ok", "replayed"})

FAILURES = {
    "refused": "refused", "unavailable": "5xx", "throttled": "429", "lost_request": "timeout", "too_late": "timeout",
    "outage": "timeout", "lost_response": "lost_response",
}  # fmt: skip
"""Kinds of failed call by the outcome in the trace; every other word is a refusal of the request itself, 4xx."""


class Measurements:
    """All that is measured of a finished simulation; `metrics()` and the other parts of the run document."""

    def __init__(self, simulation: Simulation, stations: Mapping[str, StationStatistics], expected: Expected) -> None:
        self._simulation = simulation
        self._stations = stations
        self._due = expected.lines
        self._contracts = expected.totals["contracts"]
        self._from_us = simulation.calendar.quarter_start_us
        self._until_us = simulation.calendar.end_us
        events = business_events(simulation.company)
        self._measured = {of_subject.subject: of_subject.since(self._from_us) for of_subject in events}
        self._lags = {
            f"{subject}->{target}": _lags(of_subject.committed_us, instants)
            for subject, of_subject in self._measured.items()
            for target, instants in of_subject.reflected_us.items()
        }
        self.calls = _calls(simulation, self._from_us)
        self._backlog = Backlog(events)
        self._oldest_us = self._backlog.oldest_us(self._until_us, HOUR)
        self.events = events

    def metrics(self) -> dict[str, Any]:
        """The `metrics` of the run document, but for those of the audit."""
        simulation = self._simulation
        measured = sum(len(of_subject.committed_us) for of_subject in self._measured.values())
        everywhere = sum(int((e.everywhere_us < NOT_YET_US).sum()) for e in self._measured.values())
        amendments = self._measured["amendment"]
        calls = sum(call["count"] for call in self.calls)
        counts = simulation.counts
        return {
            "event_lag": distribution(self.event_lags()),
            "delivery_lag": distribution(self._delivery_lags()),
            "invoice_delay": {
                "issued": distribution(self._issue_delays()),
                "posted": distribution(self._lags["invoice->erp"]),
            },
            "amendment_sync_time": distribution(_lags(amendments.committed_us, amendments.everywhere_us)),
            "backlog": {
                "peak": self._backlog.peak(self._from_us),
                "mean": self._backlog.mean(self._from_us, self._until_us),
            },
            "recovery_time": self._recovery_times(),
            "freshness": {"max_s": self._worst_s(self._oldest_us), **self._freshness()},
            "goodput": everywhere / ((self._until_us - self._from_us) / HOUR),
            "api_calls": _by_system(self.calls, self._simulation.company.systems),
            "amplification": calls / measured if measured else 0.0,
            "calls_per_contract": calls / self._contracts if self._contracts else 0.0,
            "failure_rate": {**_failure_rate(self.calls), **self._failure_rates()},
            "durable_writes": simulation.durable_writes,
            "durable_s": simulation.durable_writes * WRITE_US / SECOND,
            "retries": counts.retries,
            "retry_share": counts.retries / calls if calls else 0.0,
            "dead_letters": {"in": counts.dead_lettered, "dropped": counts.dropped, "replayed": counts.replayed},
            "work_queue": {"in": counts.parked, "open": len(simulation.deployment.parked())},
            "in_hand": len(simulation.deployment.held()),
            "skipped": {"repeats": counts.skipped_repeats, "superseded": counts.skipped_superseded},
            "held_for_order": counts.held_for_order,
            "out_of_balance": counts.out_of_balance,
            "compensations": counts.compensations,
            "duplicate_customers": self._duplicate_customers(),
            "utilisation": {name: station.utilisation for name, station in self._stations.items()},
            "queue_length": {name: station.mean_queue for name, station in self._stations.items()},
            "wait": {name: station.mean_wait_us / SECOND for name, station in self._stations.items()},
            "fault_hits": {fault.name: fault.hits for fault in simulation.faults},
            **_facade(simulation.facade),
        }

    def event_lags(self) -> Spans:
        """The lag of every business event to every target, in microseconds; NEVER for what has not arrived."""
        return np.concatenate(list(self._lags.values()))

    def flows(self) -> list[dict[str, Any]]:
        """The `flows` of the run document: the lag of each flow that had events."""
        return [
            {"flow": name, "expected": len(lags), "arrived": int((lags < NEVER).sum()), **distribution(lags)}
            for name, lags in self._lags.items()
            if len(lags)
        ]

    def slowest(self) -> list[tuple[str, int, str, int, int]]:
        """The slowest events of each flow: flow, event, target, its commit, and when the target first reflected it.

        In microseconds; the latter is -1 for what had not arrived by the end of the run.
        """
        slowest = []
        for of_subject in self.events:
            measured = np.flatnonzero(of_subject.committed_us >= self._from_us)
            for target, instants in of_subject.reflected_us.items():
                flow = f"{of_subject.subject}->{target}"
                for place in _greatest(self._lags[flow], SLOWEST):
                    at = int(measured[place])
                    event, reflected_us = of_subject.told[at], int(instants[at])
                    arrived_us = reflected_us if reflected_us < NOT_YET_US else -1
                    slowest.append((flow, event.id, target, event.committed_us, arrived_us))
        return slowest

    def series(self) -> dict[str, Any]:
        """The `series` of the run document: backlog and the age of its oldest event, hour by hour."""
        return {
            "step_s": HOUR // SECOND,
            "backlog": self._backlog.at(np.arange(0, self._until_us + 1, HOUR)).tolist(),
            "oldest_s": (self._oldest_us // SECOND).tolist(),
        }

    def faults(self) -> list[dict[str, Any]]:
        """The `faults` of the run document: every planned fault, what it touched, and when it last did."""
        last_us = {name: at_us for at_us, name, *_ in self._simulation.wire.struck}
        return [
            {
                "name": fault.name,
                "kind": fault.kind,
                "target": fault.target,
                "from_s": fault.start_us / SECOND,
                "until_s": min(fault.end_us, self._until_us) / SECOND,
                "hits": fault.hits,
                "last_s": last_us[fault.name] / SECOND if fault.name in last_us else None,
            }
            for fault in self._simulation.faults
        ]

    def _failure_rates(self) -> dict[str, dict[str, float]]:
        """The failure rate of each system that was called."""
        systems = self._simulation.company.systems
        by_system = {name: [call for call in self.calls if call["system"] == name] for name in systems}
        return {name: _failure_rate(calls) for name, calls in by_system.items() if calls}

    def _freshness(self) -> dict[str, float]:
        """By target: the greatest age that a change which it did not yet reflect reached, sampled hour by hour."""
        worst = {}
        for target in dict.fromkeys(target for targets in TARGETS.values() for target in targets):
            due = [events.in_target(target) for events in self.events if target in events.reflected_us]
            if not due:
                continue
            worst[target] = self._worst_s(Backlog(due).oldest_us(self._until_us, HOUR))
        return worst

    def _worst_s(self, oldest_us: Instants) -> float:
        return int(oldest_us[self._from_us // HOUR :].max()) / SECOND

    def _delivery_lags(self) -> list[float]:
        from_us, lags = self._from_us, list[float]()
        for system in self._simulation.company.systems.values():
            published = system.publisher.published
            measured = published[bisect_left(published, from_us, key=attrgetter("committed_us")) :]
            for subscription in system.publisher.subscriptions:
                heard_us, superseded_us = subscription.accepted_us, subscription.superseded_us
                if superseded_us:
                    heard_us = {**superseded_us, **heard_us}
                lags += [heard_us.get(event.id, NEVER) - event.committed_us for event in subscription.owed_of(measured)]
        return lags

    def _issue_delays(self) -> list[float]:
        """From when the earliest of a document's charges was due by contract until the document was issued."""
        invoices = self._simulation.company.billing.invoices
        return [self._issue_delay(invoice) for invoice in invoices if invoice.issued_us >= self._from_us]

    def _issue_delay(self, invoice: Invoice) -> int:
        due_us = NOT_YET_US
        for line in invoice.lines:
            charge = self._due.get((invoice.contract, line.version, line.period))
            if charge is not None and charge.due_us < due_us:
                due_us = charge.due_us
        return invoice.issued_us - (invoice.due_us if due_us == NOT_YET_US else due_us)

    def _recovery_times(self) -> dict[str, float | None]:
        """From the end of each fault that struck until the backlog is back at its level before it, in seconds."""
        times = {}
        for fault in self._simulation.faults:
            if fault.end_us < self._until_us and fault.hits:
                before = int(self._backlog.at(np.array([fault.start_us - 1]))[0])
                back_us = self._backlog.back_at(before, fault.end_us)
                times[fault.name] = None if back_us is None else (back_us - fault.end_us) / SECOND
        return times

    def _duplicate_customers(self) -> dict[str, int]:
        company = self._simulation.company
        of_erps = company.of_erps(lambda erp: erp.customers.all.values())
        masters = {"billing": list(company.billing.customers.all.values()), "erp": of_erps}
        accounts = company.crm.accounts
        party = {key: account.party for key, account in accounts.items() if account.party}
        return {
            name: len(all_) - len({party.get(customer.account, customer.account) for customer in all_})
            for name, all_ in masters.items()
        }


def _greatest(lags: Spans, most: int) -> Iterator[int]:
    """The places of the greatest lags, the greatest first; of equal ones the first."""
    left = lags.copy()
    for _ in range(min(most, len(left))):
        place = int(left.argmax())
        left[place] = -1
        yield place


def _lags(committed_us: Instants, reflected_us: Instants) -> Spans:
    """The spans in microseconds from commit to reflection, NEVER where there was none."""
    lags: Spans = np.where(reflected_us < NOT_YET_US, reflected_us - committed_us, NEVER)
    return lags


def _calls(simulation: Simulation, from_us: int) -> list[dict[str, Any]]:
    """The calls sent from `from_us` on that have ended, counted by system, operation and outcome."""
    operations, sent, outcomes = map(simulation.trace.calls.column, ("operation", "sent_us", "outcome"))
    measured = sent >= from_us
    words = list(simulation.trace.words)
    size = len(words) + 1
    pairs, counts = np.unique(operations[measured] * size + outcomes[measured], return_counts=True)
    found = sorted(
        (words[pair // size], words[pair % size], int(count)) for pair, count in zip(pairs, counts, strict=True)
    )
    return [
        {"system": name.partition(".")[0], "operation": name.partition(".")[2], "outcome": outcome, "count": count}
        for name, outcome, count in found
    ]


def _failure_rate(calls: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Failed calls over calls, by kind of failure and in `all`; nothing if there were no calls."""
    failures: Counter[str] = Counter()
    for call in calls:
        if call["outcome"] not in ANSWERED:
            failures[FAILURES.get(call["outcome"], "4xx")] += call["count"]
    failures["all"] = sum(failures.values())
    total = sum(call["count"] for call in calls)
    return {kind: count / total for kind, count in sorted(failures.items())} if total else {}


def _facade(counted: Mapping[str, FacadeCounts]) -> dict[str, Any]:
    """The metric `facade`, if there is one: what it counted at all systems, and by system; spans in seconds."""
    if not counted:
        return {}
    by_system = {name: _in_seconds(asdict(counts)) for name, counts in counted.items()}
    names = next(iter(by_system.values()))
    return {"facade": {what: sum(each[what] for each in by_system.values()) for what in names} | by_system}


def _in_seconds(counts: Mapping[str, int]) -> dict[str, float]:
    return {
        f"{name.removesuffix('_us')}_s" if name.endswith("_us") else name: (
            count / SECOND if name.endswith("_us") else count
        )
        for name, count in counts.items()
    }


def _by_system(calls: Sequence[Mapping[str, Any]], systems: Iterable[str]) -> dict[str, int]:
    totals = dict.fromkeys(systems, 0)
    for call in calls:
        totals[call["system"]] += call["count"]
    return totals


def calendar_document(calendar: FiscalCalendar) -> dict[str, Any]:
    """The `calendar` of the run document."""
    return {
        "start": calendar.local(0).isoformat(),
        "timezone": calendar.timezone,
        "measured_from_s": calendar.quarter_start_us // SECOND,
        "quarter_end_s": calendar.quarter_end_us // SECOND,
        "audited_at_s": calendar.end_us // SECOND,
    }
