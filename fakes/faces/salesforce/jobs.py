"""Bulk jobs: many records written, or read, in one. What a job writes is there at once; it takes longer to say so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fakes.faces.salesforce.collecting import RECORDS_MAX, Prepare, attempt, upserts
from fakes.faces.salesforce.errors import Fault, not_found
from fakes.faces.salesforce.fields import SObject
from fakes.faces.salesforce.ids import record_id
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.writing import deletion, insertion, update
from fakes.object_types import Outcome, Write
from sim.durations import MILLISECOND, SECOND

START_US = SECOND
"""How long a job takes however little there is to do."""

ROW_US = MILLISECOND
"""How long a row of it takes."""

JOBS_MAX = 1_000
"""Jobs that are remembered: the oldest of those that have ended is forgotten for a new one."""


Prepares = Callable[[Org, SObject, str, list[dict[str, Any]]], list[Prepare]]
"""How the records of a job are to be written, 200 at a time as Salesforce does it."""


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
    """The jobs of one kind, by id. They are numbered as they come, with those of other kinds."""

    def __init__(self, numbers: Iterator[int], prefix: str = "750") -> None:
        self._prefix = prefix
        self._numbers = numbers
        self.all: dict[str, Job] = {}

    def open(self, now_us: int, said: dict[str, Any], state: str = "Open") -> Job:
        """A new job."""
        job = Job(record_id(self._prefix, next(self._numbers)), now_us, said, state)
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
    for start in range(0, len(records), RECORDS_MAX):
        prepares = _PREPARES[operation](org, sobject, by, records[start : start + RECORDS_MAX])
        job.outcomes.extend(attempt(org, prepare) for prepare in prepares)
    job.due_us = org.now_us + START_US + ROW_US * len(records)
    job.state = "JobComplete"


def _id_of(record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    id_ = next((value for name, value in record.items() if name.lower() == "id"), None)
    if not isinstance(id_, str):
        raise Fault("MISSING_ARGUMENT", "Id not specified")
    return id_, {name: value for name, value in record.items() if name.lower() != "id"}


def _insert(org: Org, sobject: SObject, _: str, record: dict[str, Any]) -> Write:
    return insertion(org, sobject, record)


def _update(org: Org, sobject: SObject, _: str, record: dict[str, Any]) -> Write:
    id_, rest = _id_of(record)
    return update(org, sobject, id_, rest)


def _delete(_: Org, sobject: SObject, __: str, record: dict[str, Any]) -> Write:
    return deletion(sobject, _id_of(record)[0])


def _each(write: Callable[[Org, SObject, str, dict[str, Any]], Write]) -> Prepares:
    return lambda org, sobject, by, records: [partial(write, org, sobject, by, record) for record in records]


_PREPARES: dict[str, Prepares] = {
    "insert": _each(_insert), "update": _each(_update), "upsert": upserts, "delete": _each(_delete),
    "hardDelete": _each(_delete),
}  # fmt: skip

OPERATIONS = tuple(_PREPARES)
