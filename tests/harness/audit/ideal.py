"""Perfect books, made from the oracle's expectation alone, and ways to tamper with them."""

import re
from copy import deepcopy
from dataclasses import replace

from fakes.records import (
    Application,
    BilledDocument,
    CashReceipt,
    ChargeLine,
    Customer,
    Invoice,
    JournalEntry,
    OpenItem,
    Payment,
    Project,
    Recognition,
    Rendered,
    RevenueContract,
    SalesOrder,
    Subscription,
)
from harness.audit import Books
from harness.oracle import expect
from harness.oracle.ledger import CASH, CONTRACT_LIABILITY, RECEIVABLES, UNAPPLIED_CASH, revenue_account
from harness.oracle.months import first_day, month_of
from sim.durations import SECOND
from tests.harness.oracle.agreed import CALENDAR

LAG_US = SECOND


def ideal(expected, calendar=CALENDAR, *, zero_documents=True):
    """The books that an instant and faultless layer leaves behind: everything a second after it is due."""
    contracts = expected.contracts
    customers = [
        Customer(f"{{}}-{key}", key, account.name, max(expected.opened_us[key] + LAG_US, 0))
        for key, account in expected.accounts.items()
    ]
    applied = {
        key: {version.number: max(expected.agreed_us[key, version.number] + LAG_US, 0) for version in contract.versions}
        for key, contract in contracts.items()
    }
    created = {key: versions[1] if versions[1] > LAG_US else 0 for key, versions in applied.items()}
    invoices = [
        invoice
        for number, ((contract, _), keys) in enumerate(expected.documents.items())
        if (invoice := _invoice(expected, f"INV-{contract}-{number}", keys)).total_minor or zero_documents
    ]
    recognitions = [
        _recognition(expected, f"REC-{contract}-{number}", contract, month, amounts)
        for number, ((contract, month), amounts) in enumerate(expected.recognised.items())
    ]
    posted = [_receivable(f"JE-{number}", invoice) for number, invoice in enumerate(invoices, start=1)]
    entries = [entry for _, entry in posted]
    entries += [_journal(f"JE-{len(entries) + number}", one) for number, one in enumerate(recognitions, start=1)]
    return Books(
        billing_customers=[replace(one, id=one.id.format("cus")) for one in customers],
        subscriptions=[
            Subscription(f"sub-{key}", f"cus-{contract.account}", contract, created[key], dict(applied[key]))
            for key, contract in contracts.items()
        ],
        invoices=invoices,
        erp_customers=[replace(one, id=one.id.format("CUST")) for one in customers],
        orders=[
            SalesOrder(f"SO-{key}", f"CUST-{contract.account}", None, contract, created[key], dict(applied[key]))
            for key, contract in contracts.items()
        ],
        open_items=[item for item, _ in posted],
        journal=[_opening(key) for key in contracts if created[key] == 0] + entries,
        locks={month: us for month in calendar.months_run if (us := calendar.lock_us(month)) <= calendar.end_us},
        revenue_contracts=[
            RevenueContract(f"RC-{key}", contract, created[key], dict(applied[key]), dict(expected.allocated[key]))
            for key, contract in contracts.items()
        ],
        recognitions=recognitions,
        billed_documents=[
            BilledDocument(f"BD-{invoice.id}", invoice.id, invoice.contract, invoice.total_minor, invoice.issued_us + 1)
            for invoice in invoices
        ],
        projects=[
            Project(f"PRJ-{key}", contract, created[key], dict(applied[key]))
            for key, contract in contracts.items()
            if not contract.obligations
        ],
        billing_rendered=[note for note in _notes(expected, "billing") if not note.fulfilment.metered],
        revenue_rendered=list(_notes(expected, "revenue")),
    )


def books_of(agreed, calendar=CALENDAR, policies=(), **options):
    """What must be in the books for a truth, and perfect books of it."""
    expected = expect(agreed, calendar, policies)
    return expected, ideal(expected, calendar, **options)


def amounts_left_raw(found):
    """The amounts of a break that its detail has in minor units, as `120000` where it is to be `USD 1,200.00`."""
    if found.record == "fulfilment":
        return []  # what is delivered is counted in units
    amounts = (found.amount_minor, found.delta_minor, found.expected, found.actual)
    raw = {str(abs(minor)) for minor in amounts if isinstance(minor, int) and abs(minor) > 9_999}
    return sorted(raw & set(re.findall(r"\d+", found.detail)))


def _notes(expected, system):
    for several in expected.rendered.values():
        for one in several:
            if expected.rendered_us[one.key] >= 0:
                yield Rendered(f"{system}-{one.key}", one, expected.rendered_us[one.key] + LAG_US)


