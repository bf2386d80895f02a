"""The audit: every check in its order, what they found put together, and the proof that it is all."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice, zip_longest
from typing import Any, ClassVar

from harness.audit.billed import billed_documents
from harness.audit.books import Books
from harness.audit.breaks import COLUMNS, CURRENCY, Break, Strike
from harness.audit.causes import Causes
from harness.audit.copies import copies
from harness.audit.customers import customers
from harness.audit.entities import entities
from harness.audit.ever import taken_back
from harness.audit.fulfilments import fulfilments
from harness.audit.invoices import invoices
from harness.audit.journals import journals
from harness.audit.payments import payments
from harness.audit.receivables import receivables
from harness.audit.recognitions import recognitions
from harness.audit.reconciliation import unexplained
from harness.audit.tie import Tie
from harness.oracle import Expected
from harness.oracle.ledger import Cell
from harness.oracle.rates import Rates
from sim.durations import HOUR

COUNTED = {
    "customer": "customers",
    "order": "orders",
    "subscription": "subscriptions",
    "invoice": "invoices",
    "open_item": "journal_entries",
    "journal_entry": "journal_entries",
    "revenue_contract": "revenue_contracts",
    "billed_document": "billed_documents",
    "recognition": "recognitions",
    "fulfilment": "fulfilments",
    "project": "projects",
    "payment": "payments",
}
"""Under which word a record is counted. An open item and its entry are one posting, counted as the entry."""

DUPLICATES = ("duplicate", "duplicate_customer", "double_revenue_run")
MISSING = ("missing_downstream", "usage_gap")
CUT_OFF = ("wrong_period", "posted_to_closed_period")


@dataclass(frozen=True, slots=True)
class CutOff:
    """Postings in another month than the one they belong to: how many, and the sum of their amounts."""

    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What the books of a run have wrong.

    `duplicates` and `missing` count records by kind, each where it came to be: a repeated subscription's
    invoices are repeated too, the postings of those invoices are not. `duplicates_ever` counts those too that were
    voided or reversed since. What may still be on its way is not missing. `unexplained` must be empty: it holds the
    ledger cells that the breaks do not account for. Amounts in several currencies are summed up at the `rates` of
    `at_month`.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = COLUMNS

    breaks: tuple[Break, ...]
    duplicates: Mapping[str, int]
    duplicates_ever: Mapping[str, int]
    missing: Mapping[str, int]
    cut_off_errors: CutOff
    unexplained: Mapping[Cell, int]
    rates: Rates = field(default_factory=Rates)
    at_month: int = 0

    @property
    def unexplained_minor(self) -> int:
        """The sum of what is unexplained, cell by cell, without regard to sign."""
        return sum(map(abs, self.unexplained.values()))

    @property
    def open(self) -> tuple[Break, ...]:
        """The breaks that somebody has to clear: all but timing differences."""
        return tuple(found for found in self.breaks if found.open)

    @property
    def amount_minor(self) -> int:
        """What the open breaks have off, in sum and without netting, in the currency that is reported in."""
        return self.worth_minor(self.open)

    @property
    def amount_off(self) -> dict[str, int]:
        """The same by currency, each in its own: of one that has rates also if nothing is off in it."""
        off = dict.fromkeys((CURRENCY, *self.rates.ppm), 0)
        for found in self.open:
            off[found.currency] = off.get(found.currency, 0) + found.amount_minor
        return off

    def worth_minor(self, breaks: Iterable[Break]) -> int:
        """The sum of the breaks' amounts in the currency that is reported in, at the rates of the last month."""
        return self.rates.worth_minor((found.currency, self.at_month, found.amount_minor) for found in breaks)

    @property
    def by_kind(self) -> dict[str, int]:
        """The number of open breaks of each kind, by the kind's name."""
        return _counts(found.kind for found in self.open)

    @property
    def by_cause(self) -> dict[str, int]:
        """The number of open breaks of each cause, by the cause's name."""
        return _counts(found.cause for found in self.open)

    @property
    def tally(self) -> list[dict[str, str | int]]:
        """The open breaks counted by kind, record and cause together, the most numerous first."""
        alike: dict[tuple[str, str, str], list[Break]] = {}
        for found in self.open:
            alike.setdefault((found.kind, found.record, found.cause), []).append(found)
        ordered = sorted(alike.items(), key=lambda each: (-len(each[1]), each[0]))
        return [
            {"kind": kind, "record": record, "cause": cause, "count": len(breaks),
             "amount_minor": self.worth_minor(breaks)}
            for (kind, record, cause), breaks in ordered
        ]  # fmt: skip

    def telling(self, most: int) -> tuple[Break, ...]:
        """At most so many open breaks: of each kind in turn, the largest amounts of a kind first."""
        kinds: dict[str, list[Break]] = {}
        for found in self.open:
            kinds.setdefault(found.kind, []).append(found)
        for several in kinds.values():
            several.sort(key=lambda found: -self.worth_minor([found]))
        return tuple(islice(_in_turn(kinds.values()), most))

    def summary(self) -> dict[str, Any]:
        """The open breaks in numbers, as the run document has them; amounts in `currency`."""
        return {
            "open_at_close": len(self.open),
            "amount_minor": self.amount_minor,
            "currency": CURRENCY,
            "by_kind": self.by_kind,
            "by_cause": self.by_cause,
            "tally": self.tally,
        }

    def metrics(self) -> dict[str, Any]:
        """The audit's share of the run's metrics, under their names in docs/metrics.md; amounts in minor units.

        `amount_off` is by currency, each in its own; what it comes to is the summary's `amount_minor`.
        """
        return {
            "duplicates": dict(self.duplicates),
            "duplicates_ever": dict(self.duplicates_ever),
            "missing": dict(self.missing),
            "amount_off": self.amount_off,
            "unexplained": self.unexplained_minor,
            "cut_off_errors": {"count": self.cut_off_errors.count, "amount_minor": self.cut_off_errors.amount_minor},
        }


