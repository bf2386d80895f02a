"""Events: what has happened, to be listed, and to be told of by webhooks, signed as Stripe signs.

What billing does by itself becomes events when somebody looks; its webhooks bear the same ids.
"""

import json
from collections.abc import Sequence
from fnmatch import fnmatchcase

from fakes.agreements import Fulfilment
from fakes.desk import ListDocuments, ListPayments, ListSubscriptions, PlaceOf
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object, event_id, event_object
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.credit_notes import note_object
from fakes.faces.stripe.documents import document_of, voided_by
from fakes.faces.stripe.errors import missing
from fakes.faces.stripe.invoice_objects import invoice_object
from fakes.faces.stripe.paging import page, within
from fakes.faces.stripe.payments import refund_object
from fakes.faces.webhooks import stripe_signature
from fakes.news import OF_A_PRODUCT
from fakes.records import Invoice, Payment
from sim.delivery import Event
from sim.http import HttpRequest

TELLS = ("invoice_issued", "credit_memo_issued", "payment_received", "refund_paid", "usage_reported", OF_A_PRODUCT)
"""The types of billing's news that Stripe's webhooks tell of."""


def _of_document(account: Account, document: Invoice) -> tuple[str, Object]:
    """The event that a document's issue is."""
    if document.kind == "invoice":
        return "invoice.finalized", invoice_object(account, document, fresh=True)
    voids = voided_by(account, document)
    if voids is None:
        return "credit_note.created", note_object(account, document, fresh=True)
    voided = document_of(account, voids)
    assert voided is not None, "what is voided was issued"
    return "invoice.voided", {**invoice_object(account, voided), "status": "void"}


def _of_payment(account: Account, payment: Payment) -> tuple[str, Object]:
    """The event that a payment's or refund's arrival is."""
    document: Invoice = account.ask(ListDocuments())[account.ask(PlaceOf(payment.document))]
    if payment.kind == "payment":
        return "invoice.paid", invoice_object(account, document)
    return "refund.created", refund_object(account, document)


def _of_usage(account: Account, usage: Fulfilment) -> tuple[str, Object]:
    """The event that a month's metering is."""
    owner = next((one for one in account.ask(ListSubscriptions()) if one.contract == usage.contract), None)
    until = account.day_seconds(usage.day + 1)
    return "billing.meter_event.created", {
        "id": usage.key, "object": "billing.meter_event", "created": account.now, "event_name": usage.product,
        "identifier": usage.key, "livemode": False, "payload": {
            "stripe_customer_id": customers.stripe_id(owner.customer) if owner else "", "value": str(usage.units),
            "contract": usage.contract, "product": usage.product,
            "from": account.day_seconds(usage.from_day), "until": until,
        }, "timestamp": until - 1,
    }  # fmt: skip


class Log:
    """All that has happened, in order. What billing did of itself is entered when something else is, or somebody looks.

    Such an entry is the record itself, with a word for which of its events it is: it is worded when it is asked for.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._documents = 0
        self._payments = 0
        self._entries: list[Object | tuple[str, Invoice | Payment]] = []
        self._places: dict[str, int] = {}
        self._placed = 0

    def __call__(self, event: Object | None) -> None:
        """Enter what billing has done since the last time, and then an event, if there is one."""
        ask = self._account.ask
        documents, payments = ask(ListDocuments()), ask(ListPayments())
        if len(documents) > self._documents or len(payments) > self._payments:
            self._take_in(documents[self._documents :], payments[self._payments :])
        if event is not None:
            self._entries.append(event)

    def _take_in(self, documents: Sequence[Invoice], payments: Sequence[Payment]) -> None:
        fresh: list[tuple[int, str, Invoice | Payment]] = []
        for one in documents:
            if one.kind == "invoice":
                fresh.append((one.issued_us, "created", one))
            fresh.append((one.issued_us, "issued", one))
        fresh += [(one.received_us, "arrived", one) for one in payments]
        self._documents += len(documents)
        self._payments += len(payments)
        self._entries += [(word, one) for _, word, one in sorted(fresh, key=lambda dated: dated[0])]

    @property
    def entries(self) -> list[Object | tuple[str, Invoice | Payment]]:
        """The entries so far; they are never changed."""
        self(None)
        return self._entries

    def place(self, id_: str) -> int | None:
        """Where the event of an id is among the entries."""
        entries = self.entries
        for place in range(self._placed, len(entries)):
            event = self.event(entries[place])
            if event is not None:
                self._places[event["id"]] = place
        self._placed = len(entries)
        return self._places.get(id_)

    def event(self, entry: Object | tuple[str, Invoice | Payment]) -> Object | None:
        """An entry in words; None for what is no event: an invoice that was drafted by hand was created before."""
        if isinstance(entry, dict):
            return entry
        account, (word, one) = self._account, entry
        if isinstance(one, Payment):
            type_, told = _of_payment(account, one)
            return event_object(type_, told, account.seconds(one.received_us), event_id(type_, told["id"]))
        type_, told = _of_document(account, one)
        created = account.seconds(one.issued_us)
        if word == "created":
            if account.read("drafted", one.subscription):
                return None
            type_, told = "invoice.created", {**told, "status": "draft"}
        return event_object(type_, told, created, event_id(type_, told["id"]))


# --- webhooks ----------------------------------------------------------------------------------------


def webhook(account: Account, event: Event, now_us: int) -> HttpRequest | None:
    """An event of billing's as Stripe posts it, signed at this instant; None for what Stripe does not tell of."""
    body = event.body
    if event.type == OF_A_PRODUCT:
        told: Object = body
    else:
        if isinstance(body, Invoice):
            type_, about = _of_document(account, body)
        elif isinstance(body, Payment):
            type_, about = _of_payment(account, body)
        elif isinstance(body, Fulfilment):
            type_, about = _of_usage(account, body)
        else:
            return None
        told = event_object(type_, about, account.seconds(event.committed_us), event_id(type_, about["id"]))
    payload = json.dumps({**told, "pending_webhooks": 1}, indent=2).encode()
    headers = (
        ("content-type", "application/json; charset=utf-8"), ("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
        ("stripe-signature", stripe_signature(account.credentials.signing_secret, account.seconds(now_us), payload)),
    )  # fmt: skip
    return HttpRequest("POST", "", "/", headers, payload)


# --- reading -----------------------------------------------------------------------------------------


def _log(account: Account) -> Log:
    assert isinstance(account.log, Log), "an account that answers has its log"
    return account.log


def _list(account: Account, asked: Asked) -> Object:
    log = _log(account)
    patterns = [*asked.get("types", ()), *([asked.given["type"]] if "type" in asked.given else [])]

    def shape(entry: Object | tuple[str, Invoice | Payment]) -> Object | None:
        event = log.event(entry)
        if event is None or not within(event["created"], asked.get("created")):
            return None
        wanted = not patterns or any(fnmatchcase(event["type"], pattern) for pattern in patterns)
        return dict(event) if wanted else None

    return page(asked, log.entries, log.place, shape, "event")


def _retrieve(account: Account, asked: Asked) -> Object:
    log = _log(account)
    place = log.place(asked.id)
    event = None if place is None else log.event(log.entries[place])
    if event is None:
        raise missing("event", asked.id)
    return dict(event)


OPERATIONS = (
    Operation("GET", "/v1/events", "list_events", _list,
              {**p.PAGING, "type": p.text, "types": p.many(p.text), "delivery_success": p.flag}),
    Operation("GET", "/v1/events/*", "retrieve_event", _retrieve),
)  # fmt: skip
