"""Laws of the statements: contracts are taken over as they stood, two books differ by what the breaks put off.

What is printed foots, translated or not. The laws of the effective-date book by itself are the oracle's own. Broken,
the program is at fault.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, TypeAlias

from fakes.books.ledger import CONTRACT_LIABILITY
from fakes.records import JournalEntry
from harness.audit.statements import Book, Statements
from harness.oracle.charges import half_away
from harness.oracle.ledger import OPENING
from harness.oracle.months import month_name
from harness.oracle.movements import Movements
from harness.oracle.rates import MILLION
from harness.oracle.statements import BALANCES, OPENINGS, Lines
from sim.errors import InvariantBroken

Off: TypeAlias = tuple[str, str, int, int]
"""A law, the line that it is of, the month, and by how many minor units it does not hold."""

SUMS = (
    ("billings_minor", ("invoiced_minor",), ("credited_minor",)),
    (
        "revenue_minor",
        (
            "revenue_subscription_minor", "revenue_setup_minor", "revenue_usage_minor", "revenue_services_minor",
            "revenue_other_minor",
        ),
        (),
    ),
    (
        "closing_minor",
        ("opening_minor", "acquired_minor", "invoiced_minor", "other_minor", "translation_minor"),
        ("credited_minor", "revenue_minor"),
    ),
    ("closing_minor", ("contract_liability_minor",), ("contract_asset_minor", "unbilled_receivable_minor")),
    (
        "remaining_obligations_minor",
        ("unbilled_minor", "contract_liability_minor"),
        ("contract_asset_minor", "billed_ahead_minor"),
    ),
    (
        "remaining_obligations_minor",
        ("unbilled_obligations_minor", "contract_liability_minor"),
        ("billed_ahead_minor",),
    ),
    (
        "remaining_obligations_minor",
        (
            "remaining_opening_minor", "remaining_acquired_minor", "bookings_minor", "revenue_as_invoiced_minor",
            "remaining_translation_minor",
        ),
        ("revenue_minor",),
    ),
    (
        "receivables_minor",
        (
            "receivables_opening_minor", "invoiced_minor", "refunds_minor", "unapplied_minor",
            "receivables_other_minor", "receivables_translation_minor",
        ),
        ("credited_minor", "cash_minor"),
    ),
)  # fmt: skip
"""Lines that are sums of others: the line, what is added up, and what is taken off."""


BEFORE = 0
"""In the place of a month, for what was there before the run."""


def taken_over(due: Movements, journal: Iterable[JournalEntry]) -> None:
    """Raise InvariantBroken if a contract's opening entry in the ledger is not where it stood by the truth.

    Those of before the run are at instant 0, those of a company that was bought in the month of that day.
    """
    stood = {(BEFORE, key): minor for key, minor in zip(due.contracts, due.opening.net.tolist(), strict=True)}
    acquired = (axis.tolist() for axis in due.acquired.net.nonzero())
    for at, place in zip(*acquired, strict=True):
        stood[due.months[at], due.contracts[place]] = int(due.acquired.net[at, place])
    for entry in journal:
        if entry.source == OPENING:
            month = entry.period if entry.posted_us > 0 else BEFORE
            for account, contract, minor in entry.postings:
                if account == CONTRACT_LIABILITY:
                    stood[month, contract] = stood.get((month, contract), 0) + minor
    for (month, contract), off_minor in stood.items():
        if off_minor and due.months:
            when = f" in {month_name(month)}" if month != BEFORE else ""
            raise InvariantBroken("contracts are taken over as they stand", f"{contract} is off by {-off_minor}{when}")


def explained(statements: Statements) -> None:
    """Raise InvariantBroken if a line differs by anything but the effects of listed breaks."""
    for (line, subject, at), minor in statements.unexplained.items():
        month = month_name(statements.expected.moved.months[at])
        raise InvariantBroken(
            "statements differ by what the breaks have put off", f"{line} of {subject} in {month} by another {minor}"
        )


# --- what is printed ---------------------------------------------------------------------------------


def quartered(document: Mapping[str, Any], told: Iterable[str]) -> None:
    """Raise InvariantBroken if a run document's quarter is not the sum of its months, to the cent, or does not foot.

    That holds for its `quarter_statements`, and for those amounts of its `truth` that are `told` by statements.
    """
    quarter = document.get("quarter_statements")
    if quarter is None:
        return
    months = [each for each in document["statements"] if each["month"] in quarter["months"]]
    for side in ("expected", "actual"):
        lines = quarter[side]
        for name in (name for name in lines if name not in BALANCES and name not in OPENINGS):
            _as_told("a quarter is the sum of its months", name, lines[name], sum(each[side][name] for each in months))
        for name, added, taken_off in SUMS:
            _as_told("a quarter foots", name, lines[name], _total(lines, added) - _total(lines, taken_off))
    for name in told:
        _as_told(
            "the truth's amounts are those of the statements", name, document["truth"][name], quarter["expected"][name]
        )


def _as_told(law: str, name: str, told_minor: int, minor: int) -> None:
    if told_minor != minor:
        raise InvariantBroken(law, f"{name} is off by {told_minor - minor}")


def footed(statements: Statements) -> None:
    """Raise InvariantBroken if printed lines do not add up, or are not what they are translated from, but for rounding.

    To the cent is each sum of lines, and each opening balance the closing one before it. Totals and the translation
    lines are held against what they are of, translated in one piece: no further off than half a unit for each line and
    currency that is rounded, and not at all where nothing is translated.
    """
    for book in (statements.expected, statements.actual):
        for law, line, month, off_minor in (*_sums(book), *_openings(book), *_translations(book)):
            if off_minor:
                raise InvariantBroken(law, f"{line} in {month_name(month)} is off by {off_minor}")


def _sums(book: Book) -> Iterator[Off]:
    for month, lines in zip(book.moved.months, book.lines, strict=True):
        for name, added, taken_off in SUMS:
            yield "statements foot", name, month, lines[name] - _total(lines, added) + _total(lines, taken_off)


def _openings(book: Book) -> Iterator[Off]:
    for month, (before, lines) in zip(book.moved.months[1:], pairwise(book.lines), strict=True):
        for opening, closing in OPENINGS.items():
            yield "a month opens as the last one closed", opening, month, lines[opening] - before[closing]


def _translations(book: Book) -> Iterator[Off]:
    currencies = max(book.moved.worth.translated, book.owed.worth.translated)
    for at, (month, lines) in enumerate(zip(book.moved.months, book.lines, strict=True)):
        rounding = len(lines) * currencies * MILLION // 2
        for name, exact in _in_one_piece(book, at):
            off = lines[name] * MILLION - exact
            off_minor = half_away(off, MILLION) if abs(off) > rounding else 0
            yield "lines are what they are translated from", name, month, off_minor


def _in_one_piece(book: Book, at: int) -> Iterator[tuple[str, int]]:
    """Totals of a month, and what its rates did to the balances that it opened with, in millionths of a unit."""
    moved, owed, month = book.moved, book.owed, book.moved.months[at]
    before, opening, exact = month - 1 if at else month, moved.opening_of(at), moved.worth.exact
    yield "revenue_minor", exact(moved.earned[at], month)
    yield "closing_minor", exact(moved.closing[at].net, month)
    yield "remaining_obligations_minor", exact(moved.closing[at].remaining, month)
    yield "receivables_minor", owed.worth.exact(owed.closing[at], month)
    yield "translation_minor", exact(opening.net, month) - exact(opening.net, before)
    yield "remaining_translation_minor", exact(opening.remaining, month) - exact(opening.remaining, before)
    if at:
        receivable, exact = owed.closing[at - 1], owed.worth.exact
        yield "receivables_translation_minor", exact(receivable, month) - exact(receivable, before)


def _total(lines: Lines, names: Iterable[str]) -> int:
    return sum(lines[name] for name in names)
