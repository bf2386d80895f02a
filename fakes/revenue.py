"""The revenue core: contracts with their price allocated to what they promise, recognised as that is rendered.

A run recognises, for every contract, what is earned by a month's end less what was recognised so far: a change
that comes late is caught up in the next run (ASC 606-10-25-13(a), 25-31). It takes note of what was billed.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from fakes.agreements import Contract, Fulfilment
from fakes.books.performance import NothingPromised, allocated_minor, earned_minor
from fakes.books.policy import STANDARD, RevenuePolicy, in_force
from fakes.fulfilments import FindFulfilments, FulfilmentNotes, RecordFulfilment
from fakes.lookup import Lookup
from fakes.master_data import UNSUPPORTED_AMENDMENT, Gap, MasterData, version_key
from fakes.news import News
from fakes.records import (
    BilledDocument,
    Recognition,
    Rendered,
    RevenueContract,
    Void,
    oldest_live,
    receipt,
    receipts,
)
from fakes.service import Operation, Operations, Refused
from fakes.validation import at_revision, live, promised, valid_contract
from sim.calendar import FiscalCalendar
from sim.record import Record


class CreateContract(Record):
    """Take up a contract in its present state."""

    state: Contract


class FindContracts(Record):
    """List the live revenue contracts of a contract, oldest first; lists are consistent."""

    contract: str


class ModifyContract(Record):
    """Write a contract's state over a revenue contract, whatever it held; with `if_revision`, only over that one."""

    revenue_contract: str
    state: Contract
    if_revision: int | None = None


class VoidContract(Record):
    """Void a revenue contract of which nothing was recognised, for good. One that is void already stays so."""

    revenue_contract: str
    reason: str
    by: str = "integration"


class RecordBilling(Record):
    """Take note that billing has issued a document."""

    document: str
    contract: str
    total_minor: int


class FindBillings(Record):
    """List the notes that were taken of a document, oldest first; lists are consistent."""

    document: str


class GetRecognition(Record):
    """Read what a run recognised for a contract, by its id."""

    recognition: str


