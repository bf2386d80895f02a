"""From the opening to the closing balance of deferred revenue, line by line (ASC 606-10-50-8..10)."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollforward:
    """The movements of one balance over a period, in one unit: what was added is positive, so is what was taken off.

    `reclassified` is what moved to another balance, such as from non-current to current; `other` is signed.
    """

    opening: int
    additions: int = 0
    recognised: int = 0
    reclassified: int = 0
    credits: int = 0
    acquired: int = 0
    other: int = 0

    @property
    def closing(self) -> int:
        """What the balance is in the end."""
        added = self.opening + self.additions + self.acquired + self.other
        return added - self.recognised - self.reclassified - self.credits

    def next(self, **movements: int) -> "Rollforward":
        """The next period, which opens with what this one closes with."""
        return Rollforward(opening=self.closing, **movements)


def totalled(columns: Iterable[Rollforward]) -> Rollforward:
    """Several balances in one, line by line: the total column."""
    opening, additions, recognised, reclassified, credits, acquired, other = (
        sum(line) for line in zip(*[astuple(column) for column in columns], strict=True)
    )
    return Rollforward(
        opening=opening,
        additions=additions,
        recognised=recognised,
        reclassified=reclassified,
        credits=credits,
        acquired=acquired,
        other=other,
    )


def net_minor(opening_minor: int, *, billed_minor: int, credits_minor: int, revenue_minor: int) -> int:
    """Contract liabilities less contract assets at the end of a period, from those at its beginning, net of tax."""
    return opening_minor + billed_minor - credits_minor - revenue_minor
