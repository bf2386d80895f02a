"""The canonical model: what a company does in words of its own, into which every source and out of which every target
is mapped.

With N sources and M targets that is N + M mappings, where each source mapped to each of its targets would be up to
N × M. A record carries its version; the newest replaces those before it. What no target asks for is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from fakes import agreements, records
from harness.layer import (
    ACCOUNT_EVENTS,
    AGREEMENT_EVENTS,
    CHANGE_ORDERS,
    DOCUMENT_EVENTS,
    FULFILMENT_EVENTS,
    PAYMENT_EVENTS,
    RECOGNITION_EVENTS,
    USAGE_EVENTS,
)
from sim.delivery import Event


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys."""

    key: str
    version: int
    name: str
    entity: str
    party: str
    parent: str


@dataclass(frozen=True, slots=True)
class Contract:
    """What was agreed with a customer, with all its changes so far. Days are ordinals, money is minor units."""

    key: str
    version: int
    customer: str
    currency: str
    term: tuple[int, int]
    billed_every_months: int
    unit_price_minor: int
    period_price_minor: int
    promises: tuple[agreements.PerformanceObligation, ...]
    changes: tuple[agreements.Version, ...]
    yearly_prices_minor: tuple[int, ...]
    deliverables: tuple[agreements.Deliverable, ...]
    renews: str
    entity: str
    acquired_day: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was delivered of a contract, from a day up to another."""

    key: str
    version: int
    contract: str
    product: str
    days: tuple[int, int]
    units: int
    accepted: bool
    metered: bool


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a customer was invoiced, or (negative) credited."""

    key: str
    version: int
    contract: str
    customer: str
    currency: str
    day: int
    total_minor: int
    entity: str


@dataclass(frozen=True, slots=True)
class Payment:
    """What a customer paid for an invoice, or (negative) was paid back."""

    key: str
    version: int
    invoice: str
    contract: str
    customer: str
    currency: str
    minor: int
    day: int
    entity: str


@dataclass(frozen=True, slots=True)
class RevenueEvent:
    """What was earned with a contract in a month, by product."""

    key: str
    version: int
    contract: str
    currency: str
    month: int
    amounts: tuple[tuple[str, int], ...]
    entity: str


Record: TypeAlias = Customer | Contract | Delivery | Invoice | Payment | RevenueEvent


# --- from the sources --------------------------------------------------------------------------------


def from_crm(event: Event) -> Record:
    """What the CRM tells of: a customer or a contract."""
    if event.type in ACCOUNT_EVENTS:
        account: agreements.Account = event.body
        return Customer(
            account.key, event.version, account.name, account.entity, account.party, account.parent
        )  # fmt: skip
    return _from_contract(event.body)


def _from_contract(told: agreements.Contract) -> Contract:
    return Contract(
        key=told.key,
        version=told.version,
        customer=told.account,
        currency=told.currency,
        term=(told.start_day, told.end_day),
        billed_every_months=told.billing_months,
        unit_price_minor=told.unit_price_minor,
        period_price_minor=told.period_price_minor,
        promises=told.obligations,
        changes=told.versions,
        yearly_prices_minor=told.ramp,
        deliverables=told.deliverables,
        renews=told.renews,
        entity=told.entity,
        acquired_day=told.acquired_day,
    )


def _from_fulfilment(event: Event) -> Delivery:
    told: agreements.Fulfilment = event.body
    days = told.from_day, told.day + 1
    return Delivery(
        told.key, event.version, told.contract, told.product, days, told.units, told.accepted, told.metered
    )  # fmt: skip


def from_billing(event: Event) -> Record:
    """What billing tells of: usage, an invoice or a credit memo, a payment or a refund."""
    if event.type in USAGE_EVENTS:
        return _from_fulfilment(event)
    if event.type in PAYMENT_EVENTS:
        return _payment(event)
    told: records.Invoice = event.body
    return Invoice(
        key=told.id,
        version=event.version,
        contract=told.contract,
        customer=told.account,
        currency=told.currency,
        day=told.day,
        total_minor=told.total_minor,
        entity=told.entity,
    )


def _payment(event: Event) -> Payment:
    told: records.Payment = event.body
    return Payment(
        key=told.id,
        version=event.version,
        invoice=told.document,
        contract=told.contract,
        customer=told.account,
        currency=told.currency,
        minor=told.minor,
        day=told.day,
        entity=told.entity,
    )


