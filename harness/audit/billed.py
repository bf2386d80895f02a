"""Billing's documents against the revenue engine: each made known to it once. Nothing here reaches the ledger."""

from collections.abc import Iterator

from fakes.records import BilledDocument, Invoice
from harness.audit.breaks import Break, Kind, amount_kind
from harness.audit.tie import Tie
from harness.oracle.months import month_of
from reports.wording import money


def billed_documents(tie: Tie) -> Iterator[Break]:
    """Documents that the revenue engine was not told of, or twice, or wrongly; and what it was told of for nothing."""
    documents = tie.documents
    first: dict[str, BilledDocument] = {}
    for billed in tie.books.billed_documents:
        if billed.recorded_us <= 0:
            continue
        document = documents.get(billed.document)
        if document is None:
            what = f"{billed.id} tells of {billed.document}, which billing never issued"
            yield _break("missing_upstream", billed.document, None, billed, what)
        elif document.id in first:
            what = f"{first[document.id].id} tells of it, and {billed.id} as well"
            yield _break("duplicate", document.id, document, billed, what)
        else:
            first[document.id] = billed
            if billed.total_minor != document.total_minor:
                kind = amount_kind(document.total_minor, billed.total_minor)
                was, is_ = (money(one.total_minor, document.currency) for one in (document, billed))
                what = f"{billed.id} says {is_}, not {was}"
                yield _break(kind, document.id, document, billed, what)
            if billed.contract != document.contract:
                what = f"{billed.id} is for {billed.contract}, not {document.contract}"
                yield _break("wrong_customer", document.id, document, billed, what)
    if len(first) < len(documents):
        for document in documents.values():
            if document.id not in first:
                what = f"the revenue engine does not know of it{tie.whereabouts('revenue', document.id)}"
                kind = tie.absent("missing_downstream", document.issued_us, "revenue", document.id)
                yield _break(kind, document.id, document, None, what)


def _break(kind: Kind, key: str, document: Invoice | None, billed: BilledDocument | None, what: str) -> Break:
    source = billed if billed is not None else document
    assert source is not None, "a break is about a document, what was told of it, or both"
    expected_minor = document.total_minor if document is not None and kind != "duplicate" else 0
    actual_minor = billed.total_minor if billed is not None else 0
    delta_minor = actual_minor - expected_minor
    since_us = billed.recorded_us if billed is not None else document.issued_us if document is not None else 0
    return Break(
        kind=kind,
        system="revenue",
        record="billed_document",
        key=key,
        amount_minor=abs(actual_minor) if kind == "wrong_customer" else abs(delta_minor),
        delta_minor=delta_minor,
        period=month_of(document.day) if document is not None else None,
        expected=expected_minor,
        actual=actual_minor if billed is not None else None,
        detail=f"{key}: {what}",
        since_us=since_us,
        call=key,
        contract=document.contract if document is not None else source.contract,
        account=document.account if document is not None else None,
    )