def _invoice(expected, id_, keys):
    lines = [
        ChargeLine(version, period, line.from_day, line.to_day, line.minor)
        for (_, version, period), line in zip(keys, map(expected.lines.get, keys), strict=True)
    ]
    key = keys[0][0]
    contract, first = expected.contracts[key], expected.lines[keys[0]]
    return Invoice(
        id=id_,
        subscription=f"sub-{key}",
        contract=key,
        account=contract.account,
        currency=contract.currency,
        day=first.day,
        due_us=first.due_us,
        issued_us=first.due_us + LAG_US,
        lines=tuple(lines),
        total_minor=sum(line.minor for line in lines),
        entity=contract.entity,
    )


def _recognition(expected, id_, contract, month, amounts):
    return Recognition(
        id=id_,
        revenue_contract=f"RC-{contract}",
        contract=contract,
        currency=expected.contracts[contract].currency,
        month=month,
        run=1,
        amounts=tuple(amounts.items()),
        total_minor=sum(amounts.values()),
        run_us=expected.run_us[month],
        entity=expected.contracts[contract].entity,
    )


def _receivable(entry_id, invoice):
    month = month_of(invoice.day)
    entry = JournalEntry(
        id=entry_id,
        source="receivables",
        reference=invoice.id,
        contract=invoice.contract,
        currency=invoice.currency,
        period=month,
        effective_day=invoice.day,
        posted_us=invoice.issued_us + LAG_US,
        postings=(
            (RECEIVABLES, invoice.account, invoice.total_minor),
            (CONTRACT_LIABILITY, invoice.contract, -invoice.total_minor),
        ),
    )
    item = OpenItem(
        id=f"AR-{invoice.id}",
        external_id=None,
        document=invoice.id,
        customer=f"CUST-{invoice.account}",
        contract=invoice.contract,
        total_minor=invoice.total_minor,
        day=invoice.day,
        period=month,
        journal_entry=entry_id,
        posted_us=entry.posted_us,
    )
    return item, entry


def _journal(entry_id, one):
    credits_ = [(revenue_account(product), one.contract, -minor) for product, minor in one.amounts]
    return JournalEntry(
        id=entry_id,
        source="revenue",
        reference=one.id,
        contract=one.contract,
        currency=one.currency,
        period=one.month,
        effective_day=first_day(one.month + 1) - 1,
        posted_us=one.run_us + LAG_US,
        postings=(
            (CONTRACT_LIABILITY, one.contract, sum(minor for _, minor in one.amounts)),
            *credits_,
        ),
    )


def _opening(contract):
    """An opening balance, whatever it is: the audit leaves it out."""
    return JournalEntry(
        id=f"JE-{contract}",
        source="opening",
        reference=contract,
        contract=contract,
        currency="USD",
        period=0,
        effective_day=0,
        posted_us=0,
        postings=(("3900 opening balance", contract, 77), (CONTRACT_LIABILITY, contract, -77)),
    )


# --- tampering ---------------------------------------------------------------------------------------


