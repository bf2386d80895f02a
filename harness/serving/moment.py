"""What a served world comes to at this moment: its audit, its report and its business status, as of now.

They are those of a run whose calendar ends now: what is due by now is expected, and nothing else. What an integration
that lives outside has in hand nobody knows; so whatever was told and is not yet where it belongs counts as on its way,
and is a timing difference for as long as the audit's patience lasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.agreed import as_of
from harness.audit import Audit, audit
from harness.lags import NOT_YET_US, BusinessEvents, business_events
from harness.replication import LISTED_BREAKS, books_of, concluded
from harness.serving.outside import CHOICE
from harness.serving.world import World
from harness.statistics import NEVER, distribution
from harness.status import BusinessStatus
from harness.strikes import struck
from sim.calendar import FiscalCalendar
from sim.durations import SECOND


@dataclass(frozen=True)
class UntilNow(FiscalCalendar):
    """A calendar whose run is audited at `now_us`. Before the quarter has begun, the lead-in is measured."""

    now_us: int

    @property
    def end_us(self) -> int:
        """The present instant."""
        return self.now_us

    @property
    def quarter_start_us(self) -> int:
        """The first instant that is measured."""
        start_us = super().quarter_start_us
        return start_us if start_us < self.now_us else 0


def until_now(calendar: FiscalCalendar, now_us: int) -> UntilNow:
    """The same calendar, up to now."""
    fields = {name: getattr(calendar, name) for name in FiscalCalendar.__dataclass_fields__}
    return UntilNow(**fields, now_us=min(now_us, calendar.end_us))


class Moment:
    """A world at one instant. It is read when it is asked, and worth nothing once time has passed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.calendar = until_now(world.agreed.calendar, world.clock.now)
        self._simulation = replace(world.simulation, calendar=self.calendar)
        self._events: Sequence[BusinessEvents] = business_events(world.company)

    def audit(self) -> Audit:
        """Everything that is wrong in the books by now."""
        agreed = as_of(self._world.agreed, self.calendar)
        return audit(
            agreed.expected, books_of(self._simulation), queued=self._on_its_way(), struck=struck(self._simulation)
        )

    def report(self) -> dict[str, Any]:
        """The run document as of now. Its expectations are judged at the end of a run alone."""
        agreed = as_of(self._world.agreed, self.calendar)
        document = concluded(agreed, self._simulation, CHOICE, self._on_its_way(), closes=False).document
        return {**document, "remarks": [*document["remarks"], f"as of {self.calendar.local(self.calendar.end_us)}"]}

    def backlog(self) -> dict[str, dict[str, float]]:
        """By target: how many events it has yet to reflect, and the age of the oldest, in seconds."""
        waiting: dict[str, dict[str, float]] = {}
        for of_subject in self._events:
            for target, reflected_us in of_subject.reflected_us.items():
                late_us = of_subject.committed_us[reflected_us == NOT_YET_US]
                known = waiting.setdefault(target, {"events": 0, "oldest_s": 0.0})
                known["events"] += len(late_us)
                if len(late_us):
                    age_s = (self._world.clock.now - int(late_us.min())) / SECOND
                    known["oldest_s"] = max(known["oldest_s"], age_s)
        return waiting

    def event_lag(self) -> dict[str, Any]:
        """The distribution of the lags of all events so far, in seconds; those not arrived count as never."""
        lags = [
            np.where(reflected_us < NOT_YET_US, reflected_us - of_subject.committed_us, NEVER)
            for of_subject in self._events
            for reflected_us in of_subject.reflected_us.values()
        ]
        return distribution(np.concatenate(lags))

    def business_status(self) -> dict[str, dict[str, float]]:
        """Every business status now: how many stand, their worth in minor units, the age of the oldest in seconds."""
        statuses = BusinessStatus(self._simulation, self._events).at(self._world.clock.now)
        return {
            name: {"count": each.count, "minor": each.minor, "oldest_s": each.oldest_us / SECOND}
            for name, each in statuses.items()
        }

    def _on_its_way(self) -> frozenset[tuple[str, str, int]]:
        return frozenset(
            (f"{of_subject.subject}->{target}", event.key, event.version)
            for of_subject in self._events
            for target, event in of_subject.unreflected()
        )


def audit_document(found: Audit, calendar: FiscalCalendar) -> dict[str, Any]:
    """An audit as JSON: its open breaks as `tieout run` has them, and the timing differences apart."""
    timing = [one for one in found.breaks if not one.open]
    return {
        "schema": "tieout.serve.audit/1",
        "at": calendar.local(calendar.end_us).isoformat(timespec="seconds"),
        "at_s": calendar.end_us / SECOND,
        "breaks": {**found.summary(), "listed": [one.document() for one in found.telling(LISTED_BREAKS)]},
        "timing_differences": {"count": len(timing), "amount_minor": found.worth_minor(timing)},
        "duplicates": dict(found.duplicates),
        "missing": dict(found.missing),
        "amount_off": found.amount_off,
        "unexplained_minor": found.unexplained_minor,
    }
