"""The records that the systems keep, as JSON. What a client is told of a copy of a contract is its receipt."""

from typing import Annotated

from pydantic import Field

from fakes import records as core
from fakes import service
from fakes.faces.generic.agreements import Fulfilment
from fakes.faces.generic.wire import Count, Currency, Day, Instant, Key, Month, Row, Text, TextOrNone, Wire

Amount = Annotated[int, Field(description="Minor units of the currency: cents of USD")]
WhatFor = Annotated[
    int | str, Field(description="The number of a service period, a product, or the key of what was delivered")
]


class Customer(Wire):
    """A customer in billing or ERP. `account` is the key that sales knows it by, `also` are further accounts of it."""

    made = core.Customer

    id: Key
    account: Key
    name: Text
    created_at: Instant
    parent: TextOrNone = ""
    also: tuple[str, ...] = ()


class Receipt(Wire):
    """A system's copy of a contract as it was when it answered: `version` is the newest that it knows of."""

    made = core.Receipt

    id: Key
    contract: Key
    revision: Count
    version: Count


class ChargeLine(Wire):
    """One charge of an invoice or credit memo: what `version` adds for `period`."""

    made = core.ChargeLine

    version: Count
    period: WhatFor
    from_day: Day
    to_day: Day
    minor: Amount


class Invoice(Wire):
    """An invoice, or a credit memo if `total_minor` is negative. Issued for good: never changed."""

    made = core.Invoice
    derived = frozenset({"kind"})

    id: Key
    subscription: Key
    contract: Key
    account: Key
    currency: Currency
    day: Day
    due_at: Instant
    issued_at: Instant
    lines: tuple[ChargeLine, ...]
    total_minor: Amount
    entity: TextOrNone
    kind: Annotated[str, Field(pattern="^(invoice|credit_memo)$")]


class Payment(Wire):
    """What a customer paid for a document, or (negative) was paid back for it, as the bank reports it."""

    made = core.Payment
    derived = frozenset({"kind"})

    id: Key
    document: Key
    contract: Key
    account: Key
    currency: Currency
    minor: Amount
    day: Day
    received_at: Instant
    entity: TextOrNone
    kind: Annotated[str, Field(pattern="^(payment|refund)$")]


class Rendered(Wire):
    """A note of what was delivered."""

    made = core.Rendered

    id: Key
    fulfilment: Fulfilment
    recorded_at: Instant


class OpenItem(Wire):
    """An invoice or credit memo in accounts receivable. `document` is billing's id, `paid_minor` the cash applied."""

    made = core.OpenItem
    derived = frozenset({"open_minor"})

    id: Key
    external_id: Text | None
    document: Text
    customer: Key
    contract: Text
    total_minor: Amount
    day: Day
    period: Month
    journal_entry: Key
    posted_at: Instant
    paid_minor: Amount
    open_minor: Amount


class CashReceipt(Wire):
    """A payment or (negative) refund in ERP's cash. `payment` and `document` are billing's ids."""

    made = core.CashReceipt

    id: Key
    external_id: Text | None
    payment: Text
    document: Text
    account: Text
    contract: Text
    minor: Amount
    day: Day
    period: Month
    journal_entry: Key
    posted_at: Instant


class Posting(Row):
    """One side of a journal entry: a debit is positive, a credit negative.

    `subject` is the contract or customer's account that it is about.
    """

    account: Text
    subject: Text
    minor: Amount


class JournalEntry(Wire):
    """A balanced entry in the ledger; `reverses` is the id of the one that it takes back."""

    made = core.JournalEntry

    id: Key
    source: Text
    reference: Text
    contract: Text
    currency: Currency
    period: Month
    effective_day: Day
    posted_at: Instant
    postings: tuple[Posting, ...]
    reverses: TextOrNone


class BilledDocument(Wire):
    """Billing's word to the revenue engine that it has invoiced or credited a contract."""

    made = core.BilledDocument

    id: Key
    document: Text
    contract: Text
    total_minor: Amount
    recorded_at: Instant


class ProductAmount(Row):
    """The part of one product in an amount."""

    product: Text
    minor: Amount


class Recognition(Wire):
    """What one run of the engine recognised for one contract and month, by product. Issued for good."""

    made = core.Recognition

    id: Key
    revenue_contract: Key
    contract: Key
    currency: Currency
    month: Month
    run: Count
    amounts: tuple[ProductAmount, ...]
    total_minor: Amount
    run_at: Instant
    entity: TextOrNone


class Token(Wire):
    """An access token, good from `issued_at` on until the system says otherwise."""

    made = service.Token

    issued_at: Instant
