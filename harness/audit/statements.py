"""The statements of both books side by side, and the proof that the listed breaks are all there is between them.

The oracle's is the effective-date book, the ledger's the posting-date book (DOMAIN 2.3). By line, contract or customer,
and month they differ by exactly the effects of the breaks that the audit lists (P8), and of what it leaves unexplained.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from fakes.records import JournalEntry, Payment
from harness.audit.audit import Audit
from harness.audit.books import Books
from harness.audit.posted import REVENUE, Posted
from harness.oracle import Expected
from harness.oracle.ledger import CASH, CONTRACT_LIABILITY, RECEIVABLES, UNAPPLIED_CASH, Cell
from harness.oracle.months import month_name
from harness.oracle.movements import Amounts, Movements, kinds_of
from harness.oracle.receivables import Receivables, receivables
from harness.oracle.statements import Lines, lines_of, movements, statements
from sim.errors import InvariantBroken

Off: TypeAlias = dict[tuple[str, str, int], int]
"""What is off, actual less expected, in minor units by (line, contract or customer, place of the month)."""


@dataclass(frozen=True, slots=True)
class Due:
    """What the truth calls for before any layer has a part in it: what moves by contract, and the lines by month."""

    moved: Movements
    lines: Sequence[Lines]


@dataclass(frozen=True, slots=True)
class Book:
    """What moved in one book: of contracts, and of what customers owe; and its lines by month."""

    moved: Movements
    owed: Receivables
    lines: Sequence[Lines]


@dataclass(frozen=True, slots=True)
class Statements:
    """The two books of a run."""

    expected: Book
    actual: Book

    def document(self) -> list[dict[str, Any]]:
        """The `statements` of the run document, a month after the other."""
        both = zip(self.expected.moved.months, self.expected.lines, self.actual.lines, strict=True)
        return [
            {"month": month_name(month), "expected": dict(expected), "actual": dict(actual)}
            for month, expected, actual in both
        ]


def due(expected: Expected) -> Due:
    """What the truth calls for. Raises InvariantBroken where an identity of the statements does not hold."""
    moved = movements(expected)
    return Due(moved, statements(expected, moved))


def statements_of(expected: Expected, called_for: Due, books: Books, found: Audit) -> Statements:
    """Both books. Raises InvariantBroken if they differ by anything but what the audit `found`."""
    owed = receivables(expected.contracts, expected.accounts, called_for.moved, books.payments)
    ours = Book(called_for.moved, owed, _with_cash(called_for.lines, owed))
    posted = Posted(expected, called_for.moved, books)
    moved = posted.moved()
    theirs_owed = posted.owed(moved)
    months = range(len(moved.months))
    theirs = Book(moved, theirs_owed, _with_cash([lines_of(moved, at) for at in months], theirs_owed))
    _explained(expected, ours, theirs, found)
    return Statements(ours, theirs)


def taken_over(called_for: Due, journal: Iterable[JournalEntry]) -> None:
    """Raise InvariantBroken if a contract's opening entry in the ledger is not where the truth says that it stood."""
    moved = called_for.moved
    opening = dict(zip(moved.contracts, moved.opening.net.tolist(), strict=True))
    for entry in journal:
        if entry.posted_us <= 0:
            for account, contract, minor in entry.postings:
                if account == CONTRACT_LIABILITY:
                    opening[contract] = opening.get(contract, 0) + minor
    for contract, off_minor in opening.items():
        if off_minor and moved.months:
            raise InvariantBroken("contracts are taken over as they stand", f"{contract} is off by {-off_minor}")


def _with_cash(lines: Iterable[Lines], owed: Receivables) -> list[Lines]:
    return [{**of_month, **owed.lines(at)} for at, of_month in enumerate(lines)]


# --- the proof ---------------------------------------------------------------------------------------


def _explained(expected: Expected, ours: Book, theirs: Book, found: Audit) -> None:
    """Books differ by the effects of the breaks, line by line. Raises InvariantBroken where they do not."""
    off = _differences(ours, theirs)
    for line, subject, at, minor in _effects(expected, ours.moved.months, found):
        off[line, subject, at] = off.get((line, subject, at), 0) - minor
    for (line, subject, at), minor in off.items():
        if minor:
            detail = f"{line} of {subject} in {month_name(ours.moved.months[at])} is off by another {minor}"
            raise InvariantBroken("statements differ by what the breaks have put off", detail)


def _differences(ours: Book, theirs: Book) -> Off:
    off: Off = {}
    for line, amounts in _by_contract(theirs.moved).items():
        _differ(off, line, theirs.moved.contracts, amounts, _by_contract(ours.moved)[line])
    for line, amounts in _by_customer(theirs.owed).items():
        _differ(off, line, theirs.owed.accounts, amounts, _by_customer(ours.owed)[line])
    return off


def _by_contract(moved: Movements) -> dict[str, Amounts]:
    """The movements that are cells of a ledger: the net position, and the revenue of each kind."""
    net = moved.invoiced - moved.credited - moved.earned + moved.other
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
                contract = expected.contracts.get(subject)
                kinds = kinds_of(contract) if contract is not None else {}
                yield f"revenue {kinds.get(account.removeprefix(REVENUE), 'other')}", subject, at, -minor
            elif account == RECEIVABLES:
                yield "receivables", subject, at, minor
            elif account == CASH:
                yield "cash", subject, at, minor
            elif account == UNAPPLIED_CASH:
                yield "unapplied", subject, at, -minor
