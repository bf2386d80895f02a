"""What people and products ask of billing beyond what integrations do: all its records, one invoice credited or paid.

No built-in layer asks for any of this: it is how a product's own screens and its API see the same billing.
"""

from collections.abc import Reversible, Sequence
from dataclasses import replace
from itertools import islice
from types import MappingProxyType

from fakes.agreements import Fulfilment
from fakes.billing import Billing
from fakes.news import News
from fakes.records import ChargeLine, Customer, Invoice, Payment, Subscription
from fakes.service import Operation, Operations, Refused
from fakes.validation import live
from sim.calendar import FiscalCalendar, add_months, month_name
from sim.record import Record


class GetCustomer(Record):
    """Read a customer by its id."""

    customer: str


class ListCustomers(Record):
    """All customers, oldest first."""


class GetSubscription(Record):
    """Read a subscription as it is, by its id."""

    subscription: str


class ListSubscriptions(Record):
    """All subscriptions, also void ones, oldest first; or those of one customer."""

    customer: str = ""


class ListDocuments(Record):
    """All invoices and credit memos in the order of their issue."""


class DocumentsOf(Record):
    """The invoices and credit memos of one subscription, oldest first."""

    subscription: str


class PlaceOf(Record):
    """The place of an invoice or credit memo among all of them, from 0."""

    document: str


class ListPayments(Record):
    """All payments and refunds in the order of their arrival."""


class PaymentOf(Record):
    """What was paid for a document, or paid back for it; None if nothing was yet."""

    document: str


class IsIndexed(Record):
    """Whether a search for a word shows a record, created at an instant, now: the index lags, or stands still."""

    record: str
    word: str
    created_us: int


class CreditInvoice(Record):
    """Issue a credit memo for some of an invoice: (place of its line, minor units) pairs.

    Billing by itself takes no note of that: what was credited so is not billed anew.
    """

    invoice: str
    lines: tuple[tuple[int, int], ...]


class CreditableOf(Record):
    """What of each line of an invoice was not credited by hand yet, in minor units."""

    invoice: str


class CollectPayment(Record):
    """Take note that a document was paid in full, or paid back."""

    document: str


class CollectAutomatically(Record):
    """Have what a subscription is invoiced be paid at once, from now on, or leave it to the customer again."""

    subscription: str
    on: bool


class BillToday(Record):
    """Issue what falls due of a subscription today, before the bill run does."""

    subscription: str


class ReportUsage(Record):
    """Count units of use of a contract's product; those of a month are metered together, once it is over."""

    contract: str
    product: str
    units: int
    day: int


class KeepRenewing(Record):
    """Have a subscription go on for `months` more whenever its term ends; or, with 0, end at its term."""

    subscription: str
    months: int


class ExtendTerm(Record):
    """Have a subscription end on a later day; the periods to come are billed as they fall due."""

    subscription: str
    end_day: int


class TellOf(Record):
    """Tell subscribers of something that billing's core knows nothing of. `what` is as it is then."""

    type: str
    key: str
    version: int
    what: object


