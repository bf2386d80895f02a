"""ERP's records in the books of another legal entity than their customer's: right, but for whose they are."""

from collections.abc import Iterator

from harness.audit.breaks import Break, Record
from harness.audit.tie import Tie
from harness.oracle.ledger import OPENING


def entities(tie: Tie) -> Iterator[Break]:
    """Orders and entries in the ERP of a legal entity that the contract is not with.

    What is missing where it belongs, and what is there where it does not, sums to nothing over the group: no ledger
    cell is off by it.
    """
    if not tie.books.entities:
        return
    for order in tie.books.orders:
        yield from _misplaced(tie, "order", order.id, order.contract, 0, None, order.created_us)
    for entry in tie.books.journal:
        if entry.source not in {OPENING, "manual"}:
            moved_minor = sum(posting.minor for posting in entry.postings if posting.minor > 0)
            yield from _misplaced(
                tie, "journal_entry", entry.id, entry.contract, moved_minor, entry.period, entry.posted_us
            )


def _misplaced(
    tie: Tie, record: Record, id_: str, key: str, amount_minor: int, period: int | None, since_us: int
) -> Iterator[Break]:
    contract, entity = tie.expected.contracts.get(key), tie.books.entities.get(id_)
    if contract is None or entity is None or since_us <= 0 or entity == contract.entity:
        return
    expected, actual = contract.entity or "the first entity", entity or "the first entity"
    yield Break(
        kind="wrong_entity",
        system="erp",
        record=record,
        key=id_,
        amount_minor=amount_minor,
        delta_minor=0,
        period=period,
        expected=expected,
        actual=actual,
        detail=f"{id_} of {key} is in the books of {actual}, not of {expected}",
        since_us=since_us,
        call=key,
        contract=key,
        account=contract.account,
    )
