"""Bulk jobs: many records written, or read, in one. What a job writes is there at once; it takes longer to say so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fakes.faces.salesforce.collecting import upsert_of
from fakes.faces.salesforce.errors import Fault, not_found
from fakes.faces.salesforce.fields import SObject
from fakes.faces.salesforce.ids import record_id
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.writing import deletion, fault_of, insertion, update
from fakes.object_types import Outcome, Write
from sim.durations import MILLISECOND, SECOND

START_US = SECOND
"""How long a job takes however little there is to do."""

ROW_US = MILLISECOND
"""How long a row of it takes."""

JOBS_MAX = 1_000
"""Jobs that are remembered: the oldest of those that have ended is forgotten for a new one."""


@dataclass(slots=True)
class Job:
    """A job. It is over at `due_us`, once that is known."""

    id: str
    created_us: int
    said: dict[str, Any]
    state: str
    due_us: int | None = None
    names: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[tuple[Outcome, Fault | None]] = field(default_factory=list)
    table: Any = None
    message: str = ""

    def state_at(self, now_us: int) -> str:
        """How far it has come."""
        if self.due_us is None:
            return self.state
        return self.state if now_us >= self.due_us else "InProgress"


class Jobs:
    """The jobs of one kind, by id."""

    def __init__(self, prefix: str = "750") -> None:
        self._prefix = prefix
        self._count = 0
        self.all: dict[str, Job] = {}

    def open(self, now_us: int, said: dict[str, Any], state: str = "Open") -> Job:
        """A new job."""
        self._count += 1
        job = Job(record_id(self._prefix, self._count), now_us, said, state)
        if len(self.all) >= JOBS_MAX:
            over = next((one for one in self.all.values() if one.state not in {"Open", "UploadComplete"}), None)
            if over:
                del self.all[over.id]
        self.all[job.id] = job
        return job

    def get(self, id_: str) -> Job:
        """The job of an id. Raises Fault: 404."""
        job = self.all.get(id_) or self.all.get(next((one for one in self.all if one[:15] == id_), ""))
        if job is None:
            raise not_found()
        return job


def work(org: Org, job: Job, sobject: SObject, operation: str, by: str, records: list[dict[str, Any]]) -> None:
    """Write a job's records one after the other: an outcome for each, with what is wrong with it."""
    prepare = _PREPARES[operation]
    for record in records:
        write: Write | None = None
        try:
            write = prepare(org, sobject, by, record)
            (outcome,) = org.write([write])
            if outcome.problem is not None:
                raise fault_of(org, write, outcome)
            job.outcomes.append((outcome, None))
        except Fault as fault:
            job.outcomes.append((Outcome(write.id if write else ""), fault))
    job.due_us = org.now_us + START_US + ROW_US * len(records)
    job.state = "JobComplete"


def _id_of(record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    id_ = next((value for name, value in record.items() if name.lower() == "id"), None)
    if not isinstance(id_, str):
        raise Fault("MISSING_ARGUMENT", "Id not specified")
    return id_, {name: value for name, value in record.items() if name.lower() != "id"}


def _update(org: Org, sobject: SObject, _: str, record: dict[str, Any]) -> Write:
    id_, rest = _id_of(record)
    return update(org, sobject, id_, rest)


_PREPARES: dict[str, Callable[[Org, SObject, str, dict[str, Any]], Write]] = {
    "insert": lambda org, sobject, by, record: insertion(org, sobject, record),
    "update": _update,
    "upsert": upsert_of,
    "delete": lambda org, sobject, by, record: deletion(sobject, _id_of(record)[0]),
    "hardDelete": lambda org, sobject, by, record: deletion(sobject, _id_of(record)[0]),
}

OPERATIONS = tuple(_PREPARES)
