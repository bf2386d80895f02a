"""ERP's records in the books of another legal entity than their customer's: right, but for whose they are."""

from collections.abc import Iterator

from fakes.agreements import Account, Contract
from harness.audit.breaks import Break, Record
from harness.audit.marks import named
from harness.audit.postings import debits_minor
from harness.audit.tie import Tie
from harness.oracle.ledger import OPENING


def entities(tie: Tie) -> Iterator[Break]:
    """Customers, orders and entries in the ERP of a legal entity that their contract or account is not with.

    What is missing where it belongs, and what is there where it does not, sums to nothing over the group: no ledger
    cell is off by it.
    """
    if not tie.books.entities:
        return
    accounts, contracts = tie.expected.accounts, tie.expected.contracts
    for customer in tie.books.erp_customers:
        yield from _misplaced(tie, "customer", customer.id, accounts.get(customer.account), customer.created_us)
    for order in tie.books.orders:
        yield from _misplaced(tie, "order", order.id, contracts.get(order.contract), order.created_us)
    for entry in tie.books.journal:
        if entry.source not in {OPENING, "manual"}:
            moved_minor = debits_minor(entry)
            whose = contracts.get(entry.contract)
            yield from _misplaced(tie, "journal_entry", entry.id, whose, entry.posted_us, moved_minor, entry.period)


def _misplaced(
    tie: Tie,
    record: Record,
    id_: str,
    whose: Account | Contract | None,
    since_us: int,
    amount_minor: int = 0,
    period: int | None = None,
) -> Iterator[Break]:
    entity = tie.books.entities.get(id_)
    if whose is None or entity is None or since_us <= 0 or entity == whose.entity:
        return
    expected, actual = named(whose.entity), named(entity)
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
        detail=f"{id_} of {whose.key} is in the books of {actual}, not of {expected}",
        since_us=since_us,
        call=whose.key,
        contract=whose.key if isinstance(whose, Contract) else None,
        account=whose.account if isinstance(whose, Contract) else whose.key,
    )
