"""The bank's payments against ERP's cash: each entered once, in its month, and applied to its document's open item.

The bank is believed: what it reports was really paid. A receipt with its entries in the ledger is one record, and what
several things are wrong with it has put off is told with the first of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fakes.records import Application, CashReceipt, JournalEntry, OpenItem, Payment
from harness.audit.breaks import Break, Effects, Kind, amount_kind, effects
from harness.audit.entered import Entered, entered
from harness.audit.postings import Finding, Sides, cells_of, findings, gross_minor
from harness.audit.tie import Tie
from harness.oracle.ledger import CASH, RECEIVABLES, UNAPPLIED_CASH
from harness.oracle.months import month_name, month_of
from reports.wording import money


def payments(tie: Tie) -> Iterator[Break]:
    """Payments that ERP has not entered, or more than once, or wrongly, or not applied; cash that nobody paid."""
    if not (tie.books.payments or tie.books.receipts or tie.cash):
        return
    found, applying, superfluous = entered(tie)
    items = {item.id: item for item in tie.books.open_items if item.posted_us > 0}
    posted = {item.document: item for item in reversed(items.values())}
    known = {payment.id: payment for payment in tie.books.payments}
    unentered: dict[str, Payment] = {}
    for payment in known.values():
        several = found.pop(payment.id, None)
        if several is None:
            unentered[payment.id] = payment
            continue
        yield from _entered_wrongly(tie, payment, several[0], items, posted)
        for one in several[1:]:
            yield _surplus(tie, "duplicate", payment.id, one, f"enters {payment.id} again")
    unknown = [(reference, one) for reference, several in found.items() for one in several]
    for reference, one in unknown:
        yield from _unknown(tie, reference, one, known.values(), unentered, items, posted)
    for payment in unentered.values():
        yield _missing(tie, payment)
    for entry in applying:
        stray = Entered(None, entry)
        yield _surplus(tie, "gl_only_entry", entry.reference, stray, "applies no receipt", key=entry.id)
    receipts = {receipt.id: receipt for receipt in tie.books.receipts}
    for application in superfluous:
        yield _superfluous(application, receipts.get(application.receipt))


# --- a payment and what was entered for it -----------------------------------------------------------


def _sides(payment: Payment, debit: str, credit: str) -> Sides:
    return ((debit, payment.account, payment.minor), (credit, payment.account, -payment.minor))


def _off(payment: Payment, entries: Iterable[JournalEntry]) -> Effects:
    """What entries have put off of the ledger that a payment calls for."""
    month = month_of(payment.day)
    cells = [cell for entry in entries for cell in cells_of(entry)]
    called_for = _sides(payment, CASH, RECEIVABLES)
    return effects([*cells, *(((account, subject, month), -minor) for account, subject, minor in called_for)])


def _entered_wrongly(
    tie: Tie, payment: Payment, one: Entered, items: dict[str, OpenItem], posted: dict[str, OpenItem]
) -> Iterator[Break]:
    """What is wrong with what was entered: the first finding has the effects of all."""
    off = _off(payment, one.entries)
    told: list[Kind] = []
    for finding, since_us, call in _findings(tie, payment, one, items, posted):
        if finding.kind in told:
            continue
        told.append(finding.kind)
        yield Break(
            kind=finding.kind,
            system="erp",
            record="payment",
            key=payment.id,
            amount_minor=finding.amount_minor,
            delta_minor=finding.delta_minor,
            period=month_of(payment.day),
            expected=finding.expected,
            actual=finding.actual,
            detail=f"{payment.id}: {finding.what}",
            since_us=since_us,
            call=call,
            contract=payment.contract,
            account=payment.account,
            effects=off,
        )
        off = ()


def _findings(
    tie: Tie, payment: Payment, one: Entered, items: dict[str, OpenItem], posted: dict[str, OpenItem]
) -> Iterator[tuple[Finding, int, str]]:
    """Each finding with the instant since when it is so, and the key of the calls that made it so."""
    month, minor, locks = month_of(payment.day), payment.minor, tie.books.locks
    since_us = one.posted_us
    if one.receipt is None or one.entry is None:
        what = "is in the ledger, and no cash receipt" if one.receipt is None else "has no entry in the ledger"
        yield Finding("half_posted", abs(minor), 0, minor, None, what, ()), since_us, payment.id
    if one.entry is not None:
        credit = UNAPPLIED_CASH if _unapplied_at_first(one) else RECEIVABLES
        for finding in findings(one.entry, _sides(payment, CASH, credit), payment.currency, month, locks):
            yield finding, since_us, payment.id
    if one.receipt is not None:
        for finding in _wrong_receipt(payment, one):
            yield finding, since_us, payment.id
        yield from _wrong_application(tie, payment, one, items, posted)


def _unapplied_at_first(one: Entered) -> bool:
    """Whether the receipt was entered as unapplied cash, as it is where nothing or a later entry applies it."""
    application, receipt = one.application, one.receipt
    return receipt is not None and (application is None or application.journal_entry != receipt.journal_entry)


def _wrong_receipt(payment: Payment, one: Entered) -> Iterator[Finding]:
    receipt, minor = one.receipt, payment.minor
    assert receipt is not None, "only a receipt can be wrong"
    if receipt.minor != minor:
        delta_minor = receipt.minor - minor
        was, is_ = (money(each, payment.currency) for each in (minor, receipt.minor))
        what = f"{receipt.id} says {is_}, not {was}"
        kind = amount_kind(minor, receipt.minor)
        yield Finding(kind, abs(delta_minor), delta_minor, minor, receipt.minor, what, ())
    if receipt.account != payment.account:
        what = f"{receipt.id} is of account {receipt.account}, not {payment.account}"
        yield Finding("wrong_customer", abs(minor), 0, payment.account, receipt.account, what, ())
    if one.entry is not None and receipt.period != one.entry.period:
        what = f"{receipt.id} is in {month_name(receipt.period)}, its entry in {month_name(one.entry.period)}"
        yield Finding("wrong_period", abs(minor), 0, one.entry.period, receipt.period, what, ())


def _wrong_application(
    tie: Tie, payment: Payment, one: Entered, items: dict[str, OpenItem], posted: dict[str, OpenItem]
) -> Iterator[tuple[Finding, int, str]]:
    application, applying, minor = one.application, one.applying, payment.minor
    if application is None:
        yield _unapplied(tie, payment, one, posted.get(payment.document))
        return
    item, since_us = items.get(application.item), application.applied_us
    if item is None or item.document != payment.document:
        to = item.document if item is not None else application.item
        what = f"is applied to {to}, not to {payment.document}"
        yield Finding("unapplied_cash", abs(minor), 0, payment.document, to, what, ()), since_us, payment.id
    if _unapplied_at_first(one):
        if applying is None:
            what = "has no entry in the ledger for its application"
            yield Finding("half_posted", abs(minor), 0, minor, None, what, ()), since_us, payment.document
            return
        # It was in time if the month of the receipt's entry is not left: what that is about has been told.
        month = one.entry.period if one.entry is not None else month_of(payment.day)
        sides = _sides(payment, UNAPPLIED_CASH, RECEIVABLES)
        for finding in findings(applying, sides, payment.currency, month, tie.books.locks):
            yield finding, since_us, payment.document


def _unapplied(tie: Tie, payment: Payment, one: Entered, item: OpenItem | None) -> tuple[Finding, int, str]:
    """Cash that is not applied: to an item that is there, or because there is none."""
    kind: Kind = "unapplied_cash"
    call, what = payment.id, f"is not applied to {payment.document}"
    if item is None:
        document = tie.documents.get(payment.document)
        due_us = document.issued_us if document is not None else payment.received_us
        kind = tie.absent(kind, due_us, "erp", payment.document)
        call = payment.document
        what += f", which is not posted{tie.whereabouts('erp', payment.document)}"
    return Finding(kind, abs(payment.minor), 0, payment.minor, 0, what, ()), one.posted_us, call


# --- missing, and beyond the bank's ------------------------------------------------------------------


def _missing(tie: Tie, payment: Payment) -> Break:
    return Break(
        kind=tie.absent("missing_downstream", payment.received_us, "erp", payment.id),
        system="erp",
        record="payment",
        key=payment.id,
        amount_minor=abs(payment.minor),
        delta_minor=-payment.minor,
        period=month_of(payment.day),
        expected=payment.minor,
        actual=None,
        detail=f"{payment.id} of {money(payment.minor, payment.currency)} is not entered"
        f"{tie.whereabouts('erp', payment.id)}",
        since_us=payment.received_us,
        call=payment.id,
        contract=payment.contract,
        account=payment.account,
        effects=_off(payment, ()),
    )


def _surplus(tie: Tie, kind: Kind, reference: str, one: Entered, what: str, key: str = "") -> Break:
    receipt, entry = one.receipt, one.entry
    minor = receipt.minor if receipt is not None else gross_minor(entry) if entry is not None else 0
    contract = receipt.contract if receipt is not None else entry.contract if entry is not None else ""
    period = receipt.period if receipt is not None else entry.period if entry is not None else None
    known = tie.expected.contracts.get(contract)
    names = " with ".join(record.id for record in (receipt, *one.entries) if record is not None)
    return Break(
        kind=kind,
        system="erp",
        record="payment",
        key=key or reference,
        amount_minor=abs(minor),
        delta_minor=minor,
        period=period,
        expected=None,
        actual=minor,
        detail=f"{names} {what}",
        since_us=one.posted_us,
        call=reference,
        contract=contract,
        account=known.account if known is not None else None,
        entity=tie.books.entities.get(entry.id) if entry is not None else None,
        effects=effects([cell for entry in one.entries for cell in cells_of(entry)]),
    )


def _superfluous(application: Application, receipt: CashReceipt | None) -> Break:
    """An application beyond the first of its receipt, or of none; the ledger has been held against payments."""
    what = "of no receipt" if receipt is None else f"of {receipt.id}, which is applied already"
    return Break(
        kind="missing_upstream" if receipt is None else "duplicate",
        system="erp",
        record="payment",
        key=application.receipt if receipt is None else receipt.payment,
        amount_minor=abs(application.minor),
        delta_minor=application.minor,
        period=application.period,
        expected=None,
        actual=application.minor,
        detail=f"{application.item} has an application {what}",
        since_us=application.applied_us,
        call=application.receipt if receipt is None else receipt.payment,
        contract=None if receipt is None else receipt.contract,
        account=None if receipt is None else receipt.account,
    )


def _unknown(
    tie: Tie,
    reference: str,
    one: Entered,
    known: Iterable[Payment],
    unentered: dict[str, Payment],
    items: dict[str, OpenItem],
    posted: dict[str, OpenItem],
) -> Iterator[Break]:
    """Cash under an id that the bank does not know: a payment after all, one more of it, or of none.

    It is known by its document or, where that is not named, its contract, and by its amount. A payment that is found
    here is no longer `unentered`.
    """
    orphan = _surplus(tie, "missing_upstream", reference, one, f"enters {reference}, which nobody paid")
    alike = [payment for payment in known if _alike(payment, one, orphan)]
    lacking = next((payment for payment in alike if payment.id in unentered), None)
    if lacking is None and alike:
        yield _surplus(tie, "duplicate", reference, one, f"enters {alike[0].id} again, as {reference}")
    elif lacking is None:
        yield orphan
    else:
        del unentered[lacking.id]
        yield replace(orphan, delta_minor=0, detail=f"{orphan.detail}; it is {lacking.id}", effects=())
        yield from _entered_wrongly(tie, lacking, one, items, posted)


def _alike(payment: Payment, one: Entered, told: Break) -> bool:
    if payment.minor != told.delta_minor:
        return False
    return payment.document == one.receipt.document if one.receipt is not None else payment.contract == told.contract
