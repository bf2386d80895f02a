"""The billing core: customers, subscriptions, the invoices and credit memos it issues of itself, and their payments.

It bills in advance, period by period. Whenever a subscription's state is written it bills at once what should
have been billed for the periods invoiced so far, less what has been, charge by charge. Nothing is unique but
ids; a client that wants one effect sends an idempotency key. What it has issued stays issued: a subscription that
was billed can be voided only with a credit memo for all of it.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter

from fakes.agreements import Contract, Fulfilment
from fakes.books.charges import Period, delivered_lines, due_lines, periods
from fakes.customers import CustomerMaster, Hides, IndexLag, UpdateCustomer
from fakes.fulfilments import FindFulfilments, FulfilmentNotes, RecordFulfilment
from fakes.lookup import Lookup
from fakes.news import News
from fakes.records import (
    Charge,
    ChargeLine,
    Customer,
    Invoice,
    Payment,
    Rendered,
    Subscription,
    Void,
    all_as_are,
    as_is,
    oldest_live,
    receipt,
    receipts,
)
from fakes.service import Operation, Operations, Refused
from fakes.validation import at_revision, live, promised, valid_contract
from sim.calendar import FiscalCalendar
from sim.record import Record

DUE_MINUTE = 6 * 60
"""Invoices fall due at 06:00 local."""


class CreateCustomer(Record):
    """Create a customer for a CRM account."""

    account: str
    name: str
    parent: str = ""
    party: str = ""
    version: int = 1


class FindCustomers(Record):
    """Search customers by CRM account; the index lags behind."""

    account: str


class CreateSubscription(Record):
    """Start billing a contract in its present state."""

    customer: str
    state: Contract


class FindSubscriptions(Record):
    """List a contract's live subscriptions, oldest first; lists are consistent."""

    contract: str


class UpdateSubscription(Record):
    """Write a contract's state over a subscription, whatever it held; with `if_revision`, only over that one."""

    subscription: str
    state: Contract
    if_revision: int | None = None


class VoidSubscription(Record):
    """Void a subscription, for good; with `credit`, credit what was billed of it. One that is void already stays so."""

    subscription: str
    reason: str
    credit: bool = False
    by: str = "integration"


class GetUsage(Record):
    """Read what was metered, by its key."""

    usage: str


class GetInvoice(Record):
    """Read an invoice or credit memo by its id."""

    invoice: str


class GetPayment(Record):
    """Read a payment or refund by its id."""

    payment: str