def audit(
    expected: Expected,
    books: Books,
    *,
    queued: Collection[tuple[str, str, int]] = (),
    struck: Iterable[Strike] = (),
    at_us: int | None = None,
    sla_us: int = HOUR,
) -> Audit:
    """Everything in `books` that is not as `expected`, at `at_us` (by default the end of the run).

    `queued` are the events still in somebody's hands, as (flow or its target, key, version); `struck` the faults'
    hits. What has been missing for at most `sla_us`, with its event still queued, is a timing difference.
    """
    tie = Tie(expected, books, expected.end_us if at_us is None else at_us, sla_us, queued)
    found = [
        *customers(tie),
        *copies(tie),
        *entities(tie),
        *fulfilments(tie),
        *invoices(tie),
        *receivables(tie),
        *billed_documents(tie),
        *recognitions(tie),
        *journals(tie),
        *payments(tie),
    ]
    if found:
        documents = {invoice.id: invoice.contract for invoice in books.invoices}
        documents |= {payment.id: payment.contract for payment in books.payments}
        recognised = {one.id: one.contract for one in books.recognitions}
        delivered = {one.key: one.contract for one in tie.delivered.values()}
        causes = Causes(struck, books.locks, documents | recognised | delivered)
        found = list(_placed((causes.told(one) for one in found), expected, books))
    duplicates = _records(one for one in found if one.kind in DUPLICATES)
    gone = taken_back(tie)
    cut_off = [one for one in found if one.kind in CUT_OFF and one.effects]
    return Audit(
        breaks=tuple(found),
        duplicates=duplicates,
        duplicates_ever={word: count + gone[word] for word, count in duplicates.items()},
        missing=_records(one for one in found if one.kind in MISSING),
        cut_off_errors=CutOff(
            len(cut_off),
            expected.rates.worth_minor((one.currency, one.period or 0, one.amount_minor) for one in cut_off),
        ),
        unexplained=unexplained(expected, books.journal, found, books.payments),
        rates=expected.rates,
        at_month=max(expected.run_us, default=0),
    )


def _placed(breaks: Iterable[Break], expected: Expected, books: Books) -> Iterator[Break]:
    """The breaks with currency and legal entity: of what is in ERP, that in whose books it is, else the contract's."""
    contracts, accounts = expected.contracts, expected.accounts
    of_account = {contract.account: contract for contract in contracts.values()}
    for one in breaks:
        terms = contracts.get(one.contract or "") or of_account.get(one.account or "")
        named = (books.entities.get(id_) for id_ in (one.key, one.actual) if isinstance(id_, str))
        entity = next((each for each in (one.entity, *named) if each is not None), None)
        if entity is None:
            whose = terms or accounts.get(one.account or "")
            entity = whose.entity if whose is not None else ""
        yield replace(one, currency=terms.currency if terms is not None else CURRENCY, entity=entity)


def _records(breaks: Iterable[Break]) -> dict[str, int]:
    counts = dict.fromkeys(COUNTED.values(), 0)
    for found in breaks:
        counts[COUNTED[found.record]] += 1
    return counts


def _counts(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in sorted(words):
        counts[word] = counts.get(word, 0) + 1
    return counts


def _in_turn(groups: Iterable[Iterable[Break]]) -> Iterator[Break]:
    return (found for found in chain.from_iterable(zip_longest(*groups)) if found is not None)
