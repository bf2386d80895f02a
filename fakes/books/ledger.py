"""A double-entry ledger by period. It refuses an entry that does not balance, and a posting to a closed period.

What is closed to all others is still open to an adjusting entry of the people who close the books.
"""

from collections import defaultdict
from functools import lru_cache

from fakes.records import JournalEntry, Posting
from sim.calendar import month_name

CASH = "1000 cash"
RECEIVABLES = "1100 accounts receivable"
UNAPPLIED_CASH = "2300 unapplied cash"
CONTRACT_LIABILITY = "2400 contract liability"
REVENUE = "4000 revenue "


@lru_cache(maxsize=1 << 10)
def revenue_account(product: str) -> str:
    """The revenue account of one product."""
    return f"{REVENUE}{product}"


class Unbalanced(ValueError):
    """The postings of an entry do not sum to zero."""

    def __init__(self, off_minor: int) -> None:
        super().__init__(off_minor)

    def __str__(self) -> str:
        return f"debits and credits differ by {self.args[0]} minor units"


class PeriodClosed(ValueError):
    """The period of an entry has been closed."""

    def __init__(self, period: int) -> None:
        super().__init__(period)

    def __str__(self) -> str:
        return f"period {month_name(self.args[0])} is closed"


class Ledger:
    """Entries in the order of posting, running totals by account, and the periods' locks."""

    def __init__(self) -> None:
        self.entries: list[JournalEntry] = []
        self.totals: dict[str, int] = defaultdict(int)
        self.locked_us: dict[int, int] = {}

    def close(self, period: int, now_us: int) -> None:
        """Lock `period` for good: nothing can be posted to it from this instant on."""
        self.locked_us.setdefault(period, now_us)

    def post(self, entry: JournalEntry) -> None:
        """Add a balanced entry to its open period. Raises Unbalanced or PeriodClosed, and changes nothing then."""
        off_minor = 0
        for _, _, minor in entry.postings:
            off_minor += minor
        if off_minor:
            raise Unbalanced(off_minor)
        if entry.period in self.locked_us:
            raise PeriodClosed(entry.period)
        totals = self.totals
        for account, _, minor in entry.postings:
            totals[account] += minor
        self.entries.append(entry)

    def adjust(self, entry: JournalEntry) -> None:
        """Add a person's balanced entry to its period, closed or not. Raises Unbalanced, and changes nothing then."""
        off_minor = sum(minor for _, _, minor in entry.postings)
        if off_minor:
            raise Unbalanced(off_minor)
        for account, _, minor in entry.postings:
            self.totals[account] += minor
        self.entries.append(entry)

    def trial_balance(self) -> int:
        """The sum of all account totals: zero, always."""
        return sum(self.totals.values())


def sides(account: str, subject: str, *credits: Posting) -> tuple[Posting, ...]:
    """The postings of one debit, to `account`, against all of `credits`, whose amounts are negative."""
    total = 0
    for _, _, minor in credits:
        total -= minor
    return ((account, subject, total), *credits)