class Billing:
    """Subscriptions and what was billed for them. Time is handed in; `news` is what it has to tell."""

    def __init__(self, calendar: FiscalCalendar, index_lag: IndexLag, hides: Hides | None = None) -> None:
        self.customers = CustomerMaster("cus", index_lag, hides)
        self.subscriptions: dict[str, Subscription] = {}
        self.invoices: list[Invoice] = []
        self.payments: list[Payment] = []
        self.news: list[News] = []
        self.metered: list[Fulfilment] = []
        self._mornings: list[Callable[[int, int], None]] = []
        self._takers: list[Callable[[Invoice, int], None]] = []
        self._notes = FulfilmentNotes()
        self.rendered = self._notes.all
        self._calendar = calendar
        self._by_contract: dict[str, list[Subscription]] = {}
        self._documents: dict[str, int] = {}
        self._due: dict[int, list[Subscription]] = {}
        self._metered_of: dict[str, list[Fulfilment]] = {}
        self._unrated: dict[int, list[Subscription]] = {}
        self._invoices_by_id = Lookup(self.invoices, attrgetter("id"))
        self._metered_by_key = Lookup(self.metered, attrgetter("key"))
        self._payments_by_id = Lookup(self.payments, attrgetter("id"))

    def each_morning(self, act: Callable[[int, int], None]) -> None:
        """Have `act(day, now_us)` done before each day's bill run."""
        self._mornings.append(act)

    def each_document(self, act: Callable[[Invoice, int], None]) -> None:
        """Have `act(document, now_us)` done with each invoice and credit memo once it is issued."""
        self._takers.append(act)

    @property
    def operations(self) -> Operations:
        """What integrations can ask of billing."""
        return {
            CreateCustomer: Operation("create_customer", self._create_customer, as_is),
            UpdateCustomer: Operation("update_customer", self.customers.update, as_is),
            FindCustomers: Operation("find_customers", self._find_customers, all_as_are),
            CreateSubscription: Operation("create_subscription", self._create_subscription, receipt),
            FindSubscriptions: Operation("find_subscriptions", self._find_subscriptions, receipts),
            UpdateSubscription: Operation("update_subscription", self._update_subscription, receipt),
            VoidSubscription: Operation("void_subscription", self._void_subscription, receipt),
            RecordFulfilment: Operation("record_fulfilment", self._record_fulfilment),
            FindFulfilments: Operation("find_fulfilments", self._notes.find),
            GetUsage: Operation("get_usage", self._get_usage),
            GetInvoice: Operation("get_invoice", self._get_invoice),
            GetPayment: Operation("get_payment", self._get_payment),
        }

    def preload(self, account_name: str, contract: Contract, rendered: Sequence[Fulfilment] = ()) -> None:
        """Take over a contract from before the run, with every period due before instant 0 billed.

        So is what was delivered.
        """
        customer = self.customers.first(contract.account) or self.customers.create(
            contract.account, account_name, None, 0
        )
        subscription = self._add(customer.id, contract, 0)
        _settle(subscription, self._calendar.day_of(0))
        subscription.rendered += rendered
        for line in _delivered(subscription).values():
            subscription.billed[line.version, line.period] = line.minor
        self._wait_for_next(subscription, periods(contract))

    def run(self, day: int, now_us: int) -> None:
        """Issue the invoices that fall due on `day`."""
        for act in self._mornings:
            act(day, now_us)
        for subscription in self._due.pop(day, ()):
            if subscription.void is None:
                self._bill_due(subscription, now_us)
        for subscription in self._unrated.pop(day, ()):
            if subscription.void is None:
                self._bill_difference(subscription, day, self._calendar.instant_us(day, DUE_MINUTE), now_us)

    def meter(self, usage: Fulfilment, now_us: int) -> None:
        """Take in a month's usage of a contract, as the product has metered it, and tell of it.

        The contract's oldest live subscription is charged for it: by the next bill run if that is to come today, else
        at once; if there is none yet, when there is.
        """
        self.metered.append(usage)
        self._metered_of.setdefault(usage.contract, []).append(usage)
        self.news.append(News("usage_reported", usage.key, 1, usage))
        subscription = self._live(usage.contract)
        if subscription is not None:
            self._rate(subscription, usage, now_us)

    def receive_payment(self, invoice: Invoice, now_us: int) -> Payment:
        """The bank reports that an invoice was paid, or a credit memo paid back, in full."""
        payment = Payment(
            payment_id(invoice.id), invoice.id, invoice.contract, invoice.account, invoice.currency,
            invoice.total_minor, self._calendar.day_of(now_us), now_us, invoice.entity,
        )  # fmt: skip
        self.payments.append(payment)
        told = "payment_received" if payment.kind == "payment" else "refund_paid"
        self.news.append(News(told, payment.id, 1, payment))
        return payment

    def payment_of(self, document: str) -> Payment | None:
        """What was paid for a document so far, or paid back for it."""
        return next(iter(self._payments_by_id.all(payment_id(document))), None)

    def credit(self, invoice: Invoice, lines: Sequence[ChargeLine], now_us: int) -> Invoice:
        """A credit memo of these lines to the customer of an invoice; they stay billed, and are not billed anew."""
        subscription = self.subscriptions[invoice.subscription]
        billed = dict(subscription.billed)
        self._issue(subscription, lines, self._calendar.day_of(now_us), now_us, now_us)
        subscription.billed = billed
        return self.invoices[-1]

    def extend(self, subscription: Subscription, state: Contract) -> None:
        """Let a subscription go on in a state that ends later, and bill the periods to come as they fall due."""
        waited_for = len(periods(subscription.state)) > subscription.next_period
        subscription.state = valid_contract(state)
        subscription.revision += 1
        if not waited_for:
            self._wait_for_next(subscription, periods(state))

    def bill_today(self, subscription: Subscription, now_us: int) -> None:
        """Issue what falls due of a subscription today, before the bill run does."""
        self._bill_until(subscription, self._calendar.instant_us(self._calendar.day_of(now_us), DUE_MINUTE), now_us)

    def billed(self, contract: str) -> dict[Charge, int]:
        """What was invoiced less credited for a contract so far, by charge."""
        sums: dict[Charge, int] = {}
        for taken in self._by_contract.get(contract, ()):
            for charge, minor in taken.billed.items():
                sums[charge] = sums.get(charge, 0) + minor
        return sums

    def billed_minor(self, contract: str) -> int:
        """What was invoiced less credited for a contract so far."""
        return sum(sum(taken.billed.values()) for taken in self._by_contract.get(contract, ()))

    def _create_customer(self, request: CreateCustomer, now_us: int) -> Customer:
        return self.customers.create(
            request.account, request.name, None, now_us, request.parent, request.party, request.version
        )

    def _find_customers(self, request: FindCustomers, now_us: int) -> list[Customer]:
        return self.customers.find(request.account, now_us)

    def _create_subscription(self, request: CreateSubscription, now_us: int) -> Subscription:
        if request.customer not in self.customers.all:
            raise Refused(404, "customer_not_found")
        subscription = self._add(request.customer, valid_contract(request.state), now_us)
        if request.state.acquired_day:
            _settle(subscription, request.state.acquired_day)
            subscription.settled = dict(subscription.billed)
            self._bill_difference(subscription, self._calendar.day_of(now_us), now_us, now_us)
        self._bill_due(subscription, now_us)
        metered = self._metered_of.get(request.state.key)
        if metered and self._live(request.state.key) is subscription:  # there was none, or it was voided
            for usage in metered:
                self._rate(subscription, usage, now_us)
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
        self._bill_difference(subscription, self._calendar.day_of(now_us), now_us, now_us)
        return subscription

    def _void_subscription(self, request: VoidSubscription, now_us: int) -> Subscription:
        subscription = self.subscriptions.get(request.subscription)
        if subscription is None:
            raise Refused(404, "subscription_not_found")
        if subscription.void is not None:
            return subscription
        settled = subscription.settled
        own = {charge: minor - settled.get(charge, 0) for charge, minor in subscription.billed.items()}
        if any(own.values()) and not request.credit:
            raise Refused(409, "invoice_issued")
        subscription.void = Void(now_us, request.by, request.reason)
        lines = [ChargeLine(*charge, *_days(subscription, charge[1]), -minor) for charge, minor in own.items() if minor]
        self._issue(subscription, lines, self._calendar.day_of(now_us), now_us, now_us)
        return subscription

    def _record_fulfilment(self, request: RecordFulfilment, now_us: int) -> Rendered:
        fulfilment = request.fulfilment
        subscription = self._live(fulfilment.contract)
        if subscription is None:
            raise Refused(404, "subscription_not_found")
        promised(subscription.state, fulfilment)
        subscription.rendered.append(fulfilment)
        self._issue(subscription, delivered_lines(subscription.state, fulfilment), fulfilment.day, now_us, now_us)
        return self._notes.take(fulfilment, now_us)

    def _get_usage(self, request: GetUsage, now_us: int) -> Fulfilment:
        return self._metered_by_key.oldest(request.usage, "usage_not_found")

    def _get_invoice(self, request: GetInvoice, now_us: int) -> Invoice:
        return self._invoices_by_id.oldest(request.invoice, "invoice_not_found")

    def _get_payment(self, request: GetPayment, now_us: int) -> Payment:
        return self._payments_by_id.oldest(request.payment, "payment_not_found")

    def _live(self, contract: str) -> Subscription | None:
        """A contract's oldest live subscription: what was used or delivered is charged there."""
        return oldest_live(self._by_contract.get(contract, ()))

    def _add(self, customer: str, state: Contract, now_us: int) -> Subscription:
        applied = {version.number: now_us for version in state.versions}
        subscription = Subscription(f"sub-{len(self.subscriptions) + 1:06}", customer, state, now_us, applied)
        self.subscriptions[subscription.id] = subscription
        self._by_contract.setdefault(state.key, []).append(subscription)
        return subscription

    def _bill_due(self, subscription: Subscription, now_us: int) -> None:
        self._bill_until(subscription, now_us, now_us)
        self._wait_for_next(subscription, periods(subscription.state))

    def _bill_until(self, subscription: Subscription, until_us: int, now_us: int) -> None:
        """Issue what falls due until an instant."""
        schedule = periods(subscription.state)
        while subscription.next_period < len(schedule):
            number = subscription.next_period
            from_day = schedule[number][0]
            due_us = self._calendar.instant_us(from_day, DUE_MINUTE)
            if due_us > until_us:
                break
            subscription.next_period += 1
            day = max(from_day, subscription.state.versions[0].signed_day)
            self._issue(subscription, due_lines(subscription.state, number), day, due_us, now_us)

    def _rate(self, subscription: Subscription, usage: Fulfilment, now_us: int) -> None:
        subscription.rendered.append(usage)
        day = self._calendar.day_of(now_us)
        if now_us < self._calendar.instant_us(day, DUE_MINUTE):
            self._unrated.setdefault(day, []).append(subscription)
        else:
            self._bill_difference(subscription, day, now_us, now_us)

    def _bill_difference(self, subscription: Subscription, day: int, due_us: int, now_us: int) -> None:
        billed, should = subscription.billed, dict[Charge, ChargeLine]()
        for number in range(subscription.next_period):
            should.update(((line.version, line.period), line) for line in due_lines(subscription.state, number))
        if subscription.rendered:
            should.update(_delivered(subscription))
        lines = [
            ChargeLine(line.version, line.period, line.from_day, line.to_day, line.minor - billed.get(charge, 0))
            for charge, line in should.items()
            if line.minor != billed.get(charge, 0)
        ]
        for charge, minor in billed.items():
            if minor and charge not in should:
                lines.append(ChargeLine(*charge, *_days(subscription, charge[1]), -minor))
        self._issue(subscription, lines, day, due_us, now_us)

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
            now_us, tuple(lines), total_minor, state.entity,
        )  # fmt: skip
        self.invoices.append(invoice)
        self.news.append(News(f"{invoice.kind}_issued", invoice.id, 1, invoice))
        for act in self._takers:
            act(invoice, now_us)

    def _wait_for_next(self, subscription: Subscription, schedule: Sequence[Period]) -> None:
        if subscription.next_period < len(schedule):
            self._due.setdefault(schedule[subscription.next_period][0], []).append(subscription)


