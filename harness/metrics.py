"""The numbers of one run, as METRICS.md defines them, from its records and its trace.

Measured is what happened from the quarter's first instant on: the lead-in before it only fills the pipeline.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from fakes.company import SYSTEMS
from harness.lags import BusinessEvent, business_events, flows
from harness.laws import StationStatistics
from harness.simulation import Simulation
from harness.statistics import NEVER, distribution
from sim.calendar import FiscalCalendar
from sim.durations import HOUR, SECOND
from sim.faults import CallFault

ANSWERED = frozenset({"ok", "replayed"})

FAILURES = {
    "refused": "refused", "unavailable": "5xx", "throttled": "429", "lost_request": "timeout", "too_late": "timeout",
    "outage": "timeout", "lost_response": "lost_response",
}  # fmt: skip
"""Kinds of failed call by the outcome in the trace; every other word is a refusal of the request itself, 4xx."""


class Measurements:
    """All that is measured of a finished simulation; `metrics()` and the other parts of the run document."""

    def __init__(self, simulation: Simulation, stations: Mapping[str, StationStatistics]) -> None:
        self._simulation = simulation
        self._stations = stations
        self._from_us = simulation.calendar.quarter_start_us
        self._until_us = simulation.calendar.end_us
        self.events = business_events(simulation.company)
        self.calls = _calls(simulation, self._from_us)
        self._backlog = Backlog(self.events)

    def metrics(self) -> dict[str, Any]:
        """The `metrics` of the run document, but for those of the audit."""
        simulation = self._simulation
        measured = [event for event in self.events if event.event.committed_us >= self._from_us]
        calls = sum(call["count"] for call in self.calls)
        failures = self._failures()
        counts = simulation.surroundings.counts
        lags = flows(self.events, self._from_us)
        touched = len(simulation.truth.contracts())
        return {
            "event_lag": _distribution([lag for of_flow in lags.values() for lag in of_flow]),
            "delivery_lag": _distribution(self._delivery_lags()),
            "invoice_delay": {
                "issued": _distribution(self._issue_delays()),
                "posted": _distribution(lags["invoice->erp"]),
            },
            "amendment_sync_time": _distribution(
                [_lag(event, event.everywhere_us) for event in measured if event.subject == "amendment"]
            ),
            "backlog": {
                "peak": self._backlog.peak(self._from_us),
                "mean": self._backlog.mean(self._from_us, self._until_us),
            },
            "recovery_time": self._recovery_times(),
            "freshness": {"max_s": self._backlog.oldest_us(self._from_us, self._until_us, HOUR)[1] / SECOND},
            "goodput": sum(event.everywhere_us is not None for event in measured)
            / ((self._until_us - self._from_us) / HOUR),
            "api_calls": _by_system(self.calls),
            "amplification": calls / len(measured) if measured else 0.0,
            "calls_per_contract": calls / touched if touched else 0.0,
            "failure_rate": {kind: count / calls for kind, count in sorted(failures.items())} if calls else {},
            "retries": counts.retries,
            "retry_share": counts.retries / calls if calls else 0.0,
            "dead_letters": {"in": counts.dead_lettered, "dropped": counts.dropped, "replayed": counts.replayed},
            "work_queue": {"in": counts.parked, "open": len(simulation.layer.held())},
            "duplicate_customers": self._duplicate_customers(),
            "utilisation": {name: station.utilisation for name, station in self._stations.items()},
            "queue_length": {name: station.mean_queue for name, station in self._stations.items()},
            "wait": {name: station.mean_wait_us / SECOND for name, station in self._stations.items()},
            "fault_hits": {fault.name: fault.hits for fault in simulation.faults},
        }

    def flows(self) -> list[dict[str, Any]]:
        """The `flows` of the run document: the lag of each flow that had events."""
        documents = []
        for name, lags in flows(self.events, self._from_us).items():
            if lags:
                entry = _distribution(lags)
                arrived = sum(lag is not None for lag in lags)
                documents.append({"flow": name, "expected": len(lags), "arrived": arrived, **entry})
        return documents

    def series(self) -> dict[str, Any]:
        """The `series` of the run document: backlog and the age of its oldest event, hour by hour."""
        ages, _ = self._backlog.oldest_us(0, self._until_us, HOUR)
        return {
            "step_s": HOUR // SECOND,
            "backlog": [self._backlog.at(instant) for instant in range(0, self._until_us + 1, HOUR)],
            "oldest_s": [age // SECOND for age in ages],
        }

    def faults(self) -> list[dict[str, Any]]:
        """The `faults` of the run document: every planned fault and what it touched."""
        return [
            {
                "name": fault.name,
                "kind": fault.kind,
                "target": fault.target,
                "from_s": fault.start_us / SECOND,
                "until_s": min(fault.end_us, self._until_us) / SECOND,
                "hits": fault.hits,
            }
            for fault in self._simulation.faults
        ]

    def _failures(self) -> Counter[str]:
        failures: Counter[str] = Counter()
        for call in self.calls:
            if call["outcome"] not in ANSWERED:
                failures[FAILURES.get(call["outcome"], "4xx")] += call["count"]
        failures["all"] = sum(failures.values())
        return failures

    def _delivery_lags(self) -> list[int | None]:
        lags: list[int | None] = []
        for system in self._simulation.company.systems.values():
            for subscription in system.publisher.subscriptions:
                for event in system.publisher.published:
                    if event.type in subscription.types and event.committed_us >= self._from_us:
                        accepted_us = subscription.accepted_us.get(event.id)
                        lags.append(None if accepted_us is None else accepted_us - event.committed_us)
        return lags

    def _issue_delays(self) -> list[int | None]:
        invoices = self._simulation.company.billing.invoices
        return [invoice.issued_us - invoice.due_us for invoice in invoices if invoice.issued_us >= self._from_us]

    def _recovery_times(self) -> dict[str, float | None]:
        """From the end of each fault on calls until the backlog is back at its level before it, in seconds."""
        times = {}
        for fault in self._simulation.faults:
            if isinstance(fault, CallFault) and fault.end_us < self._until_us and fault.hits:
                back_us = self._backlog.back_at(self._backlog.at(fault.start_us), fault.end_us)
                times[fault.name] = None if back_us is None else (back_us - fault.end_us) / SECOND
        return times

    def _duplicate_customers(self) -> dict[str, int]:
        company = self._simulation.company
        masters = {"billing": company.billing.customers, "erp": company.erp.customers}
        return {
            name: len(master.all) - len({customer.account for customer in master.all.values()})
            for name, master in masters.items()
        }


class Backlog:
    """The business events committed at their source and not yet reflected in every target, over time."""

    def __init__(self, events: Sequence[BusinessEvent]) -> None:
        self._spans = sorted(
            (happened.event.committed_us, _OPEN_US if ended_us is None else ended_us)
            for happened in events
            for ended_us in (happened.everywhere_us,)
        )
        self._begun = [begun_us for begun_us, _ in self._spans]
        self._ended = sorted(ended_us for _, ended_us in self._spans if ended_us != _OPEN_US)

    def at(self, instant_us: int) -> int:
        """How many are outstanding at an instant."""
        return bisect_right(self._begun, instant_us) - bisect_right(self._ended, instant_us)

    def back_at(self, level: int, from_us: int) -> int | None:
        """The first instant from `from_us` on with a backlog of at most `level`, if there is one."""
        if self.at(from_us) <= level:
            return from_us
        for instant_us in self._ended[bisect_right(self._ended, from_us) :]:
            if self.at(instant_us) <= level:
                return instant_us
        return None

    def peak(self, from_us: int) -> int:
        """The largest backlog from `from_us` on."""
        begun = self._begun[bisect_right(self._begun, from_us) :]
        return max((self.at(instant) for instant in begun), default=self.at(from_us))

    def mean(self, from_us: int, until_us: int) -> float:
        """The time average of the backlog."""
        area = sum(max(0, min(ended_us, until_us) - max(begun_us, from_us)) for begun_us, ended_us in self._spans)
        return area / (until_us - from_us)

    def oldest_us(self, from_us: int, until_us: int, step_us: int) -> tuple[list[int], int]:
        """The age of the oldest outstanding event at each step, and the largest of these ages."""
        ages: list[int] = []
        waiting: list[tuple[int, int]] = []
        position = 0
        for instant_us in range(from_us, until_us + 1, step_us):
            while position < len(self._spans) and self._spans[position][0] <= instant_us:
                heappush(waiting, self._spans[position])
                position += 1
            while waiting and waiting[0][1] <= instant_us:
                heappop(waiting)
            ages.append(instant_us - waiting[0][0] if waiting else 0)
        return ages, max(ages, default=0)


_OPEN_US = 1 << 62


def _lag(happened: BusinessEvent, instant_us: int | None) -> int | None:
    return None if instant_us is None else instant_us - happened.event.committed_us


def _distribution(lags: Sequence[int | None]) -> dict[str, Any]:
    return distribution([NEVER if lag is None else lag for lag in lags])


def _calls(simulation: Simulation, from_us: int) -> list[dict[str, Any]]:
    """The calls sent from `from_us` on that have ended, counted by system, operation and outcome."""
    packed = simulation.trace.packed["calls"]
    operations, sent, outcomes = (np.frombuffer(packed[column], dtype=np.int64) for column in (2, 5, 10))
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


def _by_system(calls: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    totals = dict.fromkeys(SYSTEMS, 0)
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