class BillingDesk:
    """The desk of one billing."""

    def __init__(self, billing: Billing, calendar: FiscalCalendar) -> None:
        self._billing = billing
        self._calendar = calendar
        self._seen = 0
        self._place: dict[str, int] = {}
        self._of_subscription: dict[str, list[Invoice]] = {}
        self._subscriptions_seen = 0
        self._of_customer: dict[str, list[Subscription]] = {}
        self._credited: dict[tuple[str, int], int] = {}
        self._renewing: dict[str, int] = {}
        self._used: dict[tuple[int, str, str], int] = {}
        self._collecting: dict[str, None] = {}
        billing.each_morning(self._morning)
        billing.each_document(self._collect_at_once)

    @property
    def operations(self) -> Operations:
        """What can be asked for."""
        billing = self._billing
        return MappingProxyType({
            GetCustomer: Operation("get_customer", self._get_customer),
            ListCustomers: Operation("list_customers", lambda request, now_us: billing.customers.all.values()),
            GetSubscription: Operation("get_subscription", self._get_subscription),
            ListSubscriptions: Operation("list_subscriptions", self._list_subscriptions),
            ListDocuments: Operation("list_documents", lambda request, now_us: billing.invoices),
            DocumentsOf: Operation("documents_of", self._documents_of),
            PlaceOf: Operation("place_of", self._place_of),
            ListPayments: Operation("list_payments", lambda request, now_us: billing.payments),
            PaymentOf: Operation("payment_of", lambda request, now_us: billing.payment_of(request.document)),
            IsIndexed: Operation("is_indexed", self._is_indexed),
            CreditInvoice: Operation("credit_invoice", self._credit),
            CreditableOf: Operation("creditable_of", self._creditable_of),
            CollectPayment: Operation("collect_payment", self._collect),
            CollectAutomatically: Operation("collect_automatically", self._collect_automatically),
            BillToday: Operation("bill_today", self._bill_today),
            ReportUsage: Operation("report_usage", self._report_usage),
            KeepRenewing: Operation("keep_renewing", self._keep_renewing),
            ExtendTerm: Operation("extend_term", self._extend_term),
            TellOf: Operation("tell_of", self._tell_of),
        })  # fmt: skip

    # --- reading -------------------------------------------------------------------------------------

    def _get_customer(self, request: GetCustomer, now_us: int) -> Customer:
        customer = self._billing.customers.all.get(request.customer)
        if customer is None:
            raise Refused(404, "customer_not_found")
        return customer

    def _get_subscription(self, request: GetSubscription, now_us: int) -> Subscription:
        subscription = self._billing.subscriptions.get(request.subscription)
        if subscription is None:
            raise Refused(404, "subscription_not_found")
        return subscription

    def _list_subscriptions(self, request: ListSubscriptions, now_us: int) -> Reversible[Subscription]:
        known = self._billing.subscriptions
        if not request.customer:
            return known.values()
        fresh = islice(reversed(known.values()), len(known) - self._subscriptions_seen)
        for one in reversed(list(fresh)):
            self._of_customer.setdefault(one.customer, []).append(one)
        self._subscriptions_seen = len(known)
        return self._of_customer.get(request.customer, ())

    def _documents_of(self, request: DocumentsOf, now_us: int) -> Sequence[Invoice]:
        self._catch_up()
        return self._of_subscription.get(request.subscription, ())

    def _place_of(self, request: PlaceOf, now_us: int) -> int:
        self._catch_up()
        if request.document not in self._place:
            raise Refused(404, "invoice_not_found")
        return self._place[request.document]

    def _catch_up(self) -> None:
        documents = self._billing.invoices
        for place in range(self._seen, len(documents)):
            document = documents[place]
            self._place[document.id] = place
            self._of_subscription.setdefault(document.subscription, []).append(document)
        self._seen = len(documents)

    def _is_indexed(self, request: IsIndexed, now_us: int) -> bool:
        return self._billing.customers.shows(request.record, request.word, request.created_us, now_us)

    # --- money ---------------------------------------------------------------------------------------

    def _credit(self, request: CreditInvoice, now_us: int) -> Invoice:
        invoice = self._billing.invoices[self._place_of(PlaceOf(request.invoice), now_us)]
        lines = []
        for place, minor in request.lines:
            line = invoice.lines[place]
            already_minor = self._credited.get((invoice.id, place), 0)
            if not minor or (minor > 0) != (line.minor > 0) or abs(already_minor + minor) > abs(line.minor):
                raise Refused(422, "credited_more_than_invoiced")
            lines.append(ChargeLine(line.version, line.period, line.from_day, line.to_day, -minor))
        if not lines:
            raise Refused(422, "nothing_to_credit")
        for place, minor in request.lines:
            self._credited[invoice.id, place] = self._credited.get((invoice.id, place), 0) + minor
        return self._billing.credit(invoice, lines, now_us)

    def _creditable_of(self, request: CreditableOf, now_us: int) -> list[int]:
        invoice = self._billing.invoices[self._place_of(PlaceOf(request.invoice), now_us)]
        credited = self._credited
        return [line.minor - credited.get((invoice.id, place), 0) for place, line in enumerate(invoice.lines)]

    def _collect(self, request: CollectPayment, now_us: int) -> Payment:
        document = self._billing.invoices[self._place_of(PlaceOf(request.document), now_us)]
        if self._billing.payment_of(document.id) is not None:
            raise Refused(409, "already_paid")
        return self._billing.receive_payment(document, now_us)

    def _collect_automatically(self, request: CollectAutomatically, now_us: int) -> None:
        self._get_subscription(GetSubscription(request.subscription), now_us)
        if request.on:
            self._collecting[request.subscription] = None
        else:
            self._collecting.pop(request.subscription, None)

    def _collect_at_once(self, document: Invoice, now_us: int) -> None:
        if document.total_minor > 0 and document.subscription in self._collecting:
            self._billing.receive_payment(document, now_us)

    def _bill_today(self, request: BillToday, now_us: int) -> None:
        self._billing.bill_today(self._get_subscription(GetSubscription(request.subscription), now_us), now_us)

    # --- usage, renewals, news -----------------------------------------------------------------------

    def _report_usage(self, request: ReportUsage, now_us: int) -> int:
        """The units of the month so far."""
        if request.units < 0:
            raise Refused(422, "negative_usage")
        month = self._calendar.month_of_day(max(request.day, self._calendar.day_of(now_us)))
        place = (month, request.contract, request.product)
        self._used[place] = units = self._used.get(place, 0) + request.units
        return units

    def _keep_renewing(self, request: KeepRenewing, now_us: int) -> None:
        self._get_subscription(GetSubscription(request.subscription), now_us)
        if request.months:
            self._renewing[request.subscription] = request.months
        else:
            self._renewing.pop(request.subscription, None)

    def _extend_term(self, request: ExtendTerm, now_us: int) -> None:
        subscription = self._get_subscription(GetSubscription(request.subscription), now_us)
        live(subscription, "subscription_voided")
        if request.end_day <= subscription.state.end_day:
            raise Refused(422, "no_later_end")
        self._billing.extend(subscription, replace(subscription.state, end_day=request.end_day))

    def _tell_of(self, request: TellOf, now_us: int) -> None:
        self._billing.news.append(News(request.type, request.key, request.version, request.what))

    def _morning(self, day: int, now_us: int) -> None:
        """Before the bill run of `day`: meter the months that are over, and renew what ends."""
        month = self._calendar.month_of_day(day)
        for place in [place for place in self._used if place[0] < month]:
            self._meter(*place, self._used.pop(place), now_us)
        for subscription_id, months in list(self._renewing.items()):
            subscription = self._billing.subscriptions[subscription_id]
            state = subscription.state
            if subscription.void is None and state.quantity and state.end_day == day:
                renewed = add_months(state.start_day, _months_of(state.start_day, state.end_day) + months)
                self._billing.extend(subscription, replace(state, end_day=renewed))

    def _meter(self, month: int, contract: str, product: str, units: int, now_us: int) -> None:
        calendar = self._calendar
        first_day, last_day = calendar.first_day(month), calendar.end_day(month) - 1
        key = f"{contract}/{product}/{month_name(month)}"
        self._billing.meter(Fulfilment(key, contract, product, first_day, last_day, units, metered=True), now_us)


def _months_of(start_day: int, end_day: int) -> int:
    """The whole months from one day to another."""
    months = FiscalCalendar.month_of_day(end_day) - FiscalCalendar.month_of_day(start_day)
    while add_months(start_day, months) > end_day:
        months -= 1
    return months
