"""Payments as far as invoices need them: billing's payments and refunds as payment intents, charges and refunds.

Who pays is the customer, or who says so with `invoices/pay`; what is paid is an invoice, in full.
"""

from collections.abc import Callable, Sequence

from fakes.desk import GetSubscription, ListDocuments, ListPayments, PlaceOf
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Do, Operation
from fakes.faces.stripe.documents import credited, credits_of, document_of, payment_of, stripe_id
from fakes.faces.stripe.errors import missing
from fakes.faces.stripe.ids import identifier, number_of
from fakes.faces.stripe.paging import page, page_of, within
from fakes.records import Invoice, Payment


def _number(account: Account, document: Invoice) -> int:
    return int(account.ask(PlaceOf(document.id))) + 1


def _customer(account: Account, document: Invoice) -> str:
    return customers.stripe_id(account.ask(GetSubscription(document.subscription)).customer)


def _received(account: Account, document: Invoice) -> int:
    payment = payment_of(account, document)
    return account.seconds(document.issued_us if payment is None else payment.received_us)


def intent_object(account: Account, invoice: Invoice) -> Object:
    """The payment of an invoice as a payment intent."""
    number = _number(account, invoice)
    id_, total = identifier("pi", number), invoice.total_minor
    method = (account.read("payment", invoice.id) or {}).get("payment_method")
    return {
        "id": id_, "object": "payment_intent", "amount": total, "amount_capturable": 0, "amount_details": {"tip": {}},
        "amount_received": total, "application": None, "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None, "cancellation_reason": None, "capture_method": "automatic", "client_secret": None,
        "confirmation_method": "automatic", "created": _received(account, invoice),
        "currency": invoice.currency.lower(),
        "customer": _customer(account, invoice), "customer_account": None, "description": f"Invoice {invoice.id}",
        "last_payment_error": None, "latest_charge": identifier("ch", number), "livemode": False, "metadata": {},
        "next_action": None, "on_behalf_of": None, "payment_method": method,
        "payment_method_types": ["customer_balance" if method is None else "card"],
        "processing": None, "receipt_email": None, "review": None, "setup_future_usage": None, "shipping": None,
        "statement_descriptor": None, "status": "succeeded", "transfer_data": None, "transfer_group": None,
    }  # fmt: skip


def refunded_minor(account: Account, invoice: Invoice) -> int:
    """What was paid back of an invoice."""
    memos = (memo for memo in credits_of(account, invoice) if payment_of(account, memo) is not None)
    return -sum(memo.total_minor for memo in memos)


def charge_object(account: Account, invoice: Invoice) -> Object:
    """The payment of an invoice as a charge."""
    number = _number(account, invoice)
    total, refunded = invoice.total_minor, refunded_minor(account, invoice)
    method = (account.read("payment", invoice.id) or {}).get("payment_method")
    return {
        "id": identifier("ch", number), "object": "charge", "amount": total, "amount_captured": total,
        "amount_refunded": refunded, "balance_transaction": None, "payment_method": method,
        "captured": True, "created": _received(account, invoice), "currency": invoice.currency.lower(),
        "customer": _customer(account, invoice), "description": f"Invoice {invoice.id}", "disputed": False,
        "failure_code": None, "failure_message": None, "livemode": False, "metadata": {}, "paid": True,
        "payment_intent": identifier("pi", number), "refunded": refunded == total, "status": "succeeded",
    }  # fmt: skip


def invoice_payment_object(account: Account, invoice: Invoice) -> Object:
    """That an invoice was paid."""
    number = _number(account, invoice)
    paid_at = _received(account, invoice)
    return {
        "id": identifier("inpay", number), "object": "invoice_payment", "amount_paid": invoice.total_minor,
        "amount_requested": invoice.total_minor, "created": paid_at, "currency": invoice.currency.lower(),
        "invoice": stripe_id(account, invoice), "is_default": True, "livemode": False, "payment": {
            "type": "payment_intent", "payment_intent": identifier("pi", number), "charge": None,
            "payment_record": None,
        }, "status": "paid", "status_transitions": {"canceled_at": None, "paid_at": paid_at},
    }  # fmt: skip


