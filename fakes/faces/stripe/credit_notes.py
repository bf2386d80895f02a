"""Credit notes: billing's credit memos, those that it issues of itself and those that are asked for here."""

from collections.abc import Sequence

from fakes.desk import CollectPayment, CreditableOf, CreditInvoice, DocumentsOf, GetSubscription, ListDocuments, PlaceOf
from fakes.faces.stripe import customers
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.documents import credited, credits_of, document_of, memo_of, payment_of, stripe_id, voided_by
from fakes.faces.stripe.errors import invalid
from fakes.faces.stripe.ids import identifier, number_of
from fakes.faces.stripe.invoice_objects import invoice_object
from fakes.faces.stripe.lines import core_line, lines_of
from fakes.faces.stripe.paging import page, page_of, whole_list, within
from fakes.faces.stripe.payments import refund_object
from fakes.records import Invoice

_LINE: p.Spec = {
    "type": p.choice("custom_line_item", "invoice_line_item"), "amount": p.whole, "description": p.text,
    "invoice_line_item": p.text, "quantity": p.not_negative, "unit_amount": p.whole, "unit_amount_decimal": p.decimal,
    "metadata": p.metadata, "tax_amounts": p.NO_TAXES, "tax_rates": p.TAX_RATES,
}  # fmt: skip
_REASONS = ("duplicate", "fraudulent", "order_change", "product_unsatisfactory")
_ASKED: p.Spec = {
    "invoice": p.text, "amount": p.not_negative, "credit_amount": p.not_negative, "refund_amount": p.not_negative,
    "out_of_band_amount": p.not_negative, "lines": p.many(p.fields(_LINE, ("type",))), "memo": p.text,
    "metadata": p.metadata, "reason": p.choice(*_REASONS), "effective_at": p.moment,
    "email_type": p.choice("credit_note", "none"), "refunds": p.impossible("Pass `refund_amount`: a credit note is "
    "refunded here as it is issued."), "shipping_cost": p.impossible("This account charges for no shipping."),
}  # fmt: skip


def note_object(account: Account, memo: Invoice, *, fresh: bool = False) -> Object:
    """A credit memo as Stripe shows it."""
    id_ = stripe_id(account, memo)
    beside = account.read("memo", memo.id) or {}
    invoice = credited(account, memo)
    customer = account.ask(GetSubscription(memo.subscription)).customer
    total, created = -memo.total_minor, account.seconds(memo.issued_us)
    paid = payment_of(account, invoice) if invoice else None
    after = paid is not None and paid.received_us <= memo.issued_us
    refund = None if fresh else payment_of(account, memo)
    lines = [_line(account, id_, memo, place) for place in range(len(memo.lines))]
    return {
        "id": id_, "object": "credit_note", "amount": total, "amount_shipping": 0, "created": created,
        "currency": memo.currency.lower(), "customer": customers.stripe_id(customer), "customer_account": None,
        "customer_balance_transaction": None, "discount_amount": 0, "discount_amounts": [], "effective_at": created,
        "invoice": stripe_id(account, invoice) if invoice else None, "lines": whole_list(lines,
            f"/v1/credit_notes/{id_}/lines"),
        "livemode": False, "memo": beside.get("memo"), "metadata": _metadata(account, memo), "number": memo.id,
        "out_of_band_amount": beside.get("out_of_band_amount"), "pdf": f"https://pay.stripe.com/credit_notes/{id_}/pdf",
        "post_payment_amount": total if after else 0, "pre_payment_amount": 0 if after else total,
        "pretax_credit_amounts": [], "reason": beside.get("reason"),
        "refunds": [{"amount_refunded": total, "payment_record_refund": None, "refund": refund_object(account,
            memo)["id"],
                     "type": "refund"}] if refund else [],
        "shipping_cost": None, "status": "issued", "subtotal": total, "subtotal_excluding_tax": total, "total": total,
        "total_excluding_tax": total, "total_taxes": [], "type": "post_payment" if after else "pre_payment",
        "voided_at": None,
    }  # fmt: skip


def _metadata(account: Account, memo: Invoice) -> Object:
    """What a client said of a credit note; of one that billing issued by itself, the contract, as its subscription has.

    It may credit what was invoiced before the account began: then there is no invoice that would lead to the contract.
    """
    beside = account.read("memo", memo.id) or {}
    said: Object = beside.get("metadata", {"contract": memo.contract})
    return said