class Tampering:
    """Books to be changed in place, found by what they are about."""

    def __init__(self, books):
        self.books = Books(**{
            name: dict(value) if name in ("locks", "entities") else [deepcopy(one) for one in value]
            for name, value in ((name, getattr(books, name)) for name in books.__slots__)
        })  # fmt: skip

    def one(self, records, **wanted):
        """The only record with these values."""
        found = [
            one
            for one in getattr(self.books, records)
            if all(getattr(one, name) == value for name, value in wanted.items())
        ]
        assert len(found) == 1, f"{len(found)} {records} with {wanted}"
        return found[0]

    def change(self, records, changes, **wanted):
        """Set values of the only record with the wanted ones."""
        one = self.one(records, **wanted)
        self._put(records, one, [replace(one, **changes)])

    def add(self, records, *more):
        """Add records at the end."""
        getattr(self.books, records).extend(more)

    def repeat(self, records, changes, **wanted):
        """Add a copy of the only record with the wanted values, changed."""
        self.add(records, replace(deepcopy(self.one(records, **wanted)), **changes))

    def drop(self, records, **wanted):
        """Take the only record with these values away."""
        self._put(records, self.one(records, **wanted), [])

    def _put(self, records, old, new):
        held = getattr(self.books, records)
        at = next(place for place, one in enumerate(held) if one is old)
        held[at : at + 1] = new

    # what belongs together

    def invoice(self, contract, version, period):
        """The invoice that has a charge."""
        return next(
            one
            for one in self.books.invoices
            if one.contract == contract and any((line.version, line.period) == (version, period) for line in one.lines)
        )

    def recognition(self, contract, month):
        """The recognition of a month."""
        return self.one("recognitions", contract=contract, month=month)

    def entry(self, reference):
        """The entry in the ledger for a document or recognition."""
        return self.one("journal", reference=reference)

    def post_again(self, invoice, suffix="-b", later_us=SECOND):
        """Post an invoice once more: open item and entry."""
        item, entry = _receivable(f"{self.entry(invoice.id).id}{suffix}", invoice)
        item.id += suffix
        item.posted_us += later_us
        entry.posted_us += later_us
        self.add("open_items", item)
        self.add("journal", entry)

    def pay(self, invoice, day=None, *, entered=True, applied=True):
        """Have an invoice paid on a day, by default its own: the payment, and what ERP makes of it."""
        day, id_ = invoice.day if day is None else day, f"PAY-{invoice.id}"
        received_us = max(CALENDAR.instant_us(day, 12 * 60), invoice.issued_us + SECOND)
        payment = Payment(
            id_, invoice.id, invoice.contract, invoice.account, invoice.currency, invoice.total_minor, day, received_us
        )
        self.add("payments", payment)
        if entered:
            self.enter(payment, applied=applied)
        return payment

    def enter(self, payment, suffix="", later_us=SECOND, *, applied=True):
        """Enter a payment in cash: receipt and entry; and apply it by the same entry."""
        against, posted_us = RECEIVABLES if applied else UNAPPLIED_CASH, payment.received_us + later_us
        entry = JournalEntry(
            f"JE-{payment.id}{suffix}", "cash", payment.id, payment.contract, payment.currency, month_of(payment.day),
            payment.day, posted_us,
            ((CASH, payment.account, payment.minor), (against, payment.account, -payment.minor)),
        )  # fmt: skip
        receipt = CashReceipt(
            f"CR-{payment.id}{suffix}", None, payment.id, payment.document, payment.account, payment.contract,
            payment.minor, payment.day, entry.period, entry.id, posted_us,
        )  # fmt: skip
        self.add("journal", entry)
        self.add("receipts", receipt)
        if applied:
            item = f"AR-{payment.document}"
            self.add("applications", Application(receipt.id, item, payment.minor, entry.period, entry.id, posted_us))
        return receipt

    def apply(self, receipt, month, later_us=SECOND):
        """Apply a receipt that was not by an entry of its own, in a month."""
        applied_us, account, minor = receipt.posted_us + later_us, receipt.account, receipt.minor
        postings = ((UNAPPLIED_CASH, account, minor), (RECEIVABLES, account, -minor))
        entry = JournalEntry(
            f"JE-{receipt.id}-applied", "cash", receipt.payment, receipt.contract, "USD", month, receipt.day,
            applied_us, postings,
        )  # fmt: skip
        self.add("journal", entry)
        item = f"AR-{receipt.document}"
        self.add("applications", Application(receipt.id, item, minor, month, entry.id, applied_us))

    def unpost(self, document):
        """Take an invoice's open item and entry away."""
        self.drop("open_items", document=document)
        self.drop("journal", reference=document)

    def unissue(self, invoice):
        """Take an invoice away, and all that follows from it."""
        self.drop("invoices", id=invoice.id)
        self.unpost(invoice.id)
        self.drop("billed_documents", document=invoice.id)

    def issue_again(self, invoice, suffix="-b", later_us=SECOND, **changes):
        """Issue an invoice once more under another id, with all that follows from it."""
        again = replace(invoice, id=f"{invoice.id}{suffix}", issued_us=invoice.issued_us + later_us, **changes)
        self.issue(again)
        return again

    def issue(self, invoice):
        """Add an invoice, post it, and tell revenue."""
        item, entry = _receivable(f"JE-{invoice.id}", invoice)
        self.add("invoices", invoice)
        self.add("open_items", item)
        self.add("journal", entry)
        billed = BilledDocument(
            f"BD-{invoice.id}", invoice.id, invoice.contract, invoice.total_minor, invoice.issued_us
        )
        self.add("billed_documents", billed)

    def reissue(self, invoice, **changes):
        """Have issued an invoice otherwise, with all that follows from it."""
        self.unissue(invoice)
        changed = replace(invoice, **changes)
        self.issue(replace(changed, total_minor=sum(line.minor for line in changed.lines)))

    def recognise(self, one):
        """Add a recognition and its entry."""
        self.add("recognitions", one)
        self.add("journal", _journal(f"JE-{one.id}", one))

    def unrecognise(self, one):
        """Take a recognition away, and its entry."""
        self.drop("recognitions", id=one.id)
        self.drop("journal", reference=one.id)

    def rerecognise(self, one, amounts):
        """Have recognised other amounts, and posted them."""
        self.unrecognise(one)
        amounts = tuple((product, minor) for product, minor in amounts.items() if minor)
        self.recognise(replace(one, amounts=amounts, total_minor=sum(minor for _, minor in amounts)))
