"""The systems of one company on one network: each core behind its server, telling its subscribers.

This is where time meets the cores: bill runs every morning, revenue runs after each month, periods that close; and,
where customers pay, payments and dunning runs.
A system that is down does its runs when it is back; periods are closed by people, and whatever is up or down.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeVar

from fakes.agreements import Account, Contract, Fulfilment, Items
from fakes.billing import DUE_MINUTE, Billing, payment_id, settled_lines
from fakes.books.policy import STANDARD, RevenuePolicy
from fakes.crm import Crm
from fakes.customers import CustomerMaster, Hides, IndexLag, UpdateCustomer
from fakes.desk import BillingDesk
from fakes.dunning import DUNNING_MINUTE, Dunning
from fakes.erp import Erp
from fakes.erp_desk import ErpDesk
from fakes.master_data import SYSTEM_OF, Gap, MasterData
from fakes.names import SYSTEMS, erp_of, kind_of, legal_entity_of
from fakes.objects import Objects
from fakes.particulars import ParticularsDesk
from fakes.paying import Habits, Payers
from fakes.projects import Projects
from fakes.records import Copy, Invoice
from fakes.revenue import Revenue
from fakes.sales import SalesBook
from fakes.system import Core, Invoicing, Setup, System
from sim.calendar import FiscalCalendar
from sim.chance import Stream
from sim.delivery import Event
from sim.faults import Fault, down_by
from sim.line import Line
from sim.network import Wire
from sim.staleness import hidden_by, stale_indexes_of

Record = TypeVar("Record")


class Company:
    """The systems that `setups` has, their cores, and the runs that they do by themselves.

    There is an ERP instance for each legal entity: `erps`, by entity. With the `habits` of its customers, `payers` are
    they, and each ERP's `dunning` reminds those who are late.
    """

    def __init__(
        self,
        wire: Wire,
        calendar: FiscalCalendar,
        setups: Mapping[str, Setup],
        faults: Sequence[Fault],
        seed: int,
        gaps: Iterable[Gap] = (),
        policies: Sequence[RevenuePolicy] = STANDARD,
        habits: Habits | None = None,
        items: Items = MappingProxyType({}),
    ) -> None:
        gaps = tuple(gaps)
        lacking = {system: [gap for gap in gaps if SYSTEM_OF[gap.word] == system] for system in SYSTEMS}
        self.wire = wire
        self.calendar = calendar
        self._runs = Line(wire.clock, self._begin)
        self.crm = Crm()
        lags = {
            name: _index_lag(setup, Stream(seed, f"index/{name}"))
            for name, setup in setups.items()
            if kind_of(name) in {"billing", "erp"}
        }
        self.billing = Billing(calendar, lags["billing"], _hides(wire, "billing", faults))
        self.erps: dict[str, Erp] = {}
        for name in setups:
            if kind_of(name) == "erp":
                entity = legal_entity_of(name)
                self.erps[entity] = Erp(
                    calendar, lags[name], _hides(wire, name, faults), lacking["erp"], entity, items.get(entity)
                )
        self.erp = self.erps[""]
        self.revenue = Revenue(calendar, lacking["revenue"], policies)
        self.projects = Projects()
        cores: dict[str, Core] = {
            "crm": self.crm, "billing": self.billing, "revenue": self.revenue, "projects": self.projects,
            **{erp_of(entity): erp for entity, erp in self.erps.items()},
        }  # fmt: skip
        copies: dict[str, Mapping[str, Copy]] = {
            "billing": self.billing.subscriptions, "revenue": self.revenue.contracts,
            "projects": self.projects.projects,
            **{erp_of(entity): erp.orders for entity, erp in self.erps.items()},
        }  # fmt: skip
        self.payers = Payers(habits, calendar, seed) if habits else None
        self.dunning = [Dunning(erp, self.payers.due_day) for erp in self.erps.values()] if self.payers else []
        kinds: dict[str, type[System]] = {"billing": Invoicing} if self.payers else {}
        self.systems = {
            name: kinds.get(name, System)(wire, name, cores[name], setups[name], faults, seed, copies.get(name))
            for name in setups
        }
        for entity, erp in self.erps.items():
            desk = self.systems[erp_of(entity)].service
            desk.offer({**ErpDesk(erp).operations, **ParticularsDesk().operations})
        crm = self.systems["crm"]
        crm.service.offer({**Objects().operations, **SalesBook(self.crm, crm.publisher).operations})
        billing = self.systems["billing"]
        billing.service.offer({**BillingDesk(self.billing, calendar).operations, **ParticularsDesk().operations})
        if isinstance(billing, Invoicing):
            billing.issued = self._reach_customers

    def preload(
        self, accounts: Iterable[Account], contracts: Iterable[Contract], rendered: Iterable[Fulfilment] = ()
    ) -> None:
        """Put what was agreed before the run into every system, billed and recognised as of instant 0.

        `rendered` is what was delivered of it.
        """
        accounts, contracts = tuple(accounts), tuple(contracts)
        delivered: dict[str, list[Fulfilment]] = {}
        for fulfilment in rendered:
            delivered.setdefault(fulfilment.contract, []).append(fulfilment)
        names = {account.key: account.name for account in accounts}
        self.crm.preload(accounts, contracts)
        first_day = self.calendar.day_of(0)
        recognised_to = self.calendar.first_day(self.calendar.month_of_day(first_day))
        for account in accounts:
            _settle_customer(self.billing.customers, account)
            _settle_customer(self.erps[account.entity].customers, account)
        for contract in contracts:
            done = delivered.get(contract.key, ())
            self.billing.preload(names[contract.account], contract, done)
            if self.payers:
                self.payers.settle(contract.key, self.billing.billed(contract.key))
            recognised = self.revenue.preload(contract, recognised_to, done)
            billed = self.billing.billed_minor(contract.key)
            self.erps[contract.entity].preload(names[contract.account], contract, billed - recognised)
            if not contract.obligations:
                self.projects.preload(contract, done)
        self.billing.customers.index((*self.billing.customers.all, *self.billing.subscriptions))
        for erp in self.erps.values():
            erp.customers.index(erp.customers.all)

    def cross_reference(self) -> dict[tuple[str, str, str], str]:
        """The id of every customer and every copy of a contract by (system, kind, business key); of several the oldest.

        A customer is found by each of its accounts, and by its party.
        """
        ids: dict[tuple[str, str, str], str] = {}
        for customer in self.billing.customers.all.values():
            for account in customer.accounts:
                ids.setdefault(("billing", "customer", account), customer.id)
        for customer in chain.from_iterable(erp.customers.all.values() for erp in self.erps.values()):
            for account in customer.accounts:
                ids.setdefault(("erp", "customer", account), customer.id)
        for one in (account for account in self.crm.accounts.values() if account.party):
            for system in ("billing", "erp"):
                known = ids.get((system, "customer", one.key))
                if known:
                    ids.setdefault((system, "customer", one.party), known)
        for subscription in self.billing.subscriptions.values():
            ids.setdefault(("billing", "subscription", subscription.contract), subscription.id)
        for order in chain.from_iterable(erp.orders.values() for erp in self.erps.values()):
            ids.setdefault(("erp", "order", order.contract), order.id)
        for contract in self.revenue.contracts.values():
            ids.setdefault(("revenue", "contract", contract.contract), contract.id)
        for project in self.projects.projects.values():
            ids.setdefault(("projects", "project", project.contract), project.id)
        return ids

    def start(self) -> None:
        """Arrange every run and period close of the calendar that lies ahead."""
        calendar = self.calendar
        self._runs.gather()
        for day in range(calendar.day_of(0), calendar.day_of(calendar.end_us) + 1):
            self._arrange(_Run("billing", "bill_run", calendar.instant_us(day, DUE_MINUTE), self._bill, day))
            for dunning in self.dunning:
                due_us = calendar.instant_us(day, DUNNING_MINUTE)
                self._arrange(_Run(erp_of(dunning.erp.entity), "dunning_run", due_us, self._remind, (dunning, day)))
        for month in calendar.months_run:
            runs_us = calendar.revenue_run_us(month) if month <= calendar.last_month else ()  # a late close overlaps
            for number, run_us in enumerate(runs_us, start=1):
                self._arrange(_Run("revenue", "revenue_run", run_us, self._recognise, (month, number)))
            lock_us = calendar.lock_us(month)
            if 0 <= lock_us <= calendar.end_us:
                self.wire.clock.at(lock_us, self._close, month)
        self._runs.release()

    def of_erps(self, records: Callable[[Erp], Iterable[Record]]) -> list[Record]:
        """What all ERP instances have of something, one instance after the other."""
        return list(chain.from_iterable(map(records, self.erps.values())))

    def record_of(self, event: Event) -> Any:
        """What an event is about, as its source has it, whatever a fault has made of the event."""
        return self.systems[event.source].publisher.records.get(event.id, event.body)

    def put_right(self, word: str, record: Any) -> Gap | None:
        """A person supplies, in the system itself, what it refused a record for; what that was, if it was lacking."""
        entity = getattr(record, "entity", "")
        masters: Mapping[str, MasterData] = {
            "erp": self.erps[entity].master_data,
            "revenue": self.revenue.master_data,
        }
        return masters[SYSTEM_OF[word]].put_right(word, record)

    def open_account(self, account: Account) -> None:
        """Sales opens an account in the CRM, or changes one."""
        self.wire.serving = 0
        if account.version > 1:
            self.crm.change_account(account)
        else:
            self.crm.open_account(account)
        self.systems["crm"].tell()

    def sign(self, contract: Contract) -> None:
        """Sales enters a contract's next version in the CRM; those of a statement of work, its project."""
        self.wire.serving = 0
        if contract.acquired_day and contract.version == 1:
            self._take_over(contract)
        if contract.version > 1 and not contract.obligations:
            self.projects.enter(contract, self.wire.clock.now)
            self.systems["projects"].tell()
        else:
            self.crm.sign(contract)
            self.systems["crm"].tell()

    def _take_over(self, contract: Contract) -> None:
        """People enter the position of a contract that comes with an acquisition into its entity's ledger."""
        day = contract.acquired_day
        lines = [line for lines in settled_lines(contract, day) for line in lines]
        earned = self.revenue.earned_minor(contract, day)
        liability_minor = sum(line.minor for line in lines) - earned
        self.erps[contract.entity].open(contract, liability_minor, day, self.wire.clock.now)
        if self.payers:
            self.payers.settle(contract.key, {(line.version, line.period): line.minor for line in lines})

    def deliver(self, fulfilment: Fulfilment) -> None:
        """What was delivered of a contract is on record: usage where it is metered, all else in the project."""
        self.wire.serving = 0
        if fulfilment.metered:
            self.billing.meter(fulfilment, self.wire.clock.now)
            self.systems["billing"].tell()
        else:
            self.projects.enter(fulfilment, self.wire.clock.now)
            self.systems["projects"].tell()

    def recovered(self, system: str, planned_us: int) -> None:
        """A system that was to be down up to `planned_us` is back now: what waits for it waits no longer."""
        clock, send = self.wire.clock, self.systems[system].publisher.send

        def waits(call: Any, argument: Any) -> bool:
            return bool(call == send or (call == self._begin and argument.system == system))

        clock.hasten(planned_us, waits)

    def _arrange(self, run: "_Run") -> None:
        if 0 <= run.due_us <= self.calendar.end_us:
            self._runs.at(run.due_us, run)

    def _begin(self, run: "_Run") -> None:
        """Do a run that is due; or, while its system is down, when it is back."""
        outage = down_by(self.systems[run.system].outages, self.wire.clock.now)
        if outage is None:
            run.perform(run.argument)
        else:
            key = run.key or self.calendar.local(run.due_us).date().isoformat()
            self.wire.strike(outage, f"{run.system}.{run.word}", key, 0)
            self.wire.clock.at(outage.end_us, self._begin, run)

    def _bill(self, day: int) -> None:
        self.wire.serving = 0
        self.billing.run(day, self.wire.clock.now)
        self.systems["billing"].tell()

    def _reach_customers(self, invoice: Invoice) -> None:
        """Customers get a document, and arrange for its payment."""
        assert self.payers is not None, "only customers who pay are sent documents"
        paid_us = self.payers.take(invoice)
        if paid_us is not None:
            self._arrange(_Run("billing", "payment", paid_us, self._receive, invoice, payment_id(invoice.id)))

    def _receive(self, invoice: Invoice) -> None:
        if self.billing.payment_of(invoice.id) is not None:  # somebody has entered it already
            return
        self.wire.serving = 0
        self.billing.receive_payment(invoice, self.wire.clock.now)
        self.systems["billing"].tell()

    def _remind(self, run: tuple[Dunning, int]) -> None:
        dunning, day = run
        dunning.run(day, self.wire.clock.now)

    def _recognise(self, run: tuple[int, int]) -> None:
        self.wire.serving = 0
        self.revenue.run(*run, self.wire.clock.now)
        self.systems["revenue"].tell()

    def _close(self, month: int) -> None:
        for erp in self.erps.values():
            erp.close_period(month, self.wire.clock.now)


