"""A journal entry against the one that its document calls for: amount, accounts, parties, currency, period, lock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from fakes.records import JournalEntry
from harness.audit.breaks import ROUNDING_MINOR, Effects, Kind, amount_kind, effects, misplaced
from harness.oracle.ledger import Cell
from harness.oracle.months import month_name
from reports.wording import decimal, money

Sides: TypeAlias = Sequence[tuple[str, str, int]]
"""The postings called for: (account, subject, minor), debits positive."""


class Finding(NamedTuple):
    """One thing wrong with an entry; the first of several carries the effects of all."""

    kind: Kind
    amount_minor: int
    delta_minor: int
    expected: object
    actual: object
    what: str
    effects: Effects


def in_order(entry: JournalEntry, currency: str, month: int, locks: Mapping[int, int]) -> bool:
    """Whether an entry is in `currency` and in `month`, and was posted there in time."""
    if entry.period != month or entry.currency != currency:
        return False
    locked_us = locks.get(month)
    return locked_us is None or entry.posted_us <= locked_us


def findings(
    entry: JournalEntry, sides: Sides, currency: str, month: int, locks: Mapping[int, int]
) -> Iterator[Finding]:
    """Everything that is wrong with an entry for which `sides` in `currency` and in `month` are called for."""
    off = effects([*cells_of(entry), *(((account, subject, month), -minor) for account, subject, minor in sides)])
    for kind, amount_minor, delta_minor, expected, actual, what in _wrong(entry, sides, currency, month, locks):
        yield Finding(kind, amount_minor, delta_minor, expected, actual, f"{entry.id} {what}", off)
        off = ()


def cells_of(entry: JournalEntry) -> Iterator[tuple[Cell, int]]:
    """The cells of the ledger that an entry posts to, in its period."""
    return (((account, subject, entry.period), minor) for account, subject, minor in entry.postings)


def debits_minor(entry: JournalEntry) -> int:
    """The sum of an entry's debits."""
    return sum(minor for _, _, minor in entry.postings if minor > 0)


def gross_minor(entry: JournalEntry) -> int:
    """What an entry moves: the sum of its debits, or negative if its first posting is a credit."""
    moved = debits_minor(entry)
    return moved if not entry.postings or entry.postings[0][2] >= 0 else -moved


_Wrong: TypeAlias = tuple[Kind, int, int, object, object, str]
_Sums: TypeAlias = dict[tuple[str, str], int]


def _wrong(entry: JournalEntry, sides: Sides, currency: str, month: int, locks: Mapping[int, int]) -> Iterator[_Wrong]:
    actual = _sums(entry.postings)
    expected = _sums(sides)
    unbalanced_minor = sum(actual.values())
    if unbalanced_minor or (expected and not entry.postings):
        amount_minor = abs(unbalanced_minor) or misplaced(expected.values())
        what = f"has debits less credits of {money(unbalanced_minor, currency)}"
        yield "half_posted", amount_minor, 0, 0, unbalanced_minor, what
    elif actual != expected:
        yield _wrong_sides(actual, expected, sides[0][2], currency)
    locked_us = locks.get(entry.period)
    moved_minor = misplaced(expected.values())
    if entry.currency != currency:
        what = f"posts {decimal(misplaced(actual.values()))} in {entry.currency}, not in {currency}"
        yield "wrong_currency", moved_minor, 0, currency, entry.currency, what
    if locked_us is not None and entry.posted_us > locked_us:
        what = f"was posted to {month_name(entry.period)} after its lock"
        yield "posted_to_closed_period", moved_minor, 0, month, entry.period, what
    elif entry.period != month and moved_minor:
        what = f"was posted to {month_name(entry.period)}, and belongs to {month_name(month)}"
        yield "wrong_period", moved_minor, 0, month, entry.period, what


def _wrong_sides(actual: _Sums, expected: _Sums, total_minor: int, currency: str) -> _Wrong:
    """What is wrong with an entry that balances: its amount, or else its accounts or subjects.

    `total_minor` is the amount of its document, which is in `currency`, negative for a credit.
    """
    cells = expected | actual
    off = [actual.get(cell, 0) - expected.get(cell, 0) for cell in cells]
    moved_minor = misplaced(off)
    if all(actual.get(cell, 0) == -expected.get(cell, 0) for cell in cells):
        return "sign", moved_minor, -2 * total_minor, total_minor, -total_minor, "has the wrong sign"
    actual_minor, expected_minor = misplaced(actual.values()), misplaced(expected.values())
    if actual_minor != expected_minor:
        kind, delta_minor = amount_kind(expected_minor, actual_minor), actual_minor - expected_minor
        if total_minor < 0:
            actual_minor, delta_minor = -actual_minor, -delta_minor
        what = f"posts {money(actual_minor, currency)}, not {money(total_minor, currency)}"
        return kind, abs(delta_minor), delta_minor, total_minor, actual_minor, what
    if moved_minor <= ROUNDING_MINOR:
        return "rounding", moved_minor, 0, expected, actual, "splits its amount off by a minor unit"
    by_account = _accounts(expected), _accounts(actual)
    if by_account[0] == by_account[1]:
        parties = [sorted({subject for _, subject in side}) for side in (expected, actual)]
        what = f"posts {money(moved_minor, currency)} to {', '.join(parties[1])}, not {', '.join(parties[0])}"
        return "wrong_customer", moved_minor, 0, parties[0], parties[1], what
    accounts = [sorted(side) for side in by_account]
    if accounts[0] == accounts[1]:
        what = f"splits {money(total_minor, currency)} in another way over its accounts"
        return "wrong_allocation", moved_minor, 0, by_account[0], by_account[1], what
    what = f"posts {money(moved_minor, currency)} to {', '.join(accounts[1])}, not {', '.join(accounts[0])}"
    return "wrong_account", moved_minor, 0, accounts[0], accounts[1], what


def _sums(sides: Iterable[tuple[str, str, int]]) -> _Sums:
    sums: _Sums = {}
    for account, subject, minor in sides:
        sums[account, subject] = sums.get((account, subject), 0) + minor
    return {cell: minor for cell, minor in sums.items() if minor}


def _accounts(sums: _Sums) -> dict[str, int]:
    accounts: dict[str, int] = {}
    for (account, _), minor in sums.items():
        accounts[account] = accounts.get(account, 0) + minor
    return accounts
