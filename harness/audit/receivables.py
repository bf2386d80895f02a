"""Billing's documents against ERP: each posted once, as one open item with one entry in the ledger.

Open item and entry are one posting, and what is wrong with it is one break. What ERP has posted for documents
that billing does not know is first held against the documents by its natural key, the contract, the amount
and the day; only then is it an orphan.
"""

from collections.abc import Iterator, Set
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from fakes.records import Invoice, JournalEntry, OpenItem
from harness.audit.breaks import Break, Kind, amount_kind, effects
from harness.audit.days import day_name
from harness.audit.postings import Finding, Sides, cells_of, findings, gross_minor, in_order
from harness.audit.tie import Parties, Tie
from harness.oracle.ledger import CONTRACT_LIABILITY, RECEIVABLES
from harness.oracle.months import month_name, month_of
from reports.wording import money

NEAR_DAYS = 3
"""How far the day of a posting may lie from its document's to be recognised without the document's id."""


class Posted(NamedTuple):
    """An open item and its entry in the ledger; one of the two may be missing."""

    item: OpenItem | None
    entry: JournalEntry | None

    @property
    def posted_us(self) -> int:
        record = self.entry or self.item
        assert record is not None, "a posting is an open item, an entry, or both"
        return record.posted_us


def receivables(tie: Tie) -> Iterator[Break]:
    """Documents that ERP has not posted, or more than once, or wrongly; postings without a document."""
    posted = _posted(tie)
    locks = tie.books.locks
    parties = Parties(tie.books.erp_customers)
    unposted: dict[str, list[Invoice]] = {}
    for document in chain(tie.documents.values(), tie.repeated):
        waiting = posted.get(document.id)
        if not waiting:
            unposted.setdefault(document.id, []).append(document)
            continue
        one = waiting.pop(0)
        entry = one.entry
        if (
            entry is None
            or not _item_right(document, one, parties)
            or entry.postings != _sides(document)
            or not in_order(entry, document.currency, month_of(document.day), locks)
        ):
            yield from _posted_wrongly(tie, document, one, parties)
    unknown: list[tuple[str, Posted]] = []
    for reference, rest in posted.items():
        if reference not in tie.documents:
            unknown.extend((reference, one) for one in rest)
        elif rest:
            for one in rest:
                yield _surplus(tie, "duplicate", reference, one, tie.documents[reference])
    if unknown:
        yield from _unknown(tie, unknown, unposted, parties)
    for document in chain.from_iterable(unposted.values()):
        yield _missing(tie, document)


def _posted(tie: Tie) -> dict[str, list[Posted]]:
    """The postings to receivables by the document that they name, the oldest first."""
    entries: dict[str, JournalEntry] = {}
    strays: list[JournalEntry] = []
    for entry in tie.receivables:
        if entry.id in entries:
            strays.append(entry)
        else:
            entries[entry.id] = entry
    posted: dict[str, list[Posted]] = {}
    bare: list[OpenItem] = []
    for item in tie.books.open_items:
        if item.posted_us <= 0:
            continue
        found = entries.get(item.journal_entry)
        if found is None or found.reference != item.document:
            bare.append(item)
            continue
        del entries[item.journal_entry]
        several = posted.get(item.document)
        if several is None:
            posted[item.document] = [Posted(item, found)]
        else:
            several.append(Posted(item, found))
    if bare or entries or strays:
        _join_halves(posted, bare, [*entries.values(), *strays])
    for several in posted.values():
        if len(several) > 1:
            several.sort(key=lambda one: (one.item is None or one.entry is None, one.posted_us))
    return posted


def _join_halves(posted: dict[str, list[Posted]], items: list[OpenItem], entries: list[JournalEntry]) -> None:
    """Put items and entries that do not name each other together by document; what stays alone is a half."""
    halves: dict[str, list[JournalEntry]] = {}
    for entry in entries:
        halves.setdefault(entry.reference, []).append(entry)
    for item in items:
        waiting = halves.get(item.document)
        found = waiting.pop(0) if waiting else None
        posted.setdefault(item.document, []).append(Posted(item, found))
    for document, waiting in halves.items():
        posted.setdefault(document, []).extend(Posted(None, entry) for entry in waiting)


# --- a document and its posting ----------------------------------------------------------------------


def _sides(document: Invoice) -> Sides:
    return (
        (RECEIVABLES, document.account, document.total_minor),
        (CONTRACT_LIABILITY, document.contract, -document.total_minor),
    )


def _item_right(document: Invoice, one: Posted, parties: Parties) -> bool:
    item = one.item
    return (
        item is not None
        and item.total_minor == document.total_minor
        and item.contract == document.contract
        and item.day == document.day
        and parties.right(item.customer, document.account)
        and one.entry is not None
        and item.period == one.entry.period
    )


def _posted_wrongly(tie: Tie, document: Invoice, one: Posted, parties: Parties) -> Iterator[Break]:
    sides, month = _sides(document), month_of(document.day)
    total_minor = document.total_minor
    found: list[Finding] = []
    if one.entry is None:
        off = effects(((account, subject, month), -minor) for account, subject, minor in sides)
        what = "is an open item without an entry in the ledger"
        found.append(Finding("half_posted", abs(total_minor), 0, total_minor, None, what, off))
    else:
        found.extend(findings(one.entry, sides, document.currency, month, tie.books.locks))
    if one.item is None:
        what = "is in the ledger, and no open item"
        found.append(Finding("half_posted", abs(total_minor), 0, total_minor, None, what, ()))
    else:
        found.extend(_wrong_item(document, one.item, one.entry, parties, {finding.kind for finding in found}))
    for finding in found:
        yield Break(
            kind=finding.kind,
            system="erp",
            record="open_item",
            key=document.id,
            amount_minor=finding.amount_minor,
            delta_minor=finding.delta_minor,
            period=month,
            expected=finding.expected,
            actual=finding.actual,
            detail=f"{document.id}: {finding.what}",
            since_us=one.posted_us,
            call=document.id,
            contract=document.contract,
            account=document.account,
            effects=finding.effects,
        )