def refund_object(account: Account, memo: Invoice) -> Object:
    """That a credit memo was paid back."""
    invoice = credited(account, memo)
    number = _number(account, invoice) if invoice else None
    beside = account.read("memo", memo.id) or {}
    return {
        "id": identifier("re", _number(account, memo)), "object": "refund", "amount": -memo.total_minor,
        "balance_transaction": None, "charge": identifier("ch", number) if number else None,
        "created": _received(account, memo), "currency": memo.currency.lower(), "customer": _customer(account, memo),
        "metadata": beside.get("refund_metadata", {}), "payment_intent": identifier("pi", number) if number else None,
        "reason": beside.get("refund_reason"), "receipt_number": None, "source_transfer_reversal": None,
        "status": "succeeded", "transfer_reversal": None,
    }  # fmt: skip


_Shape = Callable[[Account, Invoice], Object]
_OF_A_PAYMENT: dict[str, tuple[_Shape, str, str]] = {
    "pi": (intent_object, "payment", "payment_intent"), "ch": (charge_object, "payment", "charge"),
    "inpay": (invoice_payment_object, "payment", "invoice_payment"), "re": (refund_object, "refund", "refund"),
}  # fmt: skip


def paid_document(account: Account, prefix: str, id_: str, param: str | None = None) -> Invoice:
    """The invoice or credit memo of a payment's id of this prefix. Raises StripeError if there is none."""
    _, kind, named = _OF_A_PAYMENT[prefix]
    number = number_of(prefix, id_)
    documents: Sequence[Invoice] = account.ask(ListDocuments())
    if number and number <= len(documents):
        document = documents[number - 1]
        paid = payment_of(account, document)
        if paid is not None and paid.kind == kind:
            return document
    raise missing(named, id_, param)


def payment_object(account: Account, prefix: str, id_: str) -> Object:
    """What was paid, by an id of this prefix. Raises StripeError if there is none."""
    return _OF_A_PAYMENT[prefix][0](account, paid_document(account, prefix, id_))


def _by_id(prefix: str) -> Callable[[Account, str], Object]:
    return lambda account, id_: payment_object(account, prefix, id_)


BY_ID = {named: _by_id(prefix) for prefix, (_, _, named) in _OF_A_PAYMENT.items()}
"""How each kind of thing that is paid, or paid back, is found by its id."""


def _retrieving(prefix: str) -> Do:
    return lambda account, asked: payment_object(account, prefix, asked.id)


def _listing(prefix: str) -> Do:
    shape_of, kind, named = _OF_A_PAYMENT[prefix]

    def do(account: Account, asked: Asked) -> Object:
        payments: Sequence[Payment] = account.ask(ListPayments())
        documents: Sequence[Invoice] = account.ask(ListDocuments())
        if prefix == "inpay" and "invoice" in asked.given:
            one = document_of(account, asked.given["invoice"], "invoice")
            paid = one is not None and payment_of(account, one) is not None
            return page_of(asked, [invoice_payment_object(account, one)] if one and paid else [], named)
        places = {one.document: place for place, one in enumerate(payments)}

        def place(id_: str) -> int | None:
            number = number_of(prefix, id_)
            return places.get(documents[number - 1].id) if number and number <= len(documents) else None

        def shape(one: Payment) -> Object | None:
            if one.kind != kind:
                return None
            told = shape_of(account, documents[account.ask(PlaceOf(one.document))])
            names = [name for name in ("customer", "payment_intent", "charge") if name in asked.given]
            same = all(told.get(name) == asked.given[name] for name in names)
            return told if same and within(told["created"], asked.get("created")) else None

        return page(asked, payments, place, shape, named)

    return do


_LIST: p.Spec = {**p.PAGING, "customer": p.text, "payment_intent": p.text, "charge": p.text, "invoice": p.text,
                 **p.taken("status", "payment", "transfer_group")}  # fmt: skip

OPERATIONS = tuple(
    one
    for path, prefix, word in (
        ("payment_intents", "pi", "payment_intent"), ("charges", "ch", "charge"),
        ("invoice_payments", "inpay", "invoice_payment"), ("refunds", "re", "refund"),
    )
    for one in (
        Operation("GET", f"/v1/{path}", f"list_{word}s", _listing(prefix), _LIST),
        Operation("GET", f"/v1/{path}/*", f"retrieve_{word}", _retrieving(prefix)),
    )
)  # fmt: skip