def settled_lines(contract: Contract, before_day: int) -> list[list[ChargeLine]]:
    """The charges of each service period that began before a day, as far as they were agreed before it."""
    known = [version.number for version in contract.versions if version.signed_day < before_day]
    begun = [number for number, (from_day, _) in enumerate(periods(contract)) if from_day < before_day]
    return [[line for line in due_lines(contract, number) if line.version in known] for number in begun]


def _settle(subscription: Subscription, before_day: int) -> None:
    """Take what was due before a day for billed."""
    settled = settled_lines(subscription.state, before_day)
    subscription.billed.update(((line.version, line.period), line.minor) for lines in settled for line in lines)
    subscription.next_period = len(settled)


def _delivered(subscription: Subscription) -> dict[Charge, ChargeLine]:
    """What is to be charged for what was delivered; for what billing was told twice, twice."""
    lines: dict[Charge, ChargeLine] = {}
    for fulfilment in subscription.rendered:
        for line in delivered_lines(subscription.state, fulfilment):
            known = lines.setdefault((line.version, line.period), line)
            if known is not line:
                known.minor += line.minor
    return lines


def _days(subscription: Subscription, what_for: int | str) -> tuple[int, int]:
    """The days that something is charged for."""
    if isinstance(what_for, int):
        return periods(subscription.state)[what_for]
    for fulfilment in subscription.rendered:
        if fulfilment.key == what_for:
            return fulfilment.from_day, fulfilment.day + 1
    for one in subscription.state.deliverables:
        if one.product == what_for:
            return one.from_day, one.to_day
    return subscription.state.start_day, subscription.state.end_day  # an older state was written over the newer one


def payment_id(document: str) -> str:
    """The id of the payment for a document: there is one at most."""
    return f"PAY-{document}"