class Revenue:
    """Revenue contracts and what was recognised of them. Time is handed in; `news` is what it has to tell."""

    def __init__(
        self, calendar: FiscalCalendar, gaps: Iterable[Gap] = (), policies: Sequence[RevenuePolicy] = STANDARD
    ) -> None:
        self.contracts: dict[str, RevenueContract] = {}
        self.recognitions: list[Recognition] = []
        self.billed: list[BilledDocument] = []
        self.news: list[News] = []
        self._notes = FulfilmentNotes()
        self.rendered = self._notes.all
        self.master_data = MasterData(gaps)
        self._calendar = calendar
        self._policies = policies
        self._by_contract: dict[str, list[RevenueContract]] = {}
        self._numbers: dict[str, int] = {}
        self._billed_by_document = Lookup(self.billed, attrgetter("document"))
        self._recognitions_by_id = Lookup(self.recognitions, attrgetter("id"))

    @property
    def operations(self) -> Operations:
        """What integrations can ask of the revenue engine."""
        return {
            CreateContract: Operation("create_contract", self._create_contract, receipt),
            FindContracts: Operation("find_contracts", self._find_contracts, receipts),
            ModifyContract: Operation("modify_contract", self._modify_contract, receipt),
            VoidContract: Operation("void_contract", self._void_contract, receipt),
            RecordBilling: Operation("record_billing", self._record_billing),
            FindBillings: Operation("find_billings", self._find_billings),
            RecordFulfilment: Operation("record_fulfilment", self._record_fulfilment),
            FindFulfilments: Operation("find_fulfilments", self._notes.find),
            GetRecognition: Operation("get_recognition", self._get_recognition),
        }

    def preload(self, contract: Contract, through_day: int, rendered: Sequence[Fulfilment] = ()) -> int:
        """Take over a contract from before the run, recognised before `through_day`; the amount recognised."""
        taken = self._add(contract, 0)
        taken.rendered += rendered
        taken.recognised_to = through_day
        self._catch_up(taken, through_day)
        return sum(taken.recognised.values())

    def earned_minor(self, contract: Contract, before_day: int) -> int:
        """What is earned of a contract's subscription and set-up before a day."""
        return sum(earned_minor(contract, self._allocated(contract), (), before_day).values())

    def run(self, month: int, number: int, now_us: int) -> None:
        """Recognise what is earned by the end of `month`: the month's run, or a later true-up of it."""
        through_day = self._calendar.end_day(month)
        for contract in self.contracts.values():
            if contract.recognised_to == through_day or contract.void is not None:
                continue
            if contract.state.acquired_day >= through_day:
                continue
            contract.recognised_to = through_day
            amounts = self._catch_up(contract, through_day)
            earned = tuple([amount for amount in amounts.items() if amount[1]])
            if earned:
                self._tell(contract, month, number, earned, now_us)

    def _tell(
        self, contract: RevenueContract, month: int, run: int, earned: tuple[tuple[str, int], ...], now_us: int
    ) -> None:
        key = contract.state.key
        number = self._numbers[key] = self._numbers.get(key, 0) + 1
        total_minor = 0
        for _, minor in earned:
            total_minor += minor
        # By position: twice as fast as by name, and there is one for every contract and month.
        recognition = Recognition(
            f"REC-{key}-{number}", contract.id, key, contract.state.currency, month, run, earned, total_minor, now_us,
            contract.state.entity,
        )  # fmt: skip
        self.recognitions.append(recognition)
        self.news.append(News("revenue_recognised", recognition.id, 1, recognition))

    def _create_contract(self, request: CreateContract, now_us: int) -> RevenueContract:
        return self._add(self._ruled(valid_contract(request.state)), now_us)

    def _find_contracts(self, request: FindContracts, now_us: int) -> list[RevenueContract]:
        return list(self._by_contract.get(request.contract, ()))

    def _modify_contract(self, request: ModifyContract, now_us: int) -> RevenueContract:
        contract = self.contracts.get(request.revenue_contract)
        if contract is None:
            raise Refused(404, "revenue_contract_not_found")
        live(contract, "revenue_contract_voided")
        at_revision(contract.revision, request.if_revision)
        state = self._ruled(valid_contract(request.state))
        contract.allocated = self._allocated(state)
        contract.recognised_to = 0
        contract.state = state
        contract.revision += 1
        for version in state.versions:
            contract.applied.setdefault(version.number, now_us)
        return contract

    def _ruled(self, state: Contract) -> Contract:
        """The same state. Refused with 422 if there is no rule for one of its versions."""
        if self.master_data.lacking:
            for version in state.versions:
                self.master_data.need(UNSUPPORTED_AMENDMENT, version_key(state.key, version.number))
        return state

    def _void_contract(self, request: VoidContract, now_us: int) -> RevenueContract:
        contract = self.contracts.get(request.revenue_contract)
        if contract is None:
            raise Refused(404, "revenue_contract_not_found")
        if contract.void is None:
            if contract.recognised != contract.settled:
                raise Refused(409, "revenue_recognised")
            contract.void = Void(now_us, request.by, request.reason)
        return contract

    def _record_billing(self, request: RecordBilling, now_us: int) -> BilledDocument:
        number = len(self.billed) + 1
        billed = BilledDocument(f"BD-{number:06}", request.document, request.contract, request.total_minor, now_us)
        self.billed.append(billed)
        return billed

    def _find_billings(self, request: FindBillings, now_us: int) -> list[BilledDocument]:
        return self._billed_by_document.all(request.document)

    def _record_fulfilment(self, request: RecordFulfilment, now_us: int) -> Rendered:
        fulfilment = request.fulfilment
        contract = oldest_live(self._by_contract.get(fulfilment.contract, ()))
        if contract is None:
            raise Refused(404, "revenue_contract_not_found")
        promised(contract.state, fulfilment)
        contract.rendered.append(fulfilment)
        contract.recognised_to = 0
        return self._notes.take(fulfilment, now_us)

    def _get_recognition(self, request: GetRecognition, now_us: int) -> Recognition:
        return self._recognitions_by_id.oldest(request.recognition, "recognition_not_found")

    def _add(self, state: Contract, now_us: int) -> RevenueContract:
        applied = {version.number: now_us for version in state.versions}
        contract = RevenueContract(f"RC-{len(self.contracts) + 1:06}", state, now_us, applied, self._allocated(state))
        if state.acquired_day:  # what was earned before was its former owner's
            self._catch_up(contract, state.acquired_day)
            contract.settled = dict(contract.recognised)
        self.contracts[contract.id] = contract
        self._by_contract.setdefault(state.key, []).append(contract)
        return contract

    def _allocated(self, contract: Contract) -> dict[tuple[int, str], int]:
        """A contract's price by what it promises. Refused with 422 if some of it is for nothing."""
        policy = in_force(self._policies, contract.versions[0].signed_day)
        try:
            return allocated_minor(contract, setup_distinct=policy.setup_distinct)
        except NothingPromised as nothing:
            raise Refused(422, "invalid_contract") from nothing

    @staticmethod
    def _catch_up(contract: RevenueContract, through_day: int) -> dict[str, int]:
        """Recognise what is earned before `through_day` and is not yet, or no longer; the change by product."""
        recognised = contract.recognised
        all_earned = earned_minor(contract.state, contract.allocated, contract.rendered, through_day)
        changes: dict[str, int] = {}
        if not recognised.keys() <= all_earned.keys():  # an older state was written over a newer one
            for part in [part for part in recognised if part not in all_earned]:
                changes[part[1]] = changes.get(part[1], 0) - recognised.pop(part)
        for part, earned in all_earned.items():
            change = earned - recognised.get(part, 0)
            if change:
                recognised[part] = earned
                changes[part[1]] = changes.get(part[1], 0) + change
        return changes