def _line(account: Account, id_: str, memo: Invoice, place: int) -> Object:
    minor = -memo.lines[place].minor
    number = account.ask(PlaceOf(memo.id)) * 1024 + place + 1
    return {
        "id": identifier("cnli", number), "object": "credit_note_line_item", "amount": minor, "description": None,
        "discount_amount": 0, "discount_amounts": [], "invoice_line_item": None, "livemode": False, "metadata": {},
        "pretax_credit_amounts": [], "quantity": 1, "tax_rates": [], "taxes": [], "type": "custom_line_item",
        "unit_amount": minor, "unit_amount_decimal": str(minor),
    }  # fmt: skip


def _wanted(account: Account, asked: Asked) -> tuple[Invoice, tuple[tuple[int, int], ...]]:
    """The invoice, and what of each of its charges is to be credited. Raises StripeError."""
    id_ = asked.given["invoice"]
    invoice = document_of(account, id_, "invoice")
    status = None if invoice is None else invoice_object(account, invoice)["status"]
    if invoice is None or status in {"void", "draft"}:
        raise invalid("Credit notes can only be issued for open or paid invoices.", "invoice")
    left = account.ask(CreditableOf(invoice.id))
    place = account.ask(PlaceOf(invoice.id))
    free, taken = 0, [0] * len(left)
    lines = asked.get("lines")
    if lines is None and not asked.get("amount"):
        raise invalid("You must specify `amount` or `lines`.", "amount", "parameter_missing")
    shown = {line["id"]: line for line in lines_of(account, invoice)} if lines else {}
    for number, line in enumerate(lines or ()):
        path = f"lines[{number}]"
        if line["type"] == "custom_line_item":
            free += line.get("amount") or line.get("unit_amount", 0) * line.get("quantity", 1)
            continue
        known = shown.get(line.get("invoice_line_item", ""))
        if known is None:
            raise invalid(
                f"No such line item: '{line.get('invoice_line_item')}'",
                f"{path}[invoice_line_item]",
                "resource_missing",
            )
        minor = line.get("amount")
        if minor is None:
            quantity = line.get("quantity", known["quantity"])
            minor = known["amount"] * quantity // (known["quantity"] or 1)
        at = core_line(place, number_of("il", known["id"]) or 0)
        if at is None:
            free += minor
        else:
            taken[at[0]] += minor
    free += asked.get("amount", 0) if lines is None else 0
    free = _spread(free, left, taken)
    outstanding = invoice.total_minor + sum(one.total_minor for one in credits_of(account, invoice))
    if free or any(minor and minor > left[index] for index, minor in enumerate(taken)) or sum(taken) > outstanding:
        raise invalid(
            "The sum of credit amount must not exceed the amount of the invoice that was not credited yet "
            f"({outstanding}).", "amount" if lines is None else "lines",
        )  # fmt: skip
    return invoice, tuple((index, minor) for index, minor in enumerate(taken) if minor)


def _spread(free: int, left: Sequence[int], taken: list[int]) -> int:
    """Take `free` minor units from what is left of an invoice's charges, the first first; what is more than that."""
    for index, minor in enumerate(left):
        more = min(max(0, minor - taken[index]), free)
        taken[index] += more
        free -= more
    return free


def paid_back(account: Account, invoice: Invoice, minor: int, fields: Object) -> Invoice:
    """The credit memo, paid back, for some of an invoice that was paid: billing pays back nothing else."""
    left: Sequence[int] = account.ask(CreditableOf(invoice.id))
    taken = [0] * len(left)
    if _spread(minor, left, taken):
        raise invalid("What is to be refunded was credited already.", "amount")
    account.log(None)
    memo: Invoice = account.ask(CreditInvoice(invoice.id, tuple((at, some) for at, some in enumerate(taken) if some)))
    account.write("memo", memo.id, {"invoice": stripe_id(account, invoice), **fields})
    account.ask(CollectPayment(memo.id))
    account.log(None)
    return memo


