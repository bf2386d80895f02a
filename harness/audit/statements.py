"""The statements of both books side by side, and what between them the listed breaks do not explain: nothing.

The oracle's is the effective-date book, the ledger's the posting-date book. By line, contract or customer, and month
they differ by exactly the effects of the breaks that the audit lists and of what it leaves unexplained.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness.audit.audit import Audit
from harness.audit.books import Books
from harness.audit.posted import REVENUE, Posted, kind_of
from harness.oracle import Expected
from harness.oracle.ledger import CASH, CONTRACT_LIABILITY, RECEIVABLES, UNAPPLIED_CASH, Cell
from harness.oracle.months import month_name
from harness.oracle.movements import Amounts, Movements
from harness.oracle.receivables import Receivables, receivables
from harness.oracle.statements import BANDS, Due, Lines, lines_of, of_quarter, together

Off: TypeAlias = dict[tuple[str, str, int], int]
"""What is off, actual less expected, in minor units by (line, contract or customer, place of the month)."""


@dataclass(frozen=True, slots=True)
class Book:
    """What moved in one book: of contracts, and of what customers owe; and its lines by month."""

    moved: Movements
    owed: Receivables
    lines: Sequence[Lines]


@dataclass(frozen=True, slots=True)
class Statements:
    """The two books of a run. `unexplained` must be empty: it holds what neither breaks nor the audit account for."""

    expected: Book
    actual: Book
    unexplained: Off

    def document(self) -> list[dict[str, Any]]:
        """The `statements` of the run document, a month after the other."""
        both = zip(self.expected.moved.months, self.expected.lines, self.actual.lines, strict=True)
        return [
            {"month": month_name(month), "expected": dict(expected), "actual": dict(actual)}
            for month, expected, actual in both
        ]

    def quarter(self, expected: Expected) -> dict[str, Any]:
        """The `quarter_statements` of the run document, its months as one; nothing where the run closes none."""
        months = self.expected.moved.months
        of_truth, of_books = (of_quarter(expected, months, book.lines) for book in (self.expected, self.actual))
        names = [month_name(month) for month in months[len(months) - len(of_truth) :]]
        return {"months": names, "expected": together(of_truth), "actual": together(of_books)} if names else {}


def statements_of(expected: Expected, called_for: Due, books: Books, found: Audit) -> Statements:
    """Both books of a run, given what the truth calls for and what the audit `found` in the ledger."""
    paid = ((payment.account, payment.day, payment.minor) for payment in books.payments)
    owed = receivables(expected, called_for.moved, paid)
    ours = Book(called_for.moved, owed, _with_cash(called_for.lines, owed))
    posted = Posted(expected, called_for.moved, owed, books, _suspects(expected, found))
    if posted.moved is called_for.moved:
        lines = [{name: of_month[name] for name in of_month if name not in BANDS} for of_month in called_for.lines]
    else:
        lines = [lines_of(posted.moved, at) for at in range(len(posted.moved.months))]
    theirs = Book(posted.moved, posted.owed, _with_cash(lines, posted.owed))
    return Statements(ours, theirs, _unexplained(expected, ours, theirs, found))


def _suspects(expected: Expected, found: Audit) -> frozenset[str]:
    """The contracts and customers of which the ledger, or the orders, may say something else than what was agreed.

    Of all others the audit has held every cell against the ledger, and every order against its contract.
    """
    cells = [*found.unexplained, *(cell for one in found.breaks for cell, _ in one.effects)]
    suspects = {subject for _, subject, _ in cells}
    suspects |= {one.contract for one in found.breaks if one.record == "order" and one.contract is not None}
    suspects |= {expected.contracts[key].account for key in suspects & expected.contracts.keys()}
    return frozenset(suspects)


def _with_cash(lines: Iterable[Lines], owed: Receivables) -> list[Lines]:
    return [{**of_month, **owed.lines(at, of_month["billings_minor"])} for at, of_month in enumerate(lines)]


# --- the proof ---------------------------------------------------------------------------------------


def _unexplained(expected: Expected, ours: Book, theirs: Book, found: Audit) -> Off:
    """What is left of the books' differences once the effects of the breaks are taken off."""
    off = _differences(ours, theirs)
    for line, subject, at, minor in _effects(expected, ours.moved.months, found):
        off[line, subject, at] = off.get((line, subject, at), 0) - minor
    return {place: minor for place, minor in off.items() if minor}


def _differences(ours: Book, theirs: Book) -> Off:
    off: Off = {}
    if theirs.moved is ours.moved and theirs.owed is ours.owed:
        return off
    for line, amounts in _by_contract(theirs.moved).items():
        _differ(off, line, theirs.moved.contracts, amounts, _by_contract(ours.moved)[line])
    for line, amounts in _by_customer(theirs.owed).items():
        _differ(off, line, theirs.owed.accounts, amounts, _by_customer(ours.owed)[line])
    return off


def _by_contract(moved: Movements) -> dict[str, Amounts]:
    """The movements that are cells of a ledger: the net position, and the revenue of each kind."""
    net = moved.invoiced - moved.credited - moved.earned + moved.other  # what was acquired is the same in both
    return {"position": net, **{f"revenue {kind}": amounts for kind, amounts in moved.revenue.items()}}


def _by_customer(owed: Receivables) -> dict[str, Amounts]:
    receivable = owed.invoiced - owed.credited - owed.cash + owed.refunds + owed.unapplied + owed.other
    return {"receivables": receivable, "cash": owed.cash - owed.refunds, "unapplied": owed.unapplied}


def _differ(off: Off, line: str, subjects: Sequence[str], actual: Amounts, expected: Amounts) -> None:
    more = actual.copy()
    more[:, : expected.shape[1]] -= expected
    for at, place in zip(*(axis.tolist() for axis in more.nonzero()), strict=True):
        off[line, subjects[place], at] = int(more[at, place])


def _effects(expected: Expected, months: Sequence[int], found: Audit) -> Iterator[tuple[str, str, int, int]]:
    """What breaks have put off and what nothing explains, by (line, subject, place of the month), as lines count it."""
    cells: list[tuple[Cell, int]] = [effect for one in found.breaks for effect in one.effects]
    for (account, subject, month), minor in [*cells, *found.unexplained.items()]:
        if months and month <= months[-1]:
            at = max(month - months[0], 0)
            if account == CONTRACT_LIABILITY:
                yield "position", subject, at, -minor
            elif account.startswith(REVENUE):
                yield f"revenue {kind_of(expected, subject, account)}", subject, at, -minor
            elif account == RECEIVABLES:
                yield "receivables", subject, at, minor
            elif account == CASH:
                yield "cash", subject, at, minor
            elif account == UNAPPLIED_CASH:
                yield "unapplied", subject, at, -minor
