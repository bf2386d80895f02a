"""The billing core: customers, subscriptions, and the invoices and credit memos it issues of itself.

It bills in advance, period by period. Whenever a subscription's state is written it bills at once what should
have been billed for the periods invoiced so far, less what has been, charge by charge. Nothing is unique but
ids; a client that wants one effect sends an idempotency key. What it has issued stays issued: a subscription that
was billed can be voided only with a credit memo for all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from fakes.agreements import Contract
from fakes.books.charges import Period, due_lines, periods
from fakes.customers import CustomerMaster, Hides, IndexLag
from fakes.lookup import Lookup
from fakes.news import News
from fakes.records import ChargeLine, Customer, Invoice, Subscription, Void, receipt, receipts
from fakes.service import Operation, Operations, Refused
from fakes.validation import at_revision, live, valid_contract
from sim.calendar import FiscalCalendar

DUE_MINUTE = 6 * 60
"""Invoices fall due at 06:00 local."""


@dataclass(slots=True)
class CreateCustomer:
    """Create a customer for a CRM account."""

    account: str
    name: str


@dataclass(slots=True)
class FindCustomers:
    """Search customers by CRM account; the index lags behind."""

    account: str


@dataclass(slots=True)
class CreateSubscription:
    """Start billing a contract in its present state."""

    customer: str
    state: Contract


@dataclass(slots=True)
class FindSubscriptions:
    """List a contract's live subscriptions, oldest first; lists are consistent."""

    contract: str


@dataclass(slots=True)
class UpdateSubscription:
    """Write a contract's state over a subscription, whatever it held; with `if_revision`, only over that one."""

    subscription: str
    state: Contract
    if_revision: int | None = None


@dataclass(slots=True)
class VoidSubscription:
    """Void a subscription, for good; with `credit`, credit what was billed of it. One that is void already stays so."""

    subscription: str
    reason: str
    credit: bool = False
    by: str = "integration"


@dataclass(slots=True)
class GetInvoice:
    """Read an invoice or credit memo by its id."""

    invoice: str