def _wrong_item(
    document: Invoice, item: OpenItem, entry: JournalEntry | None, parties: Parties, told: Set[Kind]
) -> Iterator[Finding]:
    """What is wrong with an open item and has not been `told` of its entry."""
    total_minor = document.total_minor
    if item.total_minor != total_minor:
        kind, delta_minor = amount_kind(total_minor, item.total_minor), item.total_minor - total_minor
        if kind not in told:
            was, is_ = (money(minor, document.currency) for minor in (total_minor, item.total_minor))
            what = f"open item {item.id} says {is_}, not {was}"
            yield Finding(kind, abs(delta_minor), delta_minor, total_minor, item.total_minor, what, ())
    right = item.contract == document.contract and parties.right(item.customer, document.account)
    if not right and "wrong_customer" not in told:
        account = parties.account_of.get(item.customer)
        expected, actual = (document.account, document.contract), (account, item.contract)
        what = f"open item {item.id} is of account {account} and {item.contract}, not {' and '.join(expected)}"
        yield Finding("wrong_customer", abs(total_minor), 0, expected, actual, what, ())
    if entry is not None and item.period != entry.period and "wrong_period" not in told:
        what = f"open item {item.id} is in {month_name(item.period)}, its entry in {month_name(entry.period)}"
        yield Finding("wrong_period", abs(total_minor), 0, entry.period, item.period, what, ())
    if item.day != document.day:
        expected_day, actual_day = (day_name(day) for day in (document.day, item.day))
        what = f"open item {item.id} is of {actual_day}, not of {expected_day}, from which it falls due"
        yield Finding("wrong_schedule_shape", abs(total_minor), 0, expected_day, actual_day, what, ())


def _missing(tie: Tie, document: Invoice) -> Break:
    month, total_minor = month_of(document.day), document.total_minor
    return Break(
        kind=tie.absent("missing_downstream", document.issued_us, "erp", document.id),
        system="erp",
        record="open_item",
        key=document.id,
        amount_minor=abs(total_minor),
        delta_minor=-total_minor,
        period=month,
        expected=total_minor,
        actual=None,
        detail=f"{document.id} of {money(total_minor, document.currency)} is not posted"
        f"{tie.whereabouts('erp', document.id)}",
        since_us=document.issued_us,
        call=document.id,
        contract=document.contract,
        account=document.account,
        effects=effects(((account, subject, month), -minor) for account, subject, minor in _sides(document)),
    )


# --- postings beyond the documents -------------------------------------------------------------------


def _surplus(tie: Tie, kind: Kind, reference: str, one: Posted, document: Invoice | None) -> Break:
    item, entry = one.item, one.entry
    total_minor = item.total_minor if item is not None else gross_minor(entry) if entry is not None else 0
    contract = item.contract if item is not None else entry.contract if entry is not None else ""
    period = item.period if item is not None else entry.period if entry is not None else None
    known = tie.expected.contracts.get(contract)
    names = " with ".join(record.id for record in (item, entry) if record is not None)
    reason = f"posts {document.id} again" if document is not None else f"posts {reference}, which billing never issued"
    return Break(
        kind=kind,
        system="erp",
        record="open_item",
        key=reference,
        amount_minor=abs(total_minor),
        delta_minor=total_minor,
        period=period,
        expected=None,
        actual=total_minor,
        detail=f"{names} {reason}",
        since_us=one.posted_us,
        call=reference,
        contract=contract,
        account=known.account if known is not None else None,
        entity=tie.books.entities.get(entry.id) if entry is not None else None,
        effects=effects(cells_of(entry)) if entry is not None else (),
    )


def _unknown(
    tie: Tie, unknown: list[tuple[str, Posted]], unposted: dict[str, list[Invoice]], parties: Parties
) -> Iterator[Break]:
    """Postings under ids that billing does not know: of a document after all, one more of it, or of none.

    A document that is found here is no longer `unposted`.
    """
    alike: dict[tuple[str, int], list[Invoice]] = {}
    for document in tie.documents.values():
        alike.setdefault((document.contract, document.total_minor), []).append(document)
    for reference, one in unknown:
        contract, total_minor, day = _natural_key(one)
        likely = alike.get((contract, total_minor), ())
        near = [document for document in likely if abs(document.day - day) <= NEAR_DAYS]
        lacking = next((document for document in near if unposted.get(document.id)), None)
        if lacking is None:
            kind: Kind = "duplicate" if near else "missing_upstream"
            yield _surplus(tie, kind, reference, one, near[0] if near else None)
            continue
        lacking = unposted[lacking.id].pop()
        misnamed = _surplus(tie, "missing_upstream", reference, one, None)
        detail = f"{misnamed.detail}; by contract, amount and day it is {lacking.id}"
        yield replace(misnamed, delta_minor=0, detail=detail, effects=())
        yield from _posted_wrongly(tie, lacking, one, parties)


def _natural_key(one: Posted) -> tuple[str, int, int]:
    """Contract, amount and day of a posting."""
    item, entry = one.item, one.entry
    if item is not None:
        return item.contract, item.total_minor, item.day
    return (entry.contract, gross_minor(entry), entry.effective_day) if entry is not None else ("", 0, 0)
