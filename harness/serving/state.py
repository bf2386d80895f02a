"""What a served world looks like at this moment, as JSON: for the status page and for scripts."""

import time
from typing import Any

from harness.serving.moment import Moment
from harness.serving.session import Session
from sim.durations import SECOND
from sim.faults import NEVER_US, Crash, Fault

SCHEMA = "tieout.serve.state/1"
FRESH_S = 1.0
"""For how long what is read off the books of a whole company is as good as new."""


class State:
    """Reads a session. What takes long to read is read once a second at the most."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read_s = -FRESH_S
        self._read: dict[str, Any] = {}
        self._of: tuple[object, ...] = ()

    def document(self) -> dict[str, Any]:
        """The state now."""
        session, world = self._session, self._session.world
        session.pace.catch_up()
        now_us, calendar = world.clock.now, world.agreed.calendar
        return {
            "schema": SCHEMA,
            "scenario": session.plan.scenario.name,
            "title": session.plan.scenario.title,
            "seed": session.plan.seed,
            "clock": {
                "mode": session.manner.mode,
                "speed": session.manner.speed if session.manner.mode == "accelerated" else 1,
                "now": calendar.local(now_us).isoformat(timespec="milliseconds"),
                "now_s": now_us / SECOND,
                "ends": calendar.local(calendar.end_us).isoformat(timespec="seconds"),
                "ends_s": calendar.end_us / SECOND,
                "ended": now_us >= calendar.end_us,
                "quarter_start_s": calendar.quarter_start_us / SECOND,
                "quarter_end_s": calendar.quarter_end_us / SECOND,
            },
            "requests": {
                name: {
                    "system": face.system,
                    "open": face.requests.open,
                    "ok": face.requests.ok,
                    "refused": face.requests.refused,
                    "throttled": face.requests.throttled,
                    "failed": face.requests.failed,
                    "unanswered": face.requests.unanswered,
                }
                for name, face in world.faces.items()
            },
            "deliveries": self._deliveries(),
            "webhooks": self._webhooks(),
            "faults": [self.fault(fault) for fault in world.simulation.faults],
            "kept": {"inputs_replayed": session.replayed, "state": str(session.manner.state or "") or None},
            **self._books(),
        }

    def fault(self, fault: Fault) -> dict[str, Any]:
        """One fault: whether it strikes at present, its window, and its hits."""
        switches, calendar = self._session.world.switches, self._session.world.agreed.calendar
        open_ended = fault.end_us >= NEVER_US
        return {
            "name": fault.name,
            "kind": fault.kind,
            "system": fault.target,
            "only": sorted(fault.only),
            "active": switches.active(fault),
            "from": calendar.local(fault.start_us).isoformat(timespec="minutes"),
            "until": None if open_ended else calendar.local(fault.end_us).isoformat(timespec="minutes"),
            "hits": fault.hits,
            "switchable": not isinstance(fault, Crash),
        }

    def _deliveries(self) -> dict[str, dict[str, int]]:
        """What has become of the events that each source owes the integration."""
        fates: dict[str, dict[str, int]] = {}
        for name, system in self._session.world.company.systems.items():
            for subscription in system.publisher.subscriptions:
                fates[name] = subscription.fates()
        return fates

    def _webhooks(self) -> dict[str, Any]:
        postman = self._session.postman
        if postman is None:
            return {"url": None}
        return {
            "url": postman.url,
            "under_way": postman.pending,
            "accepted": postman.accepted,
            "failed": postman.failed,
            "last_trouble": postman.last_trouble or None,
        }

    def _books(self) -> dict[str, Any]:
        world, now_s = self._session.world, time.monotonic()
        of = (world, world.clock.now, world.simulation.wire.calls)
        fresh = self._session.pace.by_itself and now_s - self._read_s < FRESH_S and self._of[:1] == (world,)
        if not fresh and of != self._of:
            moment = Moment(world)
            lag = moment.event_lag()
            lag.pop("quantiles_s", None)
            self._read = {
                "backlog": moment.backlog(),
                "event_lag": lag,
                "business_status": moment.business_status(),
            }
            self._read_s, self._of = now_s, of
        return self._read
