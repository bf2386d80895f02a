"""Hybrid: each flow by the pattern that fits it, over one façade, one reader of what sources tell, one cross-reference.

Accounts are carried while their source waits, through the system API. A new contract is carried by a durable process.
Amendments and cancellations go through the log, and so do what projects tell of and an account whose target does not
answer at once. What billing and the revenue engine post is loaded in bulk every quarter of an hour, and must tie. All
parts use the same keys, the same references and the same versions, and take turns at a contract's copy: so an
amendment that comes before its contract, on another way, is no second contract.

It promises what its parts promise: that nothing told is lost, that nothing is done twice where the target honours
keys, and each contract's newest version in the end; postings come a few minutes later than the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from harness.blocks.retry import CallFailed, RetryPolicy
from harness.blocks.saga import steps_of
from harness.blocks.turns import Turns
from harness.kit import Kit
from harness.layer import (
    ACCOUNT_EVENTS,
    CONTRACT_EVENTS,
    NEW_CONTRACTS,
    Endpoint,
    Layer,
    Option,
    Selection,
    Surroundings,
)
from harness.patterns.event_driven import EventDriven
from harness.patterns.managed_batch import ManagedBatch
from harness.patterns.process_orchestration import ProcessOrchestration
from harness.switches import switches
from sim.delivery import Event

ATTEMPTS_WAITING = 2
"""Tries of a call while a source waits for the answer."""


class Postings(ManagedBatch):
    """The batches of what is posted."""

    PAIRS: ClassVar[Sequence[tuple[str, str]]] = (("billing", "erp"), ("billing", "revenue"), ("revenue", "erp"))


class Hybrid(Layer):
    """A process for new contracts, a log for their changes, batches for postings, and a façade before all systems."""

    NAME = "hybrid"
    SUMMARY = "each flow by the pattern that fits it: façade, processes, log and batches over shared references"
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        **switches(
            idempotency="key", inbox="on", gate="version", attempts="unlimited", journal="on", dead_letters="on",
            compensation="on", late_posting="today", limiter="on", breaker="on",
        ),
        "every": Option("15min", ("15min", "30min", "1h", "4h"), "how often postings are loaded"),
        **{name: ManagedBatch.OPTIONS[name] for name in ("lookback", "control_totals")},
    }  # fmt: skip
    SETTINGS: ClassVar[Mapping[str, tuple[int | tuple[int, ...], str]]] = {
        "attempts_waiting": (ATTEMPTS_WAITING, "an account's source waits: what fails twice goes through the log"),
    }
    WHY: ClassVar[Mapping[str, str]] = {
        "every": "the books are read in the morning: a posting can wait for minutes, not for an hour",
        "limiter": "several parts share what a system grants: none may take it all",
        "breaker": "while a system is down, the parts that need it ask it once in a while, and not each for itself",
        "hub": "all its parts share one mapping and its references: there is no other way",
        "capture": "each part learns of its events in its own way: told by webhook, or reading",
    }

    def __init__(self, surroundings: Surroundings, options: Mapping[str, str]) -> None:
        super().__init__(surroundings, options)
        kit = Kit(surroundings, options)
        kit.share()
        kit.turns = Turns(surroundings.clock)
        waiting = kit.caller.by(RetryPolicy(attempts_max=ATTEMPTS_WAITING))
        self._direct = {target: kit.applier(target, caller=waiting) for target in surroundings.targets}
        self._processes = ProcessOrchestration(surroundings, options, kit)
        self._log = EventDriven(surroundings, options, kit)
        self._postings = Postings(surroundings, {**options, "chunk": ManagedBatch.OPTIONS["chunk"].default}, kit)
        self._parts: Sequence[Layer] = (self._processes, self._log, self._postings)

    def endpoints(self) -> Sequence[Endpoint]:
        return [
            Endpoint("crm->system-api", "crm", ACCOUNT_EVENTS, self.receive_account),
            Endpoint("crm->process", "crm", NEW_CONTRACTS, self._processes.receive),
            Endpoint("crm->log", "crm", CONTRACT_EVENTS - NEW_CONTRACTS, self._log.receive),
            *self._of_projects(),
            *self._postings.endpoints(),
        ]

    def _of_projects(self) -> Iterator[Endpoint]:
        types = self.surroundings.told.get("projects")
        if types:
            yield Endpoint("projects->log", "projects", types, self._log.receive)

    def start(self) -> None:
        for part in self._parts:
            part.start()

    def held(self) -> Sequence[tuple[Event, str]]:
        return [each for part in self._parts for each in part.held()]

    def parked(self) -> Sequence[tuple[Event, str]]:
        return [each for part in self._parts for each in part.parked()]

    def replay(self, selection: Selection) -> None:
        for part in self._parts:
            part.replay(selection)

    async def receive_account(self, event: Event) -> bool:
        """Carry an account while its source waits; what does not answer at once goes through the log."""
        for target in steps_of(event):
            try:
                await self._direct[target].apply(event)
            except CallFailed:
                return await self._log.receive(event)
        return True