def from_revenue(event: Event) -> Record:
    """What the revenue engine tells of: revenue recognised."""
    told: records.Recognition = event.body
    return RevenueEvent(told.id, event.version, told.contract, told.currency, told.month, told.amounts, told.entity)


def from_projects(event: Event) -> Record:
    """What projects tell of: a contract that was changed, or what was delivered."""
    return _from_contract(event.body) if event.type in CHANGE_ORDERS else _from_fulfilment(event)


FROM: Mapping[str, Callable[[Event], Record]] = {
    "crm": from_crm,
    "billing": from_billing,
    "revenue": from_revenue,
    "projects": from_projects,
}
"""One mapping for each source."""


# --- onto the targets --------------------------------------------------------------------------------


def account_of(customer: Customer) -> agreements.Account:
    """A customer, as every target takes it."""
    return agreements.Account(
        customer.key, customer.name, customer.entity, customer.party, customer.parent, customer.version
    )  # fmt: skip


def agreement_of(contract: Contract) -> agreements.Contract:
    """A contract, as every target takes it."""
    return agreements.Contract(
        key=contract.key,
        account=contract.customer,
        currency=contract.currency,
        start_day=contract.term[0],
        end_day=contract.term[1],
        billing_months=contract.billed_every_months,
        unit_price_minor=contract.unit_price_minor,
        period_price_minor=contract.period_price_minor,
        obligations=contract.promises,
        versions=contract.changes,
        ramp=contract.yearly_prices_minor,
        deliverables=contract.deliverables,
        renews=contract.renews,
        entity=contract.entity,
        acquired_day=contract.acquired_day,
    )


def fulfilment_of(delivery: Delivery) -> agreements.Fulfilment:
    """What was delivered, as every target takes it."""
    from_day, to_day = delivery.days
    return agreements.Fulfilment(
        key=delivery.key,
        contract=delivery.contract,
        product=delivery.product,
        from_day=from_day,
        day=to_day - 1,
        units=delivery.units,
        accepted=delivery.accepted,
        metered=delivery.metered,
    )


def document_of(invoice: Invoice) -> records.Invoice:
    """An invoice, as its readers take it: without what only billing knows of it."""
    return records.Invoice(
        id=invoice.key,
        subscription="",
        contract=invoice.contract,
        account=invoice.customer,
        currency=invoice.currency,
        day=invoice.day,
        due_us=0,
        issued_us=0,
        lines=(),
        total_minor=invoice.total_minor,
        entity=invoice.entity,
    )


def payment_of(payment: Payment) -> records.Payment:
    """A payment, as the ledger takes it: without the instant that only the bank knows."""
    return records.Payment(
        id=payment.key,
        document=payment.invoice,
        contract=payment.contract,
        account=payment.customer,
        currency=payment.currency,
        minor=payment.minor,
        day=payment.day,
        received_us=0,
        entity=payment.entity,
    )


def recognition_of(earned: RevenueEvent) -> records.Recognition:
    """A revenue event, as the ledger takes it: without what only the engine knows of it."""
    return records.Recognition(
        id=earned.key,
        revenue_contract="",
        contract=earned.contract,
        currency=earned.currency,
        month=earned.month,
        run=0,
        amounts=earned.amounts,
        total_minor=sum(minor for _, minor in earned.amounts),
        run_us=0,
        entity=earned.entity,
    )


Onto: TypeAlias = Mapping[type, Callable[[Any], Any]]

ONTO: Mapping[str, Onto] = {
    "billing": {Customer: account_of, Contract: agreement_of, Delivery: fulfilment_of},
    "erp": {
        Customer: account_of,
        Contract: agreement_of,
        Invoice: document_of,
        Payment: payment_of,
        RevenueEvent: recognition_of,
    },
    "revenue": {Contract: agreement_of, Delivery: fulfilment_of, Invoice: document_of},
    "projects": {Contract: agreement_of},
}
"""One mapping for each target: of every type of record that it takes."""

KINDS: Mapping[str, str] = {
    **dict.fromkeys(ACCOUNT_EVENTS, "customer"),
    **dict.fromkeys(AGREEMENT_EVENTS, "contract"),
    **dict.fromkeys(FULFILMENT_EVENTS, "delivery"),
    **dict.fromkeys(DOCUMENT_EVENTS, "invoice"),
    **dict.fromkeys(PAYMENT_EVENTS, "payment"),
    **dict.fromkeys(RECOGNITION_EVENTS, "revenue_event"),
}
"""The word for the record that an event is about, by the event's type."""