def _create(account: Account, asked: Asked) -> Object:
    invoice, lines = _wanted(account, asked)
    total = sum(minor for _, minor in lines)
    paid = payment_of(account, invoice) is not None
    settled = sum(asked.get(name, 0) for name in ("credit_amount", "refund_amount", "out_of_band_amount"))
    if paid and settled != total:
        raise invalid(
            f"The sum of credit amount, refund amount and out of band amount ({settled}) must equal the credit note "
            "amount "
            f"({total}).", None,
        )  # fmt: skip
    account.log(None)
    memo = account.ask(CreditInvoice(invoice.id, lines))
    account.write("memo", memo.id, {
        "invoice": asked.given["invoice"], "memo": asked.get("memo"), "reason": asked.get("reason"),
        "metadata": p.merged({}, asked.get("metadata", {})), "out_of_band_amount": asked.get("out_of_band_amount"),
    })  # fmt: skip
    if paid and asked.get("refund_amount") == total:
        account.ask(CollectPayment(memo.id))
    account.log(None)
    return note_object(account, memo)


def _preview(account: Account, asked: Asked) -> Object:
    invoice, lines = _wanted(account, asked)
    total = sum(minor for _, minor in lines)
    customer = customers.stripe_id(account.ask(GetSubscription(invoice.subscription)).customer)
    return {
        "object": "credit_note", "amount": total, "subtotal": total, "total": total, "created": account.now,
        "currency": invoice.currency.lower(), "customer": customer, "invoice": asked.given["invoice"],
        "status": "issued",
        "lines": {"object": "list", "data": [], "has_more": False, "url": "/v1/credit_notes/preview/lines"},
        "livemode": False, "memo": asked.get("memo"), "metadata": {}, "reason": asked.get("reason"),
    }  # fmt: skip


def _update(account: Account, asked: Asked) -> Object:
    memo = memo_of(account, asked.id)
    known = _metadata(account, memo)
    fields = {name: asked.given[name] for name in ("memo",) if name in asked.given}
    account.write("memo", memo.id, {**fields, "metadata": p.merged(known, asked.get("metadata", {}))})
    told = note_object(account, memo)
    account.tell("credit_note.updated", told)
    return told


def _void(account: Account, asked: Asked) -> Object:
    memo_of(account, asked.id)
    raise invalid("This account cannot void a credit note: what was credited can be invoiced again.", None)


def _list(account: Account, asked: Asked) -> Object:
    documents = account.ask(ListDocuments())
    if "invoice" in asked.given:
        of = document_of(account, asked.given["invoice"], "invoice")
        documents = account.ask(DocumentsOf(of.subscription)) if of else ()
    customer = asked.get("customer")
    if customer:
        core = customers.core_id(account, customer, "customer")
        if "invoice" not in asked.given:
            of_customer = customers.subscriptions_of(account, core)
            found = [one for known in of_customer for one in account.ask(DocumentsOf(known.id))]
            documents = sorted(found, key=lambda one: int(account.ask(PlaceOf(one.id))))
    places = {one.id: place for place, one in enumerate(documents)}

    def shape(one: Invoice) -> Object | None:
        if one.kind != "credit_memo" or voided_by(account, one) is not None:
            return None
        told = note_object(account, one)
        same = all(told[name] == asked.given[name] for name in ("invoice", "customer") if name in asked.given)
        return told if same and within(told["created"], asked.get("created")) else None

    return page(asked, documents, lambda id_: places.get(memo_of(account, id_).id), shape, "credit note")


def _lines(account: Account, asked: Asked) -> Object:
    memo = memo_of(account, asked.id)
    return page_of(asked, [_line(account, asked.id, memo, place) for place in range(len(memo.lines))], "line item")


OPERATIONS = (
    Operation("POST", "/v1/credit_notes", "create_credit_note", _create, _ASKED, ("invoice",)),
    Operation("GET", "/v1/credit_notes", "list_credit_notes", _list, {**p.PAGING, "invoice": p.text,
        "customer": p.text}),
    Operation("GET", "/v1/credit_notes/preview", "preview_credit_note", _preview, _ASKED, ("invoice",)),
    Operation("GET", "/v1/credit_notes/*", "retrieve_credit_note",
              lambda account, asked: note_object(account, memo_of(account, asked.id))),
    Operation("POST", "/v1/credit_notes/*", "update_credit_note", _update, {"memo": p.text, "metadata": p.metadata}),
    Operation("POST", "/v1/credit_notes/*/void", "void_credit_note", _void),
    Operation("GET", "/v1/credit_notes/*/lines", "list_credit_note_lines", _lines, p.PAGING),
)  # fmt: skip