@dataclass(frozen=True, slots=True)
class _Run:
    """Something a system does by itself: which `system`, its `word` for it, when it is due, and what is done.

    `key` is what it is about; without, it is the day.
    """

    system: str
    word: str
    due_us: int
    perform: Callable[[Any], None]
    argument: object
    key: str = ""


def _index_lag(setup: Setup, stream: Stream) -> IndexLag:
    def lag_us(record: str) -> int:
        return setup.index_lag.draw(stream.word(record) >> 32)

    return lag_us


def _hides(wire: Wire, system: str, faults: Sequence[Fault]) -> Hides | None:
    stale = stale_indexes_of(faults, system)
    if not stale:
        return None

    def hides(account: str, visible_us: int, now_us: int) -> bool:
        fault = hidden_by(stale, visible_us, now_us)
        if fault is None:
            return False
        wire.strike(fault, f"{system}.find_customers", account, wire.serving)
        return True

    return hides


def _settle_customer(master: CustomerMaster, account: Account) -> None:
    """Have an account of before the run be a customer; of a party that is one already, the same."""
    known = master.first(account.party) if account.party else None
    if known is None:
        master.create(account.key, account.name, None, 0, account.parent, account.party)
    else:
        master.update(UpdateCustomer(known.id, account.key, account.name, account.parent, account.version), 0)
