"""What was there twice once, and was taken back since: it is no duplicate any more, but there was one."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from fakes.records import RevenueContract, SalesOrder, Subscription
from harness.audit.tie import Tie


def taken_back(tie: Tie) -> Counter[str]:
    """The records beyond the first for one key that were voided, credited or reversed, by the word for their kind."""
    books = tie.books
    return Counter(
        orders=_copies(books.orders),
        subscriptions=_copies(books.subscriptions),
        revenue_contracts=_copies(books.revenue_contracts),
        invoices=_invoices(tie),
        journal_entries=_entries(tie),
    )


def _copies(copies: Sequence[Subscription] | Sequence[SalesOrder] | Sequence[RevenueContract]) -> int:
    voided = [copy.contract for copy in copies if copy.void is not None]
    return _beyond_the_first(voided, (copy.contract for copy in copies if copy.void is None)) if voided else 0


def _invoices(tie: Tie) -> int:
    """Invoices of voided subscriptions, which were credited: they repeat each other, or one that stands."""
    voided = {subscription.id: True for subscription in tie.books.subscriptions if subscription.void is not None}
    if not voided:
        return 0
    gone, standing = list[Hashable](), list[Hashable]()
    for invoice in tie.documents.values():
        if invoice.total_minor > 0:
            charges = (invoice.contract, tuple((line.version, line.period) for line in invoice.lines))
            (gone if invoice.subscription in voided else standing).append(charges)
    return _beyond_the_first(gone, standing)


def _entries(tie: Tie) -> int:
    reversed_ = [entry.reference for entry, _ in tie.reversed]
    return _beyond_the_first(reversed_, (entry.reference for entry in tie.revenue)) if reversed_ else 0


def _beyond_the_first(gone: Sequence[Hashable], standing: Iterable[Hashable]) -> int:
    """How many of those that are gone repeat one that stands or, where none does, the first of them."""
    stands = dict.fromkeys(standing)
    first_of_all = {key for key in gone if key not in stands}
    return len(gone) - len(first_of_all)