class Billing:
    """Subscriptions and what was billed for them. Time is handed in; `news` is what it has to tell."""

    def __init__(self, calendar: FiscalCalendar, index_lag: IndexLag, hides: Hides | None = None) -> None:
        self.customers = CustomerMaster("cus", index_lag, hides)
        self.subscriptions: dict[str, Subscription] = {}
        self.invoices: list[Invoice] = []
        self.news: list[News] = []
        self._calendar = calendar
        self._by_contract: dict[str, list[Subscription]] = {}
        self._documents: dict[str, int] = {}
        self._due: dict[int, list[Subscription]] = {}
        self._invoices_by_id = Lookup(self.invoices, attrgetter("id"))

    @property
    def operations(self) -> Operations:
        """What integrations can ask of billing."""
        return {
            CreateCustomer: Operation("create_customer", self._create_customer),
            FindCustomers: Operation("find_customers", self._find_customers),
            CreateSubscription: Operation("create_subscription", self._create_subscription, receipt),
            FindSubscriptions: Operation("find_subscriptions", self._find_subscriptions, receipts),
            UpdateSubscription: Operation("update_subscription", self._update_subscription, receipt),
            VoidSubscription: Operation("void_subscription", self._void_subscription, receipt),
            GetInvoice: Operation("get_invoice", self._get_invoice),
        }

    def preload(self, account_name: str, contract: Contract) -> None:
        """Take over a contract from before the run, with every period due before instant 0 billed."""
        customer = self.customers.first(contract.account) or self.customers.create(
            contract.account, account_name, None, 0
        )
        subscription = self._add(customer.id, contract, 0)
        first_day, schedule = self._calendar.day_of(0), periods(contract)
        for number, (from_day, _) in enumerate(schedule):
            if from_day >= first_day:
                break
            subscription.billed.update(((line.version, number), line.minor) for line in due_lines(contract, number))
            subscription.next_period = number + 1
        self._wait_for_next(subscription, schedule)

    def run(self, day: int, now_us: int) -> None:
        """Issue the invoices that fall due on `day`."""
        for subscription in self._due.pop(day, ()):
            if subscription.void is None:
                self._bill_due(subscription, now_us)

    def billed_minor(self, contract: str) -> int:
        """What was invoiced less credited for a contract so far."""
        return sum(sum(taken.billed.values()) for taken in self._by_contract.get(contract, ()))

    def _create_customer(self, request: CreateCustomer, now_us: int) -> Customer:
        return self.customers.create(request.account, request.name, None, now_us)

    def _find_customers(self, request: FindCustomers, now_us: int) -> list[Customer]:
        return self.customers.find(request.account, now_us)

    def _create_subscription(self, request: CreateSubscription, now_us: int) -> Subscription:
        if request.customer not in self.customers.all:
            raise Refused(404, "customer_not_found")
        subscription = self._add(request.customer, valid_contract(request.state), now_us)
        self._bill_due(subscription, now_us)
        return subscription

    def _find_subscriptions(self, request: FindSubscriptions, now_us: int) -> list[Subscription]:
        return list(self._by_contract.get(request.contract, ()))

    def _update_subscription(self, request: UpdateSubscription, now_us: int) -> Subscription:
        subscription = self.subscriptions.get(request.subscription)
        if subscription is None:
            raise Refused(404, "subscription_not_found")
        live(subscription, "subscription_voided")
        at_revision(subscription.revision, request.if_revision)
        if len(periods(valid_contract(request.state))) < subscription.next_period:
            raise Refused(422, "term_already_billed")
        subscription.state = request.state
        subscription.revision += 1
        for version in request.state.versions:
            subscription.applied.setdefault(version.number, now_us)
        self._bill_difference(subscription, now_us)
        return subscription

    def _void_subscription(self, request: VoidSubscription, now_us: int) -> Subscription:
        subscription = self.subscriptions.get(request.subscription)
        if subscription is None:
            raise Refused(404, "subscription_not_found")
        if subscription.void is not None:
            return subscription
        if subscription.billed and not request.credit:
            raise Refused(409, "invoice_issued")
        subscription.void = Void(now_us, request.by, request.reason)
        service_periods = periods(subscription.state)
        lines = [
            ChargeLine(version, number, *service_periods[number], -minor)
            for (version, number), minor in subscription.billed.items()
            if minor
        ]
        self._issue(subscription, lines, self._calendar.day_of(now_us), now_us, now_us)
        return subscription

    def _get_invoice(self, request: GetInvoice, now_us: int) -> Invoice:
        for invoice in self._invoices_by_id.all(request.invoice):
            return invoice
        raise Refused(404, "invoice_not_found")

    def _add(self, customer: str, state: Contract, now_us: int) -> Subscription:
        applied = {version.number: now_us for version in state.versions}
        subscription = Subscription(f"sub-{len(self.subscriptions) + 1:06}", customer, state, now_us, applied)
        self.subscriptions[subscription.id] = subscription
        self._by_contract.setdefault(state.key, []).append(subscription)
        return subscription

    def _bill_due(self, subscription: Subscription, now_us: int) -> None:
        schedule = periods(subscription.state)
        while subscription.next_period < len(schedule):
            number = subscription.next_period
            from_day = schedule[number][0]
            due_us = self._calendar.instant_us(from_day, DUE_MINUTE)
            if due_us > now_us:
                break
            subscription.next_period += 1
            self._issue(subscription, due_lines(subscription.state, number), from_day, due_us, now_us)
        self._wait_for_next(subscription, schedule)

    def _bill_difference(self, subscription: Subscription, now_us: int) -> None:
        billed, should = subscription.billed, dict[tuple[int, int], ChargeLine]()
        for number in range(subscription.next_period):
            should.update(((line.version, number), line) for line in due_lines(subscription.state, number))
        lines = [
            ChargeLine(line.version, line.period, line.from_day, line.to_day, line.minor - billed.get(charge, 0))
            for charge, line in should.items()
            if line.minor != billed.get(charge, 0)
        ]
        for (version, number), minor in billed.items():
            if minor and (version, number) not in should:
                lines.append(ChargeLine(version, number, *periods(subscription.state)[number], -minor))
        self._issue(subscription, lines, self._calendar.day_of(now_us), now_us, now_us)

    def _issue(
        self, subscription: Subscription, lines: Sequence[ChargeLine], day: int, due_us: int, now_us: int
    ) -> None:
        if not lines:
            return
        state, billed = subscription.state, subscription.billed
        total_minor = 0
        for line in lines:
            total_minor += line.minor
            charge = (line.version, line.period)
            billed[charge] = billed.get(charge, 0) + line.minor
        number = self._documents[state.key] = self._documents.get(state.key, 0) + 1
        # By position: twice as fast as by name, and there is one for every service period.
        invoice = Invoice(
            f"INV-{state.key}-{number}", subscription.id, state.key, state.account, state.currency, day, due_us,
            now_us, tuple(lines), total_minor,
        )  # fmt: skip
        self.invoices.append(invoice)
        self.news.append(News(f"{invoice.kind}_issued", invoice.id, 1, invoice))

    def _wait_for_next(self, subscription: Subscription, schedule: Sequence[Period]) -> None:
        if subscription.next_period < len(schedule):
            self._due.setdefault(schedule[subscription.next_period][0], []).append(subscription)
